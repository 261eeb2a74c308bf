import { decisionOf } from '../../../trace/decision.ts';
import type { Hop, Outcome } from '../../../trace/outcome.ts';
import { assertNever } from '../../../util/assert.ts';
import { parseHostPort } from '../../../util/host-port.ts';
import type { Call, CallSource } from '../call.ts';
import type { Ground } from '../callers.ts';
import type { FollowedCall, FollowedRequest } from '../follow-calls.ts';
import { type NeededOperation, operationOfRequest, operationOfRoute } from './needed-operation.ts';

/** A place where policies are decided about a request: at a workload, or at the waypoint of a service. */
export type Checkpoint =
  | { readonly kind: 'workload'; readonly workload: string; readonly by: 'sidecar' | 'ztunnel' }
  | { readonly kind: 'service'; readonly host: string; readonly waypoint: string };

/** A call as a checkpoint sees it, which has to let it in. */
export interface NeededAdmission {
  readonly checkpoint: Checkpoint;
  /** Without `spiffe://`; undefined for plain text. */
  readonly principal: string | undefined;
  /** As policies there number it. */
  readonly port: number;
  readonly operation: NeededOperation;
  readonly call: Call;
  readonly sources: readonly CallSource[];
}

/** A text that is the same for the same checkpoint. */
export function checkpointKey(checkpoint: Checkpoint): string {
  return checkpoint.kind === 'workload' ? `workload ${checkpoint.workload}` : `service ${checkpoint.host}`;
}

/** What each checkpoint sees of calls that it lets in now; what it refuses today is no call to let in. */
export function admissionsOf(calls: readonly FollowedCall[], ground: Ground): readonly NeededAdmission[] {
  return calls.flatMap(({ call, requests }) =>
    requests.flatMap((request) => request.outcomes.flatMap((outcome) => admissionsOfWay(outcome, request, call, ground))),
  );
}

function admissionsOfWay(outcome: Outcome, request: FollowedRequest, call: Call, ground: Ground): readonly NeededAdmission[] {
  const refusedAt = decisionOf(outcome)?.proxy;
  const identities = new Map<string, string>();
  const atHops = outcome.hops.flatMap((hop): readonly NeededAdmission[] => {
    const identity = identityIn(hop);
    if (identity !== undefined) identities.set(hop.place, identity);
    if (hop.place === refusedAt) return [];
    const seen = sightOf(hop, ground);
    if (seen === undefined) return [];
    const principal = (identity ?? identities.get(hop.place))?.replace('spiffe://', '');
    const operation = seen.isHttp ? operationAt(hop, outcome, request, call, ground) : {};
    const alike = seen.checkpoint.kind === 'workload' ? workloadsAlike(hop.place, outcome, ground) : [];
    const checkpoints = [
      seen.checkpoint,
      ...alike.map(
        (workload): Checkpoint => ({
          kind: 'workload',
          workload,
          by: seen.checkpoint.kind === 'workload' ? seen.checkpoint.by : 'sidecar',
        }),
      ),
    ];
    return checkpoints.map((checkpoint) => ({ checkpoint, principal, port: seen.port, operation, call, sources: call.sources }));
  });
  return [...atHops, ...admissionsOfCopies(outcome, call, ground)];
}

/** Copies that routes make of a request arrive elsewhere, with the identity of the proxy that makes them. */
function admissionsOfCopies(
  { hops, deliveries }: Outcome,
  call: Call,
  { dataPlane, workloads, idOf }: Ground,
): readonly NeededAdmission[] {
  const maker = hops.find(({ steps }) => steps.some((step) => step.kind === 'mirror' && step.event === 'copied'));
  const principal = dataPlane.podByKey.get(maker?.place ?? '')?.identity.replace('spiffe://', '');
  return deliveries
    .filter(({ isMirror }) => isMirror)
    .flatMap((delivery) =>
      [delivery.pod, ...(delivery.kin ?? [])].flatMap((key): readonly NeededAdmission[] => {
        const pod = dataPlane.podByKey.get(key);
        const server = pod && workloads.get(idOf(pod));
        if (typeof delivery.port !== 'number' || (server?.kind !== 'workload' && server?.kind !== 'ambient')) return [];
        const isSidecar = server.kind === 'workload';
        const operation = isSidecar && call.isExact ? operationOfRequest(delivery.method, delivery.path) : {};
        const checkpoint: Checkpoint = { kind: 'workload', workload: server.id, by: isSidecar ? 'sidecar' : 'ztunnel' };
        return [{ checkpoint, principal, port: delivery.port, operation, call, sources: call.sources }];
      }),
    );
}

