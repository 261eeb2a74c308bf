import { expect, test } from 'vitest';
import { nearest, nearestNames } from '../../../src/util/nearest.ts';

const fields = ['hosts', 'http', 'gateways', 'exportTo', 'tls', 'tcp'];

test('the nearest name, or none when nothing is near', () => {
  expect(nearest('hots', fields)).toBe('hosts');
  expect(nearest('export_to', fields)).toBe('exportTo');
  expect(nearest('destination', fields)).toBeUndefined();
});

test('several near names, best first', () => {
  expect(nearestNames('tpc', fields)).toEqual(['tcp']);
  expect(nearestNames('gateway', fields)).toEqual(['gateways']);
  expect(nearestNames('reviews', ['default/reviews-v1-0', 'default/ratings-v1-0'])).toEqual(['default/reviews-v1-0']);
  expect(nearestNames('web-0', ['web-2', 'web-1', 'web-10', 'web-3'], 2)).toEqual(['web-1', 'web-10']);
});
