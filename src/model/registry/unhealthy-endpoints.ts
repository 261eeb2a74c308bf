import type { Behaviours } from '../../releases/release.ts';
import type { Service } from './service.ts';

/**
 * Whether clients of the service are told of endpoints that are not ready, and thus never panic: where traffic is to stay near, they
 * have to know how much of what is near is healthy. As istio pilot/pkg/model/service.go SupportsUnhealthyEndpoints.
 */
export function sendsUnhealthyEndpoints(
  { trafficDistribution }: Pick<Service, 'trafficDistribution'>,
  { sendUnhealthyEndpoints }: Behaviours,
): boolean {
  return sendUnhealthyEndpoints || trafficDistribution !== 'any';
}
