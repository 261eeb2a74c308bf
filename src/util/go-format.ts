import { own } from './object.ts';

/** Texts as Go's package fmt writes them; Istio's messages are made with it. */

const named: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** A text in double quotes with everything unprintable escaped: `%q`. */
export function goQuote(text: string): string {
  const escaped = [...text].map((character) => {
    const short = own(named, character);
    if (short !== undefined) return short;
    if (character === ' ' || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character)) return character;
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return `"${escaped.join('')}"`;
}

/** A slice as `%v` writes it: `[a b]`. */
export function goList(values: readonly (string | number)[]): string {
  return `[${values.join(' ')}]`;
}
