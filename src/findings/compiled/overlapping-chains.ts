import type { FilterChain, FilterChainMatch } from '../../envoy/api.gen.ts';
import { append } from '../../util/collections.ts';

/** A filter chain with a rule that another has before it, or that it has twice itself. */
export interface OverlappingChain {
  readonly chain: FilterChain;
  readonly other: FilterChain;
  readonly isItself: boolean;
  /** The first rule that both have, in words. */
  readonly rule: readonly string[];
}

/** What a chain states for each condition. */
type Values = readonly (readonly string[])[];

/** A rule that a chain shares: where its values stand in each list, and with which chain. */
interface Shared {
  readonly places: readonly number[];
  readonly other: number;
}

/**
 * The chains of a listener that Envoy would refuse: no two may have the same or overlapping rules, and a chain has a rule for each
 * combination of what its lists state (source/common/listener_manager/filter_chain_manager_impl.cc). A match of a thousand hosts
 * and a thousand ranges stands for a million rules, so lists are compared, not rules.
 */
export function overlappingChains(chains: readonly FilterChain[]): readonly OverlappingChain[] {
  const stated = chains.map(({ filterChainMatch = {} }) => valuesOf(filterChainMatch));
  const sets: readonly ReadonlySet<string>[][] = stated.map((lists) => lists.map((list) => new Set(list)));
  // For each condition, the chains so far by what they state.
  const before: readonly Map<string, number[]>[] = (stated[0] ?? []).map(() => new Map());
  return chains.flatMap((chain, index) => {
    const lists = stated[index] ?? [];
    let first = withItself(lists, index);
    for (const other of nearest(lists, before)) {
      const places = placesOfFirst(lists, sets[other] ?? []);
      if (places !== undefined && (first === undefined || compare(places, first.places) < 0)) first = { places, other };
    }
    for (const [condition, values] of (sets[index] ?? []).entries()) {
      for (const value of values) append(before[condition] as Map<string, number[]>, value, index);
    }
    const other = first && chains[first.other];
    if (first === undefined || other === undefined) return [];
    const rule = first.places.flatMap((place, condition) => lists[condition]?.[place] || []);
    return [{ chain, other, isItself: first.other === index, rule }];
  });
}

/** The chains that state the same for the condition that tells most of them apart, in order. */
function nearest(lists: Values, before: readonly ReadonlyMap<string, readonly number[]>[]): readonly number[] {
  let fewest: { readonly condition: number; readonly count: number } | undefined;
  for (const [condition, list] of lists.entries()) {
    const count = list.reduce((sum, value) => sum + (before[condition]?.get(value)?.length ?? 0), 0);
    if (count < (fewest?.count ?? Number.POSITIVE_INFINITY)) fewest = { condition, count };
  }
  if (fewest === undefined || fewest.count === 0) return [];
  const { condition } = fewest;
  const found = (lists[condition] ?? []).flatMap((value) => before[condition]?.get(value) ?? []);
  return [...new Set(found)].sort((a, b) => a - b);
}

/** Where the first rule stands that another chain has too. */
function placesOfFirst(lists: Values, other: readonly ReadonlySet<string>[]): readonly number[] | undefined {
  const places: number[] = [];
  for (const [condition, list] of lists.entries()) {
    const place = list.findIndex((value) => other[condition]?.has(value));
    if (place === -1) return undefined;
    places.push(place);
  }
  return places;
}

/** The first rule that a chain has twice, since one of its lists repeats a value. */
function withItself(lists: Values, index: number): Shared | undefined {
  const repeated = lists.map((list) => {
    const seen = new Set<string>();
    return list.findIndex((value) => seen.size === seen.add(value).size);
  });
  const last = repeated.findLastIndex((place) => place >= 0);
  if (last === -1) return undefined;
  return { places: repeated.map((place, condition) => (condition === last ? place : 0)), other: index };
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((place, condition) => place !== b[condition]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

/** What a match states for each condition; an empty text where it states nothing. */
function valuesOf(match: FilterChainMatch): Values {
  const ranges = (list: FilterChainMatch['prefixRanges']): readonly string[] =>
    (list ?? []).map(({ addressPrefix, prefixLen }) => `${addressPrefix}/${prefixLen ?? 0}`);
  const lists: Values = [
    match.destinationPort === undefined ? [] : [`port ${match.destinationPort}`],
    ranges(match.prefixRanges),
    (match.serverNames ?? []).map((name) => `server name ${name.toLowerCase()}`),
    match.transportProtocol === undefined ? [] : [`transport ${match.transportProtocol}`],
    (match.applicationProtocols ?? []).map((name) => `protocol ${name}`),
    ranges(match.directSourcePrefixRanges).map((range) => `direct source ${range}`),
    match.sourceType === undefined ? [] : [`source ${match.sourceType}`],
    ranges(match.sourcePrefixRanges).map((range) => `source ${range}`),
    (match.sourcePorts ?? []).map((port) => `source port ${port}`),
  ];
  return lists.map((list) => (list.length === 0 ? [''] : list));
}
