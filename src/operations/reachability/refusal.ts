import { allowPoliciesOf } from '../../sample-requests/targets.ts';
import { type DataPlane, podNamed } from '../../trace/data-plane.ts';
import { decisionOf } from '../../trace/decision.ts';
import type { Outcome } from '../../trace/outcome.ts';
import type { TracePod } from '../../trace/pod.ts';
import type { Reason } from './graph.ts';

/** Why a policy refused the request; of policies that only allow, those that do not allow it. */
export function refusalOf(outcome: Outcome, dataPlane: DataPlane): Reason | undefined {
  const refusal = decisionOf(outcome);
  if (refusal === undefined) return undefined;
  const { proxy, decision } = refusal;
  if (decision.kind !== 'nobody allows') return decision;
  const pod = podNamed(dataPlane, proxy);
  const snapshot = pod && dataPlane.snapshotOf(pod);
  const policies =
    snapshot === undefined ? allowedAtZtunnel(pod, dataPlane) : allowPoliciesOf(snapshot, chainAtWaypoint(outcome));
  return { kind: 'not allowed', policies };
}

/** A waypoint has a filter chain for each port of what it serves: that of the one which refused the request. */
function chainAtWaypoint({ hops }: Outcome): string | undefined {
  const refusing = hops.find(({ side, log }) => side === 'waypoint' && log?.details?.startsWith('rbac_') === true);
  return refusing?.steps.find(({ kind }) => kind === 'filter chain')?.name;
}

/** The policies at ztunnel that allow somebody to reach a pod. */
function allowedAtZtunnel(pod: TracePod | undefined, { ztunnel }: DataPlane): readonly string[] {
  const workload = pod && ztunnel?.captured(pod);
  const policies = workload === undefined ? [] : (ztunnel?.policiesOf(workload) ?? []);
  return policies
    .flatMap(({ action = 'ALLOW', namespace, name, dryRun }) =>
      action === 'ALLOW' && dryRun !== true ? [`${namespace}/${name}`] : [],
    )
    .sort();
}
