import type { TracedChange } from '../../diff/changes.ts';
import type { Listener } from '../../envoy/api.gen.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Resource } from '../../resource/resource.ts';
import type { RequestConditions } from '../../sample-requests/request-conditions.ts';
import { type Sample, samplesOf, sentRequest, urlOf } from '../../sample-requests/samples.ts';
import { inboundPortsOf, plainTarget, policyConditionsOf, type Target, targetsOf } from '../../sample-requests/targets.ts';
import { routesBehind } from '../../sample-requests/waypoint.ts';
import { type DataPlane, podAt, podKey, podNamed, seenFrom } from '../../trace/data-plane.ts';
import { ipOfEndpoint } from '../../trace/host.ts';
import type { TracePod } from '../../trace/pod.ts';
import { unknownServers } from '../../trace/servers/unknown.ts';
import { append } from '../../util/collections.ts';
import { memo } from '../../util/memo.ts';
import { compact } from '../../util/object.ts';
import type { OnProgress } from '../../util/progress.ts';
import { gatewayNamed } from '../../workbench/addresses.ts';
import type { Benches } from '../../workbench/clusters.ts';
import { createKinds } from '../reachability/alike-callers.ts';
import { type LocatedReason, located } from '../why/located.ts';
import { whyOfOutcomes } from '../why/why.ts';
import { ambientJourneys, journeysToPods, podsToldOtherwise, waypointFinder } from './ambient-journeys.ts';
import { doubtsOfOtherClusters } from './asked-from-clusters.ts';
import { type AskedTls, createAskedTls } from './asked-tls.ts';
import { type ObservedRequest, oneOfEachRefusal, otherRefusalOf, type RepeatableRequest } from './compare-requests.ts';
import { allProxiesOf, type ManifestConfiguration } from './configuration.ts';
import { type DrawnRequest, joinRequests } from './join-requests.ts';
import type { Journey, Traveller } from './journey.ts';
import { hasNestedRanges, opaqueTargetsOf } from './opaque-targets.ts';
import { destinationOf, placeOf } from './open-journeys.ts';
import { byOwnTls, createTlsFinder, inOtherProtocols } from './own-tls.ts';
import { findPodsOtherwise, type PodsOtherwise, portsNamedBy, targetsPastProxy } from './pods-otherwise.ts';
import { type Patience, type ProvenRequests, proveRequests } from './prove-requests.ts';
import type { ChangesOf } from './proxy-changes.ts';
import type { DiffReport, OtherRefusal, RequestProof, UnaskedRequests } from './report.ts';
import { comparable, isAtZtunnelOnce, noticeRequest, refuserIn, type Seen } from './seen.ts';
import { journeysToHiddenServices, journeysToServices } from './service-journeys.ts';
import { firstBeside, journeysToUnnamedPorts } from './unnamed-ports.ts';
import { areAllUnreached, isBootstrapPatched } from './unreached-clusters.ts';

/** How many requests are tried at most, and how many of them at one host from one client. */
const LIMIT = 12_000;
const LIMIT_OF_TARGET = 48;
const LEAST_OF_TARGET = 3;

/** The requests that were sent through both sides. */
export interface ObservedRequests {
  readonly observed: readonly ObservedRequest[];
  /** How many more were drawn, which end as all of their place are proven to: as before. */
  readonly spared: number;
  /** Whether there are more kinds of requests. */
  readonly isCut: boolean;
  /** Those of further classes that end otherwise. */
  readonly others: readonly ObservedRequest[];
  /** Classes that end otherwise, of requests that nobody sends as a rule, where usual ones do so too. */
  readonly unusual: DiffReport['requests']['unusual'];
  /** Of requests that end as before, one for each other policy that refuses some. */
  readonly refusals: readonly OtherRefusal[];
  /** Absent where nothing is asked of all requests, and where none meets what has changed: of such changes nothing is proven. */
  readonly proof: RequestProof | undefined;
}

