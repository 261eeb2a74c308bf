import { describe, expect, test } from 'vitest';
import { object, served, waypoint, waypointListeners } from '../../../support/waypoint-mesh.ts';

const HTTP = '{name: http, port: 80}';
const cart = served('cart', '10.96.0.1', `${HTTP}, {name: tcp, port: 90}`);
const store = served('store', '10.96.0.2', HTTP);
const outside = served('outside', '10.96.0.3', HTTP).replace(/ {2}labels: .*\n/, '');
const CART = 'inbound-vip|80|http|cart.shop';

const virtualService = (name: string, rules: string, namespace = 'shop', hosts = 'cart.shop.svc.cluster.local') =>
  object('VirtualService', name, `hosts: ["${hosts}"], ${rules}`, namespace);
const to = (host: string, more = ''): string => `route: [{destination: {host: ${host}.shop.svc.cluster.local${more}}}]`;

/** Where the requests of a service go: for each route its path and its cluster. */
function routesOf(documents: readonly string[], chain = CART): readonly string[] {
  return waypointListeners([waypoint(), cart, store, outside, ...documents])
    .routes(chain)
    .map(({ match, route }) => `${match?.path ?? match?.prefix} ${(route?.cluster ?? '').replace('.svc.cluster.local', '')}`);
}

describe('the routes of a waypoint', () => {
  test('lead to the service itself where no virtual service says otherwise', () => {
    expect(routesOf([])).toEqual([`/ ${CART}`]);
  });

  test('are those of all virtual services, one after the other, and no route to the service itself', () => {
    const first = virtualService('a', `http: [{match: [{uri: {exact: /a}}], ${to('store')}}]`);
    const second = virtualService('b', `http: [{match: [{uri: {exact: /b}}], ${to('store')}}]`);
    expect(routesOf([first, second])).toEqual(['/a inbound-vip|80|http|store.shop', '/b inbound-vip|80|http|store.shop']);
  });

  test('go on with the next virtual service behind a rule for all, which Envoy never comes to', () => {
    const first = virtualService('a', `http: [{${to('store')}}, {match: [{uri: {exact: /never}}], ${to('cart')}}]`);
    const second = virtualService('b', `http: [{match: [{uri: {exact: /b}}], ${to('store')}}]`);
    expect(routesOf([first, second])).toEqual(['/ inbound-vip|80|http|store.shop', '/b inbound-vip|80|http|store.shop']);
  });

  test('lead to services of others as from everywhere else', () => {
    expect(routesOf([virtualService('a', `http: [{${to('outside')}}]`)])).toEqual(['/ outbound|80||outside.shop']);
  });

  test('have the subset in the name of the cluster, behind what the port carries', () => {
    const subset = ', subset: v1, port: {number: 90}';
    expect(routesOf([virtualService('a', `http: [{${to('cart', subset)}}]`)])).toEqual(['/ inbound-vip|90|tcp/v1|cart.shop']);
  });

  test('leave matches for labels of clients out, and rules that have no other', () => {
    const labels = 'sourceLabels: {app: web}';
    const rules = [
      `{match: [{${labels}}], ${to('store')}}`,
      `{match: [{uri: {exact: /kept}}, {uri: {exact: /gone}, ${labels}}], ${to('store')}}`,
    ];
    expect(routesOf([virtualService('a', `http: [${rules.join(', ')}]`)])).toEqual(['/kept inbound-vip|80|http|store.shop']);
  });

  test('of a virtual service without a rule that fits are as if it were not there', () => {
    expect(routesOf([virtualService('a', `http: [{match: [{port: 81}], ${to('store')}}]`)])).toEqual([`/ ${CART}`]);
    expect(routesOf([virtualService('a', `gateways: [shop/edge], http: [{${to('store')}}]`)])).toEqual([`/ ${CART}`]);
  });

  test('come from the namespaces of the waypoint and of the service, not from a third one', () => {
    expect(routesOf([virtualService('a', `http: [{${to('store')}}]`, 'third')])).toEqual([`/ ${CART}`]);
  });

  test('count for the host by a wildcard too', () => {
    const wide = virtualService('a', `http: [{${to('store')}}]`, 'shop', '*.shop.svc.cluster.local');
    expect(routesOf([wide])).toEqual(['/ inbound-vip|80|http|store.shop']);
  });

  test('of workloads lead into a tunnel, whatever virtual services say', () => {
    expect(routesOf([virtualService('a', `http: [{${to('store')}}]`)], 'direct-http')).toEqual(['/ encap']);
  });
});

describe('where connections go at a waypoint', () => {
  const CONNECTIONS = 'inbound-vip|90|tcp|cart.shop';
  const proxyOf = (...documents: readonly string[]) =>
    waypointListeners([waypoint(), cart, store, outside, ...documents]).proxy(CONNECTIONS);
  const clusterOf = (...documents: readonly string[]) => proxyOf(...documents).cluster?.replace('.svc.cluster.local', '');

  test('is the service itself where no rule says otherwise', () => {
    expect(clusterOf()).toBe(CONNECTIONS);
    expect(clusterOf(virtualService('a', `tcp: [{match: [{port: 91}], ${to('outside')}}]`))).toBe(CONNECTIONS);
  });

  test('is what TLS rules for its own host say, of any virtual service, before TCP rules', () => {
    const tcp = virtualService('a', `tcp: [{${to('outside')}}]`);
    const tls = (host: string) => virtualService('b', `tls: [{match: [{sniHosts: [${host}]}], ${to('store')}}]`);
    expect(clusterOf(tcp)).toBe('outbound|80||outside.shop');
    expect(clusterOf(tcp, tls('cart.shop.svc.cluster.local'))).toBe('inbound-vip|80|http|store.shop');
    expect(clusterOf(tcp, tls('else.example'))).toBe('outbound|80||outside.shop');
  });

  test('is not what rules for some clients say', () => {
    for (const asked of ['sourceLabels: {app: web}', 'sourceNamespace: shop', 'gateways: [shop/edge]']) {
      expect(clusterOf(virtualService('a', `tcp: [{match: [{${asked}}], ${to('outside')}}]`))).toBe(CONNECTIONS);
    }
  });

  test('is weighted among several destinations, with the settings of the first', () => {
    const hosts = ['outside', 'store'].map(
      (name, index) => `{destination: {host: ${name}.shop.svc.cluster.local}, weight: ${index === 0 ? 30 : 70}}`,
    );
    const rule = object(
      'DestinationRule',
      'd',
      'host: outside.shop.svc.cluster.local, trafficPolicy: {connectionPool: {tcp: {idleTimeout: 7s}}}',
    );
    const proxy = proxyOf(virtualService('a', `tcp: [{route: [${hosts.join(', ')}]}]`), rule);
    expect(proxy.weightedClusters?.clusters).toEqual([
      { name: 'outbound|80||outside.shop.svc.cluster.local', weight: 30 },
      { name: 'inbound-vip|80|http|store.shop.svc.cluster.local', weight: 70 },
    ]);
    expect(proxy.idleTimeout).toBe('7s');
  });
});