/** Who the other end of a connection is, as its certificate tells. */
function identityIn({ steps }: Hop): string | undefined {
  for (const step of steps) {
    if (step.kind === 'tls' && step.event === 'established') return step.isMutual ? step.identities[0] : undefined;
    if (step.kind === 'ztunnel' && step.event === 'takes the tunnel') return step.identity;
  }
  return undefined;
}

interface Sight {
  readonly checkpoint: Checkpoint;
  readonly port: number;
  readonly isHttp: boolean;
}

/** What a hop is as a checkpoint; undefined for those on the way, and for gateways. */
function sightOf({ place, side, steps }: Hop, { dataPlane, workloads, idOf }: Ground): Sight | undefined {
  const pod = dataPlane.podByKey.get(place);
  const id = pod && idOf(pod);
  switch (side) {
    case 'inbound': {
      const port = steps
        .flatMap((step) => (step.kind === 'listener' && step.event === 'takes the connection' ? [portOf(step.destination)] : []))
        .at(-1);
      if (id === undefined || workloads.get(id)?.kind !== 'workload' || !port) return undefined;
      return {
        checkpoint: { kind: 'workload', workload: id, by: 'sidecar' },
        port,
        isHttp: steps.some(({ kind }) => kind === 'virtual host'),
      };
    }
    case 'ztunnel inbound': {
      const target = steps.flatMap((step) => {
        if (step.kind !== 'ztunnel') return [];
        return step.event === 'takes the tunnel' ? [step.target] : step.event === 'takes plain text' ? [step.destination] : [];
      })[0];
      const port = portOf(target ?? '');
      if (id === undefined || port === 0 || workloads.get(id)?.kind !== 'ambient') return undefined;
      return { checkpoint: { kind: 'workload', workload: id, by: 'ztunnel' }, port, isHttp: false };
    }
    case 'waypoint': {
      const chain = steps.find(
        (step) => step.kind === 'filter chain' && step.event === 'fits' && step.name.startsWith('inbound-vip|'),
      );
      const [, port = '', protocol = '', host = ''] = chain?.name.split('|') ?? [];
      if (host === '') return undefined;
      return { checkpoint: { kind: 'service', host, waypoint: place }, port: Number(port), isHttp: protocol === 'http' };
    }
    case 'client':
    case 'outbound':
    case 'gateway':
    case 'ztunnel outbound':
    case 'service':
    case 'server':
      return undefined;
    default:
      return assertNever(side);
  }
}

function portOf(destination: string): number {
  return parseHostPort(destination)?.port ?? 0;
}

/** Other workloads whose pods are reached in the same way, for which this one stands. */
function workloadsAlike(place: string, { deliveries }: Outcome, { dataPlane, idOf }: Ground): readonly string[] {
  const own = dataPlane.podByKey.get(place);
  const kin = deliveries.flatMap((delivery) => (delivery.pod === place ? (delivery.kin ?? []) : []));
  const ids = kin.flatMap((key) => {
    const pod = dataPlane.podByKey.get(key);
    return pod === undefined ? [] : [idOf(pod)];
  });
  return [...new Set(ids)].filter((id) => own === undefined || id !== idOf(own));
}

/** What the checkpoint at a hop sees of a request. */
function operationAt(
  hop: Hop,
  outcome: Outcome,
  { request }: FollowedRequest,
  call: Call,
  { dataPlane }: Ground,
): NeededOperation {
  const delivery = outcome.deliveries.find(({ pod }) => pod === hop.place);
  const path = delivery?.path ?? request.request.target;
  if (call.isExact) return operationOfRequest(delivery?.method ?? request.method, path);
  return operationOfRoute(outcome, (place) => {
    const pod = dataPlane.podByKey.get(place);
    return pod && dataPlane.snapshotOf(pod);
  });
}
