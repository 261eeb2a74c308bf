import { standsForIngress, standsForWaypoint } from '../../model/ambient/waypoints.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Behaviours } from '../../releases/release.ts';
import { assertNever } from '../../util/assert.ts';
import { proxyFlag } from './proxy-metadata.ts';

/** Whether a proxy opens tunnels (HBONE): all do in ambient mode, but for those that are told not to. As istio core/cluster.go. */
export function sendsTunnels({ ambient }: Pick<Mesh, 'ambient'>, proxy: Proxy): boolean {
  return ambient !== undefined && !proxyFlag(proxy, 'DISABLE_HBONE_SEND');
}

/** Whether the clusters and listeners of a proxy have what tunnels need; endpoints ask for them all the same. */
export function hasTunnels({ ambient, release }: Pick<Mesh, 'ambient' | 'release'>, role: Proxy['role']): boolean {
  return ambient !== undefined && (role === 'waypoint' || release.behaviours.enableSendingHbone);
}

/** Whether a proxy listens for tunnels: sidecars that are told so, in ambient mode. As istio model Proxy.EnableHBONEListen. */
export function takesTunnels({ ambient, release }: Pick<Mesh, 'ambient' | 'release'>, proxy: Proxy): boolean {
  if (ambient === undefined) return false;
  switch (proxy.role) {
    case 'sidecar':
      return release.behaviours.enableSidecarListeningHbone && proxyFlag(proxy, 'ENABLE_HBONE');
    case 'gateway':
      return false;
    // Its own listeners do more with what comes through tunnels.
    case 'waypoint':
      return false;
    default:
      return assertNever(proxy.role);
  }
}

/**
 * Whether a proxy may send to other networks in ambient mode, as istiod's environment says for its kind.
 * As istio xds/endpoints/ep_filters.go EndpointsByNetworkFilter.
 */
export function crossesNetworks(proxy: Proxy, behaviours: Behaviours): boolean {
  const { ambientEnableMultiNetworkWaypoint, ambientEnableMultiNetworkIngress } = behaviours;
  switch (proxy.role) {
    case 'sidecar':
      return true;
    case 'gateway':
      return ambientEnableMultiNetworkIngress || !standsForIngress(proxy.labels);
    case 'waypoint':
      return ambientEnableMultiNetworkWaypoint || !standsForWaypoint(proxy.labels);
    default:
      return assertNever(proxy.role);
  }
}

/**
 * Whether a proxy can send through a tunnel within a tunnel: waypoints of Istio's own controller can, whether there are several
 * networks or not, and ingress gateways where they may send to other networks. As istio model ShouldCreateDoubleHBONEResources.
 */
export function sendsDoubleTunnels(mesh: Pick<Mesh, 'ambient' | 'release'>, proxy: Proxy): boolean {
  const { ambientEnableMultiNetwork, ambientEnableMultiNetworkIngress, ambientEnableMultiNetworkWaypoint, enableSendingHbone } =
    mesh.release.behaviours;
  switch (proxy.role) {
    case 'sidecar':
      return false;
    case 'gateway': {
      const isTold = ambientEnableMultiNetwork && ambientEnableMultiNetworkIngress && enableSendingHbone;
      return isTold && standsForIngress(proxy.labels) && sendsTunnels(mesh, proxy);
    }
    case 'waypoint':
      return ambientEnableMultiNetworkWaypoint && standsForWaypoint(proxy.labels);
    default:
      return assertNever(proxy.role);
  }
}
