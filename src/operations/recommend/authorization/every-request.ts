import { createExplorationMemory, exploreRequests } from '../../../exploration/explore.ts';
import type { OpenRequest } from '../../../exploration/open-request.ts';
import { ALWAYS } from '../../../request-space/formula.ts';
import type { KnownVariables } from '../../../request-space/variables.ts';
import type { TraceRequest } from '../../../trace/outcome.ts';
import { traceRequest } from '../../../trace/trace.ts';
import { OUTSIDE } from '../../../workbench/addresses.ts';
import { differencesBetween } from '../../diff/compare-requests.ts';
import { notice } from '../../diff/notice.ts';
import type { RequestChange } from '../../diff/report.ts';
import type { Call, CallRequest } from '../call.ts';
import type { Ground } from '../callers.ts';
import { type ChangedRequest, type FollowedCall, followCalls } from '../follow-calls.ts';
import { takenForGranted } from '../taken-for-granted.ts';

/** So many classes of requests of one call are looked at, and of all calls together. */
const MOST_OF_CALL = 200;
const MOST_OF_ALL = 1_000;

/** A call with those of its requests that end otherwise. */
interface ChangedCall {
  readonly call: FollowedCall;
  readonly changes: readonly ChangedRequest[];
}

/** What is known of all requests of calls, whatever their paths, methods, headers and tokens. */
export interface EveryRequest {
  /** The calls of which all requests end the same, with what was taken for granted of each, in short. */
  readonly whole: ReadonlyMap<Call, readonly string[]>;
  /** Requests, each of a class, that end otherwise. */
  readonly changed: readonly ChangedCall[];
}

/**
 * Compares all requests of calls before and after, class by class (exploration/explore.ts). Calls that are known request by request are
 * left out: nothing says that their callers ask for anything else. So are connections that carry no HTTP, calls of which something
 * decides that cannot be told of a request, and what is too much.
 */
export function compareEveryRequest(calls: readonly FollowedCall[], before: Ground, after: Ground): EveryRequest {
  const whole = new Map<Call, readonly string[]>();
  const changed: ChangedCall[] = [];
  let left = MOST_OF_ALL;
  // Requests of most calls are asked the same.
  const variables: KnownVariables = new Map();
  for (const { call } of calls) {
    const [first] = call.requests;
    if (call.isExact || first === undefined || left <= 0 || !isHttp(first.request)) continue;
    const explored = exploreRequests(
      openOf(first.request),
      (request, begin): RequestChange['differences'] =>
        differencesBetween(
          notice(traceRequest(before.dataPlane, request, begin()), request),
          notice(traceRequest(after.dataPlane, request, begin()), request),
        ),
      Math.min(MOST_OF_CALL, left),
      createExplorationMemory(variables),
    );
    left -= explored.classes.length;
    const changing = explored.classes.filter(({ seen }) => Object.keys(seen).length > 0);
    const requests = changing.map(
      ({ witness: { request } }): CallRequest => ({
        method: request.method,
        url: `${request.scheme}://${request.authority}${request.target}`,
        request,
      }),
    );
    const changes = requests.map(({ method, url }, index): ChangedRequest => {
      return { caller: call.caller, method, url, differences: changing[index]?.seen ?? {} };
    });
    if (changing.length > 0) {
      for (const followed of followCalls([{ ...call, requests }], before)) changed.push({ call: followed, changes });
      continue;
    }
    const { taken, isWhole } = takenForGranted(explored.classes.flatMap(({ assumptions }) => assumptions));
    if (explored.gaveUp === undefined && isWhole) whole.set(call, taken);
  }
  return { whole, changed };
}

function isHttp({ scheme, address }: TraceRequest): boolean {
  return (scheme === 'http' || scheme === 'https') && 'ip' in address;
}

/** All requests that a client may send where it sends this one, to the same host. */
function openOf({ authority, headers: _, method: __, target: ___, trustedTokens: ____, ...request }: TraceRequest): OpenRequest {
  return {
    ...request,
    within: ALWAYS,
    authority,
    isForOneAuthority: true,
    isFromAnyAddress: request.from === OUTSIDE,
    isForAnyServerName: false,
  };
}
