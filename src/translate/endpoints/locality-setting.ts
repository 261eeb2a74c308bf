import type { LoadBalancerSettings, LocalityLoadBalancerSetting, MeshConfig } from '../../api/istio.gen.ts';
import { NETWORK_LABEL, NODE_LABEL, REGION_LABEL, SUBZONE_LABEL, ZONE_LABEL } from '../../model/registry/locality.ts';
import type { Service } from '../../model/registry/service.ts';
import { assertNever } from '../../util/assert.ts';

/** How a cluster prefers localities. */
export interface LocalitySetting {
  /** Undefined where localities do not matter. */
  readonly setting: LocalityLoadBalancerSetting | undefined;
  /** Whether nearer endpoints come first even without outlier detection: their own health tells when to go on to others. */
  readonly force: boolean;
}

/**
 * The setting in effect: that of the destination rule's load balancer, else what the service's traffic distribution means, else
 * the mesh's. As istio pilot/pkg/networking/core/loadbalancer GetLocalityLbSetting.
 */
export function localitySettingOf(
  config: MeshConfig,
  loadBalancer: LoadBalancerSettings | undefined,
  service: Service,
): LocalitySetting {
  const own = loadBalancer?.localityLbSetting;
  if (own !== undefined) return { setting: own.enabled === false ? undefined : own, force: false };
  switch (service.trafficDistribution) {
    case 'preferSameZone':
      return prefer([NETWORK_LABEL, REGION_LABEL, ZONE_LABEL]);
    case 'preferSameNode':
      return prefer([NETWORK_LABEL, REGION_LABEL, ZONE_LABEL, SUBZONE_LABEL, NODE_LABEL]);
    case 'any': {
      const ofMesh = config.localityLbSetting;
      return { setting: ofMesh?.enabled === false ? undefined : ofMesh, force: false };
    }
    default:
      return assertNever(service.trafficDistribution);
  }
}

function prefer(failoverPriority: readonly string[]): LocalitySetting {
  return { setting: { enabled: true, failoverPriority }, force: true };
}
