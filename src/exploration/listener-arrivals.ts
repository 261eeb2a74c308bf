import type { CidrRange, FilterChainMatch, Listener, ListenerFilterChainMatchPredicate } from '../envoy/api.gen.ts';
import { inspectorKind } from '../trace/listener.ts';
import { createPortPredicate, type PortPredicate } from '../trace/port-predicate.ts';
import { rangeOfOne } from '../trace/strings.ts';
import { isIpAddress } from '../util/ip-address.ts';
import { type AddressSet, addressesOf, EVERY_ADDRESS } from './address-set.ts';

/** What connections come to a listener, as its filters show them to the filter chains. */
export interface ListenerArrivals {
  /** The ports that they can be for; undefined for any. */
  readonly ports: readonly number[] | undefined;
  readonly destinations: AddressSet;
  /** Whether TLS and HTTP are told from other bytes at a port. */
  readonly isTlsSeen: PortPredicate;
  readonly isHttpSeen: PortPredicate;
  /** The ports from which on that is another. */
  readonly portEdges: readonly number[];
}

/** All connections that there are. */
export const ANY_ARRIVALS: ListenerArrivals = {
  ports: undefined,
  destinations: EVERY_ADDRESS,
  isTlsSeen: () => true,
  isHttpSeen: () => true,
  portEdges: [],
};

/** What of a listener's place is as it is written: others may be made up, or known to nobody. */
export interface PlaceTrust {
  readonly arePortsKnown: boolean;
  isKnownAddress(ip: string): boolean;
}

/**
 * What comes to a listener; undefined where that, or what its chains ask, is not known well enough to prove anything. More than what
 * really comes there is no mistake: less is reached then.
 */
export function listenerArrivals(
  listener: Listener,
  { arePortsKnown, isKnownAddress }: PlaceTrust,
): ListenerArrivals | undefined {
  const { address, additionalAddresses = [], useOriginalDst, listenerFilters = [], filterChains = [] } = listener;
  const places = [address, ...additionalAddresses.map((additional) => additional.address)].map((own) => own?.socketAddress);
  const filters = listenerFilters.map((filter) => ({ kind: inspectorKind(filter), filterDisabled: filter.filterDisabled }));
  const matches = filterChains.map(({ filterChainMatch = {} }) => filterChainMatch);
  if (
    listener.filterChainMatcher !== undefined ||
    listener.udpListenerConfig !== undefined ||
    places.some((place) => place?.portValue === undefined || !isIpAddress(place.address ?? '')) ||
    filters.some(({ kind }) => kind === 'other') ||
    filterChains.some(({ useProxyProto }) => useProxyProto === true) ||
    !matches.every(isUsualMatch) ||
    (filters.some(({ kind }) => kind === 'proxy protocol') && asksForBothSources(matches)) ||
    mixesWholeRanges(matches)
  )
    return undefined;
  // Where something restores an address, it may be any.
  const isElsewhere = useOriginalDst === true || filters.some(({ kind }) => kind !== 'tls' && kind !== 'http');
  const own = places.map((place) => place?.address ?? '');
  const isOwn = !isElsewhere && own.every((ip) => ip !== '0.0.0.0' && ip !== '::' && isKnownAddress(ip));
  const seen = (wanted: 'tls' | 'http'): PortPredicate => {
    const disabled = filters.flatMap(({ kind, filterDisabled }) =>
      kind === wanted ? [filterDisabled === undefined ? () => false : createPortPredicate(filterDisabled)] : [],
    );
    return (port) => disabled.some((isOff) => !isOff(port));
  };
  return {
    ports: isElsewhere || !arePortsKnown ? undefined : [...new Set(places.map((place) => place?.portValue ?? 0))],
    destinations: isOwn ? addressesOf(own.map(rangeOfOne)) : EVERY_ADDRESS,
    isTlsSeen: seen('tls'),
    isHttpSeen: seen('http'),
    portEdges: [...new Set(filters.flatMap(({ filterDisabled }) => (filterDisabled ? edgesOf(filterDisabled) : [])))],
  };
}

function edgesOf({ orMatch, andMatch, notMatch, destinationPortRange }: ListenerFilterChainMatchPredicate): readonly number[] {
  const { start = 0, end = 0 } = destinationPortRange ?? {};
  const inner = [...(orMatch?.rules ?? []), ...(andMatch?.rules ?? []), ...(notMatch ? [notMatch] : [])];
  return [...inner.flatMap(edgesOf), ...(destinationPortRange ? [start, end] : [])];
}

/** Whether a match asks as it seems to: Envoy reads an empty text and a port 0 as nothing asked, and refuses other wildcards. */
function isUsualMatch(match: FilterChainMatch): boolean {
  const { destinationPort, serverNames = [], transportProtocol, applicationProtocols = [], sourcePorts = [] } = match;
  return (
    [destinationPort ?? 1, ...sourcePorts].every((port) => port > 0 && port < 65_536) &&
    serverNames.every((name) => /^(\*\.)?[^*.][^*]*$/.test(name)) &&
    ['tls', 'raw_buffer', undefined].includes(transportProtocol) &&
    !applicationProtocols.includes('') &&
    match.addressSuffix === undefined &&
    match.suffixLen === undefined &&
    rangesIn(match).flat().every(isUsualRange)
  );
}

function rangesIn({
  prefixRanges = [],
  directSourcePrefixRanges = [],
  sourcePrefixRanges = [],
}: FilterChainMatch): readonly (readonly CidrRange[])[] {
  return [prefixRanges, directSourcePrefixRanges, sourcePrefixRanges];
}

function isUsualRange({ addressPrefix = '', prefixLen = 0 }: CidrRange): boolean {
  return isIpAddress(addressPrefix) && !/^::ffff:/i.test(addressPrefix) && prefixLen <= (addressPrefix.includes(':') ? 128 : 32);
}

function asksForBothSources(matches: readonly FilterChainMatch[]): boolean {
  return (
    matches.some(({ directSourcePrefixRanges = [] }) => directSourcePrefixRanges.length > 0) &&
    matches.some(({ sourcePrefixRanges = [] }) => sourcePrefixRanges.length > 0)
  );
}

/** Whether some chains ask for all addresses, and others for none: which of them Envoy goes on with is left to chance. */
function mixesWholeRanges(matches: readonly FilterChainMatch[]): boolean {
  const lists = matches.map(rangesIn);
  return [0, 1, 2].some(
    (place) =>
      lists.some((list) => list[place]?.some(({ prefixLen = 0 }) => prefixLen === 0)) &&
      lists.some((list) => list[place]?.length === 0),
  );
}
