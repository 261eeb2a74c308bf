import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

/**
 * Regular expressions that users write. All of them are RE2's: Istio and Envoy read them so, and matching takes time linear in the
 * text, whatever they say. No other file makes an expression of a text (test/architecture.test.ts).
 */

/** A compiled expression. */
export type Expression = Pick<RE2JS, 'matches' | 'matcher'>;

/** The largest program that Envoy loads: what Istio's bootstrap sets as re2.max_program_size.error_level. */
export const MAX_PROGRAM_SIZE = 32_768;

/** An expression that Envoy would load; undefined for others. */
export function compileExpression(text: string): Expression | undefined {
  const compiled = compile(text);
  return typeof compiled !== 'string' && compiled.programSize() <= MAX_PROGRAM_SIZE ? compiled : undefined;
}

/** Whether the whole of a text matches an expression; one that Envoy would not load matches nothing. */
export function matchesWhole(expression: string, text: string): boolean {
  return compileExpression(expression)?.matches(text) ?? false;
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
