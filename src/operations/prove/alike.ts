import { type DataPlane, podKey } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';

/**
 * Of the pods of a workload that are alike in all but their names the first. Of several clusters, a pod whose addresses another has too is
 * like none.
 */
export function firstOfKin(
  pods: readonly TracePod[],
  { around, pods: all }: Pick<DataPlane, 'around' | 'pods'>,
): readonly TracePod[] {
  const shared = around === undefined ? NOBODYS : sharedAddresses(all);
  const seen = new Set<string>();
  return pods.filter((pod) => {
    if (pod.ips.some((ip) => shared.has(ip))) return true;
    const { cluster, namespace, workloadName: name } = pod;
    const key = `${podKey({ cluster, namespace, name })} ${pod.kin ?? podKey(pod)}`;
    return !seen.has(key) && seen.add(key);
  });
}

const NOBODYS: ReadonlySet<string> = new Set();

/** The addresses that several pods have. */
function sharedAddresses(pods: readonly TracePod[]): ReadonlySet<string> {
  const [once, more] = [new Set<string>(), new Set<string>()];
  for (const ip of pods.flatMap(({ ips }) => ips)) (once.has(ip) ? more : once).add(ip);
  return more;
}

/** Whether two pods are of one workload, of one cluster. */
export function isOfWorkload(one: TracePod, other: TracePod): boolean {
  return one.namespace === other.namespace && one.workloadName === other.workloadName && one.cluster === other.cluster;
}
