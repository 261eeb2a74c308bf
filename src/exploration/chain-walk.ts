import type { FilterChain, FilterChainMatch } from '../envoy/api.gen.ts';
import type { ConnectionTraits } from '../trace/connection-traits.ts';
import { formsOfServerName } from '../trace/filter-chain.ts';
import { CLIENT_PORT } from '../trace/strangers.ts';
import { LOOPBACK_RANGES } from '../trace/strings.ts';
import { append } from '../util/collections.ts';
import {
  type AddressSet,
  addressesOf,
  EVERY_ADDRESS,
  exampleAddress,
  intersectAddresses,
  isSingle,
  shareByRange,
  subtractAddresses,
} from './address-set.ts';
import type { ListenerArrivals } from './listener-arrivals.ts';

/** A connection as filter chains see it. */
export type ConnectionExample = Pick<
  ConnectionTraits,
  'destination' | 'source' | 'serverName' | 'transportProtocol' | 'applicationProtocols'
>;

/** Addresses that connections come from and go to as a rule. */
export interface UsualEnds {
  readonly sources: readonly string[];
  readonly destinations: readonly string[];
}

/** The usual ends of connections for a server name (empty for none) and port. */
export type UsualEndsOf = (serverName: string, port: number) => UsualEnds;

/** Where some connections end, and one of them. */
export interface ChainLeaf {
  /** The chains that are left: one that takes them, or none. */
  readonly left: readonly FilterChain[];
  /** Where none is left, the chains for which Envoy dropped the one that is asked about. */
  readonly instead: readonly FilterChain[];
  /** One that has usual ends, if one can. */
  example(endsOf: UsualEndsOf): ConnectionExample;
}

/** How all connections that come to a listener are looked at. */
export interface ChainWalk {
  readonly arrivals: ListenerArrivals;
  /** The chain whose match the connections fit by itself; undefined for all connections. */
  readonly of?: FilterChain;
  /** Whether it matters who of some chains takes connections. */
  isWanted(chains: readonly FilterChain[]): boolean;
  /** Is told how much work is done, and says whether there may be more. */
  mayWork(work: number): boolean;
}

/** What is known of connections so far. */
interface Known {
  readonly port: number;
  readonly destinations: AddressSet;
  readonly sources: AddressSet;
  /** How source and destination are to each other, where that matters. */
  readonly pair: 'same' | 'other' | undefined;
  readonly serverName: string;
  readonly transportProtocol: string;
  readonly applicationProtocol: string | undefined;
  readonly sourcePort: number;
}

/** The chains that are left for some of the connections, and what is known of these. */
interface Branch {
  readonly left: readonly FilterChain[];
  readonly known: Known;
}

/** One condition: the branches of what was left before. */
type Stage = (
  left: readonly FilterChain[],
  known: Known,
  asked: FilterChainMatch | undefined,
  arrivals: ListenerArrivals,
) => Iterable<Branch>;

/**
 * Where connections end, by going through all that can be told at each condition as Envoy does for one connection: it keeps the chains
 * that state the best fitting value and never comes back. Envoy source/common/listener_manager/filter_chain_manager_impl.cc; the order is
 * that of trace/filter-chain.ts. False if there was too much to look at.
 */
export function walkChains(chains: readonly FilterChain[], walk: ChainWalk, visit: (leaf: ChainLeaf) => void): boolean {
  const asked = walk.of?.filterChainMatch ?? (walk.of === undefined ? undefined : {});
  function go(place: number, { left, known }: Branch, instead: readonly FilterChain[]): boolean {
    const stage = STAGES[place];
    if (!walk.isWanted(left)) return true;
    if (stage === undefined || left.length === 0) {
      if (stage === undefined || isPossible(place, known, asked, walk.arrivals))
        visit({ left, instead: left.length === 0 ? instead : [], example: (endsOf) => exampleOf(known, endsOf) });
      return true;
    }
    if (!walk.mayWork(left.reduce((sum, chain) => sum + weightOf(chain), 1))) return false;
    const isIn = walk.of !== undefined && left.includes(walk.of);
    for (const branch of stage(left, known, asked, walk.arrivals)) {
      const isLost = isIn && walk.of !== undefined && !branch.left.includes(walk.of);
      if (!go(place + 1, branch, isLost ? branch.left : instead)) return false;
    }
    return true;
  }
  return go(0, { left: chains, known: UNKNOWN }, []);
}

