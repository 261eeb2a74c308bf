import { keyOfService } from '../../model/ambient/services.ts';
import { qualifiedName, type Waypoint, waypointOfInstance } from '../../model/ambient/waypoints.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Workload } from '../../model/registry/service.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { type DescribeContext, hostnameOf, nameOf } from './context.ts';
import type { AmbientPod, NamespacedName } from './description.ts';

/** What ambient mode makes of a pod; undefined where it has no part in it. */
export function describeAmbientPod(
  { mesh: { ambient } }: DescribeContext,
  pod: Workload,
  proxy: Proxy | undefined,
): AmbientPod | undefined {
  if (ambient === undefined) return undefined;
  const own = waypointOfInstance(ambient.waypoints, pod.namespace, pod.ownLabels);
  if (own !== undefined) {
    const services = ambient.services.filter(({ binding }) => binding.waypoint === own).map(({ resource }) => nameOf(resource));
    const workloads = ambient.workloads.filter(({ waypoint }) => waypoint === own).map(nameOf);
    // Gateways of other classes can be waypoints too.
    if (proxy?.role === 'waypoint' || services.length > 0 || workloads.length > 0) return { as: 'waypoint', services, workloads };
  }
  const workload = ambient.workloads.find(({ resource }) => resource === pod.resource);
  if (workload === undefined || workload.tunnel === 'none') return undefined;
  const waypoint = workload.waypoint && { waypoint: nameOf(workload.waypoint) };
  if (workload.tunnel === 'proxy') return { as: 'sidecar', ...waypoint };
  const holding = ambient.authorizations.filter((policy) => {
    if (policy.scope === 'WORKLOAD_SELECTOR') return workload.policies.includes(qualifiedName(policy));
    return policy.scope === 'GLOBAL' || policy.namespace === workload.namespace;
  });
  return { as: 'captured', ...waypoint, policies: holding.map(nameOf) };
}

/** The waypoint before a Service, with the proxy of it that is described; that is undefined where it has no pod. */
export interface WaypointOfService {
  readonly name: NamespacedName;
  readonly proxy: Proxy | undefined;
}

/** The waypoint through which pods in ambient mode reach a Service. */
export function waypointOfService(context: DescribeContext, service: ResourceOf<'Service'>): WaypointOfService | undefined {
  const { ambient, proxies } = context.mesh;
  const key = keyOfService({ namespace: service.namespace, hostname: hostnameOf(context, service) });
  const waypoint = ambient?.services.find((candidate) => keyOfService(candidate) === key)?.binding.waypoint;
  if (ambient === undefined || waypoint === undefined) return undefined;
  const isOf = ({ role, workload }: Proxy): boolean => role === 'waypoint' && instanceOf(workload) === waypoint;
  const instanceOf = (workload: Workload): Waypoint | undefined =>
    waypointOfInstance(ambient.waypoints, workload.namespace, workload.ownLabels);
  return { name: nameOf(waypoint), proxy: proxies.find(isOf) };
}
