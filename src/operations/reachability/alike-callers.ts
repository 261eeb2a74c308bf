import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { CallerWatch, InStead } from '../../trace/caller-watch.ts';
import { changedPlane, type DataPlane, podAt, podKey } from '../../trace/data-plane.ts';
import type { MessageHeaders } from '../../trace/headers.ts';
import type { Hop, Outcome } from '../../trace/outcome.ts';
import type { TracePod } from '../../trace/pod.ts';
import { groupBy } from '../../util/collections.ts';
import { isIpv6Text } from '../../util/ip-address.ts';
import { memo, numbering } from '../../util/memo.ts';
import { AnswerStep, NO_ANSWER } from './answer-step.ts';
import {
  type AskedProxy,
  type ConfigurationQuestion,
  createConfigurationQuestions,
  textOfListener,
  withoutOwn,
} from './configuration-questions.ts';
import { createIdentityQuestions } from './identity-questions.ts';

/** What is found by traces from one caller, with these traces. */
export interface Traced<R> {
  readonly result: R;
  readonly outcomes: readonly Outcome[];
  /** Whether it is found of all requests, so that others must be told from the caller by no request at all. */
  readonly isOfAll?: boolean;
}

/** What callers share. */
export interface Sharing<R> {
  /** Equal for callers whose proxies do the same with what they send; undefined for those of whom nobody else can stand in. */
  kindOf(pod: TracePod): object | undefined;
  /** What traces from a caller to an address give, where one is known; `about` is what it is found for beside the caller. */
  find(pod: TracePod, to: string | undefined, about: object, find: (dataPlane: DataPlane) => Traced<R>): R;
}

/**
 * Takes what was found for one caller for others too: those whose proxies do the same with what they send, and of whom all proxies on
 * the way, asked again, say the same. A result that names its caller, or that leads to one, is that caller's alone.
 */
export function createSharing<R>(
  dataPlane: DataPlane,
  where: 'one cluster' | 'clusters' = 'one cluster',
  proxyKinds: ProxyKinds = createProxyKinds(dataPlane),
): Sharing<R> {
  const factsOf = memo(where === 'clusters' ? factsAmongClusters(dataPlane) : (pod: TracePod) => callerFacts(pod, dataPlane));
  const byFacts = memo((_facts: string, _kind: object): object => ({}));
  const kinds = (pod: TracePod): object | undefined => {
    const facts = factsOf(pod);
    return facts === undefined ? undefined : byFacts(facts, proxyKinds(pod));
  };
  const trunks = memo((_facts: string, _about: object): Trunk<R> => ({ root: new AnswerStep(), waiting: undefined }));
  // Proxies of one kind answer alike.
  const branches = memo((_kind: object, _about: object): { of: Branch<R> | undefined } => ({ of: undefined }));
  const callerOf = memo((pod: TracePod): SharingCaller | undefined => {
    const [facts, kind] = [factsOf(pod), kinds(pod)];
    return facts === undefined || kind === undefined ? undefined : { facts, kind, key: podKey(pod) };
  });
  const identities = createIdentityQuestions(dataPlane);
  const configuration = createConfigurationQuestions(dataPlane.lookups);
  const answers = memo((_kind: object) => new Map<ConfigurationQuestion, number>());
  const answerOfKind = (kind: object, question: ConfigurationQuestion, asked: AskedProxy): number => {
    const known = answers(kind);
    const answer = known.get(question) ?? configuration.answer(question, asked);
    known.set(question, answer);
    return answer;
  };
  return {
    kindOf: kinds,
    find(pod, to, about, find) {
      const caller = callerOf(pod);
      // Proxies have chains of their own for what their pods send to themselves, which nothing here tells apart.
      const isToItself = to !== undefined && pod.ips.includes(to);
      if (caller === undefined || isToItself) return find(dataPlane).result;
      const { facts, kind, key } = caller;
      const proxy = { snapshot: dataPlane.snapshotOf(pod), ips: pod.ips };
      const answerOfProxy = (question: ConfigurationQuestion): number => answerOfKind(kind, question, proxy);
      const answer = (question: Question): unknown => {
        if ('place' in question)
          return identities.isAddressAsked(question.place) ? key : identities.answersAt(question.place, pod.identity);
        if (!('asked' in question)) return answerOfProxy(question);
        const told = question.again(question.asked.inStead(pod));
        // What a proxy looked at to find the answer told of the first caller.
        return question.asked.isNamed() ? NO_ANSWER : told;
      };
      const [trunk, branch] = [trunks(facts, about), branches(kind, about)];
      if (branch.of === undefined) {
        const { waiting } = trunk;
        const first = waiting && trunk.root.follow(waiting.answer, waiting.questions);
        if (first !== undefined) first.found ??= waiting?.branch;
        trunk.waiting = undefined;
        branch.of = trunk.root.follow(answerOfProxy)?.found;
      }
      const known = branch.of?.follow(answer);
      if (branch.of !== undefined && (known === undefined || known.found === 'of each')) return find(dataPlane).result;
      if (known?.found !== undefined && known.found !== 'of each')
        return known.found.places.has(key) ? find(dataPlane).result : known.found.result;
      const asked = watchCaller(pod);
      const questions: ConfigurationQuestion[] = [{ kind: 'extensions' }];
      const lookups = configuration.noting(proxy.snapshot, questions);
      const { result, outcomes, isOfAll = false } = find(changedPlane(dataPlane, () => ({ lookups, watch: asked.watch })));
      const places = placesReached(outcomes);
      const askers = isOfAll ? [...places].map((place) => ({ place })) : [];
      // Callers whose names pass the same tests at all of these places need not be asked for their names again.
      const further = isOfAll ? asked.notes.filter(({ isForNamesOnly }) => !isForNamesOnly) : asked.notes;
      const notes = [...askers, ...further.map(({ again }) => ({ asked, again }))];
      const isOfNewBranch = branch.of === undefined;
      branch.of ??= new AnswerStep();
      // Answers of a proxy take time: they are found when there is another to compare with.
      if (isOfNewBranch) trunk.waiting = { answer: answerOfProxy, questions, branch: branch.of };
      const step = branch.of.follow(answer, isOfNewBranch ? notes : [...questions, ...notes]);
      if (step === undefined) return result;
      if (!asked.isNamed() && !asked.names(JSON.stringify(result)) && !places.has(key)) {
        step.found = { result, places };
      } else if (!places.has(key)) step.found = 'of each';
      return result;
    },
  };
}

