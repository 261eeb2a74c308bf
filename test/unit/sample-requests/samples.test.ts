import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  conditionsOfPolicy,
  conditionsOfRoute,
  type RequestConditions,
} from '../../../src/sample-requests/request-conditions.ts';
import { samplesOf, samplesOfRoutes, urlOf } from '../../../src/sample-requests/samples.ts';
import type { Target } from '../../../src/sample-requests/targets.ts';
import { textsOfRegex } from '../../../src/sample-requests/text-samples.ts';
import { compileExpression } from '../../../src/util/re2.ts';

/** Expressions of RE2. */
const { expression } = fc.letrec<{ expression: string; sequence: string; atom: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    tie('sequence'),
    fc.tuple(tie('sequence'), tie('expression')).map((parts) => parts.join('|')),
  ),
  sequence: fc
    .array(
      fc
        .tuple(tie('atom'), fc.constantFrom('', '', '', '*', '+', '?', '*?', '{2}', '{1,3}', '{0,2}', '{3,}'))
        .map((parts) => parts.join('')),
      { minLength: 1, maxLength: 4 },
    )
    .map((parts) => parts.join('')),
  atom: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(
      'a',
      'B',
      '/',
      'é',
      '😀',
      '.',
      '^',
      '$',
      '\\d',
      '\\W',
      '\\b',
      '\\x41',
      '\\x{1F600}',
      '\\pL',
      '\\Q.*\\E',
      '\\.',
    ),
    fc.constantFrom(
      '[a-c]',
      '[^a-c]',
      '[]x]',
      '[\\]\\-]',
      '[[:digit:]]',
      '[^[:alpha:]/]',
      '[\\d-]',
      '[^\\x{41}-\\x{5A}]',
      '[é😀]',
    ),
    fc
      .tuple(fc.constantFrom('(', '(?:', '(?i:', '(?s:', '(?P<n>', '(?<m>', '(?i)('), tie('expression'))
      .map(([open, inner]) => `${open}${inner})`),
  ),
}));

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
    expect(textsOfRegex('\\p{Greek}')).toEqual([]);
    expect(textsOfRegex(`${'(?:'.repeat(20_000)}a${')'.repeat(20_000)}`)).toEqual([]);
    expect(textsOfRegex('a{999999999}')).toEqual([]);
    expect(textsOfRegex('(?:a{1000}){1}b{1000}c')).toEqual([]);
  });

  test.each([
    ['[^\\x{41}-\\x{5A}]', 'x'],
    ['[\\x{1F600}-\\x{1F64F}]', '😀'],
    ['[]a]+', ']'],
    ['[[:upper:]_]{2}', 'XX'],
    ['\\Qa.b\\E(?:c|d)', 'a.bc'],
    ['(?:(a+)+|a{40})c\\Bd', 'acd'],
    ['x{0,3}y', 'xy'],
    ['(?P<name>é)😀?', 'é😀'],
    ['(?i:GET)', 'GET'],
  ])('%s has %s', (regex, text) => {
    expect(textsOfRegex(regex)).toContain(text);
  });

  test('many alternatives have a few texts', () => {
    const regex = Array.from({ length: 20_000 }, (_, index) => `p${index}`).join('|');
    expect(textsOfRegex(regex)).toEqual(['p0', 'p1', 'p2', 'p3']);
  });

  test('every text of any expression matches it', () => {
    fc.assert(
      fc.property(expression, (regex) => {
        const compiled = compileExpression(regex);
        for (const text of textsOfRegex(regex)) expect(compiled?.matches(text), `${regex} takes ${text}`).toBe(true);
      }),
      { numRuns: 2000, seed: 7 },
    );
  });

  test('of most expressions there is a text', () => {
    const sampled = fc.sample(expression, { numRuns: 500, seed: 7 }).filter((regex) => compileExpression(regex) !== undefined);
    expect(sampled.filter((regex) => textsOfRegex(regex).length > 0).length).toBeGreaterThan(sampled.length / 2);
  });

  test('no text is too odd to be read as an expression', () => {
    const unit = fc.constantFrom(...'()[]{}?*+|\\^$.-:,<>PQExp0123456789abc😀\n');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 40 }), (regex) => {
        const compiled = compileExpression(regex);
        for (const text of textsOfRegex(regex)) expect(compiled?.matches(text)).toBe(true);
      }),
      { numRuns: 5000, seed: 7 },
    );
  });
});

const web: Target = { scheme: 'http', host: 'web', ip: undefined, port: 80, conditions: [], clusters: [], virtualHosts: [] };

