import {
  AMPERSAND,
  ASTERISK,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  DASH,
  DOUBLE_QUOTE,
  EXCLAMATION,
  isBlankOrEnd,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUESTION,
  SINGLE_QUOTE,
  TAB,
} from './characters.ts';
import { addMember, type Draft, draftMapping, type Key, mergeInto, requireNewKey } from './mapping.ts';
import type { YamlPlace } from './places.ts';
import { YamlProblem } from './problem.ts';
import type { Properties } from './properties.ts';
import { keyOf, resolvePlain, resolveTagged, YAML_TAG } from './scalars.ts';
import { LONGEST_KEY, SimpleReader } from './simple-reader.ts';

/** A scalar `<<` is a merge without a tag, or with `!` or this one. */
const MERGE_TAG = `${YAML_TAG}merge`;
/** What can begin neither a value nor a key. */
const RESERVED = ',]}#&*!|>%@`';

/** Reads scalars, aliases and flow collections: what can be a key, and all that stands in brackets. */
export class FlowReader extends SimpleReader {
  /** Where the collection began that was read last. */
  protected collectionStart = 0;

  /** Whether a sign stands here as an indicator: with a blank after it. */
  protected isIndicator(sign: number): boolean {
    return this.codeAt(this.position) === sign && isBlankOrEnd(this.codeAt(this.position + 1));
  }

  /** Whether what began at `start` is a key: its colon follows on the same line. */
  protected isKeyAt(start: number, lineStart: number): boolean {
    if (this.lineStart !== lineStart) return false;
    this.skipBlanks();
    const isColon = this.flowLevel > 0 ? this.codeAt(this.position) === COLON : this.isIndicator(COLON);
    return isColon && this.position - start <= LONGEST_KEY;
  }

  /** A missing value. */
  protected nothing(properties: Properties | undefined): unknown {
    this.nodes++;
    this.style = 'nothing';
    const { contentEnd } = this;
    if (this.withPlaces) this.place = { start: contentEnd, end: contentEnd };
    return this.close(properties, properties?.tag === undefined ? null : resolveTagged(properties.tag, '', contentEnd));
  }

  protected endScalar(start: number): void {
    this.nodes++;
    if (this.withPlaces) this.place = { start, end: this.contentEnd };
  }

  /** The text of a scalar, or the value of a flow collection or an alias. */
  protected content(hasProperties: boolean): unknown {
    const start = this.position;
    const code = this.codeAt(start);
    if (code === OPEN_BRACE) return this.flowMapping();
    if (code === OPEN_BRACKET) return this.flowList();
    if (code === ASTERISK && !hasProperties) return this.alias();
    let text: string;
    if (code === DOUBLE_QUOTE || code === SINGLE_QUOTE) {
      text = this.quotedScalar();
      this.style = 'quoted';
    } else {
      this.requirePlain(code);
      text = this.plainScalar();
      this.style = 'plain';
    }
    this.endScalar(start);
    return text;
  }

