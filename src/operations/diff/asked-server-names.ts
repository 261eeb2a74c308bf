import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { DataPlane } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';

/**
 * Whether somebody that connections come to tells server names apart: policies of servers, or gateways by their filter chains. Where nobody
 * does, one of the names that a client's filter chain takes stands for all.
 */
export function areServerNamesAsked(plane: DataPlane): boolean {
  return plane.pods.some((pod) => {
    const snapshot = plane.snapshotOf(pod);
    return snapshot !== undefined && listenersForOthers(pod, snapshot).some(asksForServerName);
  });
}

/** The listeners of a proxy that others than its own pod connect to. */
function listenersForOthers({ proxy }: TracePod, { listeners }: XdsSnapshot): XdsSnapshot['listeners'] {
  return proxy === 'sidecar' ? listeners.filter(({ trafficDirection }) => trafficDirection !== 'OUTBOUND') : listeners;
}

/** A policy may ask for the name in any depth, as may what an EnvoyFilter adds. */
function asksForServerName(listener: XdsSnapshot['listeners'][number]): boolean {
  return /"(?:requestedServerName|serverNames)"|REQUESTED_SERVER_NAME|requested_server_name/.test(JSON.stringify(listener));
}