/** How long all requests are followed as a rule, and where a proof is asked for. */
const USUAL: Patience = { classes: 2_000, classesOfGateway: 1_000, classesOfPlace: 200, failures: 1 };
/** Once something ends otherwise, no more than this is looked at for the rest, whether a proof is asked for or not. */
const ONCE_REFUTED: Patience = { ...USUAL, classes: 1_000 };
export const USUAL_PATIENCE: Patience = { ...USUAL, onceRefuted: ONCE_REFUTED };
export const PATIENCE_OF_PROOF: Patience = {
  classes: 20_000,
  classesOfGateway: 20_000,
  classesOfPlace: 20_000,
  failures: Infinity,
  // Then there is nothing to prove.
  onceRefuted: ONCE_REFUTED,
};

/**
 * Sends all requests through both configurations class by class, as far as there is patience for that, and those that the two tell apart
 * one by one. Only where something on their way has changed, from outside at `gateway` only, if one is named: `changesOf` has the proxies whose
 * configuration differs, `others` are those that come or go.
 */
export function observeRequests(
  before: ManifestConfiguration,
  after: ManifestConfiguration,
  changesOf: ChangesOf,
  others: readonly string[],
  gateway: string | undefined,
  patience: Patience,
  onProgress?: OnProgress,
): ObservedRequests {
  const dataPlanes = [
    before.dataPlane({ servers: unknownServers, now: 0 }),
    after.dataPlane({ servers: unknownServers, now: 0 }),
  ] as const;
  const otherwise = findPodsOtherwise([before, after], dataPlanes);
  const areAllPodsSame = otherwise.clients.size + otherwise.servers.size === 0;
  const askedTls = createAskedTls(dataPlanes);
  const journeys = listJourneys(before, after, dataPlanes, askedTls, changesOf, others, gateway, otherwise);
  const limit = Math.max(LEAST_OF_TARGET, Math.min(LIMIT_OF_TARGET, Math.floor(LIMIT / Math.max(1, journeys.length))));
  // Where all proxies have what they had before, so do all requests; what ztunnel has is not among it.
  const isWithoutZtunnel = dataPlanes.every(({ ztunnel }) => ztunnel === undefined);
  const isSame = changesOf.size === 0 && others.length === 0 && areAllPodsSame && isWithoutZtunnel;
  const known = proveRequests(before, after, dataPlanes, isSame ? [] : journeys, askedTls, patience, onProgress);
  // Of rare requests it is asked where what usual ones meet says nothing of the change; where it says enough, they are named as left out.
  const isQuiet = known.proof.classes > 0 && known.changes.length + known.proof.doubts.length === 0;
  const isMoreAsked = isQuiet || isUnmet(known.proof);
  const unnamed = journeysToUnnamedPorts(journeys, [before, after], dataPlanes);
  const toPods = podJourneys(before, after, dataPlanes, changesOf, others);
  const areTooMany = isMoreAsked && toPods.length > patience.classes / 10;
  const toServices = known.proof.doubts.length === 0 ? journeysToServices([before, after], dataPlanes) : [];
  // Nothing that sidecars are told of tells these, so that no change of theirs stands for them.
  const hidden = journeysToHiddenServices(() => sidecarsOf(before, after, dataPlanes), [before, after], dataPlanes);
  const further = [...(isQuiet ? unnamed : []), ...toServices, ...hidden, ...(isMoreAsked && !areTooMany ? toPods : [])];
  const patienceLeft = known.changes.length > 0 ? (patience.onceRefuted ?? patience) : patience;
  const found = joined(known, proveRequests(before, after, dataPlanes, further, askedTls, patienceLeft, onProgress));
  // Whoever is asked with HTTP may take something else.
  const isStillQuiet = isMoreAsked && found.changes.length + found.proof.doubts.length === 0;
  const direct = journeys.filter(({ client }) => client.client.kind === 'without-sidecar');
  const places = new Set([...journeys, ...further].map(placeOf));
  const inOthers = inOtherProtocols([...direct, ...further]).filter((journey) => !places.has(placeOf(journey)));
  const asked = joined(
    found,
    proveRequests(before, after, dataPlanes, isStillQuiet ? inOthers : [], askedTls, patience, onProgress),
  );
  const unasked: readonly UnaskedRequests[] = [
    ...(isQuiet || unnamed.length === 0 ? [] : ['ports that nothing names' as const]),
    ...(isMoreAsked || toPods.length === 0 ? [] : ['addresses of pods' as const]),
    ...(isStillQuiet || inOthers.length === 0 ? [] : ['other protocols without a sidecar' as const]),
  ];
  const { changes, proof: whole, refusals, settled } = areTooMany ? withoutPods(asked, toPods) : asked;
  const snapshotsOf = (proxy: string) => [before.snapshotOf(proxy), after.snapshotOf(proxy)];
  const gateways = clientsOf(before, after, dataPlanes, gateway).filter(
    ({ isOutside, key }) => isOutside && dataPlanes.every((plane) => podNamed(plane, key)?.cluster === undefined),
  );
  const doubts = doubtsOfOtherClusters(gateways, changesOf, snapshotsOf);
  const proof = { ...whole, doubts: [...whole.doubts, ...doubts] };
  const drawn: DrawnRequest[] = [];
  let [left, spared] = [LIMIT, 0];
  let isCut = false;
  for (const journey of journeys) {
    const samples = samplesOf(journey.target, journey.others, limit + 1);
    if (samples.length > limit || left < samples.length) isCut = true;
    const some = samples.slice(0, Math.min(limit, left));
    left -= some.length;
    // What each of them passes is told only of a move to ambient mode or back.
    if (isWithoutZtunnel && settled.has(placeOf(journey))) spared += some.length;
    else
      for (const sample of some)
        drawn.push({ one: observe(journey, sample, dataPlanes, after), destination: destinationOf(journey) });
  }
  const isLeftOut = (): boolean =>
    isWithoutZtunnel &&
    others.length === 0 &&
    !isBootstrapPatched(resourcesOf([before, after])) &&
    areAllUnreached(changesOf, snapshotsOf);
  const isNoneMeant = (): boolean => areAllPodsSame && (changesOf.size === 0 || isLeftOut());
  const isMet = !isUnmet(proof) || isNoneMeant();
  return {
    ...joinRequests(drawn, changes),
    refusals: oneOfEachRefusal([
      ...refusals,
      ...drawn.flatMap(({ one }) => otherRefusalOf(one, () => ({ request: one.request, from: one.from }))),
    ]),
    spared,
    isCut: isCut && proof.doubts.length > 0,
    proof: isMet ? withMachines({ ...proof, unasked }, before, after) : undefined,
  };
}

