import type { Mesh } from '../../model/mesh.ts';
import { providerCluster } from '../naming/provider-cluster.ts';

/** The cluster of the first SDS extension provider: undefined when there is none, null when its service is unknown. */
export function sdsProviderCluster(mesh: Mesh): string | undefined | null {
  const provider = mesh.config.extensionProviders?.find(({ sds }) => sds !== undefined)?.sds;
  if (provider === undefined) return undefined;
  return providerCluster(mesh, provider.service ?? '', provider.port ?? 0)?.cluster ?? null;
}
