import { own } from '../object.ts';

/** Ends the reading of an expression; its message has the place. */
export class CelSyntaxError extends Error {}

/** The error that cel-go gives for a place in an expression. */
export function syntaxError(text: string, offset: number, what: string): CelSyntaxError {
  const before = text.slice(0, offset).split('\n');
  return new CelSyntaxError(`ERROR: <input>:${before.length}:${(before.at(-1)?.length ?? 0) + 1}: Syntax error: ${what}`);
}

/** A word, literal or sign of an expression. */
export interface Token {
  readonly kind: 'name' | 'int' | 'uint' | 'float' | 'text' | 'sign' | 'end';
  readonly text: string;
  readonly offset: number;
}

/** Longer tokens before shorter ones. */
const tokenPatterns: readonly (readonly [kind: Token['kind'] | 'space', pattern: RegExp])[] = [
  ['space', /[\t \r\n\f]+|\/\/[^\n]*/y],
  // Most tokens are names, or signs with nothing of a number after them; a quote after a name makes it the prefix of a text.
  ['name', /[A-Za-z_][A-Za-z0-9_]*(?![A-Za-z0-9_"'])/y],
  ['sign', /==|!=|<=|>=|&&|\|\||[<>[\]{}(),\-!?:+*/%]|\.(?!\d)/y],
  ['text', /[bB]?[rR]"""[\s\S]*?"""/y],
  ['text', /[bB]?[rR]'''[\s\S]*?'''/y],
  ['text', /[bB]?[rR]"[^"\n\r]*"/y],
  ['text', /[bB]?[rR]'[^'\n\r]*'/y],
  ['text', /[bB]?"""(?:\\(?:[abfnrtv"'\\?\x60]|[0-3][0-7][0-7]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|[^\\])*?"""/y],
  ['text', /[bB]?'''(?:\\(?:[abfnrtv"'\\?\x60]|[0-3][0-7][0-7]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|[^\\])*?'''/y],
  ['text', /[bB]?"(?:\\(?:[abfnrtv"'\\?\x60]|[0-3][0-7][0-7]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|[^\\"\n\r])*"/y],
  ['text', /[bB]?'(?:\\(?:[abfnrtv"'\\?\x60]|[0-3][0-7][0-7]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|[^\\'\n\r])*'/y],
  ['float', /\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?/y],
  ['uint', /(?:0x[0-9a-fA-F]+|\d+)[uU]/y],
  ['int', /0x[0-9a-fA-F]+|\d+/y],
  ['name', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['sign', /==|!=|<=|>=|&&|\|\||[<>[\]{}().,\-!?:+*/%]/y],
];

/** The tokens of an expression, with one of kind `end` after them. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  while (offset < text.length) {
    const token = tokenAt(text, offset);
    if (token === undefined) throw syntaxError(text, offset, `token recognition error at: '${text[offset]}'`);
    const [kind, end] = token;
    if (kind !== 'space') tokens.push({ kind, text: text.slice(offset, end), offset });
    offset = end;
  }
  return [...tokens, { kind: 'end', text: '<EOF>', offset: text.length }];
}

function tokenAt(text: string, offset: number): readonly [kind: Token['kind'] | 'space', end: number] | undefined {
  for (const [kind, pattern] of tokenPatterns) {
    pattern.lastIndex = offset;
    if (pattern.test(text)) return [kind, pattern.lastIndex];
  }
  return undefined;
}

const named: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** The text that a token of kind `text` stands for. Bytes are left as they are written. */
export function textOfLiteral(token: Token): string {
  const [, prefix = '', quoted = ''] = /^([bBrR]*)(.*)$/s.exec(token.text) ?? [];
  const length = /^("""|''')/.test(quoted) ? 3 : 1;
  const inner = quoted.slice(length, -length);
  if (/[rR]/.test(prefix)) return inner;
  return inner.replace(/\\(?:([0-7]{3})|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gs, unescaped);
}

function unescaped(_all: string, octal?: string, short?: string, four?: string, eight?: string, other = ''): string {
  if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
  const hexadecimal = short ?? four ?? eight;
  if (hexadecimal === undefined) return own(named, other) ?? other;
  const code = Number.parseInt(hexadecimal, 16);
  return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
}
