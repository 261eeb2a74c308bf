import type { TracedChange } from '../../diff/changes.ts';
import type { Listener } from '../../envoy/api.gen.ts';
import { chainsOf } from '../../envoy/filter-chains.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { RequestConditions } from '../../sample-requests/request-conditions.ts';
import {
  createTargetFinder,
  inboundPortsOf,
  isSomewhere,
  plainTarget,
  policyConditionsOf,
  type Target,
  targetsOf,
} from '../../sample-requests/targets.ts';
import { routesBehind } from '../../sample-requests/waypoint.ts';
import { addressOf, type DataPlane, podAt, podKey, podNamed, podsLedTo, seenFrom } from '../../trace/data-plane.ts';
import { ipOfEndpoint, portOfEndpoint, tunnelOfEndpoint } from '../../trace/host.ts';
import type { TracePod } from '../../trace/pod.ts';
import { addAll } from '../../util/collections.ts';
import { formatHostPort, parseHostPort } from '../../util/host-port.ts';
import { ofSameFamily } from '../../util/ip-address.ts';
import { memo } from '../../util/memo.ts';
import { podsBehind, waypointPods } from '../../workbench/waypoint-before.ts';
import { ambientJourneys, podsToldOtherwise, waypointFinder } from './ambient-journeys.ts';
import type { AskedTls } from './asked-tls.ts';
import { type ClientFinder, clientPlaceOf, isBehindZtunnel, isOnOneSide, type PodKinds } from './clients.ts';
import type { ManifestConfiguration } from './configuration.ts';
import { createHttpFinder } from './http-in-bytes.ts';
import type { Journey, Traveller } from './journey.ts';
import { hasNestedRanges, opaqueTargetsOf } from './opaque-targets.ts';
import { byOwnTls, createTlsFinder } from './own-tls.ts';
import { type PodsOtherwise, portsNamedBy, targetsPastProxy } from './pods-otherwise.ts';
import type { ChangesOf } from './proxy-changes.ts';
import { firstBeside, portsToAskOf } from './unnamed-ports.ts';

/**
 * Lists the journeys of requests that meet something changed on their way: of proxies, from pods without one, and of what ztunnel stands
 * before. `changesOf` has the proxies whose configuration differs, `others` are those that come or go, `otherwise` pods that differ beside that.
 */
