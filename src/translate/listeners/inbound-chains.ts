import type { MeshConfig, ServerTLSSettings } from '../../api/istio.gen.ts';
import type {
  CidrRange,
  FilterChain,
  FilterChainMatch,
  NetworkFilter,
  RouteConfiguration,
  TransportSocket,
} from '../../envoy/api.gen.ts';
import { isHttp2 } from '../../model/protocol.ts';
import type { MutualTlsMode } from '../../model/security/peer-authentication.ts';
import { withOrigin } from '../../util/origin.ts';
import { INBOUND_PASSTHROUGH_CLUSTER } from '../naming/names.ts';
import { buildStatName } from '../naming/stat-names.ts';
import {
  buildNetworkFilters,
  EXTENSION_PHASES,
  networkExtensions,
  tcpMetadataExchange,
} from '../network-filters/network-filters.ts';
import { tcpProxy } from '../network-filters/tcp-proxy.ts';
import { buildDefaultHttpInboundRoute, traceOperation } from '../routes/default-route.ts';
import type { InboundTlsSockets } from '../tls/inbound.ts';
import type { HttpTraits, TcpTraits } from '../traits/traits.ts';
import { listenerName } from './address.ts';
import {
  buildHttpConnectionManager,
  clientCertificateFields,
  headerFields,
  httpConnectionManagerFilter,
} from './http-connection-manager.ts';
import { type InboundMatch, inboundMatches, ownTlsMatches } from './inbound-matches.ts';
import type { InboundPort } from './inbound-ports.ts';

/** What the inbound chains of a workload depend on, beside their port. */
export interface InboundContext {
  readonly config: MeshConfig;
  readonly http: HttpTraits;
  readonly tcp: TcpTraits;
  readonly tls: InboundTlsSockets;
  /** Addresses of the workload, where the chains are for what came through a tunnel; undefined for all others. */
  readonly tunnelledTo?: readonly CidrRange[];
  /** The socket that terminates the TLS of a Sidecar's ingress listener. */
  readonly ownTls: (settings: ServerTLSSettings) => TransportSocket;
}

/** The chains of one port; istio inboundChainForOpts. */
export function buildChains(context: InboundContext, port: InboundPort, mode: MutualTlsMode): FilterChain[] {
  // A port that demands mutual TLS of the mesh has no place for another one.
  const { tunnelledTo } = context;
  const own = mode === 'DISABLE' && port.tls !== undefined && tunnelledTo === undefined ? context.ownTls(port.tls) : undefined;
  const matches = own === undefined ? inboundMatches(mode, port.protocol, context.tcp.behaviours) : ownTlsMatches(port.protocol);
  const filters = {
    http: matches.some(({ content }) => content === 'http') ? httpFilters(context, port) : [],
    tcp: matches.some(({ content }) => content === 'tcp') ? tcpFilters(context, port) : [],
  };
  return matches.map((match) =>
    withOrigin<FilterChain>(
      {
        name: chainName(port, match.content),
        filterChainMatch: buildMatch(match, port.targetPort, tunnelledTo),
        filters: filters[match.content],
        ...(match.terminatesTls && { transportSocket: own ?? context.tls[match.content] }),
        ...(port.metadata && { metadata: port.metadata }),
      },
      port.origin?.resource,
      port.origin?.path,
    ),
  );
}

/** Behind a tunnel there is no TLS to tell, but any address; istio sanitizeFilterChainForHBONE. */
function buildMatch(
  { applicationProtocols, transportProtocol }: InboundMatch,
  targetPort: number,
  prefixRanges: InboundContext['tunnelledTo'],
): FilterChainMatch {
  return {
    ...(targetPort > 0 && { destinationPort: targetPort }),
    ...(applicationProtocols && { applicationProtocols }),
    ...(prefixRanges === undefined ? { transportProtocol } : { prefixRanges }),
  };
}

/** istio inboundChainConfig.Name. */
export function chainName(port: InboundPort, content: 'http' | 'tcp'): string {
  if (!port.isPassthrough) return listenerName(port.bind, port.targetPort);
  return content === 'http' ? 'virtualInbound-catchall-http' : 'virtualInbound';
}

/** istio buildInboundNetworkFiltersForHTTP and buildSidecarInboundHTTPOpts. */
function httpFilters({ config, http, tcp, tunnelledTo }: InboundContext, port: InboundPort): NetworkFilter[] {
  // Who is at the other end of a tunnel is known from its own end.
  const exchangesMetadata = tunnelledTo === undefined || port.isPassthrough;
  const manager = buildHttpConnectionManager(config, {
    traits: http,
    statPrefix: port.isPassthrough ? port.cluster : `inbound_${chainName(port, 'http')}`,
    routes: { config: inboundRoutes(port) },
    protocol: port.protocol,
    port: port.targetPort,
    exchangesMetadata,
    fields: {
      ...headerFields(http),
      ...clientCertificateFields(http),
      ...(isHttp2(port.protocol) && { http2ProtocolOptions: {} }),
    },
  });
  const extensions = networkExtensions(tcp, port.targetPort, EXTENSION_PHASES);
  return [...(exchangesMetadata ? tcpMetadataExchange(tcp.behaviours) : []), ...extensions, httpConnectionManagerFilter(manager)];
}

/** The routes of an inbound port, which are written into its chains; istio httproute.go buildSidecarInboundHTTPRouteConfig. */
function inboundRoutes({ cluster, servicePort, hostname, protocol, origin }: InboundPort): RouteConfiguration {
  const route = buildDefaultHttpInboundRoute(cluster, traceOperation(hostname, servicePort), protocol);
  const virtualHost = { name: `inbound|http|${servicePort}`, domains: ['*'], routes: [route] };
  return {
    name: cluster,
    virtualHosts: [withOrigin(virtualHost, origin?.resource, origin?.path)],
    validateClusters: false,
  };
}

/** istio buildInboundNetworkFilters. */
function tcpFilters({ config, tcp }: InboundContext, port: InboundPort): NetworkFilter[] {
  const pattern = config.inboundClusterStatName;
  const statPrefix = pattern
    ? buildStatName(pattern, {
        hostname: port.hostname,
        subset: '',
        port: port.servicePort,
        portName: port.portName,
        kubernetes: port.kubernetes,
      })
    : port.cluster;
  return buildNetworkFilters({
    traits: tcp,
    protocol: port.protocol,
    port: port.servicePort,
    statPrefix,
    cluster: port.cluster,
    proxy: tcpProxy({ traits: tcp, statPrefix, clusters: port.cluster }),
    metadataExchange: true,
  });
}

/** What no service names: one port of the workload, or all (0). As istio buildInboundPassthroughChains. */
export function passthroughPort(targetPort: number): InboundPort {
  return {
    cluster: INBOUND_PASSTHROUGH_CLUSTER,
    servicePort: 0,
    portName: 'virtualInbound',
    protocol: 'Unsupported',
    targetPort,
    bind: '',
    onAnyAddress: false,
    bindToPort: false,
    isPassthrough: true,
    hostname: '',
    kubernetes: undefined,
  };
}
