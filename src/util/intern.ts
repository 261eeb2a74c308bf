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
