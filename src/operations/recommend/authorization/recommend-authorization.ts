import { addAll, groupBy } from '../../../util/collections.ts';
import type { OnProgress } from '../../../util/progress.ts';
import { compareText } from '../../../util/text.ts';
import { amendedGround } from '../amended.ts';
import type { CallSource } from '../call.ts';
import type { CallingWorkload, Ground } from '../callers.ts';
import type { ExampleRequests } from '../example-requests.ts';
import { type ChangedRequest, changesOfCall, type FollowedCall, followCalls } from '../follow-calls.ts';
import { type CallSources, gatherCalls } from '../gather-calls.ts';
import { assumptionsOf } from '../taken-for-granted.ts';
import { admissionsOf, checkpointKey, type NeededAdmission } from './admissions.ts';
import type { AuthorizationAdvice, AuthorizationReport, KnownCaller, WithoutPolicy } from './advice.ts';
import { guardedPlaces } from './checkpoints.ts';
import { draftsOfNamespaces, draftsOfPlaces, nameOfCheckpoint, type PolicyDraft, policyOf } from './drafts.ts';
import { compareEveryRequest, type EveryRequest } from './every-request.ts';
import { admissionsOfGateways, callsOfProxies } from './proxy-calls.ts';
import { undeclaredRequest } from './refused-example.ts';
import type { Precision } from './rules.ts';

/** What is asked for. */
export interface AuthorizationQuestion {
  readonly workloads: readonly CallingWorkload[];
  readonly per: 'workload' | 'namespace';
  /** Whether the calls are all that there are, so that a workload without any is called by nobody. */
  readonly isComplete: boolean;
  /** How exactly the policies are to say what is let in. */
  readonly detail: Precision;
}

/** The policies that let in what is declared or observed and nothing else, with the proof; `onProgress` is told of each call that is followed. */
export function recommendAuthorization(
  ground: Ground,
  sources: CallSources,
  question: AuthorizationQuestion,
  onProgress?: OnProgress,
): AuthorizationReport {
  const { calls, examples, strangers, unknown } = gatherCalls(ground, sources);
  const followed = followCalls([...calls, ...callsOfProxies(ground, examples)], ground, onProgress);
  const admissions = [...admissionsOf(followed, ground), ...admissionsOfGateways(ground)];
  const namespaces = new Set(question.workloads.map(({ workload }) => workload.namespace));
  const wanted =
    question.per === 'workload'
      ? question.workloads
      : [...ground.workloads.values()].filter(({ workload }) => namespaces.has(workload.namespace));
  const places = guardedPlaces(wanted, admissions, ground);
  const draftsOf = question.per === 'workload' ? draftsOfPlaces : draftsOfNamespaces;
  const { drafts, skipped, guardedAlready } = draftsOf(places, question.isComplete, ground);
  const tried = tryDrafts(drafts, question.detail, followed, ground);
  const all: WithoutPolicy[] = [
    ...question.workloads.flatMap(unfit),
    ...skipped,
    ...tried.failed,
    ...guardedAlready.map(
      ({ checkpoint, admissions: known, allowing }): WithoutPolicy => ({
        subject: nameOfCheckpoint(checkpoint),
        reason: {
          kind: 'has policies',
          policies: allowing,
          letsIn: undeclaredRequest([checkpoint], known, examples, ground, ground),
        },
      }),
    ),
  ];
  const advice = tried.kept.map(({ draft, precision }) =>
    adviceOf(draft, precision, precision !== question.detail, examples, ground, tried.after),
  );
  return {
    advice: advice.sort((a, b) => compareText(keyOf(a), keyOf(b))),
    skipped: all.sort((a, b) => compareText(a.subject, b.subject)),
    proof: {
      calls: followed.length,
      whole: tried.every?.whole.size ?? 0,
      ...assumptionsOf(followed, tried.every?.whole ?? new Map(), tried.after),
      requests: followed.reduce((sum, { requests }) => sum + requests.length, 0),
    },
    unused: { strangers, unknown },
  };
}

