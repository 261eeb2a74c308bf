import type { Mesh } from '../model/mesh.ts';
import { type Endpoint, MOST_ENDPOINTS_KEPT, type Service, type ServicePort } from '../model/registry/service.ts';
import { resourcesOf } from '../resource/select.ts';
import type { DataPlane, ServicePlace } from '../trace/data-plane.ts';
import { hostAt } from '../trace/host.ts';
import { isIpAddress, isIpv6Text } from '../util/ip-address.ts';
import { memo, memoWithin } from '../util/memo.ts';
import { withOrigin } from '../util/origin.ts';

/** What the addresses of Services are made of. */
type PlacesMesh = Pick<Mesh, 'registry' | 'resources'>;

/**
 * What the nodes of a cluster make of connections to the addresses of Services, as kube-proxy programs them: cluster IPs, addresses of
 * load balancers, external IPs, and node ports at the addresses of nodes. Addresses that pods have by hand are theirs.
 */
export function createServicePlaces(mesh: PlacesMesh, podByAddress: DataPlane['podByAddress']): DataPlane['serviceAt'] {
  const index = memo(() => indexPlaces(mesh, podByAddress, nodeAddresses(mesh)));
  return findPlace(mesh, index);
}

/**
 * The same of one of several clusters, whose mesh this is: connections of its own clients, else those that come from elsewhere to its load
 * balancers (by host name too), external addresses, and ports of its nodes.
 */
export function createPlacesOfCluster(
  mesh: PlacesMesh,
  cluster: string,
  { podByAddress, isOwn, isReached }: ClusterView,
): DataPlane['serviceAt'] {
  const index = memo(() => {
    const nodes = isReached ? nodeAddresses(mesh) : externalNodeAddresses(mesh);
    const addressesOf = ({ addresses, externalAddresses }: Service): readonly string[] =>
      isOwn ? [...addresses, ...externalAddresses] : externalAddresses;
    return indexPlaces(mesh, podByAddress, nodes, addressesOf);
  });
  const balanced = memo(() => new Set(mesh.registry.services.flatMap(({ externalAddresses }) => externalAddresses)));
  const find = findPlace(mesh, index);
  const named = memo((place: ServicePlace, isLoadBalancer: boolean): ServicePlace => {
    return { ...place, service: `${cluster}/${place.service}`, cluster, isLoadBalancer };
  });
  return (destination) => {
    const place = find(destination);
    return place && named(place, !isOwn || balanced().has(destination.ip));
  };
}

/** How a cluster is looked at. */
interface ClusterView {
  readonly podByAddress: DataPlane['podByAddress'];
  /** Whether clients of this cluster ask. */
  readonly isOwn: boolean;
  /** Whether they are on its network. */
  readonly isReached: boolean;
}

function findPlace(mesh: PlacesMesh, index: () => ReturnType<typeof indexPlaces>): DataPlane['serviceAt'] {
  const servicePlace = memoWithin(
    MOST_ENDPOINTS_KEPT,
    ({ hosts }) => hosts.length,
    ({ service, port, isIpv6, isOfCluster }: Place) =>
      placeOf(service, port, port === undefined ? [] : reachable(mesh, service, port, isIpv6), isOfCluster),
  );
  return ({ ip, port }) => {
    const place = index().byPlace.get(`${ip} ${port}`) ?? index().byAddress.get(ip);
    return place && servicePlace(place);
  };
}

/** An address of a service, or a port of it. */
interface Place {
  readonly service: Service;
  readonly port: ServicePort | undefined;
  /** The family of the address: connections to it are led to endpoints of that family alone. Undefined for a name. */
  readonly isIpv6: boolean | undefined;
  /** Whether it is one of the Service's own, for which alone internalTrafficPolicy counts (kubernetes pkg/proxy/iptables/proxier.go). */
  readonly isOfCluster: boolean;
}

/** The addresses with their ports that nodes lead on, with the Service of each. */
export function listServicePlaces(
  mesh: PlacesMesh,
  podByAddress: DataPlane['podByAddress'],
): readonly {
  readonly ip: string;
  readonly port: number;
  readonly service: Service;
  readonly protocol: ServicePort['protocol'] | undefined;
}[] {
  return [...indexPlaces(mesh, podByAddress, nodeAddresses(mesh)).byPlace].map(([key, { service, port }]) => {
    const [ip = '', number] = key.split(' ');
    return { ip, port: Number(number), service, protocol: port?.protocol };
  });
}

