import type { DestinationRule, TrafficPolicyTunnelSettings } from '../../api/istio.gen.ts';
import type { AccessLog, HeaderValue, NetworkFilter, TcpProxy, TcpProxyTunnelingConfig } from '../../envoy/api.gen.ts';
import { canonicalDuration } from '../../util/duration.ts';
import { compact } from '../../util/object.ts';
import type { TcpTraits } from '../traits/traits.ts';

/** Where connections go and how; the rule is that of the (first) destination. */
export interface TcpProxyInput {
  readonly traits: TcpTraits;
  readonly statPrefix: string;
  /** One cluster, or several with their weights. */
  readonly clusters: string | readonly { readonly name: string; readonly weight: number }[];
  readonly destinationRule?: DestinationRule | undefined;
  /** Subset of the destination, empty for none and for weighted clusters. */
  readonly subset?: string;
  /** Whether the rule's tunnel settings are followed; all but AUTO_PASSTHROUGH gateways do. */
  readonly tunnel?: boolean;
}

/** A connection proxy; istio pilot/pkg/networking/core/networkfilter.go. */
export function tcpProxy(input: TcpProxyInput): NetworkFilter {
  const { traits, clusters, destinationRule, subset = '', tunnel = true } = input;
  const settings = destinationRule?.trafficPolicy?.connectionPool?.tcp;
  return tcpProxyFilter(
    compact({
      statPrefix: input.statPrefix,
      ...(typeof clusters === 'string' ? { cluster: clusters } : { weightedClusters: { clusters } }),
      idleTimeout: canonicalDuration(settings?.idleTimeout) ?? traits.idleTimeout,
      maxDownstreamConnectionDuration: canonicalDuration(settings?.maxConnectionDuration),
      hashPolicy: hashesSourceIp(destinationRule, subset) ? [{ sourceIp: {} }] : undefined,
      tunnelingConfig: tunnel ? tunnelingConfig(destinationRule, subset) : undefined,
      accessLog: traits.accessLog.length > 0 ? traits.accessLog : undefined,
    }),
  );
}

/** A connection proxy that sends everything to a built-in cluster and logs nothing. */
export function plainTcpProxy(cluster: string): NetworkFilter {
  return tcpProxyFilter({ statPrefix: cluster, cluster });
}

/** A connection proxy that sends everything to a built-in cluster. */
export function forwardingProxy(cluster: string, accessLog: readonly AccessLog[]): NetworkFilter {
  return tcpProxyFilter({ statPrefix: cluster, cluster, ...(accessLog.length > 0 && { accessLog }) });
}

/** What a proxy says of the client when it opens a tunnel, and learns about the peer from the answer. */
export const baggage: HeaderValue = { key: 'baggage', value: '%FILTER_STATE(io.istio.baggage:PLAIN)%' };

/** A connection proxy that leads everything through a tunnel (HBONE) to `hostname`, where `headers` tell something about it. */
export function tunnelProxy(
  cluster: string,
  hostname: string,
  accessLog: readonly AccessLog[],
  headers: readonly HeaderValue[],
): NetworkFilter {
  const headersToAdd = headers.map((header) => ({ appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD' as const, header }));
  return tcpProxyFilter({
    statPrefix: cluster,
    cluster,
    tunnelingConfig: {
      hostname,
      ...(headersToAdd.length > 0 && { headersToAdd }),
      ...(headers.includes(baggage) && { propagateResponseHeaders: true }),
    },
    ...(accessLog.length > 0 && { accessLog }),
  });
}

function tcpProxyFilter(config: TcpProxy): NetworkFilter {
  return {
    name: 'envoy.filters.network.tcp_proxy',
    typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', ...config },
  };
}

/**
 * Whether connections of one client address go to one endpoint. A subset with a load balancer of its own decides for itself.
 * As istio maybeSetHashPolicy.
 */
function hashesSourceIp(destinationRule: DestinationRule | undefined, subset: string): boolean {
  if (destinationRule === undefined) return false;
  const own = destinationRule.subsets?.find(({ name = '' }) => name === subset)?.trafficPolicy?.loadBalancer;
  const loadBalancer = own ?? destinationRule.trafficPolicy?.loadBalancer;
  return loadBalancer?.consistentHash?.useSourceIp === true;
}

/** The tunnel that a rule asks for; that of a subset is never inherited. As istio tunnelingconfig.Apply. */
function tunnelingConfig(destinationRule: DestinationRule | undefined, subset: string): TcpProxyTunnelingConfig | undefined {
  const policy =
    subset === '' ? destinationRule?.trafficPolicy : destinationRule?.subsets?.find(({ name }) => name === subset)?.trafficPolicy;
  const tunnel: TrafficPolicyTunnelSettings | undefined = policy?.tunnel;
  if (tunnel === undefined) return undefined;
  return compact({
    hostname: joinHostPort(tunnel.targetHost ?? '', tunnel.targetPort ?? 0),
    usePost: tunnel.protocol === 'POST' || undefined,
  });
}

/** As Go's net.JoinHostPort: IPv6 addresses get brackets. */
export function joinHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
