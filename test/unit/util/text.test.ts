import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quoteMeta, trimCharacters, trimEndCharacters, wildcardTest } from '../../../src/util/text.ts';

describe('texts', () => {
  test('lose characters at their ends only', () => {
    expect(trimCharacters('//a//b//', '/')).toBe('a//b');
    expect(trimCharacters('[]][a]b[', '[]')).toBe('a]b');
    expect(trimCharacters('////', '/')).toBe('');
    expect(trimEndCharacters('=a==', '=')).toBe('=a');
    expect(trimCharacters(`${'/'.repeat(500_000)}x${'/'.repeat(500_000)}`, '/')).toBe('x');
  });

  test('are quoted for expressions', () => {
    expect(quoteMeta('a.b*[c]{d}(e)|f^$g\\')).toBe('a\\.b\\*\\[c\\]\\{d\\}\\(e\\)\\|f\\^\\$g\\\\');
  });
});

describe('patterns with stars', () => {
  test.each([
    ['a*c', 'abc', true],
    ['a*c', 'ac', true],
    ['a*c', 'abcd', false],
    ['a*a', 'a', false],
    ['*', '', true],
    ['*b*', 'abc', true],
    ['a*b*c', 'axbxc', true],
    ['a*bc*c', 'abc', false],
    ['', '', true],
    ['', 'a', false],
    ['a.c', 'abc', false],
  ])('%s against %s', (pattern, text, expected) => {
    expect(wildcardTest(pattern)(text)).toBe(expected);
  });

  test('mean what they mean to everybody', () => {
    const short = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
    const matches = (pattern: string, text: string): boolean =>
      pattern === ''
        ? text === ''
        : pattern.startsWith('*')
          ? matches(pattern.slice(1), text) || (text !== '' && matches(pattern, text.slice(1)))
          : text[0] === pattern[0] && matches(pattern.slice(1), text.slice(1));
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 }), short, (pattern, text) => {
        expect(wildcardTest(pattern)(text)).toBe(matches(pattern, text));
      }),
      { numRuns: 3000 },
    );
  });

  test('many stars take no longer than their text', () => {
    expect(wildcardTest(`${'*a'.repeat(50)}*b`)('a'.repeat(100_000))).toBe(false);
  });
});
