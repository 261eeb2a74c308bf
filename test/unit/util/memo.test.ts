import { describe, expect, test } from 'vitest';
import { memoWithin, numbering } from '../../../src/util/memo.ts';

describe('results that are kept up to a limit', () => {
  const kept = (limit: number) => {
    const made: string[] = [];
    const repeat = memoWithin(
      limit,
      (list: readonly string[]) => list.length,
      (text: string, count: number) => {
        made.push(text);
        return Array<string>(count).fill(text);
      },
    );
    return { made, repeat };
  };

  test('are made once as long as they fit', () => {
    const { made, repeat } = kept(5);
    expect(repeat('a', 2)).toBe(repeat('a', 2));
    expect(repeat('b', 3)).toBe(repeat('b', 3));
    expect(made).toEqual(['a', 'b']);
  });

  test('are made each time, and equal, when they do not; smaller ones may still fit', () => {
    const { made, repeat } = kept(5);
    repeat('a', 4);
    expect(repeat('b', 2)).toEqual(repeat('b', 2));
    expect(repeat('c', 1)).toBe(repeat('c', 1));
    expect(made).toEqual(['a', 'b', 'b', 'c']);
  });
});

test('texts have numbers by what they say, objects by which they are', () => {
  const [one, other] = [{}, {}];
  expect(['a', one, 'b', other, one, 'a'].map(numbering())).toEqual([0, 1, 2, 3, 1, 0]);
});
