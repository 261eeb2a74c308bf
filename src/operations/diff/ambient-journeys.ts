import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import { UNSPECIFIED_ADDRESS } from '../../model/registry/kubernetes-services.ts';
import type { Service, ServicePort } from '../../model/registry/service.ts';
import type { RequestConditions } from '../../sample-requests/request-conditions.ts';
import { plainTarget, type Target, targetsOf } from '../../sample-requests/targets.ts';
import { policiesAtWaypoint, routesAtWaypoint } from '../../sample-requests/waypoint.ts';
import { type DataPlane, podKey, podNamed } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';
import type { DirectoryService, DirectoryWorkload, ZtunnelDirectory } from '../../trace/ztunnel/directory.ts';
import { groupBy } from '../../util/collections.ts';
import { isIpv6Text } from '../../util/ip-address.ts';
import { memo } from '../../util/memo.ts';
import { isOfWaypoint, podsBehind, waypointBefore, waypointPods, waypointPodsOf } from '../../workbench/waypoint-before.ts';
import { type AmbientSource, createAlikeAddresses, sourceOf } from '../alike-addresses.ts';
import { schemeOf } from '../reachability/scheme.ts';
import type { AskedTls } from './asked-tls.ts';
import type { ManifestConfiguration } from './configuration.ts';
import type { Journey } from './journey.ts';
import { byOwnTls } from './own-tls.ts';
import { portsToAskOf } from './unnamed-ports.ts';

/** Where the agent of a proxy tells of its health. */
const STATUS_PORT = 15021;

/** One of the two configurations, with its pods. */
interface Side {
  readonly bench: ManifestConfiguration;
  readonly dataPlane: DataPlane;
}

/** Tells the targets that are there for the sake of waypoints alone: nobody calls these by their own names or ports. */
export function waypointFinder(sides: readonly Side[]): (target: Target) => boolean {
  const [hosts, ports, others] = [new Set<string>(), new Set<number>(), new Set<number>()];
  for (const { bench, dataPlane } of sides) {
    for (const service of bench.mesh.registry.services) {
      const isWaypoint = isOfWaypoint(service, dataPlane);
      if (isWaypoint) hosts.add(service.hostname);
      for (const { port } of service.ports) (isWaypoint ? ports : others).add(port);
    }
  }
  return ({ host, port }) => hosts.has(host) || (ports.has(port) && !others.has(port));
}

/**
 * Requests of workloads that ztunnel stands before to the addresses of pods, where what istiod tells of these has changed, or a proxy
 * there or on the way (`changed`).
 */
export function journeysToPods(
  sides: readonly [Side, Side],
  changed: ReadonlySet<string>,
  askedTls: AskedTls,
): readonly Journey[] {
  if (sides.every(({ dataPlane }) => dataPlane.ztunnel === undefined)) return [];
  const [before, after] = sides;
  const servers = new Map<string, { readonly pod: TracePod; readonly onTheWay: readonly TracePod[] }>();
  for (const pod of after.dataPlane.pods) {
    const earlier = podNamed(before.dataPlane, podKey(pod));
    if (earlier === undefined || pod.proxy === 'waypoint' || pod.proxy === 'gateway') continue;
    const onTheWay = [...waypointPodsOf(earlier, before.dataPlane), ...waypointPodsOf(pod, after.dataPlane), pod];
    const isTouched =
      toldOfPod(pod, before.dataPlane) !== toldOfPod(pod, after.dataPlane) || onTheWay.some((one) => changed.has(podKey(one)));
    const id = JSON.stringify([pod.namespace, pod.workloadName, earlier.kin, pod.kin]);
    if (isTouched && !servers.has(id)) servers.set(id, { pod, onTheWay });
  }
  const planes = sides.map(({ dataPlane }) => dataPlane);
  const portsOfServer = memo((server: TracePod) => portsToAskOf(podKey(server), planes));
  return clientsOf(sides).flatMap((pod) => {
    const workload = `${pod.namespace}/${pod.workloadName}`;
    return [...servers.values()].flatMap(({ pod: server, onTheWay }) =>
      server.ips.flatMap((ip) =>
        portsOfServer(server).flatMap((port): readonly Journey[] => {
          const client = { client: { kind: 'workload', workload }, workload, key: podKey(pod), isOutside: false } as const;
          const journey: Journey = { client, target: plainTarget(ip, ip, port), others: [], isClientChanged: false };
          return [journey, ...byOwnTls(journey, onTheWay, askedTls)];
        }),
      ),
    );
  });
}

