/** The filters of a proxy in their order, where one of them is not simulated. */
export interface FilterOrder {
  readonly kind: 'filter order';
  /** The proxy and its side. */
  readonly place: string;
  /** Their names; of those of one name each is another. */
  readonly names: readonly string[];
}

/** Tells filters of one name apart by how many of the name stand before. */
export function filterOrder(place: string, names: readonly string[]): FilterOrder {
  const counts = new Map<string, number>();
  const told = names.map((name) => {
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return `${name} ${count}`;
  });
  return { kind: 'filter order', place, names: told };
}

/** Whether two are of one proxy, and filters that both have stand the other way round. */
export function isTurned(one: FilterOrder, other: FilterOrder): boolean {
  if (one.place !== other.place) return false;
  const common = ({ names }: FilterOrder, { names: others }: FilterOrder): string =>
    JSON.stringify(names.filter((name) => others.includes(name)));
  return common(one, other) !== common(other, one);
}
