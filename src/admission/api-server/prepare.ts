import type { Path } from '../../diagnostics/diagnostic.ts';
import { type Fields, isObject, own, setOwn } from '../../util/object.ts';
import type { Schema } from './schema.ts';

/** An object as the API server goes on with it, and what it has left out. */
export interface Prepared {
  readonly value: Fields;
  /** Fields that the schema does not know. */
  readonly unknown: readonly Path[];
}

/**
 * What is left of an object, but for its metadata, when the API server has read it: without fields that the schema does not know,
 * with its defaults, and without nulls that nothing allows. k8s.io/apiextensions-apiserver pkg/apiserver/schema: pruning/algorithm.go,
 * defaulting/algorithm.go and prunenulls.go. `hasDefaults` says whether the schema has any.
 */
export function prepare(object: Fields, schema: Schema, hasDefaults = true): Prepared {
  const unknown: Path[] = [];
  const value = prepareObject(object, schema, { path: [], unknown, hasDefaults, keepsAll: false });
  return { value, unknown };
}

interface Context {
  /** Where the value stands. */
  readonly path: (string | number)[];
  readonly unknown: Path[];
  readonly hasDefaults: boolean;
  /** Whether what the schema does not know is kept: of a list, in its items too. */
  readonly keepsAll: boolean;
}

function prepareValue(value: unknown, schema: Schema | undefined, context: Context, isKept = false): unknown {
  const keepsAll = isKept || schema?.['x-kubernetes-preserve-unknown-fields'] === true;
  const inside = keepsAll === context.keepsAll ? context : { ...context, keepsAll };
  if (isObject(value)) return prepareObject(value, schema, inside);
  return Array.isArray(value) ? prepareList(value, schema, inside) : value;
}

/** The object itself, where nothing is to be done: most need nothing. */
function prepareObject(object: Fields, schema: Schema | undefined, context: Context): Fields {
  const { path, unknown, hasDefaults, keepsAll } = context;
  const { properties, additionalProperties } = schema ?? {};
  let changes: Map<string, unknown> | undefined;
  const change = (name: string, value: unknown): void => {
    changes ??= new Map();
    changes.set(name, value);
  };
  for (const name in object) {
    const written = own(object, name);
    const known = own(properties, name) ?? additionalProperties;
    if (known === undefined) {
      if (keepsAll) continue;
      unknown.push([...path, name]);
      change(name, undefined);
      continue;
    }
    path.push(name);
    const filled = written === null && known.nullable !== true ? known.default : written;
    const prepared = prepareValue(filled, known, context);
    if (prepared !== written) change(name, prepared);
    path.pop();
  }
  if (hasDefaults && properties !== undefined) {
    for (const name in properties) {
      const property = own(properties, name);
      if (property?.default === undefined || Object.hasOwn(object, name)) continue;
      change(name, prepareValue(property.default, property, context));
    }
  }
  return changes === undefined ? object : withChanges(object, changes);
}

/** An object with other members; undefined ones are left out. */
function withChanges(object: Fields, changes: ReadonlyMap<string, unknown>): Fields {
  const out: Record<string, unknown> = {};
  for (const name of Object.keys(object)) if (!changes.has(name)) setOwn(out, name, own(object, name));
  for (const [name, value] of changes) if (value !== undefined) setOwn(out, name, value);
  return out;
}

function prepareList(list: readonly unknown[], schema: Schema | undefined, context: Context): readonly unknown[] {
  const { path, keepsAll } = context;
  const items = schema?.items;
  let isChanged = false;
  const prepared = list.map((item, index) => {
    path.push(index);
    const filled = item === null && items?.nullable !== true ? (items?.default ?? null) : item;
    const value = prepareValue(filled, items, context, keepsAll);
    isChanged ||= value !== item;
    path.pop();
    return value;
  });
  return isChanged ? prepared : list;
}
