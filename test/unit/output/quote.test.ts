import { describe, expect, test } from 'vitest';
import { noPaint } from '../../../src/output/diagnostics.ts';
import { quoteLine } from '../../../src/output/findings/quote.ts';
import { formatFindings } from '../../../src/output/findings/text.ts';

/** The two lines of a quote, as they stand under one another. */
function shown(line: string, column: number, endColumn = column + 1): readonly [string, string] {
  const quote = quoteLine(line, { file: 'a', line: 1, column, endLine: 1, endColumn });
  if (quote === undefined) return ['', ''];
  return [`${quote.before}${quote.marked}${quote.after}`, `${quote.indent}${'^'.repeat(quote.width)}`];
}

describe('the quoted line of a finding', () => {
  test('is whole where it is short, with the place underlined', () => {
    expect(shown('kind: Service', 7, 14)).toEqual(['kind: Service', '      ^^^^^^^']);
    expect(shown('\tkind: Service', 8, 15)).toEqual(['\tkind: Service', '\t      ^^^^^^^']);
    expect(shown('   ', 1)).toEqual(['', '']);
  });

  test('of many characters is cut on both sides of the place', () => {
    const line = `${'a'.repeat(5000)}HERE${'b'.repeat(5000)}`;
    const [quoted, mark] = shown(line, 5001, 5005);
    expect(quoted.length).toBeLessThan(220);
    expect(quoted).toMatch(/^\.\.\.a+HEREb+\.\.\.$/);
    expect(mark.indexOf('^')).toBe(quoted.indexOf('HERE'));
    expect(mark.trim()).toBe('^^^^');
    expect(shown(line, 1)[0]).toMatch(/^a+\.\.\.$/);
    expect(shown(line, 10_000)[0]).toMatch(/^\.\.\.b+$/);
  });

  test('shows no more of a long place than fits', () => {
    const [quoted, mark] = shown(`${'a'.repeat(500)}${'B'.repeat(5000)}`, 501, 5501);
    expect(quoted).toMatch(/^\.\.\.a+B+\.\.\.$/);
    expect(mark.length).toBeLessThan(220);
  });

  test('has the mark under its place also behind wide and combining characters', () => {
    expect(shown('名前: x', 5)).toEqual(['名前: x', '      ^']);
    expect(shown('e\u0301: x', 5)).toEqual(['e\u0301: x', '   ^']);
    expect(shown('👍 x', 4)).toEqual(['👍 x', '   ^']);
    expect(shown('x: 名前', 4, 6)).toEqual(['x: 名前', '   ^^^^']);
  });

  test('shows active characters as they are written, with the mark where they end', () => {
    expect(shown('a\u001bb', 3)).toEqual(['a\\x1bb', '     ^']);
    expect(shown('a\u202eb', 2)).toEqual(['a\\u202eb', ' ^^^^^^']);
  });

  test('is not cut within a character', () => {
    const [quoted] = shown(`${'👍'.repeat(400)}x`, 402);
    expect(quoted).not.toMatch(/\p{Cs}/u);
  });

  test('makes the report no longer than the findings are many', () => {
    const line = `{"rules":[${'{"from":"somebody"},'.repeat(5000)}{}]}`;
    const findings = Array.from({ length: 2000 }, (_, index) => ({
      code: 'MESH2041',
      severity: 'warning' as const,
      message: 'nobody',
      location: { file: 'a.json', line: 1, column: 11 + index * 20, endLine: 1, endColumn: 30 + index * 20 },
    }));
    const text = formatFindings(findings, new Map([['a.json', line]]), noPaint);
    expect(text.length).toBeLessThan(findings.length * 500);
  });
});
