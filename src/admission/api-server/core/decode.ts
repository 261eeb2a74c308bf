import type { Path } from '../../../diagnostics/diagnostic.ts';
import { assertNever } from '../../../util/assert.ts';
import { goTimeProblem } from '../../../util/go-time.ts';
import { type Fields, isObject, own, setOwn } from '../../../util/object.ts';
import { quantityProblem } from '../../../util/quantity.ts';
import { Sealed } from '../../../util/sealed.ts';
import { compareText } from '../../../util/text.ts';
import type { Unreadable } from '../errors.ts';
import type { GoType, GoTypes } from './go-types.ts';

/** An object as a Go program has it: without fields that its type does not have, and without nulls. */
export interface ReadObject {
  readonly value: Fields;
  readonly problem: Unreadable | undefined;
  readonly unknown: readonly Path[];
}

/** Reads an object of a struct as sigs.k8s.io/json does, strictly: of problems, the first counts. */
export function decodeObject(object: Fields, struct: string, types: GoTypes): ReadObject {
  const reading: Reading = { types, path: [], names: [], owner: '', unknown: [], problems: [], fatal: [] };
  const value = readStruct(object, struct, reading);
  return { value, unknown: reading.unknown, problem: firstOf(reading.fatal) ?? firstOf(reading.problems) };
}

interface Reading {
  readonly types: GoTypes;
  /** Where the reading is. */
  readonly path: (string | number)[];
  /** The fields of structs on the way, without keys of maps and indexes. */
  readonly names: string[];
  /** The key of the struct that the value is in. */
  owner: string;
  readonly unknown: Path[];
  /** Values of a wrong type: the reading goes on after them. */
  readonly problems: Unreadable[];
  /** What types that read their JSON themselves do not take: it ends the reading. */
  readonly fatal: Unreadable[];
}

/** kubectl sends fields in the order of their names. */
function firstOf(problems: readonly Unreadable[]): Unreadable | undefined {
  if (problems.length === 0) return undefined;
  return problems.toSorted((a, b) => comparePaths(a.path, b.path))[0];
}

function comparePaths(a: Path, b: Path): number {
  for (const [index, step] of a.entries()) {
    const other = b[index];
    const order = typeof step === 'number' && typeof other === 'number' ? step - other : compareText(String(step), String(other));
    if (order !== 0) return order;
  }
  return 0;
}

function read(value: unknown, type: GoType, reading: Reading): unknown {
  if (value === null || value === undefined) return zeroOf(type);
  // What is sealed is looked at, and stays sealed.
  if (value instanceof Sealed) return read(value.reveal(), type, reading) === value.reveal() ? value : zeroOf(type);
  if (type.is === 'anything') return value;
  if (type.is === 'struct' && isObject(value)) return readStruct(value, type.key, reading);
  if (type.is === 'map' && isObject(value)) return readMap(value, type.of, reading);
  if (type.is === 'list' && Array.isArray(value)) return readList(value, type.of, reading);
  const problem = typeProblem(value, type, reading);
  if (problem === undefined) {
    const words = fatalProblem(value, type, reading);
    if (words !== undefined) reading.fatal.push({ words, path: [...reading.path] });
    return value;
  }
  reading.problems.push({ words: problem, path: [...reading.path] });
  return zeroOf(type);
}

function readList(list: readonly unknown[], of: GoType, reading: Reading): readonly unknown[] {
  const items = list.map((item, index) => {
    reading.path.push(index);
    const found = read(item, of, reading);
    reading.path.pop();
    return found;
  });
  return items.every((item, index) => item === list[index]) ? list : items;
}

/** Most objects are read as they are written; only of others is there a copy. */
function readStruct(object: Fields, key: string, reading: Reading): Fields {
  const { types, names, owner, path } = reading;
  let copy: Record<string, unknown> | undefined;
  // Without a list of names: this is done of all objects.
  for (const name in object) {
    const value = own(object, name);
    const field = types.fieldOf(key, name);
    if (field === undefined) {
      reading.unknown.push([...path, name]);
      copy ??= membersBefore(object, name);
    } else if (value === null) {
      copy ??= membersBefore(object, name);
    } else {
      reading.owner = key;
      for (const part of field.embedded) names.push(part);
      names.push(name);
      path.push(name);
      const found = read(value, field.type, reading);
      path.pop();
      names.length -= field.embedded.length + 1;
      if (found !== value) copy ??= membersBefore(object, name);
      if (copy !== undefined) setOwn(copy, name, found);
    }
  }
  reading.owner = owner;
  return copy ?? object;
}

