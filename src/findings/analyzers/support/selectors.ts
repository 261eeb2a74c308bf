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