function keyOf({ manifest: { metadata } }: AuthorizationAdvice): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function unfit({ id, kind }: CallingWorkload): readonly WithoutPolicy[] {
  if (kind === 'gateway') return [{ subject: id, reason: { kind: 'gateway' } }];
  return kind === 'without sidecar' ? [{ subject: id, reason: { kind: 'no proxy' } }] : [];
}

interface TriedDraft {
  readonly draft: PolicyDraft;
  readonly precision: Precision;
}

interface TriedDrafts {
  readonly kept: readonly TriedDraft[];
  readonly failed: readonly WithoutPolicy[];
  /** The mesh with the policies that are kept. */
  readonly after: Ground;
  /** What is known of all requests; undefined where nothing is kept. */
  readonly every: EveryRequest | undefined;
}

/**
 * Tries policies with all calls. Where a call ends otherwise, those at its checkpoints are written without methods and paths, and left
 * out where that does not help; then all is tried again, until nothing ends otherwise.
 */
function tryDrafts(
  drafts: readonly PolicyDraft[],
  detail: Precision,
  calls: readonly FollowedCall[],
  ground: Ground,
): TriedDrafts {
  const failed: WithoutPolicy[] = [];
  let kept: readonly TriedDraft[] = drafts.map((draft) => ({ draft, precision: detail }));
  for (;;) {
    const after = amendedGround(
      ground,
      kept.map(({ draft, precision }) => policyOf(draft, precision)),
    );
    const tried = calls
      .map((call) => ({ call, changes: changesOfCall(call, after) }))
      .filter(({ changes }) => changes.length > 0);
    // What was followed are examples; all others are looked at once these end the same.
    const every = tried.length > 0 || kept.length === 0 ? undefined : compareEveryRequest(calls, ground, after);
    const changed = every === undefined ? tried : every.changed;
    if (changed.length === 0) return { kept, failed, after, every };
    const blamed = (draft: PolicyDraft): readonly ChangedRequest[] => {
      const own = new Set(draft.checkpoints.map(checkpointKey));
      return changed.flatMap(({ call, changes }) =>
        admissionsOf([call], ground).some(({ checkpoint }) => own.has(checkpointKey(checkpoint))) ? changes : [],
      );
    };
    const next = kept.flatMap(({ draft, precision }): readonly TriedDraft[] => {
      const changes = blamed(draft);
      if (changes.length === 0) return [{ draft, precision }];
      if (precision !== 'ports') return [{ draft, precision: 'ports' }];
      failed.push({ subject: draft.subject, reason: { kind: 'would change', requests: changes } });
      return [];
    });
    if (next.length < kept.length || next.some(({ precision }, index) => precision !== kept[index]?.precision)) {
      kept = next;
      continue;
    }
    // Nobody is to blame that is known: nothing is recommended that changes something.
    const changes = changed.flatMap((one) => one.changes);
    addAll(
      failed,
      kept.map(({ draft }): WithoutPolicy => ({ subject: draft.subject, reason: { kind: 'would change', requests: changes } })),
    );
    return { kept: [], failed, after: ground, every: undefined };
  }
}

function adviceOf(
  draft: PolicyDraft,
  precision: Precision,
  isCoarse: boolean,
  examples: ExampleRequests,
  before: Ground,
  after: Ground,
): AuthorizationAdvice {
  const { guarded, checkpoints, admissions, takesPlainText, probes } = draft;
  return {
    manifest: policyOf(draft, precision),
    guarded,
    callers: callersOf(admissions),
    takesPlainText,
    probes,
    isCoarse,
    refused: undeclaredRequest(checkpoints, admissions, examples, before, after),
  };
}

function callersOf(admissions: readonly NeededAdmission[]): readonly KnownCaller[] {
  return [...groupBy(admissions, ({ principal }) => principal ?? '')]
    .map(([principal, all]) => {
      const sources = new Map(
        all.flatMap((one) => one.sources).map((source): [string, CallSource] => [JSON.stringify(source), source]),
      );
      return { principal, sources: [...sources.values()] };
    })
    .sort((a, b) => compareText(a.principal, b.principal));
}
