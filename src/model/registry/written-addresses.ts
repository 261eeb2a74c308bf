import { isObject } from '../../util/object.ts';
import type { Mesh } from '../mesh.ts';

/**
 * The addresses of services that stand in manifests: ServiceEntries have them as a rule, Services mostly get theirs from the cluster, so
 * that the one they have here is made up.
 */
export function writtenAddresses({ registry }: Mesh): ReadonlySet<string> {
  return new Set(
    registry.services.flatMap(({ resource }): readonly string[] => {
      if (resource.kind === 'ServiceEntry') return resource.spec.addresses ?? [];
      const { value } = resource.document;
      if (!isObject(value) || !isObject(value.spec)) return [];
      const { clusterIP, clusterIPs } = value.spec;
      return [clusterIP, ...(Array.isArray(clusterIPs) ? clusterIPs : [])].filter((ip) => typeof ip === 'string');
    }),
  );
}
