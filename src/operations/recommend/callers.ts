import { usageError } from '../../diagnostics/user-error.ts';
import type { Workload } from '../../model/registry/service.ts';
import { type DataPlane, podKey, podNamed } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';
import { append } from '../../util/collections.ts';
import { compareText } from '../../util/text.ts';
import { noSuchPod, podNamedBy } from '../../workbench/pods.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import { sidesOf } from '../reachability/sides.ts';
import { partiesOf } from '../reachability/workloads.ts';

/** A workload of the mesh, by one of its pods: pods of one workload have one configuration. */
export interface CallingWorkload {
  /** `namespace/name`. */
  readonly id: string;
  readonly kind: 'workload' | 'gateway' | 'ambient' | 'without sidecar';
  readonly workload: Workload;
  readonly pod: TracePod;
}

/** An input as recommendations look at it: its workloads, and what requests travel through. */
export interface Ground {
  readonly bench: Workbench;
  readonly dataPlane: DataPlane;
  readonly workloads: ReadonlyMap<string, CallingWorkload>;
  /** The workload that a pod is of, `namespace/name`. */
  idOf(pod: Pick<TracePod, 'namespace' | 'name' | 'workloadName'>): string;
  /** The workloads with an identity. */
  readonly byIdentity: ReadonlyMap<string, readonly CallingWorkload[]>;
}

/** The ground that a workbench is. */
export function groundOf(bench: Workbench): Ground {
  const [side] = sidesOf([bench]);
  const { dataPlane } = side;
  const { parties, idOf } = partiesOf([side]);
  const workloads = new Map<string, CallingWorkload>();
  const byIdentity = new Map<string, CallingWorkload[]>();
  for (const { node, pod: workload } of parties) {
    const pod = podNamed(dataPlane, podKey(workload));
    const { kind } = node;
    if (pod === undefined || kind === 'outside' || kind === 'external') continue;
    const known = { id: node.id, kind, workload, pod };
    workloads.set(node.id, known);
    append(byIdentity, pod.identity, known);
  }
  return { bench, dataPlane, workloads, idOf, byIdentity };
}

/**
 * The workloads that names on the command line stand for; without names all, of a namespace where one is given. Throws a UserError for
 * a name that nothing has, and for a namespace without any.
 */
export function wantedWorkloads(
  { bench: { input }, workloads }: Ground,
  names: readonly string[],
  namespace: string | undefined,
): readonly CallingWorkload[] {
  const all = [...workloads.values()];
  if (names.length === 0) {
    const wanted = all.filter(({ workload }) => namespace === undefined || workload.namespace === namespace);
    if (wanted.length > 0 || namespace === undefined) return wanted;
    const namespaces = [...new Set(all.map(({ workload }) => workload.namespace))].sort(compareText);
    throw usageError(
      `no workload with a proxy is in namespace "${namespace}"${namespaces.length > 0 ? `; they are in ${namespaces.join(', ')}` : ''}`,
    );
  }
  const pods = all.map(({ id, workload: { name, namespace, workloadName } }) => ({ id, name, namespace, workloadName }));
  const ids = names.map((name) => {
    const found = podNamedBy(name, pods, input.namespace);
    if (found === undefined) throw noSuchPod('workload', name, pods, input.namespace);
    return found.id;
  });
  return all.filter(({ id }) => ids.includes(id));
}