export function listJourneys(
  before: ManifestConfiguration,
  after: ManifestConfiguration,
  planes: readonly [DataPlane, DataPlane],
  { findClients, kindOf }: { readonly findClients: ClientFinder; readonly kindOf: PodKinds },
  askedTls: AskedTls,
  changesOf: ChangesOf,
  others: readonly string[],
  gateway: string | undefined,
  otherwise: PodsOtherwise,
): readonly Journey[] {
  const [earlier, later] = planes;
  const policyConditions = memo((snapshot: XdsSnapshot) => policyConditionsOf(snapshot));
  // Of one argument, whatever else it is called with (`flatMap` gives indexes too).
  const conditions = (snapshot: XdsSnapshot): readonly RequestConditions[] => policyConditions(snapshot);
  const sides = [
    { bench: before, dataPlane: earlier },
    { bench: after, dataPlane: later },
  ] as const;
  const told = podsToldOtherwise(sides);
  const changed = new Set([
    ...[...changesOf]
      .filter(
        ([key, changes]) =>
          isOnOneSide(key, planes, isRouter) ||
          changes.some(isOfServer) ||
          isNamedInbound(changes, [before.snapshotOf(key), after.snapshotOf(key)]),
      )
      .map(([proxy]) => proxy),
    ...others,
    ...told.map(podKey),
    ...otherwise.servers,
  ]);
  const isOnTheWay = waypointFinder(sides);
  const findTls = createTlsFinder([before, after], planes, askedTls);
  const findHttp = createHttpFinder([before, after], planes);
  const findTargets = createTargetFinder();
  const findWay = wayFinder(sides, kindOf, changed, changesOf, conditions);
  const isAnyServerTouched = changed.size > 0 || planes.some(({ pods }) => pods.some(({ proxy }) => proxy === 'gateway'));
  const fromProxies = findClients(gateway, (key) => otherwise.clients.has(key)).flatMap((client) => {
    // What is captured by ztunnel on the other side is asked with its like.
    if (!client.isOutside && isOnOneSide(client.key, planes, isBehindZtunnel)) return [];
    const snapshots = [before.snapshotOf(client.key), after.snapshotOf(client.key)].filter((one) => one !== undefined);
    const changes = changesOf.get(client.key) ?? [];
    // A proxy that comes or goes changes all that its pod sends.
    const isOtherwise = otherwise.clients.has(client.key);
    const isWholeTouched = snapshots.length < 2 || isOtherwise;
    if (!isWholeTouched && changes.length === 0 && !isAnyServerTouched) return [];
    const isTouchedHere = isWholeTouched ? () => true : touchedTargets(changes, client.isOutside);
    const own = client.isOutside ? snapshots.flatMap(conditions) : [];
    const past = isOtherwise && !client.isOutside ? pastProxy(client, planes, snapshots) : [];
    const targets = journeyTargets(findTargets(...snapshots), snapshots, changes);
    // Of one side alone it can be one of bytes.
    const askedWithHttp = memo(() => new Set(targets.filter(({ scheme }) => scheme === 'http').map(hostPortOf)));
    return [...targets, ...past].flatMap((target): Journey[] => {
      if (isOnTheWay(target) || !(isAnyServerTouched || isTouchedHere(target))) return [];
      const way = findWay(client.key, target);
      const isClientChanged = isTouchedHere(target) || way.isRouterChanged;
      if (!isClientChanged && !way.isServerTouched) return [];
      // Journeys of many clients have these in common.
      const others = own.length === 0 ? way.others() : [...own, ...way.others()];
      const journey = { client, target, others, isClientChanged };
      const ofHttp = target.scheme === 'tcp' && !askedWithHttp().has(hostPortOf(target)) ? findHttp(journey, way.reached) : [];
      return [journey, ...ofHttp, ...findTls(journey, way.reached)];
    });
  });
  return [
    ...fromProxies,
    ...directJourneys(before, after, planes, findClients, changed, told, otherwise, conditions).flatMap((journey) => [
      journey,
      ...byOwnTls(journey, [podNamed(later, journey.client.key) ?? []].flat(), askedTls),
    ]),
    ...ambientJourneys(sides, changed, conditions, askedTls),
  ];
}

/** Where a client gets to on the way to a target. */
interface Way {
  /** The pods on both sides. */
  readonly reached: readonly TracePod[];
  /** Whether one of them that routes requests has changed. */
  readonly isRouterChanged: boolean;
  /** Whether what any of them does may have changed. */
  readonly isServerTouched: boolean;
  /** Requests that they tell apart. */
  others(): readonly RequestConditions[];
}

/** Finds the ways of clients; those whose proxies do the same with what they send have them in common. */
function wayFinder(
  sides: readonly { readonly bench: ManifestConfiguration; readonly dataPlane: DataPlane }[],
  kindOf: PodKinds,
  changed: ReadonlySet<string>,
  changesOf: ChangesOf,
  conditions: (snapshot: XdsSnapshot) => readonly RequestConditions[],
): (client: string, target: Target) => Way {
  const servers = sides.map(({ bench, dataPlane }) => serverFinder(bench, dataPlane));
  const passesOn = memo((key: string) => sides.every(({ bench }) => isBetweenClusters(bench.snapshotOf(key))));
  const isPasserChanged = memo(() => [...changed].some(passesOn));
  // Where one leads that only passes on is known beside it, unless it hands on to another one.
  const mayLeadToChange = (pod: TracePod): boolean => pod.proxy === 'gateway' && (!passesOn(podKey(pod)) || isPasserChanged());
  const planes = sides.map(({ dataPlane }) => dataPlane);
  const findWay = memo((client: string, target: Target): Way => {
    // Of headless Services no endpoint tells the server, since connections go on to the address that they are for.
    const addressed = sides.flatMap(
      ({ dataPlane }) => podAt(seenFrom(dataPlane, podNamed(dataPlane, client)), target.ip ?? '') ?? [],
    );
    const ofSides = servers.map((find) => find(client, target.clusters));
    const reached = [...ofSides.flat(), ...addressed];
    // Nodes and load balancers can lead to others though no proxy is told of it.
    const [earlier = [], later = []] = ofSides;
    const isLedElsewhere = earlier.length !== later.length || earlier.some((pod, at) => !isNamesake(pod, later[at]));
    return {
      reached,
      isRouterChanged: reached.some((pod) => isRouter(pod) && changesOf.has(podKey(pod))),
      isServerTouched: isLedElsewhere || reached.some((pod) => changed.has(podKey(pod)) || mayLeadToChange(pod)),
      others: memo(() =>
        [...new Set(reached.map(podKey))].flatMap((key) =>
          sides.flatMap(({ bench }) => {
            const snapshot = bench.snapshotOf(key);
            return snapshot === undefined ? [] : [...conditions(snapshot), ...routesBehind(target, [snapshot])];
          }),
        ),
      ),
    };
  });
  const firsts = new Map<string, string>();
  const firstOfKind = memo((client: string): string => {
    const kind = JSON.stringify([kindOf(client), clientPlaceOf(client, planes)]);
    const first = firsts.get(kind) ?? client;
    firsts.set(kind, first);
    return first;
  });
  // What leads into a proxy's own pod is nothing that others have in common with it.
  const isInbound = ({ clusters }: Target): boolean => clusters.some((name) => name.startsWith('inbound|'));
  return (client, target) => findWay(isInbound(target) ? client : firstOfKind(client), target);
}

