import type { Labels } from '../resource/resource.ts';
import { own } from '../util/object.ts';

/** Whether a workload with `labels` is selected: it has every label of the selector. An empty or absent selector selects all. */
export function selects(selector: Labels | undefined, labels: Labels): boolean {
  for (const key in selector) if (own(labels, key) !== own(selector, key)) return false;
  return true;
}
