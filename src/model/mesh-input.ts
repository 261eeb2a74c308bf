import type { MeshConfig, MeshNetworks } from '../api/istio.gen.ts';
import type { Resource } from '../resource/resource.ts';

/** What stands in one cluster, with what its istiod is told. */
export interface ClusterInput {
  /** Its ID, which proxies and endpoints in it carry (istiod's CLUSTER_ID). */
  readonly name: string;
  /** In any order. */
  readonly resources: readonly Resource[];
  /** The body of MeshConfig as the user writes it, in protobuf JSON names. */
  readonly meshConfig: MeshConfig;
  readonly meshNetworks: MeshNetworks | undefined;
}

/** All that a mesh is built from. */
export interface MeshInput {
  /** One for now: its istiod configures the proxies. */
  readonly clusters: readonly [ClusterInput];
}

/** The ID of a cluster that nobody named; istiod's default CLUSTER_ID. */
export const DEFAULT_CLUSTER = 'Kubernetes';

/** The input of a mesh of one cluster without a name. */
export function singleCluster(
  resources: readonly Resource[],
  meshConfig: MeshConfig = {},
  meshNetworks?: MeshNetworks,
): MeshInput {
  return { clusters: [{ name: DEFAULT_CLUSTER, resources, meshConfig, meshNetworks }] };
}
