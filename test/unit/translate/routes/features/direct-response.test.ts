import { expect, test } from 'vitest';
import { routeOf } from '../support.ts';

test.each([
  [{ status: 503 }, { status: 503 }],
  [
    { status: 200, body: { string: 'fine' } },
    { status: 200, body: { inlineString: 'fine' } },
  ],
  [
    { status: 200, body: { bytes: 'AAE=' } },
    { status: 200, body: { inlineBytes: 'AAE=' } },
  ],
  [{ status: 204, body: {} }, { status: 204 }],
])('%j', (directResponse, expected) => {
  const route = routeOf({ directResponse });
  expect(route.directResponse).toEqual(expected);
  expect(route).not.toHaveProperty('route');
});

test('a redirect goes before a direct response', () => {
  expect(routeOf({ redirect: {}, directResponse: { status: 503 } })).not.toHaveProperty('directResponse');
});
