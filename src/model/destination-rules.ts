import type { DestinationRule } from '../api/istio.gen.ts';
import type { Resource } from '../resource/resource.ts';
import type { Visibility } from './visibility.ts';

/** Destination rules of one host in one namespace, merged into one; istio ConsolidatedDestRule. */
export interface ConsolidatedDestinationRule {
  /** The merged rule: metadata of the first in time, subsets of all. */
  readonly rule: Resource<DestinationRule>;
  readonly visibility: Visibility;
  /** All the resources it was merged from. */
  readonly from: readonly Resource<DestinationRule>[];
}
