import type { Descriptors, EnumDescriptor, FieldDescriptor, FieldType, MessageDescriptor, Scalar } from '../util/descriptors.ts';
import { isObject } from '../util/object.ts';

/** A value of a message's JSON that its descriptor cannot explain. */
export interface CanonicalProblem {
  readonly path: string;
  readonly message: string;
}

/** What reading protobuf JSON may do with what it does not know. */
export interface CanonicalOptions {
  /** Called for a value of the wrong type; the value is left out. */
  readonly report?: (problem: CanonicalProblem) => void;
}

/**
 * The canonical protobuf JSON of a message that is written in any form that protobuf accepts: field names in lowerCamelCase and in
 * the order of the .proto file, enums by name, 64-bit integers as text, default values absent where the field has no presence, keys of
 * maps sorted. What stands in an `Any` is treated the same when its type is known, and kept as it is otherwise. Fields that the
 * message does not have are left out, as Istio's and istioctl's readers do.
 */
export function canonical(
  descriptors: Descriptors,
  messageName: string,
  value: unknown,
  options: CanonicalOptions = {},
): Record<string, unknown> {
  return new Reader(descriptors, options).message(messageName, value, '');
}

const zero: Readonly<Record<Scalar, unknown>> = {
  bool: false,
  string: '',
  bytes: '',
  int32: 0,
  uint32: 0,
  int64: '0',
  uint64: '0',
  double: 0,
  float: 0,
};

class Reader {
  private readonly descriptors: Descriptors;
  private readonly options: CanonicalOptions;

  constructor(descriptors: Descriptors, options: CanonicalOptions) {
    this.descriptors = descriptors;
    this.options = options;
  }

  message(name: string, value: unknown, path: string): Record<string, unknown> {
    const descriptor = this.descriptors.message(name);
    if (descriptor === undefined || !isObject(value)) {
      if (value !== undefined && !isObject(value)) this.report(path, `expected an object for ${name}`);
      return isObject(value) ? value : {};
    }
    const found = this.fieldsOf(descriptor, value);
    const out: Record<string, unknown> = {};
    for (const field of descriptor.fields) {
      const given = found.get(field);
      if (given === undefined) continue;
      const read = this.field(field, given, `${path}.${field.json}`);
      if (read !== undefined) out[field.json] = read;
    }
    return out;
  }

  private fieldsOf(descriptor: MessageDescriptor, value: Record<string, unknown>): Map<FieldDescriptor, unknown> {
    const found = new Map<FieldDescriptor, unknown>();
    for (const key in value) {
      const field = descriptor.field(key);
      const given = value[key];
      if (field === undefined) continue;
      if (given !== null || field.type.kind === 'value' || field.type.kind === 'nullValue') found.set(field, given);
    }
    return found;
  }

  private field(field: FieldDescriptor, value: unknown, path: string): unknown {
    if (field.cardinality === 'list') {
      if (!Array.isArray(value)) return this.report(path, 'expected a list');
      const items = value
        .map((item, index) => this.value(field.type, item, `${path}[${index}]`))
        .filter((item) => item !== undefined);
      return items.length === 0 ? undefined : items;
    }
    if (field.cardinality === 'map') {
      if (!isObject(value)) return this.report(path, 'expected an object');
      const keys = Object.keys(value).sort();
      const entries = keys.map((key) => [key, this.value(field.type, value[key], `${path}.${key}`)]);
      return keys.length === 0 ? undefined : Object.fromEntries(entries);
    }
    const read = this.value(field.type, value, path);
    if (read === undefined || field.presence || field.oneof !== undefined) return read;
    const { type } = field;
    if (type.kind === 'scalar' && read === zero[type.scalar]) return undefined;
    if (type.kind === 'enum' && this.enumeration(type.name)?.numberByName.get(String(read)) === 0) return undefined;
    return read;
  }

