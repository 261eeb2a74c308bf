import type { Cluster, TransportSocket } from '../envoy/api.gen.ts';
import type { Emitted } from '../envoy/emitted.ts';
import { addsInContext, matchesCluster, matchesContext, type PatchContext } from './match.ts';
import { type PatchRun, patchesFor, untilAborted, valueOf } from './patch-set.ts';
import { messageByApplyTo } from './values.ts';

/**
 * The cluster after the patches for it; undefined when one removes it.
 * As istio envoyfilter/cluster_patch.go ApplyClusterMerge.
 */
export function patchCluster(run: PatchRun, emitted: Emitted<Cluster>): Emitted<Cluster> | undefined {
  const { context, hosts = [] } = emitted.site;
  let cluster: Cluster | undefined = emitted.value;
  untilAborted(run, () => {
    for (const ready of patchesFor(run, 'CLUSTER')) {
      const { patch } = ready;
      if (cluster === undefined || (patch.operation !== 'REMOVE' && patch.operation !== 'MERGE')) continue;
      if (!matchesContext(patch, context) || !matchesCluster(patch, cluster, hosts)) continue;
      cluster = patch.operation === 'REMOVE' ? undefined : mergeCluster(run, cluster, valueOf(ready));
      run.applied.add(patch);
    }
  });
  if (cluster === undefined) return undefined;
  return cluster === emitted.value ? emitted : { ...emitted, value: cluster };
}

/** The clusters that patches add to the context. As istio envoyfilter/cluster_patch.go InsertedClusters. */
export function addedClusters(run: PatchRun, context: PatchContext): Emitted<Cluster>[] {
  const added: Emitted<Cluster>[] = [];
  untilAborted(run, () => {
    for (const ready of patchesFor(run, 'CLUSTER')) {
      if (ready.patch.operation !== 'ADD' || !addsInContext(ready.patch, context)) continue;
      added.push({ value: valueOf<Cluster>(ready), site: { context } });
      run.applied.add(ready.patch);
    }
  });
  return added;
}

/** A patch with a transport socket changes that alone: one of its name by what it holds, else it takes its place. */
function mergeCluster(run: PatchRun, cluster: Cluster, patch: Cluster): Cluster {
  const socket = patch.transportSocket;
  if (socket === undefined) return run.merger.message<Cluster>(messageByApplyTo.CLUSTER, cluster, patch);
  const matches = cluster.transportSocketMatches ?? [];
  if (matches.length > 0) {
    const index = matches.findIndex(({ transportSocket }) => transportSocket?.name === socket.name);
    const match = matches[index];
    if (match?.transportSocket === undefined) return cluster;
    const merged = { ...match, transportSocket: mergeSocket(run, match.transportSocket, socket) };
    return { ...cluster, transportSocketMatches: matches.with(index, merged) };
  }
  const current = cluster.transportSocket;
  const merged = current === undefined || current.name !== socket.name ? socket : mergeSocket(run, current, socket);
  return { ...cluster, transportSocket: merged };
}

function mergeSocket(run: PatchRun, into: TransportSocket, from: TransportSocket): TransportSocket {
  if (into.typedConfig === undefined || from.typedConfig === undefined) return into;
  return { ...into, typedConfig: run.merger.any(into.typedConfig, from.typedConfig) };
}
