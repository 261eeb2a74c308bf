import type { LoadBalancerSettings, LocalityLoadBalancerSetting, MeshConfig } from '../../api/istio.gen.ts';
import type { Service } from '../../model/service.ts';

/**
 * How the endpoints of a service are spread over localities: as the destination rule says, else the distribution of the service,
 * else the mesh; `force` when priorities hold without outlier detection. As istio loadbalancer.go GetLocalityLbSetting.
 */
export function localitySettingOf(
  config: MeshConfig,
  loadBalancer: LoadBalancerSettings | undefined,
  service: Service,
): { setting: LocalityLoadBalancerSetting | undefined; force: boolean } {
  const own = loadBalancer?.localityLbSetting;
  if (own !== undefined) return { setting: own.enabled === false ? undefined : own, force: false };
  switch (service.trafficDistribution) {
    case 'preferSameZone':
      return {
        force: true,
        setting: {
          enabled: true,
          failoverPriority: ['topology.istio.io/network', 'topology.kubernetes.io/region', 'topology.kubernetes.io/zone'],
        },
      };
    case 'preferSameNode':
      return {
        force: true,
        setting: {
          enabled: true,
          failoverPriority: [
            'topology.istio.io/network',
            'topology.kubernetes.io/region',
            'topology.kubernetes.io/zone',
            'topology.istio.io/subzone',
            'kubernetes.io/hostname',
          ],
        },
      };
    default: {
      const setting = config.localityLbSetting;
      return { setting: setting?.enabled === false ? undefined : setting, force: false };
    }
  }
}
