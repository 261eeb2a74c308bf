import { buildMesh } from '../model/build-mesh.ts';
import { primaryOf } from '../model/clusters.ts';
import { withAllNamespaces } from '../model/discovery.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Service, ServicePort } from '../model/registry/service.ts';
import { append } from '../util/collections.ts';
import { memo } from '../util/memo.ts';
import { compareText } from '../util/text.ts';
import type { Names } from './addresses.ts';
import type { Workbench } from './workbench.ts';

/** One of several clusters, for requests to travel through. */
export interface JoinedCluster {
  readonly name: string;
  /** The cluster whose istiod configures its proxies, and the workbench over all that this istiod sees. */
  readonly primary: string;
  readonly bench: Pick<Workbench, 'mesh' | 'snapshotOf'>;
  /** What Kubernetes knows in this cluster, as if there were no others: its Services and their endpoints, Nodes, Secrets. */
  readonly local: Mesh;
  /** The network of what names none. */
  readonly network: string;
}

/** The clusters that workbenches of all primaries are over, by name; none where there is one without a name. */
export function joinedClusters(benches: readonly Workbench[]): readonly JoinedCluster[] {
  const [{ meshInput } = {}] = benches;
  if (meshInput === undefined || (meshInput.clusters.length === 1 && meshInput.namesClusters !== true)) return [];
  const { clusters } = meshInput;
  return [...clusters]
    .sort((a, b) => compareText(a.name, b.name))
    .map((cluster): JoinedCluster => {
      const primary = primaryOf(cluster, clusters);
      const bench = benches.find(({ meshInput: seen }) => seen.clusters[0].name === primary);
      if (bench === undefined) throw new TypeError('there is a workbench for each primary');
      const { meshConfig, meshNetworks } = bench.meshInput.clusters[0];
      const local = memo(() =>
        buildMesh(withAllNamespaces({ ...bench.meshInput, clusters: [{ ...cluster, meshConfig, meshNetworks }] })),
      );
      return {
        name: cluster.name,
        primary,
        bench,
        get local() {
          return local();
        },
        get network() {
          return local().registry.networkOf('', {}) || (cluster.network ?? '');
        },
      };
    });
}

/** The names that the resolver of the only cluster knows: the Services of all namespaces, and what istiod makes known. */
export function knownNames({ mesh, local }: Pick<Workbench, 'mesh' | 'local'>): Names {
  return local === mesh ? mesh : namesIn({ bench: { mesh }, local }, [], true);
}

/**
 * The names that the resolver of a cluster knows: its own Services, and the hosts of ServiceEntries. A proxy that answers its workload's
 * questions (DNS capture) knows those of all clusters too, at the address at which it reaches them.
 */
export function namesIn(
  { bench: { mesh }, local }: { readonly bench: Pick<Workbench, 'mesh'>; readonly local: Mesh },
  all: readonly JoinedCluster[],
  isCaptured: boolean,
): Names {
  const isOfKubernetes = ({ registry }: Service): boolean => registry === 'Kubernetes';
  const own = local.registry.services.filter(isOfKubernetes);
  const known = new Set(own.map(({ hostname }) => hostname));
  const others = mesh.registry.services.filter(
    (service) => !isOfKubernetes(service) || (isCaptured && !known.has(service.hostname)),
  );
  const services = [...own, ...others];
  const ofLocal = new Set(own);
  const otherClusters = new Map<string, string[]>();
  if (!isCaptured) {
    for (const cluster of all) {
      for (const { hostname, registry } of cluster.local.registry.services) {
        if (registry === 'Kubernetes' && !known.has(hostname)) append(otherClusters, hostname, cluster.name);
      }
    }
  }
  return {
    resources: local.resources,
    domainSuffix: mesh.domainSuffix,
    registry: {
      services,
      servicesOf: (hostname) => services.filter((service) => service.hostname === hostname),
      endpointsOf: (service: Service, port: ServicePort) =>
        (ofLocal.has(service) ? local : mesh).registry.endpointsOf(service, port),
      workloads: mesh.registry.workloads,
    },
    otherClusters,
  };
}
