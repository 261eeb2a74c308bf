import type { MeshConfig, ServerTLSSettings } from '../../api/istio.gen.ts';
import type {
  AccessLog,
  FilterChain,
  FilterChainMatch,
  Listener,
  NetworkFilter,
  RouteConfiguration,
  TransportSocket,
} from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { isHttp2 } from '../../model/protocol.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { type MutualTlsMode, mutualTlsModeOfPort } from '../../model/security/peer-authentication.ts';
import type { SidecarView } from '../../scope/view.ts';
import { canonicalDuration } from '../../util/duration.ts';
import { withOrigin } from '../../util/origin.ts';
import { BLACK_HOLE_CLUSTER, INBOUND_PASSTHROUGH_CLUSTER } from '../naming/names.ts';
import { ANY_ADDRESS, addressTraits } from '../naming/service-address.ts';
import { buildStatName } from '../naming/stat-names.ts';
import {
  buildNetworkFilters,
  EXTENSION_PHASES,
  networkExtensions,
  tcpMetadataExchange,
} from '../network-filters/network-filters.ts';
import { plainTcpProxy, tcpProxy } from '../network-filters/tcp-proxy.ts';
import { buildDefaultHttpInboundRoute, traceOperation } from '../routes/default-route.ts';
import { sdsTraitsOf } from '../tls/common.ts';
import { buildServerTlsContext, downstreamTlsSocket } from '../tls/gateway.ts';
import { createInboundTls, type InboundTlsSockets } from '../tls/inbound.ts';
import { secretServersOf } from '../tls/secret-servers.ts';
import { proxyFlag } from '../traits/proxy-metadata.ts';
import type { ProxyTraits } from '../traits/proxy-traits.ts';
import type { HttpTraits, TcpTraits } from '../traits/traits.ts';
import { acceptLimit } from './accept-limit.ts';
import { buildAddress, listenerName, otherWildcards } from './address.ts';
import {
  buildHttpConnectionManager,
  clientCertificateFields,
  headerFields,
  httpConnectionManagerFilter,
} from './http-connection-manager.ts';
import { type InboundMatch, inboundMatches, ownTlsMatches } from './inbound-matches.ts';
import { type InboundPort, inboundPorts, servesPort } from './inbound-ports.ts';
import { inboundListenerFilters } from './inspectors.ts';
import { virtualListenerPorts } from './ports.ts';

/** What the inbound chains of a workload depend on, beside their port. */
interface InboundContext {
  readonly config: MeshConfig;
  readonly http: HttpTraits;
  readonly tcp: TcpTraits;
  readonly tls: InboundTlsSockets;
  /** The socket that terminates the TLS of a Sidecar's ingress listener. */
  readonly ownTls: (settings: ServerTLSSettings) => TransportSocket;
}

/**
 * Builds the listeners for what reaches the workload: one for redirected traffic, and one for each port that a Sidecar binds.
 * As istio pilot/pkg/networking/core/listener_inbound.go buildInboundListeners.
 */
export function createInboundListenerBuilder(mesh: Mesh, traits: ProxyTraits): (view: SidecarView) => Listener[] {
  const tls = createInboundTls(mesh);
  const secretServers = secretServersOf(mesh);
  return (view) => {
    const { proxy, mutualTls } = view;
    const context: InboundContext = {
      config: mesh.config,
      http: traits.http(view, 'inbound'),
      tcp: traits.tcp(view, 'inbound'),
      tls: tls(proxy),
      ownTls: (settings) =>
        downstreamTlsSocket(
          buildServerTlsContext(settings, {
            config: mesh.config,
            behaviours: mesh.release.behaviours,
            sds: sdsTraitsOf(proxy),
            secretServers,
            tcp: false,
          }),
        ),
    };
    const ports = inboundPorts(mesh, view).map((port) => ({
      port,
      chains: buildChains(context, port, mutualTlsModeOfPort(mutualTls, port.targetPort)),
    }));
    const addresses = addressTraits(proxy, mesh.release.behaviours);
    const { listener: accessLog } = traits.telemetry.accessLogs(view, 'inbound');
    const build = (place: ListenerPlace, chains: readonly FilterChain[]): Listener =>
      buildInboundListener(mesh, proxy, place, chains, accessLog);

    const bound = ports
      .filter(({ port }) => port.bindToPort)
      .map(({ port, chains }) =>
        build(
          {
            name: chainName(port, 'tcp'),
            bind: port.bind,
            port: port.targetPort,
            bindToPort: true,
            otherAddresses: port.onAnyAddress ? otherWildcards(addresses, port.targetPort) : undefined,
          },
          chains,
        ),
      );
    if (proxy.interceptionMode === 'NONE') return bound;
    const [, virtualPort] = virtualListenerPorts(mesh.config);
    const otherAddresses = otherWildcards(addresses, virtualPort);
    const virtual = build({ name: 'virtualInbound', bind: ANY_ADDRESS, port: virtualPort, bindToPort: false, otherAddresses }, [
      blackHoleChain(virtualPort, context.tcp),
      ...catchAllPorts(view).flatMap(({ port, mode }) => buildChains(context, port, mode)),
      ...ports.filter(({ port }) => !port.bindToPort).flatMap(({ chains }) => chains),
    ]);
    return [virtual, ...bound];
  };
}

