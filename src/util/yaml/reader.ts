import {
  AMPERSAND,
  BAR,
  COLON,
  DASH,
  DOT,
  EXCLAMATION,
  GREATER,
  isBreakOrEnd,
  OPEN_BRACE,
  PERCENT,
  QUESTION,
} from './characters.ts';
import { FlowReader } from './flow-reader.ts';
import { type Draft, type Key, requireNewKey } from './mapping.ts';
import type { Range, YamlPlace } from './places.ts';
import { YamlProblem } from './problem.ts';
import type { Properties } from './properties.ts';
import { resolveTagged } from './scalars.ts';

/** All but line feeds and characters that mean themselves wherever they stand: nearly all texts are without. */
const UNUSUAL = /[^\n\x20-\x7e\u00a1-\u2027\u2030-\ud7ff]/;
/** What no YAML text may contain. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;

/** A document of a text. */
export interface YamlDocument {
  readonly value: unknown;
  /** Where it stands, if it is a mapping or a list. */
  readonly range: Range | undefined;
  /** Where its parts stand; only when asked for. */
  readonly place: YamlPlace | undefined;
}

/** What a text holds: the documents before the first mistake, and that mistake. */
export interface YamlText {
  readonly documents: readonly YamlDocument[];
  readonly problem?: YamlProblem;
}

/**
 * Reads a YAML or JSON text as sigs.k8s.io/yaml does; empty documents are null. Documents of JSON need nothing between them, as
 * for kubectl. Values and places come from the same steps, which note where they are if asked to.
 */
export function readYaml(text: string, withPlaces = false): YamlText {
  const documents: YamlDocument[] = [];
  try {
    const isUsual = !UNUSUAL.test(text);
    if (!isUsual) refuseControlCharacters(text);
    const reader = new Reader(text, isUsual, withPlaces);
    for (let document = reader.next(); document !== undefined; document = reader.next()) documents.push(document);
    return { documents };
  } catch (error) {
    if (error instanceof YamlProblem) return { documents, problem: error };
    throw error;
  }
}

function refuseControlCharacters(text: string): void {
  const offset = text.search(CONTROL);
  if (offset === -1) return;
  const code = text.charCodeAt(offset).toString(16).toUpperCase();
  throw new YamlProblem('character-control', offset, `U+${code.padStart(4, '0')}`);
}

/** Reads nodes by recursive descent; what is accepted, and what it means, is as in goyaml.v2 (scannerc.go, parserc.go, decode.go). */
class Reader extends FlowReader {
  /** The next document, if there is one. */
  next(): YamlDocument | undefined {
    for (;;) {
      this.skipToContent();
      if (Number.isNaN(this.codeAt(this.position))) return undefined;
      if (!this.isMarker(DOT)) return this.document();
      this.position += 3;
      this.keyAllowed = false;
    }
  }

  private document(): YamlDocument {
    if (this.directives() && !this.isMarker(DASH)) throw new YamlProblem('directive-unfinished', this.position);
    if (this.isMarker(DASH)) {
      this.position += 3;
      this.keyAllowed = false;
    }
    this.forgetAnchors();
    this.contentEnd = this.position;
    const isJson = this.codeAt(this.position) === OPEN_BRACE;
    const value = this.blockNode(false);
    const { place, style, collectionStart, contentEnd } = this;
    const range = style === 'collection' ? { start: collectionStart, end: contentEnd } : undefined;
    this.skipToContent();
    if (!this.isAtEnd() && !(isJson && this.codeAt(this.position) === OPEN_BRACE)) throw this.unexpected();
    return { value, range, place };
  }

  /** Passes over lines that begin with `%`: nothing depends on what they say. */
  private directives(): boolean {
    const start = this.position;
    while (this.column() === 0 && this.codeAt(this.position) === PERCENT) {
      while (!isBreakOrEnd(this.codeAt(this.position))) this.position++;
      this.skipToContent();
    }
    return this.position > start;
  }

  /** Whether the document ends here. */
  private isAtEnd(): boolean {
    return Number.isNaN(this.codeAt(this.position)) || (this.column() === 0 && this.isAnyMarker());
  }

  /** For content in block context that belongs to nothing. */
  private unexpected(): YamlProblem {
    const isSameLine = this.lineStart <= this.contentEnd;
    if (this.isIndicator(COLON)) return new YamlProblem('key-place', this.position);
    return new YamlProblem(isSameLine ? 'value-end' : 'indent', this.position);
  }

