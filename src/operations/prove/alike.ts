import { podKey } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';

/** Of the pods of a workload that are alike in all but their names the first. */
export function firstOfKin(pods: readonly TracePod[]): readonly TracePod[] {
  const seen = new Set<string>();
  return pods.filter((pod) => {
    const key = `${pod.namespace}/${pod.workloadName} ${pod.kin ?? podKey(pod)}`;
    return !seen.has(key) && seen.add(key);
  });
}
