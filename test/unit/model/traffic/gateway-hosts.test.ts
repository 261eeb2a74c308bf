import { expect, test } from 'vitest';
import { hostsForNamespace, intersectHosts } from '../../../../src/model/traffic/host.ts';

test('of two overlapping hosts the narrower one is in the intersection', () => {
  expect(intersectHosts(['*.bookinfo.example', 'reviews.example'], ['ratings.bookinfo.example', '*'])).toEqual([
    'ratings.bookinfo.example',
    '*.bookinfo.example',
    'reviews.example',
  ]);
});

test('hosts that do not overlap have no intersection', () => {
  expect(intersectHosts(['reviews.example'], ['ratings.example'])).toEqual([]);
});

test('a host qualified with another namespace is not for this one', () => {
  expect(hostsForNamespace(['bookinfo/a.example', 'shop/b.example', '*/c.example', 'd.example'], 'bookinfo')).toEqual([
    'a.example',
    'c.example',
    'd.example',
  ]);
});
