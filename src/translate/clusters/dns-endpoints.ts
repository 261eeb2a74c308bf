import type { LocalityLoadBalancerSetting } from '../../api/istio.gen.ts';
import type { LocalityLbEndpoints } from '../../envoy/api.gen.ts';
import type { ConsolidatedDestinationRule } from '../../model/destination-rules.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Service, ServicePort } from '../../model/service.ts';
import type { ProxyView } from '../../scope/view.ts';
import type { ClusterMode } from './outbound.ts';

/** The endpoints of a DNS cluster for a subset (undefined for all), with weights and priorities by locality. */
export type DnsEndpoints = (
  subset: string | undefined,
  mode: ClusterMode,
  setting: LocalityLoadBalancerSetting | undefined,
  failover: boolean,
) => readonly LocalityLbEndpoints[];

/** Endpoints of DNS clusters. */
export function createDnsEndpoints(
  _mesh: Mesh,
): (
  view: ProxyView,
  service: Service,
  port: ServicePort,
  rule: ConsolidatedDestinationRule | undefined,
) => DnsEndpoints | undefined {
  return () => undefined;
}