function indexPlaces(
  mesh: PlacesMesh,
  podByAddress: DataPlane['podByAddress'],
  nodes: ReadonlySet<string>,
  addressesOf: (service: Service) => readonly string[] = allAddresses,
): Record<'byPlace' | 'byAddress', ReadonlyMap<string, Place>> {
  const byPlace = new Map<string, Place>();
  const byAddress = new Map<string, Place>();
  for (const service of mesh.registry.services) {
    if (service.registry !== 'Kubernetes' || service.externalName !== '') continue;
    const addresses = addressesOf(service).filter((ip) => !podByAddress.has(ip));
    const own = new Set(service.addresses);
    for (const ip of addresses) {
      setFirst(byAddress, ip, { service, port: undefined, isIpv6: familyOf(ip), isOfCluster: own.has(ip) });
    }
    const ports = service.resource.kind === 'Service' ? (service.resource.spec.ports ?? []) : [];
    // Of ports of one number the first counts.
    const nodePorts = new Map(ports.toReversed().map(({ port, nodePort }) => [port, nodePort]));
    for (const port of service.ports) {
      const nodePort = nodePorts.get(port.port);
      for (const isIpv6 of [true, false, undefined]) {
        const isOfFamily = (ip: string): boolean => familyOf(ip) === isIpv6;
        const inner: Place = { service, port, isIpv6, isOfCluster: true };
        const outer: Place = { ...inner, isOfCluster: false };
        for (const ip of addresses.filter(isOfFamily)) setFirst(byPlace, `${ip} ${port.port}`, own.has(ip) ? inner : outer);
        if (nodePort) for (const ip of [...nodes].filter(isOfFamily)) setFirst(byPlace, `${ip} ${nodePort}`, outer);
      }
    }
  }
  return { byPlace, byAddress };
}

function allAddresses({ addresses, externalAddresses }: Service): readonly string[] {
  return [...addresses, ...externalAddresses].filter(isIpAddress);
}

function familyOf(address: string): boolean | undefined {
  return isIpAddress(address) ? isIpv6Text(address) : undefined;
}

function setFirst<T>(map: Map<string, T>, key: string, value: T): void {
  if (!map.has(key)) map.set(key, value);
}

function placeOf(
  service: Service,
  port: ServicePort | undefined,
  endpoints: readonly Endpoint[],
  isOfCluster: boolean,
): ServicePlace {
  return {
    service: `${service.namespace}/${service.name}`,
    ...(port !== undefined && { port: port.port }),
    hosts: endpoints.map(({ address, port: number, nodeName }) => ({
      ...hostAt(address, number),
      ...(nodeName !== '' && { nodeName }),
    })),
    isNodeLocal: service.nodeLocal && isOfCluster,
    cause: withOrigin({}, service.resource, []),
  };
}

/** The endpoints that kube-proxy sends to: ready ones of a family; WorkloadEntries are Istio's, Kubernetes does not know them. */
function reachable(
  { registry }: PlacesMesh,
  service: Service,
  port: ServicePort,
  isIpv6: boolean | undefined,
): readonly Endpoint[] {
  return registry.endpointsOf(service, port).flatMap((endpoint) => {
    if (endpoint.health !== 'healthy' || endpoint.resource.kind === 'WorkloadEntry') return [];
    const own = [endpoint.address, ...endpoint.additionalAddresses].filter(isIpAddress);
    const address = isIpv6 === undefined ? own[0] : own.find((ip) => isIpv6Text(ip) === isIpv6);
    return address === undefined ? [] : [address === endpoint.address ? endpoint : { ...endpoint, address }];
  });
}

/** The addresses at which nodes are reached from everywhere. */
function externalNodeAddresses({ resources }: PlacesMesh): ReadonlySet<string> {
  const all = resourcesOf(resources, 'Node').flatMap(({ status }) => status?.addresses ?? []);
  return new Set(all.filter(({ type }) => type === 'ExternalIP').map(({ address }) => address));
}

/** The addresses of the nodes, as Nodes and the pods on them tell. */
function nodeAddresses({ resources }: PlacesMesh): ReadonlySet<string> {
  const ofNodes = resourcesOf(resources, 'Node').flatMap(({ status }) => (status?.addresses ?? []).map(({ address }) => address));
  const ofPods = resourcesOf(resources, 'Pod').flatMap(({ status }) => status?.hostIP ?? []);
  return new Set([...ofNodes, ...ofPods].filter(isIpAddress));
}
