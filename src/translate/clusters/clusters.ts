import type { Cluster } from '../../envoy/api.gen.ts';
import type { Emitted, PatchSite } from '../../envoy/emitted.ts';
import { standsBetweenNetworks } from '../../model/ambient/waypoints.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { factsOf } from '../../model/proxies/roles.ts';
import type { Service, ServicePort } from '../../model/registry/service.ts';
import type { ConsolidatedDestinationRule } from '../../model/traffic/destination-rules.ts';
import { isWildcard } from '../../model/traffic/host.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { type Client, clientTwin } from '../../scope/client.ts';
import { destinationRuleOf, inboundDestinationRuleOf } from '../../scope/destination-rule.ts';
import type { GatewayView, ProxyView, SharedScope, SidecarView, WaypointView } from '../../scope/view.ts';
import { interner, listInterner } from '../../util/intern.ts';
import { memo, memoLatest } from '../../util/memo.ts';
import { sharedByReads } from '../../util/shared-by-reads.ts';
import { createClientPlaces } from '../endpoints/client-place.ts';
import { type ClusterClient, clusterClientTwin, createDnsEndpointBuilder } from '../endpoints/dns-endpoints.ts';
import { unknownHostsCache } from '../naming/unknown-hosts.ts';
import { type WorkloadSecrets, workloadSecretsOf } from '../tls/inbound.ts';
import { hasTunnels, sendsDoubleTunnels, sendsTunnels, takesTunnels } from '../traits/tunnels.ts';
import { createClusterParts } from './cluster-parts.ts';
import {
  buildBlackHoleCluster,
  buildDynamicCluster,
  buildExternalSdsCluster,
  buildInboundPassthroughCluster,
  buildPassthroughCluster,
} from './default-clusters.ts';
import { buildInboundClusters, type InboundCluster, servedHosts } from './inbound.ts';
import { buildForwardedVipClusters, buildVipClusters } from './inbound-vip.ts';
import { buildServiceClusters, type ClusterMode, type OutboundInput } from './outbound.ts';
import { type ClusterTraits, clusterTraitsOf } from './traits.ts';
import {
  buildConnectOriginateCluster,
  buildDoubleTunnelClusters,
  buildEncapCluster,
  buildForwardingClusters,
  buildMainInternalCluster,
} from './tunnel-clusters.ts';

type EmittedClusters = readonly Emitted<Cluster>[];

/** Makes the clusters of proxies: outbound ones of all services in scope, and those for traffic that matches nothing. */
export interface ClusterBuilder {
  /** With inbound ones. */
  sidecar(view: SidecarView): EmittedClusters;
  /** With those that AUTO_PASSTHROUGH servers choose by SNI. */
  gateway(view: GatewayView): EmittedClusters;
  /** With those of the services behind it. */
  waypoint(view: WaypointView): EmittedClusters;
}

/**
 * Clusters of a service port are built once for all proxies with equal traits, as far as what is asked about them is equal. As istio pilot/pkg/networking/core/cluster.go buildClusters.
 */
