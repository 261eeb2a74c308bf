import { expect, test } from 'vitest';
import { gatewayApi, routeOf } from '../support.ts';

test('the path is always written, the code only when it is not 301', () => {
  expect(routeOf({ redirect: {} }).redirect).toEqual({ pathRedirect: '' });
  expect(routeOf({ redirect: { uri: '/a', authority: 'x.example', scheme: 'https', redirectCode: 308 } }).redirect).toEqual({
    hostRedirect: 'x.example',
    pathRedirect: '/a',
    schemeRedirect: 'https',
    responseCode: 'PERMANENT_REDIRECT',
  });
});

test.each([
  [302, 'FOUND'],
  [303, 'SEE_OTHER'],
  [307, 'TEMPORARY_REDIRECT'],
  [308, 'PERMANENT_REDIRECT'],
])('code %i', (redirectCode, responseCode) => {
  expect(routeOf({ redirect: { redirectCode } }).redirect?.responseCode).toBe(responseCode);
});

test('a code that Envoy cannot send leaves the route without action', () => {
  expect(routeOf({ redirect: { redirectCode: 304 } })).not.toHaveProperty('redirect');
});

test.each([
  [{ port: 8443 }, 80, 8443],
  [{ derivePort: 'FROM_REQUEST_PORT' as const }, 8080, 8080],
  [{ derivePort: 'FROM_PROTOCOL_DEFAULT' as const }, 8080, undefined],
  [{ derivePort: 'FROM_REQUEST_PORT' as const }, 80, undefined],
  [{ port: 443, scheme: 'https' }, 80, undefined],
  [{ port: 443 }, 80, 443],
])('%j on port %i sends to port %s', (redirect, listenPort, expected) => {
  expect(routeOf({ redirect }, { listenPort }).redirect?.portRedirect).toBe(expected);
});

test('on a TLS listener the scheme of the request is https', () => {
  expect(routeOf({ redirect: { port: 443 } }, { isTls: true }).redirect).not.toHaveProperty('portRedirect');
});

test('a Gateway API redirect can replace the prefix that matched', () => {
  expect(routeOf({ redirect: { uri: '%PREFIX()%/b' } }, {}, gatewayApi).redirect).toEqual({ prefixRewrite: '/b' });
});
