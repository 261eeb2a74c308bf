import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { compareText } from '../../util/text.ts';
import { severityRank } from './levels.ts';

/**
 * The findings without repetitions in istioctl's order: severity, code, kind, name, namespace, place, text. Of those that differ in
 * nothing of this, the first in the file stays.
 */
export function sortFindings(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const keyed = keyedInOrder(diagnostics);
  return keyed.filter(({ key }, index) => key !== keyed[index - 1]?.key).map(({ diagnostic }) => diagnostic);
}

/** The same order, with those that differ in nothing of it. */
export function sortEachFinding(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return keyedInOrder(diagnostics).map(({ diagnostic }) => diagnostic);
}

function keyedInOrder(diagnostics: readonly Diagnostic[]): { readonly key: string; readonly diagnostic: Diagnostic }[] {
  const keyed = diagnostics.map((diagnostic) => ({ key: keyOf(diagnostic), diagnostic }));
  return keyed.sort((a, b) => compareText(a.key, b.key) || compareDetails(a.diagnostic, b.diagnostic));
}

/** What istioctl sorts by, and prints: two findings of one key are one finding. */
function keyOf({ code, severity, resource, message, reference, location }: Diagnostic): string {
  const name = resource === undefined ? '' : `${resource.kind}/${resource.name}/${resource.namespace}`;
  const place = reference ?? (location && `${location.file}:${location.line}:${location.column}`) ?? '';
  return [severityRank[severity], code, name, place, message].join('\0');
}

function compareDetails(a: Diagnostic, b: Diagnostic): number {
  const [lineA, lineB] = [a.location?.line ?? 0, b.location?.line ?? 0];
  const [columnA, columnB] = [a.location?.column ?? 0, b.location?.column ?? 0];
  return lineA - lineB || columnA - columnB || compareText(JSON.stringify(a), JSON.stringify(b));
}
