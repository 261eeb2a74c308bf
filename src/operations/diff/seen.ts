import type { DataPlane } from '../../trace/data-plane.ts';
import type { Outcome, TraceRequest } from '../../trace/outcome.ts';
import type { Recorder } from '../../trace/recording/recorder.ts';
import { echoServers } from '../../trace/servers/echo.ts';
import { traceRequest } from '../../trace/trace.ts';
import { compact } from '../../util/object.ts';
import { type ObservedRequest, resourceKey } from './compare-requests.ts';
import { notice, noticeFailing, noticeSlow } from './notice.ts';
import type { Noticed } from './noticed.ts';

/** What is noticed on one side, and whether ztunnel was on the way. */
export interface Seen {
  readonly noticed: Noticed;
  readonly isThroughZtunnel: boolean;
  /** The resources that have a say in it (`resourceKey`). */
  readonly passed: ReadonlySet<string>;
  readonly outcomes: readonly Outcome[];
}

/** Where ztunnel takes the place of a proxy of HTTP or the other way round, what only such a proxy tells or adds is no change. */
export function comparable(before: Seen, after: Seen): Pick<ObservedRequest, 'before' | 'after'> {
  if (before.isThroughZtunnel === after.isThroughZtunnel) return { before: before.noticed, after: after.noticed };
  const [earlier, later] = [ofAnyProxy(before.noticed), ofAnyProxy(after.noticed)];
  // Envoy closes a connection without a word where ztunnel names the policy.
  const isClosedAnyway = [earlier, later].every(({ status }) => status?.every(({ value }) => value === 0) === true);
  return isClosedAnyway ? { before: withoutPolicy(earlier), after: withoutPolicy(later) } : { before: earlier, after: later };
}

function withoutPolicy({ policy: _, ...others }: Noticed): Noticed {
  return others;
}

function ofAnyProxy({ status, policy, pods, mirrors, path, host, tls }: Noticed): Noticed {
  return compact({ status, policy, pods, mirrors, path, host, tls });
}

/** What is noticed of a request in a world, and of the same to servers that are slow or fail, if that is asked for. */
export function noticeRequest(request: TraceRequest, dataPlane: DataPlane, withProbes: boolean, recorder?: Recorder): Seen {
  const { scheme } = request;
  const send = (inWorld: DataPlane, extra: readonly (readonly [string, string])[]) =>
    traceRequest(inWorld, { ...request, headers: [...request.headers, ...extra] });
  const outcomes = traceRequest(dataPlane, request, recorder);
  const seen = notice(outcomes);
  const passed = resourcesOf(outcomes);
  const isThroughZtunnel = outcomes.some(({ hops }) => hops.some(({ side }) => side.startsWith('ztunnel')));
  if (!withProbes || scheme === 'tcp' || scheme === 'tls' || !seen.pods?.some(({ value }) => value.length > 0)) {
    return { noticed: seen, isThroughZtunnel, passed, outcomes };
  }
  const echo: DataPlane = { ...dataPlane, servers: echoServers };
  const noticed = {
    ...seen,
    ...noticeSlow(send(echo, [['x-echo-sleep', String(SLOW)]]), SLOW),
    ...noticeFailing(send(echo, [['x-echo-status', '503']])),
  };
  return { noticed, isThroughZtunnel, passed, outcomes };
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
