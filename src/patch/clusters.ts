import type { Cluster, TransportSocket } from '../envoy/api.gen.ts';
import { addsInContext, matchesCluster, matchesContext, type PatchContext } from './match.ts';
import {
  attemptPatch,
  isMerge,
  mergedInto,
  type PatchOutcome,
  type PatchRun,
  type PatchTools,
  patchesFor,
  type ReadyPatch,
  valueOf,
} from './patch-set.ts';
import { messageByApplyTo } from './values.ts';

/**
 * The cluster after the patches for it; `hosts` are those of the services behind an inbound one.
 * As istio envoyfilter/cluster_patch.go ApplyClusterMerge.
 */
export function patchCluster(
  tools: PatchTools,
  context: PatchContext,
  cluster: Cluster,
  hosts: readonly string[],
): PatchOutcome<Cluster> {
  return attemptPatch(tools, cluster, (run, cell) => {
    for (const ready of patchesFor(run, 'CLUSTER')) {
      const { patch } = ready;
      const current = cell.get();
      if (current === undefined || (patch.operation !== 'REMOVE' && !isMerge(patch))) continue;
      if (!matchesContext(patch, context) || !matchesCluster(patch, current, hosts)) continue;
      cell.set(patch.operation === 'REMOVE' ? undefined : mergeCluster(run, current, ready));
      run.applied.add(patch);
    }
  });
}

/** The clusters that patches add to the context. As istio envoyfilter/cluster_patch.go InsertedClusters. */
export function addedClusters(tools: PatchTools, context: PatchContext): PatchOutcome<readonly Cluster[]> {
  return attemptPatch<readonly Cluster[]>(tools, [], (run, cell) => {
    for (const ready of patchesFor(run, 'CLUSTER')) {
      if (ready.patch.operation !== 'ADD' || !addsInContext(ready.patch, context)) continue;
      cell.set([...(cell.get() ?? []), valueOf<Cluster>(run, ready)]);
      run.applied.add(ready.patch);
    }
  });
}

/** A patch with a transport socket changes that alone: one of its name by what it holds, else it takes its place. */
function mergeCluster(run: PatchRun, cluster: Cluster, ready: ReadyPatch): Cluster {
  const socket = valueOf<Cluster>(run, ready).transportSocket;
  if (socket === undefined) return mergedInto(run, ready, messageByApplyTo.CLUSTER, cluster);
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
