import { describe, expect, test } from 'vitest';
import type { RedirectAction, RouteAction, RouteMatch } from '../../../../src/envoy/api.gen.ts';
import { createHeaders } from '../../../../src/trace/headers.ts';
import { redirectOf, rewrittenPath } from '../../../../src/trace/http/rewrite.ts';
import { compileExpression } from '../../../../src/util/re2.ts';

const rewrite = (match: RouteMatch, route: RouteAction, path: string) => rewrittenPath({ match, route }, path, compileExpression);

describe('rewriting paths', () => {
  test('a prefix is replaced, the rest and the query stay', () => {
    expect(rewrite({ prefix: '/v1/' }, { prefixRewrite: '/' }, '/v1/items?q=1')).toBe('/items?q=1');
  });

  test('of an exact or regex match the whole path is replaced', () => {
    expect(rewrite({ path: '/ping' }, { prefixRewrite: '/health' }, '/ping?a=b')).toBe('/health?a=b');
    expect(rewrite({ safeRegex: { regex: '/.*' } }, { prefixRewrite: '/x' }, '/any/thing')).toBe('/x');
  });

  test('a regex rewrite takes captures, and leaves the query alone', () => {
    const regexRewrite = { pattern: { regex: '^/users/([^/]+)/(.*)$' }, substitution: '/\\2?user=\\1' };
    expect(rewrite({ prefix: '/users/' }, { regexRewrite }, '/users/7/orders?page=2')).toBe('/orders?user=7?page=2');
  });

  test('a path template gives its captures to another', () => {
    const typed = (kind: string, config: object) => ({
      name: 't',
      typedConfig: { '@type': `type.googleapis.com/envoy.extensions.path.${kind}`, ...config },
    });
    const match = {
      pathMatchPolicy: typed('match.uri_template.v3.UriTemplateMatchConfig', { pathTemplate: '/users/{id}/{rest=**}' }),
    };
    const pathRewritePolicy = typed('rewrite.uri_template.v3.UriTemplateRewriteConfig', {
      pathTemplateRewrite: '/{rest}/of/{id}',
    });
    expect(rewrite(match, { pathRewritePolicy }, '/users/7/a/b')).toBe('/a/b/of/7');
  });

  test('nothing to rewrite leaves the path', () => {
    expect(rewrite({ prefix: '/' }, {}, '/a')).toBeUndefined();
  });
});

describe('redirects', () => {
  const go = (redirect: RedirectAction, headers: Record<string, string> = {}) => {
    const request = createHeaders(Object.entries({ ':scheme': 'http', ':authority': 'shop:80', ':path': '/a?b=1', ...headers }));
    return redirectOf({ prefix: '/' }, redirect, request, compileExpression);
  };

  test('path and query stay, and so does the port while the scheme does', () => {
    expect(go({ responseCode: 'FOUND' })).toEqual({ status: 302, location: 'http://shop:80/a?b=1' });
  });

  test('the default port of a scheme that is left goes', () => {
    expect(go({ schemeRedirect: 'https' }).location).toBe('https://shop/a?b=1');
    expect(go({ schemeRedirect: 'https' }, { ':authority': 'shop:8080' }).location).toBe('https://shop:8080/a?b=1');
  });

  test('a port takes the place of another', () => {
    expect(go({ portRedirect: 8443, schemeRedirect: 'https' }).location).toBe('https://shop:8443/a?b=1');
  });

  test('a path with a query of its own drops that of the request', () => {
    expect(go({ pathRedirect: '/n?c=2' }).location).toBe('http://shop:80/n?c=2');
    expect(go({ pathRedirect: '/n' }).location).toBe('http://shop:80/n?b=1');
    expect(go({ pathRedirect: '/n', stripQuery: true }).location).toBe('http://shop:80/n');
  });
});
