import type { AuthorizationPolicy } from '../../../api/istio.gen.ts';
import { resourcesOf } from '../../../resource/select.ts';
import { append, groupBy } from '../../../util/collections.ts';
import type { Ground } from '../callers.ts';
import type { WrittenResource } from '../report.ts';
import { resourceNameFor } from '../resource-name.ts';
import { labelsThatSelect, nameOfApplication } from '../workload-labels.ts';
import type { Checkpoint, NeededAdmission } from './admissions.ts';
import type { AuthorizationReason, Guarded, ProbedPort, WithoutPolicy } from './advice.ts';
import { type GuardedPlace, serviceOfHost } from './checkpoints.ts';
import { probesThroughProxy } from './probes.ts';
import { type Precision, rulesFor } from './rules.ts';

/** A policy before it is tried. */
export interface PolicyDraft {
  readonly subject: string;
  readonly guarded: Guarded;
  readonly checkpoints: readonly Checkpoint[];
  readonly metadata: WrittenResource['metadata'];
  readonly target: Pick<AuthorizationPolicy, 'selector' | 'targetRefs'>;
  readonly admissions: readonly NeededAdmission[];
  readonly probes: readonly ProbedPort[];
  readonly takesPlainText: boolean;
}

/** Drafts, and the places that get none. */
export interface Drafts {
  readonly drafts: readonly PolicyDraft[];
  readonly skipped: readonly WithoutPolicy[];
  /** Places with policies of their own. */
  readonly guardedAlready: readonly GuardedPlace[];
}

/** A draft as a manifest. */
export function policyOf({ metadata, target, admissions, probes }: PolicyDraft, precision: Precision): WrittenResource {
  const rules = rulesFor(admissions, precision, probes);
  // Without a rule a policy allows nobody.
  const spec = { ...target, action: 'ALLOW', ...(rules.length > 0 && { rules }) };
  return { apiVersion: 'security.istio.io/v1', kind: 'AuthorizationPolicy', metadata, spec };
}

/** A policy for each workload, or one for those that are called the same and let in the same, and for each service behind a waypoint. */
export function draftsOfPlaces(places: readonly GuardedPlace[], isComplete: boolean, ground: Ground): Drafts {
  const skipped: WithoutPolicy[] = [];
  const { open, guardedAlready } = openPlaces(places, isComplete, skipped);
  const nameApart = namesBeside(ground);
  const drafts = [...groupBy(open, (place) => likeness(place, ground)).values()].flatMap((group): readonly PolicyDraft[] => {
    const [first] = group;
    if (first?.checkpoint.kind === 'service') return draftOfService(first, first.checkpoint.host, nameApart, ground);
    const together = selectorOf(group, ground);
    const parts = together === undefined ? group.map((place) => [place]) : [group];
    return parts.flatMap((part) => {
      const ids = workloadsOf(part);
      const labels = part === group ? together : selectorOf(part, ground);
      if (labels === undefined) {
        skipped.push({ subject: ids.join(', '), reason: { kind: 'no labels of its own' } });
        return [];
      }
      return draftOfWorkloads(part, ids, { selector: { matchLabels: labels } }, nameApart, ground);
    });
  });
  return { drafts, skipped, guardedAlready };
}

/** One policy for all workloads of a namespace. */
export function draftsOfNamespaces(places: readonly GuardedPlace[], isComplete: boolean, ground: Ground): Drafts {
  const skipped: WithoutPolicy[] = [];
  const byNamespace = new Map<string, GuardedPlace[]>();
  for (const place of places) {
    const { checkpoint } = place;
    const namespace = checkpoint.kind === 'workload' ? ground.workloads.get(checkpoint.workload)?.workload.namespace : undefined;
    if (namespace !== undefined) append(byNamespace, namespace, place);
  }
  const nameApart = namesBeside(ground);
  const drafts = [...byNamespace].flatMap(([namespace, all]): readonly PolicyDraft[] => {
    const reason = reasonAgainst(namespace, all, isComplete, ground);
    if (reason !== undefined) {
      skipped.push({ subject: namespace, reason });
      return [];
    }
    const draft = draftOfWorkloads(all, workloadsOf(all), {}, (home) => nameApart(home, 'callers', ''), ground);
    return draft.map((one) => ({ ...one, subject: namespace, guarded: { kind: 'namespace', namespace } }));
  });
  return { drafts, skipped, guardedAlready: [] };
}

function reasonAgainst(
  namespace: string,
  places: readonly GuardedPlace[],
  isComplete: boolean,
  ground: Ground,
): AuthorizationReason | undefined {
  if (namespace === ground.bench.mesh.rootNamespace) return { kind: 'root namespace' };
  const gateway = [...ground.workloads.values()].find(
    ({ kind, workload }) => kind === 'gateway' && workload.namespace === namespace,
  );
  if (gateway !== undefined) return { kind: 'gateway in namespace', gateway: gateway.id };
  const allowing = [...new Set(places.flatMap((place) => place.allowing))];
  if (allowing.length > 0) return { kind: 'has policies', policies: allowing, letsIn: undefined };
  const plain = plainCallers(places.flatMap(({ admissions }) => admissions));
  if (plain.length > 0) return { kind: 'plain text callers', callers: plain };
  const undeclared = places.filter(({ admissions }) => admissions.length === 0);
  return undeclared.length > 0 && !isComplete ? { kind: 'some undeclared', workloads: workloadsOf(undeclared) } : undefined;
}

