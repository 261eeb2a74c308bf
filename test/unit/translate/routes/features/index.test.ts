import { expect, test } from 'vitest';
import type { HTTPRoute } from '../../../../../src/api/istio.gen.ts';
import { forwardFeatures, routeFeatures } from '../../../../../src/translate/routes/features/index.ts';
import { routeContext, virtualService } from '../support.ts';

/** Rules that say everything, for routes that send on and for those that answer. */
const destination = { destination: { host: 'cart' }, headers: { request: { set: { a: '1', host: 'x' } } } };
const everything: HTTPRoute = {
  rewrite: { uri: '/a', authority: 'x' },
  timeout: '1s',
  retries: { attempts: 1 },
  fault: { abort: { httpStatus: 500 } },
  mirror: { host: 'audit' },
  corsPolicy: { allowOrigin: ['*'] },
  headers: { request: { add: { b: '2' }, remove: ['c'] }, response: { add: { d: '4' }, remove: ['e'] } },
};
const rules: readonly HTTPRoute[] = [
  { ...everything, route: [destination] },
  { ...everything, route: [destination, { ...destination, weight: 1 }] },
  { ...everything, redirect: { uri: '/b' } },
  { ...everything, directResponse: { status: 200 } },
];

test('features have names of their own', () => {
  const names = [...routeFeatures, ...forwardFeatures].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test.each(rules.map((rule) => [Object.keys(rule).at(-1), rule] as const))(
  'no two features give the same field: %s',
  (_, rule) => {
    const context = routeContext({ lookupHash: () => ({ httpHeaderName: 'user' }), appendForwardedHost: true });
    const resolved = virtualService([rule]);
    const input = { virtualService: resolved, rule: resolved.spec.http?.[0] ?? rule, match: undefined, context };
    const fields = [...routeFeatures, ...forwardFeatures].flatMap((feature) => {
      const parts = feature.build(input);
      return [
        ...Object.keys(parts.route ?? {}).map((field) => `route.${field}`),
        ...Object.keys(parts.action ?? {}).map((field) => `action.${field}`),
        ...Object.keys(parts.filters ?? {}).map((field) => `filters.${field}`),
      ];
    });
    expect(fields).toEqual([...new Set(fields)]);
  },
);
