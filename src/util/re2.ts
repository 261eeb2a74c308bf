import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

/**
 * Regular expressions that users write. All of them are RE2's: Istio and Envoy read them so, and matching takes time linear in the
 * text, whatever they say. No other file makes an expression of a text (test/architecture.test.ts).
 */

/** A compiled expression. Said without re2js, whose types a program that uses the library need not have. */
export interface Expression {
  /** Whether it matches the whole of a text. */
  matches(text: string): boolean;
  matcher(text: string): Matcher;
}

/** An expression on its way through a text. */
interface Matcher {
  /** Goes to the next place that matches; false where there is none. */
  find(): boolean;
  /** Whether the expression matches the whole text. */
  matches(): boolean;
  /** Where the match begins and ends. */
  start(): number;
  end(): number;
  /** The text of a group, by number or name; null for one that is not in the match. */
  group(group: number | string): string | null;
}

/** The largest program that Envoy loads: what Istio's bootstrap sets as re2.max_program_size.error_level. */
export const MAX_PROGRAM_SIZE = 32_768;

/** An expression that Envoy would load; undefined for others. */
export function compileExpression(text: string): Expression | undefined {
  const compiled = compile(text);
  return typeof compiled !== 'string' && compiled.programSize() <= MAX_PROGRAM_SIZE ? compiled : undefined;
}

/** Compiles as `compileExpression` does: that itself, or one that remembers what it compiled. */
export type ExpressionCompiler = (text: string) => Expression | undefined;

/** Whether the whole of a text matches an expression; one that Envoy would not load matches nothing. */
export function matchesWhole(expression: string, text: string, compile: ExpressionCompiler): boolean {
  return compile(expression)?.matches(text) ?? false;
}

/** Whether an expression matches somewhere in a text, as Go finds it; undefined where Go refuses the expression. */
export function findsExpression(expression: string, text: string): boolean | undefined {
  const compiled = compile(expression);
  return typeof compiled === 'string' ? undefined : compiled.matcher(text).find();
}

/** What is wrong with an expression, in the words of Go's regexp; undefined where it compiles. */
export function expressionProblem(text: string): string | undefined {
  const compiled = compile(text);
  return typeof compiled === 'string' ? compiled : undefined;
}

/** How many instructions an expression becomes; undefined for one that does not compile. */
export function programSize(text: string): number | undefined {
  const compiled = compile(text);
  return typeof compiled === 'string' ? undefined : compiled.programSize();
}

/** A step of a compiled expression; `next` is where it goes on. */
export type Instruction =
  | { readonly kind: 'both'; readonly next: number; readonly other: number }
  /** Only where conditions hold between two characters (`EMPTY_CONDITIONS`). */
  | { readonly kind: 'where'; readonly conditions: number; readonly next: number }
  | { readonly kind: 'pass'; readonly next: number }
  | { readonly kind: 'fail' | 'match' }
  /** Takes a character of one of some ranges, of which the list has the first and last, one after the other. */
  | { readonly kind: 'take'; readonly ranges: readonly number[]; readonly next: number };

/** The steps that an expression was compiled to. */
export interface ExpressionProgram {
  readonly start: number;
  readonly instructions: readonly Instruction[];
}

/** What can be asked of a place between two characters, as bits; RE2's EmptyOp. */
export const EMPTY_CONDITIONS = {
  beginLine: 1,
  endLine: 2,
  beginText: 4,
  endText: 8,
  wordBoundary: 16,
  noWordBoundary: 32,
} as const;

/** The program of an expression that Envoy would load; undefined for others. */
export function expressionProgram(text: string): ExpressionProgram | undefined {
  const compiled = compile(text);
  if (typeof compiled === 'string' || compiled.programSize() > MAX_PROGRAM_SIZE) return undefined;
  const program: RawProgram = compiled.re2().prog;
  const folds = new Map<number, readonly number[]>();
  return { start: program.start, instructions: program.inst.map((raw) => toInstruction(raw, folds)) };
}

/** What the package keeps of a program; its declarations leave it open. */
interface RawProgram {
  readonly start: number;
  readonly inst: readonly RawInstruction[];
}

interface RawInstruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  readonly runes: ArrayLike<number>;
  matchRune(rune: number): boolean;
}

const LAST_CHARACTER = 0x10_ff_ff;
/** Before it lie all characters that differ from another one in case. */
const LAST_CASED = 0x1_ff_ff;

/** By the numbers of the package's src/Inst.js. */
function toInstruction(raw: RawInstruction, folds: Map<number, readonly number[]>): Instruction {
  const { op, out: next, arg, runes } = raw;
  if (op === 1 || op === 2) return { kind: 'both', next, other: arg };
  if (op === 3 || op === 7) return { kind: 'pass', next };
  if (op === 4) return { kind: 'where', conditions: arg, next };
  if (op === 6) return { kind: 'match' };
  if (op === 10) return { kind: 'take', ranges: [0, LAST_CHARACTER], next };
  if (op === 11) return { kind: 'take', ranges: [0, 9, 11, LAST_CHARACTER], next };
  if (op !== 8 && op !== 9) return { kind: 'fail' };
  const [first = 0] = Array.from(runes);
  if (runes.length > 1) return { kind: 'take', ranges: Array.from(runes), next };
  const isFolded = op === 8 && (arg & 1) !== 0;
  const ranges = isFolded ? (folds.get(first) ?? foldsOf(first, raw)) : [first, first];
  if (isFolded) folds.set(first, ranges);
  return { kind: 'take', ranges, next };
}

/** The characters that differ from one in their case alone. */
function foldsOf(first: number, raw: RawInstruction): readonly number[] {
  const letter = String.fromCodePoint(first);
  // Beside their other case, k and s have one sign each outside of ASCII.
  const candidates = [letter.toLowerCase(), letter.toUpperCase(), '\u017f', '\u212a'].map((text) => text.codePointAt(0) ?? 0);
  const found = first < 128 ? candidates : Array.from({ length: LAST_CASED }, (_, rune) => rune);
  const folds = [...new Set(found)].filter((rune) => raw.matchRune(rune)).sort((a, b) => a - b);
  return folds.flatMap((rune) => [rune, rune]);
}

/** Loads the package when it is first needed: it takes a tenth of a short run, and most meshes have no expressions. */
const lazily = createRequire(import.meta.url);

function compile(text: string): RE2JS | string {
  const re2 = lazily('re2js') as typeof import('re2js');
  try {
    return re2.RE2JS.compile(text);
  } catch (failure) {
    return goMessage(failure instanceof Error ? failure.message : String(failure), text);
  }
}

/** Go names the part that is wrong in every message; of these the library does not. */
function goMessage(message: string, text: string): string {
  if (message.endsWith('trailing backslash at end of expression')) return `${message}: \`\``;
  return /expression (?:nests too deeply|too large)$/.test(message) ? `${message}: \`${text}\`` : message;
}