/** The resources of all clusters of some sides. */
function resourcesOf(sides: readonly ManifestConfiguration[]): readonly Resource[] {
  return sides.flatMap(({ benches }) => benches.flatMap(({ mesh }) => mesh.resources));
}

/** Of machines that WorkloadEntries stand for it is said that they are left out, where any configuration differs that may be theirs. */
function withMachines(proof: RequestProof, before: ManifestConfiguration, after: ManifestConfiguration): RequestProof {
  const [earlier, later] = [resourcesOf([before]), resourcesOf([after])];
  const hasMachines = [...earlier, ...later].some(({ kind }) => kind === 'WorkloadEntry' || kind === 'WorkloadGroup');
  if (!hasMachines || toldOfIstio(earlier) === toldOfIstio(later)) return proof;
  return { ...proof, assumptions: [...proof.assumptions, 'proxies of WorkloadEntries, which are not compared'].sort() };
}

/** The resources of Istio and the Gateway API, as one text whatever their order. */
function toldOfIstio(resources: readonly Resource[]): string {
  const told = resources.flatMap(({ group, kind, namespace, name, spec }) =>
    group === '' || group === 'apps' ? [] : [JSON.stringify([kind, namespace, name, spec])],
  );
  return told.sort().join('\n');
}

/** Pods with sidecars that send requests, but those that ztunnel stands before. */
function sidecarsOf(
  before: ManifestConfiguration,
  after: ManifestConfiguration,
  planes: readonly [DataPlane, DataPlane],
): readonly Traveller[] {
  return clientsOf(before, after, planes, undefined).filter(
    ({ isOutside, key }) => !isOutside && !isOnOneSide(key, planes, isCaptured),
  );
}

