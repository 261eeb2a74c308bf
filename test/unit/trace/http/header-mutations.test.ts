import { describe, expect, test } from 'vitest';
import { formatText } from '../../../../src/trace/http/header-mutations.ts';

const format = (text: string): string => formatText(text, (command) => (command.startsWith('X') ? undefined : `<${command}>`));

describe('formats in values of headers', () => {
  test.each([
    ['plain', 'plain'],
    ['%PROTOCOL% and %%', '<PROTOCOL> and %'],
    ['%REQ(X-A?:PATH):12%', '<REQ(X-A?:PATH):12>'],
    ['%START_TIME(%Y-%m)%!', '<START_TIME(%Y-%m)>!'],
    ['%XYZ%', '-'],
    ['100% of %', '100% of %'],
    ['%A(', '%A('],
    ['%A(b)', '%A(b)'],
    ['%a%%B%', '%a%B%'],
    ['%A(%B%', '%A(<B>'],
  ])('%s becomes %s', (text, expected) => {
    expect(format(text)).toBe(expected);
  });

  test('many commands without an end take no longer than their text', () => {
    expect(format('%REQ('.repeat(100_000))).toBe('%REQ('.repeat(100_000));
    expect(format(`${'%REQ('.repeat(100_000)})`)).toHaveLength(500_001);
  });
});
