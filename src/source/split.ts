/** A stretch of a text that is parsed by itself. */
export interface Chunk {
  readonly start: number;
  readonly end: number;
}

const LINE_FEED = 10;

/** Whether `---` at this offset, which is the start of a line, marks a document. */
function isMarker(text: string, offset: number): boolean {
  if (!text.startsWith('---', offset)) return false;
  const next = text.charCodeAt(offset + 3);
  return Number.isNaN(next) || next === 32 || next === 9 || next === LINE_FEED || next === 13;
}

/** Whether a stretch holds nothing but comments and directives: then it belongs to the document after it. */
function isPreamble(text: string): boolean {
  return /^%/m.test(text) && !/^[^%#\s]/m.test(text);
}

/**
 * Splits a YAML text at its document markers, so that one broken document does not hide its neighbours.
 * YAML allows `---` at the start of a line nowhere else, not even inside quoted or block texts.
 */
export function splitDocuments(text: string): Chunk[] {
  const chunks: Chunk[] = [];
  let start = 0;
  let search = 0;
  const mayHoldDirectives = text.includes('%');
  const close = (end: number): void => {
    if (mayHoldDirectives && end > start && isPreamble(text.slice(start, Math.min(end, start + 4096)))) return;
    if (end > start) chunks.push({ start, end });
    start = end;
  };
  if (isMarker(text, 0)) search = 3;
  for (;;) {
    const found = text.indexOf('\n---', search);
    if (found === -1) break;
    if (isMarker(text, found + 1)) close(found + 1);
    search = found + 4;
  }
  close(text.length);
  return chunks;
}
