import { describeClasses } from '../../exploration/describe-classes.ts';
import { createExplorationMemory, type ExplorationMemory } from '../../exploration/explore.ts';
import type { KnownVariables } from '../../request-space/variables.ts';
import type { DataPlane } from '../../trace/data-plane.ts';
import { countOfWay } from '../../trace/trace.ts';
import { addAll, append, groupBy } from '../../util/collections.ts';
import { memo } from '../../util/memo.ts';
import { compact } from '../../util/object.ts';
import type { OnProgress } from '../../util/progress.ts';
import type { AlikeClient } from './alike-journeys.ts';
import type { AskedTls } from './asked-tls.ts';
import { type SidesClass, unknownIn } from './both-sides.ts';
import {
  differencesBetween,
  type ObservedRequest,
  oneOfEachRefusal,
  otherRefusalOf,
  withoutOwnTexts,
} from './compare-requests.ts';
import type { ManifestConfiguration } from './configuration.ts';
import { exploreJourneys } from './explore-journeys.ts';
import { namedElsewhere } from './hosts-elsewhere.ts';
import type { Journey } from './journey.ts';
import type { NetworkJudge } from './network-ways.ts';
import { createHostJudge, type HostJudge } from './one-host.ts';
import { destinationOf, isOpenToAll, placeOf, placeWords } from './open-journeys.ts';
import type { Doubt, LoadDifference, OtherRefusal, RequestChange, RequestProof } from './report.ts';
import { comparable, isAtZtunnelOnce, isMoved, refuserIn } from './seen.ts';
import { isUsual } from './usual-requests.ts';
import { labelOfWitness } from './witness-labels.ts';

/** Requests of which all end otherwise in the same way. */
export interface ProvenChange {
  /** One of them, with what all of them have in common. */
  readonly observed: ObservedRequest;
  /** Where they go, whoever sends them. */
  readonly destination: string;
  /** Whether they are requests as clients send them: for an answer, with a path in normal form. */
  readonly isUsual: boolean;
  /** Whether another takes the place of a proxy of HTTP, or nobody does, or the other way round: for one of them such requests are nothing special. */
  readonly isMoved: boolean;
  readonly classes: number;
}

/** What all requests of some journeys do. */
export interface ProvenRequests {
  readonly changes: readonly ProvenChange[];
  readonly proof: RequestProof;
  /** Of requests that end as before, those that another policy refuses. */
  readonly refusals: readonly OtherRefusal[];
  /** The places (`placeOf`) of which every request is proven to end as before. */
  readonly settled: ReadonlySet<string>;
}

/** How long it is asked what all requests do. */
export interface Patience {
  /** So many classes are looked at in all, of all hosts of a port of a gateway, and of one place else. */
  readonly classes: number;
  readonly classesOfGateway: number;
  readonly classesOfPlace: number;
  /** After so many places that are too much, others are not tried. */
  readonly failures: number;
  /** How long from where on a request is known that ends otherwise, if not as long. Then a class of very many ways counts as many. */
  readonly onceRefuted?: Patience;
}

/** A class of so many ways (which endpoints are tried, in which order) takes no longer than others. */
const EASY_WAYS = 16;

/** What was found for the journeys of one client to one place. */
interface Proven {
  readonly changes: readonly ProvenChange[];
  readonly doubts: readonly Doubt[];
  readonly refusals: readonly OtherRefusal[];
  readonly underLoad: readonly LoadDifference[];
  readonly assumptions: readonly string[];
  readonly classes: number;
  /** The classes, each as often as following its ways takes longer. */
  readonly effort: number;
  readonly hasFailed: boolean;
  /** Whether some go another way on one side, so that network policies may tell their clients apart. */
  readonly isByOtherWay: boolean;
  readonly visited: ReadonlySet<string>;
}

