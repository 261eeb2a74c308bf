import type { Listener } from '../../envoy/api.gen.ts';
import type { Emitted } from '../../envoy/emitted.ts';
import { standsBetweenNetworks } from '../../model/ambient/waypoints.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { WaypointView } from '../../scope/view.ts';
import type { ProxyTraits } from '../traits/proxy-traits.ts';
import { sendsDoubleTunnels } from '../traits/tunnels.ts';
import { buildConnectOriginate, buildForwardInnerConnect } from './connect-originate.ts';
import { buildConnectTerminate, emitInbound } from './connect-terminate.ts';
import { buildInnerTunnel, buildOuterTunnel } from './double-tunnel.ts';
import { createPassedThroughListeners } from './passed-through.ts';
import { buildMainInternal } from './waypoint-internal.ts';

/**
 * The listeners of waypoints: where tunnels end, behind it the one that chooses what is done with a connection, and those that lead into
 * tunnels again. Those for other networks are there even where all is one network. A gateway between networks hands on what it finds
 * in tunnels.
 * As istio pilot/pkg/networking/core/listener_waypoint.go buildWaypointInbound.
 */
export function createWaypointListenerBuilder(
  mesh: Mesh,
  traits: ProxyTraits,
): (view: WaypointView) => readonly Emitted<Listener>[] {
  const passedThrough = createPassedThroughListeners(mesh, traits);
  return (view) => {
    const logs = traits.telemetry.accessLogs(view, 'inbound');
    const { proxy } = view;
    return [
      emitInbound(
        buildConnectTerminate(mesh, { http: traits.http(view, 'inbound'), authorization: traits.tunnelEnd(view), logs }, proxy),
      ),
      buildMainInternal(mesh, traits, view, logs.listener),
      emitInbound(
        standsBetweenNetworks(proxy) ? buildForwardInnerConnect(logs) : buildConnectOriginate(mesh.release.behaviours, logs),
      ),
      ...passedThrough(view).map(emitInbound),
      ...(sendsDoubleTunnels(mesh, proxy)
        ? [buildInnerTunnel(mesh.release.behaviours, proxy.network, logs), buildOuterTunnel('waypoint', logs)].map(emitInbound)
        : []),
    ];
  };
}
