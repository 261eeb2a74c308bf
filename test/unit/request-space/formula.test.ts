import { expect, test } from 'vitest';
import { ALWAYS, allOf, anyOf, assumed, NEVER, not, textTest } from '../../../src/request-space/formula.ts';

const path = textTest({ kind: 'path' }, { kind: 'prefix', text: '/api' });
const chance = assumed('half of the requests');

test('all of nothing is always so, one of nothing never', () => {
  expect(allOf([])).toBe(ALWAYS);
  expect(anyOf([])).toBe(NEVER);
  expect([not(ALWAYS), not(NEVER)]).toEqual([NEVER, ALWAYS]);
});

test('what says nothing is left out, and of one alone nothing is made', () => {
  expect(allOf([ALWAYS, path])).toBe(path);
  expect(anyOf([path, NEVER])).toBe(path);
  expect(allOf([path, chance])).toEqual({ kind: 'all', of: [path, chance] });
});

test('not twice is nothing', () => {
  expect(not(not(path))).toBe(path);
});
