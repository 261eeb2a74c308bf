import type { Labels } from '../../resource/resource.ts';
import type { TrafficDistribution } from './service.ts';

const ANNOTATION = 'networking.istio.io/traffic-distribution';

/**
 * How a service spreads its traffic: as its spec says, else its annotation, else that of its namespace.
 * As istio pilot/pkg/model/service.go GetTrafficDistribution; the annotation's words may have any case.
 */
export function trafficDistribution(
  ofSpec: string | undefined,
  annotations: Labels,
  namespaceAnnotations: Labels | undefined,
): TrafficDistribution {
  if (ofSpec === 'PreferSameZone' || ofSpec === 'PreferClose') return 'preferSameZone';
  if (ofSpec === 'PreferSameNode') return 'preferSameNode';
  switch ((annotations[ANNOTATION] || namespaceAnnotations?.[ANNOTATION] || '').toLowerCase()) {
    case 'preferclose':
    case 'prefersamezone':
      return 'preferSameZone';
    case 'prefersamenode':
      return 'preferSameNode';
    default:
      return 'any';
  }
}
