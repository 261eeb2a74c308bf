import type { Diagnostic, Severity } from '../../diagnostics/diagnostic.ts';
import { usageError } from '../../diagnostics/user-error.ts';
import { analyzers } from '../../findings/analyzers/index.ts';
import type { Analyzer } from '../../findings/analyzers/support/analyzer.ts';
import { compiledChecks, namedChecks } from '../../findings/checks.ts';
import type { FindingsChoice } from '../../findings/findings.ts';
import { foldAlike } from '../../findings/policy/fold.ts';
import { isAtLeast, isUnreadable } from '../../findings/policy/levels.ts';
import { sortFindings } from '../../findings/policy/order.ts';
import { type Suppression, suppressAnnotated, suppressCommented } from '../../findings/policy/suppress.ts';
import { foldUnplaced } from '../../findings/policy/unplaced.ts';
import type { Input } from '../../input/load.ts';
import { groupBy } from '../../util/collections.ts';
import { nearestNames } from '../../util/nearest.ts';
import type { OnProgress } from '../../util/progress.ts';
import { openCheckedWorkbench } from '../../workbench/checked.ts';
import { findingsAmong } from '../../workbench/checked-clusters.ts';
import { openPrimaries } from '../../workbench/clusters.ts';

/** What to look for, and what of it to leave out. */
export interface AnalysisChoice {
  /** Names of analyzers; all that are not optional where nobody names any. */
  readonly analyzers?: readonly string[] | undefined;
  /** Whether checks that compile proxies run, where they are not left out by name. */
  readonly verification: 'auto' | 'always' | 'never';
  /** The input is only a part: what could be elsewhere is no more than a hint. */
  readonly isPartial: boolean;
  /** Only findings of this namespace, and those of none. */
  readonly namespace?: string | undefined;
  /** Leaves findings out, beside those that annotations and comments of the input leave out. */
  readonly suppressed: Suppression;
  readonly now: number;
  /** Is told how many proxies were looked at. */
  readonly onProgress?: OnProgress | undefined;
}

/** What was found. */
export interface Analysis {
  readonly findings: readonly Diagnostic[];
  /** The files and documents that could not be read. */
  readonly unreadable: readonly Diagnostic[];
  /** Names of the analyzers that ran. */
  readonly ran: readonly string[];
}

/** Looks for mistakes in several clusters together. Throws a UserError for an analyzer that there is not. */
export function analyzeClusters(inputs: readonly Input[], choice: AnalysisChoice): Analysis {
  const benches = openPrimaries(inputs);
  const [{ input }] = benches;
  const together = {
    written: inputs.flatMap(({ written }) => written),
    texts: inputs.flatMap(({ texts }) => texts),
    clusterDomain: input.clusterDomain,
  };
  return analyzeWith(together, (chosen) => findingsAmong(inputs, benches, chosen), choice);
}

/** Looks for mistakes in what an input holds, of which `findings` gives those that are chosen. */
function analyzeWith(
  input: Pick<Input, 'written' | 'texts' | 'clusterDomain'>,
  findings: (choice: FindingsChoice) => readonly Diagnostic[],
  choice: AnalysisChoice,
): Analysis {
  const chosen = chooseAnalyzers(choice.analyzers);
  const compiles = choice.analyzers === undefined || choice.analyzers.includes(compiledChecks.name);
  const found = findings({
    analyzers: chosen,
    verification: compiles ? choice.verification : 'off',
    isPartial: choice.isPartial,
    now: choice.now,
    onProgress: choice.onProgress,
  });
  const { written, texts } = input;
  const suppressions = [
    choice.suppressed,
    suppressAnnotated(written),
    suppressCommented(new Map(texts.map(({ file, text }) => [file, text]))),
  ];
  const isLeftOut: Suppression = (finding) => suppressions.some((suppression) => suppression(finding));
  const told = sortFindings(found.filter((finding) => isInNamespace(finding, choice.namespace) && !isLeftOut(finding)));
  return {
    findings: foldUnplaced(foldAlike(told), input),
    unreadable: found.filter(isUnreadable),
    ran: chosen.map(({ name }) => name),
  };
}

/** Looks for mistakes in folders that are there at different times, each as an input of its own. */
export function analyzeParts(parts: readonly Input[], choice: AnalysisChoice): Analysis {
  const analyses = parts.map((input) => analyzeWith(input, openCheckedWorkbench(input).findings, choice));
  const [first] = analyses;
  if (first === undefined || analyses.length === 1) return first ?? { findings: [], unreadable: [], ran: [] };
  const files = parts.map(({ texts }) => new Set(texts.map(({ file }) => file)));
  const together = (list: readonly (readonly Diagnostic[])[]): readonly Diagnostic[] =>
    sortFindings(inAllParts(list, (file) => files.filter((names) => names.has(file)).length));
  return {
    findings: together(analyses.map(({ findings }) => findings)),
    unreadable: together(analyses.map(({ unreadable }) => unreadable)),
    ran: first.ran,
  };
}

/**
 * Findings of several parts, each once: of a file that parts share, what is found in each of them. What only some of them find there,
 * the others have what it asks for.
 */
function inAllParts(list: readonly (readonly Diagnostic[])[], partsWith: (file: string) => number): readonly Diagnostic[] {
  const found = list.flatMap((findings) => [...new Map(findings.map((finding) => [findingKey(finding), finding])).values()]);
  return [...groupBy(found, findingKey).values()].flatMap((same) => {
    const [finding] = same;
    if (finding === undefined) return [];
    const file = finding.location?.file;
    return file === undefined || same.length >= partsWith(file) ? [finding] : [];
  });
}

function findingKey({ code, location, resource, message }: Diagnostic): string {
  return JSON.stringify([code, location, resource, message]);
}

/** The findings that are at a threshold or above it; what cannot be read counts for itself. */
export function reaching(findings: readonly Diagnostic[], threshold: Severity): readonly Diagnostic[] {
  return findings.filter((finding) => !isUnreadable(finding) && isAtLeast(finding.severity, threshold));
}

/** The analyzers of these names. Throws a UserError for a name that none has. */
export function chooseAnalyzers(names: readonly string[] | undefined): readonly Analyzer[] {
  if (names === undefined) return analyzers.filter(({ isOptional }) => !isOptional);
  const known = namedChecks().map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const nearest = nearestNames(unknown, known);
    const hint = nearest.length === 0 ? 'mesh analyze -L lists all' : `did you mean ${nearest.join(' or ')}?`;
    throw usageError(`there is no analyzer ${unknown} (${hint})`);
  }
  return analyzers.filter(({ name }) => names.includes(name));
}

/** Findings about no namespace are of all; a Namespace is in itself. */
function isInNamespace({ resource }: Diagnostic, wanted: string | undefined): boolean {
  const namespace = resource?.kind === 'Namespace' ? resource.name : (resource?.namespace ?? '');
  return wanted === undefined || namespace === '' || namespace === wanted;
}
