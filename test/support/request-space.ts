import fc from 'fast-check';
import { keyOfDimension } from '../../src/request-space/dimensions.ts';
import type { Dimension, Formula, TextTest } from '../../src/request-space/formula.ts';
import type { PartValue } from '../../src/request-space/variables.ts';
import { createHeaders } from '../../src/trace/headers.ts';
import { mismatch } from '../../src/trace/http/route-match.ts';
import { inRange, matchesHeader, matchesString } from '../../src/trace/strings.ts';
import { assertNever } from '../../src/util/assert.ts';
import { compileExpression } from '../../src/util/re2.ts';

/** Whether a text passes a test, by the matchers of traces. */
export function passes(test: TextTest, text: string): boolean {
  switch (test.kind) {
    case 'present':
      return true;
    case 'exact':
    case 'prefix':
    case 'suffix':
    case 'contains':
      return matchesString({ [test.kind]: test.text, ignoreCase: test.ignoringCase === true }, text, compileExpression);
    case 'segments': {
      const match = { pathSeparatedPrefix: test.text, caseSensitive: test.ignoringCase !== true };
      const headers = createHeaders([[':path', text]]);
      const request = {
        headers,
        metadata: new Map(),
        isTls: false,
        hasClientCertificate: false,
        happens: () => true,
        compile: compileExpression,
      };
      return mismatch(match, request) === undefined;
    }
    case 'regex':
      return matchesString({ safeRegex: { regex: test.expression } }, text, compileExpression);
    case 'integer': {
      const rangeMatch = { start: String(test.start), end: String(test.end) };
      return matchesHeader({ name: 'x', rangeMatch }, createHeaders([['x', text]]), compileExpression);
    }
    case 'replaced': {
      const prefix = { prefix: test.prefix, ignoreCase: test.ignoringCase === true };
      const isReplaced = test.prefix === '' || matchesString(prefix, text, compileExpression);
      return passes(test.test, isReplaced ? `${test.by}${text.slice(test.prefix.length)}` : text);
    }
    default:
      return assertNever(test);
  }
}

/** Whether a formula holds of a request, by the matchers of traces. */
export function holds(formula: Formula, request: readonly PartValue[]): boolean {
  const part = (dimension: Dimension): PartValue | undefined =>
    request.find((value) => keyOfDimension(value.dimension) === keyOfDimension(dimension));
  switch (formula.kind) {
    case 'all':
      return formula.of.every((inner) => holds(inner, request));
    case 'any':
      return formula.of.some((inner) => holds(inner, request));
    case 'not':
      return !holds(formula.of, request);
    case 'text': {
      const value = part(formula.dimension);
      const texts =
        value?.kind === 'claim' ? value.texts : value?.kind === 'text' && value.text !== undefined ? [value.text] : [];
      return texts.some((text) => passes(formula.test, text));
    }
    case 'token': {
      const value = part(formula.dimension);
      return value?.kind === 'token' && value.is === formula.is;
    }
    case 'port': {
      const value = part(formula.dimension);
      return value?.kind === 'port' && value.port >= formula.start && value.port < formula.end;
    }
    case 'range': {
      const value = part(formula.dimension);
      return value?.kind === 'address' && inRange({ addressPrefix: formula.address, prefixLen: formula.length }, value.address);
    }
    case 'assumed': {
      const value = part(formula.dimension);
      return value?.kind === 'assumed' && value.holds;
    }
    default:
      return assertNever(formula);
  }
}

const piece = fc.constantFrom('a', 'b', 'A', 'B', '/', '/api', 'api', '.', '-', '0', '17', 'k', 'é', '_', 'x', '=');

/** Texts of few pieces, so that they often pass the same tests. */
export const someText: fc.Arbitrary<string> = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));

/** Expressions of RE2, of all that it has. */
export const someExpression: fc.Arbitrary<string> = fc.letrec<{ expression: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    fc.constantFrom(
      'a',
      'b',
      '/',
      'api',
      '\\.',
      '.',
      '[a-c]',
      '[^/]',
      '\\d',
      '\\w',
      '\\W',
      '\\S',
      '[[:alpha:]]',
      '\\pL',
      'é',
      'k',
      '-',
    ),
    fc.constantFrom(
      '\\b',
      '\\B',
      '^',
      '$',
      '\\A',
      '\\z',
      '(?i:a)',
      '(?i:k)',
      '(?i:É)',
      '(?s:.)',
      '(?m:^a)',
      '(?m:b$)',
      '\\x61',
      '\\Qa.b\\E',
    ),
    tie('expression').map((inner) => `(?:${inner})`),
    tie('expression').map((inner) => `(${inner})`),
    tie('expression').map((inner) => `(?i:${inner})`),
  ),
  expression: fc.oneof(
    { depthSize: 'small' },
    tie('atom'),
    fc
      .tuple(tie('atom'), fc.constantFrom('*', '+', '?', '*?', '+?', '{2}', '{1,3}', '{0,2}', '{2,}'))
      .map((parts) => parts.join('')),
    fc.array(tie('expression'), { minLength: 2, maxLength: 4 }).map((parts) => parts.join('')),
    fc.array(tie('expression'), { minLength: 2, maxLength: 3 }).map((parts) => parts.join('|')),
  ),
})).expression;

/** Tests of texts of every kind. */
export const someTextTest: fc.Arbitrary<TextTest> = fc.letrec<{ test: TextTest }>((tie) => ({
  test: fc.oneof(
    { maxDepth: 2 },
    fc.record({
      kind: fc.constantFrom('exact' as const, 'prefix' as const, 'suffix' as const, 'contains' as const, 'segments' as const),
      text: someText,
      ignoringCase: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('regex' as const), expression: someExpression }),
    fc.constant({ kind: 'present' as const }),
    fc
      .tuple(fc.bigInt(-120n, 120n), fc.bigInt(0n, 150n))
      .map(([start, length]) => ({ kind: 'integer' as const, start, end: start + length })),
    fc.record({
      kind: fc.constant('replaced' as const),
      prefix: someText,
      by: someText,
      ignoringCase: fc.boolean(),
      test: tie('test'),
    }),
  ),
})).test;
