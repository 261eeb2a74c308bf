import type { Diagnostic, Location } from '../../diagnostics/diagnostic.ts';
import { groupBy } from '../../util/collections.ts';
import { noPaint, type Painter, sortDiagnostics } from '../diagnostics.ts';
import { type Plain, plain, printedLines, quotedLine, styled } from '../escape/plain.ts';
import { type Printable, printed } from '../escape/printable.ts';
import { countFindings, levelOf, referenceOf, resourceText } from './describe.ts';
import { quoteLine } from './quote.ts';

/** The texts of the input by file, to quote from. */
export type Texts = ReadonlyMap<string, string>;

/** Findings for people: by file, each with the line that it is about. */
export function formatFindings(findings: readonly Diagnostic[], texts: Texts, paint: Painter = noPaint): Printable {
  if (findings.length === 0) return printed(plain``);
  const linesOf = createLineReader(texts);
  const files = new Map<string, Diagnostic[]>();
  for (const finding of sortDiagnostics(findings)) {
    const file = finding.location?.file ?? '';
    const list = files.get(file);
    if (list === undefined) files.set(file, [finding]);
    else list.push(finding);
  }
  const blocks = [...files].map(([file, list]) => [
    ...(file === '' ? [] : [styled(paint.strong, file)]),
    ...list.flatMap((finding) => formatFinding(finding, linesOf, paint)),
  ]);
  return printedLines([...blocks.flatMap((lines) => [...lines, '']), countFindings(findings)]);
}

/** istioctl's lines: `Error [IST0101] (VirtualService default/a file.yaml:11) Referenced ...`. */
export function formatLog(findings: readonly Diagnostic[], paint: Painter = noPaint): Printable {
  const lines = findings.map((finding) => {
    const { code, severity, message, resource } = finding;
    const reference = referenceOf(finding);
    const about = [...(resource === undefined ? [] : [resourceText(resource)]), ...(reference === undefined ? [] : [reference])];
    const where = about.length === 0 ? '' : ` (${about.join(' ')})`;
    return plain`${styled(paint[severity], levelOf(severity))} [${code}]${where} ${message}`;
  });
  return printedLines(lines);
}

/** As many places of which the same is said are named. */
const MOST_PLACES = 5;

function formatFinding(finding: Diagnostic, linesOf: LineReader, paint: Painter): Plain[] {
  const { severity, code, message, resource, location, related = [] } = finding;
  const place = location === undefined ? '' : `${location.file}:${location.line}:${location.column}: `;
  const about = resource === undefined || resource.name === '' ? '' : `${resourceText(resource)}: `;
  const others = [...groupBy(related, ({ message: why }) => why)].flatMap(([why, places]) => {
    const shown = places.slice(0, MOST_PLACES).map(({ location: { file, line } }) => plain`      ${why}: ${file}:${line}`);
    const rest = places.length - shown.length;
    return rest > 0 ? [...shown, plain`      and at ${String(rest)} more places`] : shown;
  });
  return [
    plain`  ${place}${styled(paint[severity], severity)} [${code}] ${about}${message}`,
    ...(location === undefined ? [] : quote(location, linesOf, paint[severity])),
    ...others,
  ];
}

/** The line of a place with the place underlined. */
function quote(location: Location, linesOf: LineReader, style: (text: string) => string): Plain[] {
  const quoted = quoteLine(linesOf(location.file)[location.line - 1] ?? '', location);
  if (quoted === undefined) return [];
  const { before, marked, after, indent, width } = quoted;
  const gutter = String(location.line);
  const mark = styled(style, '^'.repeat(width));
  return [
    quotedLine`    ${gutter} | ${before}${marked}${after}`,
    quotedLine`    ${' '.repeat(gutter.length)} | ${indent}${mark}`,
  ];
}

type LineReader = (file: string) => readonly string[];

function createLineReader(texts: Texts): LineReader {
  const known = new Map<string, readonly string[]>();
  return (file) => {
    let lines = known.get(file);
    if (lines === undefined) {
      lines = (texts.get(file) ?? '').split(/\r?\n/);
      known.set(file, lines);
    }
    return lines;
  };
}
