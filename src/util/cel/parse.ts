import { own } from '../object.ts';
import { type CelNode, lastNameOf, ungrouped } from './node.ts';
import { CelSyntaxError, syntaxError, type Token, textOfLiteral, tokenize } from './tokens.ts';

/**
 * The syntax of the Common Expression Language, as github.com/google/cel-go parses it with its standard macros. What its names mean
 * is not looked at.
 */

/** The tree of an expression, or what is wrong with its syntax, with its place. */
export function parseCel(text: string): { readonly node: CelNode } | { readonly problem: string } {
  try {
    const reader: Reader = { text, tokens: tokenize(text), position: 0, depth: 0 };
    const node = readExpression(reader);
    if (peek(reader).kind !== 'end') throw unexpected(reader);
    return { node };
  } catch (failure) {
    if (failure instanceof CelSyntaxError) return { problem: failure.message };
    throw failure;
  }
}

/** What is wrong with the syntax of an expression, with its place; undefined for an expression. */
export function celSyntaxProblem(text: string): string | undefined {
  const parsed = parseCel(text);
  return 'problem' in parsed ? parsed.problem : undefined;
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

/** Whether a call on something, with so many arguments, is a macro that goes through a list or map. */
export function isComprehension(name: string, count: number): boolean {
  return own(comprehensions, name)?.includes(count) === true;
}

interface Reader {
  readonly text: string;
  readonly tokens: readonly Token[];
  position: number;
  depth: number;
}

const MAX_DEPTH = 250;

function peek({ tokens, position }: Reader, ahead = 0): Token {
  return tokens[Math.min(position + ahead, tokens.length - 1)] ?? { kind: 'end', text: '<EOF>', offset: 0 };
}

function unexpected(reader: Reader): CelSyntaxError {
  const { text, offset } = peek(reader);
  return syntaxError(reader.text, offset, `unexpected '${text}'`);
}

/** Takes the token where it is one of the signs (or the word `in`), and gives it. */
function take(reader: Reader, ...signs: readonly string[]): string | undefined {
  const { kind, text } = peek(reader);
  if ((kind !== 'sign' && text !== 'in') || !signs.includes(text)) return undefined;
  reader.position++;
  return text;
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

function readExpression(reader: Reader): CelNode {
  if (++reader.depth > MAX_DEPTH) throw syntaxError(reader.text, peek(reader).offset, 'expression recursion limit exceeded');
  const condition = readBinary(reader, 0);
  if (!take(reader, '?')) {
    reader.depth--;
    return condition;
  }
  const yes = readBinary(reader, 0);
  demand(reader, ':');
  const no = readExpression(reader);
  reader.depth--;
  return { kind: 'conditional', condition, yes, no };
}

/** From what binds least to what binds most. */
const binary = [['||'], ['&&'], ['<', '<=', '>=', '>', '==', '!=', 'in'], ['+', '-'], ['*', '/', '%']] as const;

function readBinary(reader: Reader, level: number): CelNode {
  const operators = binary[level];
  if (operators === undefined) return readUnary(reader);
  let left = readBinary(reader, level + 1);
  for (let sign = take(reader, ...operators); sign !== undefined; sign = take(reader, ...operators))
    left = { kind: 'binary', sign, left, right: readBinary(reader, level + 1) };
  return left;
}

function readUnary(reader: Reader): CelNode {
  const sign = take(reader, '!') ?? (isMinusOfNumber(reader) ? undefined : take(reader, '-'));
  if (sign === undefined) return readMember(reader);
  let isOdd = true;
  while (!(sign === '-' && isMinusOfNumber(reader)) && take(reader, sign)) isOdd = !isOdd;
  const operand = readMember(reader);
  return isOdd ? { kind: 'unary', sign, operand } : operand;
}

function isMinusOfNumber(reader: Reader): boolean {
  return peek(reader).text === '-' && ['int', 'float'].includes(peek(reader, 1).kind);
}

function readMember(reader: Reader): CelNode {
  let left = readPrimary(reader);
  /** The last of names that are joined by dots: what the type of a message can be. */
  let chain = lastNameOf(left);
  for (;;) {
    if (take(reader, '.')) {
      const name = takeName(reader);
      if (take(reader, '(')) {
        const parameters = readParameters(reader);
        if (isComprehension(name, parameters.length)) checkVariable(reader, parameters);
        left = { kind: 'call', name, receiver: left, parameters };
        chain = undefined;
      } else {
        left = { kind: 'select', operand: left, name };
        chain &&= name;
      }
    } else if (take(reader, '[')) {
      left = { kind: 'index', operand: left, index: readExpression(reader) };
      chain = undefined;
      demand(reader, ']');
    } else if (chain !== undefined && take(reader, '{')) {
      left = readMessage(reader, chain);
      chain = undefined;
    } else return left;
  }
}

function readMessage(reader: Reader, name: string): CelNode {
  const fields: (readonly [string, CelNode])[] = [];
  readEntries(reader, '}', () => {
    const field = takeName(reader);
    demand(reader, ':');
    fields.push([field, readExpression(reader)]);
  });
  return { kind: 'message', name, fields };
}

function readParameters(reader: Reader): readonly CelNode[] {
  const parameters: CelNode[] = [];
  if (take(reader, ')')) return parameters;
  do parameters.push(readExpression(reader));
  while (take(reader, ','));
  demand(reader, ')');
  return parameters;
}

/** Entries with a comma between them and perhaps one at the end. */
function readEntries(reader: Reader, end: ']' | '}', readEntry: () => void): void {
  let more = true;
  while (more && peek(reader).text !== end && peek(reader).text !== ',') {
    readEntry();
    more = take(reader, ',') !== undefined;
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

function readPrimary(reader: Reader): CelNode {
  if (take(reader, '(')) {
    const inner = readExpression(reader);
    demand(reader, ')');
    return { kind: 'group', inner };
  }
  if (take(reader, '[')) {
    const elements: CelNode[] = [];
    readEntries(reader, ']', () => void elements.push(readExpression(reader)));
    return { kind: 'list', elements };
  }
  if (take(reader, '{')) {
    const entries: (readonly [CelNode, CelNode])[] = [];
    readEntries(reader, '}', () => {
      const key = readExpression(reader);
      demand(reader, ':');
      entries.push([key, readExpression(reader)]);
    });
    return { kind: 'map', entries };
  }
  const { kind, text } = peek(reader);
  if (kind !== 'name' && text !== '.') return readLiteral(reader);
  if (['true', 'false', 'null'].includes(text)) {
    reader.position++;
    return { kind: 'literal', value: text === 'null' ? null : text === 'true' };
  }
  return readNamed(reader);
}

/** A name, or a call of a function by its name. */
function readNamed(reader: Reader): CelNode {
  const { offset } = peek(reader);
  take(reader, '.');
  const name = takeName(reader);
  if (reserved.includes(name)) throw syntaxError(reader.text, offset, `reserved identifier: ${name}`);
  if (!take(reader, '(')) return { kind: 'name', name };
  const parameters = readParameters(reader);
  const [tested] = parameters;
  if (name === 'has' && parameters.length === 1 && tested !== undefined && ungrouped(tested).kind !== 'select')
    throw syntaxError(reader.text, peek(reader, -1).offset, 'invalid argument to has() macro');
  return { kind: 'call', name, receiver: undefined, parameters };
}

function readLiteral(reader: Reader): CelNode {
  const isNegative = isMinusOfNumber(reader);
  if (isNegative) reader.position++;
  const token = peek(reader);
  const { kind, text, offset } = token;
  if (kind === 'sign' || kind === 'end') throw unexpected(reader);
  reader.position++;
  if (kind === 'text') return { kind: 'literal', value: textOfLiteral(token) };
  const refuse = (): CelSyntaxError => syntaxError(reader.text, offset, `invalid ${kind} literal`);
  if (kind === 'int' && BigInt(text) > (isNegative ? 1n << 63n : (1n << 63n) - 1n)) throw refuse();
  if (kind === 'uint' && BigInt(text.slice(0, -1)) >= 1n << 64n) throw refuse();
  const value = Number(kind === 'uint' ? text.slice(0, -1) : text);
  if (kind === 'float' && !Number.isFinite(value)) throw refuse();
  return { kind: 'literal', value: isNegative ? -value : value };
}

/** The first argument of a comprehension is the name of its variable. */
function checkVariable(reader: Reader, [first]: readonly CelNode[]): void {
  const { offset } = peek(reader, -1);
  const variable = first && ungrouped(first);
  if (variable?.kind !== 'name') throw syntaxError(reader.text, offset, 'argument must be a simple name');
  if (variable.name === '__result__' || variable.name === '@result')
    throw syntaxError(reader.text, offset, 'iteration variable overwrites accumulator variable');
}
