import type { Cluster } from '../../envoy/api.gen.ts';
import type { Emitted, PatchSite } from '../../envoy/emitted.ts';
import type { ConsolidatedDestinationRule } from '../../model/destination-rules.ts';
import { isWildcard } from '../../model/host.ts';
import type { Mesh } from '../../model/mesh.ts';
import { factsOf } from '../../model/roles.ts';
import type { Service, ServicePort } from '../../model/service.ts';
import type { GatewayView, ProxyView, SidecarView } from '../../scope/view.ts';
import { interner } from '../../util/intern.ts';
import { memo } from '../../util/memo.ts';
import {
  buildBlackHoleCluster,
  buildExternalSdsCluster,
  buildInboundPassthroughCluster,
  buildPassthroughCluster,
} from './default-clusters.ts';
import { createDnsEndpoints, type DnsEndpoints } from './dns-endpoints.ts';
import { buildInboundClusters } from './inbound.ts';
import { buildServiceClusters, type ClusterMode } from './outbound.ts';
import { type ClusterTraits, clusterTraitsOf } from './traits.ts';

type EmittedClusters = readonly Emitted<Cluster>[];

/** Makes the clusters of proxies: outbound ones of all services in scope, and those for traffic that matches nothing. */
export interface ClusterBuilder {
  /** With inbound ones. */
  sidecar(view: SidecarView): EmittedClusters;
  /** With those that AUTO_PASSTHROUGH servers choose by SNI. */
  gateway(view: GatewayView): EmittedClusters;
}

/**
 * Clusters of a service port are built once for all proxies with equal traits (and, where the endpoints are part of the cluster, an
 * equal view of them). As istio pilot/pkg/networking/core/cluster.go buildClusters.
 */
export function createClusterBuilder(mesh: Mesh): ClusterBuilder {
  const { config } = mesh;
  const internTraits = interner<ClusterTraits>();
  const dnsEndpointsOf = createDnsEndpoints(mesh);

  const ofPort = memo(
    (
      mode: ClusterMode,
      service: Service,
      port: ServicePort,
      rule: ConsolidatedDestinationRule | undefined,
      traits: ClusterTraits,
      dnsEndpoints: DnsEndpoints | undefined,
    ): EmittedClusters => {
      const [context] = factsOf[traits.role].patchContexts;
      // Only these say which host they are for; all others are matched by their name.
      const forwards = service.resolution === 'dynamicDns' && isWildcard(service.hostname);
      const site: PatchSite = forwards ? { context, hosts: [service.hostname] } : { context };
      const clusters = buildServiceClusters(mesh, { mode, service, port, rule, traits, dnsEndpoints });
      return clusters.map((value) => ({ value, site }));
    },
  );

  const outbound = (view: ProxyView, traits: ClusterTraits, mode: ClusterMode): EmittedClusters =>
    view.scope.services.flatMap((service) => {
      if (mode === 'sniDnat' && service.meshExternal) return [];
      const rule = view.destinationRule(service.hostname);
      const dnsEndpoints = dnsEndpointsOf(view, service, rule);
      return service.ports.flatMap((port) => ofPort(mode, service, port, rule, traits, dnsEndpoints));
    });

  const external = ({ sds }: ClusterTraits): readonly Cluster[] =>
    sds.credentialSocket ? [buildExternalSdsCluster(config)] : [];
  const sidecarCatchAll = memo((traits: ClusterTraits): EmittedClusters => {
    const { preserveHeaderCase, dualStack } = traits;
    return [
      ...emit(
        [buildBlackHoleCluster(config), buildPassthroughCluster(config, preserveHeaderCase), ...external(traits)],
        'SIDECAR_OUTBOUND',
      ),
      ...emit([buildInboundPassthroughCluster(config, preserveHeaderCase, dualStack)], 'SIDECAR_INBOUND'),
    ];
  });
  const gatewayCatchAll = memo((traits: ClusterTraits) => emit([buildBlackHoleCluster(config), ...external(traits)], 'GATEWAY'));

  return {
    sidecar(view) {
      const traits = internTraits(clusterTraitsOf(view.proxy));
      const inbound = buildInboundClusters(mesh, view, traits).map(
        ({ cluster, hosts }): Emitted<Cluster> => ({ value: cluster, site: { context: 'SIDECAR_INBOUND', hosts } }),
      );
      return [...outbound(view, traits, 'outbound'), ...withoutDuplicates([...sidecarCatchAll(traits), ...inbound])];
    },
    gateway(view) {
      const traits = internTraits(clusterTraitsOf(view.proxy));
      const sniDnat = view.gateway?.autoPassthroughHosts === undefined ? [] : outbound(view, traits, 'sniDnat');
      return [...outbound(view, traits, 'outbound'), ...withoutDuplicates([...gatewayCatchAll(traits), ...sniDnat])];
    },
  };
}

function emit(clusters: readonly Cluster[], context: PatchSite['context']): EmittedClusters {
  return clusters.map((value) => ({ value, site: { context } }));
}

/** The first cluster of each name; istio normalizeClusters. */
function withoutDuplicates(clusters: EmittedClusters): EmittedClusters {
  const names = new Set<string>();
  return clusters.filter(({ value }) => !names.has(value.name) && names.add(value.name));
}