/** What is asked of the proxies of callers that others can stand in for, and what follows where their answers are the same. */
interface Trunk<R> {
  readonly root: AnswerStep<ConfigurationQuestion, Branch<R>>;
  /** The first caller, until there is one of another kind. */
  waiting:
    | {
        readonly answer: (question: ConfigurationQuestion) => number;
        readonly questions: readonly ConfigurationQuestion[];
        readonly branch: Branch<R>;
      }
    | undefined;
}

/** What others ask about callers whose proxies answer alike, and what was found for them. */
type Branch<R> = AnswerStep<Question, Found<R> | 'of each'>;

/** A caller for whom others can stand in. */
interface SharingCaller {
  readonly facts: string;
  readonly kind: object;
  readonly key: string;
}

/** Told of the configuration of the caller's proxy, of all that proxies at a place may ask, or of the caller, by who asked about another. */
type Question =
  | ConfigurationQuestion
  | { readonly place: string }
  | { readonly asked: Asked; readonly again: (inStead: InStead) => unknown };

/** What was found, with the pods to which it led. */
interface Found<R> {
  readonly result: R;
  readonly places: ReadonlySet<string>;
}

/** An answer that depends on who calls. */
interface Note {
  readonly answer: unknown;
  readonly again: (inStead: InStead) => unknown;
  /** Whether nothing but the names in the certificate of the caller was asked for. */
  readonly isForNamesOnly: boolean;
}

/** What was asked about a caller in its traces. */
interface Asked {
  readonly watch: CallerWatch;
  readonly notes: readonly Note[];
  /** Whether a proxy read a header that tells who calls; what it makes of that is not noted. */
  isNamed(): boolean;
  /** Whether a text tells who calls. */
  names(text: string): boolean;
  inStead(other: TracePod): InStead;
}

