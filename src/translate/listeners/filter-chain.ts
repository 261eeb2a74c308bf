import type { FilterChain, FilterChainMatch, Metadata, NetworkFilter } from '../../envoy/api.gen.ts';
import type { Protocol } from '../../model/protocol.ts';
import type { Service } from '../../model/registry/service.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { Origin } from '../../util/origin.ts';
import { compareText } from '../../util/text.ts';
import { ANY_ADDRESS } from '../naming/service-address.ts';
import { cidrRange, maskedRange } from './address.ts';

/** A filter chain before it becomes Envoy's: what it matches, and what it does. istio filterChainOpts. */
export interface ChainPlan {
  readonly match: ChainMatch;
  readonly metadata?: Metadata | undefined;
  readonly content: HttpContent | TcpContent;
  readonly origin?: Origin | undefined;
}

/** Absent members match everything. */
export interface ChainMatch {
  readonly serverNames?: readonly string[] | undefined;
  /** CIDR notation or single addresses. */
  readonly destinations?: readonly string[] | undefined;
  readonly applicationProtocols?: readonly string[] | undefined;
  readonly transportProtocol?: string | undefined;
}

/** A chain whose requests are routed by the route configuration of this name. */
export interface HttpContent {
  readonly kind: 'http';
  readonly routeName: string;
  readonly protocol: Protocol;
  /** The service that the chain was first made for. */
  readonly service: Service | undefined;
  /** Of the listener that is a proxy for HTTP clients (meshConfig.proxyHttpPort). */
  readonly isHttpProxy?: true;
}

/** A chain of network filters that ends in a proxy. */
interface TcpContent {
  readonly kind: 'tcp';
  readonly filters: readonly NetworkFilter[];
}

/** How long a TLS handshake may take; the flag speaks of gateways, but sidecars get it too. istio gatewayTransportSocketConnectTimeout. */
export function handshakeTimeout({ gatewayTransportSocketConnectTimeout: timeout }: Behaviours): Partial<FilterChain> {
  return timeout === '0s' ? {} : { transportSocketConnectTimeout: timeout };
}

/** What the HTTP inspector calls the HTTP that proxies take; HTTP/1.0 that none would take passes as TCP. istio plaintextHTTPALPNs. */
export function plainHttpProtocols({ http10 }: Behaviours): readonly string[] {
  return http10 ? ['http/1.0', 'http/1.1', 'h2c'] : ['http/1.1', 'h2c'];
}

/** Plain text that the HTTP inspector takes for HTTP. */
export function plainHttpMatch(behaviours: Behaviours): ChainMatch {
  return { applicationProtocols: plainHttpProtocols(behaviours), transportProtocol: 'raw_buffer' };
}

/** Whether the chain takes every connection; istio isMatchAll. */
export function matchesAll({ serverNames, destinations, applicationProtocols, transportProtocol }: ChainMatch): boolean {
  return (
    (!serverNames?.length || serverNames.includes('*')) &&
    !applicationProtocols?.length &&
    !transportProtocol &&
    !destinations?.length
  );
}

/** The same text for chains of which Envoy would find the second equal to the first and refuse it; istio conflictsWith. */
export function conflictKey(match: ChainMatch): string {
  const { transportProtocol = '', applicationProtocols = [] } = match;
  const sets = [serverNameSet(match), destinationSet(match)].map((set) => [...set].sort(compareText));
  return JSON.stringify([transportProtocol, applicationProtocols, ...sets]);
}

function serverNameSet({ serverNames = [] }: ChainMatch): ReadonlySet<string> {
  return new Set(serverNames.filter((name) => name !== '*'));
}

function destinationSet({ destinations = [] }: ChainMatch): ReadonlySet<string> {
  return new Set(
    destinations.flatMap((text) => {
      const range = cidrRange(text);
      return range === undefined || range.addressPrefix === ANY_ADDRESS ? [] : [maskedRange(range)];
    }),
  );
}

/** Envoy's match of a chain; undefined where it takes everything. istio toFilterChainMatch. */
export function buildFilterChainMatch(match: ChainMatch): FilterChainMatch | undefined {
  if (matchesAll(match)) return undefined;
  const { serverNames = [], destinations = [], applicationProtocols = [], transportProtocol } = match;
  const ranges = [...destinations].sort(compareText).flatMap((text) => {
    const range = cidrRange(text);
    return range === undefined || range.addressPrefix === ANY_ADDRESS ? [] : [range];
  });
  return {
    ...(applicationProtocols.length > 0 && { applicationProtocols }),
    ...(transportProtocol && { transportProtocol }),
    ...(serverNames.length > 0 && !serverNames.includes('*') && { serverNames: [...serverNames].sort(compareText) }),
    ...(ranges.length > 0 && { prefixRanges: ranges }),
  };
}

/** The filter chain of Envoy that runs these filters for a plan. */
export function buildFilterChain(
  { match, metadata }: ChainPlan,
  filters: readonly NetworkFilter[],
  behaviours: Behaviours,
): FilterChain {
  const filterChainMatch = buildFilterChainMatch(match);
  return {
    ...(filterChainMatch && { filterChainMatch }),
    filters,
    ...(metadata && { metadata }),
    ...handshakeTimeout(behaviours),
  };
}
