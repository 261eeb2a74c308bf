import { any } from '../../envoy/any.ts';
import type { HttpConnectionManager, HttpFilter, Listener, RouteConfiguration } from '../../envoy/api.gen.ts';
import type { Emitted, PatchSite } from '../../envoy/emitted.ts';
import { standsBetweenNetworks } from '../../model/ambient/waypoints.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { HBONE_PORT } from '../../model/registry/networks.ts';
import { router } from '../http-filters/static.ts';
import { connectAuthority, downstreamPeer, requestSource } from '../http-filters/tunnel.ts';
import { CONNECT_TERMINATE, MAIN_INTERNAL } from '../naming/names.ts';
import { addressTraits } from '../naming/service-address.ts';
import type { AccessLogs } from '../telemetry/access-logs.ts';
import { workloadSecretsOf } from '../tls/inbound.ts';
import { tunnelTlsContext } from '../tls/tunnel.ts';
import type { HttpTraits } from '../traits/traits.ts';
import { additionalAddresses, buildAddress, wildcards } from './address.ts';
import { clientCertificateFields, headerFields, httpConnectionManagerFilter } from './http-connection-manager.ts';

/** What the end of tunnels depends on, beside the proxy. */
export interface TunnelEndTraits {
  readonly http: HttpTraits;
  /** Policies that hold before anything behind the tunnel does. */
  readonly authorization: readonly HttpFilter[];
  readonly logs: AccessLogs;
}

/** The listener where tunnels (HBONE) end; as istio core/listener_waypoint.go buildConnectTerminateListener. */
export function buildConnectTerminate(mesh: Mesh, { http, authorization, logs }: TunnelEndTraits, proxy: Proxy): Listener {
  const [anywhere, ...others] = wildcards(addressTraits(proxy, mesh.release.behaviours));
  const tls = { commonTlsContext: tunnelTlsContext(mesh, workloadSecretsOf(proxy)), requireClientCertificate: true };
  return {
    name: CONNECT_TERMINATE,
    address: buildAddress(anywhere, HBONE_PORT),
    ...additionalAddresses(others, HBONE_PORT),
    filterChains: [
      {
        name: 'default',
        transportSocket: {
          name: 'tls',
          typedConfig: any('type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', tls),
        },
        filters: [httpConnectionManagerFilter(tunnelManager(proxy, http, authorization, logs))],
      },
    ],
    // Tunnels are few and live long: they have to be spread evenly.
    connectionBalanceConfig: { exactBalance: {} },
    ...(logs.listener.length > 0 && { accessLog: logs.listener }),
  };
}

const ROUTES = 'default';

const inboundSite: PatchSite = { context: 'SIDECAR_INBOUND' };
const tunnelEndSite: PatchSite = { ...inboundSite, fixedRoutes: new Set([ROUTES]) };

/** What patches reach of an inbound listener: all of it, but not the routes of the end of tunnels. */
export function emitInbound(value: Listener): Emitted<Listener> {
  return { value, site: value.name === CONNECT_TERMINATE ? tunnelEndSite : inboundSite };
}

/** Every CONNECT goes to the listener inside of the proxy. */
const routeConfig: RouteConfiguration = {
  name: ROUTES,
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
function tunnelManager(
  proxy: Proxy,
  http: HttpTraits,
  authorization: readonly HttpFilter[],
  { tunnelEnd }: AccessLogs,
): HttpConnectionManager {
  const httpFilters: readonly HttpFilter[] = [
    ...authorization,
    downstreamPeer(http.behaviours),
    connectAuthority,
    ...(standsBetweenNetworks(proxy) ? [requestSource] : []),
    router(http.headers.suppressEnvoyHeaders),
  ];
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
