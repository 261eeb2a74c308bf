import { describe, expect, test } from 'vitest';
import { canonicalDuration, parseDuration } from '../../../src/util/duration.ts';

describe('durations', () => {
  test.each([
    ['10s', '10s'],
    ['0s', '0s'],
    ['0', '0s'],
    ['100ms', '0.100s'],
    ['1.5h', '5400s'],
    ['1m30s', '90s'],
    ['250us', '0.000250s'],
    ['1ns', '0.000000001s'],
    ['-1.5s', '-1.500s'],
    ['.5s', '0.500s'],
  ])('%s is written %s', (text, canonical) => {
    expect(canonicalDuration(text)).toBe(canonical);
  });

  test.each(['', 's', '1', '1d', '1s ', 'abc'])('%j is no duration', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
