import type { Workload } from '../../model/registry/service.ts';
import { type DataPlane, podKey } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';
import { groupBy } from '../../util/collections.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import type { GraphNode } from './graph.ts';

/** So many pods without a controller that do the same are one party. */
const MANY = 50;

/** A party of the graph, by one of its pods. */
export interface Party {
  readonly node: GraphNode;
  readonly pod: Workload;
}

/** The workloads of a mesh as parties of its graph, in order; waypoints are on the way and call nobody. */
export interface Parties {
  readonly parties: readonly Party[];
  /** The party that a pod is of. */
  idOf(pod: Pick<TracePod, 'namespace' | 'name' | 'workloadName'>): string;
  /** Those that stand for many pods, each of which is a workload by itself. */
  readonly alike: readonly GraphNode[];
}

/** By the name of a pod that no controller owns and of which there are many alike, that of the one that stands for it. */
export function standInsOf({ pods }: Pick<DataPlane, 'pods'>): ReadonlyMap<string, string> {
  const alone = pods.filter(({ name, workloadName }) => name === workloadName);
  const standIns = new Map<string, string>();
  for (const group of groupBy(alone, (pod) => pod.kin ?? podKey(pod)).values()) {
    if (group.length <= MANY) continue;
    const keys = group.map(podKey).sort();
    for (const key of keys) standIns.set(key, keys[0] ?? key);
  }
  return standIns;
}

/**
 * The parties that the pods of a mesh make. A pod that no controller owns is a workload of its own; where there are many that are
 * alike in all but their names (`kin`), the first stands for them, else every way would be there thousands of times.
 */
export function partiesOf({ mesh }: Workbench, dataPlane: DataPlane): Parties {
  const pods = mesh.registry.workloads.filter(({ kind, role }) => kind === 'Pod' && role !== 'waypoint');
  const standIns = standInsOf(dataPlane);
  const idOf: Parties['idOf'] = (pod) => standIns.get(podKey(pod)) ?? `${pod.namespace}/${pod.workloadName}`;
  const kindOf = (pod: Workload): GraphNode['kind'] => {
    if (pod.injected) return pod.role === 'gateway' ? 'gateway' : 'workload';
    return dataPlane.ztunnel?.captured(pod) === undefined ? 'without sidecar' : 'ambient';
  };
  const parties = [...groupBy(pods, idOf)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([id, members]): readonly Party[] => {
      const pod = members.find((member) => podKey(member) === id) ?? members[0];
      if (pod === undefined) return [];
      return [{ node: { id, namespace: pod.namespace, name: pod.workloadName, kind: kindOf(pod), pods: members.length }, pod }];
    });
  const ids = new Set(standIns.values());
  return { parties, idOf, alike: parties.flatMap(({ node }) => (ids.has(node.id) ? [node] : [])) };
}
