import { constructFromEvents, EVENT_ID, parseEvents, YAMLException } from 'js-yaml';
import { aliasBomb, yamlSyntax } from '../diagnostics/catalog.ts';
import type { Location, Report } from '../diagnostics/diagnostic.ts';
import { KUBERNETES_YAML } from '../util/yaml.ts';
import { aliasProblem } from './aliases.ts';
import type { SourceDocument } from './document.ts';
import { type Positions, parsePositions, type Range, rangeOf } from './positions.ts';
import { type DocumentLines, documentLines, isScalarAt } from './reference-lines.ts';
import { parseSimpleYaml } from './simple-yaml.ts';
import { type Chunk, splitDocuments } from './split.ts';

/** Deeper nesting is refused; Kubernetes objects need a tenth of it. */
const MAX_DEPTH = 300;

/**
 * The documents of a YAML or JSON text, in order; empty ones are left out. A document that cannot be parsed is reported at
 * its position, and the others are still returned. Positions are computed when they are asked for.
 */
export function parseText(file: string, input: string, report: Report): SourceDocument[] {
  const text = input.charCodeAt(0) === 0xfeff ? input.slice(1) : input;
  const locate = createLineIndex(file, text);
  const documents: SourceDocument[] = [];
  for (const chunk of splitDocuments(text)) {
    const { values, source } = parseChunk(text, chunk, locate, report);
    for (const [ordinal, value] of values.entries()) {
      if (value === undefined || value === null) continue;
      documents.push(createDocument(file, documents.length, value, ordinal, source, chunk, locate));
    }
  }
  return documents;
}

/** The values of a stretch of text, and the text that they were read from: of the same length, with lines joined if need be. */
interface ParsedChunk {
  readonly values: readonly unknown[];
  readonly source: string;
}

function parseChunk(text: string, chunk: Chunk, locate: Locate, report: Report): ParsedChunk {
  const written = text.slice(chunk.start, chunk.end);
  const simple = parseSimpleYaml(written);
  if (simple !== undefined) return { values: [simple], source: written };
  let source = written;
  for (;;) {
    try {
      const events = parseEvents(source, { maxDepth: MAX_DEPTH });
      const values = constructFromEvents(events, { source, schema: KUBERNETES_YAML });
      if (!events.some((event) => event.type === EVENT_ID.ALIAS)) return { values, source };
      const problem = values.map(aliasProblem).find((found) => found !== undefined);
      if (problem === undefined) return { values, source };
      report(aliasBomb({ location: locate({ start: chunk.start, end: chunk.start }) }, problem));
    } catch (error) {
      if (!(error instanceof YAMLException)) throw error;
      const position = error.mark?.position ?? 0;
      const joined = joinFlowLine(source, position, error.reason);
      if (joined !== undefined) {
        source = joined;
        continue;
      }
      const offset = chunk.start + Math.min(position, Math.max(0, source.trimEnd().length));
      report(yamlSyntax({ location: locate({ start: offset, end: offset }) }, error.reason));
    }
    return { values: [], source };
  }
}

/**
 * The text with the line of a flow collection that is not indented enough joined to the one before it: Kubernetes' parser
 * (go-yaml) takes any indent there, as in a list whose `]` stands below its key. Undefined where that is not what is wrong.
 */
function joinFlowLine(source: string, position: number, reason: string): string | undefined {
  if (reason !== 'deficient indentation') return undefined;
  const lineBreak = source.lastIndexOf('\n', position - 1);
  if (lineBreak === -1) return undefined;
  const before = source.slice(source.lastIndexOf('\n', lineBreak - 1) + 1, lineBreak).trimEnd();
  const isFlow = /[,[{]$/.test(before) || /^\s*[\]}]/.test(source.slice(lineBreak + 1, position + 1));
  if (!isFlow || /(^|\s)#/.test(before)) return undefined;
  return `${source.slice(0, lineBreak)} ${source.slice(lineBreak + 1)}`;
}

function createDocument(
  file: string,
  index: number,
  value: unknown,
  ordinal: number,
  source: string,
  chunk: Chunk,
  locate: Locate,
): SourceDocument {
  let positions: Positions | undefined;
  return {
    file,
    index,
    value,
    locate(path, on = 'value') {
      positions ??= parsePositions(source, MAX_DEPTH);
      const range = rangeOf(positions, ordinal, path, on);
      return locate({ start: chunk.start + range.start, end: chunk.start + range.end });
    },
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
