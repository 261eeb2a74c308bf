import { describe, expect, test } from 'vitest';
import { shadowedRules } from '../../../../src/findings/analyzers/shadowed-rules.ts';
import { shapesOf } from '../../../../src/findings/analyzers/support/expression-shapes.ts';
import { briefly } from './support.ts';

describe('regular expressions that are prefixes', () => {
  test.each([
    ['/.*', [{ prefix: '/', more: 0 }]],
    ['^/.*$', [{ prefix: '/', more: 0 }]],
    ['(.*)', [{ prefix: '', more: 0 }]],
    ['^/.+$', [{ prefix: '/', more: 1 }]],
    ['^/api.*', [{ prefix: '/api', more: 0 }]],
    ['/api\\.v1/.*?', [{ prefix: '/api.v1/', more: 0 }]],
    [
      '/(a|b)/.*',
      [
        { prefix: '/a/', more: 0 },
        { prefix: '/b/', more: 0 },
      ],
    ],
    ['/api(/.*)?', [{ exact: '/api' }, { prefix: '/api/', more: 0 }]],
    ['/api(/|$)(.*)', [{ prefix: '/api/', more: 0 }, { exact: '/api' }]],
    ['/api/?.*', [{ prefix: '/api', more: 0 }]],
    ['/once', [{ exact: '/once' }]],
  ])('%s', (expression, shapes) => {
    expect(shapesOf(expression)).toEqual(shapes);
  });

  test.each(['/[^/]+', '/v[0-9]+/.*', '/a.c', '/a.*/b', '/a\\.*', '/\\d.*', 'a|b', '/a?b.*', '(?i)/a.*', '/(a)?b.*', '/a{2}.*'])(
    '%s is none',
    (expression) => {
      expect(shapesOf(expression)).toBeUndefined();
    },
  );
});

describe('rules behind a regular expression', () => {
  const rules = (...uris: readonly string[]): string => {
    const http = uris.map((uri) => `{match: [{uri: ${uri}}], route: [{destination: {host: a}}]}`);
    return `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a, namespace: shop}\nspec: {hosts: [a], http: [${http.join(', ')}]}\n`;
  };

  test.each([
    ['{regex: "/.*"}', '{prefix: /cat}'],
    ['{regex: "^/.+$"}', '{prefix: /cat}'],
    ['{regex: "^/.+$"}', '{exact: /cat}'],
    ['{regex: "^/api.*"}', '{prefix: /api/v1}'],
    ['{regex: "^/api.*"}', '{regex: "/api/v[0-9]"}'],
    ['{prefix: /api}', '{regex: "/api/v1/.*"}'],
    ['{regex: "/(a|b)/.*"}', '{prefix: /b/c}'],
  ])('%s hides %s', (first, second) => {
    const isKnown = !second.includes('[0-9]');
    expect(briefly(shadowedRules, rules(first, second))).toEqual(isKnown ? ['MESH2003 VirtualService/a spec.http.1'] : []);
  });

  test.each([
    ['{regex: "/pet/[^/]+"}', '{prefix: /pet/small}'],
    ['{regex: "^/.+$"}', '{exact: /}'],
    ['{regex: "^/.+$"}', '{prefix: /}'],
    ['{regex: "^/api.*"}', '{prefix: /ap}'],
    ['{regex: "/(a|b)/.*"}', '{prefix: /c}'],
    ['{regex: "/API.*"}, ignoreUriCase: true', '{prefix: /api}'],
  ])('%s leaves something of %s', (first, second) => {
    expect(briefly(shadowedRules, rules(first, second))).toEqual([]);
  });
});
