/** Where a value stands in another one. */
export type ValuePath = readonly (string | number)[];

/** What is put in place of a value to take it away. */
export const REMOVED: unique symbol = Symbol('removed');

/** The paths of all values in a value, the value itself first; not of those that stand very deep. */
export function pathsIn(value: unknown): ValuePath[] {
  const found: ValuePath[] = [];
  const visit = (at: unknown, path: ValuePath): void => {
    found.push(path);
    if (path.length > 40 || found.length > 20_000) return;
    if (Array.isArray(at)) for (const [index, item] of at.entries()) visit(item, [...path, index]);
    else if (isRecord(at)) for (const [key, member] of Object.entries(at)) visit(member, [...path, key]);
  };
  visit(value, []);
  return found;
}

/** The value at a path; undefined where there is none. */
export function valueAt(value: unknown, path: ValuePath): unknown {
  let at = value;
  for (const segment of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, segment)) return undefined;
    at = (at as Record<string | number, unknown>)[segment];
  }
  return at;
}

/** A copy with another value at a path, or without it. */
export function withValueAt(value: unknown, path: ValuePath, replacement: unknown): unknown {
  const [segment, ...rest] = path;
  if (segment === undefined) return replacement;
  if (Array.isArray(value)) {
    return value.flatMap((item, index): unknown[] => {
      if (index !== segment) return [item];
      const changed = withValueAt(item, rest, replacement);
      return changed === REMOVED ? [] : [changed];
    });
  }
  if (!isRecord(value)) return value;
  const isNew = !Object.hasOwn(value, segment);
  const entries = [...Object.entries(value), ...(isNew ? [[String(segment), undefined] as const] : [])];
  return Object.fromEntries(
    entries.flatMap(([key, member]): [string, unknown][] => {
      if (key !== segment) return [[key, member]];
      const changed = withValueAt(member, rest, replacement);
      return changed === REMOVED ? [] : [[key, changed]];
    }),
  );
}

/** Whether the value is an object that is no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
