import type { DestinationRule, MeshConfig, RouteDestination } from '../../api/istio.gen.ts';
import type { NetworkFilter } from '../../envoy/api.gen.ts';
import type { Protocol } from '../../model/protocol.ts';
import type { Service } from '../../model/registry/service.ts';
import { buildStatName, kubernetesNames } from '../naming/stat-names.ts';
import { destinationCluster } from '../routes/destination.ts';
import type { TcpTraits } from '../traits/traits.ts';
import { buildNetworkFilters, isDynamicWildcard } from './network-filters.ts';
import { tcpProxy } from './tcp-proxy.ts';

/** What a proxy sees of the destinations of its connections. */
export interface OutboundContext {
  readonly config: MeshConfig;
  readonly traits: TcpTraits;
  serviceByHostname(hostname: string): Service | undefined;
  destinationRule(hostname: string): DestinationRule | undefined;
}

/** The port that a listener was made for. */
export interface ListenerPort {
  readonly port: number;
  readonly name: string;
  readonly protocol: Protocol;
}

/**
 * The TCP or TLS rules that lead anywhere: the webhook refuses rules without a route, and istiod passes over those that it meets.
 * (Releases before this rule crash instead, which no configuration shows.)
 */
export function rulesWithRoute<Rule extends { readonly route?: readonly RouteDestination[] }>(
  rules: readonly Rule[] | undefined,
): readonly Rule[] {
  return (rules ?? []).filter(({ route = [] }) => route.length > 0);
}

/**
 * Network filters that send connections to one cluster.
 * As istio pilot/pkg/networking/core/networkfilter.go buildOutboundNetworkFiltersWithSingleDestination.
 */
export function singleDestinationFilters(
  traits: TcpTraits,
  input: {
    readonly statPrefix: string;
    readonly cluster: string;
    readonly subset: string;
    readonly port: ListenerPort;
    readonly destinationRule: DestinationRule | undefined;
    readonly metadataExchange?: boolean;
    readonly tunnel?: boolean;
    readonly service?: Service | undefined;
  },
): NetworkFilter[] {
  const { statPrefix, cluster, subset, port, destinationRule, service } = input;
  return buildNetworkFilters({
    traits,
    protocol: port.protocol,
    port: port.port,
    statPrefix,
    cluster,
    proxy: tcpProxy({ traits, statPrefix, clusters: cluster, destinationRule, subset, tunnel: input.tunnel ?? true }),
    metadataExchange: input.metadataExchange ?? false,
    service: traits.listenerClass === 'outbound' && isDynamicWildcard(service, traits.behaviours) ? service : undefined,
  });
}

/**
 * Network filters for a TCP or TLS route of a virtual service: its destination, or several by weight. The rule of the first
 * destination counts for all. As istio networkfilter.go buildOutboundNetworkFilters and ...WithWeightedClusters.
 */
export function routeDestinationFilters(
  context: OutboundContext,
  input: {
    readonly routes: readonly RouteDestination[];
    readonly port: ListenerPort;
    readonly virtualService: { readonly name: string; readonly namespace: string };
    readonly metadataExchange?: boolean;
  },
): NetworkFilter[] {
  const { routes, port, virtualService, metadataExchange = false } = input;
  const first = routes[0]?.destination ?? {};
  const service = context.serviceByHostname(first.host ?? '');
  const destinationRule = service && context.destinationRule(service.hostname);
  if (routes.length === 1) {
    const cluster = destinationCluster(first, service, port.port);
    const pattern = context.config.outboundClusterStatName;
    const statPrefix =
      pattern && service
        ? buildStatName(pattern, {
            hostname: first.host ?? '',
            subset: first.subset ?? '',
            port: port.port,
            portName: port.name,
            targetPort: 0,
            kubernetes: kubernetesNames(service),
          })
        : cluster;
    return singleDestinationFilters(context.traits, {
      statPrefix,
      cluster,
      subset: first.subset ?? '',
      port,
      destinationRule,
      metadataExchange,
    });
  }
  const statPrefix = `${virtualService.name}.${virtualService.namespace}`;
  const clusters = routes
    .filter(({ weight = 0 }) => weight > 0)
    .map(({ destination = {}, weight = 0 }) => ({
      name: destinationCluster(destination, context.serviceByHostname(destination.host ?? ''), port.port),
      weight,
    }));
  return buildNetworkFilters({
    traits: context.traits,
    protocol: port.protocol,
    port: port.port,
    statPrefix,
    cluster: clusters[0]?.name ?? '',
    proxy: tcpProxy({ traits: context.traits, statPrefix, clusters, destinationRule }),
    metadataExchange,
  });
}
