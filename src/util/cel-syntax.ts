import { own } from './object.ts';
/**
 * The syntax of the Common Expression Language, as github.com/google/cel-go parses it with its standard macros: enough to tell
 * whether a text is an expression. What its names mean is not looked at.
 */

/** What is wrong with the syntax of an expression, with its place; undefined for an expression. */
export function celSyntaxProblem(text: string): string | undefined {
  const reading = readCel(text);
  return 'problem' in reading ? reading.problem : undefined;
}

/** A call of a function or macro in an expression. */
export interface CelCall {
  readonly name: string;
  /** The last name of what it is called on, where that is a name or names joined by dots: `math` of `math.max(1, 2)`. */
  readonly receiver: string | undefined;
  readonly hasReceiver: boolean;
  readonly count: number;
  /** Whether it is a macro that goes through a list or map. */
  readonly isComprehension: boolean;
}

/** The calls of an expression, or what is wrong with its syntax. */
export function readCel(text: string): { readonly calls: readonly CelCall[] } | { readonly problem: string } {
  try {
    const reader: Reader = { text, tokens: tokenize(text), calls: [], position: 0, depth: 0 };
    readExpression(reader);
    if (peek(reader).kind !== 'end') throw unexpected(reader);
    return { calls: reader.calls };
  } catch (failure) {
    if (failure instanceof CelSyntaxError) return { problem: failure.message };
    throw failure;
  }
}

/** Ends the reading of an expression; its message has the place. */
class CelSyntaxError extends Error {}

function syntaxError(text: string, offset: number, what: string): CelSyntaxError {
  const before = text.slice(0, offset).split('\n');
  return new CelSyntaxError(`ERROR: <input>:${before.length}:${(before.at(-1)?.length ?? 0) + 1}: Syntax error: ${what}`);
}

interface Token {
  readonly kind: 'name' | 'int' | 'uint' | 'float' | 'text' | 'sign' | 'end';
  readonly text: string;
  readonly offset: number;
}

