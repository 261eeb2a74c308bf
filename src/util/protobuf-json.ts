import { assertNever } from './assert.ts';
import {
  type Descriptors,
  type FieldDescriptor,
  type FieldType,
  jsonName,
  type MessageDescriptor,
  type Scalar,
} from './descriptors.ts';
import { formatDuration, parseDuration } from './duration.ts';
import { nearest } from './nearest.ts';
import { isObject, own, setOwn } from './object.ts';
import { compareText } from './text.ts';

/** A value that does not fit its message. */
export interface DecodeProblem {
  readonly kind: 'unknown-field' | 'bad-value';
  /** From the value that was decoded; for an unknown field it ends in the field. */
  readonly path: readonly (string | number)[];
  /** What is wrong, for people: a clause about the thing at the path. */
  readonly message: string;
  /** The name or value that was probably meant. */
  readonly suggestion?: string;
  /** What does not exist, as `message.jsonName` or `enum.VALUE`. */
  readonly member?: string;
  /** The words of Istio's own decoder, which stops at the first problem. */
  readonly istio: string;
}

/** A message in canonical protobuf JSON, and what could not be read. */
export interface Decoded {
  readonly value: Readonly<Record<string, unknown>>;
  readonly problems: readonly DecodeProblem[];
}

/** How to decode. */
export interface MessageOptions {
  /**
   * Which fields that were set to the zero value of their type stay, though protobuf does not tell them from absent ones:
   * none, enums (so that a reader can look for the name of their first value), or all.
   */
  readonly keepZeros?: 'none' | 'enums' | 'all';
  /** Gives what protobuf would print: timestamps in their one form. */
  readonly canonical?: boolean;
  /** Keeps an Any of a type that is not known as it is, instead of reporting it. */
  readonly keepUnknownTypes?: boolean;
  /** Which fields are known by their names in snake_case too: all, or these. */
  readonly snakeCase?: 'all' | readonly string[];
}

/** Decodes the JSON of a message as users write it. */
export type ProtobufDecoder = (message: string, value: unknown, options?: MessageOptions) => Decoded;

/**
 * Decodes as Istio does (golang/protobuf jsonpb `Unmarshal`): names in lowerCamelCase or snake_case, durations as Go writes
 * them, enums by name or number, numbers in quotes, null for absent. What comes out has one form only: camelCase, names of
 * enum values, durations in seconds, 64-bit integers as strings, and of a oneof the member that the message declares last.
 * Keys of maps and of free values are sorted, as protobuf prints them: the order in which they are written means nothing.
 * All problems are collected, in the order in which Istio would meet them; what has one is left out.
 */
export function createProtobufDecoder(descriptors: Descriptors): ProtobufDecoder {
  return (message, value, options = {}) => {
    const problems: DecodeProblem[] = [];
    const descriptor = descriptors.message(message);
    if (descriptor === undefined) throw new Error(`mesh has a bug: no message ${message}`);
    const context: Context = {
      descriptors,
      keepZeros: options.keepZeros ?? 'none',
      canonical: options.canonical ?? false,
      keepUnknownTypes: options.keepUnknownTypes ?? false,
      snakeCase: options.snakeCase ?? 'all',
      problems,
    };
    const decoded = value === null || value === undefined ? {} : decodeMessage(context, descriptor, value, []);
    return { value: decoded === undefined ? {} : decoded, problems };
  };
}

interface Context {
  readonly descriptors: Descriptors;
  readonly keepZeros: 'none' | 'enums' | 'all';
  readonly canonical: boolean;
  readonly keepUnknownTypes: boolean;
  readonly snakeCase: 'all' | readonly string[];
  readonly problems: DecodeProblem[];
}

/** Where the decoding is. There is one list, which grows and shrinks on the way: most values are right, and nobody asks where they stand. */
type Path = (string | number)[];
type JsonObject = Record<string, unknown>;

