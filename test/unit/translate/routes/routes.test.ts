import { describe, expect, test } from 'vitest';
import type { MeshConfig } from '../../../../src/api/istio.gen.ts';
import type { RouteConfiguration } from '../../../../src/envoy/api.gen.ts';
import { buildMesh } from '../../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../../src/model/mesh-input.ts';
import { deepFreeze } from '../../../../src/util/object.ts';
import { originOf } from '../../../../src/util/origin.ts';
import { buildersOf } from '../../../support/builders.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';

/** A shop: the caller `web/client`, and services `cart` (80, 9000 undetected) and `orders` (80, 8080) of namespace `shop`. */
const shop = `
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: web, labels: {app: client}}
spec: {containers: [{name: app, image: example/app}]}
status: {podIP: 10.244.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: other, namespace: web, labels: {app: other}}
spec: {containers: [{name: app, image: example/app}]}
status: {podIP: 10.244.0.2}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {clusterIP: 10.96.0.1, ports: [{name: http, port: 80}, {name: unknown, port: 9000}]}
---
apiVersion: v1
kind: Service
metadata: {name: orders, namespace: shop}
spec: {clusterIP: 10.96.0.2, ports: [{name: http, port: 80}, {name: http-alt, port: 8080}, {name: tcp, port: 5432}]}
`;

function virtualService(name: string, spec: string, namespace = 'shop'): string {
  return `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${spec}
`;
}

function sidecar(spec: string): string {
  return `---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: web}
spec: ${spec}
`;
}

/** Builds routes for the pods of namespace `web`. */
function session(more: string, config: MeshConfig = {}) {
  const { roles, sidecar } = buildersOf(buildMesh(singleCluster(resourcesOfYaml(shop + more), config)));
  return (routeName: string, pod = 'client'): RouteConfiguration => {
    const [emitted] = roles.sidecar.routes(sidecar(pod), [routeName]);
    if (emitted === undefined) throw new Error('nothing built');
    return deepFreeze(emitted.value);
  };
}

const namesOf = ({ virtualHosts = [] }: RouteConfiguration) => virtualHosts.map(({ name }) => name);
const hostOf = ({ virtualHosts = [] }: RouteConfiguration, name: string) => virtualHosts.find((host) => host.name === name);
const routeNamesOf = (configuration: RouteConfiguration, host: string) =>
  hostOf(configuration, host)?.routes?.map(({ name }) => name);
const to = (host: string) => `route: [{destination: {host: ${host}}}]`;

describe('the routes of a port', () => {
  test('have a virtual host for each HTTP or undetected port of this number, and the catch-all one at the end', () => {
    const routes = session('');
    expect(routes('80')).toMatchObject({
      name: '80',
      validateClusters: false,
      maxDirectResponseBodySizeBytes: 1_048_576,
      ignorePortInHostMatching: true,
    });
    expect(namesOf(routes('80'))).toEqual(['cart.shop.svc.cluster.local:80', 'orders.shop.svc.cluster.local:80', 'allow_any']);
    expect(namesOf(routes('8080'))).toEqual(['orders.shop.svc.cluster.local:8080', 'allow_any']);
    expect(namesOf(routes('9000'))).toEqual(['cart.shop.svc.cluster.local:9000', 'allow_any']);
    expect(namesOf(routes('5432'))).toEqual(['allow_any']);
  });

  test('of one service with an undetected protocol are for every host', () => {
    const { virtualHosts } = session('')('cart.shop.svc.cluster.local:9000');
    expect(virtualHosts).toHaveLength(1);
    expect(virtualHosts?.[0]).toMatchObject({ name: 'cart.shop.svc.cluster.local:9000', domains: ['*'] });
  });

  test('of a service that is not there are empty', () => {
    expect(session('')('missing.shop.svc.cluster.local:9000')).not.toHaveProperty('virtualHosts');
  });

  test('under a name that says nothing are empty', () => {
    expect(session('')('custom')).toEqual({ name: 'custom', validateClusters: false });
  });

  test('refuse unknown hosts in a mesh that allows known ones only', () => {
    const routes = session('', { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } });
    expect(namesOf(routes('80')).at(-1)).toBe('block_all');
  });

  test('serve all ports with port numbers in their domains behind the HTTP proxy port', () => {
    const host = hostOf(session('')('http_proxy'), 'orders.shop.svc.cluster.local:8080');
    expect(host?.domains?.[0]).toBe('orders.shop.svc.cluster.local:8080');
    expect(host?.domains?.every((domain) => domain.endsWith(':8080'))).toBe(true);
  });
});

