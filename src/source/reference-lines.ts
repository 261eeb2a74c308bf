import type { Path } from '../diagnostics/diagnostic.ts';
import { isObject, own } from '../util/object.ts';

/**
 * The lines by which istioctl names documents and fields. They differ from the lines of an editor where its reader counts in a
 * way of its own; tools that read its output know its lines. istio pilot/pkg/config/file/util/kubeyaml and store.go
 * parseContent, BuildFieldPathMap.
 */

/** How istioctl counts the lines of one stretch between document markers. */
interface Stretch {
  /** The first and last line, markers aside. */
  readonly first: number;
  readonly last: number;
  /** The line that stands for the document: the first that is neither empty nor a marker. */
  readonly start: number;
  /** By how much its lines are greater than the real ones: the marker before the first document counts twice. */
  readonly shift: number;
}

/** The line that stands for the document at a line of the file, and the shift of lines within. */
export type DocumentLines = (line: number) => { readonly start: number; readonly shift: number };

/** Counts the lines of a file as istioctl does. */
export function documentLines(text: string): DocumentLines {
  const stretches = findStretches(text);
  return (line) => {
    let low = 0;
    let high = stretches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((stretches[middle]?.first ?? 0) <= line) low = middle;
      else high = middle - 1;
    }
    const found = stretches[low];
    return found === undefined || found.start > line ? { start: line, shift: 0 } : found;
  };
}

function findStretches(text: string): Stretch[] {
  const lines = text.split('\n');
  const stretches: Stretch[] = [];
  let first = 1;
  let start: number | undefined;
  let trimmed: number | undefined;
  const close = (last: number): void => {
    if (start !== undefined) stretches.push({ first, last, start, shift: start - (trimmed ?? start) });
    first = last + 1;
    start = undefined;
    trimmed = undefined;
  };
  lines.forEach((written, index) => {
    const line = written.endsWith('\r') ? written.slice(0, -1) : written;
    const number = index + 1;
    const isBlank = line.trim() === '';
    if (line.startsWith('---') && line.slice(3).trim() === '') {
      // A marker ends what stands before it; with nothing before it, it is the first line of the next document.
      if (index >= first) close(number);
      else trimmed ??= number;
      return;
    }
    if (!isBlank) trimmed ??= number;
    if (line !== '') start ??= number;
  });
  close(lines.length);
  return stretches;
}

/**
 * Whether a field is one that istioctl finds: a scalar, written under exactly these names. For others it names the document.
 */
export function isScalarAt(value: unknown, path: Path): boolean {
  let node = value;
  for (const segment of path) {
    if (Array.isArray(node)) node = typeof segment === 'number' ? node[segment] : undefined;
    else if (isObject(node) && Object.hasOwn(node, segment)) node = own(node, String(segment));
    else return false;
  }
  return node !== undefined && typeof node !== 'object' ? true : node === null;
}
