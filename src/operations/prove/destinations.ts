import { isAny } from '../../envoy/any.ts';
import type { ClusterLoadAssignment, FilterChain, LbEndpoint, RouteConfiguration, VirtualHost } from '../../envoy/api.gen.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import { type DataPlane, podAt, podKey, seenFrom } from '../../trace/data-plane.ts';
import { ipOfEndpoint, ipOfHost } from '../../trace/host.ts';
import type { TracePod } from '../../trace/pod.ts';
import { parseHostPort } from '../../util/host-port.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { memo } from '../../util/memo.ts';
import type { LedPlace } from '../alike-addresses.ts';
import { firstOfKin } from './alike.ts';
import type { LedPlaces } from './led-places.ts';
import { portBeside } from './port-beside.ts';
import type { RoutedHosts } from './routed-hosts.ts';
import type { Receiver } from './statement.ts';

/** The servers that a statement is about, and what of the configuration of proxies can lead to them. */
export interface Destinations {
  /** Their addresses with their ports: of pods that are alike those of one. */
  readonly places: readonly ServerPlace[];
  /** The virtual hosts of a filter chain that have a route which can lead there. */
  virtualHostsOf(snapshot: XdsSnapshot, chain: FilterChain): readonly VirtualHost[];
  /** Whether what is before the servers looks at the host of requests. */
  isHostAsked(): boolean;
  /** Whether a virtual host, or what comes after it, asks for more of a host than whether it is its own. */
  isHostAskedBehind(snapshot: XdsSnapshot, host: VirtualHost): boolean;
  /** Whether a filter chain for an address that speaks no HTTP can lead there. */
  isReachedBy(snapshot: XdsSnapshot, chain: FilterChain, ip: string): boolean;
  /** Whether connections of a captured pod to a place that is no pod can lead there. */
  isLedFrom(place: LedPlace): boolean;
  /** The servers among the pods, and the gateways and waypoints that can lead there: who may ask who a client is. */
  readonly askers: readonly TracePod[];
  /** Whether they may be whoever, outside of the mesh too. */
  readonly isAnybody: boolean;
  /** Whether a pod is one of the servers. */
  isServer(pod: TracePod): boolean;
}

/** A server by its addresses, and one of its ports. */
export type ServerPlace = readonly [ServerAddresses, number];

/** The addresses of a server; of several clusters with the pod from whose place they are its own. */
export interface ServerAddresses {
  readonly ips: readonly string[];
  readonly at?: string;
}

