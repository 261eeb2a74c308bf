import {
  BACKSLASH,
  BAR,
  COLON,
  DASH,
  DOT,
  DOUBLE_QUOTE,
  HASH,
  isBlank,
  isBlankOrEnd,
  isBreak,
  isBreakOrEnd,
  isFlowSign,
  LINE_FEED,
  NINE,
  PLUS,
  RETURN,
  SINGLE_QUOTE,
  SPACE,
  TAB,
  ZERO,
} from './characters.ts';
import { YamlProblem } from './problem.ts';

/** Breaks other than a line feed: where a text has none, quoted texts on one line need no closer look. */
const OTHER_BREAK = /[\r\u0085\u2028\u2029]/;

/** What single letters after a backslash stand for in double quotes; goyaml.v2 scannerc.go. */
const escapes: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\x1b'],
  [' ', ' '],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['N', '\u0085'],
  ['_', '\u00a0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
]);
const codeLengths: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

/**
 * Where the reading of a text stands, and how scalars are read there. A class only for its state, which lives as long as one
 * text is read. Everything moves forward: no stretch of the text is looked at more than a few times.
 */
export class Scanner {
  protected readonly text: string;
  protected position = 0;
  /** Offset of the line that `position` is on. */
  protected lineStart = 0;
  /** Column of the block collection that is being read; -1 outside of any. */
  protected indent = -1;
  /** How many flow collections are open. */
  protected flowLevel = 0;
  /** Whether a key, or an item of a block list, may begin here. */
  protected keyAllowed = true;
  /** Where the last content ended. */
  protected contentEnd = 0;
  /** JSON is read as YAML, except for what JSON allows and YAML does not. */
  protected readonly isJson: boolean;
  private readonly hasOtherBreaks: boolean;