/** How much a chain states. */
function weightOf(chain: FilterChain): number {
  const { prefixRanges, serverNames, applicationProtocols, directSourcePrefixRanges, sourcePrefixRanges, sourcePorts } =
    matchOf(chain);
  const lists = [prefixRanges, serverNames, applicationProtocols, directSourcePrefixRanges, sourcePrefixRanges, sourcePorts];
  return lists.reduce((sum, list) => sum + (list?.length ?? 0), 1);
}

/** Whether connections of which no chain is left can be as is asked at the conditions that are not looked at. */
function isPossible(place: number, known: Known, asked: FilterChainMatch | undefined, arrivals: ListenerArrivals): boolean {
  if (asked === undefined) return true;
  const stage = STAGES[place];
  if (stage === undefined) return true;
  for (const branch of stage([], known, asked, arrivals)) if (isPossible(place + 1, branch.known, asked, arrivals)) return true;
  return false;
}

const UNKNOWN: Known = {
  port: 80,
  destinations: EVERY_ADDRESS,
  sources: EVERY_ADDRESS,
  pair: undefined,
  serverName: '',
  transportProtocol: 'raw_buffer',
  applicationProtocol: undefined,
  sourcePort: CLIENT_PORT,
};

const LOOPBACK = addressesOf(LOOPBACK_RANGES);

const matchOf = ({ filterChainMatch = {} }: FilterChain): FilterChainMatch => filterChainMatch;

/** In the order in which Envoy looks at them. */
const STAGES: readonly Stage[] = [
  destinationPort,
  destinationAddress,
  serverName,
  transportProtocol,
  applicationProtocol,
  sourceAddress(({ directSourcePrefixRanges }) => directSourcePrefixRanges),
  sourceType,
  sourceAddress(({ sourcePrefixRanges }) => sourcePrefixRanges),
  sourcePort,
];

function* destinationPort(
  left: readonly FilterChain[],
  known: Known,
  asked: FilterChainMatch | undefined,
  arrivals: ListenerArrivals,
): Iterable<Branch> {
  const { named, others } = byValue(left, ({ destinationPort: port }) => (port === undefined ? [] : [port]));
  const wanted = asked?.destinationPort;
  const ports = arrivals.ports ?? [
    ...new Set([...named.keys(), ...(wanted === undefined ? [] : [wanted]), ...otherPorts(named, arrivals)]),
  ];
  for (const port of ports)
    if (wanted === undefined || wanted === port) yield { left: named.get(port) ?? others, known: { ...known, port } };
}

/** Ports that no chain names, one for each way in which bytes are looked into. */
function otherPorts(
  named: ReadonlyMap<number, unknown>,
  { portEdges, isTlsSeen, isHttpSeen }: ListenerArrivals,
): readonly number[] {
  const found = new Map<string, number>();
  const edges = [...new Set([443, 80, 8080, 1, ...portEdges.filter((edge) => edge > 0)])];
  for (const edge of edges) {
    let port = edge;
    while (named.has(port)) port++;
    const key = `${isTlsSeen(port)} ${isHttpSeen(port)}`;
    if (port < 65_536 && !found.has(key)) found.set(key, port);
  }
  return [...found.values()];
}

