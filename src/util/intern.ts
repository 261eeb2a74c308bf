/**
 * Makes equal values one object: the first value with some JSON text stands for all later ones. Symbol keys do not count.
 * Call it inside a factory that a session owns, as `memo`.
 */
export function interner<T extends object>(): (value: T) => T {
  const known = new Map<string, T>();
  return (value) => {
    const text = JSON.stringify(value);
    const first = known.get(text);
    if (first !== undefined) return first;
    known.set(text, value);
    return value;
  };
}