/** Sends all requests of journeys through both sides, class by class; `onProgress` is told of each place that they go to. */
export function proveRequests(
  before: ManifestConfiguration,
  after: ManifestConfiguration,
  planes: readonly [DataPlane, DataPlane],
  journeys: readonly Journey[],
  alike: (client: string) => AlikeClient,
  askedTls: AskedTls,
  network: NetworkJudge,
  patience: Patience,
  onProgress?: OnProgress,
): ProvenRequests {
  const changes: ProvenChange[] = [];
  const doubts: Doubt[] = [];
  const refusals: OtherRefusal[] = [];
  const underLoad: LoadDifference[] = [];
  const settled = new Set<string>();
  const assumptions = new Set<string>();
  const variables: KnownVariables = new Map();
  // Clients of one place ask much the same of it.
  const memories = memo((_place: string) => createExplorationMemory(variables));
  const isAnyHostAlike = createHostJudge();
  const known = new Map<string, { readonly key: string; readonly client: AlikeClient; readonly found: Proven }[]>();
  let [classes, effort, failures] = [0, 0, 0];
  const places = [...groupBy(journeys, placeOf)];
  for (const [index, [place, group]] of places.entries()) {
    onProgress?.(index, places.length);
    const [journey] = group;
    if (journey === undefined) continue;
    const about = { from: journey.client.client, to: placeWords(group) };
    const client = journey.client.isOutside ? undefined : alike(journey.client.key);
    const { key } = journey.client;
    const destination = destinationOf(journey);
    const kind = JSON.stringify([destination, journey.isClientChanged, client?.kind]);
    const isOfNetwork = (one: { readonly key: string; readonly found: Proven }): boolean =>
      !one.found.isByOtherWay || network.kindOf(one.key) === network.kindOf(key);
    const shared = client && known.get(kind)?.find((one) => isAlike(one.client, client, one.found.visited) && isOfNetwork(one));
    if (shared !== undefined) {
      if (isSettled(shared.found)) settled.add(place);
      for (const one of shared.found.changes) changes.push({ ...one, observed: { ...one.observed, from: about.from } });
      for (const doubt of shared.found.doubts) doubts.push({ ...doubt, ...about });
      for (const one of shared.found.underLoad) underLoad.push({ ...one, ...about });
      continue;
    }
    const { onceRefuted = patience } = patience;
    const isRefuted = changes.length > 0;
    const left = isRefuted ? onceRefuted : patience;
    if (failures >= left.failures || (isRefuted ? effort : classes) >= left.classes) {
      doubts.push({ ...about, because: 'not looked at', after: classes });
      continue;
    }
    const ofPlace = isOpenToAll(journey) ? left.classesOfGateway : left.classesOfPlace;
    const most = Math.min(ofPlace, left.classes - classes);
    const sent = [journey, ...group.slice(1)] as const;
    const found = proveJourneys(
      before,
      after,
      planes,
      sent,
      memories(destination),
      most,
      about,
      askedTls,
      isAnyHostAlike,
      network,
    );
    if (isSettled(found)) settled.add(place);
    addAll(changes, found.changes);
    addAll(doubts, found.doubts);
    addAll(refusals, found.refusals);
    addAll(underLoad, found.underLoad);
    for (const what of found.assumptions) assumptions.add(what);
    classes += found.classes;
    effort += found.effort;
    if (found.hasFailed) failures++;
    if (client?.kind !== undefined && !client.isNamedIn(toldOf(found))) append(known, kind, { key, client, found });
  }
  const proof = { classes, assumptions: [...assumptions].sort(), doubts: oneOfEach(doubts), underLoad, unasked: [] };
  return { changes, proof, refusals: oneOfEachRefusal(refusals), settled };
}

/** How often a class counts: by its ways on both sides. */
function effortOf({ seen: { sides } }: SidesClass): number {
  const ways = sides.map(({ outcomes }) => outcomes.reduce((sum, way) => sum + countOfWay(way), 0));
  return ways.reduce((sum, count) => sum + Math.max(0, count - EASY_WAYS), 1);
}

function isSettled({ changes, doubts }: Proven): boolean {
  return changes.length + doubts.length === 0;
}

/** All that is told of requests but who sends them. */
function toldOf({ changes, doubts, underLoad }: Proven): string {
  return JSON.stringify(
    [changes.map(({ observed }) => [observed.request, observed.before, observed.after]), doubts, underLoad],
    (key, part: unknown) => (key === 'from' ? undefined : part),
  );
}

/** Whether nobody at some pods tells two clients apart. */
function isAlike(one: AlikeClient, other: AlikeClient, visited: ReadonlySet<string>): boolean {
  const answers = one.answersAt(visited);
  return answers !== undefined && answers === other.answersAt(visited);
}

