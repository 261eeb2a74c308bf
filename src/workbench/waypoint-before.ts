import type { XdsSnapshot } from '../envoy/snapshot.ts';
import type { GatewayMessage } from '../envoy/ztunnel.ts';
import { type DataPlane, podAt } from '../trace/data-plane.ts';
import type { TracePod } from '../trace/pod.ts';

/** What names a service. */
interface NamedService {
  readonly hostname: string;
  readonly namespace: string;
}

/** What istiod would send to the waypoint through which ztunnel leads connections to a service; of its pods, to the first. */
export function waypointBefore(service: NamedService, dataPlane: DataPlane): XdsSnapshot | undefined {
  const [pod] = waypointPods(service, dataPlane);
  return pod && dataPlane.snapshotOf(pod);
}

/** The pods of the waypoint before a service. */
export function waypointPods({ hostname, namespace }: NamedService, dataPlane: DataPlane): readonly TracePod[] {
  return podsOf(dataPlane.ztunnel?.serviceNamed(hostname, namespace)?.message.waypoint, dataPlane);
}

/** The pods of the waypoint through which ztunnel leads connections to a pod's own address. */
export function waypointPodsOf(pod: TracePod, dataPlane: DataPlane): readonly TracePod[] {
  return podsOf(dataPlane.ztunnel?.workloadOf(pod)?.message.waypoint, dataPlane);
}

function podsOf(waypoint: GatewayMessage | undefined, dataPlane: DataPlane): readonly TracePod[] {
  const behind = waypoint && dataPlane.ztunnel?.gateway(waypoint, '')?.service;
  return behind === undefined ? [] : podsBehind(behind, dataPlane);
}

/** Whether a service is that of a waypoint: waypoints are on the way, and nobody calls them by their own names. */
export function isOfWaypoint(service: NamedService, dataPlane: DataPlane): boolean {
  return podsBehind(service, dataPlane).some(({ proxy }) => proxy === 'waypoint');
}

/** The pods that ztunnel knows behind a service. */
export function podsBehind({ hostname, namespace }: NamedService, dataPlane: DataPlane): readonly TracePod[] {
  const endpoints = dataPlane.ztunnel?.serviceNamed(hostname, namespace)?.endpoints ?? [];
  return endpoints.flatMap(({ workload: { ips } }) => podAt(dataPlane, ips[0] ?? '') ?? []);
}