/** What names a service. */
type NamedService = Pick<Service, 'hostname' | 'namespace'>;

/**
 * Requests of workloads that ztunnel stands before on one of the two sides, where what ztunnel is told of the way has changed, or a
 * proxy on it (`changed`, by `namespace/name`). `conditions` gives the requests that the policies of a proxy tell apart.
 */
export function ambientJourneys(
  sides: readonly [Side, Side],
  changed: ReadonlySet<string>,
  conditions: (snapshot: XdsSnapshot) => readonly RequestConditions[],
  askedTls: AskedTls,
): readonly Journey[] {
  if (sides.every(({ dataPlane }) => dataPlane.ztunnel === undefined)) return [];
  const services = servicesOf(sides);
  const podsOnTheWay = memo((service: Service): readonly TracePod[] =>
    sides.flatMap(({ dataPlane }) => [...podsBehind(service, dataPlane), ...waypointPods(service, dataPlane)]),
  );
  const isTouched = memo((service: Service): boolean => {
    const [earlier, later] = sides.map(({ dataPlane }) => toldOf(service, dataPlane));
    return earlier !== later || podsOnTheWay(service).some((pod) => changed.has(podKey(pod)));
  });
  // What a proxy takes for HTTP alone is nothing else, and where there is none all ends as bytes do.
  const isOfAnyProtocol = (service: Service, { protocol }: ServicePort): boolean =>
    podsOnTheWay(service).some(({ proxy }) => proxy !== 'none') &&
    (protocol === 'Unsupported' || sides.some(({ dataPlane }) => waypointPods(service, dataPlane).length === 0));
  const isWaypointChanged = memo((service: Service): boolean =>
    sides.some(({ dataPlane }) => waypointPods(service, dataPlane).some((pod) => changed.has(podKey(pod)))),
  );
  // Whoever the client is.
  const requestsTo = memo((service: Service, port: ServicePort) => ({
    ofWaypoints: atWaypoints(service, sides).flatMap((snapshot) => routesAtWaypoint(snapshot, service.hostname, port.port)),
    others: othersOf(service, port, sides, conditions),
  }));
  const addressesApart = addressFinder(sides);
  return clientsOf(sides).flatMap((pod) => {
    const key = podKey(pod);
    const [earlier, later] = sides.map(({ dataPlane }) => JSON.stringify(dataPlane.ztunnel?.captured(pod)?.message ?? null));
    const own = groupBy(
      sides.flatMap(({ bench }) => {
        const snapshot = bench.snapshotOf(key);
        return snapshot === undefined ? [] : [...targetsOf(snapshot).values()];
      }),
      ({ host, port }) => `${host}:${port}`,
    );
    const workload = `${pod.namespace}/${pod.workloadName}`;
    return services
      .filter((service) => earlier !== later || isTouched(service))
      .flatMap((service) =>
        portsOf(service, sides)
          .filter(({ protocol, port }) => protocol !== 'UDP' && port !== STATUS_PORT)
          .flatMap((port): readonly Journey[] => {
            const { ofWaypoints, others } = requestsTo(service, port);
            const ofSidecar = own.get(`${service.hostname}:${port.port}`) ?? [];
            const conditions = [{}, ...ofWaypoints, ...ofSidecar.flatMap((target) => target.conditions)];
            const isAny = isOfAnyProtocol(service, port);
            return addressesApart(service, port.port, pod).flatMap((ip) => {
              const journey: Journey = {
                client: { client: { kind: 'workload', workload }, workload, key, isOutside: false },
                target: targetOf(service, port, ip, conditions),
                others,
                isClientChanged: isWaypointChanged(service),
                ...(isAny && { isOfAnyProtocol: true }),
              };
              const isOpen = isAny || journey.target.scheme !== 'http';
              return [journey, ...(isOpen ? byOwnTls(journey, podsOnTheWay(service), askedTls) : [])];
            });
          }),
      );
  });
}