  private value(type: FieldType, value: unknown, path: string): unknown {
    switch (type.kind) {
      case 'scalar':
      case 'wrapper':
        return this.scalar(type.scalar, value, path);
      case 'enum':
        return this.enum(type.name, value, path);
      case 'message':
        return this.message(type.name, value, path);
      case 'any':
        return this.any(value, path);
      case 'duration':
        return typeof value === 'string' ? canonicalDuration(value) : this.report(path, 'expected a duration such as "10s"');
      case 'timestamp':
        return typeof value === 'string' ? canonicalTimestamp(value) : this.report(path, 'expected a timestamp');
      case 'struct':
      case 'value':
      case 'listValue':
        return sortedKeys(value);
      default:
        return value;
    }
  }

  private scalar(scalar: Scalar, value: unknown, path: string): unknown {
    switch (scalar) {
      case 'bool':
        return typeof value === 'boolean' ? value : this.report(path, 'expected true or false');
      case 'string':
        return typeof value === 'string' ? value : this.report(path, 'expected text');
      case 'bytes':
        return typeof value === 'string' ? canonicalBase64(value) : this.report(path, 'expected base64 text');
      case 'int64':
      case 'uint64':
        return typeof value === 'string' || typeof value === 'number'
          ? canonicalInteger(value)
          : this.report(path, 'expected a whole number');
      default: {
        if (typeof value === 'string' && /^(NaN|-?Infinity)$/.test(value)) return value;
        const number = typeof value === 'string' ? Number(value) : value;
        return typeof number === 'number' && !Number.isNaN(number) ? number : this.report(path, 'expected a number');
      }
    }
  }

  private enum(name: string, value: unknown, path: string): unknown {
    const descriptor = this.enumeration(name);
    if (typeof value === 'number') return descriptor?.nameByNumber.get(value) ?? value;
    if (typeof value !== 'string') return this.report(path, `expected a value of ${name}`);
    const number = descriptor?.numberByName.get(value);
    // An alias of a number is written by the first name that the number has.
    return number === undefined
      ? this.report(path, `${value} is not a value of ${name}`)
      : (descriptor?.nameByNumber.get(number) ?? value);
  }

  private enumeration(name: string): EnumDescriptor | undefined {
    return this.descriptors.enumeration(name);
  }

  private any(value: unknown, path: string): unknown {
    if (!isObject(value)) return this.report(path, 'expected an object with @type');
    const url = value['@type'];
    if (typeof url !== 'string') return sortedKeys(value);
    const name = url.slice(url.lastIndexOf('/') + 1);
    if (name.startsWith('google.protobuf.') && 'value' in value) {
      const special = name === 'google.protobuf.Any' ? this.any(value.value, path) : sortedKeys(value.value);
      return { '@type': url, value: special };
    }
    if (this.descriptors.message(name) === undefined) return value;
    const { '@type': _, ...fields } = value;
    return { '@type': url, ...this.message(name, fields, path) };
  }

  private report(path: string, message: string): undefined {
    this.options.report?.({ path: path.replace(/^\./, ''), message });
    return undefined;
  }
}

/** The fraction of seconds with 0, 3, 6 or 9 digits. */
function fraction(digits: string): string {
  const nanos = digits.padEnd(9, '0').slice(0, 9);
  const short = nanos.replace(/(000)+$/, '');
  return short === '' ? '' : `.${short}`;
}

function canonicalDuration(text: string): string {
  const match = /^(-?)(\d*)(?:\.(\d*))?s$/.exec(text);
  if (match === null) return text;
  const [, sign = '', whole = '', digits = ''] = match;
  return `${sign}${whole.replace(/^0+(?=\d)/, '') || '0'}${fraction(digits)}s`;
}

function canonicalTimestamp(text: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.(\d+))?Z$/.exec(text);
  return match === null ? text : `${match[1]}T${match[2]}${fraction(match[3] ?? '')}Z`;
}

function canonicalBase64(text: string): string {
  const standard = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  return standard.padEnd(Math.ceil(standard.length / 4) * 4, '=');
}

function canonicalInteger(value: string | number): string {
  return typeof value === 'number'
    ? BigInt(Math.trunc(value)).toString()
    : /^-?\d+$/.test(value)
      ? BigInt(value).toString()
      : value;
}

/** Free values (Struct): objects with their keys sorted, as protobuf writes maps. */
function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortedKeys(value[key])]),
  );
}
