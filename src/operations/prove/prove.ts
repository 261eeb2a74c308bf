import type { ExplorationLimit } from '../../exploration/exploration-limit.ts';
import type { SetDescription } from '../../request-space/set-description.ts';
import { type DataPlane, podAt, podKey, podNamed, seenFrom } from '../../trace/data-plane.ts';
import type { TraceRequest } from '../../trace/outcome.ts';
import type { TracePod } from '../../trace/pod.ts';
import { traceRequest } from '../../trace/trace.ts';
import { formatHostPort } from '../../util/host-port.ts';
import { compact } from '../../util/object.ts';
import { OUTSIDE } from '../../workbench/addresses.ts';
import type { Benches } from '../../workbench/clusters.ts';
import type { Surroundings } from '../../workbench/surroundings.ts';
import { connectionsOf, type NetworkStoppers } from '../network-stoppers.ts';
import type { AskedRequest } from '../trace/question.ts';
import { firstOfKin, isOfWorkload } from './alike.ts';
import type { AlikeClients, StandingClient } from './alike-clients.ts';
import { type Destinations, destinationsOf } from './destinations.ts';
import {
  directEntrances,
  entrancesByOtherProtocols,
  entrancesByOthers,
  entrancesFromOutside,
  entrancesOfAmbient,
  entrancesOfSidecar,
  entrancesToUnknown,
  type RequestEntrance,
} from './entrances.ts';
import type { LedPlaces } from './led-places.ts';
import { exposedPlaces, type OpenPlaces, placesOfOthers } from './open-places.ts';
import { questionsFor } from './replay.ts';
import type { Counterexample, StatementReport, Undecided, Verdict } from './report.ts';
import type { RoutedHosts } from './routed-hosts.ts';
import type { Sender, Statement } from './statement.ts';
import { type Violation, violationOf } from './violations.ts';

/** Requests that all end in the same way, by one of them. */
export interface ExploredClass {
  readonly request: TraceRequest;
  /** How it breaks the statement, and all others of the class with it; undefined where they keep it. */
  readonly violation: Violation | undefined;
  /** What is taken for granted of a part of the configuration that is not simulated. */
  readonly assumptions: readonly string[];
  /** Tests of what cannot be told of a request, so that others of the class may end otherwise. */
  readonly untraceable: readonly string[];
}

/** All requests of an entrance, class by class; one that is given up tells where. */
export type Explorer = (entrance: ClientEntrance, statement: Statement) => ExploredEntrance;

/** What was found of an entrance. */
export interface ExploredEntrance {
  readonly classes: readonly (ExploredClass | { readonly gaveUp: ExplorationLimit })[];
  /** All requests of it that break the statement, where some do and that is known. */
  readonly which?: SetDescription;
  /** The pods to which requests came, whatever became of them. */
  readonly places: ReadonlySet<string>;
}

/** An entrance, with its client if that stands for others. */
export interface ClientEntrance extends RequestEntrance {
  readonly client?: StandingClient;
}

/** What statements are proven over. */
export interface ProvingGround {
  readonly benches: Benches;
  readonly surroundings: Surroundings;
  readonly hosts: RoutedHosts;
  readonly led: LedPlaces;
  readonly explore: Explorer;
  readonly alike: AlikeClients;
  /** Absent where no network policy is. */
  readonly network: NetworkStoppers | undefined;
  readonly openTo: OpenPlaces;
}

/** Proves a statement, or finds a request that breaks it. */
export function proveStatement(statement: Statement, ground: ProvingGround): StatementReport {
  const { name, kind, location } = statement;
  const assumptions = new Set<string>();
  const because: Undecided[] = statement.openServices.map((to): Undecided => {
    return { kind: 'untraceable', what: `the servers of ${to}, of which clients choose one themselves`, from: 'anybody', to };
  });
  const own = ownEntrances(ground.surroundings.dataPlane);
  let classes = 0;
  const told = (verdict: Verdict): StatementReport => ({ name, kind, location, verdict, classes });
  for (const entrance of entrancesOf(statement, ground)) {
    if (!own.isToAsk(entrance)) continue;
    const place = { from: entrance.base.from, to: placeOf(entrance.base) };
    if (entrance.untraced !== undefined) {
      because.push({ kind: 'untraceable', what: entrance.untraced, ...place });
      continue;
    }
    const { classes: found, places, which } = ground.explore(entrance, statement);
    if (entrance.client !== undefined) own.note(entrance, entrance.client, places);
    for (const one of found) {
      if ('gaveUp' in one) {
        const { at, limit } = one.gaveUp;
        because.push({ kind: 'gave up', at, limit, ...place });
        continue;
      }
      classes++;
      if (one.violation !== undefined && entrance.base.applicationProtocols !== undefined) {
        because.push({ kind: 'untraceable', what: AS_SIDECARS, ...place });
        continue;
      }
      if (one.violation !== undefined) {
        const witness = witnessOf(statement, entrance, one.request, one.violation, ground);
        const taken = [...one.assumptions, ...letThrough(one.violation, entrance.base.from, ground)];
        return told({ kind: 'refuted', witness, ...compact({ which }), assumptions: taken });
      }
      for (const assumption of one.assumptions) assumptions.add(assumption);
      for (const what of one.untraceable) because.push({ kind: 'untraceable', what, ...place });
    }
  }
  const all = [...assumptions].sort();
  return told(because.length === 0 ? { kind: 'proven', assumptions: all } : { kind: 'undecided', because, assumptions: all });
}

