import { describeClasses } from '../../exploration/describe-classes.ts';
import {
  createExplorationMemory,
  type Exploration,
  type ExplorationMemory,
  exploreRequests,
  type RequestClass,
} from '../../exploration/explore.ts';
import type { OpenRequest } from '../../exploration/open-request.ts';
import type { Witness } from '../../exploration/request-of.ts';
import { ALWAYS, anyOf, type Formula } from '../../request-space/formula.ts';
import type { KnownVariables } from '../../request-space/variables.ts';
import { authorityOf } from '../../sample-requests/samples.ts';
import type { Target } from '../../sample-requests/targets.ts';
import { type DataPlane, podNamed } from '../../trace/data-plane.ts';
import type { TraceRequest } from '../../trace/outcome.ts';
import { NORMAL_FORM } from '../../trace/recording/parts.ts';
import type { Recording, RememberingRecorder } from '../../trace/recording/record.ts';
import type { Assumption, KnownIssuer } from '../../trace/recording/recorder.ts';
import { traceRequest } from '../../trace/trace.ts';
import { addAll, append, groupBy } from '../../util/collections.ts';
import { formatHostPort } from '../../util/host-port.ts';
import { memo } from '../../util/memo.ts';
import { compact } from '../../util/object.ts';
import { placesReached } from '../reachability/alike-callers.ts';
import { type AlikeClient, createAlikeJourneys } from './alike-journeys.ts';
import { differencesBetween, type ObservedRequest } from './compare-requests.ts';
import type { ManifestConfiguration } from './configuration.ts';
import { formsOf } from './forms.ts';
import type { Journey } from './journey.ts';
import { asksForHost, isAnyHostAlike } from './one-host.ts';
import type { Doubt, RequestChange, RequestProof } from './report.ts';
import { comparable, noticeRequest, refuserIn, type Seen } from './seen.ts';

/** Requests of which all end otherwise in the same way. */
export interface ProvenChange {
  /** One of them, with what all of them have in common. */
  readonly observed: ObservedRequest;
  /** Where they go, whoever sends them. */
  readonly destination: string;
  /** Whether they are requests as clients send them: for an answer, with a path in normal form. */
  readonly isUsual: boolean;
  /** Whether ztunnel takes the place of a proxy of HTTP, or the other way round: for one of them such requests are nothing special. */
  readonly isMoved: boolean;
  readonly classes: number;
}

/** What all requests of some journeys do. */
export interface ProvenRequests {
  readonly changes: readonly ProvenChange[];
  readonly proof: RequestProof;
}

/** How long it is asked what all requests do. */
export interface Patience {
  /** So many classes are looked at in all, of all hosts of a port of a gateway, and of one place else. */
  readonly classes: number;
  readonly classesOfGateway: number;
  readonly classesOfPlace: number;
  /** After so many places that are too much, others are not tried. */
  readonly failures: number;
}

/** A class on both sides. */
interface BothSides {
  readonly sides: readonly [Seen, Seen];
  readonly assumptions: readonly [readonly Assumption[], readonly Assumption[]];
  readonly forms: readonly [string, string];
  /** Where tokens are looked for. */
  readonly places: readonly [string, string];
}

/** What was found for the journeys of one client to one place. */
interface Explored {
  readonly changes: readonly ProvenChange[];
  readonly doubts: readonly Doubt[];
  readonly assumptions: readonly string[];
  readonly classes: number;
  readonly hasFailed: boolean;
  readonly visited: ReadonlySet<string>;
}