/** Whether no request was found that meets a change. */
function isUnmet({ classes, doubts }: RequestProof): boolean {
  return classes + doubts.length === 0;
}

/** Of too many journeys to addresses of pods it is only said that there are such. */
function withoutPods(found: ProvenRequests, [journey]: readonly Journey[]): ProvenRequests {
  const { proof } = found;
  if (journey === undefined) return found;
  const doubt = {
    from: journey.client.client,
    to: 'addresses of pods',
    because: 'not looked at',
    after: proof.classes,
  } as const;
  return { ...found, proof: { ...proof, doubts: [...proof.doubts, doubt] } };
}

/** Requests of what ztunnel stands before to addresses of pods. */
function podJourneys(
  before: ManifestConfiguration,
  after: ManifestConfiguration,
  [earlier, later]: readonly [DataPlane, DataPlane],
  changesOf: ChangesOf,
  others: readonly string[],
): readonly Journey[] {
  const sides = [
    { bench: before, dataPlane: earlier },
    { bench: after, dataPlane: later },
  ] as const;
  return journeysToPods(sides, new Set([...changesOf.keys(), ...others]));
}

function joined(one: ProvenRequests, other: ProvenRequests): ProvenRequests {
  return {
    changes: [...one.changes, ...other.changes],
    proof: {
      classes: one.proof.classes + other.proof.classes,
      assumptions: [...new Set([...one.proof.assumptions, ...other.proof.assumptions])].sort(),
      doubts: [...one.proof.doubts, ...other.proof.doubts],
      underLoad: [...one.proof.underLoad, ...other.proof.underLoad],
      unasked: [],
    },
    refusals: [...one.refusals, ...other.refusals],
    settled: one.settled,
  };
}

function observe(
  { client, isClientChanged }: Journey,
  sample: Sample,
  [before, after]: readonly [DataPlane, DataPlane],
  side: ManifestConfiguration,
): ObservedRequest {
  const { method, headers, claims } = sample;
  const [sent, sentAfterwards] = [before, after].map((plane) => requestOn(plane, client, sample, isClientChanged));
  const [earlier, later] = [noticeSent(sent, before), noticeSent(sentAfterwards, after)];
  const shown = headers.filter(([name]) => name !== 'authorization');
  return {
    request: {
      method: sample.target.scheme === 'tcp' || sample.target.scheme === 'tls' ? 'CONNECT' : method,
      url: urlOf(sample),
      headers: claims === undefined ? shown : [...shown, ['authorization', `Bearer ${JSON.stringify(claims)}`]],
    },
    ...compact({ sent }),
    from: client.client,
    ...comparable(earlier, later),
    passed: [earlier.passed, later.passed],
    ...compact({ refusedBy: refuserIn(earlier.outcomes) }),
    ...(isLost(earlier, later) && { why: whyOf(later, sample, side.benches) }),
  };
}

/** Whether a request reaches nobody where ztunnel takes the place of a proxy, or the other way round. */
function isLost(before: Seen, after: Seen): boolean {
  const isDelivered = ({ noticed }: Seen): boolean => noticed.pods?.every(({ value }) => value.length > 0) === true;
  return isAtZtunnelOnce(before, after) && isDelivered(before) && !isDelivered(after);
}

function whyOf({ outcomes }: Seen, { target }: Sample, benches: Benches): readonly LocatedReason[] {
  return whyOfOutcomes(benches, outcomes, target.host).map(located);
}

