import { type UserError, usageError } from '../diagnostics/user-error.ts';
import type { Mesh } from '../model/mesh.ts';
import { nearestMeant } from '../util/nearest.ts';

/** What pods are named by: their own name, and that of the workload that they belong to. */
export interface PodNames {
  /** Its cluster, where there are several. */
  readonly cluster?: string;
  readonly name: string;
  readonly namespace: string;
  readonly workloadName: string;
}

/** One reading of a name on the command line. */
interface Reading {
  readonly name: string;
  readonly namespace: string;
  /** What carries the name; a bare name is first that of a pod, then of a workload. */
  readonly of: readonly ('pod' | 'workload')[];
}

/** What a name says: `pod`, `pod.namespace`, `namespace/pod`, `deployment/name[.namespace]`; workloads stand for their first pod. */
function readingsOf(text: string, defaultNamespace: string): readonly Reading[] {
  const slash = text.indexOf('/');
  const [prefix, rest] = slash === -1 ? ['', text] : [text.slice(0, slash), text.slice(slash + 1)];
  const isKind = podKinds.has(prefix) || ownerKinds.has(prefix);
  const inNamespace: Reading = { name: rest, namespace: prefix, of: ['pod', 'workload'] };
  if (prefix !== '' && !isKind) return [inNamespace];
  const of: Reading['of'] = ownerKinds.has(prefix) ? ['workload'] : podKinds.has(prefix) ? ['pod'] : ['pod', 'workload'];
  const dot = rest.lastIndexOf('.');
  return [
    { name: rest, namespace: defaultNamespace, of },
    ...(dot > 0 ? [{ name: rest.slice(0, dot), namespace: rest.slice(dot + 1), of }] : []),
    // A namespace may be called `jobs`.
    ...(isKind ? [inNamespace] : []),
  ];
}

const podKinds: ReadonlySet<string> = new Set(['pod', 'pods', 'po']);
const ownerKinds: ReadonlySet<string> = new Set([
  'deployment',
  'deployments',
  'deploy',
  'statefulset',
  'statefulsets',
  'sts',
  'daemonset',
  'daemonsets',
  'ds',
  'replicaset',
  'replicasets',
  'rs',
  'job',
  'jobs',
]);

/**
 * The pod among `pods` that a name on the command line stands for; undefined where there is none. Of several clusters, the name may begin
 * with one, `cluster/namespace/pod`; without, it has to be that of pods of one cluster alone, else a UserError is thrown.
 */
export function podNamedBy<T extends PodNames>(text: string, pods: readonly T[], defaultNamespace: string): T | undefined {
  const [prefix = '', ...rest] = text.split('/');
  const ofCluster = rest.length === 0 ? [] : pods.filter(({ cluster }) => cluster === prefix);
  const [inCluster] = podsNamedBy(rest.join('/'), ofCluster, defaultNamespace);
  if (inCluster !== undefined) return inCluster;
  return firstOfOneCluster(text, podsNamedBy(text, pods, defaultNamespace));
}

/** The first of the pods that a name may mean. Throws a UserError where they are in several clusters. */
export function firstOfOneCluster<T extends PodNames>(text: string, pods: readonly T[]): T | undefined {
  const [found] = pods;
  const clusters = new Set(pods.flatMap(({ cluster }) => cluster ?? []));
  if (found !== undefined && clusters.size > 1) {
    const [first] = clusters;
    throw usageError(
      `"${text}" is in clusters ${[...clusters].join(', ')}: name one of them, as in ${first}/${found.namespace}/${found.name}`,
    );
  }
  return found;
}

/** The pods that ztunnel stands before. */
export function capturedPods({ ambient, registry }: Pick<Mesh, 'ambient' | 'registry'>): readonly PodNames[] {
  return ambient === undefined ? [] : registry.workloads.filter((workload) => ambient.captures(workload));
}

/** The pods that the first reading of a name which is one of theirs means. */
function podsNamedBy<T extends PodNames>(text: string, pods: readonly T[], defaultNamespace: string): readonly T[] {
  for (const { name, namespace, of } of readingsOf(text, defaultNamespace)) {
    for (const kind of of) {
      const found = pods.filter((pod) => pod.namespace === namespace && (kind === 'pod' ? pod.name : pod.workloadName) === name);
      if (found.length > 0) return found;
    }
  }
  return [];
}

/**
 * The pod with a proxy that a name on the command line stands for (the first pod of a workload). Throws a UserError with the nearest
 * names where there is none, or that it is one of those that have none because ztunnel stands before them (`captured`).
 */
export function findProxy<T extends PodNames>(
  text: string,
  proxies: readonly T[],
  captured: () => readonly PodNames[],
  defaultNamespace: string,
): T {
  const found = podNamedBy(text, proxies, defaultNamespace);
  if (found !== undefined) return found;
  const behind = podNamedBy(text, captured(), defaultNamespace);
  if (behind === undefined) throw noSuchPod('pod with a proxy', text, proxies, defaultNamespace);
  const name = fullName(behind);
  throw usageError(
    `${name} is in ambient mode and has no proxy of its own: ztunnel stands before it (mesh ztunnel-config workload ${name}, mesh describe pod ${name})`,
  );
}

/** The proxy of manifests that a running one is: pods of a cluster are named otherwise than those that mesh makes up, their workloads not. */
export function proxyOfDump<T extends PodNames>(dumped: PodNames, proxies: readonly T[]): T | undefined {
  const inHome = proxies.filter(({ namespace }) => namespace === dumped.namespace);
  return (
    inHome.find(({ name }) => name === dumped.name) ?? inHome.find(({ workloadName }) => workloadName === dumped.workloadName)
  );
}

/** The mistake of naming a pod that does not exist, with the nearest names. */
export function noSuchPod(what: string, text: string, pods: readonly PodNames[], defaultNamespace: string): UserError {
  return usageError(`no ${what} is named "${text}"${hint(text, pods, defaultNamespace)}`);
}

function hint(text: string, pods: readonly PodNames[], defaultNamespace: string): string {
  if (pods.length === 0) return ': the manifests have no pod that is in the mesh';
  const spellings = new Map<string, string>();
  for (const pod of pods) {
    const { cluster, name, namespace, workloadName } = pod;
    const full = fullName(pod);
    if (cluster !== undefined) spellings.set(`${namespace}/${name}`, full);
    spellings.set(full, full).set(`${name}.${namespace}`, full).set(`deployment/${workloadName}.${namespace}`, full);
    for (const bare of [name, workloadName])
      if (!spellings.has(bare) || namespace === defaultNamespace) spellings.set(bare, full);
  }
  const near = nearestMeant(text, spellings, 8);
  const shown = near.length > 0 ? near.slice(0, 3) : pods.slice(0, 3).map(fullName);
  return near.length > 0
    ? `; did you mean ${shown.join(', ')}?`
    : `; there are ${shown.join(', ')}${pods.length > 3 ? ', ...' : ''}`;
}

function fullName({ cluster, namespace, name }: PodNames): string {
  return cluster === undefined ? `${namespace}/${name}` : `${cluster}/${namespace}/${name}`;
}