export function createClusterBuilder(mesh: Mesh, keepsInbound = false): ClusterBuilder {
  const { config } = mesh;
  const internTraits = interner<ClusterTraits>();
  const placeOf = createClientPlaces(mesh);
  const dnsEndpoints = createDnsEndpointBuilder(mesh);
  const parts = createClusterParts(mesh);
  const clientOf = ({ client, proxy }: ProxyView): ClusterClient => ({ ...client, place: () => placeOf(proxy) });

  const ofPort = sharedByReads(
    clusterClientTwin,
    (
      client: ClusterClient,
      mode: ClusterMode,
      service: Service,
      port: ServicePort,
      rule: ConsolidatedDestinationRule | undefined,
      traits: ClusterTraits,
    ): EmittedClusters => {
      const [context] = factsOf[traits.role].patchContexts;
      // Only these say which host they are for; all others are matched by their name.
      const forwards = service.resolution === 'dynamicDns' && isWildcard(service.hostname);
      const site: PatchSite = forwards ? { context, hosts: [service.hostname] } : { context };
      const endpoints: OutboundInput['dnsEndpoints'] = (cluster) => dnsEndpoints(client, cluster);
      const clusters = buildServiceClusters(mesh, { mode, service, port, rule, traits, parts, dnsEndpoints: endpoints });
      return clusters.map((value) => ({ value, site }));
    },
  );

  type Rules = readonly (ConsolidatedDestinationRule | undefined)[];
  const sameServices = memo(listInterner<Service>());
  const sameRules = listInterner<Rules[number]>();
  const rulesOf = sharedByReads(
    clientTwin,
    (client: Client, scope: SharedScope, services: readonly Service[]): Rules =>
      sameRules(services.map(({ hostname }) => destinationRuleOf(scope, client, hostname))),
  );
  const ofServices = sharedByReads(
    clusterClientTwin,
    (
      client: ClusterClient,
      services: readonly Service[],
      rules: Rules,
      traits: ClusterTraits,
      mode: ClusterMode,
    ): EmittedClusters =>
      services.flatMap((service, index) =>
        mode === 'sniDnat' && service.meshExternal
          ? []
          : service.ports.flatMap((port) => ofPort(client, mode, service, port, rules[index], traits)),
      ),
  );
  // Scopes in which the same services follow the same rules have their clusters in common.
  const outbound = (view: ProxyView, wanted: readonly Service[], traits: ClusterTraits, mode: ClusterMode): EmittedClusters => {
    const services = sameServices(wanted);
    return ofServices(clientOf(view), services, rulesOf(view.client, view.scope.shared, services), traits, mode);
  };

  const external = ({ sds }: ClusterTraits): readonly Cluster[] =>
    sds.credentialSocket ? [buildExternalSdsCluster(config)] : [];
  const sidecarCatchAll = memo((traits: ClusterTraits): EmittedClusters => {
    const { preserveHeaderCase } = traits;
    return [
      ...emit(
        [buildBlackHoleCluster(config), buildPassthroughCluster(mesh, preserveHeaderCase), ...external(traits)],
        'SIDECAR_OUTBOUND',
      ),
      ...emit([buildInboundPassthroughCluster(mesh, preserveHeaderCase, traits)], 'SIDECAR_INBOUND'),
    ];
  });
  const unknownHosts = ({ scope, proxy }: SidecarView, traits: ClusterTraits): EmittedClusters =>
    scope.resolvesUnknownHosts
      ? emit([buildDynamicCluster(mesh, traits, unknownHostsCache(proxy, mesh.release.behaviours))], 'SIDECAR_OUTBOUND')
      : [];
  const gatewayCatchAll = memo((traits: ClusterTraits) => emit([buildBlackHoleCluster(config), ...external(traits)], 'GATEWAY'));

  const ofVip = sharedByReads(
    clusterClientTwin,
    (
      client: ClusterClient,
      service: Service,
      port: ServicePort,
      rule: ConsolidatedDestinationRule | undefined,
      traits: ClusterTraits,
      betweenNetworks: boolean,
    ): EmittedClusters => {
      const endpoints: OutboundInput['dnsEndpoints'] = (cluster) => dnsEndpoints(client, cluster);
      const build = betweenNetworks ? buildForwardedVipClusters : buildVipClusters;
      return build(mesh, { service, port, rule, traits, dnsEndpoints: endpoints }).map(unpatched);
    },
  );

  const connectOriginate = memo(
    (secrets: WorkloadSecrets, namespace: string | undefined): EmittedClusters => [
      unpatched(buildConnectOriginateCluster(mesh, secrets, namespace)),
    ],
  );
  const doubleTunnels = memo(
    (secrets: WorkloadSecrets): EmittedClusters => buildDoubleTunnelClusters(mesh, secrets).map(unpatched),
  );
  const mainInternal = memo((): EmittedClusters => [unpatched(buildMainInternalCluster(mesh))]);
  const encap = memo((): EmittedClusters => [unpatched(buildEncapCluster(mesh))]);
  const forwarding = memo(
    (): EmittedClusters => [...buildForwardingClusters(mesh), buildBlackHoleCluster(config)].map(unpatched),
  );
  const internSecrets = interner<WorkloadSecrets>();
  // No patch reaches the clusters of tunnels.
  const tunnels = ({ proxy }: ProxyView): EmittedClusters => [
    ...(takesTunnels(mesh, proxy) ? mainInternal() : []),
    ...(hasTunnels(mesh, proxy.role) && sendsTunnels(mesh, proxy)
      ? connectOriginate(internSecrets(workloadSecretsOf(proxy)), undefined)
      : []),
    ...(sendsDoubleTunnels(mesh, proxy) ? doubleTunnels(internSecrets(workloadSecretsOf(proxy))) : []),
  ];

  const waypointTunnels = (proxy: Proxy): EmittedClusters => {
    const secrets = internSecrets(workloadSecretsOf(proxy));
    const double = sendsDoubleTunnels(mesh, proxy) ? doubleTunnels(secrets) : [];
    return [...connectOriginate(secrets, proxy.namespace), ...double];
  };

  const inboundOfHosts = (
    proxy: Proxy,
    sidecar: ResourceOf<'Sidecar'> | undefined,
    name: string,
    namespace: string,
    traits: ClusterTraits,
    ...rules: Rules
  ): readonly InboundCluster[] => {
    const served = { proxy, sidecar, name, namespace };
    const ruleOf = new Map(servedHosts(served).map((hostname, index) => [hostname, rules[index]]));
    return buildInboundClusters(mesh, { ...served, ruleOf: (hostname) => ruleOf.get(hostname) }, traits);
  };
  const keptInbound = keepsInbound ? memoLatest(inboundOfHosts) : inboundOfHosts;
  const inboundOf = ({ proxy, scope }: SidecarView, traits: ClusterTraits): readonly InboundCluster[] => {
    const { sidecar, name, namespace } = scope;
    const hosts = servedHosts({ proxy, sidecar, name, namespace });
    const rules = hosts.map((hostname) => inboundDestinationRuleOf(scope, hostname));
    return keptInbound(proxy, sidecar, name, namespace, traits, ...rules);
  };

  return {
    sidecar(view) {
      const traits = internTraits(clusterTraitsOf(view.proxy, mesh.release.behaviours));
      const inbound = inboundOf(view, traits).map(
        ({ cluster, hosts }): Emitted<Cluster> => ({ value: cluster, site: { context: 'SIDECAR_INBOUND', hosts } }),
      );
      return [
        ...outbound(view, view.scope.services, traits, 'outbound'),
        ...withoutDuplicates([...sidecarCatchAll(traits), ...unknownHosts(view, traits), ...inbound, ...tunnels(view)]),
      ];
    },
    gateway(view) {
      const traits = internTraits(clusterTraitsOf(view.proxy, mesh.release.behaviours));
      const { scope, gateway, clusterServices } = view;
      const sniDnat = gateway?.autoPassthroughHosts === undefined ? [] : outbound(view, scope.services, traits, 'sniDnat');
      return [
        ...outbound(view, clusterServices, traits, 'outbound'),
        ...withoutDuplicates([...gatewayCatchAll(traits), ...sniDnat, ...tunnels(view)]),
      ];
    },
    waypoint(view) {
      const traits = internTraits(clusterTraitsOf(view.proxy, mesh.release.behaviours));
      const client = clientOf(view);
      const betweenNetworks = standsBetweenNetworks(view.proxy);
      const vips = view.services.flatMap((service) => {
        const rule = betweenNetworks ? undefined : view.inboundDestinationRule(service.hostname);
        return service.ports.flatMap((port) => ofVip(client, service, port, rule, traits, betweenNetworks));
      });
      return [
        ...outbound(view, view.outboundServices, traits, 'outbound'),
        ...withoutDuplicates([
          ...mainInternal(),
          ...(betweenNetworks ? forwarding() : encap()),
          ...vips,
          ...(betweenNetworks ? [] : waypointTunnels(view.proxy)),
          ...external(traits).map(unpatched),
        ]),
      ];
    },
  };
}

/** A cluster that no patch reaches. */
function unpatched(value: Cluster): Emitted<Cluster> {
  return { value, site: undefined };
}

function emit(clusters: readonly Cluster[], context: PatchSite['context']): EmittedClusters {
  return clusters.map((value) => ({ value, site: { context } }));
}

/** The first cluster of each name; istio normalizeClusters. */
function withoutDuplicates(clusters: EmittedClusters): EmittedClusters {
  const names = new Set<string | undefined>();
  return clusters.filter(({ value }) => !names.has(value.name) && names.add(value.name));
}
