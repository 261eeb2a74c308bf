import { describe, expect, test } from 'vitest';
import { celProblem } from '../../../src/envoy/cel-functions.ts';
import { formatProblem } from '../../../src/envoy/format-string.ts';
import { luaSyntaxProblem } from '../../../src/util/lua-syntax.ts';
import { languages } from '../../support/envoy-texts.ts';

describe.each(languages)('$name', ({ isRefused, taken, refused }) => {
  test.each(taken)('%j is taken', (text) => {
    expect(isRefused(text)).toBe(false);
  });

  test.each(refused)('%j is refused', (text) => {
    expect(isRefused(text)).toBe(true);
  });
});

describe('what is said about a text', () => {
  const options = { extensions: [], expressionProblem: celProblem };

  test('a misspelt command of a format comes with the one that is meant', () => {
    expect(formatProblem('%RESPONSE_CODES%', options)).toEqual({
      sense: 'has %RESPONSE_CODES%, a command that Envoy does not know',
      fix: 'did you mean %RESPONSE_CODE%?',
    });
  });

  test('commands of formatters that stand beside the format are known', () => {
    expect(formatProblem('%REQ_WITHOUT_QUERY(:path)%', { ...options, extensions: ['REQ_WITHOUT_QUERY'] })).toBeUndefined();
    expect(formatProblem('%ANYTHING%', { ...options, extensions: undefined })).toBeUndefined();
  });

  test('a script comes with the line and column', () => {
    expect(luaSyntaxProblem('x = 1\nif x then')).toMatch(/^line 2, column 10: /);
  });

  test('a very deep script is left to Envoy', () => {
    expect(luaSyntaxProblem(`x = ${'('.repeat(100_000)}`)).toBeUndefined();
  });

  test('a long format takes no longer than it is long', () => {
    expect(formatProblem('%REQ(x)%'.repeat(50_000), options)).toBeUndefined();
    expect(formatProblem(`%REQ(${'x'.repeat(500_000)}`, options)).toBeDefined();
  });
});
