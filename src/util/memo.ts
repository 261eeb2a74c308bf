import { haveSameMembers } from './collections.ts';

/**
 * Remembers the results of a pure function, keyed by the identity of its arguments: objects are held weakly, other values
 * (strings, numbers, undefined) by value. Call it inside a factory that a session owns, never at module level, so that two
 * sessions share nothing. Derived from graphql-js' idea of nested WeakMaps.
 */
export function memo<A extends readonly unknown[], R>(build: (...args: A) => R): (...args: A) => R {
  const root = new Level<R>();
  return (...args) => {
    let level = root;
    for (const argument of args) level = level.next(argument);
    if (!level.filled) {
      level.value = build(...args);
      level.filled = true;
    }
    return level.value as R;
  };
}

/**
 * As `memo`, but for functions whose results are many, large, and asked for again soon or never: only the latest result is kept for
 * each first argument.
 */
export function memoLatest<K extends object, A extends readonly unknown[], R>(
  build: (key: K, ...args: A) => R,
): (key: K, ...args: A) => R {
  const latest = new WeakMap<K, { readonly args: A; readonly result: R }>();
  return (key, ...args) => {
    const known = latest.get(key);
    if (known !== undefined && haveSameMembers(known.args, args)) return known.result;
    const result = build(key, ...args);
    latest.set(key, { args, result });
    return result;
  };
}

/**
 * As `memo`, but for results of which all together may be too large to keep: it keeps them until their sizes come to `limit`, and makes
 * the others each time they are asked for.
 */
export function memoWithin<A extends readonly unknown[], R>(
  limit: number,
  sizeOf: (result: R) => number,
  build: (...args: A) => R,
): (...args: A) => R {
  let held = 0;
  const root = new Level<R>();
  return (...args) => {
    let level = root;
    for (const argument of args) level = level.next(argument);
    if (level.filled) return level.value as R;
    const result = build(...args);
    const size = sizeOf(result);
    if (held + size > limit) return result;
    held += size;
    level.value = result;
    level.filled = true;
    return result;
  };
}

/** Numbers texts and objects in the order in which they are first asked for: the same one has the same number. */
export function numbering(): (one: string | object) => number {
  let count = 0;
  const numberOf = memo((_one: string | object) => count++);
  return (one) => numberOf(one);
}

class Level<R> {
  filled = false;
  value: R | undefined;
  private objects: WeakMap<object, Level<R>> | undefined;
  private primitives: Map<unknown, Level<R>> | undefined;

  next(key: unknown): Level<R> {
    if (typeof key === 'object' && key !== null) {
      this.objects ??= new WeakMap();
      return obtain(this.objects, key);
    }
    this.primitives ??= new Map();
    return obtain(this.primitives, key);
  }
}

function obtain<K, R>(table: { get(key: K): Level<R> | undefined; set(key: K, value: Level<R>): unknown }, key: K): Level<R> {
  let level = table.get(key);
  if (level === undefined) {
    level = new Level<R>();
    table.set(key, level);
  }
  return level;
}
