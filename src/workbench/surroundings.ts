import { usageError } from '../diagnostics/user-error.ts';
import type { Mesh } from '../model/mesh.ts';
import { type DataPlane, podKey, seenFrom } from '../trace/data-plane.ts';
import type { UnresolvedName } from '../trace/outcome.ts';
import type { TracePod } from '../trace/pod.ts';
import { parseGoBoolean } from '../util/go-boolean.ts';
import { memo } from '../util/memo.ts';
import { findEntrance, type Names, type ResolvedAddress, resolveHost } from './addresses.ts';
import type { Benches } from './clusters.ts';
import type { DataPlaneOptions } from './data-plane.ts';
import type { Visit } from './entrances.ts';
import { type JoinedCluster, joinedClusters, knownNames, namesIn } from './joined-clusters.ts';
import { createJointDataPlane, refuseSharedAddresses } from './joint-data-plane.ts';

/** What requests travel through, and what names and addresses mean to their clients: one mesh, or several clusters together. */
export interface Surroundings {
  readonly dataPlane: DataPlane;
  /** The namespace of pods whose names say none. */
  readonly namespace: string;
  /** Whether there are several clusters. */
  readonly isOfSeveral: boolean;
  /** The meshes of all that configure. */
  readonly meshes: readonly Mesh[];
  /** What the resolver of a client says for a host. */
  resolve(host: string, port: number, client: TracePod): ResolvedAddress | UnresolvedName;
  /** Where a client outside enters (workbench/addresses.ts). */
  entrance(visit: Visit & { readonly gateway?: string | undefined }): ResolvedAddress | undefined;
  /** An address that a client outside names itself. Throws a UserError where it is that of pods in several clusters. */
  checkOutside(ip: string): void;
}

/** The surroundings that workbenches make, of one mesh or of all primaries of several clusters. */
export function surroundingsOf(benches: Benches, options: DataPlaneOptions): Surroundings {
  const [first] = benches;
  const { namespace } = first.input;
  const clusters = joinedClusters(benches);
  if (clusters.length === 0) {
    const dataPlane = first.dataPlane(options);
    const known = memo(() => knownNames(first));
    return {
      dataPlane,
      namespace,
      isOfSeveral: false,
      meshes: [first.mesh],
      resolve: (host, port, client) => resolveHost(host, port, client, known(), dataPlane),
      entrance: (visit) => findEntrance(visit, first.mesh, dataPlane, namespace),
      checkOutside: () => {},
    };
  }
  const dataPlane = createJointDataPlane(clusters, options);
  refuseSharedAddresses(dataPlane.pods);
  const meshes = benches.map(({ mesh }) => mesh);
  const proxies = meshes.flatMap((mesh) => mesh.proxies);
  const names = memo((cluster: JoinedCluster, isCaptured: boolean) => namesIn(cluster, clusters, isCaptured));
  const namesOf = (client: TracePod): Names => {
    const cluster = clusters.find(({ name }) => name === client.cluster);
    if (cluster === undefined) throw new TypeError('a pod is of a cluster');
    const proxy = proxies.find((candidate) => podKey(candidate) === podKey(client));
    return names(cluster, parseGoBoolean(proxy?.proxyConfig.proxyMetadata?.ISTIO_META_DNS_CAPTURE ?? '') === true);
  };
  return {
    dataPlane,
    namespace,
    isOfSeveral: true,
    meshes,
    resolve: (host, port, client) => resolveHost(host, port, client, namesOf(client), seenFrom(dataPlane, client)),
    entrance: (visit) => findEntrance(visit, { proxies }, dataPlane, namespace),
    checkOutside(ip) {
      const [pod, ...others] = dataPlane.pods.filter(({ ips }) => ips.includes(ip));
      const other = others.find(({ cluster }) => cluster !== pod?.cluster);
      if (pod === undefined || other === undefined) return;
      throw usageError(
        `${ip} is the address of ${podKey(pod)} and of ${podKey(other)}: name the host, with --gateway where it takes one`,
      );
    },
  };
}
