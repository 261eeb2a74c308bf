import { usageError } from '../diagnostics/user-error.ts';
import type { Mesh } from '../model/mesh.ts';
import { createBalancer } from '../trace/balance.ts';
import { type DataPlane, type Elsewhere, indexPods, type NetworkPlace, podKey } from '../trace/data-plane.ts';
import { createLookups } from '../trace/lookups.ts';
import type { TracePod } from '../trace/pod.ts';
import { append } from '../util/collections.ts';
import { memo } from '../util/memo.ts';
import { serviceNames } from './addresses.ts';
import { type DataPlaneOptions, podsOf } from './data-plane.ts';
import type { JoinedCluster } from './joined-clusters.ts';
import { createSecretStates } from './secrets.ts';
import { createPlacesOfCluster } from './service-places.ts';

/**
 * The pods of several clusters with the configuration of their proxies. Who is at an address depends on where it is asked for: in the same
 * cluster, then on the same network; elsewhere it is nobody's. Load balancers are reached from everywhere. A network without a name is
 * taken for that of everybody, as istiod does. Of pods that have one address and reach each other, one counts
 * (`refuseSharedAddresses`).
 */
export function createJointDataPlane(clusters: readonly JoinedCluster[], options: DataPlaneOptions): DataPlane {
  const pods = clusters.flatMap(({ name, bench }) => podsOf(bench.mesh, options, [name]));
  const clusterOf = new Map(clusters.map((cluster) => [cluster.name, cluster]));
  const dns = new Map(Object.entries(options.dns ?? {}));
  const { podByKey } = indexPods(pods);
  const balanced = new Set(clusters.flatMap(({ local }) => local.registry.services.flatMap((one) => one.externalAddresses)));
  const names = memo((mesh: Mesh) => serviceNames(mesh));
  const states = memo(({ local }: JoinedCluster) => createSecretStates(local));
  const owners = memo(() => addressesOfAll(pods, clusters));
  const common = { pods, podByKey, dns, servers: options.servers, now: options.now, lookups: createLookups() };

  /** The data plane from a place; from outside of all clusters, of the pods with one address the first counts. */
  const viewFrom = (place: NetworkPlace | undefined): DataPlane => {
    const own = clusterOf.get(place?.cluster ?? '');
    const seen =
      place === undefined
        ? pods
        : [...pods.filter(({ cluster }) => cluster === place.cluster), ...pods].filter((pod) => isReached(place, pod));
    const { podByAddress } = indexPods(seen);
    const serviceAt = clusters
      .map((cluster) => ({ cluster, isOwn: cluster === own }))
      .sort((a, b) => Number(b.isOwn) - Number(a.isOwn))
      .map(({ cluster: { name, local, network }, isOwn }) =>
        createPlacesOfCluster(local, name, {
          podByAddress,
          isOwn,
          isReached: place !== undefined && isReached(place, { cluster: name, network }),
        }),
      );
    // The name of a load balancer leads where its address does.
    const resolve = (name: string): string | undefined =>
      dns.get(name) ?? (own && names(own.local).get(name)) ?? (balanced.has(name) ? name : undefined);
    const known = memo(() => [...dns.keys(), ...(own === undefined ? [] : names(own.local).keys()), ...balanced]);
    const places = { podByAddress, resolve, names: known, servers: options.servers };
    return {
      ...common,
      ...places,
      ztunnel: undefined,
      balancer: createBalancer(places),
      around,
      elsewhere: (ip) =>
        owners()
          .get(ip)
          ?.find(({ owner }) => !owner.startsWith(`${place?.cluster}/`)),
      serviceAt: (destination) => serviceAt.map((find) => find(destination)).find((found) => found !== undefined),
      secret: (pod, name) => secretOf(pod, name),
      snapshotOf: (pod) => clusterOf.get(pod.cluster ?? '')?.bench.snapshotOf(podKey(pod)),
    };
  };

  /** A proxy gets the secrets of its own cluster, then those of its istiod's; istio pilot/pkg/credentials/kube/multicluster.go ForCluster. */
  const secretOf: DataPlane['secret'] = (pod, name) => {
    const own = clusterOf.get(pod.cluster ?? '');
    const primary = own && clusterOf.get(own.primary);
    const found = [own, primary].flatMap((cluster) => (cluster === undefined ? [] : states(cluster)(pod, name)));
    return (['present', 'unknown', 'absent'] as const).find((state) => found.includes(state)) ?? 'absent';
  };

  const views = memo((cluster: string | undefined, network: string | undefined) =>
    viewFrom({ ...(cluster !== undefined && { cluster }), ...(network !== undefined && { network }) }),
  );
  const around = ({ cluster, network }: NetworkPlace): DataPlane => views(cluster, network);
  return viewFrom(undefined);
}

/** Whether connections from a place reach another directly: in one cluster, or on one network. */
export function isReached(from: NetworkPlace, to: NetworkPlace): boolean {
  if (from.cluster === to.cluster) return true;
  return !from.network || !to.network || from.network === to.network;
}

/** Throws a UserError where pods of clusters that reach each other have one address: nobody can tell where it leads. */
export function refuseSharedAddresses(pods: readonly TracePod[]): void {
  const byAddress = new Map<string, TracePod[]>();
  for (const pod of pods) for (const ip of pod.ips) append(byAddress, ip, pod);
  for (const [ip, [first, ...others]] of byAddress) {
    const other = others.find((pod) => first !== undefined && pod.cluster !== first.cluster && isReached(first, pod));
    if (first === undefined || other === undefined) continue;
    throw usageError(
      `${podKey(first)} and ${podKey(other)} have one address, ${ip}, and their clusters reach each other, so that nobody can tell where it leads: give the pods addresses (status.podIP), or name the network of each cluster (label topology.istio.io/network of its namespace istio-system)`,
    );
  }
}

/** Who has each address in one of the clusters. */
function addressesOfAll(
  pods: readonly TracePod[],
  clusters: readonly JoinedCluster[],
): ReadonlyMap<string, readonly Elsewhere[]> {
  const owners = new Map<string, Elsewhere[]>();
  for (const pod of pods) {
    for (const ip of pod.ips) append(owners, ip, { kind: 'pod', owner: podKey(pod), within: pod.network ?? '' });
  }
  for (const { name, local } of clusters) {
    for (const { namespace, name: service, addresses, registry } of local.registry.services) {
      if (registry !== 'Kubernetes') continue;
      const owner: Elsewhere = { kind: 'service', owner: `${name}/${namespace}/${service}`, within: name };
      for (const ip of addresses) append(owners, ip, owner);
    }
  }
  return owners;
}
