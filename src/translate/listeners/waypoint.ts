import type { Listener } from '../../envoy/api.gen.ts';
import type { Emitted } from '../../envoy/emitted.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { WaypointView } from '../../scope/view.ts';
import type { ProxyTraits } from '../traits/proxy-traits.ts';

/** The listeners of waypoints; istio pilot/pkg/networking/core/listener_waypoint.go. */
export function createWaypointListenerBuilder(
  _mesh: Mesh,
  _traits: ProxyTraits,
): (view: WaypointView) => readonly Emitted<Listener>[] {
  return () => [];
}
