import type { Mesh } from '../../model/mesh.ts';
import { providerCluster } from '../naming/provider-cluster.ts';
import type { SecretServer } from './common.ts';

/** The servers of secrets among the extension providers. */
export function secretServersOf(mesh: Pick<Mesh, 'config' | 'registry'>): readonly SecretServer[] {
  return (mesh.config.extensionProviders ?? []).flatMap(({ sds }) =>
    sds === undefined ? [] : [{ name: sds.name ?? '', found: providerCluster(mesh, sds.service ?? '', sds.port ?? 0) }],
  );
}
