import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { isObject } from '../../util/object.ts';

/**
 * Findings that are known and not to be reported, as `--write-baseline` writes them. They are told by code, file, resource and
 * text, not by line, so that they stay known when lines move.
 */
export interface Baseline {
  readonly version: 1;
  readonly findings: readonly KnownFinding[];
}

interface KnownFinding {
  readonly code: string;
  readonly file: string;
  readonly resource: string;
  readonly message: string;
  /** How many findings are told by the same words. */
  readonly count: number;
}

/** The baseline of these findings. */
export function createBaseline(findings: readonly Diagnostic[]): Baseline {
  const counts = new Map<string, KnownFinding>();
  for (const finding of findings) {
    const known = describe(finding);
    const key = JSON.stringify(known);
    counts.set(key, { ...known, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return { version: 1, findings: sorted.map(([, known]) => known) };
}

/** The findings that a baseline does not list; undefined when the value is no baseline. */
export function newFindings(findings: readonly Diagnostic[], baseline: unknown): Diagnostic[] | undefined {
  if (!isObject(baseline) || baseline.version !== 1 || !Array.isArray(baseline.findings)) return undefined;
  const left = new Map<string, number>();
  for (const known of baseline.findings as readonly KnownFinding[]) {
    const { code, file, resource, message, count } = known;
    left.set(JSON.stringify({ code, file, resource, message }), count);
  }
  return findings.filter((finding) => {
    const key = JSON.stringify(describe(finding));
    const count = left.get(key) ?? 0;
    if (count > 0) left.set(key, count - 1);
    return count === 0;
  });
}

function describe({ code, location, resource, message }: Diagnostic): Omit<KnownFinding, 'count'> {
  const name = resource === undefined ? '' : `${resource.kind} ${resource.namespace}/${resource.name}`;
  return { code, file: location?.file ?? '', resource: name, message };
}