/** What reaches a server, and no command can ask for. */
const AS_SIDECARS = 'what a client outside is let in for that says of its TLS what sidecars say (ALPN)';

/** The network policies that may stop a request which breaks a statement. They can but take away, so that what is proven holds whatever they do. */
function letThrough({ outcome, arrival }: Violation, client: string, { network }: ProvingGround): readonly string[] {
  if (network === undefined) return [];
  const connections = connectionsOf(outcome, client);
  const last = connections.findIndex(({ to }) => arrival.servers.includes(to));
  const policies = connections.slice(0, last + 1).flatMap(network.stoppersOf);
  return [...new Set(policies)].sort().map((policy) => `${policy} lets it through`);
}

/**
 * The entrances of clients that lead to their own workload, which may be called by itself: of these another client that is alike is asked,
 * and of no others.
 */
function ownEntrances(dataPlane: DataPlane) {
  const keyOf = (entrance: RequestEntrance, { alike }: StandingClient, first: TracePod): string =>
    JSON.stringify([podKey(first), alike, entrance.base.address, entrance.base.scheme, entrance.authority]);
  const own = new Set<string>();
  return {
    note(entrance: RequestEntrance, client: StandingClient, places: ReadonlySet<string>): void {
      if (mayCallItself(client.pod, entrance, places, dataPlane)) own.add(keyOf(entrance, client, client.pod));
    },
    isToAsk(entrance: ClientEntrance): boolean {
      const { client } = entrance;
      return client?.first === undefined || own.has(keyOf(entrance, client, client.first));
    },
  };
}

/** Whether requests of a pod may be for its own workload: for its addresses, or where some came to. */
export function mayCallItself(
  pod: TracePod,
  { base: { address } }: RequestEntrance,
  places: ReadonlySet<string>,
  dataPlane: DataPlane,
): boolean {
  const isOfIt = (other: TracePod | undefined): boolean => other !== undefined && isOfWorkload(pod, other);
  if (!('unresolved' in address) && isOfIt(podAt(seenFrom(dataPlane, pod), address.ip))) return true;
  return [...places].some((key) => isOfIt(podNamed(dataPlane, key)));
}

function placeOf({ address, scheme }: RequestEntrance['base']): string {
  return `${scheme}://${'unresolved' in address ? address.unresolved : formatHostPort(address.ip, address.port)}`;
}

/** A request of a class that breaks a statement, as somebody can follow it: one that is easy to ask for, if it breaks it too. */
function witnessOf(
  statement: Statement,
  { kind }: RequestEntrance,
  request: TraceRequest,
  violation: Violation,
  { surroundings }: ProvingGround,
): Counterexample {
  const { dataPlane } = surroundings;
  let last: AskedRequest = { from: request.from, url: '' };
  for (const asked of questionsFor(request, surroundings, kind === 'stranger')) {
    last = asked.question;
    const same = violationOf(statement, kind, asked.request, traceRequest(dataPlane, asked.request), dataPlane);
    if (same !== undefined) return describe(kind, asked.question, same);
  }
  return describe(kind, last, violation);
}

function describe(sender: RequestEntrance['kind'], question: AskedRequest, { outcome, arrival }: Violation): Counterexample {
  const { port, security, method, path } = arrival;
  return {
    sender,
    question,
    server: arrival.servers[0] ?? '',
    port,
    security,
    method,
    path,
    status: outcome.status,
    gateways: outcome.hops.flatMap(({ side, place }) => (side === 'gateway' ? [place] : [])),
    share: outcome.share,
  };
}

