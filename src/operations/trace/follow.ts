import { usageError } from '../../diagnostics/user-error.ts';
import { MOST_WAYS } from '../../trace/choices.ts';
import { podKey } from '../../trace/data-plane.ts';
import type { Outcome, TraceRequest } from '../../trace/outcome.ts';
import { unknownServers } from '../../trace/servers/unknown.ts';
import { traceRequest } from '../../trace/trace.ts';
import { compact } from '../../util/object.ts';
import { type AddressNote, findPod, OUTSIDE } from '../../workbench/addresses.ts';
import type { Benches } from '../../workbench/clusters.ts';
import { surroundingsOf } from '../../workbench/surroundings.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import { createNetworkStoppers, type StoppableConnection, stoppableConnections } from '../network-stoppers.ts';
import { noEntrance } from '../why/entrance.ts';
import type { WhyNot } from '../why/reason.ts';
import { whyOfOutcomes } from '../why/why.ts';
import type { Question } from './question.ts';

/** A request with the ways that it can take. */
export interface TracedRequest {
  readonly request: TraceRequest;
  /** How its address was found, where that is worth a word. */
  readonly note: AddressNote | undefined;
  readonly outcomes: readonly Outcome[];
  /** Whether there are more ways than were followed. */
  readonly hasMoreWays: boolean;
  /** What was dropped of what the request would have needed. */
  readonly why: readonly WhyNot[];
  /** The connections on its ways that network policies may stop, none of which is simulated. */
  readonly stoppable: readonly StoppableConnection[];
}

/** Follows a request through a mesh. Throws a UserError where its client or its gateway is not there. */
export function followRequest(bench: Workbench, question: Question, now: number): TracedRequest {
  return followAmong([bench], question, now);
}

/** The same over all primaries of several clusters. */
export function followAmong(benches: Benches, question: Question, now: number): TracedRequest {
  const { host, port, path, gateway } = question;
  const surroundings = surroundingsOf(benches, { servers: unknownServers, now });
  const { dataPlane, namespace, meshes } = surroundings;
  const client = findPod(question.from, dataPlane, namespace);
  const find = (): ReturnType<typeof surroundings.resolve> | undefined =>
    client === undefined
      ? surroundings.entrance({ host, port, target: path, gateway })
      : surroundings.resolve(host, port, client);
  const found = question.address ?? find();
  const addressedAt =
    client === undefined && question.address !== undefined ? surroundings.outsideAt(question.address.ip, gateway) : undefined;
  if (found === undefined) throw noEntrance(meshes, host, port);
  if (gateway !== undefined && client !== undefined) throw usageError('--gateway is for clients outside: --from outside');
  const request: TraceRequest = {
    from: client === undefined ? OUTSIDE : podKey(client),
    address: 'unresolved' in found ? found : { ip: found.ip, port: found.port },
    ...compact({ entersAt: 'entersAt' in found ? found.entersAt : addressedAt }),
    ...question.request,
  };
  const outcomes = traceRequest(dataPlane, request);
  return {
    request,
    note: 'unresolved' in found ? undefined : found.note,
    outcomes,
    hasMoreWays: outcomes.length >= MOST_WAYS,
    why: whyOfOutcomes(benches, outcomes, request.authority),
    stoppable: stoppableConnections(createNetworkStoppers(benches[0].inputs), outcomes, request.from),
  };
}
