import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { type Again, afresh } from '../../../util/again.ts';
import { addAll } from '../../../util/collections.ts';
import type { Analyzer } from './analyzer.ts';
import { ASSUMED_FILE } from './assumed.ts';
import { type NotedRead, notingReader } from './noted-reads.ts';
import type { Reader } from './reader.ts';

/** A finding and the analyzer that made it. */
export interface AnalyzerFinding {
  readonly diagnostic: Diagnostic;
  readonly analyzer: Analyzer;
}

/**
 * Runs the analyzers. Nothing is said about resources that are only assumed, and nothing that istioctl of the release does not know. One
 * that would read what it has read of an earlier state of the same input is not run again.
 */
export function runAnalyzers(reader: Reader, analyzers: readonly Analyzer[], again: Again = afresh): readonly AnalyzerFinding[] {
  const findings: AnalyzerFinding[] = [];
  for (const analyzer of analyzers) {
    if (again === afresh) addAll(findings, findingsOf(analyzer, reader));
    else {
      const runs = again(`runs of ${analyzer.name}`, [analyzer], () => createRuns(analyzer));
      addAll(findings, runs(reader));
    }
  }
  return findings;
}

/** Runs one analyzer again and again: it gives what it gave the last time where it would read the same. */
function createRuns(analyzer: Analyzer): (reader: Reader) => readonly AnalyzerFinding[] {
  let last: { readonly reads: readonly NotedRead[]; readonly findings: readonly AnalyzerFinding[] } | undefined;
  return (reader) => {
    if (last?.reads.every(({ ask, answer }) => Object.is(ask(reader), answer))) return last.findings;
    const reads: NotedRead[] = [];
    const findings = findingsOf(
      analyzer,
      notingReader(reader, (read) => void reads.push(read)),
    );
    last = { reads, findings };
    return findings;
  };
}

function findingsOf(analyzer: Analyzer, reader: Reader): readonly AnalyzerFinding[] {
  const findings: AnalyzerFinding[] = [];
  analyzer.run(reader, (diagnostic) => {
    const { code, location } = diagnostic;
    if (location?.file === ASSUMED_FILE || (code.startsWith('IST') && !reader.release.codes.has(code))) return;
    findings.push({ diagnostic, analyzer });
  });
  return findings;
}
