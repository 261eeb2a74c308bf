import type { Path } from '../../diagnostics/diagnostic.ts';
import { type Fields, isObject, own } from '../../util/object.ts';
import { type ApiServerError, formatJson, refusedValue, repeatedValue } from './errors.ts';
import type { Schema } from './schema.ts';

/**
 * Members of lists that equal an earlier one where each may be there once: k8s.io/apiextensions-apiserver
 * pkg/apiserver/schema/listtype/validation.go.
 */
export function checkListTypes(object: Fields, schema: Schema): readonly ApiServerError[] {
  const found: ApiServerError[] = [];
  checkObject(object, schema, { path: [], field: '' }, found);
  return found;
}

/** Where a value stands, as a path and as this part of the API server writes it. */
interface Place {
  readonly path: Path;
  readonly field: string;
}

function checkValue(value: unknown, schema: Schema, place: Place, found: ApiServerError[]): void {
  if (Array.isArray(value)) checkList(value, schema, place, found);
  else if (isObject(value)) checkObject(value, schema, place, found);
}

function checkObject(
  object: Fields,
  { properties, additionalProperties }: Schema,
  { path, field }: Place,
  found: ApiServerError[],
): void {
  for (const [name, value] of Object.entries(object)) {
    const property = own(properties, name);
    const part = property ?? additionalProperties;
    if (part === undefined || typeof value !== 'object') continue;
    const key = property === undefined ? `[${name}]` : `${field === '' ? '' : '.'}${name}`;
    checkValue(value, part, { path: [...path, name], field: `${field}${key}` }, found);
  }
}

function checkList(list: readonly unknown[], schema: Schema, { path, field }: Place, found: ApiServerError[]): void {
  const at = (index: number): Place => ({ path: [...path, index], field: `${field}[${index}]` });
  const repeat = (index: number, value: unknown): void => void found.push(repeatedValue(at(index).field, value, at(index).path));
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') {
    for (const index of repeated(list)) repeat(index, list[index]);
  } else if (type === 'map') {
    const odd = list.findIndex((item) => item !== null && !isObject(item));
    const rule = 'must be an object for an array of list-type map';
    if (odd !== -1) found.push(refusedValue(at(odd).field, list[odd], rule, at(odd).path));
    const keys = odd === -1 ? list.map((item) => keyOf(item, schema['x-kubernetes-list-map-keys'] ?? [])) : [];
    for (const index of repeated(keys)) repeat(index, keys[index]);
  }
  const { items } = schema;
  if (items === undefined || items.type === 'string') return;
  for (const [index, item] of list.entries()) checkValue(item, items, at(index), found);
}

/** The keys that a member of a list is told apart by; what is not there is no part of it. */
function keyOf(item: unknown, names: readonly string[]): Fields {
  if (!isObject(item)) return {};
  return Object.fromEntries(names.filter((name) => Object.hasOwn(item, name)).map((name) => [name, own(item, name)]));
}

/** Where a value stands for the second time. */
function repeated(values: readonly unknown[]): readonly number[] {
  const counts = new Map<string, number>();
  return values.flatMap((value, index) => {
    const text = formatJson(value);
    const count = (counts.get(text) ?? 0) + 1;
    counts.set(text, count);
    return count === 2 ? [index] : [];
  });
}
