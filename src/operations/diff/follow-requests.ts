import { compact } from '../../util/object.ts';
import { compareRequests, type ObservedRequest } from './compare-requests.ts';
import type { ManifestConfiguration } from './configuration.ts';
import type { FollowOptions } from './follow-options.ts';
import type { Patience } from './prove-requests.ts';
import type { ChangesOf } from './proxy-changes.ts';
import type { DiffReport, RequestChange } from './report.ts';
import { type ObservedRequests, observeRequests, PATIENCE_OF_PROOF, USUAL_PATIENCE } from './try-requests.ts';

/** What is known of the requests of two sides, and what was noticed of each that was tried. */
export interface FollowedRequests {
  readonly requests: DiffReport['requests'];
  /** Those that were drawn, and those of further classes that end otherwise. */
  readonly drawn: readonly ObservedRequest[];
  readonly others: readonly ObservedRequest[];
}

/** Says which requests end otherwise, and what is proven of all of them; nothing if it is not asked for. */
export function followRequests(
  before: ManifestConfiguration,
  after: ManifestConfiguration,
  changesOf: ChangesOf,
  comingAndGoing: readonly string[],
  options: FollowOptions,
): FollowedRequests {
  if (!options.requests) return { requests: { changed: [], tried: 0, isCut: false }, drawn: [], others: [] };
  const patience: Patience = options.isProofWanted === true ? PATIENCE_OF_PROOF : USUAL_PATIENCE;
  const observed = observeRequests(before, after, changesOf, comingAndGoing, options.gateway, patience, options.onProgress);
  const { observed: drawn, spared, others, isCut, unusual, refusals, proof } = observed;
  const changed = compareRequests([...drawn, ...others]);
  const refusedByOthers = refusals.length > 0 ? refusals : undefined;
  const known = compact({ unusual, refusedByOthers, proof, proven: provenOf(changed, observed) });
  return { requests: { changed, tried: drawn.length + spared + others.length, isCut, ...known }, drawn, others };
}

function provenOf(
  changed: readonly RequestChange[],
  { unusual, proof }: Pick<ObservedRequests, 'unusual' | 'proof'>,
): DiffReport['requests']['proven'] {
  if (proof === undefined || proof.doubts.length > 0) return undefined;
  return changed.length === 0 && unusual === undefined ? 'all as before' : 'all others as before';
}