/** Sends all requests of journeys through both sides, class by class. */
export function proveRequests(
  before: ManifestConfiguration,
  after: ManifestConfiguration,
  planes: readonly [DataPlane, DataPlane],
  journeys: readonly Journey[],
  patience: Patience,
): ProvenRequests {
  const changes: ProvenChange[] = [];
  const doubts: Doubt[] = [];
  const assumptions = new Set<string>();
  const variables: KnownVariables = new Map();
  // Clients of one place ask much the same of it.
  const memories = memo((_place: string) => createExplorationMemory(variables));
  const alike = createAlikeJourneys(planes);
  const known = new Map<string, { readonly client: AlikeClient; readonly found: Explored }[]>();
  let [classes, failures] = [0, 0];
  for (const group of groupBy(journeys, placeOf).values()) {
    const [journey] = group;
    if (journey === undefined) continue;
    const about = { from: journey.client.client, to: placeWords(group) };
    const client = journey.client.isOutside ? undefined : alike(journey.client.key);
    const kind = JSON.stringify([destinationOf(journey), journey.isClientChanged, client?.kind]);
    const shared = client && known.get(kind)?.find((one) => isAlike(one.client, client, one.found.visited));
    if (shared !== undefined) {
      for (const one of shared.found.changes) changes.push({ ...one, observed: { ...one.observed, from: about.from } });
      for (const doubt of shared.found.doubts) doubts.push({ ...doubt, ...about });
      continue;
    }
    if (failures >= patience.failures) {
      doubts.push({ ...about, because: 'too much', at: 'places', limit: failures });
      continue;
    }
    const ofPlace = isOpenToAll(journey) ? patience.classesOfGateway : patience.classesOfPlace;
    const most = Math.max(0, Math.min(ofPlace, patience.classes - classes));
    const sent = [journey, ...group.slice(1)] as const;
    const found = exploreJourneys(before, after, planes, sent, memories(destinationOf(journey)), most, about);
    addAll(changes, found.changes);
    addAll(doubts, found.doubts);
    for (const what of found.assumptions) assumptions.add(what);
    classes += found.classes;
    if (found.hasFailed) failures++;
    if (client?.kind !== undefined && !client.isNamedIn(toldOf(found))) append(known, kind, { client, found });
  }
  return { changes, proof: { classes, assumptions: [...assumptions].sort(), doubts: oneOfEach(doubts) } };
}

/** All that is told of requests but who sends them. */
function toldOf({ changes, doubts }: Explored): string {
  return JSON.stringify(
    [changes.map(({ observed }) => [observed.request, observed.before, observed.after]), doubts],
    (key, part: unknown) => (key === 'from' ? undefined : part),
  );
}

/** Whether nobody at some pods tells two clients apart. */
function isAlike(one: AlikeClient, other: AlikeClient, visited: ReadonlySet<string>): boolean {
  const answers = one.answersAt(visited);
  return answers !== undefined && answers === other.answersAt(visited);
}

