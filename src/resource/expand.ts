import type { PodSpec, PodTemplate } from '../api/kubernetes.ts';
import type { Path, Report } from '../diagnostics/diagnostic.ts';
import { invalidValue } from '../diagnostics/problems/objects.ts';
import type { SourceDocument } from '../source/document.ts';
import { type Again, afresh, againForEach } from '../util/again.ts';
import { own } from '../util/object.ts';
import type { Labels, Resource, ResourceOf } from './resource.ts';
import { resourcesOf } from './select.ts';
import { subjectAt } from './subject.ts';

type Workload = ResourceOf<'DaemonSet' | 'Deployment' | 'Job' | 'ReplicaSet' | 'StatefulSet'>;

/** More pods than this of one workload are taken for a slip. */
const MAX_REPLICAS = 10_000;

/**
 * The pods that the workloads (Deployment, StatefulSet, DaemonSet, ReplicaSet, Job) stand for, named `<workload>-<n>`.
 * A workload whose pods (or ReplicaSets) are among the resources stands for none. A DaemonSet has a pod on each Node that
 * its nodeSelector admits, or one where no Nodes are given.
 */
export function expandWorkloads(
  resources: readonly Resource[],
  report: Report,
  again: Again = afresh,
): readonly ResourceOf<'Pod'>[] {
  const owned = ownedWorkloads(resources);
  const nodes = resourcesOf(resources, 'Node');
  const taken = new Set(resourcesOf(resources, 'Pod').map(({ namespace, name }) => `${namespace}/${name}`));
  const known = againForEach<readonly ResourceOf<'Pod'>[]>(again, 'pods');
  return resources
    .filter(isWorkload)
    .filter(({ kind, namespace, name }) => !owned.has(`${kind}/${namespace}/${name}`))
    .flatMap((workload) => {
      const pods = namedPods(workload, nodes, taken, report);
      const names = pods.map(({ name }) => name);
      const nodeNames = pods.map(({ nodeName }) => nodeName);
      return known(workload, [names, nodeNames], () => podsOf(workload, pods));
    });
}

/** A pod that is to be made, and the node that it is on; undefined where the template decides. */
interface NamedPod {
  readonly name: string;
  /** The number at the end of its name. */
  readonly ordinal: number;
  readonly nodeName: string | undefined;
}

function isWorkload(resource: Resource): resource is Workload {
  return resource.group === 'apps' || resource.group === 'batch';
}

/** `kind/namespace/name` of the workloads that own a given object. */
function ownedWorkloads(resources: readonly Resource[]): Set<string> {
  const owned = new Set<string>();
  for (const { kind, namespace, labels, ownerReferences = [] } of resources) {
    if (kind !== 'Pod' && kind !== 'ReplicaSet') continue;
    for (const owner of ownerReferences) {
      owned.add(`${owner.kind}/${namespace}/${owner.name}`);
      const hash = labels['pod-template-hash'];
      if (owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`)) {
        owned.add(`Deployment/${namespace}/${owner.name.slice(0, -hash.length - 1)}`);
      }
    }
  }
  return owned;
}

function namedPods(workload: Workload, nodes: readonly Resource[], taken: Set<string>, report: Report): readonly NamedPod[] {
  let ordinal = 0;
  return placementsOf(workload, workload.spec.template ?? {}, nodes, report).map((nodeName) => {
    while (taken.has(`${workload.namespace}/${workload.name}-${ordinal}`)) ordinal++;
    const name = `${workload.name}-${ordinal}`;
    taken.add(`${workload.namespace}/${name}`);
    return { name, ordinal, nodeName };
  });
}

function podsOf(workload: Workload, pods: readonly NamedPod[]): readonly ResourceOf<'Pod'>[] {
  const template = workload.spec.template ?? {};
  const document = templateDocument(workload.document);
  return pods.map(
    ({ name, ordinal, nodeName }): ResourceOf<'Pod'> => ({
      kind: 'Pod',
      group: '',
      version: 'v1',
      name,
      namespace: workload.namespace,
      labels: { ...template.metadata?.labels, ...addedLabels(workload, name, ordinal) },
      annotations: template.metadata?.annotations ?? {},
      ...(workload.createdAt !== undefined && { createdAt: workload.createdAt }),
      generateName: `${workload.name}-`,
      ownerReferences: [
        { apiVersion: `${workload.group}/${workload.version}`, kind: workload.kind, name: workload.name, controller: true },
      ],
      spec: { ...template.spec, ...addedSpec(workload, name), ...(nodeName !== undefined && { nodeName }) },
      document,
    }),
  );
}

/** One entry a pod: the node it runs on, or undefined where the template decides. */
function placementsOf(
  workload: Workload,
  template: PodTemplate,
  nodes: readonly Resource[],
  report: Report,
): readonly (string | undefined)[] {
  if (workload.kind === 'DaemonSet') {
    const selector = template.spec?.nodeSelector ?? {};
    const admitted = nodes.filter(({ labels }) => Object.entries(selector).every(([key, value]) => own(labels, key) === value));
    return nodes.length === 0 ? [undefined] : admitted.map(({ name }) => name);
  }
  const [count, field] =
    workload.kind === 'Job'
      ? [Math.min(workload.spec.parallelism ?? 1, workload.spec.completions ?? Number.POSITIVE_INFINITY), 'parallelism']
      : [workload.spec.replicas ?? 1, 'replicas'];
  if (count >= 0 && count <= MAX_REPLICAS) return new Array<undefined>(count).fill(undefined);
  const path: Path = ['spec', field];
  const subject = subjectAt(workload, path);
  report(invalidValue(subject, `spec.${field}`, String(count), `between 0 and ${MAX_REPLICAS}`));
  return [];
}

/** Labels that the controllers of Kubernetes add and that services can select on. */
function addedLabels(workload: Workload, pod: string, ordinal: number): Labels {
  if (workload.kind === 'StatefulSet') {
    return { 'statefulset.kubernetes.io/pod-name': pod, 'apps.kubernetes.io/pod-index': String(ordinal) };
  }
  if (workload.kind === 'Job') return { 'batch.kubernetes.io/job-name': workload.name, 'job-name': workload.name };
  return {};
}

/** A pod of a StatefulSet has a name of its own under the set's service. */
function addedSpec(workload: Workload, pod: string): Pick<PodSpec, 'hostname' | 'subdomain'> {
  if (workload.kind !== 'StatefulSet') return {};
  const { serviceName } = workload.spec;
  return { hostname: pod, ...(serviceName !== undefined && { subdomain: serviceName }) };
}

/** The document of a workload as that of its pods: paths of a pod lead into the template. */
function templateDocument(document: SourceDocument): SourceDocument {
  return {
    file: document.file,
    index: document.index,
    value: document.value,
    locate(path, on) {
      const inTemplate = path[0] === 'spec' || (path[0] === 'metadata' && path[1] !== 'name' && path[1] !== 'namespace');
      return document.locate(inTemplate ? ['spec', 'template', ...path] : path, on);
    },
  };
}
