import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { analyzers } from '../../findings/analyzers/index.ts';
import type { Analyzer } from '../../findings/analyzers/support/analyzer.ts';
import { compiledChecks, namedChecks } from '../../findings/checks.ts';
import { createBaseline, newFindings } from '../../findings/policy/baseline.ts';
import { isAtLeast, isUnreadable } from '../../findings/policy/levels.ts';
import { sortFindings } from '../../findings/policy/order.ts';
import {
  parseSuppression,
  type Suppression,
  suppressAnnotated,
  suppressCodes,
  suppressCommented,
} from '../../findings/policy/suppress.ts';
import { loadInput } from '../../input/load.ts';
import { noPaint, type Painter } from '../../output/diagnostics.ts';
import { printedJson } from '../../output/escape/json.ts';
import { printedLines } from '../../output/escape/plain.ts';
import type { Printable } from '../../output/escape/printable.ts';
import { countFindings } from '../../output/findings/describe.ts';
import { type FindingFormat, findingFormats } from '../../output/findings/formats.ts';
import type { SourceText } from '../../source/load.ts';
import { quotableText } from '../../source/quotable.ts';
import { parseJsonText } from '../../util/json-text.ts';
import { nearestNames } from '../../util/nearest.ts';
import { openCheckedWorkbench } from '../../workbench/checked.ts';
import type { AnalyzeOptions, OutputChoice } from '../commands/analyze.ts';
import { CommandError, EXIT, usageError } from '../exit.ts';
import type { Io } from '../io.ts';
import { createPainter, wantsColor } from '../report.ts';
import { versionText } from '../version.ts';

/**
 * Runs the analyzers and prints what they find. Gives the exit status: 79 for findings at or above the threshold, else 65 when
 * something could not be read.
 */
export async function analyze(paths: readonly string[], options: AnalyzeOptions, io: Io): Promise<number> {
  if (options.listAnalyzers) return listAnalyzers(io);
  const chosen = chooseAnalyzers(options.analyzer);
  const suppressed = readSuppressions(options.suppress ?? [], io);
  // Without a namespace, resources that name none stay without, as in istioctl with -A.
  const isFiltered = options.namespace !== undefined && options.allNamespaces !== true;
  const input = await loadInput(options, paths, io, {
    ...(!isFiltered && { namespace: '' }),
    keepInvalid: true,
    keepRefused: true,
  });
  const texts = new Map(input.texts.map(({ file, text }) => [file, text]));

  const compiles = options.analyzer === undefined || options.analyzer.includes(compiledChecks.name);
  const found = openCheckedWorkbench(input).findings({
    analyzers: chosen,
    verification: compiles ? options.verify : 'off',
    isPartial: options.partial === true,
    now: io.now(),
  });
  const isLeftOut = anyOf(suppressed, suppressAnnotated(input.written), suppressCommented(texts));
  const unreadable = found.filter(isUnreadable);
  const kept = found.filter((finding) => isInNamespace(finding, isFiltered ? input.namespace : undefined) && !isLeftOut(finding));
  const findings = sortFindings(withoutBaseline(kept, options, io));
  if (options.writeBaseline !== undefined) {
    io.writeFile(options.writeBaseline, printedJson(createBaseline(findings)));
  }
  await print(
    findings.filter(({ severity }) => isAtLeast(severity, options.outputThreshold)),
    { texts: input.texts, docsUrl: input.release.docsUrl },
    options,
    io,
  );
  if (options.verbose) io.err(printedLines(['Analyzers that ran:', ...chosen.map(({ name }) => `  ${name}`)]));
  const failing = findings.filter((finding) => !isUnreadable(finding) && isAtLeast(finding.severity, options.failureThreshold));
  if (failing.length > 0 && options.writeBaseline === undefined) return EXIT.findings;
  return unreadable.length > 0 && !options.ignoreUnknown ? EXIT.data : EXIT.fine;
}

function listAnalyzers(io: Io): number {
  const lines = namedChecks().flatMap(({ name, about, isOptional }) => [
    `* ${name}:`,
    `    ${about}${isOptional ? ' (only when named)' : ''}`,
  ]);
  io.out(printedLines(lines));
  return EXIT.fine;
}

function chooseAnalyzers(names: readonly string[] | undefined): readonly Analyzer[] {
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

function readSuppressions(texts: readonly string[], io: Io): Suppression {
  const list = texts.map((text) => {
    const suppression = parseSuppression(text);
    if (suppression === undefined)
      throw new CommandError(`${text} is not a suppression; write --suppress "IST0103=Pod name.namespace"`);
    if (!/^(IST|MESH)\d{4}$/.test(suppression.code)) {
      io.err(printedLines([`warning: ${suppression.code} is not the code of a finding, so that suppressing it has no effect`]));
    }
    return suppression;
  });
  return suppressCodes(list);
}

function anyOf(...suppressions: readonly Suppression[]): Suppression {
  return (finding) => suppressions.some((suppression) => suppression(finding));
}

/** Findings about no namespace are of all; a Namespace is in itself. */
function isInNamespace({ resource }: Diagnostic, wanted: string | undefined): boolean {
  const namespace = resource?.kind === 'Namespace' ? resource.name : (resource?.namespace ?? '');
  return wanted === undefined || namespace === '' || namespace === wanted;
}

function withoutBaseline(findings: readonly Diagnostic[], { baseline }: AnalyzeOptions, io: Io): readonly Diagnostic[] {
  if (baseline === undefined) return findings;
  let value: unknown;
  try {
    value = parseJsonText(io.readText(baseline));
  } catch (error) {
    throw new CommandError(
      `cannot read the baseline ${baseline}: ${error instanceof Error ? error.message : String(error)}`,
      EXIT.data,
    );
  }
  const left = newFindings(findings, value);
  if (left === undefined) throw new CommandError(`${baseline} is no baseline; --write-baseline writes one`, EXIT.data);
  return left;
}

/** What printing needs of the input. */
interface PrintedInput {
  readonly texts: readonly SourceText[];
  readonly docsUrl: string;
}

async function print(findings: readonly Diagnostic[], input: PrintedInput, options: AnalyzeOptions, io: Io): Promise<void> {
  const { texts } = input;
  const choices: readonly OutputChoice[] = options.output ?? [{ format: 'text' }];
  for (const { format, file } of choices) {
    const toTerminal = file === undefined && (options.color ?? wantsColor(io, io.isOutputTerminal));
    const text = await formatAs(format, findings, input, toTerminal ? await createPainter() : noPaint);
    if (file === undefined) io.out(text);
    else io.writeFile(file, text);
  }
  const isForPeople = choices.some(({ format, file }) => file === undefined && (format === 'text' || format === 'log'));
  if (findings.length === 0 && isForPeople)
    io.err(printedLines([`No problems found in ${texts.length} ${texts.length === 1 ? 'file' : 'files'}.`]));
  const toFilesOnly = choices.every(({ file }) => file !== undefined);
  if (findings.length > 0 && toFilesOnly) io.err(printedLines([countFindings(findings)]));
}

async function formatAs(
  format: FindingFormat,
  findings: readonly Diagnostic[],
  { texts, docsUrl }: PrintedInput,
  paint: Painter,
): Promise<Printable> {
  const print = await findingFormats[format]();
  const quoted = new Set(format === 'text' ? findings.map(({ location }) => location?.file) : []);
  const quotable = texts.filter(({ file }) => quoted.has(file)).map((text) => [text.file, quotableText(text)] as const);
  return print(findings, { texts: new Map(quotable), docsUrl, paint, version: versionText() });
}
