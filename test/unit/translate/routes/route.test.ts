import { describe, expect, test } from 'vitest';
import { buildRoutesForVirtualService } from '../../../../src/translate/routes/route.ts';
import { originOf } from '../../../../src/util/origin.ts';
import { clientWith, routeContext, routeOf, routesOf, toCart, virtualService } from './support.ts';

const uri = (prefix: string) => ({ uri: { prefix } });

describe('routes of a virtual service', () => {
  test('a rule without matches is one route for every request', () => {
    expect(routeOf(toCart)).toMatchObject({
      match: { prefix: '/' },
      route: { cluster: 'outbound|80||cart.shop.svc.cluster.local' },
      decorator: { operation: 'cart.shop.svc.cluster.local:80/*' },
      metadata: { filterMetadata: { istio: { config: '/apis/networking.istio.io/v1/namespaces/shop/virtual-service/cart' } } },
    });
    expect(routeOf(toCart)).not.toHaveProperty('name');
  });

  test('each match is a route, named after its rule and itself', () => {
    const rule = { ...toCart, name: 'read', match: [{ name: 'a', ...uri('/a') }, uri('/b')] };
    expect(routesOf([rule]).map(({ name }) => name)).toEqual(['read.a', 'read']);
  });

  test('nothing follows a route that takes every request, within a rule or after it', () => {
    const rules = [
      { ...toCart, match: [uri('/a'), { uri: { regex: '.*' } }, uri('/b')] },
      { ...toCart, match: [uri('/c')] },
    ];
    expect(routesOf(rules)).toHaveLength(2);
    expect(routesOf([toCart, ...rules])).toHaveLength(1);
  });

  test('any condition beside the path keeps a match from taking every request', () => {
    const match = [
      { ...uri('/'), headers: { a: {} } },
      { ...uri('/'), queryParams: { a: {} } },
      { ...uri('/'), headers: { '@request.auth.claims.a': { exact: 'x' } } },
      uri('/a'),
    ];
    expect(routesOf([{ ...toCart, match }])).toHaveLength(4);
  });

  test('a match for another port, label, namespace or gateway is left out', () => {
    const match = [
      { ...uri('/port'), port: 81 },
      { ...uri('/label'), sourceLabels: { app: 'web' } },
      { ...uri('/namespace'), sourceNamespace: 'other' },
      { ...uri('/gateway'), gateways: ['edge/front'] },
      { ...uri('/fits'), port: 80, sourceLabels: { app: 'a' }, sourceNamespace: 'web' },
    ];
    const routes = routesOf([{ ...toCart, match }], { client: clientWith({ app: 'a', version: 'v1' }) });
    expect(routes.map((route) => route.match?.prefix)).toEqual(['/fits']);
  });

  test('a match that names a gateway does not look at the source', () => {
    const match = [{ ...uri('/a'), gateways: ['mesh'], sourceNamespace: 'other', sourceLabels: { app: 'x' } }];
    expect(routesOf([{ ...toCart, match }])).toHaveLength(1);
  });

  test('when no rule concerns the proxy there are no routes', () => {
    expect(routesOf([{ ...toCart, match: [{ sourceNamespace: 'other' }] }])).toEqual([]);
  });

  test('the stat prefix of a match is that of its route', () => {
    expect(routeOf({ ...toCart, match: [{ ...uri('/a'), statPrefix: 'cart' }] }).statPrefix).toBe('cart');
  });

  test.each([
    [{ uri: { exact: '/a' } }, '/a'],
    [{ uri: { prefix: '/a' } }, '/a*'],
    [{ uri: { regex: '/a.*b' } }, '/a.*b'],
    [{}, '/*'],
  ])('the operation of a trace ends with the path of %j', (match, path) => {
    expect(routeOf({ ...toCart, match: [match] }).decorator?.operation).toBe(`cart.shop.svc.cluster.local:80${path}`);
  });

  test('without one cluster, the operation names the virtual service and the port of the listener', () => {
    const destination = { host: 'cart' };
    const weighted = routeOf(
      {
        route: [
          { destination, weight: 1 },
          { destination, weight: 2 },
        ],
      },
      { listenPort: 8080 },
    );
    expect(weighted.decorator).toEqual({ operation: 'cart:8080/*' });
    expect(routeOf({ redirect: {} }).decorator).toEqual({ operation: 'cart:80/*' });
  });

  test('a route remembers its match, or its rule where that has none', () => {
    const rules = [{ ...toCart, match: [uri('/a'), uri('/b')] }, toCart];
    const paths = buildRoutesForVirtualService(virtualService(rules), routeContext()).map((route) => originOf(route)?.path);
    expect(paths).toEqual([
      ['spec', 'http', 0, 'match', 0],
      ['spec', 'http', 0, 'match', 1],
      ['spec', 'http', 1],
    ]);
  });
});
