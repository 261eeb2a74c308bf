import { expect, test } from 'vitest';
import { routeOf, toCart } from '../support.ts';

const set = (key: string, value: string) => ({ header: { key, value }, appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD' });
const add = (key: string, value: string) => ({ header: { key, value } });

test('what is set stands before what is added, each sorted by name', () => {
  const headers = { request: { add: { d: '4', c: '3' }, set: { b: '2', a: '1' }, remove: ['x'] } };
  const route = routeOf({ ...toCart, headers });
  expect(route.requestHeadersToAdd).toEqual([set('a', '1'), set('b', '2'), add('c', '3'), add('d', '4')]);
  expect(route.requestHeadersToRemove).toEqual(['x']);
});

test('operations of the only destination follow those of the rule', () => {
  const route = routeOf({
    headers: { response: { set: { b: '1' }, remove: ['x'] } },
    route: [{ destination: { host: 'cart' }, headers: { response: { set: { a: '2' }, remove: ['y'] } } }],
  });
  expect(route.responseHeadersToAdd).toEqual([set('b', '1'), set('a', '2')]);
  expect(route.responseHeadersToRemove).toEqual(['x', 'y']);
});

test('pseudo headers and Host are never changed as headers', () => {
  const headers = { request: { set: { ':path': '/', HOST: 'x', ':authority': 'y' }, remove: ['host', ':method'] } };
  const route = routeOf({ ...toCart, headers });
  expect(route).not.toHaveProperty('requestHeadersToAdd');
  expect(route).not.toHaveProperty('requestHeadersToRemove');
});

test('an empty value is absent', () => {
  expect(routeOf({ ...toCart, headers: { request: { add: { a: '' } } } }).requestHeadersToAdd).toEqual([
    { header: { key: 'a' } },
  ]);
});

test('redirects take the operations of the rule', () => {
  expect(routeOf({ redirect: {}, headers: { response: { add: { a: '1' } } } }).responseHeadersToAdd).toEqual([add('a', '1')]);
});
