import { describe, expect, test } from 'vitest';
import { samplesOf, urlOf } from '../../../src/requests/samples.ts';
import { shapesOfPolicy, shapesOfRoute } from '../../../src/requests/shapes.ts';
import type { Target } from '../../../src/requests/targets.ts';
import { textsOfRegex } from '../../../src/requests/text-samples.ts';

describe('texts of regular expressions', () => {
  test.each([
    ['/api/v[0-9]+/.*', '/api/v0/x'],
    ['(GET|POST)', 'GET'],
    ['(?i)abc', 'abc'],
    ['[^/]+\\.html', 'x.html'],
    ['a{3}', 'aaa'],
    ['\\d{2,4}-(?:x|y)', '11-x'],
  ])('%s has %s', (regex, text) => {
    expect(textsOfRegex(regex)).toContain(text);
  });

  test('all of them match, and each alternative has one', () => {
    expect(textsOfRegex('/(a|b)/?')).toEqual(['/a/', '/a', '/b/', '/b']);
  });

  test('an expression that says more than is understood has none', () => {
    expect(textsOfRegex('[')).toEqual([]);
  });
});

describe('shapes of requests', () => {
  test('a route with header, method and parameter has a request with all of them', () => {
    const match = {
      pathSeparatedPrefix: '/cart',
      headers: [
        { name: 'end-user', stringMatch: { exact: 'jason' } },
        { name: ':method', stringMatch: { exact: 'POST' } },
      ],
      queryParameters: [{ name: 'debug', stringMatch: { prefix: 'y' } }],
    };
    expect(shapesOfRoute(match)).toContainEqual({
      path: '/cart/x',
      method: 'POST',
      headers: [['end-user', 'jason']],
      query: [['debug', 'yx']],
    });
  });

  test('a header that must be absent is left out and, as well, sent', () => {
    const headers = [{ name: 'x-canary', presentMatch: true, invertMatch: true }];
    expect(shapesOfRoute({ prefix: '/', headers })).toEqual([{ path: '/' }, { path: '/', headers: [['x-canary', 'x']] }]);
  });

  test('a policy has requests for each of its paths with each of its methods', () => {
    const permissions = [
      {
        andRules: {
          rules: [
            { orRules: { rules: [{ urlPath: { path: { exact: '/a' } } }, { urlPath: { path: { prefix: '/b/' } } }] } },
            { orRules: { rules: [{ header: { name: ':method', stringMatch: { exact: 'PUT' } } }] } },
          ],
        },
      },
    ];
    expect(shapesOfPolicy({ permissions, principals: [{ any: true }] })).toEqual([
      { path: '/a', method: 'PUT' },
      { path: '/b/', method: 'PUT' },
      { path: '/b/x', method: 'PUT' },
    ]);
  });

  test('claims become a token', () => {
    const target: Target = { scheme: 'http', host: 'web', ip: undefined, port: 80, shapes: [], clusters: [], virtualHosts: [] };
    const path = ['payload', 'realm', 'role'].map((key) => ({ key }));
    const metadata = { filter: 'envoy.filters.http.jwt_authn', path, value: { stringMatch: { exact: 'admin' } } };
    const [, sample] = samplesOf(target, shapesOfPolicy({ permissions: [{ any: true }], principals: [{ metadata }] }), 5);
    expect(sample?.claims).toEqual({ realm: { role: 'admin' } });
    const payload = sample?.token?.split('.')[1] ?? '';
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toEqual({ realm: { role: 'admin' } });
    expect(sample && urlOf(sample)).toBe('http://web/');
  });
});
