import { expect, test } from 'vitest';
import { gaveUpWords } from '../../../src/output/gave-up-words.ts';

test('what was too much is told with its number where it has one', () => {
  expect(gaveUpWords('work', 3_000_000, 2)).toBe(
    'gave up at sets of requests that take more than 3000000 steps of work, after 2 classes of requests',
  );
  expect(gaveUpWords('query', 0, 1)).toBe(
    'gave up where one test asks for the path with its query and another for a parameter of it, after 1 class of requests',
  );
  expect(gaveUpWords('query', 0)).not.toMatch(/\d/);
  expect(gaveUpWords('classes', 4_000, 4_000)).toBe('gave up after 4000 classes of requests');
});
