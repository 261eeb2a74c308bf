import type { MeshConfig } from '../../api/istio.gen.ts';
import type { AccessLog, FilterChain, Listener, NetworkFilter } from '../../envoy/api.gen.ts';
import type { InterceptionMode } from '../../model/proxies/proxy.ts';
import type { SharedScope } from '../../scope/view.ts';
import { BLACK_HOLE_CLUSTER, PASSTHROUGH_CLUSTER } from '../naming/names.ts';
import { type AddressTraits, ANY_ADDRESS, anyAddress } from '../naming/service-address.ts';
import { plainTcpProxy, tcpProxy } from '../network-filters/tcp-proxy.ts';
import { ALLOW_ANY_DYNAMIC, catchAllVirtualHost } from '../routes/catch-all.ts';
import { destinationCluster } from '../routes/destination.ts';
import { MAX_DIRECT_RESPONSE_BODY_SIZE } from '../routes/routes.ts';
import type { HttpTraits, TcpTraits } from '../traits/traits.ts';
import { acceptLimit } from './accept-limit.ts';
import { additionalAddresses, buildAddress, otherWildcards } from './address.ts';
import { plainHttpProtocols } from './filter-chain.ts';
import { buildHttpConnectionManager, headerFields, httpConnectionManagerFilter } from './http-connection-manager.ts';
import { httpInspector } from './listener-filters.ts';
import { virtualListenerPorts } from './ports.ts';

/**
 * Where connections go that nothing is known of: on to where they wanted, to the egress proxy of the Sidecar, or nowhere.
 * As istio pilot/pkg/networking/core/listener_builder.go buildOutboundCatchAllNetworkFiltersOnly.
 */
export function catchAllCluster({ outboundTrafficPolicy, resolvesUnknownHosts }: SharedScope): string {
  if (resolvesUnknownHosts) return PASSTHROUGH_CLUSTER;
  if (outboundTrafficPolicy?.mode !== 'ALLOW_ANY') return BLACK_HOLE_CLUSTER;
  const { egressProxy } = outboundTrafficPolicy;
  return egressProxy === undefined ? PASSTHROUGH_CLUSTER : destinationCluster(egressProxy, undefined, 0);
}

/** The filters for connections that nothing is known of. */
export function catchAllFilters(traits: TcpTraits, cluster: string): NetworkFilter[] {
  return [...traits.stats, tcpProxy({ traits, statPrefix: cluster, clusters: cluster })];
}

/**
 * The listener to which iptables redirects what leaves the workload. It hands connections to the listener of their original
 * destination, and keeps those that have none. Undefined without redirection (interception mode NONE).
 * As istio listener_builder.go buildVirtualOutboundListener.
 */
export function buildVirtualOutbound(
  config: MeshConfig,
  interceptionMode: InterceptionMode,
  cluster: string,
  { tcp: traits, addresses }: { readonly tcp: TcpTraits; readonly addresses: AddressTraits },
  accessLog: readonly AccessLog[],
  forwarding?: FilterChain,
): Listener | undefined {
  if (interceptionMode === 'NONE') return undefined;
  const [port] = virtualListenerPorts(config);
  return {
    name: 'virtualOutbound',
    address: buildAddress(anyAddress(addresses), port),
    ...additionalAddresses(otherAddresses(addresses, traits.behaviours), port),
    ...(interceptionMode === 'TPROXY' && { transparent: true }),
    useOriginalDst: true,
    filterChains: [
      {
        // Connections to the port itself were not redirected: passing them on would be a loop.
        name: 'virtualOutbound-blackhole',
        filterChainMatch: { destinationPort: port },
        filters: [...traits.stats, plainTcpProxy(BLACK_HOLE_CLUSTER)],
      },
      ...(forwarding === undefined ? [] : [forwarding]),
      { name: 'virtualOutbound-catchall-tcp', filters: catchAllFilters(traits, cluster) },
    ],
    trafficDirection: 'OUTBOUND',
    ...(forwarding !== undefined && { listenerFilters: [httpInspector] }),
    ...(accessLog.length > 0 && { accessLog }),
    ...acceptLimit(traits.behaviours),
  };
}

/** A pod with IPv6 alone can have an IPv4 address of its node's own, from which it reaches IPv4 through NAT. */
function otherAddresses(
  addresses: AddressTraits,
  { enableIpv4OutboundListenerForIpv6Clusters }: TcpTraits['behaviours'],
): readonly string[] {
  return enableIpv4OutboundListenerForIpv6Clusters && !addresses.ipv4 ? [ANY_ADDRESS] : otherWildcards(addresses);
}

/**
 * The chain for plain HTTP to hosts that nothing is known of, which are resolved request by request.
 * As istio listener_builder.go buildAllowAnyDynamicDNSHTTPFilterChain.
 */
export function buildForwardingChain(config: MeshConfig, scope: SharedScope, traits: HttpTraits): FilterChain | undefined {
  if (!scope.resolvesUnknownHosts) return undefined;
  const manager = buildHttpConnectionManager(config, {
    traits,
    statPrefix: `outbound_virtualOutbound_${ALLOW_ANY_DYNAMIC}`,
    routes: {
      config: {
        name: ALLOW_ANY_DYNAMIC,
        virtualHosts: [catchAllVirtualHost(scope, traits.headers)],
        validateClusters: false,
        maxDirectResponseBodySizeBytes: MAX_DIRECT_RESPONSE_BODY_SIZE,
        ignorePortInHostMatching: true,
      },
    },
    protocol: 'HTTP',
    port: 0,
    useRemoteAddress: traits.behaviours.sidecarUseRemoteAddress,
    fields: headerFields(traits),
  });
  return {
    name: 'virtualOutbound-catchall-tcp-http',
    filterChainMatch: { applicationProtocols: plainHttpProtocols(traits.behaviours) },
    filters: [httpConnectionManagerFilter(manager)],
  };
}
