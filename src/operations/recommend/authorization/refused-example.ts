import type { Outcome } from '../../../trace/outcome.ts';
import { traceRequest } from '../../../trace/trace.ts';
import type { CallRequest } from '../call.ts';
import type { CallingWorkload, Ground } from '../callers.ts';
import type { ExampleRequests } from '../example-requests.ts';
import type { Checkpoint, NeededAdmission } from './admissions.ts';
import { checkpointKey } from './admissions.ts';
import type { RefusedExample } from './advice.ts';
import { serviceOfHost } from './checkpoints.ts';

/** So many callers are tried for an example. */
const MOST_TRIED = 5;

/**
 * A request of somebody that nothing declares, to what a checkpoint guards, which gets there now; what becomes of it in another mesh.
 * Undefined where none of those that were tried gets there.
 */
export function undeclaredRequest(
  checkpoints: readonly Checkpoint[],
  admissions: readonly NeededAdmission[],
  examples: ExampleRequests,
  before: Ground,
  after: Ground,
): RefusedExample | undefined {
  const principals = new Set(admissions.map(({ principal }) => principal));
  const guarded = new Set(checkpoints.flatMap((checkpoint) => (checkpoint.kind === 'workload' ? [checkpoint.workload] : [])));
  const strangers = [...before.workloads.values()].filter(
    ({ id, kind, pod }) => kind !== 'gateway' && !guarded.has(id) && !principals.has(pod.identity.replace('spiffe://', '')),
  );
  // Who has an identity shows better what a policy does.
  strangers.sort((a, b) => Number(a.kind === 'without sidecar') - Number(b.kind === 'without sidecar'));
  const keys = new Set(checkpoints.map(checkpointKey));
  for (const stranger of strangers.slice(0, MOST_TRIED)) {
    for (const request of requestsOf(stranger, checkpoints, examples, before)) {
      const earlier = traceRequest(before.dataPlane, request.request);
      if (!earlier.some((outcome) => arrives(outcome, keys, before))) continue;
      const later = traceRequest(after.dataPlane, request.request);
      const { method, url } = request;
      const isRefused = !later.some((outcome) => arrives(outcome, keys, after));
      return { caller: stranger.id, method, url, before: statusOf(earlier), after: statusOf(later), isRefused };
    }
  }
  return undefined;
}

/** One request of a caller to each port of a service that is guarded. */
function requestsOf(
  caller: CallingWorkload,
  checkpoints: readonly Checkpoint[],
  examples: ExampleRequests,
  ground: Ground,
): readonly CallRequest[] {
  const { registry } = ground.bench.mesh;
  return checkpoints.flatMap((checkpoint) => {
    if (checkpoint.kind === 'service') {
      const service = serviceOfHost(checkpoint.host, ground);
      return (service?.ports ?? []).flatMap((port) =>
        service === undefined ? [] : examples.to(caller, service, port).slice(0, 1),
      );
    }
    const workload = ground.workloads.get(checkpoint.workload)?.workload;
    const targets = workload === undefined ? [] : registry.targetsOf(workload);
    return targets.flatMap(({ service, port }) => examples.to(caller, service, port).slice(0, 1));
  });
}

/** Whether a request gets past a checkpoint to a server. */
function arrives({ hops, deliveries }: Outcome, keys: ReadonlySet<string>, { dataPlane, idOf }: Ground): boolean {
  const places = hops.flatMap(({ place, side, steps }) => {
    const pod = dataPlane.podByKey.get(place);
    if (side === 'server' && pod !== undefined) return [`workload ${idOf(pod)}`];
    return steps.flatMap(({ kind, name }) =>
      kind === 'filter chain' && name.startsWith('inbound-vip|') ? [`service ${name.split('|')[3]}`] : [],
    );
  });
  const isServed = deliveries.length > 0 || hops.some(({ side }) => side === 'server');
  return isServed && places.some((place) => keys.has(place));
}

function statusOf(outcomes: readonly Outcome[]): number {
  return outcomes[0]?.status ?? 0;
}
