import { describe, expect, test } from 'vitest';
import { explore, MOST_WAYS, withoutRepeated } from '../../../src/trace/choices.ts';

const coin = (heads: number) =>
  [
    { value: 'heads', weight: heads, label: 'heads' },
    { value: 'tails', weight: 100 - heads, label: 'tails' },
  ] as const;

test('options that are equal but for their weights are one, others of the same name are not', () => {
  const option = (name: string, weight: number, header = '') => ({ value: { name, header }, weight, label: name });
  const options = [option('a', 1), option('b', 2), option('a', 3), option('a', 4, 'x')];
  const found = withoutRepeated(options, (value) => JSON.stringify(value));
  expect(found.map(({ value, weight }) => [value.name, value.header, weight])).toEqual([
    ['a', '', 4],
    ['b', '', 2],
    ['a', 'x', 4],
  ]);
});

describe('exploring choices', () => {
  test('goes through every combination, and shares add up to one', () => {
    let cuts = 0;
    const ways = explore(
      (choose) => `${choose(coin(50))} ${choose(coin(25))}`,
      () => void cuts++,
    );
    expect(cuts).toBe(0);
    expect(ways.map(({ result }) => result).sort()).toEqual(['heads heads', 'heads tails', 'tails heads', 'tails tails']);
    expect(ways.find(({ result }) => result === 'heads heads')?.share).toBe(0.125);
    expect(ways.reduce((sum, { share }) => sum + share, 0)).toBe(1);
  });

  test('what has no weight is never chosen', () => {
    expect(explore((choose) => choose(coin(0)))).toEqual([{ result: 'tails', share: 1 }]);
  });

  test('of too many ways some are followed, and their shares add up to one', () => {
    const many = Array.from({ length: 5000 }, (_, index) => ({ value: index, weight: 1, label: String(index) }));
    const [first = { value: 0, weight: 1, label: '0' }, ...rest] = many;
    let cuts = 0;
    const ways = explore(
      (choose) => [choose([first, ...rest]), choose(coin(50))],
      () => void cuts++,
    );
    expect(cuts).toBeGreaterThan(0);
    expect(ways.length).toBe(MOST_WAYS);
    expect(ways.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  });

  test('follows fewer ways that count for several each, and their shares are those of all', () => {
    let cuts = 0;
    const ways = explore(
      (choose) => Array.from({ length: 20 }, () => choose(coin(50))),
      () => void cuts++,
      () => 10,
    );
    expect(ways.length).toBe(MOST_WAYS / 10);
    expect(cuts).toBeGreaterThan(0);
    expect(ways.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  });

  test('options that already wait are given up where one way turns out to count for many', () => {
    const many = Array.from({ length: 100 }, (_, index) => ({ value: index, weight: 1, label: String(index) }));
    const [first = { value: 0, weight: 1, label: '0' }, ...rest] = many;
    let cuts = 0;
    const ways = explore(
      (choose) => choose([first, ...rest]),
      () => void cuts++,
      () => MOST_WAYS / 4,
    );
    expect(ways.map(({ result, share }) => [result, share])).toEqual([0, 1, 2, 3].map((index) => [index, 0.25]));
    expect(cuts).toBeGreaterThan(0);
  });
});
