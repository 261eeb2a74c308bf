import type { Subset, ZoneAwareLoadBalancerSetting } from '../../api/istio.gen.ts';
import { any } from '../../envoy/any.ts';
import type {
  Cluster,
  ClusterCommonLbConfig,
  ClusterCommonLbConfigZoneAwareLbConfig,
  ClusterDiscoveryType,
  Metadata,
} from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { factsOf } from '../../model/proxies/roles.ts';
import type { Service, ServicePort } from '../../model/registry/service.ts';
import { sendsUnhealthyEndpoints } from '../../model/registry/unhealthy-endpoints.ts';
import { isWildcard } from '../../model/traffic/host.ts';
import type { EffectivePolicy } from '../../model/traffic/traffic-policy.ts';
import type { Behaviours } from '../../releases/release.ts';
import { assertNever } from '../../util/assert.ts';
import { canonicalDuration } from '../../util/duration.ts';
import { compact } from '../../util/object.ts';
import { originOf, withOrigin } from '../../util/origin.ts';
import type { DnsServiceCluster } from '../endpoints/dns-endpoints.ts';
import { localitySettingOf } from '../endpoints/locality-setting.ts';
import { dnsCacheName } from '../naming/names.ts';
import { PEER_METADATA } from '../tls/tunnel.ts';
import type { ClusterTraits } from './traits.ts';

/** What clusters of services have in common, those of clients and those of waypoints. */

/** Whether the host is resolved by the proxy, request by request. */
export function isDynamicForwardProxy(service: Service): boolean {
  return service.resolution === 'dynamicDns' && isWildcard(service.hostname);
}

/** Resolves the host of each request; `allowInsecure` where names are not all taken from it. As istio buildDFPCluster. */
export function forwardProxyType(
  { hostname }: Service,
  { forwardLookupFamily }: ClusterTraits,
  allowInsecure: boolean,
): NonNullable<Cluster['clusterType']> {
  return {
    name: 'envoy.clusters.dynamic_forward_proxy',
    typedConfig: any(
      'type.googleapis.com/envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig',
      compact({
        dnsCacheConfig: { name: dnsCacheName(hostname), dnsLookupFamily: forwardLookupFamily },
        allowInsecureClusterOptions: allowInsecure || undefined,
      }),
    ),
  };
}

/** How the endpoints of a service are found; istio convertResolution. */
export function discoveryType(
  service: Service,
  { role }: ClusterTraits,
  { enableEdsForHeadlessServices }: Behaviours,
): ClusterDiscoveryType {
  switch (service.resolution) {
    case 'dns':
      return service.raceFirstTcpConnect ? 'LOGICAL_DNS' : 'STRICT_DNS';
    case 'dnsRoundRobin':
      return 'LOGICAL_DNS';
    case 'passthrough':
      return factsOf[role].keepsDestinations && !(enableEdsForHeadlessServices && service.registry === 'Kubernetes')
        ? 'ORIGINAL_DST'
        : 'EDS';
    case 'clientSide':
    case 'alias':
    case 'dynamicDns':
      return 'EDS';
    default:
      return assertNever(service.resolution);
  }
}

/** What of a cluster the preference for localities decides, and what its endpoints must know of that. */
export interface LocalityBalance extends Pick<DnsServiceCluster, 'setting' | 'failover'> {
  /** The zones to which traffic keeps, unless that is switched off. */
  readonly keptToZones: ZoneAwareLoadBalancerSetting | undefined;
  readonly fields: Pick<ClusterCommonLbConfig, 'localityWeightedLbConfig' | 'zoneAwareLbConfig'>;
}

/** As istio core/cluster_traffic_policy.go applyLocalityLoadBalancer. */
export function localityBalance(
  { config, release: { behaviours } }: Mesh,
  service: Service,
  policy: EffectivePolicy | undefined,
): LocalityBalance {
  const { setting, force, zones } = localitySettingOf(config, policy?.loadBalancer, service);
  const failover = force || policy?.outlierDetection !== undefined;
  const weighted =
    (zones === undefined && behaviours.enableLocalityWeightedLbConfig) ||
    (failover && (!!setting?.failover?.length || !!setting?.failoverPriority?.length)) ||
    !!setting?.distribute?.length;
  return {
    setting,
    failover,
    keptToZones: zones?.enabled === false ? undefined : zones,
    fields: compact({
      localityWeightedLbConfig: weighted ? {} : undefined,
      zoneAwareLbConfig: zones && zoneAwareConfig(zones),
    }),
  };
}

/** As istio loadbalancer.go ZoneAwareLBSettings.ApplyToCluster. */
function zoneAwareConfig({ enabled, minClusterSize }: ZoneAwareLoadBalancerSetting): ClusterCommonLbConfigZoneAwareLbConfig {
  return compact({
    routingEnabled: enabled === false ? {} : undefined,
    minClusterSize: minClusterSize === undefined ? undefined : String(minClusterSize),
  });
}

/** How names are resolved. */
export function dnsFields(mesh: Mesh, service: Service, traits: ClusterTraits): Partial<Cluster> {
  const { dnsCaresUdpMaxQueries, dnsJitterDuration } = mesh.release.behaviours;
  return compact({
    dnsLookupFamily: service.raceFirstTcpConnect ? ('ALL' as const) : traits.dnsLookupFamily,
    typedDnsResolverConfig: {
      name: 'envoy.network.dns_resolver.cares',
      typedConfig: any('type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig', {
        udpMaxQueries: dnsCaresUdpMaxQueries,
      }),
    },
    dnsJitter: dnsJitterDuration,
    dnsRefreshRate: canonicalDuration(mesh.config.dnsRefreshRate),
    respectDnsTtl: true,
  });
}

/** Panic mode would send traffic to endpoints that are not ready; istio applyOutlierDetection and applyLoadBalancer. */
export function panicThreshold(
  service: Service,
  policy: EffectivePolicy | undefined,
  behaviours: Behaviours,
): { readonly value?: number } | undefined {
  if (sendsUnhealthyEndpoints(service, behaviours)) return {};
  const minimum = policy?.outlierDetection === undefined ? -1 : (policy.outlierDetection.minHealthPercent ?? 0);
  if (minimum < 0) return behaviours.autoSendUnhealthyEndpoints ? {} : undefined;
  return compact({ value: minimum || undefined });
}

/** What Istio's own filters read of a cluster, which may keep them from learning about peers by what tunnels say. */
export function istioMetadata(istio: Readonly<Record<string, unknown>>, learnsPeers = true): Metadata | undefined {
  const filterMetadata = {
    ...(Object.keys(istio).length > 0 && { istio }),
    ...(!learnsPeers && { [PEER_METADATA]: { disable_baggage_discovery: true } }),
  };
  return Object.keys(filterMetadata).length === 0 ? undefined : { filterMetadata };
}

/** The cluster with what made it: the subset, else the port of the service. */
export function mark(cluster: Cluster, mesh: Mesh, service: Service, port: ServicePort, subset: Subset | undefined): Cluster {
  const ofSubset = originOf(subset);
  if (ofSubset !== undefined) return withOrigin(cluster, ofSubset.resource, ofSubset.path);
  const index = mesh.registry.portsOf(service).findIndex((candidate) => candidate.port === port.port);
  return withOrigin(cluster, service.resource, index < 0 ? ['spec'] : ['spec', 'ports', index]);
}