function decodeMessage(context: Context, message: MessageDescriptor, value: unknown, path: Path): JsonObject | undefined {
  if (!isObject(value)) return wrongType(context, value, path, 'an object', 'map[string]json.RawMessage');
  const out: JsonObject = {};
  let setByOneof: Map<number, string> | undefined;
  const { fields, hasUnknown } = fieldsIn(context, message, value);
  for (const field of fields) {
    const name = Object.hasOwn(value, field.json) ? field.json : field.name;
    const written = own(value, name);
    if (written === undefined) continue;
    if (written === null && !(field.cardinality === 'one' && field.type.kind === 'value')) continue;
    path.push(name);
    const decoded = decodeField(context, field, written, path);
    path.pop();
    if (decoded === undefined) continue;
    if (context.keepZeros !== 'all' && isAbsent(context, field, decoded)) continue;
    if (field.oneof !== undefined) {
      const sibling = setByOneof?.get(field.oneof);
      if (sibling !== undefined) delete out[sibling];
      setByOneof ??= new Map();
      setByOneof.set(field.oneof, field.json);
    }
    setOwn(out, field.json, decoded);
  }
  if (!hasUnknown) return out;
  for (const name in value) {
    if (isKnown(context, message.field(name), name)) continue;
    const suggestion = nearest(
      name,
      message.fields.map((field) => field.json),
    );
    context.problems.push({
      kind: 'unknown-field',
      path: [...path, name],
      message: `unknown field "${name}"`,
      ...(suggestion !== undefined && { suggestion }),
      member: `${message.name}.${jsonName(name)}`,
      istio: `unknown field ${JSON.stringify(name)} in ${message.name}`,
    });
  }
  return out;
}

/** The fields of a message that an object has, in the order in which the message declares them. */
function fieldsIn(
  context: Context,
  message: MessageDescriptor,
  value: JsonObject,
): { readonly fields: readonly FieldDescriptor[]; readonly hasUnknown: boolean } {
  const fields: FieldDescriptor[] = [];
  let hasUnknown = false;
  for (const name in value) {
    const field = message.field(name);
    if (field === undefined || !isKnown(context, field, name)) hasUnknown = true;
    // Of both spellings, lowerCamelCase counts.
    else if (name === field.json || !Object.hasOwn(value, field.json)) fields.push(field);
  }
  return { fields: fields.length < 2 ? fields : fields.sort((a, b) => a.index - b.index), hasUnknown };
}

/** Whether a field is known by a name, which is one of its two. */
function isKnown({ snakeCase }: Context, field: FieldDescriptor | undefined, name: string): boolean {
  return field !== undefined && (name === field.json || snakeCase === 'all' || snakeCase.includes(name));
}

/** Whether protobuf takes the value of a field for absent. */
function isAbsent(context: Context, field: FieldDescriptor, value: unknown): boolean {
  if (field.cardinality === 'list') return Array.isArray(value) && value.length === 0;
  if (field.cardinality === 'map') return isObject(value) && Object.keys(value).length === 0;
  if (field.presence) return false;
  if (field.type.kind === 'enum')
    return context.keepZeros === 'none' && value === context.descriptors.enumeration(field.type.name)?.nameByNumber.get(0);
  // Integers of 64 bits are texts in JSON; other texts that look the same are none.
  if (value === '0') return field.type.kind === 'scalar' && isLongInteger(field.type.scalar);
  return value === 0 || value === false || value === '';
}

function isLongInteger(scalar: Scalar): boolean {
  return scalar === 'int64' || scalar === 'uint64';
}

function decodeField(context: Context, field: FieldDescriptor, value: unknown, path: Path): unknown {
  switch (field.cardinality) {
    case 'one':
      return decodeValue(context, field.type, value, path);
    case 'list': {
      if (!Array.isArray(value)) return wrongType(context, value, path, 'a list', '[]json.RawMessage');
      return value
        .map((item, index) => decodeElement(context, field.type, item, path, index))
        .filter((item) => item !== undefined);
    }
    case 'map': {
      if (!isObject(value)) return wrongType(context, value, path, 'an object', 'map[string]json.RawMessage');
      const entries = Object.entries(value).map(([key, item]) => {
        if (field.numberedKeys && !isNumberedKey(context, key, path)) return [];
        return [key, decodeElement(context, field.type, item, path, key)];
      });
      const known = entries.filter(([, item]) => item !== undefined);
      return Object.fromEntries(known.sort(([a], [b]) => compareText(String(a), String(b))));
    }
    default:
      return assertNever(field.cardinality);
  }
}

function isNumberedKey(context: Context, key: string, path: Path): boolean {
  path.push(key);
  const number = decodeInteger(context, 'uint32', key, path);
  path.pop();
  return number !== undefined;
}

function decodeElement(context: Context, type: FieldType, value: unknown, path: Path, place: string | number): unknown {
  if (value === null) return zeroOf(context, type);
  path.push(place);
  const decoded = decodeValue(context, type, value, path);
  path.pop();
  return decoded;
}

