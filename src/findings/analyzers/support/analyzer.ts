import type { Diagnostic, Report } from '../../../diagnostics/diagnostic.ts';
import type { AnalyzedKind, Reader } from './reader.ts';

/**
 * One kind of mistake to look for. To add one: a file in analyzers/, a line in analyzers/index.ts, and its problems in a file of
 * src/diagnostics/problems. test/registries.test.ts checks the rest.
 */
export interface Analyzer {
  /** Unique; those of Istio have Istio's names, ours begin with `mesh.`. */
  readonly name: string;
  /** What it looks for, in one line. */
  readonly about: string;
  /** The kinds it reads; without any of those that it reports on, it has nothing to do. */
  readonly reads: readonly AnalyzedKind[];
  /** The codes of all that it reports. */
  readonly codes: readonly string[];
  /**
   * The kinds of which it takes the input to hold all there is, so that what is absent is an error. With `--partial` its findings
   * are no more than hints.
   */
  readonly needsAll?: readonly AnalyzedKind[];
  /** Runs only when a user names it. */
  readonly isOptional?: boolean;
  /** Compares several clusters: runs once over all of them (`Reader.fleet`), and not where there is one. */
  readonly isOfFleet?: boolean;
  /** Looks at the resources and reports what is wrong, in any order; the same finding twice counts once. */
  run(reader: Reader, report: Report): void;
}

/** `namespace/name`, or only the name where there is no namespace; as Istio writes names in its messages. */
export function fullName({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

/** A finding of istioctl's with what its sentence does not say. */
export function withExplanation(finding: Diagnostic, explanation: string): Diagnostic {
  return { ...finding, message: `${finding.message} (${explanation})` };
}

/** A finding of istioctl's about something that is all right: no more than a hint, which says why. */
export function asHint(finding: Diagnostic, reason: string): Diagnostic {
  return { ...withExplanation(finding, `only a hint: ${reason}`), severity: 'info' };
}
