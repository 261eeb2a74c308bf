import { expect, test } from 'vitest';
import type { CorsPolicy } from '../../../../../src/api/istio.gen.ts';
import { routeOf, toCart } from '../support.ts';

const always = { filterEnabled: { defaultValue: { numerator: 100 } }, forwardNotMatchingPreflights: true };

const corsOf = (corsPolicy: CorsPolicy) => {
  const { '@type': type, ...rest } = routeOf({ ...toCart, corsPolicy }).typedPerFilterConfig?.['envoy.filters.http.cors'] ?? {};
  expect(type).toBe('type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy');
  return rest;
};

test.each<[CorsPolicy, object]>([
  [{}, {}],
  [
    { allowOrigins: [{ exact: 'https://a' }, { prefix: 'https://b' }, { regex: '.*' }] },
    { allowOriginStringMatch: [{ exact: 'https://a' }, { prefix: 'https://b' }, { safeRegex: { regex: '.*' } }] },
  ],
  [{ allowOrigin: ['*'] }, { allowOriginStringMatch: [{ exact: '*' }] }],
  [
    { allowMethods: ['GET', 'PUT'], allowHeaders: ['a', 'b'], exposeHeaders: ['c'] },
    { allowMethods: 'GET,PUT', allowHeaders: 'a,b', exposeHeaders: 'c' },
  ],
  [{ maxAge: '1m1.9s' }, { maxAge: '61' }],
  [{ allowCredentials: false }, { allowCredentials: false }],
  [{ unmatchedPreflights: 'IGNORE' }, { forwardNotMatchingPreflights: false }],
])('%j', (policy, expected) => {
  expect(corsOf(policy)).toEqual({ ...always, ...expected });
});