  constructor(text: string, isUsual: boolean) {
    this.text = text;
    this.isJson = /^\s*\{/.test(text);
    this.hasOtherBreaks = !isUsual && OTHER_BREAK.test(text);
  }

  protected column(): number {
    return this.position - this.lineStart;
  }

  protected codeAt(offset: number): number {
    return this.text.charCodeAt(offset);
  }

  /** Goes to the next character that is neither blank nor part of a comment. */
  protected skipToContent(): void {
    for (;;) {
      let code = this.codeAt(this.position);
      // A tab separates, but does not indent.
      while (code === SPACE || (code === TAB && (this.flowLevel > 0 || !this.keyAllowed))) code = this.codeAt(++this.position);
      if (code === HASH) {
        this.position = this.lineEnd(this.position);
        code = this.codeAt(this.position);
      }
      if (!isBreak(code)) return;
      this.skipBreak();
      if (this.flowLevel === 0) this.keyAllowed = true;
    }
  }

  protected skipBlanks(): void {
    while (isBlank(this.codeAt(this.position))) this.position++;
  }

  private lineEnd(from: number): number {
    let end = from;
    while (!isBreakOrEnd(this.codeAt(end))) end++;
    return end;
  }

  /** Steps over a line break and gives what it adds to a text. */
  protected skipBreak(): string {
    const code = this.codeAt(this.position);
    this.position += code === RETURN && this.codeAt(this.position + 1) === LINE_FEED ? 2 : 1;
    this.lineStart = this.position;
    return code > 0xff ? String.fromCharCode(code) : '\n';
  }

  /** Whether `---` or `...` stands here, at the start of a line. */
  protected isMarker(sign: typeof DASH | typeof DOT): boolean {
    const { position } = this;
    return (
      position === this.lineStart &&
      this.codeAt(position) === sign &&
      this.codeAt(position + 1) === sign &&
      this.codeAt(position + 2) === sign &&
      isBlankOrEnd(this.codeAt(position + 3))
    );
  }

  protected isAnyMarker(): boolean {
    return this.isMarker(DASH) || this.isMarker(DOT);
  }

  /** A scalar without quotes. It goes on over lines that are deeper than the collection it stands in; in brackets, over any. */
  protected plainScalar(): string {
    const { text, flowLevel } = this;
    const least = this.indent + 1;
    this.keyAllowed = false;
    let value = '';
    let from = this.position;
    for (;;) {
      const end = this.plainStretch();
      const line = text.slice(from, end);
      this.contentEnd = end;
      if (!isBreak(this.codeAt(this.position)) || this.endsWithLine(least)) return value + line;
      const fold = this.foldBreaks(least);
      this.keyAllowed = true;
      if ((flowLevel === 0 && this.column() < least) || !this.goesOnPlain()) return value + line;
      this.keyAllowed = false;
      value += line + fold;
      from = this.position;
    }
  }

  /** Whether the next line has content that is not as deep as a plain scalar; goes there. The most frequent case by far. */
  private endsWithLine(least: number): boolean {
    const { text, position } = this;
    if (this.flowLevel > 0 || text.charCodeAt(position) !== LINE_FEED) return false;
    let next = position + 1;
    while (text.charCodeAt(next) === SPACE) next++;
    const code = text.charCodeAt(next);
    if (next - position > least || code === TAB || isBreakOrEnd(code)) return false;
    this.lineStart = position + 1;
    this.position = next;
    this.keyAllowed = true;
    return true;
  }

  /** Whether a plain scalar goes on with what a further line begins with. */
  private goesOnPlain(): boolean {
    const code = this.codeAt(this.position);
    if (Number.isNaN(code) || code === HASH || this.isAnyMarker()) return false;
    return !this.endsPlain(code, this.position);
  }

  private endsPlain(code: number, offset: number): boolean {
    return (code === COLON && isBlankOrEnd(this.codeAt(offset + 1))) || (this.flowLevel > 0 && isFlowSign(code));
  }

  /** Steps over the part of a plain scalar on this line, and the blanks after it; gives where its last character ends. */
  private plainStretch(): number {
    const { text } = this;
    const isFlow = this.flowLevel > 0;
    let index = this.position;
    let end = index;
    for (;;) {
      const code = text.charCodeAt(index);
      if (code === SPACE || code === TAB) {
        index++;
        if (text.charCodeAt(index) === HASH) break;
      } else if (code > COLON && code < 0x85) {
        if (isFlow && isFlowSign(code)) break;
        end = ++index;
      } else {
        if (isBreakOrEnd(code) || this.endsPlain(code, index)) break;
        end = ++index;
      }
    }
    this.position = index;
    return end;
  }

  /**
   * Steps over line breaks and the blanks around them and gives what they become in a scalar: one break is a space, further
   * ones stay. Tabs that stand before the column `least` are mistakes.
   */
  private foldBreaks(least: number): string {
    const first = this.skipBreak();
    let further = '';
    for (;;) {
      const code = this.codeAt(this.position);
      if (code === TAB && this.column() < least) throw new YamlProblem('tab-indent', this.position);
      if (isBlank(code)) this.position++;
      else if (isBreak(code)) further += this.skipBreak();
      else break;
    }
    if (first !== '\n') return first + further;
    return further === '' ? ' ' : further;
  }

  /** A scalar in quotes; its further lines may be indented in any way. */
  protected quotedScalar(): string {
    const { text } = this;
    const start = this.position;
    const quote = this.codeAt(start);
    const sign = quote === DOUBLE_QUOTE ? '"' : "'";
    this.keyAllowed = false;
    const close = text.indexOf(sign, start + 1);
    if (close === -1) throw new YamlProblem('quote-open', start, sign);
    if (!this.hasOtherBreaks) {
      const content = text.slice(start + 1, close);
      const isSpecial = quote === DOUBLE_QUOTE ? content.includes('\\') : this.codeAt(close + 1) === SINGLE_QUOTE;
      if (!isSpecial && !content.includes('\n')) {
        this.position = close + 1;
        this.contentEnd = this.position;
        return content;
      }
    }
    this.position++;
    let value = '';
    let from = this.position;
    for (;;) {
      const code = this.codeAt(this.position);
      if (Number.isNaN(code)) throw new YamlProblem('quote-open', start, sign);
      if (code === quote) {
        if (quote === DOUBLE_QUOTE || this.codeAt(this.position + 1) !== SINGLE_QUOTE) break;
        value += text.slice(from, this.position + 1);
        this.position += 2;
        from = this.position;
      } else if (code === BACKSLASH && quote === DOUBLE_QUOTE) {
        value += text.slice(from, this.position) + this.escape(start);
        from = this.position;
      } else if (isBlank(code) || isBreak(code)) {
        const end = this.position;
        this.skipBlanks();
        if (!isBreak(this.codeAt(this.position))) continue;
        value += text.slice(from, end) + this.foldBreaks(0);
        if (this.isAnyMarker()) throw new YamlProblem('quote-document', start);
        from = this.position;
      } else this.position++;
    }
    value += text.slice(from, this.position);
    this.position++;
    this.contentEnd = this.position;
    return value;
  }

  /** What stands after a backslash in double quotes. */
  private escape(start: number): string {
    const { text } = this;
    const offset = this.position;
    const letter = text[offset + 1] ?? '';
    if (isBreak(letter.charCodeAt(0))) {
      // The break is left out with the blanks of the next line; further breaks stay.
      this.position++;
      this.skipBreak();
      let breaks = '';
      for (;;) {
        const code = this.codeAt(this.position);
        if (isBlank(code)) this.position++;
        else if (isBreak(code)) breaks += this.skipBreak();
        else break;
      }
      if (this.isAnyMarker()) throw new YamlProblem('quote-document', start);
      return breaks;
    }
    this.position += 2;
    const short = escapes.get(letter) ?? (this.isJson && letter === '/' ? '/' : undefined);
    if (short !== undefined) return short;
    const length = codeLengths.get(letter);
    if (length === undefined) throw new YamlProblem('quote-escape', offset, letter);
    const code = this.hexadecimal(length, offset);
    if (code < 0xd800 || code > 0xdfff) return String.fromCodePoint(code);
    // JSON writes characters beyond 16 bits as pairs.
    if (!this.isJson || code > 0xdbff || !text.startsWith('\\u', this.position)) throw new YamlProblem('quote-unicode', offset);
    this.position += 2;
    const low = this.hexadecimal(4, offset);
    if (low < 0xdc00 || low > 0xdfff) throw new YamlProblem('quote-unicode', offset);
    return String.fromCharCode(code, low);
  }

  private hexadecimal(length: number, offset: number): number {
    const digits = this.text.slice(this.position, this.position + length);
    const code = /^[0-9a-fA-F]+$/.test(digits) && digits.length === length ? Number.parseInt(digits, 16) : Infinity;
    if (code > 0x10ffff) throw new YamlProblem('quote-unicode', offset);
    this.position += length;
    return code;
  }

  /** A text block after `|` or `>`; goes to the line after it. */
  protected blockScalar(): string {
    const { text } = this;
    const isLiteral = this.codeAt(this.position) === BAR;
    this.position++;
    const { chomping, increment } = this.blockHeader();
    let indent = increment === 0 ? 0 : Math.max(this.indent, 0) + increment;
    this.keyAllowed = true;
    const least = Math.max(this.indent + 1, 1);
    let value = '';
    let lineBreak = '';
    let wasBlank = false;
    for (;;) {
      const { breaks, deepest } = this.blockBreaks(indent);
      if (indent === 0) indent = Math.max(deepest, least);
      if (this.column() !== indent || Number.isNaN(this.codeAt(this.position))) {
        const last = chomping === 'strip' ? '' : lineBreak;
        return value + last + (chomping === 'keep' ? breaks : '');
      }
      const startsBlank = isBlank(this.codeAt(this.position));
      const isFolded = !isLiteral && !wasBlank && !startsBlank && lineBreak === '\n';
      value += (isFolded ? (breaks === '' ? ' ' : '') : lineBreak) + breaks;
      wasBlank = startsBlank;
      const end = this.lineEnd(this.position);
      value += text.slice(this.position, end);
      this.position = end;
      this.contentEnd = end;
      lineBreak = isBreak(this.codeAt(end)) ? this.skipBreak() : '';
    }
  }

  /** The signs after `|` or `>`: what becomes of the last break, and an indent. */
  private blockHeader(): { readonly chomping: 'strip' | 'clip' | 'keep'; readonly increment: number } {
    let chomping: 'strip' | 'clip' | 'keep' = 'clip';
    let increment = 0;
    const readChomping = (): boolean => {
      const code = this.codeAt(this.position);
      if (code !== PLUS && code !== DASH) return false;
      chomping = code === PLUS ? 'keep' : 'strip';
      this.position++;
      return true;
    };
    const hadChomping = readChomping();
    const digit = this.codeAt(this.position);
    if (digit > ZERO && digit <= NINE) {
      increment = digit - ZERO;
      this.position++;
      if (!hadChomping) readChomping();
    }
    this.contentEnd = this.position;
    this.skipBlanks();
    if (this.codeAt(this.position) === HASH) this.position = this.lineEnd(this.position);
    const code = this.codeAt(this.position);
    if (!isBreakOrEnd(code)) throw new YamlProblem('block-header', this.position);
    if (isBreak(code)) this.skipBreak();
    return { chomping, increment };
  }

  /** Steps over the indent of a line of a block, and empty lines before it; 0 for an indent that is not known yet. */
  private blockBreaks(indent: number): { readonly breaks: string; readonly deepest: number } {
    let breaks = '';
    let deepest = 0;
    for (;;) {
      while ((indent === 0 || this.column() < indent) && this.codeAt(this.position) === SPACE) this.position++;
      deepest = Math.max(deepest, this.column());
      const code = this.codeAt(this.position);
      if (code === TAB && (indent === 0 || this.column() < indent)) throw new YamlProblem('block-tab', this.position);
      if (!isBreak(code)) return { breaks, deepest };
      breaks += this.skipBreak();
    }
  }
}