  /**
   * The node that begins here or on a further line, with the properties before it that stand on a line of their own. Null where
   * there is none. The list that is the value of a key may stand as deep as the key.
   */
  private blockNode(isValue: boolean, outer?: Properties): unknown {
    this.skipToContent();
    const column = this.column();
    const { position: start, indent, lineStart, keyAllowed } = this;
    const first = this.codeAt(start);
    const isItem = this.isIndicator(DASH);
    const isTextBlock = first === BAR || first === GREATER;
    // As deep as the collection stand its next key or item, but a text block belongs to what is before it.
    const isNext = column === indent && !(isItem && isValue) && !isTextBlock;
    if (column < indent || isNext || this.isAtEnd()) return this.nothing(outer);
    if (isItem) {
      if (!keyAllowed) throw new YamlProblem('list-place', start);
      return this.close(outer, this.blockList(column));
    }
    if (this.isIndicator(QUESTION)) {
      if (!keyAllowed) throw new YamlProblem('key-place', start);
      return this.close(outer, this.blockMapping(column, undefined));
    }
    const own = first === AMPERSAND || first === EXCLAMATION ? this.properties() : undefined;
    if (own !== undefined && (this.lineStart !== lineStart || this.isAtEnd())) {
      return this.blockNode(isValue, this.bothProperties(outer, own));
    }
    const contentStart = this.position;
    const code = this.codeAt(contentStart);
    if (code === BAR || code === GREATER) {
      const properties = this.bothProperties(outer, own);
      return this.close(properties, this.textBlock(properties));
    }
    const content = this.content(own !== undefined);
    if (this.isKeyAt(start, lineStart)) {
      if (!keyAllowed) throw new YamlProblem('key-place', this.position);
      const key = this.close(own, this.resolve(content, own, contentStart));
      return this.close(outer, this.blockMapping(column, this.keyFrom(key, contentStart)));
    }
    if (this.style === 'alias' && outer !== undefined) throw new YamlProblem('node-missing', contentStart);
    const properties = this.bothProperties(outer, own);
    const value = this.resolve(content, properties, contentStart);
    if (typeof value === 'number') this.requireFinite(value, contentStart);
    return this.close(properties, value);
  }

  private textBlock(properties: Properties | undefined): unknown {
    const start = this.position;
    const text = this.blockScalar();
    this.endScalar(start);
    this.style = 'text block';
    return properties?.tag === undefined ? text : resolveTagged(properties.tag, text, start);
  }

  /** A mapping at `column`, whose first key has been read up to its colon; without one, `?` stands here. */
  private blockMapping(column: number, firstKey: Key | undefined): unknown {
    this.enter();
    const outerIndent = this.indent;
    this.indent = column;
    const start = firstKey?.start ?? this.position;
    const draft = this.draft();
    let key = firstKey;
    for (;;) {
      if (key === undefined && this.isIndicator(QUESTION)) this.explicitEntry(draft);
      else {
        key ??= this.simpleKey() ?? this.blockKey();
        requireNewKey(draft, key);
        this.position++;
        this.contentEnd = this.position;
        this.keyAllowed = false;
        const simple = this.simpleLine();
        this.addEntry(draft, key, simple === undefined ? this.blockNode(true) : simple);
      }
      key = undefined;
      this.skipToContent();
      const next = this.column();
      if (next < column || this.isAtEnd()) break;
      if (next > column) throw this.unexpected();
    }
    this.indent = outerIndent;
    this.leave();
    return this.endMapping(draft, start);
  }

  /** The key that stands here; goes to its colon. */
  private blockKey(): Key {
    const { position: start, lineStart } = this;
    if (this.isIndicator(DASH)) throw new YamlProblem('list-place', start);
    const own = this.properties();
    const contentStart = this.position;
    if (this.lineStart !== lineStart) throw new YamlProblem('key-colon', start);
    const content = this.content(own !== undefined);
    if (!this.isKeyAt(start, lineStart)) throw new YamlProblem('key-colon', start);
    return this.keyFrom(this.close(own, this.resolve(content, own, contentStart)), contentStart);
  }

  /** An entry whose key stands after `?`, and its value, if it has one, after `:` on another line. */
  private explicitEntry(draft: Draft): void {
    this.position++;
    this.contentEnd = this.position;
    this.keyAllowed = true;
    this.skipToContent();
    const start = this.position;
    const value = this.blockNode(true);
    const key = this.keyFrom(value, start);
    requireNewKey(draft, key);
    this.skipToContent();
    const hasValue = this.column() === this.indent && this.isIndicator(COLON);
    if (hasValue) {
      this.position++;
      this.contentEnd = this.position;
      this.keyAllowed = true;
    }
    this.addEntry(draft, key, hasValue ? this.blockNode(true) : this.nothing(undefined));
  }

  /** A list at `column`, at its first `-`. */
  private blockList(column: number): unknown[] {
    this.enter();
    const outerIndent = this.indent;
    this.indent = column;
    const start = this.position;
    const result: unknown[] = [];
    const items: YamlPlace[] = [];
    for (;;) {
      this.position++;
      this.contentEnd = this.position;
      this.keyAllowed = true;
      result.push(this.blockNode(false));
      if (this.place !== undefined) items.push(this.place);
      this.skipToContent();
      const next = this.column();
      if (next < column || this.isAtEnd()) break;
      if (next > column) throw this.unexpected();
      if (this.isIndicator(DASH)) continue;
      // The list of a key may stand as deep as the key; then the next key ends it.
      if (column === outerIndent) break;
      throw new YamlProblem('list-dash', this.position);
    }
    this.indent = outerIndent;
    this.leave();
    return this.endList(result, items, start);
  }
}
