import { usageError } from '../../diagnostics/user-error.ts';
import type { Fields } from '../../util/object.ts';
import { noSuchPod, type PodNames, podNamedBy } from '../../workbench/pods.ts';
import type { Workbench } from '../../workbench/workbench.ts';
import { ztunnelDump } from './dump.ts';

/** What a ztunnel has, and the workload that was asked for, where it was one. */
export interface ZtunnelAnswer {
  readonly dump: Fields;
  readonly workload: PodNames | undefined;
}

/**
 * What every ztunnel of a mesh has. As istioctl, a pod that is a ztunnel stands for itself, and any other one for what its ztunnel knows
 * of it. Throws a UserError without ambient mode, and where there is no such pod.
 */
export function ztunnelOf({ mesh, input }: Workbench, pod: string | undefined): ZtunnelAnswer {
  const { ambient } = mesh;
  if (ambient === undefined) {
    throw usageError('the mesh is not in ambient mode, so that no ztunnel is told of it; --ambient takes it to be');
  }
  const { workloads } = ambient;
  const workload = pod === undefined ? undefined : podNamedBy(pod, workloads, input.namespace);
  // The pods of the DaemonSet are hardly ever among the manifests.
  const isZtunnel = pod === undefined || (workload?.workloadName ?? pod.slice(pod.lastIndexOf('/') + 1)).startsWith('ztunnel');
  if (workload === undefined && !isZtunnel) throw noSuchPod('pod', pod, workloads, input.namespace);
  return { dump: ztunnelDump(ambient), workload: isZtunnel ? undefined : workload };
}
