import { changedPlane, type DataPlane } from '../../trace/data-plane.ts';
import type { Hop, Outcome, TraceRequest } from '../../trace/outcome.ts';
import type { Recorder } from '../../trace/recording/recorder.ts';
import { serversThat } from '../../trace/servers/unknown.ts';
import { traceRequest } from '../../trace/trace.ts';
import { compact } from '../../util/object.ts';
import { type ObservedRequest, resourceKey } from './compare-requests.ts';
import { notice, noticeFailing, noticeSlow } from './notice.ts';
import { type CopyFact, type Header, type Noticed, type Shares, sharesBy } from './noticed.ts';

/** What is noticed on one side, and whether ztunnel was on the way. */
export interface Seen {
  readonly noticed: Noticed;
  readonly isThroughZtunnel: boolean;
  /** The pods on its way whose own proxies took it, and those that it came from or to without. */
  readonly proxied: ReadonlySet<string>;
  readonly bare: ReadonlySet<string>;
  /** The resources that have a say in it (`resourceKey`). */
  readonly passed: ReadonlySet<string>;
  readonly outcomes: readonly Outcome[];
}

/** What differs only in who takes the place of a proxy, and so tells or adds what only that one does, is no change. */
export function comparable(before: Seen, after: Seen): Pick<ObservedRequest, 'before' | 'after'> {
  if (!isMoved(before, after)) return { before: before.noticed, after: after.noticed };
  const told = isAtZtunnelOnce(before, after) ? ofAnyProxy : withOrWithoutProxy;
  const [earlier, later] = [told(before.noticed), told(after.noticed)];
  // Envoy closes a connection without a word where ztunnel names the policy.
  const isClosedAnyway = [earlier, later].every(({ status }) => status?.every(({ value }) => value === 0) === true);
  return isClosedAnyway ? { before: withoutPolicy(earlier), after: withoutPolicy(later) } : { before: earlier, after: later };
}

/** Whether ztunnel takes the place of a proxy or the other way round, or the proxy of a pod on the way comes or goes. */
export function isMoved(before: Seen, after: Seen): boolean {
  return isAtZtunnelOnce(before, after) || isProxyLost(before, after) || isProxyLost(after, before);
}

/** Whether ztunnel is on the way on one side only. */
export function isAtZtunnelOnce(before: Seen, after: Seen): boolean {
  return before.isThroughZtunnel !== after.isThroughZtunnel;
}

function isProxyLost({ proxied }: Seen, { bare }: Seen): boolean {
  return [...proxied].some((place) => bare.has(place));
}

function withoutPolicy({ policy: _, ...others }: Noticed): Noticed {
  return others;
}

/** What is compared where a proxy comes or goes: headers too, but those that Envoy adds by itself. */
function withOrWithoutProxy(noticed: Noticed): Noticed {
  const { requestHeaders, responseHeaders } = noticed;
  return compact({
    ...ofAnyProxy(noticed),
    copies: noticed.copies && sharesBy(noticed.copies, (facts) => facts.filter((fact) => !isOfEnvoy(fact))),
    requestHeaders: requestHeaders?.map(withoutOwn),
    responseHeaders: responseHeaders?.map(withoutOwn),
  });
}

function withoutOwn({ value, share }: Shares<readonly Header[]>[number]): Shares<readonly Header[]>[number] {
  return { value: value.filter(([name]) => !OF_ENVOY.test(name)), share };
}

function isOfEnvoy({ what, is }: CopyFact): boolean {
  return what === 'protocol' || (what === 'header' && OF_ENVOY.test(is[0]));
}

const OF_ENVOY = /^(server|x-envoy-.*|x-forwarded-proto)$/;

function ofAnyProxy({ status, policy, pods, outside, mirrors, path, host, port, tls, serverName, ...others }: Noticed): Noticed {
  const copies =
    others.copies && sharesBy(others.copies, (facts) => facts.filter(({ what }) => what !== 'header' && what !== 'protocol'));
  return compact({ status, policy, pods, outside, mirrors, copies, path, host, port, tls, serverName });
}

/**
 * What is noticed of a request in a world, and of the same to servers that are slow or fail, if that is asked for; `hear` is told of all
 * ways that any of them takes.
 */
export function noticeRequest(
  request: TraceRequest,
  dataPlane: DataPlane,
  withProbes: boolean,
  recorder?: Recorder,
  hear: (outcomes: readonly Outcome[]) => void = () => {},
): Seen {
  const { scheme } = request;
  const heard = (outcomes: readonly Outcome[]): readonly Outcome[] => {
    hear(outcomes);
    return outcomes;
  };
  const send = (status: number, seconds: number) =>
    heard(
      traceRequest(
        changedPlane(dataPlane, () => ({ servers: serversThat(() => ({ status, headers: [], body: '', seconds })) })),
        { ...request, isWithoutCircles: true, isWithoutCopies: true },
      ),
    );
  const outcomes = heard(traceRequest(dataPlane, { ...request, isWithoutCircles: true }, recorder));
  const seen = notice(outcomes, request);
  const passed = resourcesOf(outcomes);
  const isThroughZtunnel = outcomes.some(({ hops }) => hops.some(({ side }) => side.startsWith('ztunnel')));
  const told = { isThroughZtunnel, ...proxiesOf(request.from, outcomes), passed, outcomes };
  const isServed = [...(seen.pods ?? []), ...(seen.outside ?? [])].some(({ value }) => value.length > 0);
  if (!withProbes || scheme === 'tcp' || scheme === 'tls' || !isServed) return { noticed: seen, ...told };
  const noticed = { ...seen, ...noticeSlow(send(200, SLOW), SLOW), ...noticeFailing(send(503, 0)) };
  return { noticed, ...told };
}

/** The pods at the ends of the ways of a request by whether their own proxies stand before them. */
function proxiesOf(from: string, outcomes: readonly Outcome[]): Pick<Seen, 'proxied' | 'bare'> {
  const places = (wanted: (side: Hop['side']) => boolean): readonly string[] =>
    outcomes.flatMap(({ hops }) => hops.flatMap(({ side, place }) => (wanted(side) ? [place] : [])));
  const proxied = new Set(places((side) => side !== 'client' && side !== 'server' && side !== 'service'));
  const ends = [from, ...places((side) => side === 'client' || side === 'server')];
  return { proxied, bare: new Set(ends.filter((place) => !proxied.has(place))) };
}

export function refuserIn(outcomes: readonly Outcome[]): string | undefined {
  const steps = outcomes.flatMap(({ hops }) => hops.flatMap((hop) => hop.steps));
  const refusal = steps.find(
    (step) =>
      (step.kind === 'policy' && step.event === 'decides' && !step.isAllowed) ||
      (step.kind === 'filter' && step.event === 'token refused'),
  );
  return refusal?.origin && resourceKey(refusal.origin.resource);
}

function resourcesOf(outcomes: readonly Outcome[]): ReadonlySet<string> {
  const steps = outcomes.flatMap(({ hops }) => hops.flatMap((hop) => hop.steps));
  return new Set(steps.flatMap(({ origin }) => (origin === undefined ? [] : [resourceKey(origin.resource)])));
}

/** Seconds that a slow server takes; longer than timeouts are. */
const SLOW = 86_400;
