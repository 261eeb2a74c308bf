import type {
  Cluster,
  FilterChain,
  HttpFilter,
  Listener,
  ListenerFilter,
  NetworkFilter,
  Route,
  RouteConfiguration,
  VirtualHost,
} from '../envoy/api.gen.ts';
import type { PatchSite } from '../envoy/emitted.ts';
import type { EnvoyPatch } from '../model/extensions/envoy-filters.ts';

/** What patches call the part of a proxy that a resource belongs to. */
export type PatchContext = PatchSite['context'];

/** The ports of a gateway's services that lead to each of its own ports; what `portNumber` means for its routes. */
export type GatewayPorts = ReadonlyMap<number, ReadonlySet<number>>;

const VIRTUAL_LISTENERS = ['virtualInbound', 'virtualOutbound'];

/** Whether the patch is for resources of the context. */
export function matchesContext(patch: EnvoyPatch, context: PatchContext): boolean {
  return patch.context === context || patch.context === 'ANY';
}

/**
 * Whether an object that a patch adds, to no other one, belongs in the context: those for any context are not added among inbound
 * resources too.
 */
export function addsInContext(patch: EnvoyPatch, context: PatchContext): boolean {
  return patch.context === context || (patch.context === 'ANY' && context !== 'SIDECAR_INBOUND');
}

/**
 * Whether the patch is for the listener, or for things in it. The virtual listeners serve all ports, so there only the filter
 * chain is asked for its port. As istio envoyfilter/listener_patch.go listenerMatch; the functions below are its neighbours.
 */
export function matchesListener(patch: EnvoyPatch, listener: Listener): boolean {
  const match = patch.match.listener;
  if (match === undefined) return true;
  if (isNamed(match.name) && match.name !== listener.name) return false;
  if (patch.applyTo !== 'LISTENER' && VIRTUAL_LISTENERS.includes(listener.name)) return true;
  const port = match.portNumber ?? 0;
  if (port === 0) return true;
  const address = listener.address?.socketAddress;
  return address !== undefined && (address.portValue ?? 0) === port;
}

/** Whether the patch, known to be for the listener, is for the filter chain or things in it. */
export function matchesFilterChain(patch: EnvoyPatch, listener: Listener, chain: FilterChain): boolean {
  const match = patch.match.listener;
  if (match === undefined) return true;
  const criteria = chain.filterChainMatch;
  const port = match.portNumber ?? 0;
  if (VIRTUAL_LISTENERS.includes(listener.name) && port > 0 && (criteria?.destinationPort ?? 0) !== port) return false;
  const wanted = match.filterChain;
  if (wanted === undefined) return true;
  if (isNamed(wanted.name) && wanted.name !== chain.name) return false;
  if (isNamed(wanted.sni) && !criteria?.serverNames?.includes(wanted.sni)) return false;
  if (isNamed(wanted.transportProtocol) && wanted.transportProtocol !== criteria?.transportProtocol) return false;
  if (isNamed(wanted.applicationProtocols)) {
    const offered = criteria?.applicationProtocols ?? [];
    if (!wanted.applicationProtocols.split(',').every((protocol) => offered.includes(protocol))) return false;
  }
  return (wanted.destinationPort ?? 0) === 0 || wanted.destinationPort === criteria?.destinationPort;
}

/** Whether the patch names a listener filter. */
export function namesListenerFilter(patch: EnvoyPatch): boolean {
  return isNamed(patch.match.listener?.listenerFilter);
}

/** Whether the patch is for the listener filter. */
export function matchesListenerFilter(patch: EnvoyPatch, filter: ListenerFilter): boolean {
  return !namesListenerFilter(patch) || patch.match.listener?.listenerFilter === filter.name;
}

/** Whether the patch names a network filter. */
export function namesNetworkFilter(patch: EnvoyPatch): boolean {
  return patch.match.listener?.filterChain?.filter !== undefined;
}

/** Whether the patch is for the network filter or things in it. */
export function matchesNetworkFilter(patch: EnvoyPatch, filter: NetworkFilter): boolean {
  const wanted = patch.match.listener?.filterChain?.filter;
  return wanted === undefined || (wanted.name ?? '') === filter.name;
}

/** Whether the patch names an HTTP filter. */
export function namesHttpFilter(patch: EnvoyPatch): boolean {
  return patch.match.listener?.filterChain?.filter?.subFilter !== undefined;
}

/** Whether the patch is for the HTTP filter. */
export function matchesHttpFilter(patch: EnvoyPatch, filter: HttpFilter): boolean {
  const wanted = patch.match.listener?.filterChain?.filter?.subFilter;
  return wanted === undefined || (wanted.name ?? '') === filter.name;
}

