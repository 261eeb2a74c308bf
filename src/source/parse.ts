import type { Diagnostic, Location, Path, Report } from '../diagnostics/diagnostic.ts';
import { aliasBomb, nestedTooDeep, yamlSyntax } from '../diagnostics/problems/reading.ts';
import { memo } from '../util/memo.ts';
import { type Range, rangeOf, type YamlPlace } from '../util/yaml/places.ts';
import { YamlProblem } from '../util/yaml/problem.ts';
import { readYaml, type YamlDocument } from '../util/yaml/reader.ts';
import type { ChunkReader, ReadChunk, SourceDocument } from './document.ts';
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
export function parseText(file: string, input: string, report: Report, readChunk?: ChunkReader): SourceDocument[] {
  const text = withoutByteOrderMarks(input);
  const chunks = splitDocuments(text);
  const istioLines = memo(() => documentLines(text));
  const documents: SourceDocument[] = [];
  let counted = 0;
  let line = 1;
  for (const { start, end } of chunks) {
    for (let at = text.indexOf('\n', counted); at !== -1 && at < start; at = text.indexOf('\n', at + 1)) line++;
    counted = start;
    const source = text.slice(start, end);
    const origin: ChunkOrigin = { file, line, index: documents.length };
    const found =
      readChunk === undefined || chunks.length === 1
        ? readSource(source, origin, (of) => istioLines()(of))
        : readInPlace(source, origin, istioLines(), readChunk);
    for (const document of found.documents) documents.push(document);
    for (const problem of found.problems) report(problem);
  }
  return documents;
}

/** Where a stretch of a text stands. */
interface ChunkOrigin {
  readonly file: string;
  /** Its first line. */
  readonly line: number;
  /** How many documents stand before it. */
  readonly index: number;
}

/** What stands before the first words of a stretch, as istioctl counts: a marker that has a line for itself, and blank lines. */
const LEADING = /^(?:---[ \t\r]*\n)?\s*/;

/** Reads a stretch by who may know it already. */
function readInPlace(source: string, origin: ChunkOrigin, istioLines: DocumentLines, readChunk: ChunkReader): ReadChunk {
  const { file, line, index } = origin;
  const [leading = ''] = LEADING.exec(source) ?? [];
  const first = istioLines(line + countLines(leading));
  const last = istioLines(line + countLines(source.trimEnd()));
  // What istioctl takes for several documents is not known by where it begins.
  if (first.start !== last.start || first.shift !== last.shift) return readSource(source, origin, istioLines);
  const { start, shift } = first;
  return readChunk(source, [file, line, index, start, shift], (kept) =>
    readSource(kept, origin, (of) => (start > of ? { start: of, shift: 0 } : { start, shift })),
  );
}

/** The documents of a stretch of a text, which has no marker but at its start. */
function readSource(source: string, { file, line, index }: ChunkOrigin, istioLines: DocumentLines): ReadChunk {
  const locate = createLineIndex(file, source, line, istioLines);
  const documents: SourceDocument[] = [];
  const read = readYaml(source);
  // Most documents are never asked where their parts stand.
  let placed: readonly YamlDocument[] | undefined;
  const placeOf = (ordinal: number): YamlPlace => {
    placed ??= readYaml(source, true).documents;
    return placed[ordinal]?.place ?? { start: 0, end: 0 };
  };
  for (const [ordinal, { value, range }] of read.documents.entries()) {
    if (value === undefined || value === null) continue;
    const places = (path: Path, on: 'key' | 'value'): Range =>
      path.length === 0 && range !== undefined ? range : rangeOf(placeOf(ordinal), path, on);
    documents.push(createDocument(file, index + documents.length, sealSecrets(value), places, locate));
  }
  if (read.problem === undefined) return { documents, problems: [] };
  // Aliases that add up are the fault of the whole document.
  const at = read.problem.kind === 'alias-excessive' ? 0 : read.problem.offset;
  const offset = Math.min(at, source.trimEnd().length);
  const problem = maySecretStandIn(source) ? withoutDetail(read.problem) : read.problem;
  return { documents, problems: [diagnosticOf(problem, locate({ start: offset, end: offset }))] };
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

/** Turns offsets of a text, which begins at a line of its file, into lines and columns; the line starts are found once, when first needed. */
function createLineIndex(file: string, text: string, firstLine: number, istioLines: DocumentLines): Locate {
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
    return { line: firstLine + low, column: offset - (lineStarts[low] ?? 0) + 1 };
  };
  const locate = ({ start, end }: Range): Location => {
    const from = position(start);
    if (end <= start) return { file, ...from };
    const to = position(end);
    return { file, ...from, endLine: to.line, endColumn: to.column };
  };
  return Object.assign(locate, { istioLines });
}

function findLineStarts(text: string): number[] {
  const starts = [0];
  for (let index = text.indexOf('\n'); index !== -1; index = text.indexOf('\n', index + 1)) starts.push(index + 1);
  return starts;
}

function countLines(text: string): number {
  let count = 0;
  for (let index = text.indexOf('\n'); index !== -1; index = text.indexOf('\n', index + 1)) count++;
  return count;
}
