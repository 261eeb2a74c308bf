import type { Resource } from '../../resource/resource.ts';
import { samplesOf } from '../../sample-requests/samples.ts';
import type { Target } from '../../sample-requests/targets.ts';
import { type DataPlane, podNamed } from '../../trace/data-plane.ts';
import { unknownServers } from '../../trace/servers/unknown.ts';
import { memo } from '../../util/memo.ts';
import type { OnProgress } from '../../util/progress.ts';
import { createProxyKinds } from '../reachability/alike-callers.ts';
import { createAlikeJourneys } from './alike-journeys.ts';
import { doubtsOfApplicationProtocols } from './alpn-doubts.ts';
import { journeysToPods } from './ambient-journeys.ts';
import { doubtsOfOtherClusters } from './asked-from-clusters.ts';
import { type AskedTls, createAskedTls } from './asked-tls.ts';
import { createClientFinder, createPodKinds } from './clients.ts';
import { type ObservedRequest, oneOfEachRefusal, otherRefusalOf } from './compare-requests.ts';
import { allProxiesOf, type ManifestConfiguration } from './configuration.ts';
import { createDrawing } from './draw-requests.ts';
import { doubtsOfHostPorts } from './host-port-doubts.ts';
import { type DrawnRequest, joinRequests } from './join-requests.ts';
import type { Journey } from './journey.ts';
import { listJourneys } from './list-journeys.ts';
import { createLocalMeshFinder } from './local-meshes.ts';
import { doubtsOfNames } from './name-doubts.ts';
import { doubtsOfNetworkPolicies } from './network-policy-doubts.ts';
import { createNetworkJudge } from './network-ways.ts';
import { knowingEachOther } from './one-sided-services.ts';
import { destinationOf, placeOf } from './open-journeys.ts';
import { doubtsOfOtherEntrances } from './other-entrance-doubts.ts';
import { findPodsOtherwise } from './pods-otherwise.ts';
import { isUnmet, proveInRounds } from './prove-in-rounds.ts';
import { type Patience, type ProvenRequests, proveRequests } from './prove-requests.ts';
import type { ChangesOf } from './proxy-changes.ts';
import type { DiffReport, OtherRefusal, RequestProof } from './report.ts';
import { doubtsOfServices } from './service-doubts.ts';
import { doubtsOfUnmetClusters } from './unmet-clusters.ts';
import { areAllUnreached } from './unreached-clusters.ts';
import { isBootstrapPatched } from './ways-to-clusters.ts';

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
  const meshesOf = createLocalMeshFinder();
  const own = [
    before.dataPlane({ servers: unknownServers, now: 0 }),
    after.dataPlane({ servers: unknownServers, now: 0 }),
  ] as const;
  const dataPlanes = knowingEachOther([before, after], own, meshesOf);
  const otherwise = findPodsOtherwise([before, after], dataPlanes);
  const areAllPodsSame = otherwise.clients.size + otherwise.servers.size === 0;
  const askedTls = createAskedTls(dataPlanes);
  const proxyKinds = dataPlanes.map(createProxyKinds);
  const kindOf = createPodKinds(dataPlanes, proxyKinds);
  const alike = createAlikeJourneys(dataPlanes, proxyKinds);
  const findClients = createClientFinder(before, after, dataPlanes, kindOf);
  const clients = { findClients, kindOf };
  const journeys = listJourneys(before, after, dataPlanes, clients, askedTls, changesOf, others, gateway, otherwise);
  const limit = Math.max(LEAST_OF_TARGET, Math.min(LIMIT_OF_TARGET, Math.floor(LIMIT / Math.max(1, journeys.length))));
  // Where all proxies have what they had before, so do all requests; what ztunnel has is not among it.
  const isWithoutZtunnel = dataPlanes.every(({ ztunnel }) => ztunnel === undefined);
  const isSame = changesOf.size === 0 && others.length === 0 && areAllPodsSame && isWithoutZtunnel;
  const network = createNetworkJudge([before, after]);
  const prove = (sent: readonly Journey[], left: Patience): ProvenRequests =>
    proveRequests(before, after, dataPlanes, sent, alike, askedTls, network, left, onProgress);
  const rounds = {
    first: isSame ? [] : journeys,
    journeys,
    toPods: podJourneys(before, after, dataPlanes, new Set([...changesOf.keys(), ...others, ...otherwise.servers]), askedTls),
  };
  const asked = proveInRounds([before, after], dataPlanes, findClients, meshesOf, rounds, patience, prove);
  const { changes, refusals, settled } = asked;
  const snapshotsOf = (proxy: string) => [before.snapshotOf(proxy), after.snapshotOf(proxy)];
  const gateways = findClients(gateway).filter(
    ({ isOutside, key }) => isOutside && dataPlanes.every((plane) => podNamed(plane, key)?.cluster === undefined),
  );
  const doubts = doubtsOfOtherClusters(gateways, changesOf, snapshotsOf);
  const isPatched = isBootstrapPatched(resourcesOf([before, after]));
  const followed = { journeys, isSettled: (journey: Journey) => settled.has(placeOf(journey)) };
  const proxies = [...allProxiesOf(before), ...allProxiesOf(after)];
  const ofClusters = doubtsOfUnmetClusters(proxies, changesOf, snapshotsOf, followed, isPatched);
  const ofServices = doubtsOfServices([before, after], dataPlanes, meshesOf);
  const ofNames = doubtsOfNames([before, after], dataPlanes, meshesOf);
  const ofProtocols = doubtsOfApplicationProtocols(proxies, changesOf, snapshotsOf);
  const ofHostPorts = doubtsOfHostPorts([before, after], dataPlanes, meshesOf);
  const ofOthers = doubtsOfOtherEntrances([before, after]);
  const ofNetwork = doubtsOfNetworkPolicies([before, after], dataPlanes);
  const proof = {
    ...asked.proof,
    doubts: [
      ...asked.proof.doubts,
      ...doubts,
      ...ofClusters,
      ...ofServices.doubts,
      ...ofNames,
      ...ofProtocols,
      ...ofHostPorts,
      ...ofNetwork,
      ...ofOthers,
    ],
    underLoad: [...asked.proof.underLoad, ...ofServices.underLoad],
  };
  const drawn: DrawnRequest[] = [];
  let [left, spared] = [LIMIT, 0];
  let isCut = false;
  const draw = createDrawing(dataPlanes, proxyKinds, after.benches);
  const samplesAt = memo((target: Target, conditions: Journey['others']) => samplesOf(target, conditions, limit + 1));
  for (const journey of journeys) {
    const samples = samplesAt(journey.target, journey.others);
    if (samples.length > limit || left < samples.length) isCut = true;
    const some = samples.slice(0, Math.min(limit, left));
    left -= some.length;
    // What each of them passes is told only of a move to ambient mode or back.
    if (isWithoutZtunnel && settled.size > 0 && settled.has(placeOf(journey))) spared += some.length;
    else for (const sample of some) drawn.push({ one: draw(journey, sample), destination: destinationOf(journey) });
  }
  const isLeftOut = (): boolean =>
    isWithoutZtunnel && others.length === 0 && !isPatched && areAllUnreached(changesOf, snapshotsOf);
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
    proof: isMet ? withMachines(proof, before, after) : undefined,
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

/** Requests of what ztunnel stands before to addresses of pods, of those (`changed`) that they may come to otherwise. */
function podJourneys(
  before: ManifestConfiguration,
  after: ManifestConfiguration,
  [earlier, later]: readonly [DataPlane, DataPlane],
  changed: ReadonlySet<string>,
  askedTls: AskedTls,
): readonly Journey[] {
  const sides = [
    { bench: before, dataPlane: earlier },
    { bench: after, dataPlane: later },
  ] as const;
  return journeysToPods(sides, changed, askedTls);
}
