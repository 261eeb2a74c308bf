import { expect, test } from 'vitest';
import type { RequestChange } from '../../../src/operations/diff/report.ts';
import { differenceWords, shortDifferenceWords } from '../../../src/output/diff/noticed-words.ts';

/** A change of one header of responses. */
function change(before: string, after: string): RequestChange {
  return {
    requests: [],
    from: [],
    differences: { responseHeaders: [[{ value: [['x', before]], share: 1 }], [{ value: [['x', after]], share: 1 }]] },
  };
}

test('of long headers people see the part where they differ, programs all of it', () => {
  const [before, after] = [`${'a'.repeat(50_000)}b${'c'.repeat(15_000)}`, `${'a'.repeat(50_000)}d`];
  expect(shortDifferenceWords(change(before, after))).toEqual([
    ['response headers', `...${'a'.repeat(80)}b${'c'.repeat(119)}... (65004 characters)`, `...${'a'.repeat(80)}d`],
  ]);
  expect(differenceWords(change(before, after))).toEqual([['response headers', `x: ${before}`, `x: ${after}`]]);
});

test('short ones are shown as they are', () => {
  const some = change('a', 'b');
  expect(shortDifferenceWords(some)).toEqual(differenceWords(some));
  expect(shortDifferenceWords(some)).toEqual([['response headers', 'x: a', 'x: b']]);
});
