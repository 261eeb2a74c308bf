import type { Cluster } from '../../envoy/api.gen.ts';
import type { Emitted, PatchSite } from '../../envoy/emitted.ts';
import type { ConsolidatedDestinationRule } from '../../model/destination-rules.ts';
import { isWildcard } from '../../model/host.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Service, ServicePort } from '../../model/service.ts';
import { destinationRuleOf } from '../../scope/destination-rule.ts';
import type { ProxyView } from '../../scope/view.ts';
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

/**
 * Makes the clusters of proxies: outbound ones of all services in scope, those for traffic that matches nothing, and the inbound
 * ones of sidecars. Clusters of a service port are built once for all proxies with equal traits (and, where the endpoints are part
 * of the cluster, an equal view of them). As istio pilot/pkg/networking/core/cluster.go buildClusters.
 */
export function createClusterBuilder(mesh: Mesh): (view: ProxyView) => EmittedClusters {
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
      const context = traits.proxyType === 'gateway' ? 'GATEWAY' : 'SIDECAR_OUTBOUND';
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
      const rule = destinationRuleOf(view.scope, 'outbound', view.proxy.labels, service.hostname);
      const dnsEndpoints = dnsEndpointsOf(view, service, rule);
      return service.ports.flatMap((port) => ofPort(mode, service, port, rule, traits, dnsEndpoints));
    });

  const catchAll = memo((traits: ClusterTraits): EmittedClusters => {
    const { proxyType, preserveHeaderCase, dualStack, sds } = traits;
    const external = sds.credentialSocket ? [buildExternalSdsCluster(config)] : [];
    if (proxyType === 'gateway') return emit([buildBlackHoleCluster(config), ...external], 'GATEWAY');
    return [
      ...emit(
        [buildBlackHoleCluster(config), buildPassthroughCluster(config, preserveHeaderCase), ...external],
        'SIDECAR_OUTBOUND',
      ),
      ...emit([buildInboundPassthroughCluster(config, preserveHeaderCase, dualStack)], 'SIDECAR_INBOUND'),
    ];
  });

  return (view) => {
    const traits = internTraits(clusterTraitsOf(view.proxy));
    const isSidecar = view.proxy.type === 'sidecar';
    const inbound = isSidecar
      ? buildInboundClusters(mesh, view, traits).map(
          ({ cluster, hosts }): Emitted<Cluster> => ({ value: cluster, site: { context: 'SIDECAR_INBOUND', hosts } }),
        )
      : [];
    const sniDnat = view.gateway?.autoPassthroughHosts === undefined ? [] : outbound(view, traits, 'sniDnat');
    return [...outbound(view, traits, 'outbound'), ...withoutDuplicates([...catchAll(traits), ...inbound, ...sniDnat])];
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
