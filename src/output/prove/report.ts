import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { statementRefuted, statementUndecided } from '../../diagnostics/problems/statements.ts';
import type { ProvenFile, ProveReport, StatementReport, Undecided } from '../../operations/prove/report.ts';
import { assertNever } from '../../util/assert.ts';
import { groupBy } from '../../util/collections.ts';
import type { Painter } from '../diagnostics.ts';
import { printedJson } from '../escape/json.ts';
import { type Plain, plain, printedLines, styled } from '../escape/plain.ts';
import { type Printable, printed } from '../escape/printable.ts';
import { xml } from '../escape/xml.ts';
import { replayCommand } from './command.ts';
import { brokenWords, countVerdicts, undecidedWords, witnessWords } from './words.ts';

/** So many reasons are told why there is no answer. */
const MOST_REASONS = 3;

/** The files with what does not hold in them, and what was taken for granted. */
export function formatProveText({ files }: ProveReport, paint: Painter): Printable {
  const lines: (string | Plain)[] = [];
  for (const file of files) {
    const { proven } = countVerdicts(file.statements);
    const verdict = proven === file.statements.length ? 'ok  ' : styled(paint.error, 'FAIL');
    lines.push(plain`${verdict} ${styled(paint.strong, file.file)}  ${proven} of ${file.statements.length} proven`);
    for (const statement of file.statements) {
      const { name, location, verdict: of } = statement;
      if (of.kind === 'proven' && of.assumptions.length === 0) continue;
      lines.push(`  ${location.file}:${location.line}: ${name}`);
      for (const line of verdictLines(statement, file)) lines.push(`    ${line}`);
    }
  }
  const all = files.flatMap(({ statements }) => statements);
  const { proven, refuted, undecided } = countVerdicts(all);
  const others = [...(refuted > 0 ? [`${refuted} refuted`] : []), ...(undecided > 0 ? [`${undecided} undecided`] : [])];
  const rest = others.length === 0 ? '' : styled(paint.error, `, ${others.join(', ')}`);
  lines.push('', plain`${proven} of ${all.length} statements proven${rest}`);
  return printedLines(lines);
}

function verdictLines({ verdict }: StatementReport, file: ProvenFile): readonly string[] {
  const assuming = verdict.assumptions.length === 0 ? [] : [`assuming: ${verdict.assumptions.join('; ')}`];
  switch (verdict.kind) {
    case 'proven':
      return ['proven', ...assuming];
    case 'refuted':
      return [
        `refuted: ${witnessWords(verdict.witness)}`,
        ...brokenWords(verdict).map((line) => `which: ${line}`),
        ...assuming,
        `$ ${replayCommand(verdict.witness, file)}`,
      ];
    case 'undecided': {
      const reasons = undecidedWords(verdict.because);
      const more = reasons.length > MOST_REASONS ? [`and ${reasons.length - MOST_REASONS} more`] : [];
      return [...reasons.slice(0, MOST_REASONS).map((reason) => `undecided: ${reason}`), ...more, ...assuming];
    }
    default:
      return assertNever(verdict);
  }
}

/** JUnit's XML: a statement that is refuted fails, one without an answer is an error. */
export function formatProveJunit({ files }: ProveReport): Printable {
  const attributes = (statements: readonly StatementReport[]): ReturnType<typeof xml> => {
    const { refuted, undecided } = countVerdicts(statements);
    return xml`tests="${statements.length}" failures="${refuted}" errors="${undecided}"`;
  };
  const suites = files.map((file) => {
    const cases = file.statements.map((statement) => {
      const { name, location, verdict } = statement;
      const head = xml`    <testcase name="${name}" classname="${file.file}" file="${location.file}" line="${location.line}"`;
      const lines = verdictLines(statement, file);
      const text = lines.join('\n');
      if (verdict.kind === 'proven') {
        if (verdict.assumptions.length === 0) return xml`${head}/>\n`;
        return xml`${head}>\n      <system-out>${text}</system-out>\n    </testcase>\n`;
      }
      const body =
        verdict.kind === 'refuted'
          ? xml`<failure type="refuted" message="${lines[0] ?? ''}">${text}</failure>`
          : xml`<error type="undecided" message="${lines[0] ?? ''}">${text}</error>`;
      return xml`${head}>\n      ${body}\n    </testcase>\n`;
    });
    return xml`  <testsuite name="${file.file}" ${attributes(file.statements)}>\n${cases}  </testsuite>\n`;
  });
  return printed(xml`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="mesh prove" ${attributes(files.flatMap(({ statements }) => statements))}>
${suites}</testsuites>
`);
}

/** All there is, as JSON. */
export function formatProveJson({ files }: ProveReport): Printable {
  const all = files.flatMap(({ statements }) => statements);
  return printedJson({
    summary: { statements: all.length, ...countVerdicts(all) },
    files: files.map((file) => ({
      file: file.file,
      statements: file.statements.map((statement) => statementAsJson(statement, file)),
    })),
  });
}

function statementAsJson({ name, kind, location, verdict, classes }: StatementReport, file: ProvenFile): object {
  const { assumptions } = verdict;
  const common = { name, kind, location, verdict: verdict.kind, assumptions, classes };
  switch (verdict.kind) {
    case 'proven':
      return common;
    case 'refuted': {
      const { witness } = verdict;
      const which = verdict.which === undefined ? {} : { which: brokenWords(verdict) };
      return { ...common, ...which, witness: { ...witness, text: witnessWords(witness), command: replayCommand(witness, file) } };
    }
    case 'undecided':
      return { ...common, because: reasonsAsJson(verdict.because) };
    default:
      return assertNever(verdict);
  }
}

/** Each reason once, with the requests that it is for. */
function reasonsAsJson(because: readonly Undecided[]): readonly object[] {
  const places = new Map(because.map((reason) => [JSON.stringify(reason), reason]));
  const reasons = groupBy(places.values(), ({ from: _, to: __, ...reason }) => JSON.stringify(reason));
  return [...reasons.values()].map((same) => {
    const [{ from: _, to: __, ...reason } = { from: '', to: '' }] = same;
    return { ...reason, requests: same.map(({ from, to }) => ({ from, to })) };
  });
}

/** Statements without a proof as findings, for the formats that those have. */
export function asFindings({ files }: ProveReport): readonly Diagnostic[] {
  return files.flatMap((file) =>
    file.statements.flatMap(({ name, location, verdict }): readonly Diagnostic[] => {
      switch (verdict.kind) {
        case 'proven':
          return [];
        case 'refuted': {
          const words = `${witnessWords(verdict.witness)} ($ ${replayCommand(verdict.witness, file)})`;
          return [statementRefuted({ location }, name, words)];
        }
        case 'undecided':
          return [statementUndecided({ location }, name, undecidedWords(verdict.because).slice(0, MOST_REASONS).join('; '))];
        default:
          return assertNever(verdict);
      }
    }),
  );
}
