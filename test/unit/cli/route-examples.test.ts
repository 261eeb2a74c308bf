import { expect, test } from 'vitest';
import type { Route } from '../../../src/envoy/api.gen.ts';
import { createRouteExamples } from '../../../src/operations/request-tables/route-examples.ts';

const examples = (...routes: readonly Route['match'][]) =>
  createRouteExamples().of(
    { name: 'a', domains: ['*'], routes: routes.map((match) => (match ? { match } : {})) },
    'a.example.com',
  );

test('a route has an example that none before it takes; tunnels, cookies and what nothing reaches have none', () => {
  const cookies = [{ name: 'c', stringMatch: { exact: 'x' } }];
  expect(
    examples(
      { connectMatcher: {} },
      { prefix: '/', cookies },
      { path: '/a' },
      { prefix: '/a' },
      { prefix: '/a/b' },
      { prefix: '/' },
    ),
  ).toEqual([{ path: '/a' }, { path: '/aa' }, {}]);
});

test('a condition on the host holds for the host of the line, or there is none', () => {
  const forHost = (text: string) => ({ prefix: '/', headers: [{ name: ':authority', stringMatch: { exact: text } }] });
  expect(examples(forHost('b.example.com'), forHost('a.example.com'), { prefix: '/' })).toEqual([{}]);
});

test('of routes for a share of requests, each is one of those that come next', () => {
  const share = { defaultValue: { numerator: 50 } };
  expect(examples({ prefix: '/', runtimeFraction: share }, { prefix: '/' })).toEqual([{}, {}]);
});

test('each route by itself where nothing can be told of all together, as of a path with its query beside parameters', () => {
  const headers = [{ name: ':path', stringMatch: { exact: '/a?b=c' } }];
  const queryParameters = [{ name: 'd', stringMatch: { exact: 'e' } }];
  expect(examples({ prefix: '/', headers }, { prefix: '/', queryParameters }, { prefix: '/' })).toEqual([
    { path: '/a?b=c' },
    { path: '/?d=e' },
    {},
  ]);
});

test('each route by itself where the expressions about one header are too much together', { timeout: 30_000 }, () => {
  const agents = Array.from({ length: 12 }, (_, place) => ({
    prefix: '/',
    headers: [
      { name: 'user-agent', stringMatch: { safeRegex: { regex: `(?i).*(iphone|android${place}|tablet${place}).*mobile.*` } } },
    ],
  }));
  expect(examples(...agents, { prefix: '/' })).toHaveLength(13);
});
