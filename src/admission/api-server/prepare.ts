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

function prepareObject(object: Fields, schema: Schema | undefined, context: Context): Fields {
  const { path, unknown, hasDefaults, keepsAll } = context;
  const { properties, additionalProperties } = schema ?? {};
  const out: Record<string, unknown> = {};
  for (const name of Object.keys(object)) {
    const written = own(object, name);
    const known = own(properties, name) ?? additionalProperties;
    path.push(name);
    if (known === undefined) {
      if (keepsAll) setOwn(out, name, written);
      else unknown.push([...path]);
    } else if (written !== null || known.nullable === true) {
      setOwn(out, name, prepareValue(written, known, context));
    } else if (known.default !== undefined) {
      setOwn(out, name, prepareValue(known.default, known, context));
    }
    path.pop();
  }
  if (!hasDefaults) return out;
  for (const [name, property] of Object.entries(properties ?? {})) {
    if (property.default === undefined || Object.hasOwn(out, name)) continue;
    setOwn(out, name, prepareValue(property.default, property, context));
  }
  return out;
}

function prepareList(list: readonly unknown[], schema: Schema | undefined, context: Context): readonly unknown[] {
  const { path, keepsAll } = context;
  const items = schema?.items;
  return list.map((item, index) => {
    path.push(index);
    const filled = item === null && items?.nullable !== true ? (items?.default ?? null) : item;
    const prepared = prepareValue(filled, items, context, keepsAll);
    path.pop();
    return prepared;
  });
}
