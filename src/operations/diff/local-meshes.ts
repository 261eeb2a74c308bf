import type { Mesh } from '../../model/mesh.ts';
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
    if (clusters.length === 0) return [{ mesh: benches[0].mesh }];
    return clusters.map(({ name, local }) => ({ cluster: name, mesh: local }));
  });
}