function watchCaller(caller: TracePod): Asked {
  const notes: Note[] = [];
  let isNamed = false;
  const asked = memo((..._about: readonly unknown[]) => ({ isAsked: false }));
  const isFirst = (about: readonly unknown[]): boolean => {
    const question = asked(...about);
    const { isAsked } = question;
    question.isAsked = true;
    return !isAsked;
  };
  const signs = [podKey(caller), caller.identity, ...caller.ips];
  const names = (text: string): boolean => signs.some((sign) => text.includes(sign));
  const seen =
    (get: (name: string) => string | undefined): ((name: string) => string | undefined) =>
    (name) => {
      const value = get(name);
      if (value !== undefined && names(value)) isNamed = true;
      return value;
    };
  const watched = (headers: MessageHeaders): MessageHeaders => {
    const values = { ...headers.values, get: seen(headers.values.get) };
    return {
      ...headers,
      get: seen(headers.get),
      told: seen(headers.told),
      values,
      decide: (formulaOf, test) => headers.decide(formulaOf, () => test(values)),
      copy: () => watched(headers.copy()),
    };
  };
  return {
    watch: {
      note(answer, again, about) {
        if (about !== undefined && !isFirst(about)) return;
        // Who calls is asked for here, or for nobody: until then all are asked the same.
        let [isAsked, isForNamesOnly] = [false, true];
        const same = <T>(value: T): T => {
          isAsked = true;
          isForNamesOnly = false;
          return value;
        };
        const names = (uris: readonly string[]): readonly string[] => {
          isAsked = true;
          return uris;
        };
        again({ ip: same, names, pod: (pod) => (podKey(pod) === podKey(caller) ? same(pod) : pod) });
        if (isAsked) notes.push({ answer, again, isForNamesOnly });
      },
      headers: watched,
    },
    notes,
    isNamed: () => isNamed,
    names,
    inStead: (other) => ({
      ip: (ip) => other.ips[caller.ips.indexOf(ip)] ?? ip,
      names: (uris) => uris.map((uri) => (uri === caller.identity ? other.identity : uri)),
      pod: (pod) => (podKey(pod) === podKey(caller) ? other : pod),
    }),
  };
}

/** The pods at which traces arrive, after the caller's own proxy, and those for which they stand. */
export function placesReached(outcomes: readonly Outcome[]): ReadonlySet<string> {
  return new Set(
    outcomes.flatMap(({ hops, deliveries, copies = [] }) => [
      ...[hops, ...copies.map((copy) => copy.hops)]
        .flatMap((way) => way.filter(({ side }, index) => index > 0 || !OWN.has(side)))
        .map(({ place }) => place),
      ...deliveries.flatMap(({ pod, kin = [] }) => [pod, ...kin]),
    ]),
  );
}

const OWN: ReadonlySet<Hop['side']> = new Set(['client', 'outbound']);

/** Equal for pods whose proxies do the same with what these send. */
export type ProxyKinds = (pod: TracePod) => object;

/** Tells pods apart by what their proxies do with what they send: to look through all that a proxy has takes a while. */
export function createProxyKinds(dataPlane: DataPlane): ProxyKinds {
  const numbers = numbering();
  const listOf = (parts: readonly object[]): string => parts.map(numbers).join();
  // Tags of spans name the workload, and nothing is decided by them.
  const listenerText = memo(textOfListener);
  const kinds = memo((_text: string): object => ({}));
  const snapshotText = (snapshot: XdsSnapshot, ips: readonly string[]): string => {
    const { listeners, routes, clusters, endpoints, extensionConfigs } = snapshot;
    const sending = listeners.filter(({ name }) => name !== 'virtualInbound').map((listener) => withoutOwn(listener, ips));
    return [
      sending.map((listener) => kinds(listenerText(listener))),
      routes,
      clusters.filter(({ name = '' }) => !name.startsWith('inbound|')),
      endpoints,
      extensionConfigs,
    ]
      .map(listOf)
      .join(' ');
  };
  return memo((pod: TracePod) => {
    const snapshot = dataPlane.snapshotOf(pod);
    return kinds(snapshot === undefined ? '' : snapshotText(snapshot, pod.ips));
  });
}

/** As `callerFacts`, also in one of several clusters, where it is nobody else's address in any of them. */
export function factsAmongClusters(dataPlane: DataPlane): (pod: TracePod) => string | undefined {
  const { around, pods } = dataPlane;
  if (around === undefined) return (pod) => callerFacts(pod, dataPlane);
  const addresses = pods.flatMap(({ ips }) => ips);
  const byAddress = groupBy(addresses, (ip) => ip);
  return (pod) => {
    if (!pod.ips.every((ip) => byAddress.get(ip)?.length === 1)) return undefined;
    const { around: _, ...seen } = around(pod);
    return callerFacts(pod, seen);
  };
}

/**
 * The same text for callers whose connections the network treats alike, whatever their proxies and those who ask who they are make of
 * them; undefined for callers of whom nobody else can stand in.
 */
export function callerFacts(pod: TracePod, dataPlane: DataPlane): string | undefined {
  const { ips, proxy, isIntercepted, isIpv6Intercepted, interception, cluster, network, nodeName, sockets, ports } = pod;
  const isOnlyOne = ips.length > 0 && ips.every((ip) => podAt(dataPlane, ip) === pod);
  if (!isOnlyOne || dataPlane.ztunnel !== undefined || dataPlane.around !== undefined) return undefined;
  if (proxy !== 'sidecar' && proxy !== 'none') return undefined;
  return JSON.stringify([
    ...[proxy, isIntercepted, isIpv6Intercepted, interception, cluster, network, nodeName, sockets, ports],
    ips.map(isIpv6Text),
  ]);
}
