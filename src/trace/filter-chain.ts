import type { CidrRange, FilterChain, FilterChainMatch, Listener } from '../envoy/api.gen.ts';
import { type Formula, textTest } from '../request-space/formula.ts';
import { append } from '../util/collections.ts';
import type { ForEveryField } from '../util/fields.ts';
import { memo } from '../util/memo.ts';
import { indexRanges } from './address-ranges.ts';
import { chainByMatcher } from './chain-matcher.ts';
import type { ConnectionTraits } from './connection-traits.ts';
import { SERVER_NAME } from './recording/parts.ts';
import { addressScene, serverNameScene } from './recording/scenes.ts';
import { rangeFormula } from './recording/text-formulas.ts';
import { inRange, isLoopbackAddress, LOOPBACK_RANGES, rangeOfOne } from './strings.ts';

/** The chain of a listener that takes a connection, and why others did not. */
export interface ChainChoice {
  readonly chain: FilterChain | undefined;
  readonly isDefault: boolean;
  /** The condition at which each other chain dropped out. */
  passed(): readonly PassedChain[];
}

/** A chain that does not take a connection. */
export interface PassedChain {
  readonly chain: FilterChain;
  readonly condition: string;
}

/** Chooses filter chains of listeners. */
export type ChainChooser = (listener: Listener, traits: ConnectionTraits) => ChainChoice;

/**
 * Finds the filter chain that Envoy chooses: it goes through the conditions one after the other and at each keeps the chains that
 * state the best fitting value, without ever coming back. Envoy source/common/listener_manager/filter_chain_manager_impl.cc.
 * A listener may have a chain for each of thousands of hosts, so what the chains of a list state is indexed once.
 */
export function createChainChooser(): ChainChooser {
  const conditions = createConditions();
  return ({ filterChains = [], defaultFilterChain, filterChainMatcher }, traits) => {
    if (filterChainMatcher !== undefined) {
      const name = chainByMatcher(filterChainMatcher, traits);
      const chosen = name === undefined ? undefined : filterChains.find((candidate) => candidate.name === name);
      return { chain: chosen ?? defaultFilterChain, isDefault: chosen === undefined, passed: () => [] };
    }
    const rounds: { readonly condition: string; readonly left: readonly FilterChain[]; readonly kept: readonly FilterChain[] }[] =
      [];
    let left: readonly FilterChain[] = filterChains;
    for (const [condition, keep] of conditions) {
      const kept = keep(left, traits);
      if (traits.recorder !== undefined) noteCondition(condition, left, traits);
      if (kept.length < left.length) rounds.push({ condition, left, kept });
      left = kept;
    }
    const [chain] = left;
    return {
      chain: chain ?? defaultFilterChain,
      isDefault: chain === undefined,
      passed: () =>
        rounds.flatMap((round) => {
          const stays = new Set(round.kept);
          return round.left.flatMap((one) => (stays.has(one) ? [] : [{ chain: one, condition: round.condition }]));
        }),
    };
  };
}

/** Tells the recorder what of the client decides which chains are left: the name it asks for, its address. */
function noteCondition(condition: string, chains: readonly FilterChain[], traits: ConnectionTraits): void {
  const { recorder, source, destination, serverName, serverNameSource: given } = traits;
  if (condition === 'server name') {
    const names = serverNamesIn(chains);
    if (names.length === 0) return;
    const [wanted = ''] = serverNamesOf(traits).filter((name) => names.includes(name));
    const scene = serverNameScene(serverName, given, recorder);
    recorder?.first(chains, () => names.map(serverNameFormula), names.includes(wanted) ? [names.indexOf(wanted)] : [], scene);
    return;
  }
  if (source.ip !== recorder?.chosen.address) return;
  const scene = addressScene(source.ip);
  for (const range of rangesIn(condition, chains, destination.ip)) {
    recorder.holds(rangeFormula('sourceAddress', range), inRange(range, source.ip), scene);
  }
}

/** The names that chains state, in the order in which they are looked for. */
function serverNamesIn(chains: readonly FilterChain[]): readonly string[] {
  const names = new Set(chains.flatMap((chain) => (matchOf(chain).serverNames ?? []).map((name) => name.toLowerCase())));
  const rank = (name: string): number => (name.startsWith('*.') ? 1_000 - name.length : 0);
  return [...names].sort((a, b) => rank(a) - rank(b));
}

/** What a chain asks of server names that states one. */
export function serverNameFormula(name: string): Formula {
  const test = name.startsWith('*.')
    ? ({ kind: 'suffix', text: name.slice(1) } as const)
    : ({ kind: 'exact', text: name } as const);
  return textTest(SERVER_NAME, { ...test, ignoringCase: true });
}