/** What null is as an element of a list or a map. */
function zeroOf(context: Context, type: FieldType): unknown {
  switch (type.kind) {
    case 'scalar':
    case 'wrapper':
      if (type.scalar === 'bool') return false;
      if (type.scalar === 'string' || type.scalar === 'bytes') return '';
      return isLongInteger(type.scalar) ? '0' : 0;
    case 'enum':
      return context.descriptors.enumeration(type.name)?.nameByNumber.get(0);
    case 'duration':
      return '0s';
    case 'value':
      return null;
    case 'listValue':
      return [];
    case 'message':
    case 'any':
    case 'timestamp':
    case 'fieldMask':
    case 'empty':
    case 'struct':
    case 'nullValue':
      return {};
    default:
      return assertNever(type);
  }
}

function decodeValue(context: Context, type: FieldType, value: unknown, path: Path): unknown {
  switch (type.kind) {
    case 'scalar':
    case 'wrapper':
      return decodeScalar(context, type.scalar, value, path);
    case 'enum':
      return decodeEnum(context, type.name, value, path);
    case 'message': {
      const message = context.descriptors.message(type.name);
      return message === undefined ? undefined : decodeMessage(context, message, value, path);
    }
    case 'empty':
      return decodeMessage(context, { name: 'google.protobuf.Empty', fields: [], field: () => undefined }, value, path);
    case 'any':
      return decodeAny(context, value, path);
    case 'duration':
      return decodeDuration(context, value, path);
    case 'struct':
      return isObject(value)
        ? freeValue(value)
        : wrongType(context, value, path, 'an object', 'map[string]json.RawMessage', 'bad StructValue: ');
    case 'listValue':
      return Array.isArray(value)
        ? freeValue(value)
        : wrongType(context, value, path, 'a list', '[]json.RawMessage', 'bad ListValue: ');
    case 'value':
    case 'nullValue':
      return freeValue(value);
    case 'timestamp':
    case 'fieldMask':
      if (typeof value !== 'string') return wrongType(context, value, path, 'a string', 'string');
      return context.canonical && type.kind === 'timestamp' ? canonicalTimestamp(value) : value;
    default:
      return assertNever(type);
  }
}

/** A value of no fixed type, with the keys of its objects sorted. */
function freeValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(freeValue);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => compareText(a, b))
      .map(([key, member]) => [key, freeValue(member)]),
  );
}

/** The fraction of a second has 0, 3, 6 or 9 digits. */
function canonicalTimestamp(text: string): string {
  return text.replace(/\.(\d+)(?=Z$)/, (_, digits: string) => {
    const nanoseconds = digits
      .padEnd(9, '0')
      .slice(0, 9)
      .replace(/(?:000){1,3}$/, '');
    return nanoseconds === '' ? '' : `.${nanoseconds}`;
  });
}

/** An Any: its `@type`, and the fields of that message (or `value`, where that message has no fields in JSON). */
function decodeAny(context: Context, value: unknown, path: Path): unknown {
  if (!isObject(value)) return wrongType(context, value, path, 'an object', 'map[string]json.RawMessage');
  // Envoy prints an Any that nobody filled in as an empty object.
  if (context.keepUnknownTypes && Object.keys(value).length === 0) return value;
  const { '@type': url, ...fields } = value;
  if (typeof url !== 'string') {
    return problem(context, path, 'needs "@type", the type of the configuration', `Any JSON doesn't have '@type'`);
  }
  const name = url.slice(url.lastIndexOf('/') + 1);
  if (name.startsWith('google.protobuf.')) {
    const plain = own(plainMessages, name);
    if (plain === undefined) return value;
    if (!Object.hasOwn(fields, 'value')) return problem(context, path, `needs "value"`, `Any JSON doesn't have 'value'`);
    path.push('value');
    const decoded = decodeValue(context, plain, fields.value, path);
    path.pop();
    return decoded === undefined ? undefined : { '@type': url, value: decoded };
  }
  const message = context.descriptors.message(name);
  if (message === undefined) {
    if (context.keepUnknownTypes) return value;
    return problem(
      context,
      [...path, '@type'],
      `names the type ${url}, which Istio does not know`,
      `could not resolve Any message type: ${url}`,
    );
  }
  const decoded = decodeMessage({ ...context, keepZeros: 'none' }, message, fields, path);
  return decoded === undefined ? undefined : { '@type': url, ...decoded };
}