  /** Throws where no plain scalar can begin. */
  private requirePlain(code: number): void {
    if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90)) return;
    const { position } = this;
    const next = this.codeAt(position + 1);
    if (code === TAB) throw new YamlProblem('tab-indent', position);
    if (Number.isNaN(code)) throw new YamlProblem('node-missing', position);
    if (code === DASH ? !isBlankOrEnd(next) : code !== QUESTION && code !== COLON && !isReserved(code)) return;
    if ((code === QUESTION || code === COLON) && this.flowLevel === 0 && !isBlankOrEnd(next)) return;
    if (code === DASH) throw new YamlProblem('list-place', position);
    throw new YamlProblem('character-start', position, String.fromCharCode(code));
  }

  /** The value of what `content` gave. */
  protected resolve(content: unknown, properties: Properties | undefined, start: number): unknown {
    const { style } = this;
    if (typeof content !== 'string' || (style !== 'plain' && style !== 'quoted')) return content;
    if (properties?.tag !== undefined) {
      this.style = properties.tag === '!' || properties.tag === MERGE_TAG ? 'plain' : 'quoted';
      return resolveTagged(properties.tag, content, start);
    }
    return style === 'plain' ? resolvePlain(content) : content;
  }

  protected requireFinite(value: number, start: number): void {
    if (!Number.isFinite(value)) throw new YamlProblem('number-infinite', start, this.text.slice(start, this.contentEnd));
  }

  /** The key that the value read last becomes. */
  protected keyFrom(value: unknown, start: number): Key {
    const text = keyOf(value);
    if (text === undefined) throw new YamlProblem(value === null ? 'key-null' : 'key-complex', start);
    return { text, isMerge: text === '<<' && this.style === 'plain', start, end: this.contentEnd };
  }

  protected addEntry(draft: Draft, key: Key, value: unknown): void {
    if (key.isMerge) mergeInto(draft, value, this.place, this.style === 'alias', key.start);
    else addMember(draft, key, value, this.place);
  }

  protected draft(): Draft {
    return draftMapping(this.withPlaces);
  }

  protected endMapping(draft: Draft, start: number): unknown {
    this.style = 'collection';
    this.collectionStart = start;
    if (this.withPlaces) this.place = { start, end: this.contentEnd, ...(draft.members && { members: draft.members }) };
    return draft.result;
  }

  protected endList(result: unknown[], items: readonly YamlPlace[], start: number): unknown[] {
    this.style = 'collection';
    this.collectionStart = start;
    if (this.withPlaces) this.place = { start, end: this.contentEnd, items };
    return result;
  }

  /** Goes from the opening bracket of a flow collection to what it holds. */
  private openFlow(): void {
    this.enter();
    this.flowLevel++;
    this.position++;
    this.skipFlow();
  }

  /** Goes from the closing bracket of a flow collection to what stands after it. */
  private closeFlow(): void {
    this.position++;
    this.contentEnd = this.position;
    this.flowLevel--;
    this.keyAllowed = false;
    this.leave();
  }

  /** Goes to the next content of a flow collection. */
  private skipFlow(): number {
    this.skipToContent();
    const code = this.codeAt(this.position);
    if (Number.isNaN(code)) throw new YamlProblem('flow-open', this.position);
    if (this.column() === 0 && this.isAnyMarker()) throw new YamlProblem('flow-document', this.position);
    return code;
  }

  private flowMapping(): unknown {
    const start = this.position;
    this.openFlow();
    const draft = this.draft();
    while (this.codeAt(this.position) !== CLOSE_BRACE) {
      this.flowEntry(draft, this.simpleKey() ?? this.flowKey());
      const code = this.skipFlow();
      if (code === CLOSE_BRACE) break;
      if (code !== COMMA) throw new YamlProblem('flow-mapping', this.position);
      this.position++;
      this.skipFlow();
    }
    this.closeFlow();
    return this.endMapping(draft, start);
  }

  /** A key in a flow mapping; goes to its colon, if it has one. */
  private flowKey(): Key {
    const isExplicit = this.codeAt(this.position) === QUESTION;
    if (isExplicit) {
      this.position++;
      this.skipFlow();
    }
    const { position: start, lineStart } = this;
    const code = this.codeAt(start);
    const value = isExplicit && (code === COLON || endsEntry(code)) ? this.nothing(undefined) : this.flowNode();
    const key = this.keyFrom(value, start);
    // In JSON the colon may stand on another line.
    const isOneLine = this.lineStart === lineStart;
    const hasColon = this.skipFlow() === COLON;
    const isNear = this.isJson ? isOneLine : this.lineStart === lineStart && this.position - start <= LONGEST_KEY;
    if (hasColon && !isExplicit && !isNear) throw new YamlProblem('key-place', this.position);
    return key;
  }

  /** The value of a key in a flow collection: what stands after the colon, if one stands here. */
  private flowEntry(draft: Draft, key: Key): void {
    requireNewKey(draft, key);
    let code = this.codeAt(this.position);
    if (code === COLON) {
      this.position++;
      this.contentEnd = this.position;
      const simple = this.simpleFlowValue();
      if (simple !== undefined) {
        this.addEntry(draft, key, simple);
        return;
      }
      code = this.skipFlow();
    } else code = COMMA;
    this.addEntry(draft, key, endsEntry(code) ? this.nothing(undefined) : this.flowValue());
  }

  private flowList(): unknown[] {
    const start = this.position;
    this.openFlow();
    const result: unknown[] = [];
    const items: YamlPlace[] = [];
    while (this.codeAt(this.position) !== CLOSE_BRACKET) {
      result.push(this.flowItem());
      if (this.place !== undefined) items.push(this.place);
      const code = this.skipFlow();
      if (code === CLOSE_BRACKET) break;
      if (code !== COMMA) throw new YamlProblem('flow-list', this.position);
      this.position++;
      this.skipFlow();
    }
    this.closeFlow();
    return this.endList(result, items, start);
  }

  /** An item of a flow list: a node, or a mapping of one entry without braces. */
  private flowItem(): unknown {
    const { position: start, lineStart } = this;
    if (this.codeAt(start) === QUESTION) return this.onlyEntry(this.flowKey(), start);
    const value = this.flowNode();
    if (this.isKeyAt(start, lineStart)) return this.onlyEntry(this.keyFrom(value, start), start);
    if (typeof value === 'number') this.requireFinite(value, start);
    return value;
  }

  private onlyEntry(key: Key, start: number): unknown {
    const draft = this.draft();
    this.nodes++;
    this.flowEntry(draft, key);
    return this.endMapping(draft, start);
  }

  private flowValue(): unknown {
    const start = this.position;
    const value = this.flowNode();
    if (typeof value === 'number') this.requireFinite(value, start);
    return value;
  }

  private flowNode(): unknown {
    const first = this.codeAt(this.position);
    const own = first === AMPERSAND || first === EXCLAMATION ? this.properties() : undefined;
    const start = this.position;
    if (own !== undefined) {
      const code = this.skipFlow();
      if (code === COLON || endsEntry(code)) return this.nothing(own);
    }
    const content = this.content(own !== undefined);
    return this.close(own, this.resolve(content, own, start));
  }
}

function isReserved(code: number): boolean {
  return code < 128 && RESERVED.includes(String.fromCharCode(code));
}

/** Whether nothing but the end of an entry stands here. */
function endsEntry(code: number): boolean {
  return code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET;
}