/** The targets of both sides, and those that tell filter chains apart which are no other's. */
function journeyTargets(
  targets: readonly Target[],
  snapshots: readonly XdsSnapshot[],
  changes: readonly TracedChange[],
): readonly Target[] {
  const changed = new Set(changes.flatMap(({ change: { type, resource } }) => (type === 'listeners' ? [resource] : [])));
  const isTold = (listener: Listener): boolean => changed.has(listener.name ?? '') || hasNestedRanges(listener);
  const opaque = [...opaqueTargetsOf(snapshots, isTold), ...targetsOfOthers(targets, snapshots, changes)];
  if (opaque.length === 0) return targets;
  const keyOf = ({ ip, port, serverName }: Target): string => JSON.stringify([ip, port, serverName]);
  const known = new Set(targets.map(keyOf));
  return [...targets, ...opaque.filter((target) => !known.has(keyOf(target)))];
}

/** Another address of nobody than those that stand for the hosts of a configuration, of each family. */
const ANOTHER: readonly string[] = ['198.51.100.2', '2001:db8::2'];

/**
 * Connections for others at a port where bytes for any address go to one host: what takes them all on one side leaves each its own address on the
 * other, where their cluster becomes one of `ORIGINAL_DST` or the other way round. Those of the host itself do not tell.
 */
function targetsOfOthers(
  targets: readonly Target[],
  snapshots: readonly XdsSnapshot[],
  changes: readonly TracedChange[],
): readonly Target[] {
  const changed = new Set(changes.flatMap(({ change: { type, resource } }) => (type === 'clusters' ? [resource] : [])));
  const isLeft = ({ clusters }: XdsSnapshot, name: string): boolean =>
    clusters.some((cluster) => cluster.name === name && cluster.type === 'ORIGINAL_DST');
  return targets.flatMap((target): readonly Target[] => {
    const { scheme, ip = '', clusters } = target;
    const isTaken = (name: string): boolean =>
      changed.has(name) && new Set(snapshots.map((snapshot) => isLeft(snapshot, name))).size > 1;
    if (scheme !== 'tcp' || !isSomewhere(ip) || !clusters.some(isTaken)) return [];
    const other = ofSameFamily(ANOTHER, ip) ?? ip;
    return [{ ...target, ip: other, host: other }];
  });
}

/** Addresses that annotations of a client tell apart, at its ports and one that it has no listener for. */
function pastProxy({ key }: Traveller, planes: readonly DataPlane[], snapshots: readonly XdsSnapshot[]): readonly Target[] {
  const pods = planes.flatMap((plane) => podNamed(plane, key) ?? []);
  const ports = new Set([...targetsOf(...snapshots).values()].map(({ port }) => port));
  return targetsPastProxy(pods, [...ports, firstBeside(ports)]);
}