/** Where requests begin that a statement is about, those with the most to say first. */
export function* entrancesOf(
  statement: Statement,
  { benches, surroundings, hosts, led, alike, openTo }: Omit<ProvingGround, 'explore' | 'network'>,
): Iterable<ClientEntrance> {
  const { dataPlane } = surroundings;
  const destinations = destinationsOf(statement.to, dataPlane, hosts, led);
  const clients = firstOfKin(
    dataPlane.pods.filter(
      (pod) => pod.proxy !== 'gateway' && pod.proxy !== 'waypoint' && isAbout(statement, podKey(pod), dataPlane),
    ),
    dataPlane,
  );
  const ofOthers = isOfOutside(statement) ? placesOfOthers(benches, destinations, dataPlane) : [];
  const exposed = [...exposedPlaces(benches, destinations, dataPlane), ...ofOthers.map(({ place }) => place)];
  if (isAboutOthers(statement, 'outside')) yield* entrancesFromOutside(dataPlane, exposed);
  if (isAboutOthers(statement, 'stranger')) yield* directEntrances('stranger', OUTSIDE, destinations.places);
  for (const client of alike(clients, statement, destinations)) {
    const elsewhere = openTo(client.pod, destinations);
    const reached = elsewhere.length === 0 ? destinations : { ...destinations, places: [...destinations.places, ...elsewhere] };
    for (const entrance of entrancesOfPod(client.pod, dataPlane, reached, hosts, led)) yield { ...entrance, client };
  }
  const gateways = isAboutOthers(statement, 'outside') ? dataPlane.pods.filter(({ proxy }) => proxy === 'gateway') : [];
  const servers = destinations.places.flatMap(([{ ips, at }]) =>
    at === undefined ? (podAt(dataPlane, ips[0] ?? '') ?? []) : (podNamed(dataPlane, at) ?? []),
  );
  yield* entrancesByOtherProtocols([...new Set([...gateways, ...servers])], dataPlane);
  yield* entrancesByOthers(ofOthers);
}

function entrancesOfPod(
  client: TracePod,
  dataPlane: DataPlane,
  destinations: Destinations,
  hosts: RoutedHosts,
  led: LedPlaces,
): readonly RequestEntrance[] {
  const captured = dataPlane.ztunnel?.captured(client);
  const snapshot = captured === undefined && client.proxy === 'sidecar' ? dataPlane.snapshotOf(client) : undefined;
  const unknown = destinations.isAnybody ? entrancesToUnknown(client, snapshot) : [];
  if (captured !== undefined) return [...entrancesOfAmbient(client, captured, led, destinations), ...unknown];
  return snapshot === undefined
    ? [...directEntrances('pod', podKey(client), destinations.places), ...unknown]
    : [...entrancesOfSidecar(client, snapshot, destinations, hosts), ...unknown];
}

/** Whether a pod can send what a statement is about. Through a gateway that is none of some senders it is none of them either. */
function isAbout({ from, isAboutOthers: others }: Statement, key: string, { podByKey }: DataPlane): boolean {
  const isNamed = (sender: Sender): boolean => !sender.isOutside && sender.pods?.has(key) !== false && !sender.notPods.has(key);
  const isAlways = (sender: Sender): boolean =>
    !sender.isPlainText &&
    !sender.entersInPlainText &&
    ![...sender.notPods].some((other) => podByKey.get(other)?.proxy === 'gateway');
  // A gateway sends what pods send through it. In plain text anybody can send the same.
  const mayPass = (sender: Sender): boolean =>
    !sender.isOutside &&
    !sender.entersInPlainText &&
    [...(sender.pods ?? [])].some((pod) => podByKey.get(pod)?.proxy === 'gateway');
  return others
    ? !from.some((sender) => isNamed(sender) && isAlways(sender))
    : from.some((sender) => isNamed(sender) || mayPass(sender));
}

/** Whether somebody without a pod of the mesh can. What comes from outside also counts as sent by the gateway that lets it in. */
function isAboutOthers({ from, isAboutOthers: others }: Statement, kind: 'outside' | 'stranger'): boolean {
  const isAlways = (sender: Sender): boolean =>
    sender.pods === undefined &&
    sender.notPods.size === 0 &&
    !sender.isPlainText &&
    !sender.entersInPlainText &&
    (!sender.isOutside || kind === 'outside');
  if (others) return !from.some(isAlways);
  return from.some((sender) =>
    kind === 'outside' ? true : !sender.isOutside && sender.pods === undefined && !sender.entersInPlainText,
  );
}

/** Whether a statement is about what comes from outside, however it comes in. */
function isOfOutside({ from, isAboutOthers: others }: Statement): boolean {
  return !others && from.some(({ isOutside, entersInPlainText }) => isOutside && !entersInPlainText);
}