/** A sample as a client sends it, which has to be there. */
function requestOn(dataPlane: DataPlane, client: Traveller, sample: Sample, isProbed: boolean): RepeatableRequest | undefined {
  const pod = podNamed(dataPlane, client.key);
  if (pod === undefined) return undefined;
  const way = client.isOutside ? { from: '', ...(pod.cluster !== undefined && { entersAt: client.key }) } : { from: client.key };
  return { request: { ...sentRequest(sample, pod.ips[0]), isBrief: true, ...way }, isProbed };
}

const NOBODY: Seen = {
  noticed: {},
  isThroughZtunnel: false,
  proxied: new Set(),
  bare: new Set(),
  passed: new Set(),
  outcomes: [],
};

function noticeSent(sent: RepeatableRequest | undefined, dataPlane: DataPlane): Seen {
  if (sent === undefined) return NOBODY;
  return noticeRequest(sent.request, dataPlane, sent.isProbed);
}

export function listJourneys(
  before: ManifestConfiguration,
  after: ManifestConfiguration,
  [earlier, later]: readonly [DataPlane, DataPlane],
  askedTls: AskedTls,
  changesOf: ChangesOf,
  others: readonly string[],
  gateway: string | undefined,
  otherwise: PodsOtherwise = findPodsOtherwise([before, after], [earlier, later]),
): readonly Journey[] {
  const policyConditions = memo((snapshot: XdsSnapshot) => policyConditionsOf(snapshot));
  // Of one argument, whatever else it is called with (`flatMap` gives indexes too).
  const conditions = (snapshot: XdsSnapshot): readonly RequestConditions[] => policyConditions(snapshot);
  const servers = [serverFinder(before, earlier), serverFinder(after, later)];
  const sides = [
    { bench: before, dataPlane: earlier },
    { bench: after, dataPlane: later },
  ] as const;
  const told = podsToldOtherwise(sides);
  const planes = [earlier, later] as const;
  const changed = new Set([
    ...[...changesOf]
      .filter(([key, changes]) => isOnOneSide(key, planes, isRouter) || changes.some(isOfServer))
      .map(([proxy]) => proxy),
    ...others,
    ...told.map(podKey),
    ...otherwise.servers,
  ]);
  const isOnTheWay = waypointFinder(sides);
  const findTls = createTlsFinder([before, after], planes, askedTls);
  const fromProxies = clientsOf(before, after, planes, gateway, (key) => otherwise.clients.has(key)).flatMap((client) => {
    // What is captured by ztunnel on the other side is asked with its like.
    if (!client.isOutside && isOnOneSide(client.key, planes, isCaptured)) return [];
    const snapshots = [before.snapshotOf(client.key), after.snapshotOf(client.key)].filter((one) => one !== undefined);
    // A proxy that comes or goes changes all that its pod sends.
    const isOtherwise = otherwise.clients.has(client.key);
    const isTouchedHere =
      snapshots.length < 2 || isOtherwise ? () => true : touchedTargets(changesOf.get(client.key) ?? [], client.isOutside);
    const own = client.isOutside ? snapshots.flatMap(conditions) : [];
    const past = isOtherwise && !client.isOutside ? pastProxy(client, planes, snapshots) : [];
    return [...journeyTargets(snapshots, changesOf.get(client.key) ?? []), ...past].flatMap((target): Journey[] => {
      if (isOnTheWay(target)) return [];
      // Of headless Services no endpoint tells the server, since connections go on to the address that they are for.
      const addressed = planes.flatMap((plane) => podAt(seenFrom(plane, podNamed(plane, client.key)), target.ip ?? '') ?? []);
      const reached = [...servers.flatMap((find) => find(client.key, target.clusters)), ...addressed];
      const isClientChanged = isTouchedHere(target) || reached.some((pod) => isRouter(pod) && changesOf.has(podKey(pod)));
      const isTouched = isClientChanged || reached.some((pod) => changed.has(podKey(pod)) || pod.proxy === 'gateway');
      if (!isTouched) return [];
      const others = [...new Set(reached.map(podKey))].flatMap((key) =>
        [before.snapshotOf(key), after.snapshotOf(key)].flatMap((snapshot) =>
          snapshot === undefined ? [] : [...conditions(snapshot), ...routesBehind(target, [snapshot])],
        ),
      );
      const journey = { client, target, others: [...own, ...others], isClientChanged };
      return [journey, ...findTls(journey, reached)];
    });
  });
  return [
    ...fromProxies,
    ...directJourneys(before, after, planes, changed, told, otherwise, conditions).flatMap((journey) => [
      journey,
      ...byOwnTls(journey, podNamed(later, journey.client.key), askedTls),
    ]),
    ...ambientJourneys(sides, changed, conditions),
  ];
}

