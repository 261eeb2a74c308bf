import { describe, expect, test } from 'vitest';
import type { RouteMatch } from '../../../../src/envoy/api.gen.ts';
import { createHeaders } from '../../../../src/trace/headers.ts';
import { mismatch, type RoutedRequest } from '../../../../src/trace/http/route-match.ts';
import { createHostIndex } from '../../../../src/trace/http/virtual-hosts.ts';
import { compileExpression } from '../../../../src/util/re2.ts';

function why(
  match: RouteMatch,
  headers: Record<string, string> = {},
  happens: RoutedRequest['happens'] = () => true,
): string | undefined {
  const request = createHeaders(Object.entries({ ':method': 'GET', ':path': '/a/b?x=1', ':authority': 'shop', ...headers }));
  return mismatch(match, {
    headers: request,
    metadata: new Map(),
    isTls: false,
    hasClientCertificate: false,
    happens,
    compile: compileExpression,
  });
}

describe('the virtual host of an authority', () => {
  const host = (...domains: string[]) => ({ name: domains.join(), domains });
  const find = (authority: string, ...hosts: ReturnType<typeof host>[]) =>
    createHostIndex({ name: '80', virtualHosts: hosts, ignorePortInHostMatching: true }).find(authority)?.domain;

  test('an exact domain, then the longest suffix, then the longest prefix, then the star', () => {
    const hosts = [host('*'), host('*.example'), host('*.b.example'), host('a.*'), host('a.b.example')];
    expect(find('a.b.example', ...hosts)).toBe('a.b.example');
    expect(find('c.b.example', ...hosts)).toBe('*.b.example');
    expect(find('c.example', ...hosts)).toBe('*.example');
    expect(find('a.org', ...hosts)).toBe('a.*');
    expect(find('b.org', ...hosts)).toBe('*');
  });

  test('a wildcard needs something in its place', () => {
    expect(find('.example', host('*.example'))).toBeUndefined();
  });

  test('case does not count, nor a port where the configuration ignores it', () => {
    expect(find('SHOP.example:8080', host('shop.example'))).toBe('shop.example');
    expect(createHostIndex({ name: '80', virtualHosts: [host('shop.example')] }).find('shop.example:8080')).toBeUndefined();
  });
});

describe('the match of a route', () => {
  test('paths are compared without their query', () => {
    expect(why({ path: '/a/b' })).toBeUndefined();
    expect(why({ path: '/a' })).toBe('path /a/b is not /a');
    expect(why({ prefix: '/a' })).toBeUndefined();
    expect(why({ safeRegex: { regex: '/[a-z]/.' } })).toBeUndefined();
    expect(why({ safeRegex: { regex: '/a' } })).toBe('path /a/b does not match /a');
  });

  test('all cookies must be there, unless the match of one is inverted', () => {
    const session = { name: 'session', stringMatch: { exact: 'new' } };
    expect(why({ prefix: '/', cookies: [session] })).toBe('cookie session is missing');
    expect(why({ prefix: '/', cookies: [session] }, { cookie: 'a=b; session="new"' })).toBeUndefined();
    expect(why({ prefix: '/', cookies: [session] }, { cookie: 'session=old; session=new' })).toBe('cookie session is "old"');
    expect(why({ prefix: '/', cookies: [{ ...session, invertMatch: true }] })).toBeUndefined();
  });

  test('an object of the filter state is one that no request has', () => {
    expect(why({ prefix: '/', filterState: [{ key: 'a', stringMatch: { exact: 'b' } }] })).toBe('there is no filter state a');
  });

  test('a route for a share of requests asks chance, after all else', () => {
    const runtimeFraction = { defaultValue: { numerator: 10 } };
    const asked: unknown[] = [];
    const never = (share: unknown) => asked.push(share) === 0;
    expect(why({ prefix: '/', runtimeFraction }, {}, never)).toBe('it is not in the share of requests');
    expect(why({ prefix: '/', runtimeFraction })).toBeUndefined();
    expect(why({ prefix: '/other', runtimeFraction }, {}, never)).toContain('does not begin with');
    expect(asked).toEqual([{ numerator: 10 }]);
  });

  test('a path-separated prefix ends at a slash', () => {
    expect(why({ pathSeparatedPrefix: '/a' })).toBeUndefined();
    expect(why({ pathSeparatedPrefix: '/a' }, { ':path': '/ab' })).toBe('path /ab is not under /a');
  });

  test('case counts unless the match says otherwise', () => {
    expect(why({ prefix: '/A' })).toBeDefined();
    expect(why({ prefix: '/A', caseSensitive: false })).toBeUndefined();
  });

  test('an inverted header match fails on a missing header unless missing counts as empty', () => {
    const match = { name: 'x', stringMatch: { exact: '1' }, invertMatch: true };
    expect(why({ prefix: '/', headers: [match] })).toBe('header x is missing');
    expect(why({ prefix: '/', headers: [{ ...match, treatMissingHeaderAsEmpty: true }] })).toBeUndefined();
    expect(why({ prefix: '/', headers: [match] }, { x: '1' })).toBe('header x is "1"');
  });

  test('presence of a header can be asked for and forbidden', () => {
    expect(why({ prefix: '/', headers: [{ name: 'x', presentMatch: true }] })).toBe('header x is missing');
    expect(why({ prefix: '/', headers: [{ name: 'x', presentMatch: true, invertMatch: true }] }, { x: '1' })).toBe(
      'header x is "1"',
    );
  });

  test('query parameters', () => {
    expect(why({ prefix: '/', queryParameters: [{ name: 'x', stringMatch: { exact: '1' } }] })).toBeUndefined();
    expect(why({ prefix: '/', queryParameters: [{ name: 'y', presentMatch: true }] })).toBe('query parameter y is missing');
  });
});