/** The destinations of statements about these receivers. */
export function destinationsOf(
  receivers: readonly Receiver[],
  dataPlane: DataPlane,
  hosts: RoutedHosts,
  led: LedPlaces,
): Destinations {
  const { lookups } = dataPlane;
  const servers = serversOf(receivers);
  const pods = dataPlane.pods.filter((pod) => (servers === undefined ? pod.proxy !== 'waypoint' : servers.has(podKey(pod))));
  // Of the destinations themselves, and those of proxies that pass on: their addresses lead there too.
  const own: ReadonlySet<string> = new Set([
    ...pods.flatMap(({ ips }) => ips),
    ...[...(servers?.keys() ?? [])].filter((server) => !dataPlane.podByKey.has(server)).map(hostOf),
  ]);
  const wanted = new Set(own);
  const endpointsOf = (snapshot: XdsSnapshot, name: string): readonly LbEndpoint[] => {
    const cluster = lookups.cluster(snapshot, name);
    const assignment = cluster && lookups.assignment(snapshot, cluster);
    return (assignment?.endpoints ?? []).flatMap(({ lbEndpoints = [] }) => lbEndpoints);
  };
  const addressesOf = (snapshot: XdsSnapshot, name: string): readonly string[] =>
    endpointsOf(snapshot, name).flatMap((one) => ipOfEndpoint(one) ?? []);
  const areClusters = dataPlane.around !== undefined;
  // From each cluster and network an address may be somebody else's.
  const viewers: readonly (string | undefined)[] = areClusters
    ? [...new Map(dataPlane.pods.map((pod) => [`${pod.cluster} ${pod.network}`, podKey(pod)])).values()]
    : [undefined];
  const ofPods = memo(() => new Set(dataPlane.pods.flatMap(({ ips }) => ips)));
  // An endpoint by its name, or that is a Service, may lead anywhere in the mesh; of several clusters, one that is no pod's.
  const isLeadingTo = (address: string, port: number): boolean => {
    const ip = isIpAddress(address) ? address : dataPlane.resolve(address);
    if (wanted.has(address)) return true;
    if (areClusters) return !ofPods().has(address);
    return ip !== undefined && (wanted.has(ip) || dataPlane.serviceAt({ ip, port }) !== undefined);
  };
  const isLeading = (one: LbEndpoint): boolean =>
    isLeadingTo(ipOfEndpoint(one) ?? '', one.endpoint?.address?.socketAddress?.portValue ?? 0);
  const leadsThere = (snapshot: XdsSnapshot, name: string): boolean =>
    servers === undefined ? name !== 'BlackHoleCluster' : endpointsOf(snapshot, name).some(isLeading);
  const isAnyLeading = memo((assignment: ClusterLoadAssignment) =>
    (assignment.endpoints ?? []).some(({ lbEndpoints = [] }) => lbEndpoints.some(isLeading)),
  );
  // Until there are no more: one gateway or waypoint may stand before another.
  for (let before = -1; servers !== undefined && before < wanted.size; ) {
    before = wanted.size;
    for (const pod of dataPlane.pods) {
      if (pod.proxy !== 'gateway' && pod.proxy !== 'waypoint') continue;
      const snapshot = dataPlane.snapshotOf(pod);
      if (snapshot?.clusters.some(({ name = '' }) => leadsThere(snapshot, name)) === true)
        for (const ip of pod.ips) wanted.add(ip);
    }
  }
  const clusterLeads = (snapshot: XdsSnapshot, name: string): boolean => {
    if (servers === undefined) return name !== 'BlackHoleCluster';
    const cluster = lookups.cluster(snapshot, name);
    const assignment = cluster && lookups.assignment(snapshot, cluster);
    return assignment !== undefined && isAnyLeading(assignment);
  };
  const clients = memo(() => new Map(dataPlane.pods.map((pod) => [dataPlane.snapshotOf(pod), pod])));
  // Of several clusters, an address is another pod's from each.
  const seenBy = memo(
    (snapshot: XdsSnapshot): DataPlane => (areClusters ? seenFrom(dataPlane, clients().get(snapshot)) : dataPlane),
  );
  const isOfGateway = memo((snapshot: XdsSnapshot, name: string): boolean => {
    const ips = addressesOf(snapshot, name);
    return ips.length > 0 && ips.every((ip) => podAt(seenBy(snapshot), ip)?.proxy === 'gateway' && !own.has(ip));
  });
  // Who calls a gateway by its name sends what anybody can send through it.
  const ofRoutes = memo((snapshot: XdsSnapshot, { virtualHosts = [] }: RouteConfiguration) =>
    virtualHosts.filter((host) =>
      hosts
        .clustersBehind(host)
        .some(
          (name) =>
            clusterLeads(snapshot, name) &&
            !(isOfGateway(snapshot, name) && host.domains?.includes(hostOfCluster(name)) === true),
        ),
    ),
  );
  const isBehindWaypoint = memo(() =>
    dataPlane.pods.some(({ proxy, ips }) => proxy === 'waypoint' && (servers === undefined || ips.some((ip) => wanted.has(ip)))),
  );
  const isHostAsked = memo(() => servers === undefined || pods.some((pod) => isHostAskedAt(pod, dataPlane, hosts)));
  return {
    places: [
      ...firstOfKin(pods, dataPlane).flatMap((pod) => {
        const named = servers?.get(podKey(pod));
        if (pod.proxy !== 'gateway') return placesOf(pod, dataPlane, led, named);
        // Of one that only leads to the servers, what it takes from outside is asked for.
        return servers === undefined ? [] : placesOfGateway(pod, dataPlane, named);
      }),
      ...[...(servers?.keys() ?? [])].flatMap((server): readonly ServerPlace[] => {
        const place = dataPlane.podByKey.has(server) ? undefined : parseHostPort(server);
        if (place?.port === undefined || !isIpAddress(place.host)) return [];
        const { host, port } = place;
        return viewers.map((at) => [{ ips: [host], ...(at !== undefined && { at }) }, port]);
      }),
    ],
    virtualHostsOf: (snapshot, chain) => hosts.routesIn(snapshot, chain).flatMap((routes) => ofRoutes(snapshot, routes)),
    isHostAsked,
    isHostAskedBehind: (snapshot, host) =>
      isHostAsked() ||
      hosts.asksForHost(host) ||
      hosts
        .clustersBehind(host)
        .some((name) => clusterLeads(snapshot, name) && !addressesOf(snapshot, name).every((ip) => own.has(ip))),
    isReachedBy: (snapshot, { filters = [] }, ip) =>
      filters.some(({ typedConfig }) => {
        if (!isAny(typedConfig, TCP_PROXY)) return false;
        const weighted = (typedConfig.weightedClusters?.clusters ?? []).map(({ name }) => name);
        return [typedConfig.cluster, ...weighted].some((name) => {
          if (name === undefined || !clusterLeads(snapshot, name)) return false;
          return !(isOfGateway(snapshot, name) && seenBy(snapshot).resolve(hostOfCluster(name)) === ip);
        });
      }),
    isLedFrom({ ip, port, service, place }) {
      if (servers === undefined) return true;
      if (service === undefined) return place?.hosts.some((host) => isLeadingTo(ipOfHost(host) ?? '', port)) === true;
      if (service.message.waypoint !== undefined && isBehindWaypoint()) return true;
      if (service.message.loadBalancing?.mode === 'PASSTHROUGH') return isLeadingTo(ip, port);
      return service.endpoints.some(({ workload: { ips, message } }) =>
        [...ips, ...(message.hostname ? [message.hostname] : [])].some((address) => isLeadingTo(address, port)),
      );
    },
    askers: [
      ...pods,
      ...dataPlane.pods.filter(
        ({ proxy, ips }) => (proxy === 'gateway' || proxy === 'waypoint') && ips.some((ip) => wanted.has(ip) && !own.has(ip)),
      ),
    ],
    isAnybody: servers === undefined,
    isServer: (pod) => servers?.has(podKey(pod)) !== false,
  };
}

