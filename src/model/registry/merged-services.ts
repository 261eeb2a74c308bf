import { groupBy } from '../../util/collections.ts';
import type { ClusterRegistry } from './cluster-registry.ts';
import type { Service } from './service.ts';

/** A Kubernetes service of all clusters, and the definition that stands for all of it. */
export interface MergedService {
  readonly service: Service;
  readonly definition: Service;
}

/**
 * The Kubernetes services of clusters, one for each host name: the definition of the first cluster that has it, with the addresses and
 * the identities of all. In one cluster, its services as they are.
 * As istio serviceregistry/aggregate/controller.go Services and mergeService.
 */
export function mergeServices(clusters: readonly ClusterRegistry[]): readonly MergedService[] {
  if (clusters.length === 1) {
    return clusters.flatMap(({ kubernetes }) => kubernetes.map(({ service }) => ({ service, definition: service })));
  }
  const definitions = groupBy(
    clusters.flatMap(({ clusterId, kubernetes }) => kubernetes.map(({ service }) => ({ clusterId, service }))),
    ({ service }) => service.hostname,
  );
  return [...definitions.values()].flatMap((all) => {
    const [first] = all;
    if (first === undefined) return [];
    const service: Service = {
      ...first.service,
      addressesByCluster: new Map(all.map((one) => [one.clusterId, one.service.addresses])),
      serviceAccounts: [...new Set(all.flatMap((one) => one.service.serviceAccounts))],
    };
    return [{ service, definition: first.service }];
  });
}
