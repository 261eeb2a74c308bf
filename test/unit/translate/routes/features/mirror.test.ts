import { expect, test } from 'vitest';
import { routeOf, toCart } from '../support.ts';

const mirror = { host: 'audit.example' };

test('copies go without a mark in the host and untraced, all of them by default', () => {
  expect(routeOf({ ...toCart, mirror }).route?.requestMirrorPolicies).toEqual([
    {
      cluster: 'outbound|80||audit.example',
      runtimeFraction: { defaultValue: { numerator: 100 } },
      traceSampled: false,
      disableShadowHostSuffixAppend: true,
    },
  ]);
});

test.each([
  [{ mirrorPercentage: { value: 12.5 } }, { numerator: 125_000, denominator: 'MILLION' }],
  [{ mirrorPercent: 12 }, { numerator: 12 }],
  [
    { mirrorPercentage: { value: 1 }, mirrorPercent: 0 },
    { numerator: 10_000, denominator: 'MILLION' },
  ],
])('%j', (share, expected) => {
  const policies = routeOf({ ...toCart, mirror, ...share }).route?.requestMirrorPolicies;
  expect(policies?.[0]?.runtimeFraction?.defaultValue).toEqual(expected);
});

test.each([[{ mirrorPercentage: {} }], [{ mirrorPercentage: { value: 0 } }], [{ mirrorPercent: 0 }]])(
  '%j copies nothing',
  (share) => {
    expect(routeOf({ ...toCart, mirror, ...share }).route).not.toHaveProperty('requestMirrorPolicies');
  },
);

test('the list of mirrors follows the single one', () => {
  const mirrors = [
    { destination: { host: 'a.example' }, percentage: { value: 50 } },
    { destination: { host: 'b.example' }, percentage: { value: 0 } },
  ];
  const policies = routeOf({ ...toCart, mirror, mirrors }).route?.requestMirrorPolicies;
  expect(policies?.map(({ cluster }) => cluster)).toEqual(['outbound|80||audit.example', 'outbound|80||a.example']);
});