/** Requests to workloads from pods that have no sidecar, which mutual TLS and policies may refuse. */
function directJourneys(
  before: ManifestConfiguration,
  after: ManifestConfiguration,
  planes: readonly [DataPlane, DataPlane],
  findClients: ClientFinder,
  changed: ReadonlySet<string>,
  told: readonly TracePod[],
  otherwise: PodsOtherwise,
  conditions: (snapshot: XdsSnapshot) => readonly RequestConditions[],
): readonly Journey[] {
  const [, plane] = planes;
  const ofProxies = findClients(undefined, (key) => changed.has(key))
    .filter(({ isOutside, key }) => !isOutside && changed.has(key))
    .flatMap(({ key, workload }) => {
      const snapshots = [before.snapshotOf(key), after.snapshotOf(key)].filter((one) => one !== undefined);
      const named = snapshots.flatMap(inboundPortsOf);
      const pods = planes.flatMap((side) => podNamed(side, key) ?? []);
      // Of a workload that no service is for, those of its containers.
      const own = named.length > 0 ? [] : (podNamed(plane, key)?.ports ?? []);
      const byPod = otherwise.servers.has(key) ? pods.flatMap(portsNamedBy) : own;
      const ports = [...named, ...byPod.filter((port) => !isOfAgent(port))];
      const others = snapshots.flatMap(conditions);
      return inOrder(ports).map((port) => directJourney(key, workload, port, others));
    });
  const bare = [...told, ...plane.pods.filter((pod) => otherwise.servers.has(podKey(pod)))];
  const workloads = new Map(
    bare
      .filter((pod) => pod.proxy === 'none' && before.snapshotOf(podKey(pod)) === undefined)
      .map((pod) => [podKey({ ...pod, name: pod.workloadName }), pod]),
  );
  const ofZtunnel = [...workloads].flatMap(([workload, pod]) =>
    inOrder(portsToAskOf(podKey(pod), planes)).map((port) => directJourney(podKey(pod), workload, port, [])),
  );
  return [...ofProxies, ...ofZtunnel];
}

/** Whether a port is one of those that Istio keeps for itself: nothing of what comes there is led through the sidecar. */
function isOfAgent(port: number): boolean {
  return port >= 15_000 && port < 15_100;
}

/** Each once, the smallest first. */
function inOrder(ports: readonly number[]): readonly number[] {
  return [...new Set(ports)].sort((a, b) => a - b);
}

function directJourney(key: string, workload: string, port: number, others: Journey['others']): Journey {
  const target = plainTarget(workload.split('/').slice(-2).reverse().join('.'), undefined, port);
  const client: Traveller = { client: { kind: 'without-sidecar' }, workload, key, isOutside: true };
  return { client, target, others, isClientChanged: false };
}

/** Whether a gateway does nothing but pass on what sidecars of other clusters ask for (`AUTO_PASSTHROUGH`, told by their ALPN). */
function isBetweenClusters(snapshot: XdsSnapshot | undefined): boolean {
  const chains = (snapshot?.listeners ?? []).flatMap(chainsOf);
  return chains.length > 0 && chains.every(({ filterChainMatch }) => (filterChainMatch?.applicationProtocols ?? []).length > 0);
}

function hostPortOf({ host, port }: Target): string {
  return formatHostPort(host, port);
}

function isNamesake(pod: TracePod, other: TracePod | undefined): boolean {
  return other !== undefined && podKey(pod) === podKey(other);
}

/** Whether what stands before a pod sends requests on by routes of its own. */
function isRouter({ proxy }: TracePod): boolean {
  return proxy === 'gateway' || proxy === 'waypoint';
}

/** Whether a change of a proxy matters to those who call its workload. */
function isOfServer({ change: { type, resource } }: TracedChange): boolean {
  if (type === 'clusters') return resource.startsWith('inbound') || resource === 'InboundPassthroughCluster';
  return type === 'extensionConfigs' || (type === 'listeners' && !/^\d|^virtualOutbound$/.test(resource));
}

