import type { CidrRange, FilterChain, FilterChainMatch, Listener } from '../envoy/api.gen.ts';
import { inRange, longestRange } from './strings.ts';

/** What a listener's filters found out about a connection. */
export interface ConnectionTraits {
  readonly destination: { readonly ip: string; readonly port: number };
  readonly source: { readonly ip: string; readonly port: number };
  readonly serverName: string;
  readonly transportProtocol: string;
  readonly applicationProtocols: readonly string[];
}

/** The chain of a listener that takes a connection, and why others did not. */
export interface ChainChoice {
  readonly chain: FilterChain | undefined;
  readonly isDefault: boolean;
  /** The condition at which each other chain dropped out. */
  readonly passed: readonly { readonly chain: FilterChain; readonly condition: string }[];
}

/**
 * The filter chain that Envoy chooses: it goes through the conditions one after the other and at each keeps the chains that
 * state the best fitting value, without ever coming back. Envoy source/common/listener_manager/filter_chain_manager_impl.cc.
 */
export function chooseFilterChain(listener: Listener, traits: ConnectionTraits): ChainChoice {
  let left: readonly FilterChain[] = listener.filterChains ?? [];
  const passed: { chain: FilterChain; condition: string }[] = [];
  for (const [condition, keep] of conditions) {
    const kept = keep(left, traits);
    if (kept.length < left.length) {
      const stays = new Set(kept);
      for (const chain of left) if (!stays.has(chain)) passed.push({ chain, condition });
    }
    left = kept;
  }
  const [chain] = left;
  return { chain: chain ?? listener.defaultFilterChain, isDefault: chain === undefined, passed };
}

type Condition = (chains: readonly FilterChain[], traits: ConnectionTraits) => readonly FilterChain[];

const matchOf = (chain: FilterChain): FilterChainMatch => chain.filterChainMatch ?? {};

const conditions: readonly (readonly [string, Condition])[] = [
  [
    'destination port',
    (chains, { destination }) => byValue(chains, ({ destinationPort }) => list(destinationPort), [destination.port]),
  ],
  ['destination address', (chains, { destination }) => byRange(chains, ({ prefixRanges }) => prefixRanges, destination.ip)],
  ['server name', byServerName],
  [
    'transport protocol',
    (chains, traits) => byValue(chains, ({ transportProtocol }) => list(transportProtocol), [traits.transportProtocol]),
  ],
  [
    'application protocol',
    (chains, traits) => byValue(chains, ({ applicationProtocols }) => applicationProtocols ?? [], traits.applicationProtocols),
  ],
  [
    'direct source address',
    (chains, { source }) => byRange(chains, ({ directSourcePrefixRanges }) => directSourcePrefixRanges, source.ip),
  ],
  ['source type', bySourceType],
  ['source address', (chains, { source }) => byRange(chains, ({ sourcePrefixRanges }) => sourcePrefixRanges, source.ip)],
  ['source port', (chains, { source }) => byValue(chains, ({ sourcePorts }) => sourcePorts ?? [], [source.port])],
];

function list<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

/** The chains that name the first value that any chain names; else those that name none. */
function byValue<T>(
  chains: readonly FilterChain[],
  valuesOf: (match: FilterChainMatch) => readonly T[],
  values: readonly T[],
): readonly FilterChain[] {
  for (const value of values) {
    const naming = chains.filter((chain) => valuesOf(matchOf(chain)).includes(value));
    if (naming.length > 0) return naming;
  }
  return chains.filter((chain) => valuesOf(matchOf(chain)).length === 0);
}

/** The chains with the longest range around the address; a chain without ranges has the range of all addresses. */
function byRange(
  chains: readonly FilterChain[],
  rangesOf: (match: FilterChainMatch) => readonly CidrRange[] | undefined,
  ip: string,
): readonly FilterChain[] {
  const lengthOf = (chain: FilterChain): number | undefined => {
    const ranges = rangesOf(matchOf(chain)) ?? [];
    return ranges.length === 0 ? 0 : longestRange(ranges, ip);
  };
  const lengths = chains.map(lengthOf);
  const longest = lengths.reduce<number>((most, length) => Math.max(most, length ?? -1), -1);
  return chains.filter((_, index) => lengths[index] === longest);
}

function byServerName(chains: readonly FilterChain[], { serverName }: ConnectionTraits): readonly FilterChain[] {
  const name = serverName.toLowerCase();
  const candidates = name === '' ? [] : [name, ...wildcards(name)];
  const named = chains.some((chain) => (matchOf(chain).serverNames ?? []).length > 0);
  if (!named) return chains;
  return byValue(chains, ({ serverNames }) => (serverNames ?? []).map((text) => text.toLowerCase()), candidates);
}

/** `*.b.c` and `*.c` for `a.b.c`: the longer first. */
function wildcards(name: string): string[] {
  const labels = name.split('.');
  return labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`);
}

function bySourceType(chains: readonly FilterChain[], { source, destination }: ConnectionTraits): readonly FilterChain[] {
  const typeOf = (chain: FilterChain): string => matchOf(chain).sourceType ?? 'ANY';
  const isLocal = source.ip === destination.ip || inRange({ addressPrefix: '127.0.0.0', prefixLen: 8 }, source.ip);
  const wanted = isLocal ? 'SAME_IP_OR_LOOPBACK' : 'EXTERNAL';
  const typed = chains.filter((chain) => typeOf(chain) === wanted);
  return typed.length > 0 ? typed : chains.filter((chain) => typeOf(chain) === 'ANY');
}