/**
 * Whether the patch is for the route configuration or things in it. Those of sidecars have their port for a name; those of
 * gateways are named after port, port name and gateway, or after the port alone.
 * As istio envoyfilter/rc_patch.go routeConfigurationMatch.
 */
export function matchesRouteConfiguration(
  patch: EnvoyPatch,
  routes: RouteConfiguration,
  context: PatchContext,
  gatewayPorts: GatewayPorts | undefined,
): boolean {
  const match = patch.match.routeConfiguration;
  if (match === undefined) return true;
  if (isNamed(match.name) && match.name !== routes.name) return false;
  const port = match.portNumber ?? 0;
  if (context !== 'GATEWAY') return port === 0 || port === portOfRoutes(routes.name);
  const name = parseGatewayRoutesName(routes.name);
  if (isNamed(match.portName) && match.portName !== name.portName) return false;
  if (isNamed(match.gateway) && match.gateway !== name.gateway) return false;
  if (port === 0) return true;
  return gatewayPorts?.get(name.port)?.has(port) ?? name.port === port;
}

/** Whether the patch is for the virtual host or things in it. */
export function matchesVirtualHost(patch: EnvoyPatch, virtualHost: VirtualHost): boolean {
  const wanted = patch.match.routeConfiguration?.vhost;
  if (wanted === undefined) return true;
  if (isNamed(wanted.name) && wanted.name !== virtualHost.name) return false;
  return !isNamed(wanted.domainName) || (virtualHost.domains ?? []).includes(wanted.domainName);
}

/** Whether the patch names a route. */
export function namesRoute(patch: EnvoyPatch): boolean {
  return patch.match.routeConfiguration?.vhost?.route !== undefined;
}

/** Whether the patch is for the route; undefined stands for one that another patch removed. */
export function matchesRoute(patch: EnvoyPatch, route: Route | undefined): boolean {
  const wanted = patch.match.routeConfiguration?.vhost?.route;
  if (wanted === undefined) return true;
  if (route === undefined) return false;
  if (isNamed(wanted.name) && wanted.name !== route.name) return false;
  const action = wanted.action ?? 'ANY';
  if (action === 'ANY') return true;
  if (route.route !== undefined) return action === 'ROUTE';
  if (route.redirect !== undefined) return action === 'REDIRECT';
  if (route.directResponse !== undefined) return action === 'DIRECT_RESPONSE';
  return true;
}

/** Whether the patch is for the cluster; `hosts` are those of the services behind an inbound one. As istio clusterMatch. */
export function matchesCluster(patch: EnvoyPatch, cluster: Cluster, hosts: readonly string[]): boolean {
  const match = patch.match.cluster;
  if (match === undefined) return true;
  if (isNamed(match.name)) return match.name === cluster.name;
  const { direction, port, subset, hostname } = partsOfClusterName(cluster.name ?? '');
  if (isNamed(match.subset) && match.subset !== subset) return false;
  const names = direction === 'inbound' && hosts.length > 0 ? hosts : [hostname];
  if (isNamed(match.service) && !names.includes(match.service)) return false;
  return (match.portNumber ?? 0) === 0 || match.portNumber === port;
}

function isNamed(name: string | undefined): name is string {
  return name !== undefined && name !== '';
}

function portOfRoutes(name: string): number {
  return name.startsWith('inbound') ? partsOfClusterName(name).port : parsePort(name);
}

/** A number as Go's strconv.Atoi reads it, 0 where it is none. */
function parsePort(text: string): number {
  return /^[-+]?\d+$/.test(text) ? Number(text) : 0;
}

/** The parts of `outbound|80|v1|host`, or of `outbound_.80_.v1_.host`. As istio pilot/pkg/model/service.go ParseSubsetKey. */
export function partsOfClusterName(name: string): { direction: string; port: number; subset: string; hostname: string } {
  const parts = name.split(/^(?:outbound|inbound)_\./.test(name) ? '_.' : '|');
  const [direction = '', port = '', subset = '', hostname = ''] = parts;
  return {
    direction: parts.length > 1 ? direction : '',
    port: parts.length > 2 ? parsePort(port) : 0,
    subset: parts.length > 3 ? subset : '',
    hostname: parts.length === 4 ? hostname : '',
  };
}

/** The parts of `http.8080` and `https.443.port-name.gateway.namespace`. As istio model/gateway.go ParseGatewayRDSRouteName. */
function parseGatewayRoutesName(name: string): { port: number; portName: string; gateway: string } {
  if (name.startsWith('http.')) return { port: parsePort(name.slice('http.'.length)), portName: '', gateway: '' };
  const [scheme, port = '', portName = '', gateway = '', namespace = '', ...more] = name.split('.');
  if (scheme !== 'https' || namespace === '' || more.length > 0) return { port: 0, portName: '', gateway: '' };
  return { port: parsePort(port), portName, gateway: `${namespace}/${gateway}` };
}
