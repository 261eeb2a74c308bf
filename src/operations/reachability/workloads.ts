import type { Workload } from '../../model/registry/service.ts';
import { type DataPlane, podKey } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';
import { groupBy } from '../../util/collections.ts';
import type { GraphNode } from './graph.ts';
import type { Side } from './sides.ts';

/** So many pods without a controller that do the same are one party. */
const MANY = 50;

/** A pod with the name of its cluster, where there are several. */
export type PodOfSide = Workload & { readonly cluster?: string };

/** A party of the graph, by one of its pods. */
export interface Party {
  readonly node: GraphNode;
  readonly pod: PodOfSide;
  readonly side: Side;
}

/** The workloads of a mesh as parties of its graph, in order; waypoints are on the way and call nobody. */
export interface Parties {
  readonly parties: readonly Party[];
  /** All their pods. */
  readonly pods: readonly PodOfSide[];
  /** The party that a pod is of. */
  idOf(pod: Pick<TracePod, 'cluster' | 'namespace' | 'name' | 'workloadName'>): string;
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
 * The parties that the pods of a mesh make, or those of several clusters. A pod that no controller owns is a workload of its own; where
 * there are many that are alike in all but their names (`kin`), the first stands for them, else every way would be there thousands of times.
 */
export function partiesOf(sides: readonly [Side, ...Side[]]): Parties {
  const [{ dataPlane }] = sides;
  const standIns = standInsOf(dataPlane);
  const idOf: Parties['idOf'] = (pod) =>
    standIns.get(podKey(pod)) ?? podKey({ cluster: pod.cluster, namespace: pod.namespace, name: pod.workloadName });
  const kindOf = (pod: Workload): GraphNode['kind'] => {
    if (pod.injected) return pod.role === 'gateway' ? 'gateway' : 'workload';
    return dataPlane.ztunnel?.captured(pod) === undefined ? 'without sidecar' : 'ambient';
  };
  const ofSides = sides.map((side) => ({ side, pods: podsOfSide(side) }));
  const parties = ofSides
    .flatMap(({ side, pods }) => [...groupBy(pods, idOf)].map(([id, members]) => ({ side, id, members })))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap(({ side, id, members }): readonly Party[] => {
      const pod = members.find((member) => podKey(member) === id) ?? members[0];
      if (pod === undefined) return [];
      const { cluster, namespace, workloadName: name } = pod;
      const node = { id, ...(cluster !== undefined && { cluster }), namespace, name, kind: kindOf(pod), pods: members.length };
      return [{ node, pod, side }];
    });
  const ids = new Set(standIns.values());
  return {
    parties,
    pods: ofSides.flatMap(({ pods }) => pods),
    idOf,
    alike: parties.flatMap(({ node }) => (ids.has(node.id) ? [node] : [])),
  };
}

/** The pods of a cluster that are no waypoints. */
export function podsOfSide({ mesh, cluster }: Pick<Side, 'mesh' | 'cluster'>): readonly PodOfSide[] {
  const pods = mesh.registry.workloads.filter(({ kind, role }) => kind === 'Pod' && role !== 'waypoint');
  return cluster === undefined
    ? pods
    : pods.filter(({ clusterId }) => clusterId === cluster).map((pod): PodOfSide => ({ ...pod, cluster }));
}
