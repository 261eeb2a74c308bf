import type { Outcome, TraceRequest } from '../../trace/outcome.ts';
import { traceRequest } from '../../trace/trace.ts';
import { mapTold, type OnProgress } from '../../util/progress.ts';
import { differencesBetween } from '../diff/compare-requests.ts';
import { notice } from '../diff/notice.ts';
import type { Noticed } from '../diff/noticed.ts';
import type { RequestChange } from '../diff/report.ts';
import type { Call, CallRequest } from './call.ts';
import type { Ground } from './callers.ts';

/** What became of a request. */
export interface FollowedRequest {
  readonly request: CallRequest;
  readonly outcomes: readonly Outcome[];
  readonly noticed: Noticed;
}

/** A call whose requests were followed. */
export interface FollowedCall {
  readonly call: Call;
  readonly requests: readonly FollowedRequest[];
}

/** A request that ends otherwise. */
export interface ChangedRequest {
  readonly caller: string;
  readonly method: string;
  readonly url: string;
  readonly differences: RequestChange['differences'];
}

/** Follows the requests of calls through a mesh; `onProgress` is told of each call. */
export function followCalls(calls: readonly Call[], { dataPlane }: Ground, onProgress?: OnProgress): readonly FollowedCall[] {
  return mapTold(calls, onProgress, (call) => ({
    call,
    requests: call.requests.map((request) => {
      const outcomes = traceRequest(dataPlane, request.request);
      return { request, outcomes, noticed: notice(outcomes, request.request) };
    }),
  }));
}

/** The requests of a call that end otherwise in another mesh. */
export function changesOfCall({ call, requests }: FollowedCall, after: Ground): readonly ChangedRequest[] {
  return requests.flatMap(({ request: { method, url, request }, outcomes, noticed }) => {
    const later = traceRequest(after.dataPlane, request);
    if (isAsUnknown(outcomes, later)) return [];
    const differences = differencesBetween(noticed, notice(later, request));
    return Object.keys(differences).length === 0 ? [] : [{ caller: call.caller, method, url, differences }];
  });
}

/** What a client's proxy calls that which it does not know. */
const UNKNOWN: ReadonlySet<string> = new Set(['allow_any', 'block_all', 'PassthroughCluster', 'BlackHoleCluster']);

/**
 * Whether a host is unknown to the client's proxy before and after, and is let through both times or refused both times. Whether the
 * proxy looks at such requests or passes bytes on depends on what else it knows of that port, and only shows in how it refuses.
 */
function isAsUnknown(before: readonly Outcome[], after: readonly Outcome[]): boolean {
  const [one, ...others] = [...before, ...after].map(unknownEnd);
  return one !== undefined && others.every((other) => other === one);
}

function unknownEnd({ hops, status }: Outcome): string | undefined {
  const [first] = hops;
  if (first?.side !== 'outbound' || !first.steps.some(({ name }) => UNKNOWN.has(name))) return undefined;
  return hops.some(({ side }) => side === 'server') ? `served ${status}` : 'refused';
}

/** What the proxy of a client does with a request, by the names of what it uses. */
export interface ClientPath {
  readonly listeners: readonly string[];
  readonly virtualHost: { readonly routeConfiguration: string; readonly name: string } | undefined;
  readonly clusters: readonly string[];
}

/** What the client's own proxy does in one way that a request takes; undefined where it has none. */
export function clientPathOf({ hops }: Outcome, from: TraceRequest['from']): ClientPath | undefined {
  const own = hops.filter(({ place, side }) => place === from && side === 'outbound');
  if (own.length === 0) return undefined;
  const steps = own.flatMap((hop) => hop.steps);
  const [virtualHost] = steps.flatMap((step) =>
    step.kind === 'virtual host' && step.event === 'chosen'
      ? [{ routeConfiguration: step.routeConfiguration, name: step.name }]
      : [],
  );
  return {
    listeners: steps.flatMap(({ kind, name }) => (kind === 'listener' ? [name] : [])),
    virtualHost,
    clusters: steps.flatMap(({ kind, name }) => (kind === 'cluster' ? [name] : [])),
  };
}
