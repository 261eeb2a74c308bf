import { describe, expect, test } from 'vitest';
import { compareVersions } from '../../../src/util/version.ts';

describe('versions are compared by their numbers', () => {
  test.each([
    ['1.9', '1.10', -1],
    ['1.30.3', '1.30.12', -1],
    ['2.0', '1.31.5', 1],
    ['1.30.1', '1.30', 1],
    ['1.30', '1.30.0', 0],
  ])('%s beside %s', (a, b, order) => {
    expect(Math.sign(compareVersions(a, b))).toBe(order);
    expect(Math.sign(compareVersions(b, a))).toBe(order === 0 ? 0 : -order);
  });
});