/** Whether servers lead what comes to them to a cluster that changes, as EnvoyFilters can have them do. */
function isNamedInbound(changes: readonly TracedChange[], snapshots: readonly (XdsSnapshot | undefined)[]): boolean {
  const names = changes.flatMap(({ change: { type, resource } }) => (isOfCluster(type) ? [JSON.stringify(resource)] : []));
  if (names.length === 0) return false;
  const listeners = snapshots.flatMap((snapshot) => snapshot?.listeners ?? []);
  const text = JSON.stringify(listeners.filter(({ trafficDirection }) => trafficDirection === 'INBOUND'));
  // Mostly no inbound listener names any of those.
  const isOutboundNamed = text.includes(OUTBOUND);
  return names.some((name) => (isOutboundNamed || !name.startsWith(OUTBOUND)) && text.includes(name));
}

const OUTBOUND = '"outbound|';

function isOfCluster(type: TracedChange['change']['type']): boolean {
  return type === 'clusters' || type === 'endpoints';
}

/** Tells the targets that changes of the client's own proxy can reach. */
function touchedTargets(changes: readonly TracedChange[], isGateway: boolean): (target: Target) => boolean {
  const clusters = new Set<string>();
  const virtualHosts = new Set<string>();
  for (const { change } of changes) {
    const { type, resource, where } = change;
    if (isOfCluster(type)) clusters.add(resource);
    else if (type === 'routes') {
      const [, name] = /^virtualHosts\[([^\]]+)\]/.exec(where) ?? [];
      if (name === undefined || /^\d+$/.test(name)) return () => true;
      virtualHosts.add(name);
    } else if (isGateway || type !== 'listeners' || resource !== 'virtualInbound') return () => true;
  }
  return (target) =>
    target.clusters.some((name) => clusters.has(name)) || target.virtualHosts.some((name) => virtualHosts.has(name));
}

/** Finds the pods that clusters of a client lead to, also those that gateways between networks pass connections on to. */
function serverFinder(
  side: ManifestConfiguration,
  dataPlane: DataPlane,
): (client: string, clusters: readonly string[]) => readonly TracePod[] {
  const { lookups } = dataPlane;
  const behind = memo((client: string, name: string): readonly TracePod[] => {
    const snapshot = side.snapshotOf(client);
    const cluster = snapshot && lookups.cluster(snapshot, name);
    const assignment = cluster && lookups.assignment(snapshot, cluster);
    const seen = seenFrom(dataPlane, podNamed(dataPlane, client));
    return (assignment?.endpoints ?? []).flatMap(({ lbEndpoints = [] }) =>
      lbEndpoints.flatMap((one) => {
        const waypoint = parseHostPort(tunnelOfEndpoint(one).waypoint ?? '');
        return [
          ...podsAt(seen, ipOfEndpoint(one) ?? '', portOfEndpoint(one) ?? 0),
          ...(waypoint === undefined ? [] : podsAt(seen, waypoint.host, waypoint.port ?? 0)),
        ];
      }),
    );
  });
  const find = memo((client: string, name: string): readonly TracePod[] => {
    const reached = [...behind(client, name)];
    const [, port, subset, host] = name.split('|');
    const gateways = new Set<string>();
    // Those that are found on the way are looked at, too.
    for (const pod of reached) {
      if (pod.proxy !== 'gateway' || host === undefined || gateways.has(podKey(pod))) continue;
      gateways.add(podKey(pod));
      addAll(reached, behind(podKey(pod), `outbound_.${port}_.${subset}_.${host}`));
    }
    // What leads tunnels between networks hands on to whoever serves the host there, through the waypoint of that.
    if (host !== undefined && dataPlane.ztunnel !== undefined && reached.some(isRouter)) {
      const services = side.benches.flatMap(({ mesh }) => mesh.registry.servicesOf(host));
      for (const service of services) addAll(reached, [...waypointPods(service, dataPlane), ...podsBehind(service, dataPlane)]);
    }
    return reached;
  });
  return (client, clusters) => clusters.flatMap((name) => find(client, name));
}

/** The pods that connections to an address or name get to: the one that has it, or those that nodes and load balancers lead them to. */
function podsAt(seen: DataPlane, name: string, port: number): readonly TracePod[] {
  const ip = addressOf(seen, name) ?? '';
  const pod = podAt(seen, ip);
  if (pod !== undefined) return [pod];
  const place = seen.serviceAt({ ip, port });
  return place === undefined ? [] : podsLedTo(seen, place).filter((one) => one !== undefined);
}
