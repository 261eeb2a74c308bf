import type { Diagnostic, Severity } from '../../../diagnostics/diagnostic.ts';
import { compareText } from '../../../util/text.ts';
import type { Analyzer } from './analyzer.ts';
import { ASSUMED_FILE } from './assumed.ts';
import type { Reader } from './reader.ts';

/** A finding and the analyzer that made it. */
export interface Finding {
  readonly diagnostic: Diagnostic;
  readonly analyzer: Analyzer;
}

/** Runs the analyzers. Nothing is said about resources that are only assumed, and nothing that istioctl of the release does not know. */
export function runAnalyzers(reader: Reader, analyzers: readonly Analyzer[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const analyzer of analyzers) {
    analyzer.run(reader, (diagnostic) => {
      const { code, location } = diagnostic;
      if (location?.file === ASSUMED_FILE || (code.startsWith('IST') && !reader.release.codes.has(code))) return;
      findings.push({ diagnostic, analyzer });
    });
  }
  return findings;
}

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** Whether one severity is as bad as another or worse. */
export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return rank[severity] <= rank[threshold];
}

/**
 * The findings without repetitions in istioctl's order: severity, code, kind, name, namespace, place, text. Of those that differ in
 * nothing of this, the first in the file stays.
 */
export function sortFindings(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const keyed = diagnostics.map((diagnostic) => ({ key: keyOf(diagnostic), diagnostic }));
  keyed.sort((a, b) => compareText(a.key, b.key) || compareDetails(a.diagnostic, b.diagnostic));
  return keyed.filter(({ key }, index) => key !== keyed[index - 1]?.key).map(({ diagnostic }) => diagnostic);
}

/** What istioctl sorts by, and prints: two findings of one key are one finding. */
function keyOf({ code, severity, resource, message, reference, location }: Diagnostic): string {
  const name = resource === undefined ? '' : `${resource.kind}/${resource.name}/${resource.namespace}`;
  const place = reference ?? (location && `${location.file}:${location.line}:${location.column}`) ?? '';
  return [rank[severity], code, name, place, message].join('\0');
}

function compareDetails(a: Diagnostic, b: Diagnostic): number {
  const [lineA, lineB] = [a.location?.line ?? 0, b.location?.line ?? 0];
  const [columnA, columnB] = [a.location?.column ?? 0, b.location?.column ?? 0];
  return lineA - lineB || columnA - columnB || compareText(JSON.stringify(a), JSON.stringify(b));
}