/** Where an inbound listener is. */
interface ListenerPlace {
  readonly name: string;
  readonly bind: string;
  readonly port: number;
  readonly bindToPort: boolean;
  readonly otherAddresses: Listener['additionalAddresses'];
}

/** istio listener_inbound.go buildInboundListener. */
function buildInboundListener(
  { config, release: { behaviours } }: Pick<Mesh, 'config' | 'release'>,
  proxy: Proxy,
  { name, bind, port, bindToPort, otherAddresses }: ListenerPlace,
  filterChains: readonly FilterChain[],
  accessLog: readonly AccessLog[],
): Listener {
  return {
    name,
    address: buildAddress(bind, port),
    ...(otherAddresses && { additionalAddresses: otherAddresses }),
    trafficDirection: 'INBOUND',
    continueOnListenerFiltersTimeout: true,
    ...acceptLimit(behaviours),
    ...(proxyFlag(proxy, 'INBOUND_LISTENER_EXACT_BALANCE') && { connectionBalanceConfig: { exactBalance: {} } }),
    ...(!bindToPort && proxy.interceptionMode === 'TPROXY' && { transparent: true }),
    ...(accessLog.length > 0 && { accessLog }),
    filterChains,
    ...nonEmptyListenerFilters(filterChains, bindToPort, proxy),
    listenerFiltersTimeout: canonicalDuration(config.protocolDetectionTimeout) ?? '0s',
  };
}

function nonEmptyListenerFilters(chains: readonly FilterChain[], bindToPort: boolean, proxy: Proxy): Partial<Listener> {
  const listenerFilters = inboundListenerFilters(chains, bindToPort, proxy.interceptionMode);
  return listenerFilters.length > 0 ? { listenerFilters } : {};
}

/** Connections to the virtual port itself were not redirected: passing them on would be a loop. istio buildInboundBlackhole. */
function blackHoleChain(port: number, traits: TcpTraits): FilterChain {
  return {
    name: 'virtualInbound-blackhole',
    filterChainMatch: { destinationPort: port },
    filters: [...tcpMetadataExchange(traits.behaviours), ...traits.stats, plainTcpProxy(BLACK_HOLE_CLUSTER)],
  };
}

/**
 * What takes connections to ports that no service names: all of them, and those to which a port-level policy gives another mode.
 * As istio buildInboundPassthroughChains and plugin/authn ForPassthrough.
 */
function catchAllPorts(view: SidecarView): readonly { readonly port: InboundPort; readonly mode: MutualTlsMode }[] {
  const { mutualTls } = view;
  const unserved = [...mutualTls.byPort.keys()].filter((port) => !servesPort(view, port));
  return [0, ...unserved].map((targetPort) => ({
    mode: mutualTlsModeOfPort(mutualTls, targetPort),
    port: {
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
    },
  }));
}

/** The chains of one port; istio inboundChainForOpts. */
function buildChains(context: InboundContext, port: InboundPort, mode: MutualTlsMode): FilterChain[] {
  // A port that demands mutual TLS of the mesh has no place for another one.
  const own = mode === 'DISABLE' && port.tls !== undefined ? context.ownTls(port.tls) : undefined;
  const matches = own === undefined ? inboundMatches(mode, port.protocol, context.tcp.behaviours) : ownTlsMatches(port.protocol);
  const filters = {
    http: matches.some(({ content }) => content === 'http') ? httpFilters(context, port) : [],
    tcp: matches.some(({ content }) => content === 'tcp') ? tcpFilters(context, port) : [],
  };
  return matches.map((match) =>
    withOrigin<FilterChain>(
      {
        name: chainName(port, match.content),
        filterChainMatch: buildMatch(match, port.targetPort),
        filters: filters[match.content],
        ...(match.terminatesTls && { transportSocket: own ?? context.tls[match.content] }),
        ...(port.metadata && { metadata: port.metadata }),
      },
      port.origin?.resource,
      port.origin?.path,
    ),
  );
}

function buildMatch({ applicationProtocols, transportProtocol }: InboundMatch, targetPort: number): FilterChainMatch {
  return {
    ...(targetPort > 0 && { destinationPort: targetPort }),
    ...(applicationProtocols && { applicationProtocols }),
    transportProtocol,
  };
}

/** istio inboundChainConfig.Name. */
function chainName(port: InboundPort, content: 'http' | 'tcp'): string {
  if (!port.isPassthrough) return listenerName(port.bind, port.targetPort);
  return content === 'http' ? 'virtualInbound-catchall-http' : 'virtualInbound';
}

/** istio buildInboundNetworkFiltersForHTTP and buildSidecarInboundHTTPOpts. */
function httpFilters({ config, http, tcp }: InboundContext, port: InboundPort): NetworkFilter[] {
  const manager = buildHttpConnectionManager(config, {
    traits: http,
    statPrefix: port.isPassthrough ? port.cluster : `inbound_${chainName(port, 'http')}`,
    routes: { config: inboundRoutes(port) },
    protocol: port.protocol,
    port: port.targetPort,
    fields: {
      ...headerFields(http),
      ...clientCertificateFields(http),
      ...(isHttp2(port.protocol) && { http2ProtocolOptions: {} }),
    },
  });
  const extensions = networkExtensions(tcp, port.targetPort, EXTENSION_PHASES);
  return [...tcpMetadataExchange(tcp.behaviours), ...extensions, httpConnectionManagerFilter(manager)];
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
