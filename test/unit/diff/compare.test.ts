import { describe, expect, test } from 'vitest';
import { compareSnapshots, type Resources } from '../../../src/diff/compare.ts';
import { differencesOf } from '../../../src/diff/differences.ts';
import { withOrigin } from '../../../src/util/origin.ts';

const none: Resources = { listeners: [], routes: [], clusters: [], endpoints: [], extensionConfigs: [] };

describe('comparison of two snapshots', () => {
  test('pairs resources by name, and tells of them by type and name', () => {
    const before: Resources = { ...none, clusters: [{ name: 'b' }, { name: 'a', connectTimeout: '10s' }] };
    const after: Resources = {
      ...none,
      clusters: [{ name: 'a', connectTimeout: '1s' }, { name: 'c' }],
      endpoints: [{ clusterName: 'c' }],
    };
    const changes = compareSnapshots(before, after);
    expect(changes.map(({ type, name, kind }) => `${kind} ${type} ${name}`)).toEqual([
      'changed clusters a',
      'removed clusters b',
      'added clusters c',
      'added endpoints c',
    ]);
    expect(changes[0]).toMatchObject({ differences: [{ where: 'connectTimeout', before: '10s', after: '1s' }] });
  });

  test('the order of resources, virtual hosts, domains, filter chains and endpoints is no difference', () => {
    const virtualHosts = [
      { name: 'reviews', domains: ['reviews', 'reviews:80'] },
      { name: 'ratings', domains: ['*'] },
    ];
    const reversed = [virtualHosts[1], { name: 'reviews', domains: ['reviews:80', 'reviews'] }];
    expect(differencesOf({ name: '80', virtualHosts }, { name: '80', virtualHosts: reversed })).toEqual([]);
    const chains = [{ name: 'a', filterChainMatch: { serverNames: ['x', 'y'] } }, { name: 'b' }];
    const turned = [{ name: 'b' }, { name: 'a', filterChainMatch: { serverNames: ['y', 'x'] } }];
    expect(differencesOf({ filterChains: chains }, { filterChains: turned })).toEqual([]);
    const host = (address: string): object => ({ endpoint: { address: { socketAddress: { address, portValue: 80 } } } });
    expect(
      differencesOf(
        { endpoints: [{ lbEndpoints: [host('10.0.0.1'), host('10.0.0.2')] }] },
        { endpoints: [{ lbEndpoints: [host('10.0.0.2'), host('10.0.0.1')] }] },
      ),
    ).toEqual([]);
  });
});

describe('differences of two values', () => {
  test('routes are in order: one that moved is one difference', () => {
    const [a, b, c] = ['/a', '/b', '/c'].map((prefix) => ({ name: 'default', match: { prefix } }));
    expect(differencesOf({ routes: [a, b, c] }, { routes: [c, a, b] })).toMatchObject([
      { kind: 'moved', where: 'routes[0]', before: 2, after: 0 },
    ]);
  });

  test('a route added in front is one difference', () => {
    const routes = ['/a', '/b'].map((prefix) => ({ match: { prefix } }));
    const added = { match: { path: '/first' } };
    expect(differencesOf({ routes }, { routes: [added, ...routes] })).toEqual([
      { kind: 'added', path: ['routes', 0], where: 'routes[0]', after: added },
    ]);
  });

  test('a route with another match is the same route, changed', () => {
    const route = (prefix: string): object => ({ name: 'v1', match: { prefix }, route: { cluster: 'c' } });
    expect(
      differencesOf({ routes: [route('/a'), route('/b')] }, { routes: [route('/a'), route('/c')] }).map(({ where }) => where),
    ).toEqual(['routes[1].match.prefix']);
  });

  test('HTTP filters are paired by name, and their order is a difference', () => {
    const [rbac, fault] = [{ name: 'rbac', disabled: true }, { name: 'fault' }];
    expect(
      differencesOf({ httpFilters: [rbac, fault] }, { httpFilters: [fault, { name: 'rbac' }] }).map(({ kind, where }) => [
        kind,
        where,
      ]),
    ).toEqual([
      ['moved', 'httpFilters[rbac]'],
      ['removed', 'httpFilters[rbac].disabled'],
    ]);
  });

  test('an item of a list without order that is gone is called by its value', () => {
    expect(differencesOf({ domains: ['a', 'b'] }, { domains: ['b'] })).toMatchObject([
      { kind: 'removed', path: ['domains', 0], before: 'a' },
    ]);
  });

  test('messages of different types are not compared field by field', () => {
    const before = { typedConfig: { '@type': 'a', x: 1 } };
    const after = { typedConfig: { '@type': 'b', x: 1 } };
    expect(differencesOf(before, after)).toMatchObject([{ kind: 'changed', where: 'typedConfig' }]);
  });

  test('a difference remembers who made the innermost part around it, on both sides', () => {
    const resource = { kind: 'VirtualService', name: 'reviews', namespace: 'bookinfo' };
    const route = (timeout: string, index: number): object =>
      withOrigin({ route: { timeout } }, resource, ['spec', 'http', index]);
    expect(differencesOf({ routes: [route('1s', 0)] }, { routes: [route('2s', 1)] })).toMatchObject([
      {
        where: 'routes[0].route.timeout',
        beforeOrigin: { resource, path: ['spec', 'http', 0] },
        afterOrigin: { resource, path: ['spec', 'http', 1] },
      },
    ]);
  });
});
