import { describe, expect, test } from 'vitest';
import { buildRouteMatch, isCatchAllRoute } from '../../../../src/translate/routes/match.ts';

describe('path', () => {
  test.each([
    [{ uri: { exact: '/a' } }, { path: '/a' }],
    [{ uri: { prefix: '/a' } }, { prefix: '/a' }],
    [{ uri: { regex: '/a.*' } }, { safeRegex: { regex: '/a.*' } }],
    [{ uri: {} }, { prefix: '/' }],
    [{}, { prefix: '/' }],
  ])('%j', (match, expected) => {
    expect(buildRouteMatch(match, false)).toEqual({ ...expected, caseSensitive: true });
  });

  test('ignoreUriCase makes the path match in any case', () => {
    expect(buildRouteMatch({ uri: { exact: '/a' }, ignoreUriCase: true }, false).caseSensitive).toBe(false);
  });

  test('without a match nothing is said of case', () => {
    expect(buildRouteMatch(undefined, false)).toEqual({ prefix: '/' });
  });

  test('Ingress and Gateway API prefixes stand for whole segments, but for the root', () => {
    expect(buildRouteMatch({ uri: { prefix: '/a/' } }, true)).toMatchObject({ pathSeparatedPrefix: '/a' });
    expect(buildRouteMatch({ uri: { prefix: '/' } }, true)).toMatchObject({ prefix: '/' });
  });
});

describe('headers', () => {
  test('wanted and unwanted headers are sorted together; method, authority and scheme follow', () => {
    const match = {
      scheme: { exact: 'https' },
      authority: { prefix: 'shop' },
      method: { exact: 'GET' },
      headers: { z: { exact: '1' }, b: { regex: 'x+' } },
      withoutHeaders: { c: { exact: '2' } },
    };
    expect(buildRouteMatch(match, false).headers).toEqual([
      { name: 'b', stringMatch: { safeRegex: { regex: 'x+' } } },
      { name: 'c', stringMatch: { exact: '2' }, invertMatch: true, treatMissingHeaderAsEmpty: true },
      { name: 'z', stringMatch: { exact: '1' } },
      { name: ':method', stringMatch: { exact: 'GET' } },
      { name: ':authority', stringMatch: { prefix: 'shop' } },
      { name: ':scheme', stringMatch: { exact: 'https' } },
    ]);
  });

  test.each([[{}], [{ regex: '*' }]])('%j asks only for presence', (value) => {
    expect(buildRouteMatch({ headers: { a: value } }, false).headers).toEqual([{ name: 'a', presentMatch: true }]);
    expect(buildRouteMatch({ withoutHeaders: { a: value } }, false).headers).toEqual([
      { name: 'a', presentMatch: true, invertMatch: true },
    ]);
    expect(buildRouteMatch({ queryParams: { a: value } }, false).queryParameters).toEqual([{ name: 'a', presentMatch: true }]);
  });

  test('an empty exact text is a text, not presence', () => {
    expect(buildRouteMatch({ headers: { a: { exact: '' } } }, false).headers).toEqual([
      { name: 'a', stringMatch: { exact: '' } },
    ]);
  });
});

test('query parameters', () => {
  const queryParams = { b: { exact: '1' }, a: { regex: '\\d+' } };
  expect(buildRouteMatch({ queryParams }, false).queryParameters).toEqual([
    { name: 'a', stringMatch: { safeRegex: { regex: '\\d+' } } },
    { name: 'b', stringMatch: { exact: '1' } },
  ]);
});

describe('claims of a token', () => {
  const claim = (name: string, value: object) => buildRouteMatch({ headers: { [name]: value } }, false);

  test.each([
    ['@request.auth.claims.group.id', ['payload', 'group', 'id']],
    ['@request.auth.claims[group][my.id]', ['payload', 'group', 'my.id']],
    ['@Request.Auth.Claims.admin', ['payload', 'admin']],
  ])('%s is a path in the payload', (name, path) => {
    const { headers, dynamicMetadata } = claim(name, { exact: 'x' });
    expect(headers).toBeUndefined();
    expect(dynamicMetadata?.[0]?.path?.map(({ key }) => key)).toEqual(path);
  });

  test.each(['@request.auth.claims', '@request.auth.claims.', '@request.auth.claims[]', '@request.auth.claims-x'])(
    '%s is a header',
    (name) => {
      expect(claim(name, { exact: 'x' }).headers).toHaveLength(1);
    },
  );

  test('the claim is the value or a list that holds it', () => {
    const value = { stringMatch: { exact: 'x' } };
    expect(claim('@request.auth.claims.a', { exact: 'x' }).dynamicMetadata).toEqual([
      {
        filter: 'envoy.filters.http.jwt_authn',
        path: [{ key: 'payload' }, { key: 'a' }],
        value: { orMatch: { valueMatchers: [{ listMatch: { oneOf: value } }, value] } },
      },
    ]);
  });

  test('an unwanted claim is inverted', () => {
    const match = { withoutHeaders: { '@request.auth.claims.a': { exact: 'x' } } };
    expect(buildRouteMatch(match, false).dynamicMetadata?.[0]?.invert).toBe(true);
  });
});

test.each([
  [{ prefix: '/' }, true],
  [{ safeRegex: { regex: '.*' } }, true],
  [{ pathSeparatedPrefix: '/' }, true],
  [{ path: '/' }, false],
  [{ prefix: '/', headers: [{ name: 'a' }] }, false],
])('%j takes every request: %s', (match, expected) => {
  expect(isCatchAllRoute({ match })).toBe(expected);
});