/** The places for which a policy can be written; why it cannot for the others. */
function openPlaces(
  places: readonly GuardedPlace[],
  isComplete: boolean,
  skipped: WithoutPolicy[],
): { readonly open: readonly GuardedPlace[]; readonly guardedAlready: readonly GuardedPlace[] } {
  const guardedAlready = places.filter(({ allowing }) => allowing.length > 0);
  const open = places.filter(({ allowing, admissions, checkpoint }) => {
    if (allowing.length > 0) return false;
    const plain = plainCallers(admissions);
    const reason: AuthorizationReason | undefined =
      plain.length > 0
        ? { kind: 'plain text callers', callers: plain }
        : admissions.length === 0 && !isComplete
          ? { kind: 'nothing declared' }
          : undefined;
    if (reason !== undefined) skipped.push({ subject: nameOfCheckpoint(checkpoint), reason });
    return reason === undefined;
  });
  return { open, guardedAlready };
}

/** What a checkpoint is called. */
export function nameOfCheckpoint(checkpoint: Checkpoint): string {
  return checkpoint.kind === 'workload' ? checkpoint.workload : checkpoint.host;
}

function plainCallers(admissions: readonly NeededAdmission[]): readonly string[] {
  return [...new Set(admissions.flatMap(({ principal, call }) => (principal === undefined ? [call.caller] : [])))];
}

function workloadsOf(places: readonly GuardedPlace[]): readonly string[] {
  return places.flatMap(({ checkpoint }) => (checkpoint.kind === 'workload' ? [checkpoint.workload] : []));
}

function likeness({ checkpoint, admissions }: GuardedPlace, { workloads }: Ground): string {
  if (checkpoint.kind === 'service') return `service ${checkpoint.host}`;
  const workload = workloads.get(checkpoint.workload)?.workload;
  const application = workload && [workload.namespace, nameOfApplication(workload)];
  return JSON.stringify([application, checkpoint.by, rulesFor(admissions, 'paths', [])]);
}

function selectorOf(places: readonly GuardedPlace[], ground: Ground): Readonly<Record<string, string>> | undefined {
  const ids = new Set(workloadsOf(places));
  const { workloads } = ground.bench.mesh.registry;
  return labelsThatSelect(
    workloads.filter((pod) => ids.has(ground.idOf(pod))),
    workloads,
  );
}

type NameApart = (namespace: string, wanted: string, ending: string) => WrittenResource['metadata'];

/** Names that no policy of the mesh has, and each once. */
function namesBeside({ bench }: Ground): NameApart {
  const taken = new Set(
    resourcesOf(bench.mesh.resources, 'AuthorizationPolicy').map(({ namespace, name }) => `${namespace}/${name}`),
  );
  return (namespace, wanted, ending) => {
    const name = resourceNameFor(wanted, [ending], (free) => taken.has(`${namespace}/${free}`));
    taken.add(`${namespace}/${name}`);
    return { name, namespace };
  };
}

function draftOfWorkloads(
  places: readonly GuardedPlace[],
  ids: readonly string[],
  target: PolicyDraft['target'],
  nameApart: NameApart,
  { workloads }: Ground,
): readonly PolicyDraft[] {
  const known = ids.flatMap((id) => workloads.get(id) ?? []);
  const [first] = known;
  if (first === undefined) return [];
  const { workload } = first;
  const by = first.kind === 'ambient' ? 'ztunnel' : 'sidecar';
  const probes = known.flatMap((one) => (one.kind === 'workload' ? probesThroughProxy(one.workload) : []));
  return [
    {
      subject: ids.join(', '),
      guarded: { kind: 'workload', workloads: ids, by },
      checkpoints: places.map(({ checkpoint }) => checkpoint),
      metadata: nameApart(workload.namespace, known.length > 1 ? nameOfApplication(workload) : workload.workloadName, '-callers'),
      target,
      admissions: places.flatMap(({ admissions }) => admissions),
      probes: [...new Map(probes.map((probe) => [JSON.stringify(probe), probe])).values()],
      takesPlainText: places.some((place) => place.takesPlainText),
    },
  ];
}

function draftOfService(
  { checkpoint, admissions }: GuardedPlace,
  host: string,
  nameApart: NameApart,
  ground: Ground,
): readonly PolicyDraft[] {
  const service = serviceOfHost(host, ground);
  if (service === undefined) return [];
  const isEntry = service.registry === 'External';
  const name = isEntry ? service.objectName : service.name;
  return [
    {
      subject: host,
      guarded: { kind: 'service', service: `${service.namespace}/${name}` },
      checkpoints: [checkpoint],
      metadata: nameApart(service.namespace, name, '-service-callers'),
      target: {
        targetRefs: [
          isEntry ? { group: 'networking.istio.io', kind: 'ServiceEntry', name } : { group: '', kind: 'Service', name },
        ],
      },
      admissions,
      probes: [],
      takesPlainText: false,
    },
  ];
}
