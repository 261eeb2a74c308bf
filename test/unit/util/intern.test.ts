import { expect, test } from 'vitest';
import { listInterner } from '../../../src/util/intern.ts';

test('lists of the same members in the same order are one object', () => {
  const same = listInterner<object | undefined>();
  const [a, b] = [{}, {}];
  const first = same([a, undefined, b]);
  expect(same([a, undefined, b])).toBe(first);
  expect(same([])).toBe(same([]));
});

test('lists with other members, or in another order, are others', () => {
  const same = listInterner<object | undefined>();
  const [a, b] = [{}, {}];
  const first = same([a, b]);
  for (const other of [[b, a], [a], [a, b, a], [a, {}], [a, undefined]]) {
    expect(same(other)).toBe(other);
    expect(same(other)).not.toBe(first);
  }
});

test('of many lists of one length the latest are known', () => {
  const same = listInterner<number>();
  const [old, late] = [[0], [99]];
  same(old);
  for (let number = 1; number < 99; number++) same([number]);
  same(late);
  expect(same([99])).toBe(late);
  expect(same([0])).not.toBe(old);
});