const plainMessages: Readonly<Record<string, FieldType>> = {
  'google.protobuf.Any': { kind: 'any' },
  'google.protobuf.Duration': { kind: 'duration' },
  'google.protobuf.Struct': { kind: 'struct' },
  'google.protobuf.Value': { kind: 'value' },
  'google.protobuf.ListValue': { kind: 'listValue' },
  'google.protobuf.BoolValue': { kind: 'wrapper', scalar: 'bool' },
  'google.protobuf.StringValue': { kind: 'wrapper', scalar: 'string' },
  'google.protobuf.BytesValue': { kind: 'wrapper', scalar: 'bytes' },
  'google.protobuf.Int32Value': { kind: 'wrapper', scalar: 'int32' },
  'google.protobuf.UInt32Value': { kind: 'wrapper', scalar: 'uint32' },
  'google.protobuf.Int64Value': { kind: 'wrapper', scalar: 'int64' },
  'google.protobuf.UInt64Value': { kind: 'wrapper', scalar: 'uint64' },
  'google.protobuf.DoubleValue': { kind: 'wrapper', scalar: 'double' },
  'google.protobuf.FloatValue': { kind: 'wrapper', scalar: 'float' },
};

function decodeEnum(context: Context, name: string, value: unknown, path: Path): unknown {
  const { numberByName, nameByNumber } = context.descriptors.enumeration(name) ?? {
    numberByName: new Map<string, number>(),
    nameByNumber: new Map<number, string>(),
  };
  const isNumber = typeof value === 'number' && Number.isInteger(value);
  if (!isNumber && typeof value !== 'string') {
    return wrongType(context, value, path, 'the name of a value', 'protoreflect.EnumNumber');
  }
  // Several names can share a number; the first one is canonical.
  const number = typeof value === 'string' ? numberByName.get(value) : value;
  const known = number === undefined ? undefined : nameByNumber.get(number);
  if (known !== undefined) return known;
  // Go takes any number and leaves it to each reader what one without a name means; the schemas of Kubernetes take none.
  const names = [...numberByName.keys()];
  const suggestion = typeof value === 'string' ? nearest(value, names) : undefined;
  context.problems.push({
    kind: 'bad-value',
    path: [...path],
    message: `${typeof value === 'string' ? `"${value}"` : value} is not one of ${names.join(', ')}`,
    ...(suggestion !== undefined && { suggestion }),
    member: `${name}.${value}`,
    istio: `unknown value ${JSON.stringify(JSON.stringify(value))} for enum ${name}`,
  });
  return undefined;
}

function decodeDuration(context: Context, value: unknown, path: Path): string | undefined {
  if (typeof value !== 'string') return wrongType(context, value, path, 'a duration such as "10s"', 'string');
  const nanoseconds = parseDuration(value);
  if (nanoseconds !== undefined) return formatDuration(nanoseconds);
  return problem(
    context,
    path,
    `"${value}" is not a duration such as "1.5s" or "1h30m"`,
    `bad Duration: time: ${goDurationError(value)}`,
  );
}

/** What Go's time.ParseDuration says of a text that it refuses. */
function goDurationError(text: string): string {
  const quoted = JSON.stringify(text);
  let rest = text.replace(/^[-+]/, '');
  while (rest !== '') {
    const number = /^(?:\d+\.?\d*|\.\d+)/.exec(rest)?.[0];
    if (number === undefined) break;
    rest = rest.slice(number.length);
    const unit = /^[^.\d]*/.exec(rest)?.[0] ?? '';
    if (unit === '') return `missing unit in duration ${quoted}`;
    if (!/^(ns|us|µs|μs|ms|s|m|h)$/.test(unit)) return `unknown unit ${JSON.stringify(unit)} in duration ${quoted}`;
    rest = rest.slice(unit.length);
  }
  return `invalid duration ${quoted}`;
}

const integerLimits: Readonly<Partial<Record<Scalar, readonly [min: bigint, max: bigint]>>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

/** The digits of 2^64, and a sign. */
const MOST_DIGITS = 21;