/** The targets of both sides, and those that tell filter chains apart which are no other's. */
function journeyTargets(snapshots: readonly XdsSnapshot[], changes: readonly TracedChange[]): readonly Target[] {
  const changed = new Set(changes.flatMap(({ change: { type, resource } }) => (type === 'listeners' ? [resource] : [])));
  const isTold = (listener: Listener): boolean => changed.has(listener.name ?? '') || hasNestedRanges(listener);
  const targets = [...targetsOf(...snapshots).values()];
  const keyOf = ({ ip, port, serverName }: Target): string => JSON.stringify([ip, port, serverName]);
  const known = new Set(targets.map(keyOf));
  return [...targets, ...opaqueTargetsOf(snapshots, isTold).filter((target) => !known.has(keyOf(target)))];
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
  changed: ReadonlySet<string>,
  told: readonly TracePod[],
  otherwise: PodsOtherwise,
  conditions: (snapshot: XdsSnapshot) => readonly RequestConditions[],
): readonly Journey[] {
  const [, plane] = planes;
  const ofProxies = clientsOf(before, after, planes, undefined, (key) => changed.has(key))
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
    inOrder(planes.flatMap((side) => podNamed(side, podKey(pod))?.ports ?? [])).map((port) =>
      directJourney(podKey(pod), workload, port, []),
    ),
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

/** Whether what stands before a pod sends requests on by routes of its own. */
function isRouter({ proxy }: TracePod): boolean {
  return proxy === 'gateway' || proxy === 'waypoint';
}

/** Whether a change of a proxy matters to those who call its workload. */
function isOfServer({ change: { type, resource } }: TracedChange): boolean {
  if (type === 'clusters') return resource.startsWith('inbound') || resource === 'InboundPassthroughCluster';
  return type === 'extensionConfigs' || (type === 'listeners' && !/^\d|^virtualOutbound$/.test(resource));
}

/** Tells the targets that changes of the client's own proxy can reach. */
function touchedTargets(changes: readonly TracedChange[], isGateway: boolean): (target: Target) => boolean {
  const clusters = new Set<string>();
  const virtualHosts = new Set<string>();
  for (const { change } of changes) {
    const { type, resource, where } = change;
    if (type === 'clusters' || type === 'endpoints') clusters.add(resource);
    else if (type === 'routes') {
      const [, name] = /^virtualHosts\[([^\]]+)\]/.exec(where) ?? [];
      if (name === undefined || /^\d+$/.test(name)) return () => true;
      virtualHosts.add(name);
    } else if (isGateway || type !== 'listeners' || resource !== 'virtualInbound') return () => true;
  }
  return (target) =>
    target.clusters.some((name) => clusters.has(name)) || target.virtualHosts.some((name) => virtualHosts.has(name));
}

/**
 * One pod of each workload that is there on both sides, with a proxy on one of them at least; more where their proxies do not do the same
 * with what they send, as those of pods in several places, or where a fact tells them apart.
 */
