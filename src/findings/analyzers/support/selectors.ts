import type { Absent } from '../../../diagnostics/diagnostic.ts';
import type { Labels } from '../../../resource/resource.ts';
import { own } from '../../../util/object.ts';

/** A selector as Kubernetes writes it: `a=1,b=2`, sorted. */
export function formatSelector(selector: Labels | undefined): string {
  return Object.keys(selector ?? {})
    .sort()
    .map((key) => `${key}=${own(selector, key) ?? ''}`)
    .join(',');
}

/** The label that Istio names when a selector finds nothing: the first in order. */
export function firstLabelOf(selector: Labels | undefined): string {
  return Object.keys(selector ?? {}).sort()[0] ?? '';
}

/** The pods that a selector would need. */
export function absentPods(namespace: string, selector: Labels | undefined): Absent {
  return { namespace, kinds: WORKLOADS, names: Object.entries(selector ?? {}).map(([key, value]) => `${key}: ${value}`) };
}

const WORKLOADS: readonly string[] = [
  'CronJob',
  'DaemonSet',
  'Deployment',
  'DeploymentConfig',
  'Job',
  'Pod',
  'Rollout',
  'StatefulSet',
];
