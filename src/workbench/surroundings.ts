import { usageError } from '../diagnostics/user-error.ts';
import type { Mesh } from '../model/mesh.ts';
import { type DataPlane, podKey, seenFrom } from '../trace/data-plane.ts';
import type { UnresolvedName } from '../trace/outcome.ts';
import type { TracePod } from '../trace/pod.ts';
import { parseGoBoolean } from '../util/go-boolean.ts';
import { memo } from '../util/memo.ts';
import { findEntrance, gatewayOf, type Names, type ResolvedAddress, resolveHost } from './addresses.ts';
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
  /** Whether an address is that of pods in several clusters, so that nobody outside can tell where it leads. */
  isShared(ip: string): boolean;
  /**
   * The gateway in whose cluster a client outside means an address that it names itself (TraceRequest), where it names one. Throws a UserError
   * where it does not, and the address is that of pods in several clusters.
   */
  outsideAt(ip: string, gateway: string | undefined): string | undefined;
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
      isShared: () => false,
      outsideAt: () => undefined,
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
  /** Two pods of two clusters that have an address. */
  const sharers = (ip: string): readonly TracePod[] | undefined => {
    const [pod, ...others] = dataPlane.pods.filter(({ ips }) => ips.includes(ip));
    const other = others.find(({ cluster }) => cluster !== pod?.cluster);
    return pod === undefined || other === undefined ? undefined : [pod, other];
  };
  return {
    dataPlane,
    namespace,
    isOfSeveral: true,
    meshes,
    resolve: (host, port, client) => resolveHost(host, port, client, namesOf(client), seenFrom(dataPlane, client)),
    entrance: (visit) => findEntrance(visit, { proxies }, dataPlane, namespace),
    isShared: (ip) => sharers(ip) !== undefined,
    outsideAt(ip, gateway) {
      const place = gatewayOf(gateway, dataPlane, namespace);
      if (place !== undefined) return podKey(place);
      const shared = sharers(ip);
      if (shared === undefined) return undefined;
      throw usageError(
        `${ip} is the address of ${shared.map(podKey).join(' and of ')}: name the host, or the cluster by one of its gateways with --gateway`,
      );
    },
  };
}
