import { podKey } from '../../../trace/data-plane.ts';
import { addAll, groupBy } from '../../../util/collections.ts';
import type { OnProgress } from '../../../util/progress.ts';
import { compareText } from '../../../util/text.ts';
import { amendedGround } from '../amended.ts';
import type { CallingWorkload, Ground } from '../callers.ts';
import { changesOfCall, followCalls } from '../follow-calls.ts';
import { type CallSources, gatherCalls } from '../gather-calls.ts';
import type { Proof } from '../report.ts';
import { assumptionsOf } from '../taken-for-granted.ts';
import type { Saving, SidecarAdvice, SidecarReport, WithoutSidecar } from './advice.ts';
import { needsOf } from './egress-hosts.ts';
import { meetsSameConfiguration, takesTheSame } from './same-configuration.ts';
import { createMeasure } from './size.ts';
import { type SidecarMember, unitsOfNamespaces, unitsOfWorkloads } from './units.ts';

/** What is asked for. */
export interface SidecarQuestion {
  readonly workloads: readonly CallingWorkload[];
  readonly per: 'workload' | 'namespace';
  /** Whether the calls are all that there are, so that a workload without any calls nobody. */
  readonly isComplete: boolean;
}

/** The smallest Sidecars that change no call which is declared or observed, with the proof; `onProgress` is told of each Sidecar that is tried. */
export function recommendSidecars(
  ground: Ground,
  sources: CallSources,
  question: SidecarQuestion,
  onProgress?: OnProgress,
): SidecarReport {
  const { calls, strangers, unknown } = gatherCalls(ground, sources);
  const { members, skipped: unfit } = membersOf(question, ground, calls);
  const unitsOf = question.per === 'workload' ? unitsOfWorkloads : unitsOfNamespaces;
  const { units, skipped: unadvised } = unitsOf(members, question.isComplete, ground);
  const after = amendedGround(
    ground,
    units.map(({ manifest }) => manifest),
  );
  const sizeOf = createMeasure();
  const advice: SidecarAdvice[] = [];
  const proven: SidecarMember[] = [];
  const skipped: WithoutSidecar[] = [...unfit, ...unadvised];
  for (const [index, { subject, members: some, manifest, hosts, replaces }] of units.entries()) {
    onProgress?.(index, units.length);
    const changed = some.flatMap(({ needs }) => needs.calls.flatMap((call) => changesOfCall(call, after)));
    const savings = some.map(({ caller }) => savingOf(caller, ground, after, sizeOf));
    if (changed.length > 0) skipped.push({ subject, reason: { kind: 'would change', requests: changed } });
    else if (savings.every((saving) => saving.after.bytes >= saving.before.bytes)) {
      skipped.push({ subject, reason: { kind: 'nothing to save' } });
    } else {
      advice.push({ manifest, workloads: some.map(({ caller }) => caller.id), hosts, replaces, savings });
      addAll(proven, some);
    }
  }
  return {
    advice: advice.sort((a, b) => compareText(keyOf(a), keyOf(b))),
    skipped: skipped.sort((a, b) => compareText(a.subject, b.subject)),
    proof: proofOf(proven, ground, after),
    unused: { strangers, unknown },
  };
}

function keyOf({ manifest: { metadata } }: SidecarAdvice): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** The workloads with a sidecar that are asked for, of namespaces all; the others are none for Sidecars. */
function membersOf(
  { workloads, per }: SidecarQuestion,
  ground: Ground,
  calls: ReturnType<typeof gatherCalls>['calls'],
): { readonly members: readonly SidecarMember[]; readonly skipped: readonly WithoutSidecar[] } {
  const namespaces = new Set(workloads.map(({ workload }) => workload.namespace));
  const wanted =
    per === 'workload' ? workloads : [...ground.workloads.values()].filter(({ workload }) => namespaces.has(workload.namespace));
  const ids = new Set(wanted.map(({ id }) => id));
  const followed = groupBy(
    followCalls(
      calls.filter(({ caller }) => ids.has(caller)),
      ground,
    ),
    ({ call }) => call.caller,
  );
  const proxies = new Map(ground.bench.mesh.proxies.map((proxy) => [podKey(proxy), proxy]));
  const members: SidecarMember[] = [];
  const skipped: WithoutSidecar[] = [];
  for (const caller of wanted) {
    const proxy = proxies.get(podKey(caller.pod));
    if (caller.kind !== 'workload') skipped.push({ subject: caller.id, reason: { kind: 'no sidecar', is: caller.kind } });
    else if (proxy !== undefined)
      members.push({ caller, proxy, needs: needsOf(caller, proxy, followed.get(caller.id) ?? [], ground) });
  }
  return { members, skipped };
}

/** What was compared for these workloads, whose calls end the same. */
function proofOf(members: readonly SidecarMember[], before: Ground, after: Ground): Proof {
  const checked = members.flatMap(({ caller, needs }) => {
    const earlier = before.dataPlane.snapshotOf(caller.pod);
    const later = after.dataPlane.snapshotOf(caller.pod);
    const isTakenTheSame = earlier !== undefined && later !== undefined && takesTheSame(earlier, later);
    const isWhole = (call: (typeof needs.calls)[number]): boolean =>
      isTakenTheSame && meetsSameConfiguration(call, earlier, later);
    return needs.calls.map((call) => ({ call, requests: call.requests.length, isWhole: isWhole(call) }));
  });
  // What meets the same configuration does so whatever that is.
  const whole = new Map(checked.flatMap(({ call, isWhole }) => (isWhole ? [[call.call, []] as const] : [])));
  return {
    calls: checked.length,
    ...assumptionsOf(
      checked.map(({ call }) => call),
      whole,
      after,
    ),
    whole: checked.filter(({ isWhole }) => isWhole).length,
    requests: checked.reduce((sum, { requests }) => sum + requests, 0),
  };
}

function savingOf({ id, pod }: CallingWorkload, before: Ground, after: Ground, sizeOf: ReturnType<typeof createMeasure>): Saving {
  const proxies = before.dataPlane.pods.filter((one) => before.idOf(one) === id).length;
  const [earlier, later] = [before, after] as const;
  return {
    workload: id,
    proxies,
    before: sizeOf(earlier.dataPlane.snapshotOf(pod)),
    after: sizeOf(later.dataPlane.snapshotOf(pod)),
  };
}
