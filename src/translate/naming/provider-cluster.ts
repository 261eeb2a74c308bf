import { providerService } from '../../model/extensions/extension-providers.ts';
import type { Mesh } from '../../model/mesh.ts';
import { subsetKey } from './names.ts';

/** The cluster of a service that an extension provider of MeshConfig names; undefined where that is not one service. */
export function providerCluster(
  { registry }: Pick<Mesh, 'registry'>,
  service: string,
  port: number,
): { hostname: string; cluster: string } | undefined {
  const found = providerService(registry, service);
  return found && { hostname: found.hostname, cluster: subsetKey('outbound', '', found.hostname, port) };
}
