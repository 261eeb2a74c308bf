import { groupBy } from '../../util/collections.ts';

/** Items of one kind: those that are told, and the others, which are counted. */
export interface Shortened<T> {
  readonly told: readonly T[];
  readonly others: readonly T[];
}

/**
 * A list for people: as it is up to so many items; of a longer one the first of each kind, so that what is rare among it shows, `mostAlike` of
 * one kind at most. The last entry has what is of further kinds, where there are too many of these.
 */
export function shortenList<T>(
  items: readonly T[],
  most: number,
  kindOf: (item: T) => string,
  mostAlike: number = most,
): readonly Shortened<T>[] {
  if (items.length === 0) return [];
  if (items.length <= most) return [{ told: items, others: [] }];
  const kinds = [...groupBy(items, kindOf).values()];
  const each = Math.max(1, Math.min(mostAlike, Math.floor(most / kinds.length)));
  const rest = kinds.slice(most).flat();
  return [
    ...kinds.slice(0, most).map((alike) => ({ told: alike.slice(0, each), others: alike.slice(each) })),
    ...(rest.length === 0 ? [] : [{ told: [], others: rest }]),
  ];
}

/** A line for each item that is told, and one for the others. */
export function shortLines<T, Line>(
  entries: readonly Shortened<T>[],
  linesOf: (item: T) => readonly Line[],
  wordsOfOthers: (others: readonly T[], areAlike: boolean) => Line,
): readonly Line[] {
  return entries.flatMap(({ told, others }) => [
    ...told.flatMap(linesOf),
    ...(others.length === 0 ? [] : [wordsOfOthers(others, told.length > 0)]),
  ]);
}
