import type { StringMatcher } from '../envoy/api.gen.ts';

/** Texts that a matcher takes, those at the edges of what it takes included. */
export function textsMatching({ exact, prefix, suffix, contains, safeRegex }: StringMatcher): readonly string[] {
  if (exact !== undefined) return [exact];
  if (prefix !== undefined) return [prefix, `${prefix}x`];
  if (suffix !== undefined) return [`x${suffix}`];
  if (contains !== undefined) return [`x${contains}x`];
  return safeRegex?.regex === undefined ? [] : textsOfRegex(safeRegex.regex);
}

/** At most this many texts for one expression. */
const LIMIT = 4;

/** Texts that a regular expression (RE2) matches as a whole; none where it says more than this understands. */
export function textsOfRegex(regex: string): readonly string[] {
  const parser: Parser = { text: regex.replace(/^\(\?[a-z]+\)/, ''), position: 0 };
  const texts = alternatives(parser);
  let whole: RegExp;
  try {
    whole = new RegExp(`^(?:${parser.text})$`);
  } catch {
    return [];
  }
  return [...new Set(texts)].filter((text) => whole.test(text)).slice(0, LIMIT);
}

interface Parser {
  readonly text: string;
  position: number;
}

function alternatives(parser: Parser): readonly string[] {
  const texts = [...sequence(parser)];
  while (parser.text[parser.position] === '|') {
    parser.position++;
    texts.push(...sequence(parser));
  }
  return texts;
}

function sequence(parser: Parser): readonly string[] {
  let texts: readonly string[] = [''];
  while (parser.position < parser.text.length && !'|)'.includes(parser.text[parser.position] ?? '')) {
    const part = quantified(atom(parser), parser);
    texts = texts.flatMap((start) => part.map((end) => start + end)).slice(0, LIMIT);
  }
  return texts;
}

function atom(parser: Parser): readonly string[] {
  const character = parser.text[parser.position] ?? '';
  parser.position++;
  switch (character) {
    case '^':
    case '$':
      return [''];
    case '.':
      return ['x'];
    case '\\':
      return escape(parser);
    case '[':
      return [classMember(parser)];
    case '(': {
      const flags = /^\?(?:P?<\w+>|[a-z-]*:)/.exec(parser.text.slice(parser.position));
      parser.position += flags?.[0].length ?? 0;
      const texts = alternatives(parser);
      parser.position++;
      return texts;
    }
    default:
      return [character];
  }
}

function escape(parser: Parser): readonly string[] {
  const character = parser.text[parser.position] ?? '';
  parser.position++;
  const known: Readonly<Record<string, string>> = { d: '1', w: 'x', s: ' ', D: 'x', W: '-', S: 'x', b: '', B: '', A: '', z: '' };
  return [known[character] ?? character];
}

/** One character of a class: its first, or one that a negated class leaves. */
function classMember(parser: Parser): string {
  const end = parser.text.indexOf(']', parser.position + 1);
  const body = parser.text.slice(parser.position, end);
  parser.position = end === -1 ? parser.text.length : end + 1;
  if (!body.startsWith('^')) return body.startsWith('\\') ? (escape({ text: body, position: 1 })[0] ?? '') : (body[0] ?? '');
  const negated = new RegExp(`[${body}]`);
  return ['x', '1', '-', '/', ' '].find((candidate) => negated.test(candidate)) ?? '';
}

function quantified(texts: readonly string[], parser: Parser): readonly string[] {
  const quantifier = /^(?:[*+?]|\{(\d+)(?:,(\d*))?\})\??/.exec(parser.text.slice(parser.position));
  if (quantifier === null) return texts;
  parser.position += quantifier[0].length;
  if (quantifier[0].startsWith('*') || quantifier[0].startsWith('?')) return [...texts, ''];
  const times = quantifier[1] === undefined ? 1 : Number(quantifier[1]);
  return texts.map((text) => text.repeat(times));
}