/** The services that clients can call by an address, of either side: one that goes was called before. */
function servicesOf([before, after]: readonly [Side, Side]): readonly Service[] {
  const callable = ({ bench, dataPlane }: Side): readonly Service[] =>
    bench.mesh.registry.services.filter((service) => !isOfWaypoint(service, dataPlane) && addressesOf(service).length > 0);
  // A host of a ServiceEntry is a service for each of its addresses, which ztunnel knows as one.
  const byName = new Map([...callable(after), ...callable(before)].toReversed().map((service) => [nameOf(service), service]));
  return [...byName.values()].toReversed();
}

/** The ports that a service has on either side. */
function portsOf(service: Service, sides: readonly [Side, Side]): readonly ServicePort[] {
  const name = nameOf(service);
  const [earlier = [], later = []] = sides.map(({ bench }) =>
    bench.mesh.registry.servicesOf(service.hostname).flatMap((one) => (nameOf(one) === name ? one.ports : [])),
  );
  const known = new Set(later.map(({ port }) => port));
  return [...later, ...earlier.filter(({ port }) => !known.has(port))];
}

function nameOf({ hostname, namespace }: NamedService): string {
  return `${namespace}/${hostname}`;
}

/**
 * One pod of each workload and place (of each node where a service prefers the client's) that is on both sides and that ztunnel stands before
 * on one of them; gateways have clients outside.
 */
function clientsOf(sides: readonly [Side, Side]): readonly TracePod[] {
  const [before, after] = sides;
  const clients = new Map<string, TracePod>();
  const isByNode = sides.some(({ dataPlane }) =>
    dataPlane.ztunnel?.services.some(({ message }) => message.loadBalancing?.routingPreference?.includes('NODE')),
  );
  for (const pod of before.dataPlane.pods) {
    const captured = sides.map(({ dataPlane }) => dataPlane.ztunnel?.captured(pod)?.message);
    // Where a pod is tells which of several endpoints it gets to.
    const places = captured.map((message) => [message?.locality, message?.network, isByNode && message?.node]);
    const id = JSON.stringify([pod.namespace, pod.workloadName, places]);
    const isThere = podNamed(after.dataPlane, podKey(pod)) !== undefined;
    const isCaptured = captured.some((message) => message !== undefined);
    if (isCaptured && isThere && pod.proxy !== 'gateway' && !clients.has(id)) clients.set(id, pod);
  }
  return [...clients.values()];
}

/** The pods of both sides that ztunnel stands before on one of the two sides and is told something else of: whoever calls them may notice. */
export function podsToldOtherwise(sides: readonly [Side, Side]): readonly TracePod[] {
  const [before, after] = sides;
  if (sides.every(({ dataPlane }) => dataPlane.ztunnel === undefined)) return [];
  return after.dataPlane.pods.filter(
    (pod) =>
      podNamed(before.dataPlane, podKey(pod)) !== undefined &&
      toldOfPod(pod, before.dataPlane) !== toldOfPod(pod, after.dataPlane),
  );
}

/** All that ztunnel is told of a pod that it stands before: itself, the policies for it, and the gateways on the way to it. */
function toldOfPod(pod: TracePod, { ztunnel }: DataPlane): string {
  const workload = ztunnel?.captured(pod);
  if (ztunnel === undefined || workload === undefined) return '';
  return JSON.stringify([toldOfWorkload(workload, ztunnel), ...toldOfGateways([workload], ztunnel)]);
}

/** The addresses that clients can use, ranges among them. */
function addressesOf({ address, addresses, allocatedAddresses }: Service): readonly string[] {
  return [...new Set([address, ...addresses, ...allocatedAddresses])].filter((ip) => ip !== '' && ip !== UNSPECIFIED_ADDRESS);
}

