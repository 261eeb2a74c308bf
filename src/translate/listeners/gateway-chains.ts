import type { DownstreamTlsContext, HttpConnectionManager, NetworkFilter } from '../../envoy/api.gen.ts';
import {
  type GatewayServer,
  isPassthroughServer,
  type MergedPort,
  originOfServer,
  terminatesHttps,
} from '../../model/gateways/gateways.ts';
import { isHttp, type Protocol, parseProtocol } from '../../model/protocol.ts';
import type { GatewayView } from '../../scope/view.ts';
import type { Origin } from '../../util/origin.ts';
import { networkExtensions } from '../network-filters/network-filters.ts';
import { buildServerTlsContext } from '../tls/gateway.ts';
import type { ConnectionChainInput, GatewayChain, GatewayChainInput } from './gateway-chain.ts';
import { passthroughChains, tcpRouteFilters } from './gateway-tcp-chains.ts';
import { buildHttpConnectionManager, headerFields, httpConnectionManagerFilter } from './http-connection-manager.ts';

/**
 * The filter chains of a port: one for all its HTTP servers, or one for each server that terminates TLS, or those of the TCP and
 * TLS routes bound to it. As istio core/gateway.go buildGatewayTCPBasedFilterChains.
 */
export function buildGatewayChains(input: GatewayChainInput, port: MergedPort, listenerName: string): GatewayChain[] {
  const protocol = parseProtocol(port.protocol);
  const extensions = networkExtensions(input.tcp, port.number, ['AUTHN', 'AUTHZ', 'STATS', 'UNSPECIFIED_PHASE']);
  const manager = (routeName: string, of: Protocol, statPrefix: string | undefined): NetworkFilter =>
    httpConnectionManagerFilter(buildManager(input, { port: port.number, listenerName, routeName, protocol: of, statPrefix }));
  const [firstServer] = port.servers;
  if (isHttp(protocol)) {
    const filters = [...extensions, manager(port.routeName, protocol, undefined)];
    return [chain({ filters, origin: firstServer && originOfServer(firstServer) })];
  }
  // istiod takes network extensions out of its list as it adds them: only the first HTTPS server of a port gets them.
  const firstHttps = port.servers.find(({ server }) => terminatesHttps(server));
  return port.servers.flatMap((server) => {
    const origin = originOfServer(server);
    if (terminatesHttps(server.server)) {
      const before = server === firstHttps ? extensions : [];
      const filters = [...before, manager(server.tls?.routeName ?? '', server.protocol, server.server.name)];
      return chain({ sniHosts: server.tls?.sniHosts, tls: serverTls(input, server), filters, origin });
    }
    return connectionChains(input, server, port.number);
  });
}

/**
 * The filter chains of a server that takes connections as they are, or ends their TLS, and knows no HTTP.
 * As istio core/gateway.go createGatewayTCPFilterChainOpts.
 */
export function connectionChains(input: ConnectionChainInput, server: GatewayServer, port: number): GatewayChain[] {
  if (isPassthroughServer(server.server)) return passthroughChains(input, server, port);
  const filters = tcpRouteFilters(input, server);
  if (filters.length === 0) return [];
  const tls = serverTls(input, server);
  return [chain({ sniHosts: server.tls?.sniHosts, tls, filters, origin: originOfServer(server) })];
}

/**
 * The filter chains of a port for HTTP/3: a mirror of its HTTPS servers that speak it. As istio core/gateway.go
 * buildGatewayHTTP3FilterChains.
 */
export function buildQuicChains(input: GatewayChainInput, port: MergedPort, listenerName: string): GatewayChain[] {
  return port.quicServers.map((server) => {
    const manager = buildManager(input, {
      port: port.number,
      listenerName,
      routeName: server.tls?.routeName ?? '',
      protocol: server.protocol,
      statPrefix: server.server.name,
      http3: true,
    });
    const filters = [httpConnectionManagerFilter(manager)];
    return chain({
      sniHosts: server.tls?.sniHosts,
      tls: serverTls(input, server, true),
      filters,
      origin: originOfServer(server),
    });
  });
}

function chain(parts: {
  readonly sniHosts?: readonly string[] | undefined;
  readonly tls?: DownstreamTlsContext | undefined;
  readonly filters: readonly NetworkFilter[];
  readonly origin: Origin | undefined;
}): GatewayChain {
  const { sniHosts = [], tls, filters, origin } = parts;
  return { sniHosts, applicationProtocols: [], tls, filters, origin };
}

function serverTls(
  { mesh, sds, secretServers }: ConnectionChainInput,
  { server, protocol }: GatewayServer,
  quic = false,
): DownstreamTlsContext | undefined {
  if (server.tls === undefined) return undefined;
  return buildServerTlsContext(server.tls, {
    config: mesh.config,
    behaviours: mesh.release.behaviours,
    sds,
    secretServers,
    quic,
    tcp: !isHttp(protocol) && protocol !== 'HTTPS',
  });
}

interface ManagerInput {
  readonly port: number;
  readonly listenerName: string;
  readonly routeName: string;
  readonly protocol: Protocol;
  /** The name of an HTTPS server. */
  readonly statPrefix: string | undefined;
  readonly http3?: boolean;
}

/**
 * The connection manager of a gateway, which faces clients that cannot be trusted.
 * As istio core/gateway.go createGatewayHTTPFilterChainOpts and buildGatewayConnectionManager.
 */
function buildManager({ mesh, view, traits }: GatewayChainInput, input: ManagerInput): HttpConnectionManager {
  const httpTraits = traits.http(view, 'gateway');
  const manager = buildHttpConnectionManager(mesh.config, {
    traits: httpTraits,
    statPrefix: `outbound_${input.listenerName}`,
    routes: { rds: input.routeName },
    protocol: input.protocol,
    port: input.port,
    useRemoteAddress: true,
    fields: { ...headerFields(httpTraits), ...topologyFields(view), httpProtocolOptions: {}, ...(input.http3 && http3Fields) },
  });
  return input.statPrefix ? { ...manager, statPrefix: input.statPrefix } : manager;
}

const http3Fields = { codecType: 'HTTP3', http3ProtocolOptions: {} } as const;

/** What stands before the gateway, and what it tells backends about clients: `gatewayTopology` of the ProxyConfig. */
function topologyFields({ proxy }: GatewayView): Partial<HttpConnectionManager> {
  const topology = proxy.proxyConfig.gatewayTopology;
  const asked = topology?.forwardClientCertDetails ?? 'UNDEFINED';
  const details = asked === 'UNDEFINED' ? 'SANITIZE_SET' : asked;
  const describesClient = details === 'APPEND_FORWARD' || details === 'SANITIZE_SET';
  return {
    ...(topology?.numTrustedProxies && { xffNumTrustedHops: topology.numTrustedProxies }),
    ...(details !== 'SANITIZE' && { forwardClientCertDetails: details }),
    ...(describesClient && { setCurrentClientCertDetails: { subject: true, cert: true, dns: true, uri: true } }),
  };
}
