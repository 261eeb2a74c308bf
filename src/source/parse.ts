import type { Diagnostic, Location, Path, Report } from '../diagnostics/diagnostic.ts';
import { aliasBomb, nestedTooDeep, yamlSyntax } from '../diagnostics/problems/reading.ts';
import { type Range, rangeOf, type YamlPlace } from '../util/yaml/places.ts';
import { YamlProblem } from '../util/yaml/problem.ts';
import { readYaml, type YamlDocument } from '../util/yaml/reader.ts';
import type { SourceDocument } from './document.ts';
import { type DocumentLines, documentLines, isScalarAt } from './reference-lines.ts';
import { maySecretStandIn, sealSecrets } from './secrets.ts';
import { splitDocuments } from './split.ts';

/** A byte order mark, as each of several files put together may bring one. */
const BYTE_ORDER_MARK = /^\ufeff/gm;

/** The text whose lines and columns positions are about. */
export function withoutByteOrderMarks(text: string): string {
  return text.includes('\ufeff') ? text.replace(BYTE_ORDER_MARK, '') : text;
}

/**
 * The documents of a YAML or JSON text, in order; empty ones are left out. A document that cannot be parsed is reported at
 * its position, and the others are still returned. Positions are computed when they are asked for.
 */
export function parseText(file: string, input: string, report: Report): SourceDocument[] {
  const text = withoutByteOrderMarks(input);
  const locate = createLineIndex(file, text);
  const documents: SourceDocument[] = [];
  for (const { start, end } of splitDocuments(text)) {
    const source = text.slice(start, end);
    const read = readYaml(source);
    // Most documents are never asked where their parts stand.
    let placed: readonly YamlDocument[] | undefined;
    const placeOf = (ordinal: number): YamlPlace => {
      placed ??= readYaml(source, true).documents;
      return placed[ordinal]?.place ?? { start: 0, end: 0 };
    };
    for (const [ordinal, { value, range }] of read.documents.entries()) {
      if (value === undefined || value === null) continue;
      const places = (path: Path, on: 'key' | 'value'): Range => {
        const found = path.length === 0 && range !== undefined ? range : rangeOf(placeOf(ordinal), path, on);
        return { start: start + found.start, end: start + found.end };
      };
      documents.push(createDocument(file, documents.length, sealSecrets(value), places, locate));
    }
    if (read.problem !== undefined) {
      // Aliases that add up are the fault of the whole document.
      const at = read.problem.kind === 'alias-excessive' ? 0 : read.problem.offset;
      const offset = start + Math.min(at, source.trimEnd().length);
      const problem = maySecretStandIn(source) ? withoutDetail(read.problem) : read.problem;
      report(diagnosticOf(problem, locate({ start: offset, end: offset })));
    }
  }
  return documents;
}

function diagnosticOf({ kind, message }: YamlProblem, location: Location): Diagnostic {
  if (kind === 'alias-recursive') return aliasBomb({ location }, 'recursive');
  if (kind === 'alias-excessive') return aliasBomb({ location }, 'excessive');
  return kind === 'too-deep' ? nestedTooDeep({ location }) : yamlSyntax({ location }, message);
}

/** The problem without the name or number that it quotes from the text. */
function withoutDetail({ kind, offset }: YamlProblem): YamlProblem {
  return new YamlProblem(kind, offset, '...');
}

function createDocument(
  file: string,
  index: number,
  value: unknown,
  rangeAt: (path: Path, on: 'key' | 'value') => Range,
  locate: Locate,
): SourceDocument {
  return {
    file,
    index,
    value,
    locate: (path, on = 'value') => locate(rangeAt(path, on)),
    reference(path) {
      const { line } = this.locate([]);
      const { start, shift } = locate.istioLines(line);
      return path !== undefined && isScalarAt(value, path) ? this.locate(path).line + shift : start;
    },
  };
}

interface Locate {
  (range: Range): Location;
  readonly istioLines: DocumentLines;
}

/** Turns offsets of a text into lines and columns; the line starts are found once, when first needed. */
function createLineIndex(file: string, text: string): Locate {
  let lineStarts: number[] | undefined;
  const position = (offset: number): { line: number; column: number } => {
    lineStarts ??= findLineStarts(text);
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 };
  };
  let istioLines: DocumentLines | undefined;
  const locate = ({ start, end }: Range): Location => {
    const from = position(start);
    if (end <= start) return { file, ...from };
    const to = position(end);
    return { file, ...from, endLine: to.line, endColumn: to.column };
  };
  return Object.assign(locate, {
    istioLines: (line: number) => {
      istioLines ??= documentLines(text);
      return istioLines(line);
    },
  });
}

function findLineStarts(text: string): number[] {
  const starts = [0];
  for (let index = text.indexOf('\n'); index !== -1; index = text.indexOf('\n', index + 1)) starts.push(index + 1);
  return starts;
}
