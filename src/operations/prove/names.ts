import { isAny } from '../../envoy/any.ts';
import { chainsOf } from '../../envoy/filter-chains.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Service, ServicePort } from '../../model/registry/service.ts';
import { type DataPlane, podAt, podKey, seenFrom } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';
import { addressesWithin, parseCidr } from '../../util/cidr.ts';
import { formatHostPort } from '../../util/host-port.ts';
import { memo } from '../../util/memo.ts';
import { unknownAddress } from '../../workbench/addresses.ts';
import type { Benches } from '../../workbench/clusters.ts';
import { joinedClusters } from '../../workbench/joined-clusters.ts';
import { podNamedBy } from '../../workbench/pods.ts';

/** A server of a service: a pod by its name (`podKey`), any other by its address; and its port. */
export interface NamedServer {
  readonly server: string;
  readonly at: number;
}

/** A service that statements name. */
export interface NamedService {
  readonly hostname: string;
  readonly ports: readonly number[];
  /** Whether clients choose its server themselves, so that others than its endpoints may be one. */
  readonly isOpen: boolean;
  /** Those that it leads to from a port. */
  serversAt(port: number): readonly NamedServer[];
}

/** What statements can name in a mesh. Of spellings, by each what it stands for. */
export interface StatementNames {
  readonly pods: readonly TracePod[];
  readonly namespaces: ReadonlySet<string>;
  /** The pods of the workload of a name; none where there is no such workload. */
  podsOf(name: string): readonly TracePod[];
  /** The pods in a namespace, which may be that of one cluster alone. */
  podsIn(namespace: string): readonly TracePod[];
  workloadSpellings(): ReadonlyMap<string, string>;
  gatewaySpellings(): ReadonlyMap<string, string>;
  /** The services of a name. */
  servicesOf(name: string): readonly NamedService[];
  serviceSpellings(): ReadonlyMap<string, string>;
  /** Issuers of tokens that the mesh knows. */
  issuers(): readonly string[];
}

/**
 * What statements can name in a mesh. Of several clusters a name means what each of them has of it, unless it begins with one:
 * `cluster/namespace/name`.
 */
export function createNames(benches: Benches, dataPlane: DataPlane): StatementNames {
  const [{ input }] = benches;
  const pods = dataPlane.pods.filter(({ proxy }) => proxy !== 'waypoint');
  const clusters = [...new Set(pods.map(({ cluster }) => cluster))];
  const joined = joinedClusters(benches);
  const meshOf = ({ mesh }: Benches[number]): SeenMesh => ({
    mesh,
    clusters: joined.length === 0 ? [undefined] : joined.filter(({ bench }) => bench.mesh === mesh).map(({ name }) => name),
  });
  // What nodes of a cluster know beside what the istiods of all do.
  const meshes = [...benches.map(meshOf), ...joined.map(({ name, local }): SeenMesh => ({ mesh: local, clusters: [name] }))];
  const names = new Set(joined.map(({ name }) => name));
  const issuers = memo(() => issuersOf(dataPlane));
  const resources = meshes.flatMap(({ mesh }) => mesh.resources);
  const ofNamespaces = new Set([
    ...pods.map(({ namespace }) => namespace),
    ...resources.map((resource) => (resource.kind === 'Namespace' ? resource.name : resource.namespace)),
  ]);
  const ofClusters = pods.flatMap(({ cluster, namespace }) => (cluster === undefined ? [] : [`${cluster}/${namespace}`]));
  /** What a name means in a cluster, where it begins with one. */
  const inOne = (name: string): { readonly cluster: string; readonly rest: string } | undefined => {
    const slash = name.indexOf('/');
    const cluster = name.slice(0, Math.max(0, slash));
    return names.has(cluster) ? { cluster, rest: name.slice(slash + 1) } : undefined;
  };
  const podsOfCluster = (name: string, cluster: string | undefined): readonly TracePod[] => {
    const all = pods.filter((pod) => pod.cluster === cluster);
    // The cluster is told apart already.
    const found = podNamedBy(
      name,
      all.map(({ cluster: _, ...pod }) => pod),
      input.namespace,
    );
    if (found === undefined) return [];
    return all.filter(({ namespace, workloadName }) => namespace === found.namespace && workloadName === found.workloadName);
  };
  /** A service of one registry with its servers, of one cluster alone or of all. */
  const named = (
    { mesh: { registry }, clusters: seers }: SeenMesh,
    service: Service,
    only: string | undefined,
  ): NamedService => ({
    hostname: service.hostname,
    ports: service.ports.map(({ port }) => port),
    isOpen:
      service.resolution === 'dynamicDns' ||
      service.resolution === 'alias' ||
      (isWithoutResolution(service) && (service.addresses.length === 0 || service.addresses.some((ip) => ip.includes('/')))),
    serversAt: (port) =>
      service.ports
        .filter((one) => one.port === port)
        .flatMap((one) => [
          ...registry.endpointsOf(service, one).map(({ address, port: at, clusterId, network }) => {
            // What is in no cluster is called on its network, or from wherever its clients are.
            const onNetwork = joined.filter((cluster) => cluster.network === network).map((cluster) => cluster.name);
            const isOfCluster = service.registry === 'Kubernetes' && names.has(clusterId);
            return { address, at, places: isOfCluster ? [clusterId] : onNetwork.length > 0 ? onNetwork : seers };
          }),
          ...ownServers(service, one).map((server) => ({ ...server, places: seers })),
        ])
        .flatMap(({ address, at, places }) =>
          places.flatMap((cluster): readonly NamedServer[] => {
            const network = joined.find(({ name }) => name === cluster)?.network;
            const place = cluster === undefined ? undefined : { cluster, ...(network !== undefined && { network }) };
            const pod = podAt(seenFrom(dataPlane, place), address);
            if (pod === undefined) return [{ server: formatHostPort(address, at), at }];
            return only === undefined || pod.cluster === only ? [{ server: podKey(pod), at }] : [];
          }),
        ),
  });
  const servicesNamed = ({ mesh: { registry } }: SeenMesh, name: string): readonly Service[] => {
    const [first = '', second] = name.split('/');
    const is = (one: string, namespace: string): readonly Service[] =>
      registry.services.filter((service) => service.name === one && service.namespace === namespace);
    if (second !== undefined) return is(second, first);
    const ofHost = registry.servicesOf(name);
    if (ofHost.length > 0) return ofHost;
    const dot = name.lastIndexOf('.');
    const own = is(name, input.namespace);
    return own.length > 0 || dot < 1 ? own : is(name.slice(0, dot), name.slice(dot + 1));
  };
  const spellings = (some: readonly TracePod[]): ReadonlyMap<string, string> =>
    new Map(clusters.flatMap((cluster) => [...spellingsOf(some.filter((pod) => pod.cluster === cluster))]));
  return {
    pods,
    namespaces: new Set([...ofNamespaces, ...ofClusters]),
    podsOf(name) {
      const one = inOne(name);
      const own = one === undefined ? [] : podsOfCluster(one.rest, one.cluster);
      return own.length > 0 ? own : clusters.flatMap((cluster) => podsOfCluster(name, cluster));
    },
    podsIn(name) {
      const one = inOne(name);
      return pods.filter(({ cluster, namespace }) =>
        one === undefined ? namespace === name : namespace === one.rest && cluster === one.cluster,
      );
    },
    workloadSpellings: () => spellings(pods),
    gatewaySpellings: () => spellings(pods.filter(({ proxy }) => proxy === 'gateway')),
    servicesOf(name) {
      const one = inOne(name);
      const own =
        one === undefined
          ? []
          : joined
              .filter((cluster) => cluster.name === one.cluster)
              .flatMap(({ name: cluster, local, bench: { mesh } }) => {
                const known = new Set(local.registry.services.map(({ hostname }) => hostname));
                const seen = [local, mesh].map((one): SeenMesh => ({ mesh: one, clusters: [cluster] }));
                return seen.flatMap((each) =>
                  servicesNamed(each, one.rest)
                    .filter(({ registry, hostname }) => registry !== 'Kubernetes' || known.has(hostname))
                    .map((service) => named(each, service, one.cluster)),
                );
              });
      // One that has no servers there is none of that cluster.
      if (own.some(({ ports, serversAt }) => ports.some((port) => serversAt(port).length > 0))) return own;
      return meshes.flatMap((mesh) => servicesNamed(mesh, name).map((service) => named(mesh, service, undefined)));
    },
    serviceSpellings() {
      return new Map(
        meshes
          .flatMap(({ mesh: { registry } }) => registry.services)
          .flatMap(({ name, namespace, hostname, registry: of }): readonly (readonly [string, string])[] => {
            if (of !== 'Kubernetes') return [[hostname, hostname]];
            const full = `${namespace}/${name}`;
            return [full, `${name}.${namespace}`, name].map((spelling) => [spelling, full] as const);
          }),
      );
    },
    issuers,
  };
}

