import type { Diagnostic, Severity } from '../diagnostics/diagnostic.ts';
import type { Analyzer } from './analyzer.ts';
import { ASSUMED_FILE } from './assumed.ts';
import type { Reader } from './reader.ts';

/** A finding and the analyzer that made it. */
export interface Finding {
  readonly diagnostic: Diagnostic;
  readonly analyzer: Analyzer;
}

/** Runs the analyzers. Nothing is said about resources that are only assumed. */
export function runAnalyzers(reader: Reader, analyzers: readonly Analyzer[]): readonly Finding[] {
  const findings: Finding[] = [];
  for (const analyzer of analyzers) {
    analyzer.run(reader, (diagnostic) => {
      if (diagnostic.location?.file !== ASSUMED_FILE) findings.push({ diagnostic, analyzer });
    });
  }
  return findings;
}

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** Whether one severity is as bad as another or worse. */
export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return rank[severity] <= rank[threshold];
}

/** The findings without repetitions in istioctl's order: severity, code, kind, name, namespace, place, text. */
export function sortFindings(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Map<string, { readonly key: string; readonly diagnostic: Diagnostic }>();
  for (const diagnostic of diagnostics) {
    const { code, severity, resource, message, reference, location } = diagnostic;
    const name = resource === undefined ? '' : `${resource.kind}/${resource.name}/${resource.namespace}`;
    const place = reference ?? (location && `${location.file}:${location.line}:${location.column}`) ?? '';
    const key = [rank[severity], code, name, place, message].join('\0');
    if (!seen.has(key)) seen.set(key, { key, diagnostic });
  }
  return [...seen.values()].sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ diagnostic }) => diagnostic);
}
