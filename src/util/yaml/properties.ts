import {
  AMPERSAND,
  AT,
  BACKTICK,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  EXCLAMATION,
  GREATER,
  isBlankOrEnd,
  isWord,
  PERCENT,
  QUESTION,
} from './characters.ts';
import type { YamlPlace } from './places.ts';
import { YamlProblem } from './problem.ts';
import { YAML_TAG } from './scalars.ts';
import { Scanner } from './scanner.ts';

/** Deeper nesting is refused; Kubernetes objects need a tenth of it. */
const MAX_DEPTH = 300;
/** Chains of aliases can nest deeper than any text. */
const MAX_EXPANDED_DEPTH = 1000;

/** Below this many nodes nearly all may come from aliases, above the other bound a tenth; goyaml.v2 decode.go allowedAliasRatio. */
const LOW = 400_000;
const HIGH = 4_000_000;

const AFTER_ANCHOR: readonly number[] = [QUESTION, COLON, COMMA, CLOSE_BRACKET, CLOSE_BRACE, PERCENT, AT, BACKTICK];
const TAG_CHARACTERS = "-_;/?:@&=+$,.!~*'()[]%";

/** How the node that was read last is written. */
export type Style = 'plain' | 'quoted' | 'text block' | 'collection' | 'alias' | 'nothing';

/** An anchor and a tag before a node. */
export interface Properties {
  readonly anchor: string | undefined;
  readonly tag: string | undefined;
  /** How many nodes were read before, and how deep. */
  readonly nodes: number;
  readonly deepest: number;
}

/** A node with an anchor, and what each alias of it adds. */
interface Anchored {
  readonly value: unknown;
  readonly place: YamlPlace | undefined;
  readonly size: number;
  readonly depth: number;
}

/** Reads what may stand before nodes, and aliases; keeps count of the nodes, so that aliases cannot blow a document up. */
export class PropertyScanner extends Scanner {
  /** How the node that was read last is written, and where it stands when that is asked for. */
  protected style: Style = 'nothing';
  protected place: YamlPlace | undefined;
  /** The anchors of the document, undefined while their nodes are being read. */
  private anchors: Map<string, Anchored | undefined> | undefined;
  /** The nodes so far, those behind aliases counted at each use; and how many of them are behind aliases. */
  protected nodes = 0;
  private aliased = 0;
  private depth = 0;
  private deepest = 0;

  protected forgetAnchors(): void {
    this.anchors = undefined;
    this.nodes = 0;
    this.aliased = 0;
  }

  /** Counts a collection that opens; `leave` one that closes. */
  protected enter(): void {
    this.nodes++;
    if (++this.depth > MAX_DEPTH) throw new YamlProblem('too-deep', this.position);
    if (this.depth > this.deepest) this.deepest = this.depth;
  }

  protected leave(): void {
    this.depth--;
  }

  /**
   * The properties that stand here, if any; goes to the content after them. In block context those on a further line are left:
   * they may belong to another node.
   */
  protected properties(): Properties | undefined {
    const { nodes, deepest, lineStart } = this;
    let anchor: string | undefined;
    let tag: string | undefined;
    do {
      const code = this.codeAt(this.position);
      if (code === AMPERSAND && anchor === undefined) anchor = this.anchorName();
      else if (code === EXCLAMATION && tag === undefined) tag = this.tag();
      else break;
      this.contentEnd = this.position;
      this.keyAllowed = false;
      this.skipToContent();
    } while (this.flowLevel > 0 || this.lineStart === lineStart);
    if (anchor === undefined && tag === undefined) return undefined;
    if (anchor !== undefined) this.put(anchor, undefined);
    this.deepest = this.depth;
    return { anchor, tag, nodes, deepest };
  }

  /** The properties of two lines for one node. */
  protected bothProperties(outer: Properties | undefined, own: Properties | undefined): Properties | undefined {
    if (outer === undefined || own === undefined) return outer ?? own;
    const isTwice =
      (outer.anchor ?? own.anchor) !== (own.anchor ?? outer.anchor) || (outer.tag !== undefined && own.tag !== undefined);
    if (isTwice) throw new YamlProblem('node-missing', this.position);
    return { ...outer, anchor: outer.anchor ?? own.anchor, tag: outer.tag ?? own.tag };
  }

  /** Ends a node: its value, under its anchor from now on. */
  protected close(properties: Properties | undefined, value: unknown): unknown {
    if (properties === undefined) return value;
    const { anchor, nodes, deepest } = properties;
    // An anchor of the same name within has taken its place.
    if (anchor !== undefined && this.anchors?.get(anchor) === undefined) {
      this.put(anchor, { value, place: this.place, size: this.nodes - nodes, depth: this.deepest - this.depth });
    }
    this.deepest = Math.max(this.deepest, deepest);
    return value;
  }

  protected alias(): unknown {
    const start = this.position;
    const name = this.anchorName();
    this.keyAllowed = false;
    this.contentEnd = this.position;
    const anchored = this.anchors?.get(name);
    if (anchored === undefined) {
      throw new YamlProblem(this.anchors?.has(name) ? 'alias-recursive' : 'alias-unknown', start, name);
    }
    this.nodes += anchored.size + 1;
    this.aliased += anchored.size;
    const depth = this.depth + anchored.depth;
    if (depth > this.deepest) this.deepest = depth;
    if (depth > MAX_EXPANDED_DEPTH || this.isExcessive()) throw new YamlProblem('alias-excessive', start);
    this.style = 'alias';
    if (anchored.place !== undefined) this.place = { ...anchored.place, start, end: this.position };
    return anchored.value;
  }

  private put(anchor: string, node: Anchored | undefined): void {
    this.anchors ??= new Map();
    this.anchors.set(anchor, node);
  }

  private isExcessive(): boolean {
    const { nodes, aliased } = this;
    return aliased > 100 && nodes > 1000 && aliased / nodes > allowedRatio(nodes);
  }

  /** The name after `&` or `*`. */
  private anchorName(): string {
    const start = this.position++;
    while (isWord(this.codeAt(this.position))) this.position++;
    const code = this.codeAt(this.position);
    const isName = this.position > start + 1 && (isBlankOrEnd(code) || AFTER_ANCHOR.includes(code));
    if (!isName) throw new YamlProblem('anchor-name', start);
    return this.text.slice(start + 1, this.position);
  }

  /** A tag in full: `!!str` is `tag:yaml.org,2002:str`. */
  private tag(): string {
    const start = this.position++;
    const isVerbatim = this.text.startsWith('<', this.position);
    if (isVerbatim) this.position++;
    const from = this.position;
    while (this.isTagCharacter()) this.position++;
    let tag = this.text.slice(start, this.position);
    if (isVerbatim) {
      tag = this.text.slice(from, this.position);
      if (tag === '' || this.codeAt(this.position) !== GREATER) throw new YamlProblem('tag-form', start);
      this.position++;
    } else if (tag.startsWith('!!')) tag = YAML_TAG + tag.slice(2);
    if (tag === YAML_TAG || !isBlankOrEnd(this.codeAt(this.position))) throw new YamlProblem('tag-form', start);
    return tag;
  }

  private isTagCharacter(): boolean {
    const code = this.codeAt(this.position);
    return isWord(code) || (code < 128 && TAG_CHARACTERS.includes(String.fromCharCode(code)));
  }
}

function allowedRatio(nodes: number): number {
  if (nodes <= LOW) return 0.99;
  if (nodes >= HIGH) return 0.1;
  return 0.99 - 0.89 * ((nodes - LOW) / (HIGH - LOW));
}