describe('virtual services', () => {
  test('take the place of the default route on every HTTP port of their services', () => {
    const routes = session(virtualService('cart', `{hosts: [cart], http: [{name: own, ${to('cart')}}]}`));
    expect(routeNamesOf(routes('80'), 'cart.shop.svc.cluster.local:80')).toEqual(['own']);
    expect(routeNamesOf(routes('9000'), 'cart.shop.svc.cluster.local:9000')).toEqual(['own']);
    expect(routeNamesOf(routes('80'), 'orders.shop.svc.cluster.local:80')).toEqual(['default']);
  });

  test('of one host: the first in order counts alone', () => {
    const routes = session(
      virtualService('b', `{hosts: [cart], http: [{name: b, ${to('cart')}}]}`) +
        virtualService('a', `{hosts: [cart], http: [{name: a, ${to('cart')}}]}`) +
        virtualService('c', `{hosts: [cart.shop.svc.cluster.local], exportTo: ["."], http: [{name: c, ${to('cart')}}]}`, 'web'),
    );
    expect(routeNamesOf(routes('80'), 'cart.shop.svc.cluster.local:80')).toEqual(['c']);
  });

  test('without a rule for the proxy leave the service its default route', () => {
    const rule = `{match: [{sourceLabels: {app: other}}], name: other, ${to('cart')}}`;
    const routes = session(virtualService('cart', `{hosts: [cart], http: [${rule}]}`));
    expect(routeNamesOf(routes('80', 'client'), 'cart.shop.svc.cluster.local:80')).toEqual(['default']);
    expect(routeNamesOf(routes('80', 'other'), 'cart.shop.svc.cluster.local:80')).toEqual(['other']);
  });

  test('for hosts that are no services count on port 80', () => {
    const routes = session(virtualService('pay', `{hosts: [Pay.Example], http: [{${to('cart')}}]}`));
    expect(hostOf(routes('80'), 'pay.example:80')?.domains).toEqual(['pay.example']);
    expect(namesOf(routes('8080'))).not.toContain('pay.example:8080');
  });

  test('for hosts that are no services count beside a service on its ports too', () => {
    const routes = session(virtualService('pay', `{hosts: [pay.example, orders], http: [{${to('cart')}}]}`));
    expect(namesOf(routes('80'))).toContain('pay.example:80');
    expect(namesOf(routes('8080'))).toContain('pay.example:8080');
  });

  test('with a wildcard take the services for which none is more specific', () => {
    const routes = session(
      virtualService('all', `{hosts: ["*.svc.cluster.local"], http: [{name: all, ${to('cart')}}]}`) +
        virtualService('shop', `{hosts: ["*.shop.svc.cluster.local"], http: [{name: shop, ${to('cart')}}]}`) +
        virtualService('cart', `{hosts: [cart], http: [{name: cart, ${to('cart')}}]}`),
    )('80');
    expect(routeNamesOf(routes, 'orders.shop.svc.cluster.local:80')).toEqual(['shop']);
    expect(routeNamesOf(routes, 'cart.shop.svc.cluster.local:80')).toEqual(['cart']);
    expect(namesOf(routes)).toEqual(['cart.shop.svc.cluster.local:80', 'orders.shop.svc.cluster.local:80', 'allow_any']);
  });

  test('with a wildcard for no service are a virtual host of that name', () => {
    const routes = session(virtualService('wide', `{hosts: ["*.Example"], http: [{${to('cart')}}]}`));
    expect(hostOf(routes('80'), '*.example:80')?.domains).toEqual(['*.example']);
  });
});

describe('Gateway API routes', () => {
  const route = (namespace: string, host = 'cart.shop.svc.cluster.local') =>
    virtualService('route', `{hosts: ["${host}"], http: [{name: own, ${to('cart.shop.svc.cluster.local')}}]}`, namespace).replace(
      'metadata: {',
      'metadata: {annotations: {internal.istio.io/route-semantics: gateway}, ',
    );
  const cart = (more: string) => routeNamesOf(session(more)('80'), 'cart.shop.svc.cluster.local:80');

  test("count for services of their own namespace and for their own namespace's clients", () => {
    expect(cart(route('shop'))).toEqual(['own']);
    expect(cart(route('web'))).toEqual(['own']);
    expect(cart(route('elsewhere'))).toEqual(['default']);
  });

  test("of the client's namespace go before those of the service's", () => {
    const consumer = route('web').replace('name: own', 'name: consumer');
    expect(cart(route('shop') + consumer)).toEqual(['consumer']);
  });

  test('make no virtual hosts for hosts that are no services', () => {
    expect(namesOf(session(route('web', 'pay.example'))('80'))).not.toContain('pay.example:80');
  });
});

