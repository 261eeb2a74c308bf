import { describe, expect, test } from 'vitest';
import { canDo } from '../../../src/releases/proxy-abilities.ts';

describe('what the release of a proxy can do', () => {
  test.each([
    ['1.29.6', true],
    ['1.29', true],
    ['2.0.0', true],
    ['release-1.30', true],
    ['1.28.10', false],
    ['1.9.0', false],
    ['release-1.28', false],
  ])('%s knows the collector service of zipkin: %s', (version, knows) => {
    expect(canDo(version, 'collectorService')).toBe(knows);
  });

  test('is everything where the version cannot be read', () => {
    expect(['', 'latest', 'dev'].map((version) => canDo(version, 'noContextPropagation'))).toEqual([true, true, true]);
  });
});
