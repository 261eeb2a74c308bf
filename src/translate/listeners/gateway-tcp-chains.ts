import type { L4MatchAttributes, TLSMatchAttributes } from '../../api/istio.gen.ts';
import type { NetworkFilter } from '../../envoy/api.gen.ts';
import { type GatewayServer, PARENTS_ANNOTATION } from '../../model/gateways/gateways.ts';
import type { ServicePort } from '../../model/registry/service.ts';
import { anyHostsOverlap, hostCovers, hostsForNamespace } from '../../model/traffic/host.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { claimHosts } from '../../scope/gateway-scope.ts';
import { nothingElse } from '../../util/fields.ts';
import { originOf } from '../../util/origin.ts';
import { dnsSrvSubsetKey } from '../naming/names.ts';
import { buildStatName, kubernetesNames } from '../naming/stat-names.ts';
import {
  type ListenerPort,
  type OutboundContext,
  routeDestinationFilters,
  rulesWithRoute,
  singleDestinationFilters,
} from '../network-filters/outbound.ts';
import type { ConnectionChainInput, GatewayChain } from './gateway-chain.ts';

/** The ALPN names of Istio's own mutual TLS; istio core/listener.go allIstioMtlsALPNs. */
const mutualTlsProtocols: readonly string[] = ['istio', 'istio-peer-exchange', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2'];

/**
 * The network filters of a TCP server, or of one that terminates TLS: those of the first rule of the first virtual service that
 * concerns it; none when no rule does. As istio core/gateway.go buildGatewayNetworkFiltersFromTCPRoutes.
 */
export function tcpRouteFilters(input: ConnectionChainInput, server: GatewayServer): NetworkFilter[] {
  const metadataExchange = server.server.tls?.mode === 'ISTIO_MUTUAL';
  for (const virtualService of boundVirtualServices(input, server)) {
    const [tcp, tls] = [rulesWithRoute(virtualService.spec.tcp), rulesWithRoute(virtualService.spec.tls)];
    const tcpRule = tcp.find(({ match = [] }) => match.length === 0 || match.some((one) => concernsServer(one, server)));
    // TLSRoutes keep their rules under `tls` even where the gateway terminates TLS.
    const isTlsRoute = virtualService.annotations[PARENTS_ANNOTATION]?.startsWith('TLSRoute/') === true;
    const rule =
      tcpRule ?? (isTlsRoute ? tls.find(({ match = [] }) => match.some((one) => concernsServer(one, server))) : undefined);
    if (rule === undefined) continue;
    return routeDestinationFilters(outboundContext(input), {
      routes: rule.route ?? [],
      port: listenerPort(server),
      virtualService,
      metadataExchange,
    });
  }
  return [];
}

/**
 * The chains of a server that leaves TLS to the backend: one for each match of each TLS rule, whose SNI hosts nothing else on the
 * port has claimed. As istio core/gateway.go buildGatewayNetworkFiltersFromTLSRoutes.
 */
export function passthroughChains(input: ConnectionChainInput, server: GatewayServer, port: number): GatewayChain[] {
  if (server.server.tls?.mode === 'AUTO_PASSTHROUGH') return autoPassthroughChains(input, server);
  const context = outboundContext(input);
  const claimed = input.claimedHosts.get(port) ?? new Map<string, string>();
  input.claimedHosts.set(port, claimed);
  return boundVirtualServices(input, server).flatMap((virtualService) =>
    rulesWithRoute(virtualService.spec.tls).flatMap((rule) =>
      (rule.match ?? [])
        .filter((match) => concernsServer(match, server))
        .filter(({ sniHosts = [] }) => claimHosts(sniHosts, server.server.bind ?? '', claimed).length === 0)
        .map((match) => ({
          sniHosts: match.sniHosts ?? [],
          applicationProtocols: [],
          tls: undefined,
          filters: routeDestinationFilters(context, {
            routes: rule.route ?? [],
            port: listenerPort(server),
            virtualService,
          }),
          origin: originOf(match) ?? originOf(rule),
        })),
    ),
  );
}

/**
 * A chain for each port and subset of each service of the mesh that the server's hosts cover; clients name the cluster by SNI.
 * They see no authorization: only the backend can check who a client is. As istio core/gateway.go builtAutoPassthroughFilterChains.
 */
function autoPassthroughChains(input: ConnectionChainInput, server: GatewayServer): GatewayChain[] {
  const { scope } = input.view;
  const { traits, ...rest } = outboundContext(input);
  const context = { ...rest, traits: { ...traits, customAuthorization: [], authorization: [] } };
  const hosts = server.tls?.sniHosts ?? [];
  const pattern = context.config.outboundClusterStatName;
  return scope.services
    .filter(({ meshExternal, hostname }) => !meshExternal && hosts.some((host) => hostCovers(host, hostname)))
    .flatMap((service) => {
      const destinationRule = context.destinationRule(service.hostname);
      const chainOf = (port: ServicePort, subset: string): GatewayChain => {
        const cluster = dnsSrvSubsetKey('outbound', subset, service.hostname, port.port);
        const statPrefix = pattern
          ? buildStatName(pattern, {
              hostname: service.hostname,
              subset,
              port: port.port,
              portName: port.name,
              targetPort: 0,
              kubernetes: kubernetesNames(service),
            })
          : cluster;
        return {
          sniHosts: [cluster],
          applicationProtocols: mutualTlsProtocols,
          tls: undefined,
          filters: singleDestinationFilters(context.traits, {
            statPrefix,
            cluster,
            subset,
            port,
            destinationRule,
            tunnel: false,
          }),
          origin: { resource: service.resource, path: [] },
        };
      };
      return service.ports
        .filter(({ protocol }) => protocol !== 'UDP')
        .flatMap((port) =>
          ['', ...(destinationRule?.subsets ?? []).map(({ name = '' }) => name)].map((name) => chainOf(port, name)),
        );
    });
}

/** Virtual services of the server's Gateway that share a host with it, in order. As istio core/gateway.go pickMatchingGatewayHosts. */
function boundVirtualServices(
  { mesh, view }: ConnectionChainInput,
  server: GatewayServer,
): readonly ResourceOf<'VirtualService'>[] {
  return mesh.virtualServices.forGateway(view.scope.namespace, server.gatewayName).filter(({ namespace, spec }) => {
    return anyHostsOverlap(hostsForNamespace(server.hosts, namespace), spec.hosts);
  });
}

// as istio core/gateway.go l4SingleMatch
function concernsServer(match: L4MatchAttributes & TLSMatchAttributes, server: GatewayServer): boolean {
  const { port, gateways = [], sniHosts, ...others } = match;
  // These play no part on gateways.
  const { sourceLabels, sourceNamespace, sourceSubnet, destinationSubnets, ...rest } = others;
  nothingElse(rest);
  return (!port || port === server.port) && (gateways.length === 0 || gateways.includes(server.gatewayName));
}

function listenerPort(server: GatewayServer): ListenerPort {
  return { port: server.port, name: server.server.port?.name ?? '', protocol: server.protocol };
}

function outboundContext({ mesh, view, tcp }: ConnectionChainInput): OutboundContext {
  return {
    config: mesh.config,
    traits: tcp,
    serviceByHostname: (hostname) => view.scope.serviceByHostname(hostname),
    destinationRule: (hostname) => view.destinationRule(hostname)?.rule.spec,
  };
}
