import type { LocalityLoadBalancerSetting, ZoneAwareLoadBalancerSetting } from '../../api/istio.gen.ts';
import type { LocalityLbEndpoints } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Service, ServicePort } from '../../model/registry/service.ts';
import type { ConsolidatedDestinationRule } from '../../model/traffic/destination-rules.ts';
import { type Client, clientTwin } from '../../scope/client.ts';
import type { Twin } from '../../util/shared-by-reads.ts';
import type { ClientPlace } from './client-place.ts';
import { createEndpointGroups } from './endpoint-groups.ts';
import { balanceLocalities, balanceRegions } from './locality-balance.ts';

/** The cluster whose endpoints are asked for: of a service that Envoy resolves by DNS. */
export interface DnsServiceCluster {
  readonly service: Service;
  readonly port: ServicePort;
  readonly rule: ConsolidatedDestinationRule | undefined;
  /** Empty for the whole service. */
  readonly subset: string;
  /** Whether a gateway chooses the cluster by SNI. */
  readonly bySni: boolean;
  /** Whether it is that of a waypoint towards a service that it serves. */
  readonly vip: boolean;
  /** Locality setting in effect (locality-setting.ts); undefined where localities do not matter. */
  readonly setting: LocalityLoadBalancerSetting | undefined;
  /** Where Envoy keeps traffic to zones instead, and is not told not to. */
  readonly zones: ZoneAwareLoadBalancerSetting | undefined;
  /** Whether nearer localities come first: outlier detection is on, or the setting forces it. */
  readonly failover: boolean;
}

/** What the endpoints of DNS clusters may ask about a client; where it is matters to them alone among clusters. */
export interface ClusterClient extends Client {
  place(): ClientPlace;
}

/** Notes what a client is asked. */
export const clusterClientTwin: Twin<ClusterClient> = (noting) => ({
  ...clientTwin(noting),
  place: noting('place', (client) => client.place()),
});

/**
 * Makes the builder of the endpoints that DNS clusters hold themselves.
 * As istio EndpointBuilder.FromServiceEndpoints and core/cluster_traffic_policy.go applyLocalityLoadBalancer.
 */
export function createDnsEndpointBuilder(
  mesh: Mesh,
): (client: ClusterClient, cluster: DnsServiceCluster) => readonly LocalityLbEndpoints[] {
  const endpointGroups = createEndpointGroups(mesh);
  return (client, cluster) => {
    const place = client.place();
    const nodeName = cluster.service.nodeLocal ? client.nodeName() : undefined;
    const groups = endpointGroups({ ...cluster, nodeName }, 'cluster', place);
    const localities = groups.map(({ value }) => value);
    const { setting, failover, subset, bySni, vip, zones } = cluster;
    if ((setting === undefined && zones === undefined) || groups.length === 0) return localities;
    // Priorities by label are known to istiod for the first locality of the whole service only.
    const told = subset === '' && !bySni && !vip && mesh.release.behaviours.ordersDnsEndpointsByLabel ? groups.slice(0, 1) : [];
    const from = { locality: place.locality, label: client.label, behaviours: mesh.release.behaviours };
    if (zones !== undefined) return balanceRegions(localities, told, from, zones);
    return setting === undefined ? localities : balanceLocalities(localities, told, from, setting, failover);
  };
}