function membersBefore(object: Fields, end: string): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(object)) {
    if (name === end) break;
    setOwn(members, name, value);
  }
  return members;
}

function readMap(object: Fields, of: GoType, reading: Reading): Fields {
  let copy: Record<string, unknown> | undefined;
  for (const key in object) {
    const value = own(object, key);
    reading.path.push(key);
    const found = read(value, of, reading);
    reading.path.pop();
    if (found !== value) copy ??= membersBefore(object, key);
    if (copy !== undefined) setOwn(copy, key, found);
  }
  return copy ?? object;
}

/** What Go has where nothing is written: in a list or map, null is that. */
function zeroOf({ is }: GoType): unknown {
  switch (is) {
    case 'struct':
    case 'map':
      return {};
    case 'list':
      return [];
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
    case 'portOrName':
      return 0;
    case 'quantity':
      return '0';
    case 'text':
    case 'bytes':
    case 'time':
    case 'anything':
      return '';
    default:
      return assertNever(is);
  }
}

/** The type of a value, as package json calls it. */
export function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function cannotBe(written: string, type: string, { names, owner }: Reading): string {
  const struct = owner.replace(/^.*[./]/, '');
  return `json: cannot unmarshal ${written} into Go struct field ${struct}.${names.join('.')} of type ${type}`;
}

function typeProblem(value: unknown, type: GoType, reading: Reading): string | undefined {
  const found = jsonType(value);
  const unless = (fits: boolean, written: string = found): string | undefined =>
    fits ? undefined : cannotBe(written, type.name, reading);
  switch (type.is) {
    case 'text':
      return unless(found === 'string');
    case 'boolean':
      return unless(found === 'bool');
    case 'number':
      return unless(found === 'number');
    case 'integer':
      if (typeof value !== 'number') return unless(false);
      return unless(Number.isInteger(value) && Math.abs(value) <= most(type.name), `number ${value}`);
    case 'bytes':
      return typeof value === 'string' ? base64Problem(value) : unless(false);
    // They read themselves.
    case 'time':
    case 'quantity':
    case 'portOrName':
    case 'anything':
      return undefined;
    case 'struct':
    case 'list':
    case 'map':
      return unless(false);
    default:
      return assertNever(type);
  }
}

function most(type: string): number {
  return type.startsWith('int64') ? Number.MAX_SAFE_INTEGER : 2 ** 31 - 1;
}

/** encoding/base64 CorruptInputError: where the first byte that cannot be is. Line breaks are passed over. */
function base64Problem(text: string): string | undefined {
  const wrong = text.search(/[^A-Za-z0-9+/=\r\n]/);
  const bare = text.replace(/[\r\n]/g, '');
  const padding = bare.indexOf('=');
  if (wrong === -1 && bare.length % 4 === 0 && /^[^=]*={0,2}$/.test(bare)) return undefined;
  if (wrong !== -1 && (padding === -1 || wrong < padding)) return `illegal base64 data at input byte ${wrong}`;
  return `illegal base64 data at input byte ${padding === -1 ? bare.length - (bare.length % 4) : padding}`;
}

function fatalProblem(value: unknown, { is }: GoType, reading: Reading): string | undefined {
  if (is === 'quantity') return quantityProblem(typeof value === 'object' ? '{' : String(value).trim());
  if (is === 'time') return typeof value === 'string' ? goTimeProblem(value) : cannotBe(jsonType(value), 'string', reading);
  if (is !== 'portOrName' || typeof value === 'string') return undefined;
  if (typeof value !== 'number') return cannotBe(jsonType(value), 'int32', reading);
  return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? undefined : cannotBe(`number ${value}`, 'int32', reading);
}
