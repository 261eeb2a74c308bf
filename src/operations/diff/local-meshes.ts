import type { Mesh } from '../../model/mesh.ts';
import type { Service } from '../../model/registry/service.ts';
import { type DataPlane, seenFrom } from '../../trace/data-plane.ts';
import { memo } from '../../util/memo.ts';
import { joinedClusters } from '../../workbench/joined-clusters.ts';
import type { ManifestConfiguration } from './configuration.ts';

/** What Kubernetes knows in one cluster, as if there were no others. */
export interface LocalMesh {
  /** Where there are several. */
  readonly cluster?: string;
  readonly mesh: Mesh;
}

/** Finds the clusters of a side, which are built once. */
export type LocalMeshFinder = (side: ManifestConfiguration) => readonly LocalMesh[];

/** Nodes lead connections by the Services of their own cluster, whatever istiod makes of those of all. */
export function createLocalMeshFinder(): LocalMeshFinder {
  return memo(({ benches }: ManifestConfiguration) => {
    const clusters = joinedClusters(benches);
    if (clusters.length === 0) return [{ mesh: benches[0].local }];
    return clusters.map(({ name, local }) => ({ cluster: name, mesh: local }));
  });
}

/** One cluster on both sides, as it is seen from within. */
export interface MeshPair {
  readonly cluster: string | undefined;
  readonly meshes: readonly [Mesh, Mesh];
  readonly planes: readonly [DataPlane, DataPlane];
}

/** The clusters that both sides have. */
export function meshPairs(
  [before, after]: readonly [ManifestConfiguration, ManifestConfiguration],
  planes: readonly [DataPlane, DataPlane],
  meshesOf: LocalMeshFinder,
): readonly MeshPair[] {
  const earlier = new Map(meshesOf(before).map(({ cluster, mesh }) => [cluster, mesh]));
  return meshesOf(after).flatMap(({ cluster, mesh }): readonly MeshPair[] => {
    const known = earlier.get(cluster);
    if (known === undefined) return [];
    const place = cluster === undefined ? undefined : { cluster };
    return [{ cluster, meshes: [known, mesh], planes: [seenFrom(planes[0], place), seenFrom(planes[1], place)] }];
  });
}

/** The Services that Kubernetes itself knows, which names and nodes lead to. */
export function kubernetesServices({ registry }: Mesh): readonly Service[] {
  return registry.services.filter(({ registry: of, resource }) => of === 'Kubernetes' && resource.kind === 'Service');
}