describe('conditions of requests', () => {
  test('a route with header, method and parameter has a request with all of them', () => {
    const match = {
      pathSeparatedPrefix: '/cart',
      headers: [
        { name: 'end-user', stringMatch: { exact: 'jason' } },
        { name: ':method', stringMatch: { exact: 'POST' } },
      ],
      queryParameters: [{ name: 'debug', stringMatch: { prefix: 'y' } }],
    };
    expect(conditionsOfRoute(match)).toContainEqual({
      path: '/cart/x',
      method: 'POST',
      headers: [['end-user', 'jason']],
      query: [['debug', 'yx']],
    });
  });

  test('a header that must be absent is left out and, as well, sent', () => {
    const headers = [{ name: 'x-canary', presentMatch: true, invertMatch: true }];
    expect(conditionsOfRoute({ prefix: '/', headers })).toEqual([{ path: '/' }, { path: '/', headers: [['x-canary', 'x']] }]);
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
    expect(conditionsOfPolicy({ permissions, principals: [{ any: true }] })).toEqual([
      { path: '/a', method: 'PUT' },
      { path: '/b/', method: 'PUT' },
      { path: '/b/x', method: 'PUT' },
    ]);
  });

  test('a route by the claims of a token has a request with them, and one without where they are excluded', () => {
    const path = ['payload', 'group'].map((key) => ({ key }));
    const matcher = { filter: 'envoy.filters.http.jwt_authn', path, value: { stringMatch: { exact: 'admin' } } };
    const claims = { path: '/', claims: [[['group'], 'admin']] };
    expect(conditionsOfRoute({ prefix: '/', dynamicMetadata: [matcher] })).toEqual([claims]);
    expect(conditionsOfRoute({ prefix: '/', dynamicMetadata: [{ ...matcher, invert: true }] })).toEqual([{ path: '/' }, claims]);
  });

  test('the claims of a route stand in tokens of the issuers that are known', () => {
    const target: Target = { ...web, conditions: [{ path: '/', claims: [[['group'], 'admin']] }] };
    const samples = samplesOf(target, [{ claims: [[['iss'], 'issuer']], isTaken: true }], 9);
    expect(samples.map(({ claims }) => claims)).toContainEqual({ iss: 'issuer', group: 'admin' });
  });

  test('each kind of caller tries each route, and of routes more than are asked for', () => {
    const target: Target = { ...web, conditions: [{ path: '/api/' }, { path: '/new/', headers: [['x-key', 'own']] }] };
    const others: readonly RequestConditions[] = [
      { claims: [[['iss'], 'issuer']], isTaken: true },
      { path: '/admin', method: 'POST', headers: [['x-key', 'k']] },
    ];
    const tried = samplesOfRoutes(target, others, 0).map(({ method, path, headers, claims }) => ({
      request: `${method} ${path}`,
      key: headers.find(([name]) => name === 'x-key')?.[1],
      issuer: claims?.iss,
    }));
    expect(tried).toContainEqual({ request: 'GET /api/', key: undefined, issuer: 'issuer' });
    expect(tried).toContainEqual({ request: 'GET /new/', key: 'own', issuer: 'issuer' });
    expect(tried).toContainEqual({ request: 'POST /api/', key: 'k', issuer: undefined });
    expect(tried).toContainEqual({ request: 'POST /new/', key: 'own', issuer: undefined });
    expect(tried.filter(({ request }) => request === 'POST /admin')).toEqual([]);
  });

  test('a token of nobody is one of the issuers that are known', () => {
    const issuers: readonly RequestConditions[] = [
      {
        claims: [
          [['iss'], 'issuer'],
          [['sub'], 'someone'],
        ],
        isTaken: true,
      },
    ];
    const policy: RequestConditions = {
      claims: [
        [['iss'], 'x'],
        [['sub'], 'alice'],
      ],
    };
    const claims = samplesOf(web, [...issuers, policy], 9).flatMap((sample) => sample.claims ?? []);
    expect(claims).toEqual([
      { iss: 'issuer', sub: 'someone' },
      { iss: 'issuer', sub: 'alice' },
    ]);
  });

  test('a route by cookie and a route of gRPC have requests that they take', () => {
    const cookies = [{ name: 'session', stringMatch: { exact: 'new' } }];
    expect(conditionsOfRoute({ prefix: '/', cookies })).toEqual([{ path: '/', headers: [['cookie', 'session=new']] }]);
    expect(conditionsOfRoute({ prefix: '/', grpc: {} })).toEqual([
      { path: '/', headers: [['content-type', 'application/grpc']] },
    ]);
  });

  test('claims become a token', () => {
    const path = ['payload', 'realm', 'role'].map((key) => ({ key }));
    const metadata = { filter: 'envoy.filters.http.jwt_authn', path, value: { stringMatch: { exact: 'admin' } } };
    const [, sample] = samplesOf(web, conditionsOfPolicy({ permissions: [{ any: true }], principals: [{ metadata }] }), 5);
    expect(sample?.claims).toEqual({ realm: { role: 'admin' } });
    const payload = sample?.token?.split('.')[1] ?? '';
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toEqual({ realm: { role: 'admin' } });
    expect(sample && urlOf(sample)).toBe('http://web/');
  });

  test.each([
    ['fd00::1', 8080, 'http://[fd00::1]:8080/'],
    ['fd00::1', 80, 'http://[fd00::1]/'],
    ['10.1.1.1', 8080, 'http://10.1.1.1:8080/'],
  ])('the URL of %s and port %d', (host, port, url) => {
    const [sample] = samplesOf({ ...web, host, port }, [], 1);
    expect(sample && urlOf(sample)).toBe(url);
  });
});
