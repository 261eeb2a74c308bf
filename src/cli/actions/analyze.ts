import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { namedChecks } from '../../findings/checks.ts';
import { createBaseline } from '../../findings/policy/baseline.ts';
import { isAtLeast } from '../../findings/policy/levels.ts';
import { type InputsToAnalyze, loadByFolder, loadTogether } from '../../input/load.ts';
import { analyzeClusters, analyzeParts, chooseAnalyzers, reaching } from '../../operations/analyze/analyze.ts';
import { readSuppressions, withoutBaseline } from '../../operations/analyze/known-findings.ts';
import { noPaint, type Painter } from '../../output/diagnostics.ts';
import { printedJson } from '../../output/escape/json.ts';
import { printedLines } from '../../output/escape/plain.ts';
import type { Printable } from '../../output/escape/printable.ts';
import { countFindings, levelOf } from '../../output/findings/describe.ts';
import { type FindingFormat, findingFormats } from '../../output/findings/formats.ts';
import { checkLines, summaryLines } from '../../output/findings/summary.ts';
import { quotableText } from '../../source/quotable.ts';
import type { AnalyzeOptions, OutputChoice } from '../commands/analyze.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { createPainter, repositoryOf, tellFailure, tellLines, wantsColor, withProgress } from '../report.ts';
import { meshVersion, versionText } from '../version.ts';

/**
 * Runs the analyzers and prints what they find. Gives the exit status: 79 for findings at or above the threshold, else 65 when
 * something could not be read.
 */
export async function analyze(paths: readonly string[], options: AnalyzeOptions, io: Io): Promise<number> {
  if (options.listAnalyzers) {
    io.out(printedLines(namedChecks().flatMap(checkLines)));
    return EXIT.fine;
  }
  // Of all mistakes in a call, those that need no reading come first.
  chooseAnalyzers(options.analyzer);
  const { suppressed, unknownCodes } = readSuppressions(options.suppress ?? []);
  tellLines(
    unknownCodes.map((code) => `warning: ${code} is not the code of a finding, so that suppressing it has no effect`),
    io,
  );
  const isFiltered = options.namespace !== undefined && options.allNamespaces !== true;
  const { input, parts, areClusters } = await (options.groupByFolder === true ? loadByFolder : loadTogether)(options, paths, io, {
    // With -A resources that name no namespace stay without, as in istioctl.
    ...(options.allNamespaces === true && { namespace: '' }),
    keepInvalid: true,
    keepRefused: true,
    asksApiServer: options.analyzer === undefined,
  });
  const analyzeAll = areClusters ? analyzeClusters : analyzeParts;
  const choice = {
    analyzers: options.analyzer,
    verification: options.verify,
    isPartial: options.partial === true,
    namespace: isFiltered ? input.namespace : undefined,
    suppressed,
    now: io.now(),
  };
  const analysis = await withProgress(io, 'proxies', (onProgress) => analyzeAll(parts, { ...choice, onProgress }));
  const { baseline } = options;
  const findings = baseline === undefined ? analysis.findings : withoutBaseline(analysis.findings, baseline, io);
  if (options.writeBaseline !== undefined) {
    io.writeFile(options.writeBaseline, printedJson(createBaseline(findings)));
  }
  await print(
    findings.filter(({ severity }) => isAtLeast(severity, options.outputThreshold)),
    input,
    options,
    io,
  );
  if (options.verbose) io.err(printedLines(['Analyzers that ran:', ...analysis.ran.map((name) => `  ${name}`)]));
  const grave = reaching(findings, options.failureThreshold).length;
  if (grave > 0 && options.writeBaseline === undefined) {
    const level = levelOf(options.failureThreshold);
    tellFailure(`${grave} ${grave === 1 ? 'finding is' : 'findings are'} at or above the failure threshold (${level})`, io);
    return EXIT.findings;
  }
  const unreadable = analysis.unreadable.length;
  if (unreadable === 0 || options.ignoreUnknown) return EXIT.fine;
  const many = unreadable === 1 ? 'file or document' : 'files or documents';
  tellFailure(`${unreadable} ${many} could not be read; --ignore-unknown goes on without`, io);
  return EXIT.data;
}

type Read = InputsToAnalyze['input'];

async function print(findings: readonly Diagnostic[], input: Read, options: AnalyzeOptions, io: Io): Promise<void> {
  const choices: readonly OutputChoice[] = options.output ?? [{ format: 'text' }];
  for (const { format, file } of choices) {
    const toTerminal = file === undefined && (options.color ?? wantsColor(io, io.isOutputTerminal));
    const text = await formatAs(format, findings, input, toTerminal ? await createPainter() : noPaint, io);
    if (file === undefined) io.out(text);
    else io.writeFile(file, text);
  }
  const isForPeople = choices.some(({ format, file }) => file === undefined && (format === 'text' || format === 'log'));
  if (isForPeople) tellLines(summaryLines(findings, input, options.verbose === true), io);
  const toFilesOnly = choices.every(({ file }) => file !== undefined);
  if (findings.length > 0 && toFilesOnly) io.err(printedLines([countFindings(findings)]));
}

async function formatAs(
  format: FindingFormat,
  findings: readonly Diagnostic[],
  { texts, release }: Read,
  paint: Painter,
  io: Io,
): Promise<Printable> {
  const print = await findingFormats[format]();
  const quoted = new Set(format === 'text' ? findings.map(({ location }) => location?.file) : []);
  const quotable = texts.filter(({ file }) => quoted.has(file)).map((text) => [text.file, quotableText(text)] as const);
  return print(findings, {
    texts: new Map(quotable),
    docsUrl: release.docsUrl,
    paint,
    version: meshVersion(),
    fullVersion: versionText(),
    repository: repositoryOf(io),
  });
}
