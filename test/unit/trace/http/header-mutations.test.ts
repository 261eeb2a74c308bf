import { describe, expect, test } from 'vitest';
import { createHeaders } from '../../../../src/trace/headers.ts';
import { applyMutations, formatText } from '../../../../src/trace/http/header-mutations.ts';

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

test('a header that formats make longer than servers take is cut, and said to be; a shorter one is not', () => {
  const headers = createHeaders([['a', 'x'.repeat(40_000)]]);
  const change = (value: string): boolean =>
    applyMutations(
      { toAdd: [{ header: { key: 'b', value }, appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD' }], toRemove: [] },
      headers,
      () => headers.get('a'),
      () => undefined,
    );
  expect(change('%REQ(a)%')).toBe(false);
  expect(headers.get('b')).toHaveLength(40_000);
  expect(change('%REQ(a)%%REQ(a)%')).toBe(true);
  expect(headers.get('b')).toHaveLength(65_536);
});
