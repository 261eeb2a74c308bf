import type {
  LoadBalancerSettings,
  LocalityLoadBalancerSetting,
  MeshConfig,
  ZoneAwareLoadBalancerSetting,
} from '../../api/istio.gen.ts';
import { NETWORK_LABEL, NODE_LABEL, REGION_LABEL, SUBZONE_LABEL, ZONE_LABEL } from '../../model/registry/locality.ts';
import type { Service } from '../../model/registry/service.ts';
import { assertNever } from '../../util/assert.ts';

/** How a cluster prefers localities. */
export interface LocalitySetting {
  /** Undefined where localities do not matter. */
  readonly setting: LocalityLoadBalancerSetting | undefined;
  /** Whether nearer endpoints come first even without outlier detection: their own health tells when to go on to others. */
  readonly force: boolean;
  /** Where Envoy keeps traffic to zones instead. */
  readonly zones?: ZoneAwareLoadBalancerSetting;
}

/**
 * The setting in effect: that of the destination rule's load balancer, else what the service's traffic distribution means, else
 * the mesh's. As istio pilot/pkg/networking/core/loadbalancer GetLocalityLbSetting, GetEffectiveLbSetting.
 */
export function localitySettingOf(
  config: MeshConfig,
  loadBalancer: LoadBalancerSettings | undefined,
  service: Service,
): LocalitySetting {
  if (loadBalancer?.zoneAwareLbSetting !== undefined) return keep(loadBalancer.zoneAwareLbSetting);
  const own = loadBalancer?.localityLbSetting;
  if (own !== undefined) return { setting: own.enabled === false ? undefined : own, force: false };
  switch (service.trafficDistribution) {
    case 'preferSameZone':
      return prefer([NETWORK_LABEL, REGION_LABEL, ZONE_LABEL]);
    case 'preferSameNode':
      return prefer([NETWORK_LABEL, REGION_LABEL, ZONE_LABEL, SUBZONE_LABEL, NODE_LABEL]);
    case 'any': {
      if (config.zoneAwareLbSetting !== undefined) return keep(config.zoneAwareLbSetting);
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

/** What is switched off counts too: Envoy would keep to zones by itself. */
function keep(zones: ZoneAwareLoadBalancerSetting): LocalitySetting {
  return { setting: undefined, force: zones.enabled !== false, zones };
}
