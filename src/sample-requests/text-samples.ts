import type { StringMatcher } from '../envoy/api.gen.ts';
import { addAll } from '../util/collections.ts';
import { compileExpression } from '../util/re2.ts';

/** Texts that a matcher takes, those at the edges of what it takes included. */
export function textsMatching({ exact, prefix, suffix, contains, safeRegex }: StringMatcher): readonly string[] {
  if (exact !== undefined) return [exact];
  if (prefix !== undefined) return [prefix, `${prefix}x`];
  if (suffix !== undefined) return [`x${suffix}`];
  if (contains !== undefined) return [`x${contains}x`];
  return safeRegex?.regex === undefined ? [] : textsOfRegex(safeRegex.regex);
}

/** At most this many texts for one expression or part of one. */
const LIMIT = 4;

/** At most this many alternatives are tried. */
const MOST_ALTERNATIVES = 16;

/** Longer texts are no samples that help anybody, and neither are expressions of more brackets in brackets. */
const MOST_CHARACTERS = 2000;
const MOST_BRACKETS = 50;

/**
 * Texts that a regular expression (RE2) matches as a whole; none where it says more than this understands. What this reads into
 * an expression may be wrong: only what the expression itself takes comes out.
 */
export function textsOfRegex(regex: string): readonly string[] {
  const whole = compileExpression(regex);
  if (whole === undefined) return [];
  const found: string[] = [];
  for (const text of new Set(alternatives({ text: regex, position: 0, brackets: 0 }, MOST_ALTERNATIVES))) {
    if (whole.matches(text)) found.push(text);
    if (found.length === LIMIT) break;
  }
  return found;
}

/** An expression that RE2 takes, and how far it is read. */
interface Parser {
  readonly text: string;
  position: number;
  /** How many are open. */
  brackets: number;
}

/** Takes what a pattern, which must be sticky, matches here. */
function take(parser: Parser, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = parser.position;
  const match = pattern.exec(parser.text);
  if (match !== null) parser.position += match[0].length;
  return match;
}

function alternatives(parser: Parser, limit: number): readonly string[] {
  const texts = [...sequence(parser)];
  while (parser.text[parser.position] === '|') {
    parser.position++;
    const more = sequence(parser);
    if (texts.length < limit) addAll(texts, more);
  }
  return texts.slice(0, limit);
}

function sequence(parser: Parser): readonly string[] {
  let texts: readonly string[] = [''];
  while (parser.position < parser.text.length && !'|)'.includes(parser.text[parser.position] ?? '')) {
    const part = quantified(atom(parser), parser);
    texts = texts
      .flatMap((start) => part.map((end) => start + end))
      .filter((text) => text.length <= MOST_CHARACTERS)
      .slice(0, LIMIT);
  }
  return texts;
}

function atom(parser: Parser): readonly string[] {
  const character = String.fromCodePoint(parser.text.codePointAt(parser.position) ?? 0);
  switch (character) {
    case '[':
      return characterClass(parser);
    case '\\':
      return escape(parser);
    case '(':
      return group(parser);
  }
  parser.position += character.length;
  if (character === '^' || character === '$') return [''];
  return [character === '.' ? 'x' : character];
}

function group(parser: Parser): readonly string[] {
  // Flags for the rest, as `(?i)`.
  if (take(parser, /\(\?[a-zA-Z-]+\)/y) !== null) return [''];
  take(parser, /\((?:\?P?<\w+>|\?[a-zA-Z-]*:)?/y);
  if (parser.brackets === MOST_BRACKETS) {
    parser.position = parser.text.length;
    return [];
  }
  parser.brackets++;
  const texts = alternatives(parser, LIMIT);
  parser.brackets--;
  parser.position++;
  return texts;
}

/** Characters of which most classes have one. */
const likely: readonly string[] = ['x', '1', '-', '/', ' ', 'X', '_', '.', '~', 'é'];

/** One character of a class: its first, or a likely one. */
function characterClass(parser: Parser): readonly string[] {
  const start = parser.position;
  take(parser, /\[\^?/y);
  const body = parser.position;
  take(parser, /\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]/y);
  const source = parser.text.slice(start, parser.position);
  const first = { text: parser.text, position: body, brackets: 0 };
  return oneOf(source, [...(parser.text[body] === '\\' ? escape(first) : [characterAt(parser.text, body)]), ...likely]);
}

function oneOf(source: string, candidates: readonly string[]): readonly string[] {
  const expression = compileExpression(source);
  const found = candidates.find((candidate) => expression?.matches(candidate));
  return found === undefined ? [] : [found];
}

function characterAt(text: string, position: number): string {
  const code = text.codePointAt(position);
  return code === undefined ? '' : String.fromCodePoint(code);
}

/** What stands for a class of characters or a place in the text. */
const plainEscapes: ReadonlyMap<string, string> = new Map(
  Object.entries({ d: '1', w: 'x', s: ' ', D: 'x', W: '-', S: 'x', b: '', B: '', A: '', z: '' }),
);
const controls: ReadonlyMap<string, string> = new Map(Object.entries({ a: '\x07', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }));

function escape(parser: Parser): readonly string[] {
  const quoted = take(parser, /\\Q([\s\S]*?)(?:\\E|$)/y);
  if (quoted !== null) return [quoted[1] ?? ''];
  const property = take(parser, /\\[pP](?:\{[^}]*\}|[\s\S])/y);
  if (property !== null) return oneOf(property[0], likely);
  const hexadecimal = take(parser, /\\x(?:\{([0-9a-fA-F]{1,8})\}|([0-9a-fA-F]{2}))/y);
  if (hexadecimal !== null) return character(Number.parseInt(hexadecimal[1] ?? hexadecimal[2] ?? '', 16));
  const octal = take(parser, /\\([0-7]{1,3})/y);
  if (octal !== null) return character(Number.parseInt(octal[1] ?? '', 8));
  parser.position++;
  const escaped = characterAt(parser.text, parser.position);
  parser.position += escaped.length;
  return [plainEscapes.get(escaped) ?? controls.get(escaped) ?? escaped];
}

function character(code: number): readonly string[] {
  return code <= 0x10ffff ? [String.fromCodePoint(code)] : [];
}

function quantified(texts: readonly string[], parser: Parser): readonly string[] {
  const quantifier = take(parser, /(?:([*?])|\+|\{(\d{1,4})(,\d*)?\})\??/y);
  if (quantifier === null) return texts;
  const [, optional, count = '1', more] = quantifier;
  const times = Number(count);
  if (optional !== undefined || (times === 0 && more !== undefined)) return [...texts, ''];
  return texts.filter((text) => text.length * times <= MOST_CHARACTERS).map((text) => text.repeat(times));
}