function* destinationAddress(
  left: readonly FilterChain[],
  known: Known,
  asked: FilterChainMatch | undefined,
  arrivals: ListenerArrivals,
): Iterable<Branch> {
  const possible = within(arrivals.destinations, asked?.prefixRanges);
  for (const { values, own } of shareByRange(left, (chain) => matchOf(chain).prefixRanges)) {
    const destinations = intersectAddresses(own, possible);
    if (destinations.length > 0) yield { left: values, known: { ...known, destinations } };
  }
}

function within(addresses: AddressSet, ranges: FilterChainMatch['prefixRanges']): AddressSet {
  return ranges === undefined || ranges.length === 0 ? addresses : intersectAddresses(addresses, addressesOf(ranges));
}

function* serverName(
  left: readonly FilterChain[],
  known: Known,
  asked: FilterChainMatch | undefined,
  { isTlsSeen }: ListenerArrivals,
): Iterable<Branch> {
  const namesOf = ({ serverNames = [] }: FilterChainMatch): readonly string[] => serverNames.map((name) => name.toLowerCase());
  const { named, others } = byValue(left, namesOf);
  const wanted = asked === undefined ? [] : namesOf(asked);
  if (wanted.length === 0) yield { left: others, known };
  if (!isTlsSeen(known.port)) return;
  const stated = new Set([...named.keys(), ...wanted]);
  const names = new Set([...stated].map((name) => (name.startsWith('*.') ? nameBelow(name, stated) : name)));
  for (const name of names) {
    const forms = formsOfServerName(name);
    if (wanted.length > 0 && !forms.some((form) => wanted.includes(form))) continue;
    const form = forms.find((one) => named.has(one));
    yield { left: (form === undefined ? undefined : named.get(form)) ?? others, known: { ...known, serverName: name } };
  }
}

/** A name that a wildcard has, and that is not stated by itself nor by a longer wildcard; it begins with `label`. */
export function nameBelow(wildcard: string, stated: ReadonlySet<string>, label = 'any'): string {
  const parent = wildcard.slice(1);
  for (let count = 0; ; count++) {
    const name = `${count === 0 ? label : `${label}${count}`}${parent}`;
    if (!stated.has(name)) return name;
  }
}

function* transportProtocol(
  left: readonly FilterChain[],
  known: Known,
  asked: FilterChainMatch | undefined,
  { isTlsSeen }: ListenerArrivals,
): Iterable<Branch> {
  const { named, others } = byValue(left, ({ transportProtocol: name }) => (name === undefined ? [] : [name]));
  const possible = [...(known.serverName === '' ? ['raw_buffer'] : []), ...(isTlsSeen(known.port) ? ['tls'] : [])];
  for (const name of possible)
    if (asked?.transportProtocol === undefined || asked.transportProtocol === name)
      yield { left: named.get(name) ?? others, known: { ...known, transportProtocol: name } };
}

/** What the HTTP inspector finds in plain text. */
const PLAIN_PROTOCOLS = ['http/1.1', 'h2c', 'http/1.0'];

function* applicationProtocol(
  left: readonly FilterChain[],
  known: Known,
  asked: FilterChainMatch | undefined,
  { isHttpSeen }: ListenerArrivals,
): Iterable<Branch> {
  const { named, others } = byValue(left, ({ applicationProtocols = [] }) => applicationProtocols);
  const { applicationProtocols: wanted = [] } = asked ?? {};
  if (wanted.length === 0) yield { left: others, known };
  const isTls = known.transportProtocol === 'tls';
  for (const name of new Set([...named.keys(), ...wanted])) {
    const isPossible = isTls || (isHttpSeen(known.port) && PLAIN_PROTOCOLS.includes(name));
    if (isPossible && (wanted.length === 0 || wanted.includes(name)))
      yield { left: named.get(name) ?? others, known: { ...known, applicationProtocol: name } };
  }
}

function sourceAddress(rangesOf: (match: FilterChainMatch) => FilterChainMatch['prefixRanges']): Stage {
  return function* (left, known, asked) {
    const possible = within(known.sources, asked && rangesOf(asked));
    for (const { values, own } of shareByRange(left, (chain) => rangesOf(matchOf(chain)))) {
      const narrowed = { ...known, sources: intersectAddresses(own, possible) };
      if (isPairPossible(narrowed)) yield { left: values, known: narrowed };
    }
  };
}

