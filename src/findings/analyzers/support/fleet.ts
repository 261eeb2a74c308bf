import type { Mesh } from '../../../model/mesh.ts';
import type { ClusterInput } from '../../../model/mesh-input.ts';
import type { Resource } from '../../../resource/resource.ts';

/** One of several clusters, for those who compare them. */
export interface FleetCluster {
  readonly name: string;
  /** The cluster whose istiod configures its proxies. */
  readonly primary: string;
  /** What stands in it, as written. */
  readonly written: readonly Resource[];
  /** The same, as a mesh is built from it. */
  readonly input: ClusterInput;
}

/** Several clusters, by name. */
export interface Fleet {
  readonly clusters: readonly FleetCluster[];
  /** What each istiod makes of all clusters, by the name of its own. */
  readonly meshes: ReadonlyMap<string, Mesh>;
}