/** The servers of receivers with all ports that any of them has; undefined for all servers. */
function serversOf(receivers: readonly Receiver[]): ReadonlyMap<string, ReadonlySet<number> | undefined> | undefined {
  const all = new Map<string, Set<number> | undefined>();
  for (const { servers } of receivers) {
    if (servers === undefined) return undefined;
    for (const [server, ports] of servers) {
      const known = all.get(server);
      const isAny = ports === undefined || (all.has(server) && known === undefined);
      all.set(server, isAny ? undefined : new Set([...(known ?? []), ...ports]));
    }
  }
  return all;
}

function isHostAskedAt(pod: TracePod, { snapshotOf }: DataPlane, hosts: RoutedHosts): boolean {
  if (pod.proxy === 'gateway') return true;
  return (snapshotOf(pod)?.listeners ?? []).some((listener) => listener.name === 'virtualInbound' && hosts.asksForHost(listener));
}

/** The ports of a pod: those that are named, else those of its containers, those that its proxy knows, and those to which services lead. */
function placesOf(
  pod: TracePod,
  dataPlane: DataPlane,
  led: LedPlaces,
  named: ReadonlySet<number> | undefined,
): readonly ServerPlace[] {
  const listeners = dataPlane.snapshotOf(pod)?.listeners ?? [];
  const inbound = listeners.find(({ name }) => name === 'virtualInbound')?.filterChains ?? [];
  const known = [
    ...inbound.flatMap(({ filterChainMatch }) => filterChainMatch?.destinationPort ?? []),
    // Without interception each port has a listener of its own.
    ...listeners.flatMap(({ name, trafficDirection, bindToPort, address }) =>
      trafficDirection === 'INBOUND' && name !== 'virtualInbound' && bindToPort !== false
        ? (address?.socketAddress?.portValue ?? [])
        : [],
    ),
  ];
  const told = new Set([
    ...[...pod.ports, ...known.filter((port) => port !== VIRTUAL_INBOUND_PORT)],
    ...pod.ips.flatMap((ip) => [...led.portsAt(ip)]),
  ]);
  const ports = named ?? (pod.ports.length > 0 ? told : new Set([...told, ...furtherPorts(pod, dataPlane, told)]));
  return [...ports].map((port) => [addressesOfPod(pod), port]);
}

function addressesOfPod(pod: TracePod): ServerAddresses {
  return { ips: pod.ips, ...(pod.cluster !== undefined && { at: podKey(pod) }) };
}

/** Where a pod whose containers name no ports may listen as well: ports that policies tell from others, and one that nobody does. */
function furtherPorts(pod: TracePod, { snapshotOf, ztunnel }: DataPlane, told: ReadonlySet<number>): readonly number[] {
  const captured = ztunnel?.captured(pod);
  const parts = [snapshotOf(pod)?.listeners ?? [], captured === undefined ? [] : (ztunnel?.policiesOf(captured) ?? [])];
  const asked = [...JSON.stringify(parts).matchAll(PORTS)].flatMap(([, list = '']) => list.split(',').map(Number));
  const known = new Set([...told, ...asked, VIRTUAL_INBOUND_PORT]);
  const other = portBeside(known, USUAL_PORTS);
  const own = asked.filter((port) => port !== VIRTUAL_INBOUND_PORT);
  return other === undefined ? own : [...own, other];
}

/** Ports in matches of Envoy and ztunnel. */
const PORTS = /"(?:destinationPort|(?:notD|d)estinationPorts)":\[?(\d+(?:,\d+)*)/g;
const USUAL_PORTS = [8080, 80, 9080, 9999];

/** The ports of a gateway: those that are named, else those where it listens. */
function placesOfGateway(
  pod: TracePod,
  { snapshotOf }: DataPlane,
  named: ReadonlySet<number> | undefined,
): readonly ServerPlace[] {
  const bound = (snapshotOf(pod)?.listeners ?? []).flatMap(({ address, bindToPort }) =>
    bindToPort === false ? [] : (address?.socketAddress?.portValue ?? []),
  );
  return [...(named ?? new Set(bound))].map((port) => [addressesOfPod(pod), port]);
}

const VIRTUAL_INBOUND_PORT = 15006;

/** The host of a cluster `outbound|80|subset|host`. */
function hostOfCluster(name: string): string {
  return name.split('|')[3] ?? '';
}

/** The host of `host:port`. */
function hostOf(server: string): string {
  return server.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

const TCP_PROXY = 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy';