/** Whether there are addresses for both ends. */
function isPairPossible({ sources, destinations, pair }: Known): boolean {
  if (sources.length === 0) return false;
  const isOne = isSingle(sources) && isSingle(destinations) && intersectAddresses(sources, destinations).length > 0;
  return pair === 'same' ? intersectAddresses(sources, destinations).length > 0 : pair === undefined || !isOne;
}

function* sourceType(left: readonly FilterChain[], known: Known, asked: FilterChainMatch | undefined): Iterable<Branch> {
  const typesOf = ({ sourceType: type = 'ANY' }: FilterChainMatch): readonly string[] => (type === 'ANY' ? [] : [String(type)]);
  const { named, others } = byValue(left, typesOf);
  const [wanted] = asked === undefined ? [] : typesOf(asked);
  if (named.size === 0 && wanted === undefined) {
    yield { left, known };
    return;
  }
  const { sources } = known;
  const shared = subtractAddresses(intersectAddresses(sources, known.destinations), LOOPBACK);
  const kinds = [
    { type: 'EXTERNAL', known: { ...known, sources: subtractAddresses(sources, LOOPBACK), pair: 'other' as const } },
    { type: LOCAL, known: { ...known, sources: intersectAddresses(sources, LOOPBACK) } },
    { type: LOCAL, known: { ...known, sources: shared, pair: 'same' as const } },
  ];
  for (const { type, known: narrowed } of kinds)
    if ((wanted === undefined || wanted === type) && isPairPossible(narrowed))
      yield { left: named.get(type) ?? others, known: narrowed };
}

const LOCAL = 'SAME_IP_OR_LOOPBACK';

function* sourcePort(left: readonly FilterChain[], known: Known, asked: FilterChainMatch | undefined): Iterable<Branch> {
  const { named, others } = byValue(left, ({ sourcePorts = [] }) => sourcePorts);
  const { sourcePorts: wanted = [] } = asked ?? {};
  let other = known.sourcePort;
  while (named.has(other)) other++;
  const ports = new Set([...(other < 65_536 ? [other] : []), ...named.keys(), ...wanted]);
  for (const port of ports)
    if (wanted.length === 0 || wanted.includes(port))
      yield { left: named.get(port) ?? others, known: { ...known, sourcePort: port } };
}

/** The chains by the values that they state, and those that state none. */
function byValue<T>(
  chains: readonly FilterChain[],
  valuesOf: (match: FilterChainMatch) => readonly T[],
): { readonly named: ReadonlyMap<T, readonly FilterChain[]>; readonly others: readonly FilterChain[] } {
  const named = new Map<T, FilterChain[]>();
  const others: FilterChain[] = [];
  for (const chain of chains) {
    const values = new Set(valuesOf(matchOf(chain)));
    for (const value of values) append(named, value, chain);
    if (values.size === 0) others.push(chain);
  }
  return { named, others };
}

function exampleOf(known: Known, endsOf: UsualEndsOf): ConnectionExample {
  const { port, destinations, sources, pair, applicationProtocol: protocol } = known;
  const usual = endsOf(known.serverName, port);
  const source = exampleAddress(pair === 'same' ? intersectAddresses(sources, destinations) : sources, usual.sources);
  const ip = pair === 'same' ? source : exampleAddress(destinations, usual.destinations, pair === 'other' ? source : undefined);
  return {
    destination: { ip, port },
    // Of a single destination the source has to be another address.
    source: {
      ip: pair === 'other' && ip === source ? exampleAddress(sources, usual.sources, ip) : source,
      port: known.sourcePort,
    },
    serverName: known.serverName,
    transportProtocol: known.transportProtocol,
    applicationProtocols: protocol === undefined ? [] : [protocol],
  };
}
