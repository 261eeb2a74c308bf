import { SPACE } from './characters.ts';
import type { Key } from './mapping.ts';
import { PropertyScanner } from './properties.ts';
import { resolvePlain } from './scalars.ts';

/** A key and its colon stand no further apart; goyaml.v2 scannerc.go yaml_simple_key_is_valid. */
export const LONGEST_KEY = 1024;

/**
 * Reads what nearly all entries of nearly all manifests are made of: plain words for keys, and plain words for values, alone on their
 * line or before the next sign of a flow collection. What is given is what the general reading gives, in a few steps for a word
 * instead of some for each character. Undefined for all else, and then nothing has moved.
 */
export class SimpleReader extends PropertyScanner {
  protected readonly withPlaces: boolean;
  private readonly plainKey = /[A-Za-z][\w./-]*:(?=[ \n])/y;
  private readonly plainLine = / [\w/][\w./-]*\n *(?=[^\s#\u0085])/y;
  private readonly plainFlowValue = / [\w/][\w./-]*(?=[,}\]])/y;

  constructor(text: string, isUsual: boolean, withPlaces: boolean) {
    super(text, isUsual);
    this.withPlaces = withPlaces;
  }

  /** The key that stands here, if it is a plain word; goes to its colon. */
  protected simpleKey(): Key | undefined {
    const { text, position: start, plainKey } = this;
    plainKey.lastIndex = start;
    if (!plainKey.test(text)) return undefined;
    const end = plainKey.lastIndex - 1;
    const key = text.slice(start, end);
    // A word may be a boolean or null.
    if (end - start > LONGEST_KEY || typeof resolvePlain(key) !== 'string') return undefined;
    this.endWord(start, end);
    return { text: key, isMerge: false, start, end };
  }

  /** The value that stands after a colon, if it is a plain word that ends with its line; goes to the next entry of the mapping or one outside. */
  protected simpleLine(): string | number | boolean | null | undefined {
    const { text, position, plainLine } = this;
    plainLine.lastIndex = position;
    if (text.charCodeAt(position) !== SPACE || !plainLine.test(text)) return undefined;
    const next = plainLine.lastIndex;
    const end = text.indexOf('\n', position);
    // A deeper line belongs to the value.
    if (next - end - 1 > this.indent) return undefined;
    this.endWord(position + 1, end);
    this.lineStart = end + 1;
    this.position = next;
    this.keyAllowed = true;
    return resolvePlain(text.slice(position + 1, end));
  }

  /** The value that stands after a colon in a flow mapping, if it is a plain word; goes to the sign after it. */
  protected simpleFlowValue(): string | number | boolean | null | undefined {
    const { text, position, plainFlowValue } = this;
    plainFlowValue.lastIndex = position;
    if (text.charCodeAt(position) !== SPACE || !plainFlowValue.test(text)) return undefined;
    const end = plainFlowValue.lastIndex;
    this.endWord(position + 1, end);
    return resolvePlain(text.slice(position + 1, end));
  }

  private endWord(start: number, end: number): void {
    this.nodes++;
    this.style = 'plain';
    this.keyAllowed = false;
    this.contentEnd = end;
    this.position = end;
    if (this.withPlaces) this.place = { start, end };
  }
}
