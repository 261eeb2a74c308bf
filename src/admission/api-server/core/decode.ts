import type { Path } from '../../../diagnostics/diagnostic.ts';
import { assertNever } from '../../../util/assert.ts';
import { goTimeProblem } from '../../../util/go-time.ts';
import { type Fields, isObject, own, setOwn } from '../../../util/object.ts';
import { Sealed } from '../../../util/sealed.ts';
import { compareText } from '../../../util/text.ts';
import { type GoType, type GoTypes, readGoField } from './go-types.ts';
import { quantityProblem } from './quantity.ts';

/** Why an object cannot be read. */
export interface DecodingProblem {
  /** In the words of Go's package json. */
  readonly words: string;
  readonly path: Path;
}

/** An object as a Go program has it: without fields that its type does not have, and without nulls. */
export interface ReadObject {
  readonly value: Fields;
  readonly problem: DecodingProblem | undefined;
  readonly unknown: readonly Path[];
}

/** Reads an object of a struct as sigs.k8s.io/json does, strictly: of problems, the first counts. */
export function decodeObject(object: Fields, struct: string, types: GoTypes): ReadObject {
  const reading: Reading = { types, unknown: [], problems: [], fatal: [] };
  const value = readStruct(object, { is: 'struct', name: struct, key: struct }, { path: [], names: [], owner: struct }, reading);
  return { value, unknown: reading.unknown, problem: reading.fatal[0] ?? reading.problems[0] };
}

interface Reading {
  readonly types: GoTypes;
  readonly unknown: Path[];
  /** Values of a wrong type: the reading goes on after them. */
  readonly problems: DecodingProblem[];
  /** What types that read their JSON themselves do not take: it ends the reading. */
  readonly fatal: DecodingProblem[];
}

interface Place {
  readonly path: Path;
  /** The fields of structs on the way, without keys of maps and indexes. */
  readonly names: readonly string[];
  /** The struct that the value is in. */
  readonly owner: string;
}

type Struct = Extract<GoType, { is: 'struct' }>;

function read(value: unknown, type: GoType, place: Place, reading: Reading): unknown {
  if (value === null || value === undefined) return zeroOf(type);
  // What is sealed is looked at, and stays sealed.
  if (value instanceof Sealed) return read(value.reveal(), type, place, reading) === value.reveal() ? value : zeroOf(type);
  if (type.is === 'anything') return value;
  if (type.is === 'struct' && isObject(value)) return readStruct(value, type, place, reading);
  if (type.is === 'map' && isObject(value)) return readMap(value, type.of, place, reading);
  if (type.is === 'list' && Array.isArray(value)) {
    return value.map((item, index) => read(item, type.of, { ...place, path: [...place.path, index] }, reading));
  }
  const problem = typeProblem(value, type, place);
  if (problem === undefined) {
    const words = fatalProblem(value, type, place);
    if (words !== undefined) reading.fatal.push({ words, path: place.path });
    return value;
  }
  reading.problems.push({ words: problem, path: place.path });
  return zeroOf(type);
}

/** kubectl sends fields in the order of their names. */
function inOrder(object: Fields): readonly (readonly [name: string, value: unknown])[] {
  return Object.entries(object).sort(([a], [b]) => compareText(a, b));
}

function readStruct(object: Fields, { key }: Struct, { path, names }: Place, reading: Reading): Fields {
  const fields = own(reading.types.structs, key);
  const owner = key.replace(/^.*[./]/, '');
  const out: Record<string, unknown> = {};
  for (const [name, value] of inOrder(object)) {
    const written = own(fields, name);
    if (written === undefined) {
      reading.unknown.push([...path, name]);
    } else if (value !== null) {
      const { type, embedded } = readGoField(written);
      setOwn(out, name, read(value, type, { path: [...path, name], names: [...names, ...embedded, name], owner }, reading));
    }
  }
  return out;
}

function readMap(object: Fields, of: GoType, place: Place, reading: Reading): Fields {
  const out: Record<string, unknown> = {};
  for (const [key, value] of inOrder(object)) {
    setOwn(out, key, read(value, of, { ...place, path: [...place.path, key] }, reading));
  }
  return out;
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
function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function cannotBe(written: string, type: string, { names, owner }: Place): string {
  return `json: cannot unmarshal ${written} into Go struct field ${owner}.${names.join('.')} of type ${type}`;
}

function typeProblem(value: unknown, type: GoType, place: Place): string | undefined {
  const found = jsonType(value);
  const unless = (fits: boolean, written: string = found): string | undefined =>
    fits ? undefined : cannotBe(written, type.name, place);
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

function fatalProblem(value: unknown, { is }: GoType, place: Place): string | undefined {
  if (is === 'quantity') return quantityProblem(typeof value === 'object' ? '{' : String(value));
  if (is === 'time') return typeof value === 'string' ? goTimeProblem(value) : cannotBe(jsonType(value), 'string', place);
  if (is !== 'portOrName' || typeof value === 'string') return undefined;
  if (typeof value !== 'number') return cannotBe(jsonType(value), 'int32', place);
  return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? undefined : cannotBe(`number ${value}`, 'int32', place);
}
