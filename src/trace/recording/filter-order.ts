/** The filters of a proxy in their order. */
interface FilterOrder {
  /** The proxy and its side. */
  readonly place: string;
  readonly names: readonly string[];
}

/** Filters of a proxy in their order, as one text; of those of one name each is another. */
export function textOfOrder(place: string, names: readonly string[]): string {
  const counts = new Map<string, number>();
  const told = names.map((name) => {
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return `${name} ${count}`;
  });
  return JSON.stringify({ place, names: told } satisfies FilterOrder);
}

/** Whether of two texts of `textOfOrder` both are of one proxy, and two filters that both have stand the other way round. */
export function isTurned(one: string, other: string): boolean {
  if (one === other) return false;
  const [before, after] = [one, other].map((text) => JSON.parse(text) as FilterOrder);
  if (before === undefined || after === undefined || before.place !== after.place) return false;
  const common = (names: readonly string[], others: readonly string[]): string =>
    JSON.stringify(names.filter((name) => others.includes(name)));
  return common(before.names, after.names) !== common(after.names, before.names);
}
