import type { LocalityLoadBalancerSetting } from '../../api/istio.gen.ts';
import type { LocalityLbEndpoints } from '../../envoy/api.gen.ts';
import type { ConsolidatedDestinationRule } from '../../model/destination-rules.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Service, ServicePort } from '../../model/service.ts';
import type { ProxyView } from '../../scope/view.ts';
import { createEndpointClients } from './endpoint-client.ts';
import { createEndpointGroups } from './endpoint-groups.ts';
import { balanceLocalities } from './locality-balance.ts';

/** The cluster whose endpoints are asked for: of a service that Envoy resolves by DNS. */
export interface DnsCluster {
  readonly service: Service;
  readonly port: ServicePort;
  readonly rule: ConsolidatedDestinationRule | undefined;
  /** Empty for the whole service. */
  readonly subset: string;
  /** Whether a gateway chooses the cluster by SNI. */
  readonly bySni: boolean;
  /** Locality setting in effect (locality-setting.ts); undefined where localities do not matter. */
  readonly setting: LocalityLoadBalancerSetting | undefined;
  /** Whether nearer localities come first: outlier detection is on, or the setting forces it. */
  readonly failover: boolean;
}

/**
 * Makes the builder of the endpoints that DNS clusters hold themselves.
 * As istio EndpointBuilder.FromServiceEndpoints and core/cluster_traffic_policy.go applyLocalityLoadBalancer.
 */
export function createDnsEndpointBuilder(mesh: Mesh): (view: ProxyView, cluster: DnsCluster) => readonly LocalityLbEndpoints[] {
  const endpointGroups = createEndpointGroups(mesh);
  const clientOf = createEndpointClients();
  return ({ proxy }, cluster) => {
    const nodeName = cluster.service.nodeLocal ? proxy.nodeName : undefined;
    const groups = endpointGroups({ ...cluster, nodeName }, 'cluster', clientOf(proxy));
    const localities = groups.map(({ value }) => value);
    const { setting, failover, subset, bySni } = cluster;
    if (setting === undefined || groups.length === 0) return localities;
    // Priorities by label are known to istiod for the first locality of the whole service only.
    const told = subset === '' && !bySni ? groups.slice(0, 1) : [];
    return balanceLocalities(localities, told, proxy, setting, failover);
  };
}
