import type { Diagnostic, Location } from '../../diagnostics/diagnostic.ts';
import { noPaint, type Painter } from '../diagnostics.ts';
import { countFindings, levelOf, originOf, referenceOf } from './describe.ts';

/** The texts of the input by file, to quote from. */
export type Texts = ReadonlyMap<string, string>;

/** Findings for people: by file, each with the line that it is about. */
export function formatFindings(findings: readonly Diagnostic[], texts: Texts, paint: Painter = noPaint): string {
  const linesOf = createLineReader(texts);
  const files = new Map<string, Diagnostic[]>();
  for (const finding of sortByPlace(findings)) {
    const file = finding.location?.file ?? '';
    const list = files.get(file);
    if (list === undefined) files.set(file, [finding]);
    else list.push(finding);
  }
  const blocks = [...files].map(([file, list]) => {
    const heading = file === '' ? [] : [paint.strong(file)];
    return [...heading, ...list.map((finding) => formatFinding(finding, linesOf, paint))].join('\n');
  });
  return findings.length === 0 ? '' : `${blocks.join('\n\n')}\n\n${countFindings(findings)}\n`;
}

/** istioctl's lines: `Error [IST0101] (VirtualService default/a file.yaml:11) Referenced ...`. */
export function formatLog(findings: readonly Diagnostic[], paint: Painter = noPaint): string {
  const lines = findings.map((finding) => {
    const { code, severity, message, resource } = finding;
    const reference = referenceOf(finding);
    const about = [...(resource === undefined ? [] : [originOf(resource)]), ...(reference === undefined ? [] : [reference])];
    return `${paint[severity](levelOf(severity))} [${code}]${about.length === 0 ? '' : ` (${about.join(' ')})`} ${message}\n`;
  });
  return lines.join('');
}

function formatFinding(finding: Diagnostic, linesOf: LineReader, paint: Painter): string {
  const { severity, code, message, resource, location, related = [] } = finding;
  const place = location === undefined ? '' : `${location.file}:${location.line}:${location.column}: `;
  const about = resource === undefined || resource.name === '' ? '' : `${originOf(resource)}: `;
  const head = `  ${place}${paint[severity](severity)} [${code}] ${about}${message}`;
  const quoted = location === undefined ? [] : quote(location, linesOf, (text) => paint[severity](text));
  const others = related.map(({ message: why, location: { file, line } }) => `      ${why}: ${file}:${line}`);
  return [head, ...quoted, ...others].join('\n');
}

/** The line of a place with the place underlined. */
function quote(
  { file, line, column, endLine, endColumn }: Location,
  linesOf: LineReader,
  mark: (text: string) => string,
): string[] {
  const text = linesOf(file)[line - 1];
  if (text === undefined || text.trim() === '') return [];
  const end = endLine === undefined || endLine === line ? (endColumn ?? column + 1) : text.trimEnd().length + 1;
  const gutter = String(line);
  const indent = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
  const blank = ' '.repeat(gutter.length);
  return [`    ${gutter} | ${text}`, `    ${blank} | ${indent}${mark('^'.repeat(Math.max(1, end - column)))}`];
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

function sortByPlace(findings: readonly Diagnostic[]): Diagnostic[] {
  return [...findings].sort((a, b) => {
    const [left, right] = [a.location, b.location];
    if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined);
    if (left.file !== right.file) return left.file < right.file ? -1 : 1;
    return left.line - right.line || left.column - right.column;
  });
}
