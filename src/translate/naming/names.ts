/** Names that istiod gives to clusters and listeners. */

export type Direction = 'outbound' | 'inbound' | 'inbound-vip';

/** `outbound|80|v1|reviews.default.svc.cluster.local`: istio model.BuildSubsetKey. */
export function subsetKey(direction: Direction, subset: string, hostname: string, port: number): string {
  return `${direction}|${port}|${subset}|${hostname}`;
}

/** What a waypoint takes the traffic of a port for. */
export type VipProtocol = 'http' | 'tcp';

/** `inbound-vip|80|http/v1|reviews.default.svc.cluster.local`: cluster of a service behind a waypoint, and what leads there. */
export function vipKey(protocol: VipProtocol, subset: string, hostname: string, port: number): string {
  return subsetKey('inbound-vip', subset === '' ? protocol : `${protocol}/${subset}`, hostname, port);
}

/** `outbound_.80_.v1_.reviews...`: the name that AUTO_PASSTHROUGH gateways match as SNI; istio model.BuildDNSSrvSubsetKey. */
export function dnsSrvSubsetKey(direction: Direction, subset: string, hostname: string, port: number): string {
  return `${direction}_.${port}_.${subset}_.${hostname}`;
}

/** The parts of a subset key in either form; undefined for names of other forms. */
export function parseSubsetKey(name: string): { direction: string; subset: string; hostname: string; port: number } | undefined {
  const parts = name.startsWith('outbound_.') || name.startsWith('inbound_.') ? name.split('_.') : name.split('|');
  if (parts.length < 4) return undefined;
  const [direction = '', port = '', subset = '', ...rest] = parts;
  return { direction, subset, hostname: rest.join('|'), port: Number(port) };
}

/** Name of the DNS cache of a wildcard DYNAMIC_DNS service; istio model.BuildDNSCacheName. */
export function dnsCacheName(hostname: string): string {
  return `${hostname}_dfp_dns_cache`;
}

/** Cluster that drops what it gets. */
export const BLACK_HOLE_CLUSTER = 'BlackHoleCluster';
/** Cluster that resolves hosts which nothing is known of. */
export const DYNAMIC_CLUSTER = 'AllowAnyDynamicDNSCluster';
/** Cluster that sends on to the original destination, outbound. */
export const PASSTHROUGH_CLUSTER = 'PassthroughCluster';
/** Cluster that sends on to the original destination, inbound. */
export const INBOUND_PASSTHROUGH_CLUSTER = 'InboundPassthroughCluster';
/** Listener and cluster that lead connections through a tunnel (HBONE) to where they are for. */
export const CONNECT_ORIGINATE = 'connect_originate';
/** Listeners and clusters that lead connections to other networks: into a tunnel, and that one into another. */
export const INNER_CONNECT_ORIGINATE = 'inner_connect_originate';
export const OUTER_CONNECT_ORIGINATE = 'outer_connect_originate';
/** Listener and cluster by which a gateway between networks hands on what it finds in a tunnel, which is another tunnel. */
export const FORWARD_INNER_CONNECT = 'forward_inner_connect';
/** Cluster towards the listener that leads connections into tunnels. */
export const ENCAP = 'encap';
/** Listener at which tunnels end. */
export const CONNECT_TERMINATE = 'connect_terminate';
/** Listener, and the cluster towards it, of connections that came through a tunnel. */
export const MAIN_INTERNAL = 'main_internal';
/** Where endpoints say what the connection is for, behind the tunnel; istio util.OriginalDstMetadataKey. */
export const ORIGINAL_DESTINATION = 'envoy.filters.listener.original_dst';
