import { usageError } from '../../diagnostics/user-error.ts';
import { MOST_WAYS } from '../../trace/choices.ts';
import { podKey } from '../../trace/data-plane.ts';
import type { Outcome, TraceRequest, UnresolvedName } from '../../trace/outcome.ts';
import { unknownServers } from '../../trace/servers/unknown.ts';
import { traceRequest } from '../../trace/trace.ts';
import { findEntrance, findPod, OUTSIDE, type ResolvedAddress, resolveHost } from '../../workbench/addresses.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import { noEntrance } from '../why/entrance.ts';
import type { WhyNot } from '../why/reason.ts';
import { whyOfOutcomes } from '../why/why.ts';
import type { Question } from './question.ts';

/** A request with the ways that it can take. */
export interface TracedRequest {
  readonly request: TraceRequest;
  /** How its address was found, where that is worth a word. */
  readonly note: string | undefined;
  readonly outcomes: readonly Outcome[];
  /** Whether there are more ways than were followed. */
  readonly hasMoreWays: boolean;
  /** What was dropped of what the request would have needed. */
  readonly why: readonly WhyNot[];
}

/** Follows a request through a mesh. Throws a UserError where its client or its gateway is not there. */
export function followRequest(bench: Workbench, question: Question, now: number): TracedRequest {
  const { host, port, path, gateway } = question;
  const { mesh, input } = bench;
  const dataPlane = bench.dataPlane({ servers: unknownServers, now });
  const client = findPod(question.from, dataPlane, input.namespace);
  const find = (): ResolvedAddress | UnresolvedName | undefined =>
    client === undefined
      ? findEntrance({ host, port, target: path, gateway }, mesh, dataPlane, input.namespace)
      : resolveHost(host, port, client, mesh, dataPlane);
  const found = question.address ?? find();
  if (found === undefined) throw noEntrance(mesh, host, port);
  if (gateway !== undefined && client !== undefined) throw usageError('--gateway is for clients outside: --from outside');
  const request: TraceRequest = {
    from: client === undefined ? OUTSIDE : podKey(client),
    address: 'unresolved' in found ? found : { ip: found.ip, port: found.port },
    ...question.request,
  };
  const outcomes = traceRequest(dataPlane, request);
  return {
    request,
    note: 'unresolved' in found ? undefined : found.note,
    outcomes,
    hasMoreWays: outcomes.length >= MOST_WAYS,
    why: whyOfOutcomes(bench, outcomes, request.authority),
  };
}
