import { usageError } from '../diagnostics/user-error.ts';
import { inputsByPrimary } from '../model/clusters.ts';
import type { ClusterInput, MeshInput } from '../model/mesh-input.ts';
import { type Input, meshInputOf } from './load.ts';

/** What the mesh of one primary is built from, with the input that is its own. */
export interface PrimaryInput {
  /** The manifests of the cluster whose istiod configures. */
  readonly input: Input;
  readonly meshInput: MeshInput;
}

/**
 * What meshes are built from: one for each primary, which sees all clusters. Of one cluster without a name, there is one mesh of that
 * alone. Throws a UserError where clusters cannot be seen together.
 */
export function primaryInputs(inputs: readonly Input[]): readonly PrimaryInput[] {
  const [only, ...others] = inputs;
  if (only === undefined) return [];
  if (only.cluster === undefined && others.length === 0) return [{ input: only, meshInput: meshInputOf(only) }];
  const clusters = inputs.map(clusterOf);
  const [first, ...rest] = clusters;
  if (first === undefined) return [];
  return inputsByPrimary({ release: only.release, namesClusters: true, clusters: [first, ...rest] }).map((seen) => {
    const input = inputs.find(({ cluster }) => cluster?.name === seen.clusters[0].name) ?? only;
    if (input.release.behaviours.enableAmbient && clusters.length > 1) {
      throw usageError(
        `cluster ${seen.clusters[0].name} is in ambient mode, which is not computed over several clusters (--no-ambient turns it off)`,
      );
    }
    return { input, meshInput: { ...seen, release: input.release, proxyVersion: input.proxyVersion } };
  });
}

function clusterOf(input: Input): ClusterInput {
  const {
    clusters: [cluster],
  } = meshInputOf(input);
  const { name = cluster.name, network, trustDomain } = input.cluster ?? {};
  return { ...cluster, name, network, trustDomain };
}
