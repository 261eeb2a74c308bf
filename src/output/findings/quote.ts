import type { Location } from '../../diagnostics/diagnostic.ts';
import { visibleBesideTabs } from '../escape/characters.ts';

/** A line of a source text, as much of it as is worth showing around a place. */
export interface Quote {
  readonly before: string;
  readonly marked: string;
  readonly after: string;
  /** What moves a mark under the marked part: as wide as what stands before it. */
  readonly indent: string;
  /** The columns that the marked part takes, one at least. */
  readonly width: number;
}

/** How much of a line is quoted at most, and how much of that before the place. */
const LENGTH = 200;
const LENGTH_BEFORE = 80;
const CUT = '...';

/** The part of a line around a place in it; undefined where there is nothing to see. */
export function quoteLine(line: string, { line: number, column, endLine, endColumn }: Location): Quote | undefined {
  if (line.trim() === '') return undefined;
  const start = Math.min(column - 1, line.length);
  const isWithin = endLine === undefined || endLine === number;
  const end = isWithin ? (endColumn ?? column + 1) - 1 : line.trimEnd().length;
  const isShort = line.length <= LENGTH;
  const from = isShort ? 0 : wholeCharacter(line, Math.max(0, Math.min(start - LENGTH_BEFORE, line.length - LENGTH)));
  const to = isShort ? line.length : wholeCharacter(line, Math.min(line.length, from + LENGTH));
  const before = (from > 0 ? CUT : '') + visibleBesideTabs(line.slice(from, start));
  const marked = visibleBesideTabs(line.slice(start, Math.min(end, to)));
  const after = visibleBesideTabs(line.slice(Math.max(start, Math.min(end, to)), to)) + (to < line.length ? CUT : '');
  return { before, marked, after, indent: blanksFor(before), width: Math.max(1, widthOf(marked)) };
}

/** The index, or the one before it where it would fall between the halves of a character. */
export function wholeCharacter(text: string, index: number): number {
  const isSecondHalf = /[\udc00-\udfff]/.test(text.charAt(index)) && /[\ud800-\udbff]/.test(text.charAt(index - 1));
  return isSecondHalf ? index - 1 : index;
}

/** Characters that terminals show two columns wide, and those that take none. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
const WITHOUT_WIDTH = /[\p{Mn}\p{Me}\u200b-\u200d]/u;

/** Characters that are one column wide each. */
const ONE_WIDE = /^[ -~]*$/;

function widthOf(text: string): number {
  if (ONE_WIDE.test(text)) return text.length;
  return [...text].reduce((width, character) => width + (WITHOUT_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1), 0);
}

/** Blanks as wide as a text; tabs are as wide as they are above. */
function blanksFor(text: string): string {
  return text
    .split('\t')
    .map((part) => ' '.repeat(widthOf(part)))
    .join('\t');
}