function decodeScalar(context: Context, scalar: Scalar, value: unknown, path: Path): unknown {
  switch (scalar) {
    case 'bool':
      return typeof value === 'boolean' ? value : wrongType(context, value, path, 'true or false', 'bool');
    case 'string':
      return typeof value === 'string' ? value : wrongType(context, value, path, 'a string', 'string');
    case 'bytes':
      return decodeBytes(context, value, path);
    case 'double':
    case 'float':
      return decodeFloat(context, scalar, value, path);
    case 'int32':
    case 'uint32':
    case 'int64':
    case 'uint64':
      return decodeInteger(context, scalar, value, path);
    default:
      return assertNever(scalar);
  }
}

function decodeBytes(context: Context, value: unknown, path: Path): string | undefined {
  if (typeof value !== 'string') return wrongType(context, value, path, 'a base64 string', '[]uint8');
  const text = value.replace(/[\r\n]/g, '');
  const [digits = ''] = /^[A-Za-z0-9+/]*/.exec(text) ?? [];
  const [whole, rest] = [digits.length - (digits.length % 4), digits.length % 4];
  const padding = rest < 2 ? '' : '='.repeat(4 - rest);
  const isPadded = padding !== '' && text.startsWith(padding, digits.length);
  const good = isPadded ? whole + 4 : whole;
  if (good === text.length) return value;
  return problem(context, path, 'is not base64', `illegal base64 data at input byte ${good}`);
}

function decodeFloat(context: Context, scalar: 'double' | 'float', value: unknown, path: Path): unknown {
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return value;
  const number = typeof value === 'string' && isJsonNumber(value) ? Number(value) : value;
  const type = scalar === 'float' ? 'float32' : 'float64';
  if (typeof number === 'number') {
    const fits = Number.isFinite(scalar === 'float' ? Math.fround(number) : number);
    if (fits) return scalar === 'float' ? shortestFloat(number) : number;
    return problem(
      context,
      path,
      `${value} is too large`,
      `json: cannot unmarshal number ${value} into Go value of type ${type}`,
    );
  }
  return wrongNumber(context, value, path, 'a number', type);
}

/** The shortest decimal that stands for the same 32-bit floating point number. */
function shortestFloat(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return short;
  }
  return Number(value.toPrecision(9));
}

function decodeInteger(context: Context, scalar: 'int32' | 'uint32' | 'int64' | 'uint64', value: unknown, path: Path): unknown {
  const [min, max] = integerLimits[scalar] ?? [0n, 0n];
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  if (text.length <= MOST_DIGITS && /^-?(0|[1-9]\d*)$/.test(text)) {
    const integer = BigInt(text);
    if (integer >= min && integer <= max) return scalar.endsWith('64') ? String(integer) : Number(integer);
  }
  const wanted = `a whole number from ${min} to ${max}`;
  if (typeof value === 'number' || (typeof value === 'string' && isJsonNumber(value))) {
    return problem(
      context,
      path,
      `${value} is not ${wanted}`,
      `json: cannot unmarshal number ${value} into Go value of type ${scalar}`,
    );
  }
  return wrongNumber(context, value, path, wanted, scalar);
}

function isJsonNumber(text: string): boolean {
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(text);
}

/** A number is also read from a string, without its quotes, so that the decoder's complaint is about what stands between them. */
function wrongNumber(context: Context, value: unknown, path: Path, wanted: string, goType: string): undefined {
  if (typeof value !== 'string') return wrongType(context, value, path, wanted, goType);
  const first = value.trimStart()[0];
  const words =
    first === undefined ? 'unexpected end of JSON input' : `invalid character '${first}' looking for beginning of value`;
  return problem(context, path, `"${value}" is not ${wanted}`, words);
}

function wrongType(context: Context, value: unknown, path: Path, wanted: string, goType: string, prefix = ''): undefined {
  const [type, is] = describe(value);
  return problem(
    context,
    path,
    `is ${is}, not ${wanted}`,
    `${prefix}json: cannot unmarshal ${type} into Go value of type ${goType}`,
  );
}

function problem(context: Context, path: Path, message: string, istio: string): undefined {
  context.problems.push({ kind: 'bad-value', path: [...path], message, istio });
  return undefined;
}

/** A JSON value in Go's word for its type, and in words for people. */
function describe(value: unknown): readonly [type: string, is: string] {
  if (Array.isArray(value)) return ['array', 'a list'];
  if (typeof value === 'boolean') return ['bool', `${value}`];
  if (typeof value === 'number') return ['number', `the number ${value}`];
  if (typeof value === 'string') return ['string', `the string ${JSON.stringify(value)}`];
  return value === null ? ['null', 'null'] : ['object', 'an object'];
}