/** What is to be told of all requests of one client to one place. */
function proveJourneys(
  before: ManifestConfiguration,
  after: ManifestConfiguration,
  planes: readonly [DataPlane, DataPlane],
  group: readonly [Journey, ...Journey[]],
  memory: ExplorationMemory,
  most: number,
  about: Pick<Doubt, 'from' | 'to'>,
  askedTls: AskedTls,
  isAnyHostAlike: HostJudge,
  network: NetworkJudge,
): Proven {
  const [journey] = group;
  const { explored, visited } = exploreJourneys(before, after, planes, group, memory, most, askedTls, isAnyHostAlike);
  const named = namedElsewhere(group, [before, after]);
  const usual = new Set(explored.classes.filter((one) => isUsual(one, journey.target, named)));
  const doubts: Doubt[] = [];
  const refusals: OtherRefusal[] = [];
  const { gaveUp } = explored;
  if (gaveUp !== undefined) {
    const { at, limit } = gaveUp;
    doubts.push({ ...about, because: 'too much', at, limit, compared: explored.classes.length });
  }
  const assumptions = new Set<string>();
  const underLoad = new Map<string, LoadDifference>();
  let isByOtherWay = false;
  const changed = new Map<string, { readonly one: SidesClass; readonly ending: string; readonly all: SidesClass[] }>();
  for (const one of explored.classes) {
    if (one.isOfOtherForm) continue;
    const { sides, forms } = one.seen;
    const compared = comparable(...sides);
    const differences = differencesBetween(compared.before, compared.after);
    if (Object.keys(differences).length > 0) {
      const ending = keyOfEnding(differences, forms);
      const key = JSON.stringify([usual.has(one), ending, isOpenToAll(journey) && hostOf(one)]);
      const known = changed.get(key) ?? { one, ending, all: [] };
      known.all.push(one);
      changed.set(key, known);
      continue;
    }
    addAll(
      refusals,
      otherRefusalOf(compared, () => ({ request: labelOfWitness(one.witness, named), from: about.from })),
    );
    const unknown = unknownIn(one.seen);
    const stoppers = network.stoppersOnOneSide(sides, journey.client.isOutside ? undefined : journey.client.key);
    isByOtherWay ||= stoppers !== undefined;
    const unknownParts = [
      ...unknown.others,
      ...(stoppers ?? []).map((policy) => `whether ${policy} lets it through on another way than before`),
    ];
    for (const what of unknown.same) assumptions.add(what);
    const isOfSameProxies = !isMoved(...sides);
    if (unknownParts.length > 0)
      doubts.push({ ...about, because: 'not known', what: unknownParts, request: labelOfWitness(one.witness, named) });
    else if (isOfSameProxies && forms[0] !== forms[1])
      doubts.push({ ...about, because: 'made otherwise', request: labelOfWitness(one.witness, named) });
    // ztunnel tries nothing again and knows no limits: a move is more than that.
    if (!isAtZtunnelOnce(...sides) && unknown.underLoad.length > 0) {
      const key = unknown.underLoad.join();
      if (!underLoad.has(key))
        underLoad.set(key, { ...about, what: unknown.underLoad, request: labelOfWitness(one.witness, named) });
    }
  }
  const unusual = [...changed.values()].filter(({ one }) => !usual.has(one)).map(({ ending }) => ending);
  const changes = [...changed.values()].map(({ one, ending, all }): ProvenChange => {
    const told = usual.has(one);
    const own = new Set(all);
    // Of requests that nobody sends as a rule nothing is said.
    const others = explored.classes.filter((other) => !own.has(other) && !other.isOfOtherForm && (!told || usual.has(other)));
    const described = gaveUp === undefined ? describeClasses(explored, all, others, memory) : undefined;
    const areOthersUnusual = told && unusual.some((other) => other !== ending);
    const which = described && { ...described, ...(areOthersUnusual && { areOthersUnusual }) };
    const isProbed = group.some(({ isClientChanged }) => isClientChanged);
    const observed = {
      ...observedOf(journey, one, named),
      sent: { request: one.witness.request, isProbed },
      ...compact({ which }),
    };
    const destination = destinationOf(journey);
    return { observed, destination, isUsual: told, isMoved: isMoved(...one.seen.sides), classes: all.length };
  });
  return {
    changes,
    doubts,
    refusals: oneOfEachRefusal(refusals),
    underLoad: [...underLoad.values()],
    assumptions: [...assumptions],
    classes: explored.classes.length,
    effort: explored.classes.reduce((sum, one) => sum + effortOf(one), 0),
    hasFailed: gaveUp !== undefined,
    isByOtherWay,
    visited,
  };
}

/** The way in which requests end otherwise, whatever their own texts are. */
function keyOfEnding(differences: RequestChange['differences'], forms: readonly [string, string]): string {
  const { others, texts } = withoutOwnTexts(differences);
  return JSON.stringify([others, texts, ...(texts.includes(true) ? forms : [])]);
}

function hostOf({ witness }: SidesClass): string {
  return witness.request.authority;
}

/** Of doubts for the same reason at one place, the first. */
function oneOfEach(doubts: readonly Doubt[]): readonly Doubt[] {
  const found = new Map<string, Doubt>();
  // Of a large mesh there can be hundreds of thousands, of few clients.
  const textOf = memo((from: Doubt['from']) => JSON.stringify(from));
  for (const doubt of doubts) {
    const key = `${textOf(doubt.from)} ${doubt.because} ${doubt.to}`;
    if (!found.has(key)) found.set(key, doubt);
  }
  return [...found.values()];
}

function observedOf({ client }: Journey, { witness, seen: { sides } }: SidesClass, named: ReadonlySet<string>): ObservedRequest {
  return {
    request: labelOfWitness(witness, named),
    from: client.client,
    ...comparable(...sides),
    passed: [sides[0].passed, sides[1].passed],
    ...compact({ refusedBy: refuserIn(sides[0].outcomes) }),
  };
}
