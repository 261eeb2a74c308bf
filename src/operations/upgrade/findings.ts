import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { gatewayAPICRDVersionBelowMinimum } from '../../diagnostics/problems/istio/gateways.ts';
import { environmentUsed } from '../../diagnostics/problems/istiod.ts';
import { laterField, laterKind } from '../../diagnostics/problems/objects.ts';
import { releaseAssumed, releaseUnknown } from '../../diagnostics/problems/reading.ts';
import { findingsOfSide } from '../diff/compare-configurations.ts';
import { compareFindings } from '../diff/compare-findings.ts';
import type { ManifestConfiguration } from '../diff/configuration.ts';
import type { UpgradeReport } from './report.ts';

/** What another control plane refuses, warns of and finds, and what it does no more. */
export function compareVerdicts(
  before: ManifestConfiguration,
  after: ManifestConfiguration,
  now: number,
): UpgradeReport['findings'] {
  const [earlier, later] = [verdictsOf(before, now), verdictsOf(after, now)];
  // Its message names the release: what neither of the two knows is no news.
  const unknownBefore = new Set(earlier.filter(isLater).map(placeOf));
  const unknownAfter = new Set(later.filter(isLater).map(placeOf));
  const { introduced, fixed, unchanged } = compareFindings(
    earlier.filter((finding) => !isLater(finding) || !unknownAfter.has(placeOf(finding))),
    later.filter((finding) => !isLater(finding) || !unknownBefore.has(placeOf(finding))),
  );
  const isOutdated = ({ code }: Diagnostic): boolean => code === gatewayAPICRDVersionBelowMinimum.code;
  const isRefused = (finding: Diagnostic): boolean => finding.severity === 'error' && !isOutdated(finding);
  return {
    refused: introduced.filter(isRefused),
    outdated: introduced.filter(isOutdated),
    introduced: introduced.filter((finding) => !isRefused(finding) && !isOutdated(finding)),
    fixed,
    unchanged: unchanged + [...unknownBefore].filter((place) => unknownAfter.has(place)).length,
  };
}

/** What is said of how the release was found, which is no matter of an upgrade. */
const ofReading: readonly string[] = [releaseAssumed, releaseUnknown, environmentUsed].map(({ code }) => code);

function verdictsOf(side: ManifestConfiguration, now: number): readonly Diagnostic[] {
  return findingsOfSide(side, now).filter(({ code }) => !ofReading.includes(code));
}

function isLater({ code }: Diagnostic): boolean {
  return code === laterField.code || code === laterKind.code;
}

function placeOf({ code, location, resource }: Diagnostic): string {
  return JSON.stringify([code, location ?? null, resource?.kind, resource?.namespace, resource?.name]);
}