describe('destination rules', () => {
  const rule = `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: web}
spec:
  host: cart.shop.svc.cluster.local
  workloadSelector: {matchLabels: {app: other}}
  trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: user}}}
`;

  test('hash the requests of the proxies that they are for, with or without a virtual service', () => {
    const hashes = (more: string, pod: string) =>
      hostOf(session(rule + more)('80', pod), 'cart.shop.svc.cluster.local:80')?.routes?.[0]?.route?.hashPolicy;
    expect(hashes('', 'other')).toEqual([{ header: { headerName: 'user' } }]);
    expect(hashes('', 'client')).toBeUndefined();
    const routed = virtualService('cart', `{hosts: [cart], http: [{${to('cart')}}]}`);
    expect(hashes(routed, 'other')).toEqual([{ header: { headerName: 'user' } }]);
    expect(hashes(routed, 'client')).toBeUndefined();
  });
});

describe('a Sidecar', () => {
  test('limits the hosts that its namespace sees', () => {
    const routes = session(sidecar('{egress: [{hosts: ["shop/cart.shop.svc.cluster.local"]}]}'));
    expect(namesOf(routes('80'))).toEqual(['cart.shop.svc.cluster.local:80', 'allow_any']);
  });

  test('with a listener for a port has the hosts of that listener on it', () => {
    const onPort80 = '{port: {number: 80, protocol: HTTP, name: a}, hosts: [shop/orders.shop.svc.cluster.local]}';
    const routes = session(sidecar(`{egress: [${onPort80}, {hosts: [shop/cart.shop.svc.cluster.local]}]}`));
    expect(namesOf(routes('80'))).toEqual(['orders.shop.svc.cluster.local:80', 'allow_any']);
    expect(namesOf(routes('9000'))).toEqual(['cart.shop.svc.cluster.local:9000', 'allow_any']);
  });

  test('sends unknown hosts to its egress proxy, and is the origin of that', () => {
    const policy = '{mode: ALLOW_ANY, egressProxy: {host: egress.example, port: {number: 8080}}}';
    const host = hostOf(session(sidecar(`{outboundTrafficPolicy: ${policy}}`))('80'), 'allow_any');
    expect(host?.routes?.[0]?.route?.cluster).toBe('outbound|8080||egress.example');
    expect(originOf(host)).toMatchObject({ resource: { kind: 'Sidecar' }, path: ['spec', 'outboundTrafficPolicy'] });
  });
});

describe('sharing', () => {
  test('proxies that see the same get the same object', () => {
    const routes = session('');
    expect(routes('80', 'client')).toBe(routes('80', 'other'));
  });

  test('proxies with other labels get their own only where labels matter', () => {
    const rule = `{match: [{sourceLabels: {app: other}}], ${to('cart')}}`;
    const routes = session(virtualService('cart', `{hosts: [cart], http: [${rule}]}`));
    const [client, other] = [routes('80', 'client'), routes('80', 'other')];
    expect(client).not.toBe(other);
    expect(hostOf(client, 'orders.shop.svc.cluster.local:80')).toBe(hostOf(other, 'orders.shop.svc.cluster.local:80'));
  });
});

test('virtual hosts and routes remember the resource that made them', () => {
  const routes = session(virtualService('cart', `{hosts: [cart], http: [{${to('cart')}}]}`))('80');
  const cart = hostOf(routes, 'cart.shop.svc.cluster.local:80');
  expect(originOf(cart)?.resource).toMatchObject({ kind: 'VirtualService', name: 'cart' });
  expect(originOf(cart?.routes?.[0])).toMatchObject({ resource: { kind: 'VirtualService' }, path: ['spec', 'http', 0] });
  expect(originOf(hostOf(routes, 'orders.shop.svc.cluster.local:80'))?.resource).toMatchObject({
    kind: 'Service',
    name: 'orders',
  });
});
