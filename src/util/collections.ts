/** The values by a key, in the order given. */
export function groupBy<T, K>(values: Iterable<T>, key: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const value of values) append(groups, key(value), value);
  return groups;
}

/** Adds a value to the list of a key; for tables that their maker is still filling. */
export function append<K, V>(table: Map<K, V[]>, key: K, value: V): void {
  const list = table.get(key);
  if (list === undefined) table.set(key, [value]);
  else list.push(value);
}

/** Adds values to a list that its maker is still filling; `push(...values)` fails where there are more than a call has room for. */
export function addAll<T>(list: T[], values: Iterable<T>): void {
  for (const value of values) list.push(value);
}

/** Whether two lists have the same members in the same order, by identity. */
export function haveSameMembers(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (!Object.is(one[index], other[index])) return false;
  return true;
}