function clientsOf(
  before: ManifestConfiguration,
  after: ManifestConfiguration,
  planes: readonly [DataPlane, DataPlane],
  gateway: string | undefined,
  factOf: (key: string) => unknown = () => undefined,
): readonly Traveller[] {
  const proxies = [...allProxiesOf(before), ...allProxiesOf(after)];
  const gateways = proxies.filter(({ role }) => role === 'gateway');
  const entered = gatewayNamed(gateway, gateways, before.input.namespace);
  const clients = new Map<string, Traveller>();
  const isAlike = alikePods(planes);
  const byWorkload = new Map<string, string[]>();
  for (const { cluster, name, namespace, workloadName, role } of proxies) {
    const key = podKey({ cluster, namespace, name });
    const workload = podKey({ cluster, namespace, name: workloadName });
    const isThere = planes.every((plane) => podNamed(plane, key) !== undefined);
    if (role === 'waypoint' || !isThere) continue;
    const known = byWorkload.get(`${role} ${workload}`) ?? [];
    if (known.some((one) => factOf(one) === factOf(key) && isAlike(one, key))) continue;
    append(byWorkload, `${role} ${workload}`, key);
    const isOutside = role === 'gateway';
    if (isOutside && entered !== undefined && workload !== podKey({ ...entered, name: entered.workloadName })) continue;
    clients.set(`${role} ${key}`, { client: { kind: isOutside ? 'gateway' : 'workload', workload }, workload, key, isOutside });
  }
  return [...clients.values()];
}

/** Tells whether the proxies of two pods do the same with what these send, on both sides. */
function alikePods(planes: readonly [DataPlane, DataPlane]): (one: string, other: string) => boolean {
  const kinds = planes.map((plane) => {
    const kindOf = createKinds(plane, () => '');
    return (key: string): object | undefined => {
      const pod = podNamed(plane, key);
      return pod && kindOf(pod);
    };
  });
  return (one, other) => one === other || kinds.every((kindOf) => kindOf(one) === kindOf(other));
}

/** Whether something holds of a pod on one of two sides. */
function isOnOneSide(key: string, planes: readonly DataPlane[], holds: (pod: TracePod, plane: DataPlane) => boolean): boolean {
  return planes.some((plane) => {
    const pod = podNamed(plane, key);
    return pod !== undefined && holds(pod, plane);
  });
}

/** Whether ztunnel stands before a pod. */
function isCaptured(pod: TracePod, { ztunnel }: DataPlane): boolean {
  return ztunnel?.captured(pod) !== undefined;
}

/** Finds the pods that clusters of a client lead to. */
function serverFinder(
  side: ManifestConfiguration,
  dataPlane: DataPlane,
): (client: string, clusters: readonly string[]) => readonly TracePod[] {
  const { lookups } = dataPlane;
  const find = memo((client: string, name: string): readonly TracePod[] => {
    const snapshot = side.snapshotOf(client);
    const cluster = snapshot && lookups.cluster(snapshot, name);
    const assignment = cluster && lookups.assignment(snapshot, cluster);
    const seen = seenFrom(dataPlane, podNamed(dataPlane, client));
    const reached = (assignment?.endpoints ?? []).flatMap(({ lbEndpoints = [] }) =>
      lbEndpoints.flatMap((endpoint) => podAt(seen, ipOfEndpoint(endpoint) ?? '') ?? []),
    );
    return dataPlane.around === undefined ? reached : [...reached, ...beyondGateways(side, dataPlane, name)];
  });
  return (client, clusters) => clusters.flatMap((name) => find(client, name));
}

/** The pods of all clusters behind a service, which gateways between networks may stand before. */
function beyondGateways(side: ManifestConfiguration, dataPlane: DataPlane, name: string): readonly TracePod[] {
  const [, port, , host = ''] = name.split('|');
  return side.benches.flatMap(({ mesh: { registry } }) =>
    registry.servicesOf(host).flatMap((service) =>
      service.ports
        .filter((one) => String(one.port) === port)
        .flatMap((one) => registry.endpointsOf(service, one))
        .flatMap(({ address, clusterId }) => podAt(seenFrom(dataPlane, { cluster: clusterId }), address) ?? []),
    ),
  );
}
