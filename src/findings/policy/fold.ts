import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { patchMatchesNothing } from '../../diagnostics/problems/envoy-filters.ts';
import { kindRemoved } from '../../diagnostics/problems/repositories.ts';
import { groupBy } from '../../util/collections.ts';

/** What an old installation among the manifests has again and again, in the same words. */
const folded: readonly string[] = [kindRemoved, patchMatchesNothing].map(({ code }) => code);

/** One finding for what is found of one kind, or of one EnvoyFilter, at several places in the same words; it names the others. */
export function foldAlike(findings: readonly Diagnostic[]): readonly Diagnostic[] {
  const groups = groupBy(findings, (finding) =>
    folded.includes(finding.code) ? JSON.stringify([finding.code, finding.severity, finding.message, finding.resource]) : finding,
  );
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const related = others.flatMap(({ location }) => (location === undefined ? [] : { message: 'also here', location }));
    return related.length === 0 ? first : { ...first, related: [...(first.related ?? []), ...related] };
  });
}
