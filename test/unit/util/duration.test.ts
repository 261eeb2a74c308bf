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
    ['1.s', '1s'],
    ['+2µs', '0.000002s'],
    ['0000000000000000000000001s', '1s'],
    ['0.000000001h', '0.000003600s'],
    ['1.99999999999999999999999999s', '2s'],
    ['2562047h47m16.854775807s', '9223372036.854775807s'],
    ['-9223372036854775808ns', '-9223372036.854775808s'],
  ])('%s is written %s', (text, canonical) => {
    expect(canonicalDuration(text)).toBe(canonical);
  });

  test.each([
    '',
    's',
    '1',
    '1d',
    '1s ',
    'abc',
    '-',
    '.s',
    '1.2.3s',
    '1h-30m',
    '--1s',
    'constructor',
    '1toString',
    '9223372036854775808ns',
  ])('%j is no duration', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test.each([
    ['many digits', '1'.repeat(300_000)],
    ['many digits with a unit', `${'1'.repeat(300_000)}s`],
    ['many parts and something else', `${'1s'.repeat(150_000)}x`],
    ['many points', '.'.repeat(300_000)],
  ])('%s are none, and soon', (_, text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test('many parts are a duration', () => {
    expect(canonicalDuration('1ms'.repeat(100_000))).toBe('100s');
    expect(canonicalDuration(`0.${'3'.repeat(300_000)}s`)).toBe('0.333333333s');
  });
});
