import { describe, expect, test } from 'vitest';
import { compileExpression, expressionProblem, findsExpression, matchesWhole } from '../../../src/util/re2.ts';

describe('expressions of users', () => {
  test('match as RE2 does, and no longer than linear in the text', () => {
    expect(matchesWhole('(?:(a+)+|a{40})c\\bd', `${'a'.repeat(40)}cd`, compileExpression)).toBe(false);
    expect(matchesWhole('(?:(a+)+)+', 'a'.repeat(100_000), compileExpression)).toBe(true);
    expect(matchesWhole('[^\\x{41}-\\x{5A}]', 'a', compileExpression)).toBe(true);
    expect(matchesWhole('[^\\x{41}-\\x{5A}]', '😀', compileExpression)).toBe(true);
  });

  test.each([
    ['a{1001}', 'invalid repeat count: `{1001}`'],
    ['(?:a{100}){11}', 'invalid repeat count: `{11}`'],
    [`${'('.repeat(1001)}a${')'.repeat(1001)}`, 'expression nests too deeply: `((('],
    ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
    ['(?<=a)b', 'invalid named capture: `(?<=a)b`'],
    ['\\1', 'invalid escape sequence: `\\1`'],
    ['(a', 'missing closing ): `(a`'],
    ['a\\', 'trailing backslash at end of expression: ``'],
  ])('what Go refuses is refused in its words: %s', (expression, words) => {
    expect(expressionProblem(expression)).toContain(`error parsing regexp: ${words}`);
    expect(compileExpression(expression)).toBeUndefined();
    expect(matchesWhole(expression, '', compileExpression)).toBe(false);
  });

  test.each([
    ['brackets that capture nothing', `${'(?:'.repeat(20_000)}a${')'.repeat(20_000)}`],
    ['brackets', `${'('.repeat(990)}a${')'.repeat(990)}`],
    ['repetitions', 'a?'.repeat(10_000)],
    ['alternatives', `a${'|b'.repeat(10_000)}`],
  ])('many %s are no problem', (_, expression) => {
    expect(expressionProblem(expression)).toBeUndefined();
    expect(matchesWhole(expression, 'a', compileExpression)).toBe(true);
  });

  test('a program that Envoy does not load matches nothing, but Go takes it', () => {
    const large = '(?:x?x?x?x?){1000}'.repeat(10);
    expect(compileExpression(large)).toBeUndefined();
    expect(matchesWhole(large, 'x', compileExpression)).toBe(false);
    expect(findsExpression(large, 'x')).toBe(true);
  });
});
