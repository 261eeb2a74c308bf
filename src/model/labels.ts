import type { Labels } from '../resource/resource.ts';

/** Whether a workload with `labels` is selected: it has every label of the selector. An empty selector selects all. */
export function selects(selector: Labels, labels: Labels): boolean {
  for (const key in selector) if (labels[key] !== selector[key]) return false;
  return true;
}
