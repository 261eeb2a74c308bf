import { describe, expect, test } from 'vitest';
import type { Route } from '../../../../src/envoy/api.gen.ts';
import type { Service } from '../../../../src/model/registry/service.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { createVirtualHostBuilder, type VirtualHostClient } from '../../../../src/translate/routes/virtual-hosts.ts';
import { originOf } from '../../../../src/util/origin.ts';
import { ipv4, plain, resource, service } from './support.ts';

const cart = resource('VirtualService', 'cart', {});
const routes: readonly Route[] = [{ name: 'a' }];
const client: VirtualHostClient = {
  namespace: 'shop',
  listenPort: 80,
  includeRequestAttemptCount: true,
  traits: ipv4,
};
const build = createVirtualHostBuilder({ domainSuffix: 'cluster.local', release: defaultRelease });

const named = (hostname: string, registry: Service['registry'] = 'Kubernetes') => service({ hostname, registry });
const group = (hosts: readonly string[], services: readonly Service[] = [], port = 80) => ({
  port,
  services,
  hosts,
  routes,
  resource: cart,
});

describe('virtual hosts', () => {
  test('are named by host and port, in lower case, sorted by name', () => {
    const built = build([group(['Shop.Example', 'a.example'])], client);
    expect(plain(built)).toEqual([
      { name: 'a.example:80', domains: ['a.example'], routes, includeRequestAttemptCount: true },
      { name: 'shop.example:80', domains: ['shop.example'], routes, includeRequestAttemptCount: true },
    ]);
  });

  test('remember the resource that made them', () => {
    expect(originOf(build([group(['a.example'])], client)[0])?.resource.name).toBe('cart');
  });

  test('of two with one name the first counts', () => {
    const other = { ...group(['a.example']), routes: [{ name: 'b' }] };
    expect(build([group(['a.example']), other], client).map((host) => host.routes?.[0]?.name)).toEqual(['a']);
  });

  test('of two with one domain the first keeps it, whatever the case', () => {
    const services = [named('cart.shop.svc.cluster.local')];
    const [second, first] = build([group(['CART']), group([], services)], client);
    expect(first?.domains).toEqual(['cart']);
    expect(second?.domains).not.toContain('cart');
  });

  test('a short form gives way to a service that has that very name', () => {
    const services = [named('cart.shop.svc.cluster.local'), named('cart.shop', 'External')];
    const [kubernetes, entry] = build([group([], services)], client);
    expect(entry?.domains).toEqual(['cart.shop', 'cart.shop.']);
    expect(kubernetes?.domains).not.toContain('cart.shop');
  });

  test('on a listener for all ports, domains without a port mean port 80', () => {
    const services = [named('pay.example', 'External')];
    const all = build([group([], services, 80), group([], services, 81), group(['x.example'], [], 81)], {
      ...client,
      listenPort: 0,
    });
    expect(all.map(({ name, domains }) => [name, domains])).toEqual([
      ['pay.example:80', ['pay.example', 'pay.example:80', 'pay.example.', 'pay.example.:80']],
      ['pay.example:81', ['pay.example:81', 'pay.example.:81']],
    ]);
  });

  test('are one object for clients for whom they are equal', () => {
    const groups = [group([], [named('cart.shop.svc.cluster.local')])];
    const [inWeb] = build(groups, { ...client, namespace: 'web' });
    const [inPay] = build(groups, { ...client, namespace: 'pay' });
    expect(inWeb).toBe(inPay);
    expect(build(groups, client)[0]).not.toBe(inWeb);
  });
});