/** The ranges of addresses of clients that a condition looks at. */
function rangesIn(condition: string, chains: readonly FilterChain[], own: string): readonly CidrRange[] {
  const matches = chains.map(matchOf);
  switch (condition) {
    case 'direct source address':
      return matches.flatMap(({ directSourcePrefixRanges = [] }) => directSourcePrefixRanges);
    case 'source address':
      return matches.flatMap(({ sourcePrefixRanges = [] }) => sourcePrefixRanges);
    case 'source type':
      return matches.some(({ sourceType = 'ANY' }) => sourceType !== 'ANY') ? [...LOOPBACK_RANGES, rangeOfOne(own)] : [];
    default:
      return [];
  }
}

/** Keeps those of some chains that state what fits a connection best; gives the same list for the same reason. */
type Condition = (chains: readonly FilterChain[], traits: ConnectionTraits) => readonly FilterChain[];

/** What a field of a match asks for, and how chains are kept by it. */
type NamedCondition = readonly [string, Condition];

/** In the order in which Envoy looks at them. */
const createConditions = (): readonly NamedCondition[] =>
  Object.values(conditionsByField()).filter((condition) => condition !== undefined);

const conditionsByField = (): ForEveryField<FilterChainMatch, NamedCondition | undefined> => ({
  destinationPort: [
    'destination port',
    byValue(
      ({ destinationPort }) => list(destinationPort),
      ({ destination }) => [destination.port],
    ),
  ],
  prefixRanges: [
    'destination address',
    byRange(
      ({ prefixRanges }) => prefixRanges,
      ({ destination }) => destination.ip,
    ),
  ],
  serverNames: ['server name', byValue(({ serverNames = [] }) => serverNames.map((name) => name.toLowerCase()), serverNamesOf)],
  transportProtocol: [
    'transport protocol',
    byValue(
      ({ transportProtocol }) => list(transportProtocol),
      (traits) => [traits.transportProtocol],
    ),
  ],
  applicationProtocols: [
    'application protocol',
    byValue(
      ({ applicationProtocols = [] }) => applicationProtocols,
      (traits) => traits.applicationProtocols,
    ),
  ],
  directSourcePrefixRanges: [
    'direct source address',
    byRange(
      ({ directSourcePrefixRanges }) => directSourcePrefixRanges,
      ({ source }) => source.ip,
    ),
  ],
  sourceType: ['source type', byValue(({ sourceType }) => (sourceType === 'ANY' ? [] : list(sourceType)), sourceTypesOf)],
  sourcePrefixRanges: [
    'source address',
    byRange(
      ({ sourcePrefixRanges }) => sourcePrefixRanges,
      ({ source }) => source.ip,
    ),
  ],
  sourcePorts: [
    'source port',
    byValue(
      ({ sourcePorts = [] }) => sourcePorts,
      ({ source }) => [source.port],
    ),
  ],
  // Envoy reads neither.
  addressSuffix: undefined,
  suffixLen: undefined,
});

const matchOf = (chain: FilterChain): FilterChainMatch => chain.filterChainMatch ?? {};

function list<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

/** The chains that name the first value that any chain names; else those that name none. */
function byValue<T>(
  named: (match: FilterChainMatch) => readonly T[],
  wanted: (traits: ConnectionTraits) => readonly T[],
): Condition {
  const index = memo((chains: readonly FilterChain[]) => {
    const naming = new Map<T, FilterChain[]>();
    const others: FilterChain[] = [];
    for (const chain of chains) {
      const values = new Set(named(matchOf(chain)));
      for (const value of values) append(naming, value, chain);
      if (values.size === 0) others.push(chain);
    }
    return { naming, others };
  });
  return (chains, traits) => {
    const { naming, others } = index(chains);
    if (naming.size === 0) return chains;
    for (const value of wanted(traits)) {
      const found = naming.get(value);
      if (found !== undefined) return found;
    }
    return others;
  };
}

/** The chains with the longest range around the address; a chain without ranges has the range of all addresses. */
function byRange(
  rangesOf: (match: FilterChainMatch) => readonly CidrRange[] | undefined,
  addressOf: (traits: ConnectionTraits) => string,
): Condition {
  const of = (chain: FilterChain): readonly CidrRange[] => rangesOf(matchOf(chain)) ?? [];
  const index = memo((chains: readonly FilterChain[]) =>
    chains.every((chain) => of(chain).length === 0) ? undefined : indexRanges(chains, of),
  );
  return (chains, traits) => index(chains)?.around(addressOf(traits)) ?? chains;
}

function serverNamesOf({ serverName }: ConnectionTraits): readonly string[] {
  return serverName === '' ? [] : formsOfServerName(serverName.toLowerCase());
}

/** What chains can state to take a server name, the best fitting first: the name itself, then `*.b.c` and `*.c` for `a.b.c`. */
export function formsOfServerName(name: string): readonly string[] {
  const labels = name.split('.');
  return [name, ...labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`)];
}

function sourceTypesOf({ source, destination }: ConnectionTraits): readonly string[] {
  const isLocal = source.ip === destination.ip || isLoopbackAddress(source.ip);
  return [isLocal ? 'SAME_IP_OR_LOOPBACK' : 'EXTERNAL'];
}
