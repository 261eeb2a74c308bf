import type { StringMatch } from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import { expressionProblem } from '../util/re2.ts';
import { errorIf, type Findings, quote } from './finding.ts';

/** Regular expressions and the matches that hold them. */

const MAX_EXPRESSION = 1024;

/** What is wrong with an expression of Istio's API; `where` is Istio's name of the field. Istio validateStringRegexp. */
export function regexProblem(expression: string, where: string): string | undefined {
  if (new TextEncoder().encode(expression).length > MAX_EXPRESSION)
    return `${quote(where)}: regex is too large, max length allowed is 1024`;
  const problem = expressionProblem(expression);
  if (problem === undefined) return undefined;
  return `${quote(where)}: ${problem}; Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax)`;
}

/** The regular expression of a match, where it has one; istio validateStringMatchRegexp. */
export function* checkMatchExpression(path: Path, match: StringMatch | undefined, where: string): Findings {
  if (match?.regex === undefined) return;
  const at = [...path, 'regex'];
  if (match.regex === '') yield* errorIf(at, `${quote(where)}: regex string match should not be empty`);
  else yield* errorIf(at, regexProblem(match.regex, where));
}

/** A match of a text, whose prefix must not be empty either; istio validateStringMatch. */
export function* checkStringMatch(path: Path, match: StringMatch | undefined, where: string): Findings {
  if (match?.prefix === '') yield* errorIf([...path, 'prefix'], `${quote(where)}: prefix string match should not be empty`);
  else yield* checkMatchExpression(path, match, where);
}
