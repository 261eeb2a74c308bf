import { own } from './object.ts';
/** How a scalar is written in protobuf JSON: 32-bit and 64-bit integers, floating point numbers, base64 for bytes. */
export type Scalar = 'bool' | 'string' | 'bytes' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'double' | 'float';

/** What one value of a field is; for a list or a map, what each element is. */
export type FieldType =
  | { readonly kind: 'scalar' | 'wrapper'; readonly scalar: Scalar }
  | { readonly kind: 'message' | 'enum'; readonly name: string }
  | { readonly kind: 'any' | 'duration' | 'timestamp' | 'fieldMask' | 'empty' | 'struct' | 'value' | 'listValue' | 'nullValue' };

/** A field of a message. */
export interface FieldDescriptor {
  /** Its place among the fields of its message. */
  readonly index: number;
  /** snake_case, as in the .proto file. */
  readonly name: string;
  /** lowerCamelCase. */
  readonly json: string;
  readonly cardinality: 'one' | 'list' | 'map';
  /** Of a map: whether its keys are 32-bit numbers (written as strings in JSON). */
  readonly numberedKeys: boolean;
  /** Whether a zero value that was set differs from an absent one. */
  readonly presence: boolean;
  /** Fields with the same number exclude each other. */
  readonly oneof: number | undefined;
  readonly type: FieldType;
}

/** A message of the API. */
export interface MessageDescriptor {
  readonly name: string;
  readonly fields: readonly FieldDescriptor[];
  /** The field of that name, in either spelling. */
  field(name: string): FieldDescriptor | undefined;
}

/** An enum of the API. */
export interface EnumDescriptor {
  readonly name: string;
  readonly numberByName: ReadonlyMap<string, number>;
  readonly nameByNumber: ReadonlyMap<number, string>;
}

/** The messages and enums of an API, by full protobuf name (`envoy.config.route.v3.Route`). */
export interface Descriptors {
  message(name: string): MessageDescriptor | undefined;
  enumeration(name: string): EnumDescriptor | undefined;
}

/** The name of a field in protobuf JSON, from either spelling. */
export function jsonName(name: string): string {
  return name.replace(/_+(.?)/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * Reads a generated table (envoy/descriptors.gen.ts, api/istio-descriptors.gen.ts); each message is read when it is first asked for.
 *
 * A line is a message (its name, then for each field name and type) or, after `=`, an enum (its name, then the values, with
 * the number where it is not the position). A type is `*` for a list or `%` for a map (`#`: with numbers for keys), then a letter for scalars (`w` before
 * it: the wrapper) and well-known messages or the number of the line of a message or enum, then `?` for explicit presence,
 * then `/` and the number of the oneof.
 *
 * Changes can follow the table: a later line of a name counts in place of the earlier one, and `-` with a name takes that one away.
 */
export function createDescriptors(descriptorTable: string): Descriptors {
  const lines = descriptorTable.split('\n');
  const lineByName = new Map(lines.map((line, index) => [nameOfLine(line), index]));
  const messages = new Map<string, MessageDescriptor>();
  const enums = new Map<string, EnumDescriptor>();

  const typeOf = (code: string): FieldType => {
    const line = lines[Number(code)];
    if (line !== undefined) return { kind: line.startsWith('= ') ? 'enum' : 'message', name: nameOfLine(line) };
    const scalar = own(scalars, code.at(-1) ?? '');
    if (scalar !== undefined) return { kind: code.startsWith('w') ? 'wrapper' : 'scalar', scalar };
    return { kind: own(wellKnown, code) ?? 'empty' };
  };

  const readMessage = (line: string): MessageDescriptor => {
    const [name = '', ...words] = line.split(' ');
    const fields: FieldDescriptor[] = [];
    for (let index = 0; index < words.length; index += 2)
      fields.push(readField(fields.length, words[index] ?? '', words[index + 1] ?? '', typeOf));
    const byName = new Map(fields.flatMap((field) => [[field.name, field] as const, [field.json, field] as const]));
    return { name, fields, field: (wanted) => byName.get(wanted) };
  };

  const obtain = <T>(table: Map<string, T>, name: string, read: (line: string) => T, enumeration: boolean): T | undefined => {
    const known = table.get(name);
    if (known !== undefined) return known;
    const line = lines[lineByName.get(name) ?? -1];
    if (line === undefined || line.startsWith('- ') || line.startsWith('= ') !== enumeration) return undefined;
    const value = read(line);
    table.set(name, value);
    return value;
  };

  return {
    message: (name) => obtain(messages, name, readMessage, false),
    enumeration: (name) => obtain(enums, name, readEnum, true),
  };
}

const scalars: Readonly<Record<string, Scalar>> = {
  b: 'bool',
  s: 'string',
  y: 'bytes',
  i: 'int32',
  u: 'uint32',
  I: 'int64',
  U: 'uint64',
  d: 'double',
  f: 'float',
};

const wellKnown: Readonly<Record<string, Exclude<FieldType['kind'], 'scalar' | 'wrapper' | 'message' | 'enum'>>> = {
  A: 'any',
  D: 'duration',
  T: 'timestamp',
  M: 'fieldMask',
  E: 'empty',
  S: 'struct',
  V: 'value',
  L: 'listValue',
  N: 'nullValue',
};

function nameOfLine(line: string): string {
  const start = /^[=-] /.test(line) ? 2 : 0;
  const end = line.indexOf(' ', start);
  return line.slice(start, end < 0 ? undefined : end);
}

function readField(index: number, name: string, text: string, typeOf: (code: string) => FieldType): FieldDescriptor {
  const [, mark, code = '', optional, oneof] = /^([*%#]?)(\w+)(\??)(?:\/(\d+))?$/.exec(text) ?? [];
  const type = typeOf(code);
  const single = mark === '';
  return {
    index,
    name,
    json: jsonName(name),
    cardinality: mark === '*' ? 'list' : mark === '%' || mark === '#' ? 'map' : 'one',
    numberedKeys: mark === '#',
    presence: single && (optional === '?' || oneof !== undefined || !(type.kind === 'scalar' || type.kind === 'enum')),
    oneof: oneof === undefined ? undefined : Number(oneof),
    type,
  };
}

function readEnum(line: string): EnumDescriptor {
  const [, name = '', ...words] = line.split(' ');
  const values = words.map((word, index) => {
    const [value = '', number] = word.split(':');
    return [value, number === undefined ? index : Number(number)] as const;
  });
  return {
    name,
    numberByName: new Map(values),
    nameByNumber: new Map(values.map(([value, number]) => [number, value])),
  };
}
