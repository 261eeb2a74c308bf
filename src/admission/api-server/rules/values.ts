import { type Fields, isObject, own } from '../../../util/object.ts';
import type { ParsedUrl } from '../../../util/url.ts';
import type { Schema } from '../schema.ts';
import { unescapeName } from './names.ts';

/** What an expression can be: durations are nanoseconds as bigint, whole numbers and doubles are numbers. */
export type CelValue = string | number | bigint | boolean | null | CelList | CelMap | CelUrl;

/** What evaluating gives: errors are values, since `false && error` is false. */
export type CelResult = CelValue | Failure;

/** Why an expression has no value, in the words of cel-go. */
export class Failure {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** What a call gives that there is none of for what it is called with. */
export const noOverload: Failure = new Failure('no such overload');

/** How a list is compared: the x-kubernetes-list-type of its schema, with the keys of a map. */
interface ListShape {
  readonly type: 'atomic' | 'map' | 'set';
  readonly keys: readonly string[];
}

export class CelList {
  readonly elements: readonly CelResult[];
  readonly shape: ListShape;

  constructor(elements: readonly CelResult[], shape: ListShape = { type: 'atomic', keys: [] }) {
    this.elements = elements;
    this.shape = shape;
  }
}

/** A URL that `url()` has read. */
export class CelUrl {
  readonly url: ParsedUrl;

  constructor(url: ParsedUrl) {
    this.url = url;
  }
}

/** An object or a map, with the schema that tells the types of its fields. */
export class CelMap {
  readonly fields: Fields;
  readonly schema: Schema;

  constructor(fields: Fields, schema: Schema) {
    this.fields = fields;
    this.schema = schema;
  }

  /** The value of a field or key; undefined where there is none. */
  find(name: string): CelResult | undefined {
    const { properties, additionalProperties } = this.schema;
    const key = properties === undefined ? name : unescapeName(name);
    const value = own(this.fields, key);
    if (value === undefined || (value === null && properties !== undefined)) return undefined;
    const schema = properties === undefined ? additionalProperties : own(properties, key);
    return schema && typed(value, schema);
  }

  keys(): readonly string[] {
    return Object.keys(this.fields);
  }
}

/** A value as the schema has it: k8s.io/apiserver pkg/cel/common UnstructuredToVal. */
export function typed(value: unknown, schema: Schema): CelResult {
  if (value === null) {
    return schema.nullable === true ? null : new Failure('invalid data, got null for schema with nullable=false');
  }
  if (schema['x-kubernetes-int-or-string'] === true) {
    if (typeof value === 'string' || isInteger(value)) return value;
    return new Failure('invalid data, expected XIntOrString value to be either a string or integer');
  }
  switch (schema.type) {
    case 'object':
      return isObject(value) ? new CelMap(value, schema) : mismatch('a map for the provided schema with type=object');
    case 'array':
      return Array.isArray(value) ? typedList(value, schema) : mismatch('an array for the provided schema with type=array');
    case 'string':
      return typeof value === 'string' ? value : mismatch(`string, got ${goType(value)}`);
    case 'number':
      return typeof value === 'number' ? value : mismatch(`float, got ${goType(value)}`);
    case 'integer':
      return isInteger(value) ? value : mismatch(`int, got ${goType(value)}`);
    case 'boolean':
      return typeof value === 'boolean' ? value : mismatch(`bool, got ${goType(value)}`);
    // Rules cannot name it: it has no type in CEL.
    default:
      return mismatch('a type');
  }
}

function typedList(elements: readonly unknown[], schema: Schema): CelResult {
  const { items } = schema;
  if (items === undefined) return new Failure('invalid array type, expected Items with a non-empty Schema');
  return new CelList(
    elements.map((element) => typed(element, items)),
    { type: schema['x-kubernetes-list-type'] ?? 'atomic', keys: schema['x-kubernetes-list-map-keys'] ?? [] },
  );
}

function mismatch(expected: string): Failure {
  return new Failure(`invalid data, expected ${expected}`);
}

/** Whole numbers are such up to the 64 bits of Go's int64. */
function isInteger(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 2 ** 63;
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'map[string]interface {}';
}