/** The addresses of services for a client: of those that nobody on the way tells apart on either side, one. */
function addressFinder(sides: readonly [Side, Side]): (service: Service, port: number, client: TracePod) => readonly string[] {
  const finders = sides.map(({ dataPlane }) => {
    const { ztunnel } = dataPlane;
    const alike = ztunnel && createAlikeAddresses(dataPlane, ztunnel);
    return {
      sourceOf(client: TracePod): AmbientSource | undefined {
        const captured = ztunnel?.captured(client);
        return captured && sourceOf(captured);
      },
      addressesOf({ hostname, namespace }: Service, source: AmbientSource): readonly string[] {
        const service = ztunnel?.serviceNamed(hostname, namespace);
        return service === undefined ? [] : (alike?.addressesOf(service, source) ?? []);
      },
      // Where a proxy of its own takes its connections, it knows all addresses of a service as one.
      leadOf: (source: AmbientSource | undefined, ip: string, port: number): string =>
        (source && alike?.leadOf(source, ip, port)) ?? (isIpv6Text(ip) ? 'IPv6' : 'IPv4'),
    };
  });
  const find = memo((service: Service, port: number, asked: string): readonly string[] => {
    const sources: readonly (AmbientSource | null)[] = JSON.parse(asked);
    const known = finders.flatMap((finder, at) => {
      const source = sources[at];
      return source ? finder.addressesOf(service, source) : [];
    });
    const whole = addressesOf(service).filter((ip) => !ip.includes('/'));
    const byLead = new Map<string, string>();
    for (const ip of [...whole, ...known]) {
      const lead = JSON.stringify(finders.map((finder, at) => finder.leadOf(sources[at] ?? undefined, ip, port)));
      if (!byLead.has(lead)) byLead.set(lead, ip);
    }
    return [...byLead.values()];
  });
  return (service, port, client) => find(service, port, JSON.stringify(finders.map((finder) => finder.sourceOf(client) ?? null)));
}

function targetOf(service: Service, port: ServicePort, ip: string, conditions: Target['conditions']): Target {
  const { hostname } = service;
  const scheme = schemeOf(port);
  return {
    scheme,
    host: hostname,
    ip,
    port: port.port,
    ...(scheme === 'tls' && { serverName: hostname.replace(/^\*/, 'x') }),
    conditions,
    clusters: [],
    virtualHosts: [],
  };
}

function othersOf(
  service: Service,
  port: ServicePort,
  sides: readonly Side[],
  conditions: (snapshot: XdsSnapshot) => readonly RequestConditions[],
): readonly RequestConditions[] {
  // Who serves it is known where ztunnel is, what proxies those pods have on both sides.
  const [server] = sides.flatMap(({ dataPlane }) => podsBehind(service, dataPlane)).map(podKey);
  const servers = server === undefined ? [] : sides.flatMap(({ bench }) => bench.snapshotOf(server) ?? []);
  const ofWaypoints = atWaypoints(service, sides).flatMap((snapshot) =>
    policiesAtWaypoint(snapshot, service.hostname, port.port),
  );
  return [...servers.flatMap(conditions), ...ofWaypoints];
}

function atWaypoints(service: Service, sides: readonly Side[]): readonly XdsSnapshot[] {
  return sides.flatMap(({ dataPlane }) => waypointBefore(service, dataPlane) ?? []);
}

/** All that ztunnel is told of a service: itself, its endpoints with the policies for these, and the gateways on the way to it. */
function toldOf({ hostname, namespace }: NamedService, { ztunnel }: DataPlane): string {
  const service = ztunnel?.serviceNamed(hostname, namespace);
  if (ztunnel === undefined || service === undefined) return '';
  const onTheWay = toldOfGateways([service, ...service.endpoints.map(({ workload }) => workload)], ztunnel);
  return JSON.stringify([toldOfEndpoints(service, ztunnel), ...onTheWay]);
}

function toldOfEndpoints({ message, endpoints }: DirectoryService, ztunnel: ZtunnelDirectory): readonly unknown[] {
  return [message, endpoints.map(({ workload }) => toldOfWorkload(workload, ztunnel))];
}

function toldOfWorkload(workload: DirectoryWorkload, ztunnel: ZtunnelDirectory): readonly unknown[] {
  return [workload.message, ztunnel.policiesOf(workload)];
}

/**
 * What ztunnel is told of the waypoints of services and workloads and of the gateways of their networks, each once: without pods there it
 * leads nowhere.
 */
function toldOfGateways(ends: readonly (DirectoryService | DirectoryWorkload)[], ztunnel: ZtunnelDirectory): readonly unknown[] {
  const named = ends
    .flatMap(({ message }) => [message.waypoint, 'networkGateway' in message ? message.networkGateway : undefined])
    .filter((gateway) => gateway !== undefined);
  const gateways = new Map(named.map((gateway) => [JSON.stringify(gateway), gateway]));
  return [...gateways.values()].map((gateway) => {
    const { service, workload } = ztunnel.gateway(gateway, '') ?? {};
    return [service && toldOfEndpoints(service, ztunnel), workload && toldOfWorkload(workload, ztunnel)];
  });
}