/** Longer tokens before shorter ones. */
const tokenPatterns: readonly (readonly [kind: Token['kind'] | 'space', pattern: RegExp])[] = [
  ['space', /[\t \r\n\f]+|\/\/[^\n]*/y],
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

function tokenize(text: string): readonly Token[] {
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

interface Reader {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly calls: CelCall[];
  position: number;
  depth: number;
}

/** As much of an expression as macros ask for; `chain`: names joined by dots, which can be the type of a message. */
type Shape = 'name' | 'select' | 'other';

interface Parsed {
  readonly shape: Shape;
  readonly name: string;
  readonly isChain: boolean;
}

const other: Parsed = { shape: 'other', name: '', isChain: false };
const MAX_DEPTH = 250;

function peek({ tokens, position }: Reader, ahead = 0): Token {
  return tokens[Math.min(position + ahead, tokens.length - 1)] ?? { kind: 'end', text: '<EOF>', offset: 0 };
}

function unexpected(reader: Reader): CelSyntaxError {
  const { text, offset } = peek(reader);
  return syntaxError(reader.text, offset, `unexpected '${text}'`);
}

/** Takes the token where it is one of the signs (or the word `in`). */
function take(reader: Reader, ...signs: readonly string[]): boolean {
  const { kind, text } = peek(reader);
  if ((kind !== 'sign' && text !== 'in') || !signs.includes(text)) return false;
  reader.position++;
  return true;
}

function demand(reader: Reader, sign: string): void {
  if (!take(reader, sign)) throw unexpected(reader);
}

/** Words that are no names, not even of fields. */
const literals = ['true', 'false', 'null', 'in'];

function takeName(reader: Reader): string {
  const { kind, text } = peek(reader);
  if (kind !== 'name' || literals.includes(text)) throw unexpected(reader);
  reader.position++;
  return text;
}

function readExpression(reader: Reader): Parsed {
  if (++reader.depth > MAX_DEPTH) throw syntaxError(reader.text, peek(reader).offset, 'expression recursion limit exceeded');
  const condition = readBinary(reader, 0);
  if (!take(reader, '?')) {
    reader.depth--;
    return condition;
  }
  readBinary(reader, 0);
  demand(reader, ':');
  readExpression(reader);
  reader.depth--;
  return other;
}

/** From what binds least to what binds most. */
const binary = [['||'], ['&&'], ['<', '<=', '>=', '>', '==', '!=', 'in'], ['+', '-'], ['*', '/', '%']] as const;

function readBinary(reader: Reader, level: number): Parsed {
  const operators = binary[level];
  if (operators === undefined) return readUnary(reader);
  let left = readBinary(reader, level + 1);
  while (take(reader, ...operators)) {
    readBinary(reader, level + 1);
    left = other;
  }
  return left;
}

function readUnary(reader: Reader): Parsed {
  const sign = take(reader, '!') ? '!' : isMinusOfNumber(reader) || !take(reader, '-') ? undefined : '-';
  if (sign === undefined) return readMember(reader);
  while (!(sign === '-' && isMinusOfNumber(reader)) && take(reader, sign));
  readMember(reader);
  return other;
}

function isMinusOfNumber(reader: Reader): boolean {
  return peek(reader).text === '-' && ['int', 'float'].includes(peek(reader, 1).kind);
}

function readMember(reader: Reader): Parsed {
  let left = readPrimary(reader);
  for (;;) {
    if (take(reader, '.')) {
      const name = takeName(reader);
      if (take(reader, '(')) {
        const parsed = readArguments(reader);
        const isComprehension = own(comprehensions, name)?.includes(parsed.length) === true;
        if (isComprehension) checkVariable(reader, parsed);
        const receiver = left.isChain ? left.name : undefined;
        reader.calls.push({ name, receiver, hasReceiver: true, count: parsed.length, isComprehension });
        left = other;
      } else left = { shape: 'select', name, isChain: left.isChain };
    } else if (take(reader, '[')) {
      readExpression(reader);
      demand(reader, ']');
      left = other;
    } else if (left.isChain && take(reader, '{')) {
      readEntries(reader, '}', () => {
        takeName(reader);
        demand(reader, ':');
        readExpression(reader);
      });
      left = other;
    } else return left;
  }
}

function readArguments(reader: Reader): readonly Parsed[] {
  const parsed: Parsed[] = [];
  if (take(reader, ')')) return parsed;
  do parsed.push(readExpression(reader));
  while (take(reader, ','));
  demand(reader, ')');
  return parsed;
}

/** Entries with a comma between them and perhaps one at the end. */
function readEntries(reader: Reader, end: ']' | '}', readEntry: () => void): void {
  let more = true;
  while (more && peek(reader).text !== end && peek(reader).text !== ',') {
    readEntry();
    more = take(reader, ',');
    if (!more) break;
  }
  take(reader, ',');
  demand(reader, end);
}

const reserved = [
  'as',
  'break',
  'const',
  'continue',
  'else',
  'for',
  'function',
  'if',
  'import',
  'let',
  'loop',
  'package',
  'namespace',
  'return',
  'var',
  'void',
  'while',
];

function readPrimary(reader: Reader): Parsed {
  if (take(reader, '(')) {
    const { shape, name } = readExpression(reader);
    demand(reader, ')');
    return { shape, name, isChain: false };
  }
  if (take(reader, '[')) {
    readEntries(reader, ']', () => void readExpression(reader));
    return other;
  }
  if (take(reader, '{')) {
    readEntries(reader, '}', () => {
      readExpression(reader);
      demand(reader, ':');
      readExpression(reader);
    });
    return other;
  }
  const { kind, text, offset } = peek(reader);
  if (kind !== 'name' && text !== '.') return readLiteral(reader);
  if (['true', 'false', 'null'].includes(text)) {
    reader.position++;
    return other;
  }
  take(reader, '.');
  const name = takeName(reader);
  if (reserved.includes(name)) throw syntaxError(reader.text, offset, `reserved identifier: ${name}`);
  if (!take(reader, '(')) return { shape: 'name', name, isChain: true };
  const parsed = readArguments(reader);
  if (name === 'has' && parsed.length === 1 && parsed[0]?.shape !== 'select')
    throw syntaxError(reader.text, peek(reader, -1).offset, 'invalid argument to has() macro');
  reader.calls.push({ name, receiver: undefined, hasReceiver: false, count: parsed.length, isComprehension: false });
  return other;
}

function readLiteral(reader: Reader): Parsed {
  const isNegative = isMinusOfNumber(reader);
  if (isNegative) reader.position++;
  const { kind, text, offset } = peek(reader);
  if (kind === 'sign' || kind === 'end') throw unexpected(reader);
  reader.position++;
  const refuse = (): CelSyntaxError => syntaxError(reader.text, offset, `invalid ${kind} literal`);
  if (kind === 'int' && BigInt(text) > (isNegative ? 1n << 63n : (1n << 63n) - 1n)) throw refuse();
  if (kind === 'uint' && BigInt(text.slice(0, -1)) >= 1n << 64n) throw refuse();
  if (kind === 'float' && !Number.isFinite(Number(text))) throw refuse();
  return other;
}

/** Macros that go through a list or map, by how many arguments they have. */
const comprehensions: Readonly<Record<string, readonly number[]>> = {
  all: [2],
  exists: [2],
  exists_one: [2],
  existsOne: [2],
  map: [2, 3],
  filter: [2],
};

/** The first argument of a comprehension is the name of its variable. */
function checkVariable(reader: Reader, [first]: readonly Parsed[]): void {
  const { offset } = peek(reader, -1);
  if (first?.shape !== 'name') throw syntaxError(reader.text, offset, 'argument must be a simple name');
  if (first.name === '__result__' || first.name === '@result')
    throw syntaxError(reader.text, offset, 'iteration variable overwrites accumulator variable');
}
