import { haveSameMembers } from './collections.ts';

/**
 * Makes equal values one object: the first value with some text stands for all later ones. That text is its JSON, where nothing else is
 * said; symbol keys do not count.
 * Call it inside a factory that a session owns, as `memo`.
 */
export function interner<T extends object>(textOf: (value: T) => string = JSON.stringify): (value: T) => T {
  const known = new Map<string, T>();
  return (value) => {
    const text = textOf(value);
    const first = known.get(text);
    if (first !== undefined) return first;
    known.set(text, value);
    return value;
  };
}

/** So many lists of one length are looked through. */
const LISTS_OF_A_LENGTH = 8;

/**
 * Makes lists of the same members one object, as far as the lists before were much the same: one of the latest of its length stands for
 * all that have the same members in the same order, by identity.
 */
export function listInterner<T>(): (list: readonly T[]) => readonly T[] {
  const byLength = new Map<number, (readonly T[])[]>();
  return (list) => {
    const known = byLength.get(list.length) ?? [];
    const same = known.find((other) => haveSameMembers(other, list));
    if (same !== undefined) return same;
    byLength.set(list.length, [list, ...known.slice(0, LISTS_OF_A_LENGTH - 1)]);
    return list;
  };
}
