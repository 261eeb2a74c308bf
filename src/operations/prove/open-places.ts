import type { Mesh } from '../../model/mesh.ts';
import { wordsOfObject } from '../../resource/foreign-objects.ts';
import { type DataPlane, podNamed, podsLedTo, seenFrom } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';
import { formatHostPort } from '../../util/host-port.ts';
import { memo } from '../../util/memo.ts';
import { visitTexts } from '../../util/object.ts';
import type { Benches } from '../../workbench/clusters.ts';
import { hostPortsOf } from '../../workbench/host-ports.ts';
import { joinedClusters } from '../../workbench/joined-clusters.ts';
import { otherEntrancesOf } from '../../workbench/other-entrances.ts';
import { listServicePlaces } from '../../workbench/service-places.ts';
import type { Destinations, ServerPlace } from './destinations.ts';
import type { PlaceOfOther } from './entrances.ts';

/** Pods that a Service of type LoadBalancer or NodePort, or a port of their node, lets the world reach, past any gateway. */
export function exposedPlaces(benches: Benches, { places }: Destinations, dataPlane: DataPlane): readonly ServerPlace[] {
  const open = new Map(localMeshes(benches).map(({ cluster, mesh }) => [cluster, addressesOpenIn(mesh)]));
  return places.filter(([{ ips, at }, port]) => {
    const cluster = clusterOf(at, dataPlane);
    const addresses = cluster === undefined ? [...open.values()] : [open.get(cluster)];
    return ips.some((ip) => addresses.some((known) => known?.has(formatHostPort(ip, port)) === true));
  });
}

/** Of several clusters, that of a pod. */
function clusterOf(pod: string | undefined, dataPlane: DataPlane): string | undefined {
  return pod === undefined ? undefined : podNamed(dataPlane, pod)?.cluster;
}

function addressesOpenIn({ registry }: Mesh): ReadonlySet<string> {
  const open = new Set<string>();
  for (const service of registry.services) {
    const type = service.resource.kind === 'Service' ? service.resource.spec.type : undefined;
    if (type !== 'LoadBalancer' && type !== 'NodePort') continue;
    for (const port of service.ports) {
      for (const endpoint of registry.endpointsOf(service, port)) open.add(formatHostPort(endpoint.address, endpoint.port));
    }
  }
  for (const pod of registry.workloads) {
    for (const { port } of hostPortsOf(pod)) for (const ip of pod.ips) open.add(formatHostPort(ip, port));
  }
  return open;
}

/** Places of Services that something names by which others than Istio lead requests in. */
export function placesOfOthers(benches: Benches, { places }: Destinations, dataPlane: DataPlane): readonly PlaceOfOther[] {
  const [{ inputs, mesh }] = benches;
  return localMeshes(benches).flatMap(({ cluster, mesh: { registry }, configured = mesh }) => {
    const input = inputs.find((one) => one.cluster?.name === cluster) ?? inputs[0];
    if (input === undefined) return [];
    return otherEntrancesOf(input, configured).flatMap((entrance) => {
      const named = new Set<string>();
      visitTexts(entrance.body, (text) => void named.add(text));
      const services = registry.services.filter(({ namespace, name, hostname }) => {
        const isHere = namespace === entrance.namespace && named.has(name);
        return isHere || named.has(hostname) || named.has(`${name}.${namespace}`) || named.has(`${namespace}/${name}`);
      });
      const ips = new Set(
        services.flatMap((service) =>
          service.ports.flatMap((port) => registry.endpointsOf(service, port).map(({ address }) => address)),
        ),
      );
      return places
        .filter(([{ ips: own, at }]) => (clusterOf(at, dataPlane) ?? cluster) === cluster && own.some((ip) => ips.has(ip)))
        .map((place) => ({ place, by: wordsOfObject(entrance) }));
    });
  });
}

/** What Kubernetes knows in the one cluster, or in each of several, with what its istiod makes of all. */
interface LocalMesh {
  readonly cluster: string | undefined;
  readonly mesh: Mesh;
  readonly configured?: Mesh;
}

function localMeshes(benches: Benches): readonly LocalMesh[] {
  const clusters = joinedClusters(benches);
  if (clusters.length === 0) return [{ cluster: benches[0].input.cluster?.name, mesh: benches[0].local }];
  return clusters.map(({ name, local, bench }) => ({ cluster: name, mesh: local, configured: bench.mesh }));
}

/** Where a client of one of several clusters gets to servers of the others past any gateway: their load balancers, and ports of their nodes. */
export type OpenPlaces = (client: TracePod, destinations: Destinations) => readonly ServerPlace[];

/** The same for all statements about a mesh. */
export function createOpenPlaces(benches: Benches, dataPlane: DataPlane): OpenPlaces {
  if (dataPlane.around === undefined) return () => [];
  const all = memo(() => {
    const places = localMeshes(benches).flatMap(({ mesh }) => [
      ...listServicePlaces(mesh, NOBODYS),
      // Load balancers can have names in place of addresses.
      ...mesh.registry.services.flatMap(({ externalAddresses, ports }) =>
        externalAddresses.flatMap((ip) => ports.map(({ port }) => ({ ip, port }))),
      ),
    ]);
    return [...new Map(places.map(({ ip, port }) => [`${ip} ${port}`, { ip, port }])).values()];
  });
  /** The pods at each place that clients of a cluster on a network find in another. */
  const found = memo((cluster: string | undefined, network: string | undefined) => {
    const view = seenFrom(dataPlane, { ...(cluster !== undefined && { cluster }), ...(network !== undefined && { network }) });
    return all().flatMap(({ ip, port }) => {
      const place = view.serviceAt({ ip, port });
      if (place?.port === undefined || place.cluster === undefined || place.cluster === cluster) return [];
      return [{ ip, port, pods: podsLedTo(dataPlane, place).filter((pod) => pod !== undefined) }];
    });
  });
  return ({ cluster, network }, { isServer, isAnybody }) =>
    found(cluster, network)
      .filter(({ pods }) => pods.some((pod) => isServer(pod) && !(isAnybody && pod.proxy === 'gateway')))
      .map(({ ip, port }) => [{ ips: [ip] }, port]);
}

/** Where addresses of pods are asked for, they are somebody else's from each cluster. */
const NOBODYS: DataPlane['podByAddress'] = new Map();