/** All requests of one client to one place. */
function exploreJourneys(
  before: ManifestConfiguration,
  after: ManifestConfiguration,
  planes: readonly [DataPlane, DataPlane],
  group: readonly [Journey, ...Journey[]],
  memory: ExplorationMemory,
  most: number,
  about: Pick<Doubt, 'from' | 'to'>,
): Explored {
  const [journey] = group;
  const { client, target } = journey;
  const [earlier, later] = planes;
  const ips = planes.map((plane) => target.ip ?? podNamed(plane, client.key)?.ips[0]);
  const [ip = '', ipAfterwards = ip] = ips;
  // Of several clusters, an address from outside is one of the gateway's.
  const isOfCluster = client.isOutside && podNamed(earlier, client.key)?.cluster !== undefined;
  const within = withinOf(group, [before, after], planes);
  const open = { ...openRequest(journey, ip, within), ...(isOfCluster && { entersAt: client.key }) };
  const named = namedElsewhere(group, [before, after]);
  const withProbes = group.some(({ isClientChanged }) => isClientChanged);
  const visited = new Set<string>();
  let isHostAsked = false;

  /** Sends one through both sides; `begin` gives those who hear of it, the others hear of it as one for any host. */
  const send = (request: TraceRequest, begin: () => RememberingRecorder, others: Recording | undefined): BothSides => {
    const requests = [request, { ...request, address: { ip: ipAfterwards, port: target.port } }] as const;
    const recorders = [begin(), begin()] as const;
    const sides = [
      noticeRequest(requests[0], earlier, withProbes, recorders[0]),
      noticeRequest(requests[1], later, withProbes, recorders[1]),
    ] as const;
    for (const { outcomes } of sides) for (const place of placesReached(outcomes)) visited.add(place);
    const form = (at: 0 | 1): string => {
      if (others === undefined) return formsOf(sides[at].outcomes);
      const listener = others.begin({ ...recorders[at].chosen, isForOneAuthority: false });
      const outcomes = traceRequest(planes[at], requests[at], listener);
      isHostAsked ||= !isAnyHostAlike(listener.readings(), within);
      return formsOf(outcomes);
    };
    return {
      sides,
      assumptions: [recorders[0].assumptions(), recorders[1].assumptions()],
      forms: [form(0), form(1)],
      places: [placesOfTokens(recorders[0].issuers()), placesOfTokens(recorders[1].issuers())],
    };
  };
  const ofAnyHost = (): Exploration<BothSides> =>
    exploreRequests<BothSides>(open, (request, begin) => send(request, begin, undefined), most, memory);
  const ofOneHost = (): Exploration<BothSides> => {
    const { recording } = memory;
    const narrow = { ...open, within: ALWAYS, isForOneAuthority: true };
    return exploreRequests<BothSides>(narrow, (request, begin) => send(request, begin, recording), most, memory);
  };
  // To ask for one of many hosts takes long, and mostly nobody tells the names of a service apart.
  const narrowed = within !== ALWAYS && !isOpenToAll(journey) ? ofOneHost() : undefined;
  const found = narrowed === undefined || isHostAsked ? ofAnyHost() : narrowed;
  const isGateway = client.client.kind === 'gateway';
  const explored = isGateway ? found : { ...found, classes: found.classes.map((one) => forTarget(one, target)) };
  const doubts: Doubt[] = [];
  const { gaveUp } = explored;
  if (gaveUp !== undefined) doubts.push({ ...about, because: 'too much', at: gaveUp.at, limit: gaveUp.limit });
  const assumptions = new Set<string>();
  const changed = new Map<string, { readonly one: SidesClass; readonly all: SidesClass[] }>();
  for (const one of explored.classes) {
    if (one.isOfOtherForm) continue;
    const { sides, forms } = one.seen;
    const compared = comparable(...sides);
    const differences = differencesBetween(compared.before, compared.after);
    if (Object.keys(differences).length > 0) {
      const key = JSON.stringify([
        isUsual(one, target, named),
        keyOfEnding(differences, forms),
        isOpenToAll(journey) && hostOf(one),
      ]);
      const known = changed.get(key) ?? { one, all: [] };
      known.all.push(one);
      changed.set(key, known);
      continue;
    }
    const unknown = unknownIn(one.seen);
    for (const what of unknown.same) assumptions.add(what);
    const isThroughBoth = sides[0].isThroughZtunnel === sides[1].isThroughZtunnel;
    if (unknown.others.length > 0)
      doubts.push({ ...about, because: 'not known', what: unknown.others, request: labelOf(one.witness, named) });
    else if (isThroughBoth && forms[0] !== forms[1])
      doubts.push({ ...about, because: 'made otherwise', request: labelOf(one.witness, named) });
  }
  const changes = [...changed.values()].map(({ one, all }): ProvenChange => {
    const told = isUsual(one, target, named);
    // Of requests that nobody sends as a rule nothing is said.
    const others = explored.classes.filter(
      (other) => !all.includes(other) && !other.isOfOtherForm && (!told || isUsual(other, target, named)),
    );
    const which = gaveUp === undefined ? describeClasses(explored, all, others, memory) : undefined;
    const observed = { ...observedOf(journey, one, named), ...compact({ which }) };
    const isMoved = one.seen.sides[0].isThroughZtunnel !== one.seen.sides[1].isThroughZtunnel;
    return { observed, destination: destinationOf(journey), isUsual: told, isMoved, classes: all.length };
  });
  return {
    changes,
    doubts,
    assumptions: [...assumptions],
    classes: explored.classes.length,
    hasFailed: gaveUp !== undefined,
    visited,
  };
}

type SidesClass = RequestClass<BothSides>;

/** A class with the host for its witness that clients use there, where the host makes no difference. */
function forTarget(one: SidesClass, target: Target): SidesClass {
  if (one.readings.some(asksForHost)) return one;
  return { ...one, witness: { ...one.witness, request: { ...one.witness.request, authority: authorityOf(target) } } };
}

/** The way in which requests end otherwise, whatever their own texts are. */
function keyOfEnding(differences: RequestChange['differences'], forms: readonly [string, string]): string {
  const { path, host, requestHeaders, responseHeaders, ...others } = differences;
  const texts = [path, host, requestHeaders, responseHeaders].map((one) => one !== undefined);
  return JSON.stringify([others, texts, ...(texts.includes(true) ? forms : [])]);
}

