import type {
  FilterChainMatch,
  HttpConnectionManager,
  Listener,
  NetworkFilter,
  RouteConfiguration,
  RouteMatch,
  TcpProxy,
  VirtualHost,
} from '../../envoy/api.gen.ts';
import { chainsOf } from '../../envoy/filter-chains.ts';
import { nothingElse } from '../../util/fields.ts';
import { goSort } from '../../util/go-sort.ts';
import { formatColumns } from '../columns.ts';
import type { Printable } from '../escape/printable.ts';
import { type DescribeOrigin, originCell, originHead } from './origin-column.ts';

/** Which listeners to show; empty fields select all. As istioctl's flags. */
export interface ListenerChoice {
  readonly address?: string;
  readonly port?: number;
  readonly type?: string;
}

const HTTP_FILTER = 'envoy.filters.network.http_connection_manager';
const TCP_FILTER = 'envoy.filters.network.tcp_proxy';
const BLACK_HOLE = 'BlackHoleCluster';

/** Groups of application protocols that have a name in the table. */
const protocolGroups: readonly (readonly [description: string, protocols: readonly string[]])[] = [
  ['App: HTTP TLS', ['http/1.0', 'http/1.1', 'h2c', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2']],
  ['App: Istio HTTP Plain', ['istio', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2']],
  ['App: TCP TLS', ['istio-peer-exchange', 'istio']],
  ['App: HTTP', ['http/1.0', 'http/1.1', 'h2c']],
];

/** Whether a listener passes the filter; istioctl writer/envoy/configdump/listener.go Verify. */
export function selectsListener(filter: ListenerChoice, listener: Listener): boolean {
  const { address, port, type } = filter;
  if (address && !addressesOf(listener).some((own) => own.toLowerCase() === address.toLowerCase())) return false;
  if (port && socketPort(listener) !== port) return false;
  if (type && listenerType(listener).toLowerCase() !== type.toLowerCase()) return false;
  return true;
}

/** The table of `proxy-config listeners`; istioctl PrintListenerSummary. `withNames` puts the listener's name first, as `all` does. */
export function formatListeners(
  listeners: readonly Listener[],
  options: {
    readonly filter: ListenerChoice;
    readonly verbose: boolean;
    readonly withNames: boolean;
    readonly origins?: DescribeOrigin | undefined;
  },
): Printable {
  const shown = goSort(
    listeners.filter((listener) => selectsListener(options.filter, listener)),
    (a, b) => {
      const [portA, portB] = [socketPort(a), socketPort(b)];
      if (portA !== portB) return portA < portB;
      const [addressA, addressB] = [listenerAddress(a), listenerAddress(b)];
      if (addressA !== addressB) return addressA < addressB;
      return listenerType(a) < listenerType(b);
    },
  );
  const name = (listener: Listener): readonly string[] => (options.withNames ? [`listener/${listener.name ?? ''}`] : []);
  const where = (listener: Listener): readonly string[] => [
    [listenerAddress(listener), ...additionalAddresses(listener)].join(','),
    String(socketPort(listener)),
  ];
  const rows = shown.flatMap((listener) => {
    if (!options.verbose) {
      const origin = originCell(options.origins, listener, ...chainsOf(listener));
      return [[...name(listener), ...where(listener), listenerType(listener), ...origin]];
    }
    const chains = goSort(
      chainsOf(listener).map((chain) => ({
        match: describeChainMatch(chain.filterChainMatch),
        to: describeFilters(chain.filters),
        origin: originCell(options.origins, chain, listener),
      })),
      (a, b) => a.to > b.to,
    );
    return chains.map(({ match, to, origin }) => [...name(listener), ...where(listener), match, to, ...origin]);
  });
  const head = [
    ...(options.withNames ? ['NAME'] : []),
    'ADDRESSES',
    'PORT',
    ...(options.verbose ? ['MATCH', 'DESTINATION'] : ['TYPE']),
    ...originHead(options.origins),
  ];
  return formatColumns([head, ...rows], 1);
}

/** HTTP, TCP, HTTP+TCP or UNKNOWN. */
export function listenerType(listener: Listener): string {
  const filters = chainsOf(listener).flatMap(({ filters }) => filters ?? []);
  const http = filters.some(({ name }) => name === HTTP_FILTER);
  const tcp = filters.some((filter) => filter.name === TCP_FILTER && !mentionsBlackHole(filter));
  if (http) return tcp ? 'HTTP+TCP' : 'HTTP';
  return tcp ? 'TCP' : 'UNKNOWN';
}

function mentionsBlackHole(filter: NetworkFilter): boolean {
  return JSON.stringify(filter.typedConfig ?? {}).includes(BLACK_HOLE);
}

/** The IP or socket path that a listener is bound to. */
export function listenerAddress(listener: Listener): string {
  return listener.address?.socketAddress?.address ?? listener.address?.pipe?.path ?? '';
}

/** The port of a listener; 0 where it has none. */
export function socketPort(listener: Listener): number {
  return listener.address?.socketAddress?.portValue ?? 0;
}

function additionalAddresses(listener: Listener): readonly string[] {
  return (listener.additionalAddresses ?? []).map(({ address }) => address?.socketAddress?.address ?? '');
}

function addressesOf(listener: Listener): readonly string[] {
  return [...additionalAddresses(listener), listenerAddress(listener)];
}

/** The conditions of a filter chain as the table shows them. */
export function describeChainMatch(match: FilterChainMatch = {}): string {
  const parts: string[] = [];
  if (match.serverNames?.length) parts.push(`SNI: ${match.serverNames.join(',')}`);
  if (match.transportProtocol) parts.push(`Trans: ${match.transportProtocol}`);
  const protocols = match.applicationProtocols?.join(',');
  if (protocols) {
    const group = protocolGroups.find(([, members]) => members.join(',') === protocols);
    parts.push(group?.[0] ?? `App: ${protocols}`);
  }
  const port = match.destinationPort === undefined ? '' : `:${match.destinationPort}`;
  if (match.prefixRanges?.length) {
    const ranges = match.prefixRanges.map(({ addressPrefix, prefixLen }) => `${addressPrefix ?? ''}/${prefixLen ?? 0}`);
    parts.push(`Addr: ${ranges.join(',')}${port}`);
  } else if (port !== '') {
    parts.push(`Addr: *${port}`);
  }
  return parts.length === 0 ? 'ALL' : parts.join('; ');
}

/** Where a chain sends its connections. */
export function describeFilters(filters: readonly NetworkFilter[] = []): string {
  for (const filter of filters) {
    if (filter.name === HTTP_FILTER) {
      // istioctl decides by the filter's name and reads whatever type it has as this message.
      const manager = (filter.typedConfig ?? {}) as Partial<HttpConnectionManager>;
      if (manager.routeConfig) return describeRouteConfiguration(manager.routeConfig);
      return manager.rds?.routeConfigName ? `Route: ${manager.rds.routeConfigName}` : 'HTTP';
    }
    if (filter.name === TCP_FILTER && !mentionsBlackHole(filter)) {
      const proxy = (filter.typedConfig ?? {}) as Partial<TcpProxy>;
      return describeCluster(proxy.cluster ?? '');
    }
  }
  return 'Non-HTTP/Non-TCP';
}

function describeCluster(name: string): string {
  return name.includes('Cluster') ? name : `Cluster: ${name}`;
}

function describeRouteConfiguration(configuration: RouteConfiguration): string {
  const virtualHosts = configuration.virtualHosts ?? [];
  const all = clusterForAll(virtualHosts);
  if (all !== undefined && all !== '') return describeCluster(all);
  const parts = virtualHosts.map((virtualHost) => {
    const domains = virtualHost.domains ?? [];
    const routes = (virtualHost.routes ?? []).map(({ match }) => describeRouteMatch(match)).join(', ');
    const named = domains.length === 1 && domains[0] === '*' ? '' : domains.join('/');
    return named === '' ? routes : `${named} ${routes}`;
  });
  return `Inline Route: ${parts.join('; ')}`;
}

/** The cluster of a configuration that sends everything to one. */
function clusterForAll(virtualHosts: readonly VirtualHost[]): string | undefined {
  const [virtualHost, ...others] = virtualHosts;
  if (virtualHost === undefined || others.length > 0) return undefined;
  if (virtualHost.domains?.length !== 1 || virtualHost.domains[0] !== '*') return undefined;
  const [route, ...more] = virtualHost.routes ?? [];
  if (route === undefined || more.length > 0 || route.match?.prefix !== '/') return undefined;
  return route.route?.cluster;
}

/** The path condition of a route as the tables show it; as istioctl describeMatch. */
export function describeRouteMatch(match: RouteMatch = {}): string {
  const { prefix, pathSeparatedPrefix, path, safeRegex, ...others } = match;
  // All other conditions are left out.
  const { headers, queryParameters, cookies, grpc, tlsContext, dynamicMetadata, filterState, runtimeFraction, ...ofPath } =
    others;
  const { pathMatchPolicy, connectMatcher, caseSensitive, ...rest } = ofPath;
  nothingElse(rest);
  const parts: string[] = [];
  if (prefix) parts.push(`${prefix}*`);
  if (pathSeparatedPrefix) parts.push(`PathPrefix:${pathSeparatedPrefix}`);
  if (path) parts.push(path);
  if (safeRegex) parts.push(`regex ${safeRegex.regex ?? ''}`);
  return parts.join(' ');
}
