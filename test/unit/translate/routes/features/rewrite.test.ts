import { describe, expect, test } from 'vitest';
import { gatewayApi, routeOf, toCart } from '../support.ts';

describe('path', () => {
  test('a path is replaced as a prefix', () => {
    expect(routeOf({ ...toCart, rewrite: { uri: '/v1' } }).route?.prefixRewrite).toBe('/v1');
  });

  test('a regular expression is substituted and goes before the plain path', () => {
    const rewrite = { uri: '/v1', uriRegexRewrite: { match: '/a/(.*)', rewrite: '/\\1' } };
    const route = routeOf({ ...toCart, rewrite }).route;
    expect(route?.regexRewrite).toEqual({ pattern: { regex: '/a/(.*)' }, substitution: '/\\1' });
    expect(route).not.toHaveProperty('prefixRewrite');
  });

  test('a Gateway API route that takes its prefix away keeps one slash', () => {
    const rule = { ...toCart, match: [{ uri: { prefix: '/a.b/' } }], rewrite: { uri: '/' } };
    expect(routeOf(rule, {}, gatewayApi).route?.regexRewrite).toEqual({
      pattern: { regex: '^/a\\.b(/?)(.*)' },
      substitution: '/\\2',
    });
    expect(routeOf(rule).route?.prefixRewrite).toBe('/');
  });

  test('the original host is noted where the proxy is told to', () => {
    const rule = { ...toCart, rewrite: { uri: '/v1' } };
    expect(routeOf(rule, { appendForwardedHost: true }).route?.appendXForwardedHost).toBe(true);
    expect(routeOf(toCart, { appendForwardedHost: true }).route).not.toHaveProperty('appendXForwardedHost');
  });
});

describe('host', () => {
  const host = (value: string) => ({ request: { set: { Host: value } } });
  const route = [{ destination: { host: 'cart' }, headers: host('destination') }];

  test('that of the rewrite, else of the rule, else of the only destination', () => {
    expect(routeOf({ route, headers: host('rule'), rewrite: { authority: 'rewrite' } }).route?.hostRewriteLiteral).toBe(
      'rewrite',
    );
    expect(routeOf({ route, headers: host('rule') }).route?.hostRewriteLiteral).toBe('rule');
    expect(routeOf({ route }).route?.hostRewriteLiteral).toBe('destination');
  });

  test('what is set goes before what is added', () => {
    const headers = { request: { add: { ':authority': 'added' }, set: { host: 'set' } } };
    expect(routeOf({ ...toCart, headers }).route?.hostRewriteLiteral).toBe('set');
  });

  test('weighted destinations do not rewrite the host of the route', () => {
    const weighted = route.map((destination) => ({ ...destination, weight: 1 }));
    expect(routeOf({ route: [...weighted, ...weighted] }).route).not.toHaveProperty('hostRewriteLiteral');
  });
});
