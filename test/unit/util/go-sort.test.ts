import { describe, expect, test } from 'vitest';
import { goSort } from '../../../src/util/go-sort.ts';

/** Length of the list, number of distinct keys, and a hash of the order in which Go 1.26's sort.Slice leaves it. */
const recorded: readonly (readonly [length: number, keys: number, hash: number])[] = [
  [2, 1, 16338],
  [29, 3, 646464427],
  [56, 50, 2620497585],
  [84, 2, 2076259677],
  [111, 7, 782456094],
  [139, 1, 4160908340],
  [166, 3, 2475633120],
  [193, 50, 2044899889],
  [221, 2, 3820256029],
  [248, 7, 1796500549],
  [276, 1, 3295666715],
  [303, 3, 593841572],
  [330, 50, 915459360],
  [358, 2, 3476345884],
];

/** A list of keys (thousands) and positions (rest), the same as the Go program that made the hashes. */
function listOf(length: number, keys: number): number[] {
  let state = (length * 31 + keys) >>> 0;
  const list = Array.from({ length }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state >>> 8) % keys) * 1000 + i;
  });
  if (length % 3 === 0) list.sort((a, b) => a - b);
  if (length % 7 === 0) list.reverse();
  return list;
}

describe('goSort', () => {
  test.each(recorded)('leaves the equal elements of %i items with %i keys in the order of Go', (length, keys, hash) => {
    const sorted = goSort(listOf(length, keys), (a, b) => Math.floor(a / 1000) < Math.floor(b / 1000));
    expect(sorted.reduce((sum, value) => (Math.imul(sum, 31) + value) >>> 0, 17)).toBe(hash);
  });
});
