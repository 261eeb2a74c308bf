import type { Listener } from '../../envoy/api.gen.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { CallerWatch, InStead } from '../../trace/caller-watch.ts';
import { type DataPlane, podAt, podKey } from '../../trace/data-plane.ts';
import type { MessageHeaders } from '../../trace/headers.ts';
import type { Hop, Outcome } from '../../trace/outcome.ts';
import type { TracePod } from '../../trace/pod.ts';
import { isIpv6Text } from '../../util/ip-address.ts';
import { memo } from '../../util/memo.ts';

/** What is found by traces from one caller, with these traces. */
export interface Traced<R> {
  readonly result: R;
  readonly outcomes: readonly Outcome[];
}

/** What callers share. */
export interface Sharing<R> {
  /** Equal for callers whose proxies do the same with what they send; undefined for those of whom nobody else can stand in. */
  kindOf(pod: TracePod): object | undefined;
  /** What traces from a caller give; `about` is what it is found for beside the caller. */
  find(pod: TracePod, about: readonly [object, string], find: (dataPlane: DataPlane) => Traced<R>): R;
}

/**
 * Takes what was found for one caller for others too: those whose proxies do the same with what they send, and of whom all proxies on
 * the way, asked again, say the same. A result that names its caller, or that leads to one, is that caller's alone.
 */
export function createSharing<R>(dataPlane: DataPlane): Sharing<R> {
  const kinds = createKinds(dataPlane);
  const start = memo((_kind: object, _about: object, _detail: string) => new Step<R>());
  return {
    kindOf: kinds,
    find(pod, about, find) {
      const kind = kinds(pod);
      if (kind === undefined) return find(dataPlane).result;
      let step = start(kind, ...about);
      while (step.question !== undefined) {
        const { asked, again } = step.question;
        const answer = again(asked.inStead(pod));
        // What a proxy looked at to find the answer told of the first caller.
        if (asked.isNamed()) return find(dataPlane).result;
        step = step.after(answer);
      }
      if (step.found !== undefined && !step.found.places.has(podKey(pod))) return step.found.result;
      if (step.isOfEach || step.found !== undefined) return find(dataPlane).result;
      const asked = watchCaller(pod);
      const { result, outcomes } = find({ ...dataPlane, watch: asked.watch });
      step = start(kind, ...about);
      for (const { answer, again } of asked.notes) {
        step.question ??= { asked, again };
        step = step.after(answer);
      }
      const places = placesOf(outcomes);
      if (outcomes.every(isPlain) && !asked.isNamed() && !asked.names(JSON.stringify(result)) && !places.has(podKey(pod))) {
        step.found = { result, places };
      } else if (!places.has(podKey(pod))) step.isOfEach = true;
      return result;
    },
  };
}

/** How far some answers have led: to the next question, to what was found, or to nothing that others can share. */
class Step<R> {
  question: { readonly asked: Asked; readonly again: (inStead: InStead) => unknown } | undefined;
  found: { readonly result: R; readonly places: ReadonlySet<string> } | undefined;
  isOfEach = false;
  private readonly next = new Map<unknown, Step<R>>();

  after(answer: unknown): Step<R> {
    const known = this.next.get(answer) ?? new Step<R>();
    this.next.set(answer, known);
    return known;
  }
}

/** What was asked about a caller in its traces. */
interface Asked {
  readonly watch: CallerWatch;
  readonly notes: readonly { readonly answer: unknown; readonly again: (inStead: InStead) => unknown }[];
  /** Whether a proxy read a header that tells who calls; what it makes of that is not noted. */
  isNamed(): boolean;
  /** Whether a text tells who calls. */
  names(text: string): boolean;
  inStead(other: TracePod): InStead;
}

function watchCaller(caller: TracePod): Asked {
  const notes: { readonly answer: unknown; readonly again: (inStead: InStead) => unknown }[] = [];
  let isNamed = false;
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
      note(answer, again) {
        // Who calls is asked for here, or for nobody: until then all are asked the same.
        let isAsked = false;
        const same = <T>(value: T): T => {
          isAsked = true;
          return value;
        };
        again({ ip: same, names: same, pod: (pod) => (podKey(pod) === podKey(caller) ? same(pod) : pod) });
        if (isAsked) notes.push({ answer, again });
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
function placesOf(outcomes: readonly Outcome[]): ReadonlySet<string> {
  return new Set(
    outcomes.flatMap(({ hops, deliveries }) => [
      ...hops.filter(({ side }, index) => index > 0 || !OWN.has(side)).map(({ place }) => place),
      ...deliveries.flatMap(({ pod, kin = [] }) => [pod, ...kin]),
    ]),
  );
}

const OWN: ReadonlySet<Hop['side']> = new Set(['client', 'outbound']);
const ONCE: readonly (readonly Hop['side'][])[] = [['client', 'outbound'], ['service'], ['inbound'], ['server']];

/** Whether a request goes straight from the caller to a server, each through its own proxy at most. */
function isPlain({ hops }: Outcome): boolean {
  let from = 0;
  return hops.every(({ side }) => {
    const at = ONCE.findIndex((sides, index) => index >= from && sides.includes(side));
    from = at + 1;
    return at >= 0;
  });
}

function createKinds(dataPlane: DataPlane): (pod: TracePod) => object | undefined {
  const numbers = memo((_part: object) => ({ id: count++ }));
  let count = 0;
  const listOf = (parts: readonly object[]): string => parts.map((part) => numbers(part).id).join();
  // Tags of spans name the workload, and nothing is decided by them.
  const listenerText = memo((listener: Listener) =>
    JSON.stringify(listener, (key, value: unknown) => (key === 'customTags' ? undefined : value)),
  );
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
    const { ips, proxy, isIntercepted, isIpv6Intercepted, cluster, network, nodeName, sockets, ports } = pod;
    const isOnlyOne = ips.length > 0 && ips.every((ip) => podAt(dataPlane, ip) === pod);
    if (!isOnlyOne || dataPlane.ztunnel !== undefined || dataPlane.around !== undefined) return undefined;
    if (proxy !== 'sidecar' && proxy !== 'none') return undefined;
    const snapshot = dataPlane.snapshotOf(pod);
    const facts = [proxy, isIntercepted, isIpv6Intercepted, cluster, network, nodeName, sockets, ports, ips.map(isIpv6Text)];
    return kinds(`${JSON.stringify(facts)} ${snapshot === undefined ? '' : snapshotText(snapshot, ips)}`);
  });
}

/** A listener without the chains for connections of a pod to itself, which are not those to others. */
function withoutOwn(listener: Listener, ips: readonly string[]): Listener {
  const isOwn = ({ filterChainMatch }: NonNullable<Listener['filterChains']>[number]): boolean =>
    filterChainMatch?.prefixRanges?.every(
      ({ addressPrefix = '', prefixLen }) => prefixLen === (isIpv6Text(addressPrefix) ? 128 : 32) && ips.includes(addressPrefix),
    ) === true && filterChainMatch.prefixRanges.length > 0;
  const { filterChains = [] } = listener;
  return filterChains.some(isOwn) ? { ...listener, filterChains: filterChains.filter((chain) => !isOwn(chain)) } : listener;
}
