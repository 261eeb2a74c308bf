import { NOT_RESOLVED } from 'js-yaml';
import { resolveNumber } from '../util/yaml.ts';

/**
 * A reader for the YAML that nearly all manifests consist of: block mappings and lists, flow collections, scalars on one
 * line, literal blocks. It is several times as fast as the full parser, which reads everything else (folded texts, anchors, escapes, tags,
 * several lines a scalar), all that is doubtful, and all that is wrong, so that messages come from one place.
 */

/** Thrown to leave a text to the full parser; without a stack, since it is no mistake. */
const LEAVE = Symbol('left to the full parser');
const MAX_DEPTH = 100;

/** Line breaks, and characters that mean themselves wherever they stand. */
const UNUSUAL = /[^\n\x20-\x7e\u00a1-\u2027\u2030-\ud7ff]/;
const PLAIN_KEY = /[A-Za-z_][\w./-]*/y;
const SPACES = / */y;

/** What words without quotes mean (boolYaml11Tag, nullCoreTag). */
const words: ReadonlyMap<string, boolean | null> = new Map([
  ...['true', 'True', 'TRUE', 'y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE', 'n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['null', 'Null', 'NULL', '~'].map((word) => [word, null] as const),
]);
const LONGEST_WORD = 5;

const LINE_FEED = 10;
const SPACE = 32;
const DOUBLE_QUOTE = 34;
const HASH = 35;
const SINGLE_QUOTE = 39;
const COMMA = 44;
const DASH = 45;
const COLON = 58;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const BAR = 124;
const CLOSE_BRACE = 125;

/** The value of a document, or undefined when the full parser has to read it. `text` is one document, its marker included. */
export function parseSimpleYaml(text: string): unknown {
  if (UNUSUAL.test(text)) return undefined;
  try {
    return new Reader(text).document();
  } catch (error) {
    if (error === LEAVE) return undefined;
    throw error;
  }
}

type Mapping = Record<string, unknown>;

/** Where the reading stands. A class only for its state: it lives as long as one document is read. */
class Reader {
  private readonly text: string;
  private position = 0;
  /** Indent of the line that `position` is on, after `nextLine`; -1 at the end of the text. */
  private indent = 0;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  document(): unknown {
    if (this.text.startsWith('---')) {
      this.position = 3;
      this.endOfLine();
    }
    this.nextLine();
    if (!this.isAt(0)) throw LEAVE;
    const value = this.block(0);
    if (!this.isAt(-1)) throw LEAVE;
    return value;
  }

  private isAt(indent: number): boolean {
    return this.indent === indent;
  }

  /** Goes to the first character of the next line with content; `position` must be at the start of a line. */
  private nextLine(): void {
    const { text } = this;
    for (;;) {
      SPACES.lastIndex = this.position;
      SPACES.test(text);
      const start = SPACES.lastIndex;
      const code = text.charCodeAt(start);
      if (Number.isNaN(code)) {
        this.position = start;
        this.indent = -1;
        return;
      }
      if (code !== LINE_FEED && code !== HASH) {
        this.indent = start - this.position;
        this.position = start;
        if (this.indent === 0 && (text.startsWith('...', start) || text.startsWith('---', start))) throw LEAVE;
        return;
      }
      const end = text.indexOf('\n', start);
      this.position = end === -1 ? text.length : end + 1;
    }
  }

  /** Skips blanks and a comment up to the next line; anything else is left to the full parser. */
  private endOfLine(): void {
    const { text } = this;
    const start = this.position;
    SPACES.lastIndex = start;
    SPACES.test(text);
    const after = SPACES.lastIndex;
    const code = text.charCodeAt(after);
    if (code === LINE_FEED) this.position = after + 1;
    else if (Number.isNaN(code)) this.position = after;
    else if (code === HASH && after > start) {
      const end = text.indexOf('\n', after);
      this.position = end === -1 ? text.length : end + 1;
    } else throw LEAVE;
  }

  /** A mapping, list or flow collection whose first line is at `indent`. */
  private block(indent: number): unknown {
    if (++this.depth > MAX_DEPTH) throw LEAVE;
    const code = this.text.charCodeAt(this.position);
    let value: unknown;
    if (this.isDash()) value = this.list(indent);
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      value = this.flow(indent - 1);
      this.endOfLine();
      this.nextLine();
    } else value = this.mapping(indent);
    this.depth--;
    return value;
  }

  private isDash(): boolean {
    if (this.text.charCodeAt(this.position) !== DASH) return false;
    const next = this.text.charCodeAt(this.position + 1);
    return next === SPACE || next === LINE_FEED || Number.isNaN(next);
  }

  private list(indent: number): unknown[] {
    const items: unknown[] = [];
    while (this.indent === indent && this.isDash()) {
      const dash = this.position;
      this.position++;
      SPACES.lastIndex = this.position;
      SPACES.test(this.text);
      const start = SPACES.lastIndex;
      const code = this.text.charCodeAt(start);
      if (code === LINE_FEED || code === HASH || Number.isNaN(code)) {
        this.endOfLine();
        items.push(this.nested(indent));
        continue;
      }
      this.position = start;
      if (this.isDash()) throw LEAVE;
      if (this.startsEntry()) {
        this.indent = indent + start - dash;
        items.push(this.mapping(this.indent));
      } else items.push(this.inlineValue(indent));
    }
    if (this.indent > indent) throw LEAVE;
    return items;
  }

  /** What stands on the lines below a key or dash: null when they are not deeper. */
  private nested(indent: number): unknown {
    this.nextLine();
    return this.indent > indent ? this.block(this.indent) : null;
  }

  /** Whether a key and its colon stand here. */
  private startsEntry(): boolean {
    const start = this.position;
    const key = this.key();
    this.position = start;
    return key !== undefined;
  }

  /** Reads a key and its colon. Undefined (and no step) when there is none. */
  private key(): string | undefined {
    const { text } = this;
    const start = this.position;
    const code = text.charCodeAt(start);
    let key: string;
    if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) {
      const end = text.indexOf(code === DOUBLE_QUOTE ? '"' : "'", start + 1);
      if (end === -1) throw LEAVE;
      key = text.slice(start + 1, end);
      this.position = end + 1;
      if (text.charCodeAt(end + 1) !== COLON) {
        this.position = start;
        return undefined;
      }
      if (key.includes('\\') || key.includes('\n')) throw LEAVE;
    } else {
      PLAIN_KEY.lastIndex = start;
      if (!PLAIN_KEY.test(text)) return undefined;
      const end = PLAIN_KEY.lastIndex;
      if (text.charCodeAt(end) !== COLON) return undefined;
      key = text.slice(start, end);
      this.position = end;
      if (key.length <= LONGEST_WORD && words.has(key)) throw LEAVE;
    }
    const after = text.charCodeAt(this.position + 1);
    if (after !== SPACE && after !== LINE_FEED && !Number.isNaN(after)) {
      this.position = start;
      return undefined;
    }
    if (key === '__proto__') throw LEAVE;
    this.position++;
    return key;
  }

  /** A mapping at `indent`, whose first key is where the reading stands. */
  private mapping(indent: number): Mapping {
    if (++this.depth > MAX_DEPTH) throw LEAVE;
    const { text } = this;
    const result: Mapping = {};
    while (this.indent === indent) {
      const key = this.key();
      if (key === undefined || Object.hasOwn(result, key)) throw LEAVE;
      SPACES.lastIndex = this.position;
      SPACES.test(text);
      const code = text.charCodeAt(SPACES.lastIndex);
      if (code === LINE_FEED || code === HASH || Number.isNaN(code)) {
        this.endOfLine();
        this.nextLine();
        // A list may stand as deep as its key.
        if (this.indent === indent && this.isDash()) result[key] = this.list(indent);
        else result[key] = this.indent > indent ? this.block(this.indent) : null;
      } else {
        this.position = SPACES.lastIndex;
        if (this.isDash()) throw LEAVE;
        result[key] = this.inlineValue(indent);
      }
    }
    if (this.indent > indent) throw LEAVE;
    this.depth--;
    return result;
  }

  /** A value that begins on the line of its key or dash, at `indent`; goes to the next line with content. */
  private inlineValue(indent: number): unknown {
    const { text } = this;
    const code = text.charCodeAt(this.position);
    if (code === BAR) return this.literal(indent);
    let value: unknown;
    if (code === OPEN_BRACE || code === OPEN_BRACKET) value = this.flow(indent);
    else if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) value = this.quoted(code);
    else {
      const lineEnd = text.indexOf('\n', this.position);
      const line = text.slice(this.position, lineEnd === -1 ? text.length : lineEnd);
      const comment = line.indexOf(' #');
      const plain = trimEnd(comment === -1 ? line : line.slice(0, comment));
      value = plainValue(plain);
      this.position += plain.length;
    }
    this.endOfLine();
    this.nextLine();
    // A deeper line goes on with the scalar, or is a mistake.
    if (this.indent > indent) throw LEAVE;
    return value;
  }

  /** A text after `|` or `|-`, its lines deeper than `indent`; goes to the next line with content. */
  private literal(indent: number): string {
    const { text } = this;
    this.position++;
    const isStripped = text.charCodeAt(this.position) === DASH;
    if (isStripped) this.position++;
    this.endOfLine();
    const depth = this.spacesAt(this.position);
    if (depth <= indent) throw LEAVE;
    const lines: string[] = [];
    let empty = 0;
    for (;;) {
      const start = this.position;
      const end = text.indexOf('\n', start);
      if (end === -1) {
        // A last line without its break is rare, and so is white space at the end.
        if (start < text.length) throw LEAVE;
        break;
      }
      const spaces = this.spacesAt(start);
      if (start + spaces === end && spaces <= depth) {
        if (lines.length === 0) throw LEAVE;
        empty++;
      } else {
        if (spaces < depth) {
          if (spaces > indent) throw LEAVE;
          break;
        }
        for (; empty > 0; empty--) lines.push('');
        lines.push(text.slice(start + depth, end));
      }
      this.position = end + 1;
    }
    this.nextLine();
    return isStripped ? lines.join('\n') : `${lines.join('\n')}\n`;
  }

  private spacesAt(position: number): number {
    SPACES.lastIndex = position;
    SPACES.test(this.text);
    return SPACES.lastIndex - position;
  }

  private quoted(quote: number): string {
    const { text } = this;
    const start = this.position + 1;
    const end = text.indexOf(quote === DOUBLE_QUOTE ? '"' : "'", start);
    if (end === -1) throw LEAVE;
    const content = text.slice(start, end);
    if (content.includes('\n') || (quote === DOUBLE_QUOTE ? content.includes('\\') : text.charCodeAt(end + 1) === SINGLE_QUOTE)) {
      throw LEAVE;
    }
    this.position = end + 1;
    return content;
  }

  /** Skips blanks and line breaks inside a flow collection, whose lines must be deeper than `indent`. */
  private flowSpace(indent: number): number {
    const { text } = this;
    for (;;) {
      SPACES.lastIndex = this.position;
      SPACES.test(text);
      this.position = SPACES.lastIndex;
      const code = text.charCodeAt(this.position);
      if (code === HASH || Number.isNaN(code)) throw LEAVE;
      if (code !== LINE_FEED) return code;
      const lineStart = this.position + 1;
      SPACES.lastIndex = lineStart;
      SPACES.test(text);
      const next = text.charCodeAt(SPACES.lastIndex);
      if (next !== LINE_FEED && (SPACES.lastIndex - lineStart <= indent || next === DASH)) throw LEAVE;
      this.position = lineStart;
    }
  }

  /** A flow collection; what it stands in is at `indent`. */
  private flow(indent: number): unknown {
    if (++this.depth > MAX_DEPTH) throw LEAVE;
    const isMapping = this.text.charCodeAt(this.position) === OPEN_BRACE;
    this.position++;
    const value = isMapping ? this.flowMapping(indent) : this.flowList(indent);
    this.depth--;
    return value;
  }

  private flowMapping(indent: number): Mapping {
    const result: Mapping = {};
    if (this.flowSpace(indent) === CLOSE_BRACE) {
      this.position++;
      return result;
    }
    for (;;) {
      this.flowSpace(indent);
      const key = this.flowKey();
      if (Object.hasOwn(result, key)) throw LEAVE;
      this.flowSpace(indent);
      result[key] = this.flowValue(indent);
      const code = this.flowSpace(indent);
      this.position++;
      if (code === CLOSE_BRACE) return result;
      if (code !== COMMA) throw LEAVE;
    }
  }

  private flowKey(): string {
    const start = this.position;
    const key = this.key();
    if (key !== undefined) return key;
    // A quoted key needs no blank after its colon, as in JSON.
    const code = this.text.charCodeAt(start);
    if (code !== DOUBLE_QUOTE) throw LEAVE;
    const content = this.quoted(code);
    if (this.text.charCodeAt(this.position) !== COLON || content === '__proto__') throw LEAVE;
    this.position++;
    return content;
  }

  private flowList(indent: number): unknown[] {
    const items: unknown[] = [];
    if (this.flowSpace(indent) === CLOSE_BRACKET) {
      this.position++;
      return items;
    }
    for (;;) {
      this.flowSpace(indent);
      items.push(this.flowValue(indent));
      const code = this.flowSpace(indent);
      this.position++;
      if (code === CLOSE_BRACKET) return items;
      if (code !== COMMA) throw LEAVE;
    }
  }

  private flowValue(indent: number): unknown {
    const { text } = this;
    const start = this.position;
    const first = text.charCodeAt(start);
    if (first === OPEN_BRACE || first === OPEN_BRACKET) return this.flow(indent);
    if (first === DOUBLE_QUOTE || first === SINGLE_QUOTE) return this.quoted(first);
    for (let index = start; ; index++) {
      const code = text.charCodeAt(index);
      if (code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET) {
        const plain = trimEnd(text.slice(start, index));
        this.position = index;
        if (index === start || text.charCodeAt(index - 1) !== COLON) return plainValue(plain);
        // A colon ends a scalar before a blank only, so that `[fd00::]` holds an address (go-yaml; YAML itself sees a mapping).
        plainValue(`${plain}_`);
        return plain;
      }
      if (code === LINE_FEED || code === OPEN_BRACE || code === OPEN_BRACKET || code === HASH || Number.isNaN(code)) throw LEAVE;
    }
  }
}

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === SPACE) end--;
  return end === text.length ? text : text.slice(0, end);
}

/** The value of a plain scalar that is whole; one that could be more than that is left to the full parser. */
function plainValue(plain: string): unknown {
  const first = plain.charCodeAt(0);
  const isLetter = (first >= 97 && first <= 122) || (first >= 65 && first <= 90);
  const isNumeric = (first >= 48 && first <= 57) || first === DASH || first === 43 || first === 46;
  if (!isLetter && !isNumeric && first !== 47 && first !== 95 && first !== 126) throw LEAVE;
  if (plain.includes(': ') || plain.charCodeAt(plain.length - 1) === COLON) throw LEAVE;
  if (isNumeric) {
    if (first === DASH && (plain.length === 1 || plain.charCodeAt(1) === SPACE)) throw LEAVE;
    // Infinities and what is no number have a dot before letters; the full parser knows them.
    if (/^[-+]?\.[A-Za-z]/.test(plain)) throw LEAVE;
    const number = resolveNumber(plain);
    return number === NOT_RESOLVED ? plain : number;
  }
  if (plain.length <= LONGEST_WORD) {
    const word = words.get(plain);
    if (word !== undefined) return word;
  }
  return plain;
}