/** A mesh, and the clusters whose proxies are configured by it. */
interface SeenMesh {
  readonly mesh: Mesh;
  readonly clusters: readonly (string | undefined)[];
}

function isWithoutResolution({ registry, resolution }: Service): boolean {
  return registry === 'External' && resolution === 'passthrough';
}

/** The servers of a service without resolution, which are where its clients go: at its addresses, of a range at one; else anywhere. */
function ownServers(service: Service, { port }: ServicePort): readonly { readonly address: string; readonly at: number }[] {
  if (!isWithoutResolution(service)) return [];
  const addresses = service.addresses.length === 0 ? [unknownAddress(undefined)] : service.addresses;
  const ports = [...new Set([port, service.passthroughTargetPorts.get(port) ?? port])];
  return addresses.flatMap((text) => {
    const range = parseCidr(text);
    const [address] = range === undefined ? [] : addressesWithin(range, 2);
    return address === undefined ? [] : ports.map((at) => ({ address, at }));
  });
}

function spellingsOf(pods: readonly TracePod[]): ReadonlyMap<string, string> {
  return new Map(
    pods.flatMap(({ namespace, workloadName }) => {
      const full = `${namespace}/${workloadName}`;
      return [full, `${workloadName}.${namespace}`, workloadName].map((spelling) => [spelling, full] as const);
    }),
  );
}

/** The issuers whose tokens some proxy checks. */
function issuersOf(dataPlane: DataPlane): readonly string[] {
  const issuers = new Set<string>();
  for (const pod of dataPlane.pods) {
    for (const listener of dataPlane.snapshotOf(pod)?.listeners ?? []) {
      for (const { filters = [] } of chainsOf(listener)) {
        for (const { typedConfig } of filters) {
          if (!isAny(typedConfig, HCM)) continue;
          for (const { typedConfig: config } of typedConfig.httpFilters ?? []) {
            if (!isAny(config, JWT)) continue;
            for (const { issuer } of Object.values(config.providers ?? {})) if (issuer !== undefined) issuers.add(issuer);
          }
        }
      }
    }
  }
  return [...issuers].sort();
}

const HCM = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const JWT = 'type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication';
