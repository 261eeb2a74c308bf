import { any } from '../../envoy/any.ts';
import type { HttpConnectionManager, HttpFilter, Listener, RouteConfiguration } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { HBONE_PORT } from '../../model/registry/networks.ts';
import type { SidecarView } from '../../scope/view.ts';
import { router } from '../http-filters/static.ts';
import { connectAuthority, downstreamPeer } from '../http-filters/tunnel.ts';
import { CONNECT_TERMINATE, MAIN_INTERNAL } from '../naming/names.ts';
import { ANY_ADDRESS, addressTraits } from '../naming/service-address.ts';
import type { AccessLogs } from '../telemetry/access-logs.ts';
import { workloadSecretsOf } from '../tls/inbound.ts';
import { tunnelTlsContext } from '../tls/tunnel.ts';
import type { ProxyTraits } from '../traits/proxy-traits.ts';
import type { HttpTraits } from '../traits/traits.ts';
import { takesTunnels } from '../traits/tunnels.ts';
import { buildAddress, cidrRange, otherWildcards } from './address.ts';
import { clientCertificateFields, headerFields, httpConnectionManagerFilter } from './http-connection-manager.ts';
import { buildChains, type InboundContext, passthroughPort } from './inbound-chains.ts';
import { inboundPorts } from './inbound-ports.ts';
import { inboundListenerFilters } from './inspectors.ts';
import { originalDestination } from './listener-filters.ts';

/**
 * The listeners of sidecars that take tunnels (HBONE), in ambient mode: where they end, and inside of the proxy one with the chains of
 * the workload. As istio core/listener_inbound.go buildInboundHBONEListeners.
 */
export function createTunnelListeners(
  mesh: Mesh,
  traits: ProxyTraits,
): (view: SidecarView, inbound: InboundContext) => readonly Listener[] {
  return (view, inbound) => {
    if (!takesTunnels(mesh, view.proxy)) return [];
    const accessLogs = traits.telemetry.accessLogs(view, 'inbound');
    return [connectTerminate(mesh, view, inbound.http, accessLogs), mainInternal(mesh, traits, view, inbound, accessLogs)];
  };
}

/** As istio core/listener_waypoint.go buildConnectTerminateListener. */
function connectTerminate(mesh: Mesh, { proxy }: SidecarView, http: HttpTraits, logs: AccessLogs): Listener {
  const otherAddresses = otherWildcards(addressTraits(proxy, mesh.release.behaviours), HBONE_PORT);
  const tls = { commonTlsContext: tunnelTlsContext(mesh, workloadSecretsOf(proxy)), requireClientCertificate: true };
  return {
    name: CONNECT_TERMINATE,
    address: buildAddress(ANY_ADDRESS, HBONE_PORT),
    ...(otherAddresses && { additionalAddresses: otherAddresses }),
    filterChains: [
      {
        name: 'default',
        transportSocket: {
          name: 'tls',
          typedConfig: any('type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', tls),
        },
        filters: [httpConnectionManagerFilter(tunnelManager(http, logs))],
      },
    ],
    // Tunnels are few and live long: they have to be spread evenly.
    connectionBalanceConfig: { exactBalance: {} },
    ...(logs.listener.length > 0 && { accessLog: logs.listener }),
  };
}

/** Every CONNECT goes to the listener inside of the proxy. */
const routeConfig: RouteConfiguration = {
  name: 'default',
  virtualHosts: [
    {
      name: 'default',
      domains: ['*'],
      routes: [
        {
          match: { connectMatcher: {} },
          route: { cluster: MAIN_INTERNAL, upgradeConfigs: [{ upgradeType: 'CONNECT', connectConfig: {} }] },
        },
      ],
    },
  ],
};

/** As istio core/listener_waypoint.go buildHCMConnectTerminateChain. */
function tunnelManager(http: HttpTraits, { tunnelEnd }: AccessLogs): HttpConnectionManager {
  const httpFilters: readonly HttpFilter[] = [downstreamPeer, connectAuthority, router(http.headers.suppressEnvoyHeaders)];
  return {
    statPrefix: CONNECT_TERMINATE,
    routeConfig,
    ...headerFields(http),
    ...clientCertificateFields(http),
    setCurrentClientCertDetails: { subject: true, uri: true, dns: true },
    useRemoteAddress: false,
    ...(tunnelEnd.length > 0 && { accessLog: tunnelEnd }),
    streamIdleTimeout: '0s',
    upgradeConfigs: [{ upgradeType: 'CONNECT' }],
    http2ProtocolOptions: {
      allowConnect: true,
      maxConcurrentStreams: 100,
      connectionKeepalive: { interval: '10s', timeout: '20s' },
    },
    httpFilters,
  };
}

/** The chains of the workload for what came through a tunnel, to its own addresses only; mutual TLS was the tunnel's. */
function mainInternal(
  mesh: Mesh,
  traits: ProxyTraits,
  view: SidecarView,
  inbound: InboundContext,
  { listener: accessLog }: AccessLogs,
): Listener {
  const tunnelledTo = view.proxy.ips.map(cidrRange).filter((range) => range !== undefined);
  const context: InboundContext = { ...inbound, ...traits.tunnelled(view), tunnelledTo };
  const ports = [...inboundPorts(mesh, view), passthroughPort(0)];
  const filterChains = ports.flatMap((port) => buildChains(context, port, 'DISABLE'));
  return {
    name: MAIN_INTERNAL,
    internalListener: {},
    trafficDirection: 'INBOUND',
    continueOnListenerFiltersTimeout: true,
    filterChains,
    ...(accessLog.length > 0 && { accessLog }),
    listenerFilters: [originalDestination, ...inboundListenerFilters(filterChains, true, view.proxy.interceptionMode)],
  };
}
