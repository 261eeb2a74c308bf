import { addAll } from '../../../util/collections.ts';

/** Texts that begin with a prefix and have at least so many characters after it, or one text exactly. */
export type ExpressionShape =
  | { readonly exact: string }
  | {
      readonly prefix: string;
      /** 0, or 1 for `.+`. */
      readonly more: number;
    };

/** How many alternatives an expression is taken apart into; beyond, nobody says what it is. */
const MAX_ALTERNATIVES = 16;

/**
 * What a regular expression that has to match the whole text is, where it is no more than a prefix in disguise: `/.*`, `^/api.*$`,
 * `/(a|b)/.+`, `/api(/.*)?`. Undefined for all others.
 */
export function shapesOf(expression: string): readonly ExpressionShape[] | undefined {
  // Anchors say what holds anyway.
  const text = expression.replace(/^\^/, '').replace(/(^|[^\\])\$$/, '$1');
  const expanded = expand(text);
  const shapes: ExpressionShape[] = [];
  for (const alternative of expanded ?? []) {
    const found = shapesOfAlternative(alternative);
    if (found === undefined) return undefined;
    addAll(shapes, found);
  }
  return expanded === undefined ? undefined : shapes;
}

/** The expression without groups that hold alternatives: one text for each choice. */
function expand(text: string): readonly string[] | undefined {
  let texts: readonly string[] = [text];
  for (;;) {
    const next = texts.flatMap((one) => {
      const [whole, content = ''] = /(?<!\\)\((?:\?:)?([^()\\]*)\)(?![*+?{])/.exec(one) ?? [];
      if (whole === undefined) return [one];
      return content.split('|').map((choice) => one.replace(whole, () => choice));
    });
    if (next.length > MAX_ALTERNATIVES) return undefined;
    if (next.length === texts.length && next.every((one, index) => one === texts[index])) return next;
    texts = next;
  }
}

function shapesOfAlternative(text: string): readonly ExpressionShape[] | undefined {
  // What may follow after a slash, or be left out.
  const [optional] = /\((?:\?:)?\/\.\*\)\?$/.exec(text) ?? [];
  if (optional !== undefined) {
    const start = literalOf(text.slice(0, -optional.length));
    return start === undefined ? undefined : [{ exact: start }, { prefix: `${start}/`, more: 0 }];
  }
  // What ends the text, where nothing can follow; and one character that may be left out, where anything can.
  const cut = text.replace(/(?<!\\)\$(?:\.\*)?$/, '').replace(/(?:\\[^A-Za-z0-9]|[\w/-])\?(?=\.[*+]\??$)/, '');
  const [tail] = /(?<!\\)\.[*+]\??$/.exec(cut) ?? [];
  const start = literalOf(tail === undefined ? cut : cut.slice(0, -tail.length));
  if (start === undefined) return undefined;
  return [tail === undefined ? { exact: start } : { prefix: start, more: tail.startsWith('.+') ? 1 : 0 }];
}

/** The text that an expression without any special character stands for. */
function literalOf(text: string): string | undefined {
  let literal = '';
  for (let index = 0; index < text.length; index++) {
    let character = text.charAt(index);
    if (character === '\\') {
      index++;
      character = text.charAt(index);
      // Letters and digits after a backslash are classes.
      if (character === '' || /[A-Za-z0-9]/.test(character)) return undefined;
    } else if ('[](){}*+?|^$.'.includes(character)) {
      return undefined;
    }
    literal += character;
  }
  return literal;
}

/** Whether all texts of one shape are of another. */
export function shapeCovers(outer: ExpressionShape, inner: ExpressionShape): boolean {
  if ('exact' in outer) return 'exact' in inner && inner.exact === outer.exact;
  const [start, length] = 'exact' in inner ? [inner.exact, inner.exact.length] : [inner.prefix, inner.prefix.length + inner.more];
  return start.startsWith(outer.prefix) && length >= outer.prefix.length + outer.more;
}