function hostOf({ witness }: SidesClass): string {
  return witness.request.authority;
}

/** A path that proxies refuse or make another of. */
const ODD_PATH = /\/\.{1,2}(?:[/?]|$)|\/\/|\\|%(?:00|2[dDeEfF]|5[cC])/;

/** Whether requests are those that clients send as a rule: for an answer, not for another protocol, a tunnel or leave to ask. */
function isUsual(
  { witness: { request }, seen: { assumptions } }: SidesClass,
  target: Target,
  named: ReadonlySet<string>,
): boolean {
  if (request.scheme === 'tcp' || request.scheme === 'tls') return true;
  const names = request.headers.map(([name]) => name);
  const isRemade = assumptions.flat().some((one) => one.kind === 'untraceable' && one.what.includes(NORMAL_FORM));
  return (
    request.target.startsWith('/') &&
    !ODD_PATH.test(request.target) &&
    !isRemade &&
    !named.has(hostIn(request)) &&
    isForTarget(hostIn(request), target) &&
    request.method !== 'CONNECT' &&
    !names.includes('upgrade') &&
    !names.includes('access-control-request-method')
  );
}

/** Of doubts for the same reason at one place, the first. */
function oneOfEach(doubts: readonly Doubt[]): readonly Doubt[] {
  const found = new Map<string, Doubt>();
  for (const doubt of doubts) {
    const key = JSON.stringify([doubt.from, doubt.to, doubt.because]);
    if (!found.has(key)) found.set(key, doubt);
  }
  return [...found.values()];
}

/** What both sides take for granted alike, and what not. */
function unknownIn({ assumptions: [before, after], places }: BothSides): {
  readonly same: readonly string[];
  readonly others: readonly string[];
} {
  const same: string[] = [];
  const others: string[] = [];
  const keys = [before, after].map((list) => new Set(list.map((one) => JSON.stringify(one))));
  for (const assumption of [...before, ...after]) {
    const isShared = keys.every((set) => set.has(JSON.stringify(assumption)));
    if (assumption.kind === 'untraceable') others.push(makerOf(assumption.what));
    else (isShared || assumption.kind === 'taken for granted' ? same : others).push(assumption.what);
  }
  // A token is tried at the first of the places of its issuer only.
  if (places[0] !== places[1]) others.push('tokens in other places');
  return { same, others: [...new Set(others)] };
}

function placesOfTokens(issuers: readonly KnownIssuer[]): string {
  return JSON.stringify(issuers.map(({ issuer, places }) => [issuer, places]).sort());
}

/** What makes the text that cannot be told of a request. */
function makerOf(source: string): string {
  if (source.includes(NORMAL_FORM)) return NORMAL_FORM;
  const [, by] = /"made","([^"]*)"/.exec(source.replaceAll('\\', '')) ?? [];
  return by ?? source;
}

/** Journeys that go to one place together: all hosts of a gateway's port, one service of a workload. */
function placeOf(journey: Journey): string {
  const { client, isClientChanged } = journey;
  return JSON.stringify([client.key, client.client.kind, destinationOf(journey), isOpenToAll(journey) && isClientChanged]);
}

/** Where a journey goes, whoever it is that goes. */
export function destinationOf(journey: Journey): string {
  const { scheme, port, ip, host, serverName } = journey.target;
  return JSON.stringify([scheme, port, ...(isOpenToAll(journey) ? [journey.client.key] : [ip, host, serverName])]);
}

/** Whether a journey is one of those to any host of a gateway's port. */
function isOpenToAll({ client, target }: Journey): boolean {
  return client.isOutside && target.ip === undefined;
}

function placeWords(group: readonly Journey[]): string {
  const hosts = [...new Set(group.map(({ target: { host, port } }) => formatHostPort(host, port)))];
  return hosts.length > 3 ? `${hosts.slice(0, 3).join(', ')} and ${hosts.length - 3} more` : hosts.join(', ');
}

function openRequest({ client, target }: Journey, ip: string, within: Formula): OpenRequest {
  const { scheme, port, serverName } = target;
  const isSecured = scheme === 'https' || scheme === 'tls';
  return {
    from: client.isOutside ? '' : client.key,
    address: { ip, port },
    scheme,
    within,
    authority: authorityOf(target),
    serverName,
    isFromAnyAddress: client.isOutside,
    isForAnyServerName: isSecured && client.isOutside,
  };
}

