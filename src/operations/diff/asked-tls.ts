import { isAny } from '../../envoy/any.ts';
import type { FilterChain, Listener } from '../../envoy/api.gen.ts';
import { chainsOf } from '../../envoy/filter-chains.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { DataPlane } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';
import { sameDomain } from '../../trace/tls.ts';
import { memo } from '../../util/memo.ts';

/** Who that connections come to looks at the TLS of clients, on several sides. */
export interface AskedTls {
  /** Whether somebody does whom connections come to: where nobody does, one of the names that a client's filter chain takes stands for all. */
  isAskedAnywhere(): boolean;
  /** Whether the proxy of a pod tells server names apart: by policies, or by its filter chains. */
  isAskedAt(pod: TracePod): boolean;
  /** Whether the proxy of a pod ends TLS that clients begin by themselves. */
  isEndedAt(pod: TracePod): boolean;
}

/** Asks the configurations of all sides, each once. */
export function createAskedTls(planes: readonly DataPlane[]): AskedTls {
  const asks = memo((snapshot: XdsSnapshot, proxy: TracePod['proxy']) =>
    listenersForOthers(proxy, snapshot).some(asksForServerName),
  );
  const ends = memo((snapshot: XdsSnapshot, proxy: TracePod['proxy']) =>
    listenersForOthers(proxy, snapshot).some((listener) => chainsOf(listener).some(endsOwnTls)),
  );
  const isOfAny = (pod: TracePod, holds: (snapshot: XdsSnapshot, proxy: TracePod['proxy']) => boolean): boolean => {
    const snapshots = planes.map((plane) => plane.snapshotOf(pod));
    return snapshots.some((snapshot) => snapshot !== undefined && holds(snapshot, pod.proxy));
  };
  const isAskedAt = (pod: TracePod): boolean => isOfAny(pod, asks);
  return {
    isAskedAnywhere: memo(() => planes.some((plane) => plane.pods.some(isAskedAt))),
    isAskedAt,
    isEndedAt: (pod) => isOfAny(pod, ends),
  };
}

/** The listeners of a proxy that others than its own pod connect to. */
function listenersForOthers(proxy: TracePod['proxy'], { listeners }: XdsSnapshot): readonly Listener[] {
  return proxy === 'sidecar' ? listeners.filter(({ trafficDirection }) => trafficDirection !== 'OUTBOUND') : listeners;
}

/** A policy may ask for the name in any depth, as may what an EnvoyFilter adds. */
function asksForServerName(listener: Listener): boolean {
  return /"(?:requestedServerName|serverNames)"|REQUESTED_SERVER_NAME|requested_server_name/.test(JSON.stringify(listener));
}

/** Whether a chain takes TLS by another certificate than those of the mesh. */
function endsOwnTls({ transportSocket }: FilterChain): boolean {
  const config = transportSocket?.typedConfig;
  return (
    isAny(config, 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext') && !sameDomain(config)
  );
}
