import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { patchMatchesNothing } from '../../diagnostics/problems/envoy-filters.ts';
import { gatewayKindNotSupported } from '../../diagnostics/problems/gateway-api.ts';
import { noMatch } from '../../diagnostics/problems/objects.ts';
import { kindRemoved } from '../../diagnostics/problems/repositories.ts';
import { groupBy } from '../../util/collections.ts';

/** What an old installation among the manifests has again and again, in the same words. */
const folded: readonly string[] = [kindRemoved, patchMatchesNothing, gatewayKindNotSupported].map(({ code }) => code);

/** What is said of each object of a kind, whatever it is called: as many of these are told of one by one. */
const MOST_APART = 5;
const foldedIfMany: readonly string[] = [noMatch.code];

/** One finding for what is found of one kind, or of one EnvoyFilter, at several places in the same words; it names the others. */
export function foldAlike(findings: readonly Diagnostic[]): readonly Diagnostic[] {
  const groups = groupBy(findings, (finding) => {
    const { code, severity, message, resource } = finding;
    if (foldedIfMany.includes(code)) return JSON.stringify([code, severity, message]);
    return folded.includes(code) ? JSON.stringify([code, severity, message, resource]) : finding;
  });
  return [...groups.values()].flatMap((group) => {
    const [first, ...others] = group;
    if (first === undefined) return [];
    if (foldedIfMany.includes(first.code) && group.length <= MOST_APART) return group;
    const related = others.flatMap(({ location }) => (location === undefined ? [] : { message: 'also here', location }));
    return related.length === 0 ? first : { ...first, related: [...(first.related ?? []), ...related] };
  });
}