/** The hosts of requests: those of the virtual hosts that the journeys go to; any where they go to none. */
function withinOf(group: readonly Journey[], sides: readonly ManifestConfiguration[], planes: readonly DataPlane[]): Formula {
  const names = new Set(group.flatMap(({ target }) => target.virtualHosts));
  if (names.size === 0 || group.some(({ target }) => target.virtualHosts.length === 0)) return ALWAYS;
  const key = group[0]?.client.key ?? '';
  return anyOf(
    sides.flatMap((side, at) =>
      (side.snapshotOf(key)?.routes ?? []).flatMap((routes) =>
        (planes[at]?.lookups.domains(routes) ?? []).flatMap(({ virtualHost, formula }) =>
          names.has(virtualHost.name ?? '') ? [formula] : [],
        ),
      ),
    ),
  );
}

/** The hosts that a client's proxy knows and that have addresses of their own, beside those that journeys go to. */
function namedElsewhere(group: readonly [Journey, ...Journey[]], sides: readonly ManifestConfiguration[]): ReadonlySet<string> {
  const [journey] = group;
  if (isOpenToAll(journey)) return new Set();
  const names = new Set(group.flatMap(({ target }) => target.virtualHosts));
  const others = sides
    .flatMap((side) => side.snapshotOf(journey.client.key)?.routes ?? [])
    .flatMap(({ virtualHosts = [] }) => virtualHosts.filter(({ name = '' }) => !names.has(name)));
  const own = new Set(group.map(({ target }) => target.host));
  return new Set(others.flatMap(({ domains = [] }) => domains.map(withoutPort)).filter((host) => !own.has(host)));
}

function withoutPort(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '');
}

/** Whether a host is a name of where connections go, as far as that is known by its address. */
function isForTarget(host: string, { host: name, ip, virtualHosts }: Target): boolean {
  return ip === undefined || virtualHosts.length > 0 || [ip, name, `${name}.`].includes(host) || name.startsWith(`${host}.`);
}

function hostIn({ authority }: TraceRequest): string {
  return withoutPort(authority);
}

function observedOf({ client }: Journey, { witness, seen: { sides } }: SidesClass, named: ReadonlySet<string>): ObservedRequest {
  return {
    request: labelOf(witness, named),
    from: client.client,
    ...comparable(...sides),
    passed: [sides[0].passed, sides[1].passed],
    ...compact({ refusedBy: refuserIn(sides[0].outcomes) }),
  };
}

/** The request, for people: a token by its claims, and of a host that has another address where the connection goes. */
function labelOf({ request, token }: Witness, named: ReadonlySet<string>): ObservedRequest['request'] {
  const { scheme, method, authority, target, headers, address } = request;
  const isPlain = scheme === 'tcp' || scheme === 'tls';
  const [ip, port] = 'port' in address ? [address.ip, address.port] : ['', 0];
  const isUsualPort = (scheme === 'http' && port === 80) || (scheme === 'https' && port === 443);
  const isElsewhere = !isPlain && named.has(hostIn(request));
  const to = isElsewhere ? formatHostPort(ip) : authority;
  const host = /:\d+$/.test(to) || isUsualPort ? to : `${to}:${port}`;
  const shown = token === undefined ? headers : headers.map(([name, value]) => [name, tokenShown(value, token)] as const);
  return {
    method: isPlain ? 'CONNECT' : method,
    url: `${scheme}://${host}${isPlain ? '' : target}`,
    headers: [...(isElsewhere ? [['host', authority] as const] : []), ...shown],
  };
}

function tokenShown(value: string, { claims, isValid }: NonNullable<Witness['token']>): string {
  const start = Math.max(value.lastIndexOf(' '), value.lastIndexOf('=')) + 1;
  const isToken = /^[\w-]+\.[\w-]+\.[\w-]+$/.test(value.slice(start));
  if (!isToken) return value;
  const { exp: _, ...told } = claims;
  return `${value.slice(0, start)}${isValid ? '' : 'invalid '}${JSON.stringify(told)}`;
}
