import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import type { Analyzer } from './analyzer.ts';
import { ASSUMED_FILE } from './assumed.ts';
import type { Reader } from './reader.ts';

/** A finding and the analyzer that made it. */
export interface AnalyzerFinding {
  readonly diagnostic: Diagnostic;
  readonly analyzer: Analyzer;
}

/** Runs the analyzers. Nothing is said about resources that are only assumed, and nothing that istioctl of the release does not know. */
export function runAnalyzers(reader: Reader, analyzers: readonly Analyzer[]): readonly AnalyzerFinding[] {
  const findings: AnalyzerFinding[] = [];
  for (const analyzer of analyzers) {
    analyzer.run(reader, (diagnostic) => {
      const { code, location } = diagnostic;
      if (location?.file === ASSUMED_FILE || (code.startsWith('IST') && !reader.release.codes.has(code))) return;
      findings.push({ diagnostic, analyzer });
    });
  }
  return findings;
}
