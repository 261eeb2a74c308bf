import { clusterMissing, creationOrderDecides, verificationSkipped } from '../diagnostics/problems/compiled.ts';
import { policyRuleIdle, policyRuleRefused } from '../diagnostics/problems/policy-effects.ts';
import {
  chainEndsWrongly,
  collectorMissing,
  duplicateDomain,
  duplicateListener,
  emptyClaimMatch,
  filterWithoutConfiguration,
  overlappingFilterChains,
  textRefused,
  valueRefused,
} from '../diagnostics/problems/refusals.ts';
import { hostUnderWildcard, subsetNotUsedHere } from '../diagnostics/problems/routing.ts';
import { matchFitsNothing, routeShadowed } from '../diagnostics/problems/virtual-services.ts';
import { analyzers } from './analyzers/index.ts';

/** Something that looks for mistakes and can be named in `--analyzer`. */
export interface NamedCheck {
  readonly name: string;
  /** What it looks for, in one line. */
  readonly about: string;
  /** The codes of all that it reports. */
  readonly codes: readonly string[];
  /** Runs only when a user names it. */
  readonly isOptional?: boolean;
}

/** What needs compiled proxies; it goes by one name. */
export const compiledChecks: NamedCheck = {
  name: 'mesh.compiled',
  about: 'What only compiled configuration shows (see --verify)',
  codes: [
    creationOrderDecides,
    duplicateDomain,
    overlappingFilterChains,
    duplicateListener,
    clusterMissing,
    chainEndsWrongly,
    filterWithoutConfiguration,
    emptyClaimMatch,
    valueRefused,
    textRefused,
    collectorMissing,
    verificationSkipped,
    hostUnderWildcard,
    subsetNotUsedHere,
    matchFitsNothing,
    routeShadowed,
    policyRuleRefused,
    policyRuleIdle,
  ].map(({ code }) => code),
};

/** All that can be named, by name. */
export function namedChecks(): readonly NamedCheck[] {
  return [...analyzers, compiledChecks].sort((a, b) => (a.name < b.name ? -1 : 1));
}
