import { expect, test } from 'vitest';
import type { LoadBalancerSettingsConsistentHashLB } from '../../../../../src/api/istio.gen.ts';
import { buildHashPolicy } from '../../../../../src/translate/routes/features/hash-policy.ts';
import { routeOf } from '../support.ts';

test.each<[LoadBalancerSettingsConsistentHashLB | undefined, object | undefined]>([
  [undefined, undefined],
  [{ maglev: {} }, undefined],
  [{ httpHeaderName: 'user' }, { header: { headerName: 'user' } }],
  [{ httpQueryParameterName: 'user' }, { queryParameter: { name: 'user' } }],
  [{ useSourceIp: true }, { connectionProperties: { sourceIp: true } }],
  [{ useSourceIp: false }, { connectionProperties: {} }],
  [{ httpCookie: { name: 'user' } }, { cookie: { name: 'user' } }],
  [
    { httpCookie: { name: 'user', path: '/', ttl: '0s', attributes: [{ name: 'SameSite', value: 'Lax' }, { name: 'Secure' }] } },
    { cookie: { name: 'user', path: '/', ttl: '0s', attributes: [{ name: 'SameSite', value: 'Lax' }, { name: 'Secure' }] } },
  ],
])('%j', (hash, expected) => {
  expect(buildHashPolicy(hash)).toEqual(expected);
});

test('each destination that gets requests adds its policy, in order', () => {
  const to = (host: string, weight: number) => ({ destination: { host }, weight });
  const route = routeOf(
    { route: [to('b.example', 1), to('none.example', 1), to('off.example', 0), to('a.example', 1)] },
    {
      lookupHash: ({ destination }) =>
        destination?.host === 'none.example' ? undefined : { httpHeaderName: destination?.host ?? '' },
    },
  );
  expect(route.route?.hashPolicy).toEqual([{ header: { headerName: 'b.example' } }, { header: { headerName: 'a.example' } }]);
});
