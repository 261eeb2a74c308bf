import type { FilterChain, Listener } from '../envoy/api.gen.ts';
import { chainsOf } from '../envoy/filter-chains.ts';
import { type ConnectionExample, type UsualEndsOf, walkChains } from './chain-walk.ts';
import { ANY_ARRIVALS, type ListenerArrivals, listenerArrivals, type PlaceTrust } from './listener-arrivals.ts';
import type { Lack, RuleVerdict } from './rule-verdicts.ts';

/** A connection that a chain takes, or why it takes none; undefined where that is too much to tell. */
export type ChainVerdict = { readonly witness: ConnectionExample } | RuleVerdict | undefined;

/** So much is looked at for all chains of a listener, and then for each that nothing reaches. */
const WORK = { ofListener: 500_000, ofChain: 100_000 } as const;

/**
 * For each chain of a listener (`chainsOf`) a connection that it takes, or the proof that it takes none of those that come there: what it
 * asks for excludes itself or does not come; or Envoy chooses other chains for all of it, the more specific ones first, without ever coming
 * back. Undefined for those that are not asked about. The places of a verdict are among the chains. The connections have usual ends where they can.
 */
export function chainVerdicts(
  listener: Listener,
  trust: PlaceTrust,
  isAsked: (chain: FilterChain) => boolean,
  endsOf: UsualEndsOf = anywhere,
): readonly ChainVerdict[] {
  const chains = chainsOf(listener);
  const nothing = chains.map(() => undefined);
  const arrivals = chains.some(isAsked) ? listenerArrivals(listener, trust) : undefined;
  if (arrivals === undefined) return nothing;
  const { filterChains = [], defaultFilterChain } = listener;
  const open = new Set(chains.filter(isAsked));
  const witnesses = new Map<FilterChain, ConnectionExample>();
  let isRefused = false;
  const isWhole = walkChains(
    filterChains,
    {
      arrivals,
      isWanted: (left) => (defaultFilterChain !== undefined && open.has(defaultFilterChain)) || left.some((one) => open.has(one)),
      mayWork: workOf(WORK.ofListener),
    },
    ({ left, example }) => {
      // Envoy refuses a listener of which two chains take the same.
      if (left.length > 1) isRefused = true;
      const [chain = defaultFilterChain] = left;
      if (chain !== undefined && open.delete(chain)) witnesses.set(chain, example(endsOf));
    },
  );
  if (isRefused) return nothing;
  return chains.map((chain): ChainVerdict => {
    const witness = witnesses.get(chain);
    if (witness !== undefined) return { witness };
    return isWhole && open.has(chain) ? whyUnreached(chain, listener, arrivals) : undefined;
  });
}

const anywhere: UsualEndsOf = () => ({ sources: [], destinations: [] });

function workOf(most: number): (work: number) => boolean {
  let left = most;
  return (work) => {
    left -= work;
    return left >= 0;
  };
}

/** What would come if one thing were otherwise. */
const RELAXED: ReadonlyMap<Lack, Partial<ListenerArrivals>> = new Map([
  ['port', { ports: undefined }],
  ['address', { destinations: ANY_ARRIVALS.destinations }],
  ['TLS', { isTlsSeen: ANY_ARRIVALS.isTlsSeen }],
  ['HTTP', { isHttpSeen: ANY_ARRIVALS.isHttpSeen }],
]);

/** Undefined where there are too many connections to say who takes them. */
function whyUnreached(chain: FilterChain, listener: Listener, arrivals: ListenerArrivals): RuleVerdict | undefined {
  const { filterChains = [], defaultFilterChain } = listener;
  if (chain === defaultFilterChain) return { because: 'taken', places: filterChains.map((_, place) => place) };
  const fitting = fitsSome(chain, arrivals);
  if (fitting === 'none') {
    if (fitsSome(chain, ANY_ARRIVALS) === 'none') return { because: 'excludes itself', places: [] };
    const lacks = [...RELAXED].flatMap(([lack, more]) => (fitsSome(chain, { ...arrivals, ...more }) === 'some' ? [lack] : []));
    return { because: 'comes from nowhere', places: [], lacks };
  }
  const others = new Set<FilterChain>();
  let isLeft = false;
  const isWhole = walkChains(
    filterChains,
    { arrivals, of: chain, isWanted: () => true, mayWork: workOf(WORK.ofChain) },
    ({ left, instead }) => {
      isLeft ||= left.length === 0;
      for (const one of left.length === 0 ? instead : left) others.add(one);
    },
  );
  if (!isWhole) return undefined;
  const places = filterChains.flatMap((one, place) => (others.has(one) ? [place] : []));
  return { because: isLeft ? 'led away' : 'taken', places };
}

/** Whether some connection is as a chain asks. */
function fitsSome(chain: FilterChain, arrivals: ListenerArrivals): 'some' | 'none' | undefined {
  let isFound = false;
  const isWhole = walkChains(
    [chain],
    { arrivals, of: chain, isWanted: (left) => !isFound && left.length > 0, mayWork: workOf(WORK.ofChain) },
    () => {
      isFound = true;
    },
  );
  return isFound ? 'some' : isWhole ? 'none' : undefined;
}
