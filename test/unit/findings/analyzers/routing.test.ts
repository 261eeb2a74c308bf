import { describe, expect, test } from 'vitest';
import { delegates } from '../../../../src/findings/analyzers/delegates.ts';
import { destinationRulesForNobody } from '../../../../src/findings/analyzers/destination-rules-for-nobody.ts';
import { tlsLayers } from '../../../../src/findings/analyzers/tls-layers.ts';
import { briefly } from './support.ts';

const NETWORKING = 'networking.istio.io/v1';

/** A resource `name` or `namespace/name`, in namespace `shop` unless it says another. */
function resource(apiVersion: string, kind: string, name: string, spec: string, metadata = ''): string {
  const [first = '', second] = name.split('/');
  const [namespace, own] = second === undefined ? ['shop', first] : [first, second];
  return `\n---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${own}, namespace: ${namespace}${metadata}}\nspec: ${spec}\n`;
}
const virtualService = (name: string, spec: string): string => resource(NETWORKING, 'VirtualService', name, `{${spec}}`);
const destinationRule = (name: string, spec: string): string => resource(NETWORKING, 'DestinationRule', name, `{${spec}}`);
const serviceEntry = (name: string, spec: string): string => resource(NETWORKING, 'ServiceEntry', name, `{${spec}}`);
const gateway = (name: string, ...servers: readonly string[]): string =>
  resource(NETWORKING, 'Gateway', name, `{selector: {istio: ingress}, servers: [${servers.join(', ')}]}`);
const service = (name: string, ...ports: readonly string[]): string =>
  resource('v1', 'Service', name, `{selector: {app: ${name.split('/').at(-1)}}, ports: [${ports.join(', ')}]}`);
const pod = (name: string, metadata = ''): string =>
  resource('v1', 'Pod', name, '{containers: [{name: app, image: app}]}', `, labels: {app: ${name.split('/').at(-1)}}${metadata}`);
const gatewayPod = (name: string): string =>
  resource(
    'v1',
    'Pod',
    name,
    '{containers: [{name: istio-proxy, image: proxyv2}]}',
    ', labels: {istio: ingress}, annotations: {inject.istio.io/templates: gateway}',
  );
const to = (host: string, port?: number): string =>
  `route: [{destination: {host: ${host}${port === undefined ? '' : `, port: {number: ${port}}`}}}]`;

const client = pod('client');
const http80 = '{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}';
const passthrough = '{port: {number: 443, name: tls, protocol: TLS}, hosts: ["*"], tls: {mode: PASSTHROUGH}}';

describe('layers of TLS', () => {
  const bank = serviceEntry(
    'bank',
    'hosts: [bank.example], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}, {number: 443, name: https, protocol: HTTPS}]',
  );
  const simple = 'trafficPolicy: {tls: {mode: SIMPLE}}';
  const wrap = destinationRule('bank', `host: bank.example, ${simple}`);
  const originate = virtualService('bank', `hosts: [bank.example], http: [{${to('bank.example', 443)}}]`);

  test('a DestinationRule wraps the TLS of clients once more', () => {
    expect(briefly(tlsLayers, client + bank + wrap)).toEqual(['MESH2240 DestinationRule/bank spec.trafficPolicy.tls']);
  });

  test('tls rules pass on what a DestinationRule wraps once more', () => {
    const plain = serviceEntry(
      'bank',
      'hosts: [bank.example], resolution: DNS, ports: [{number: 8443, name: tcp, protocol: TCP}]',
    );
    const rules = (gateways: string): string =>
      virtualService(
        'bank',
        `hosts: [bank.example], gateways: [${gateways}], tls: [{match: [{sniHosts: [bank.example]}], ${to('bank.example', 8443)}}]`,
      );
    const front = gatewayPod('edge/front') + gateway('edge/front', passthrough);
    const everywhere = destinationRule('bank', `host: bank.example, ${simple}`);
    expect(briefly(tlsLayers, front + plain + everywhere + rules('edge/front'))).toEqual([
      'MESH2240 DestinationRule/bank spec.trafficPolicy.tls',
    ]);
    expect(briefly(tlsLayers, front + plain + everywhere)).toEqual([]);
  });

  test.each([
    ['http rules lead there, so that TLS is opened for plain requests', client + bank + wrap + originate],
    ['no sidecar uses the rule', gatewayPod('edge/front') + bank + destinationRule('edge/bank', `host: bank.example, ${simple}`)],
    [
      'the layer is that of the mesh',
      client + bank + destinationRule('bank', 'host: bank.example, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}'),
    ],
    [
      'the port is plain',
      client +
        bank +
        destinationRule(
          'bank',
          'host: bank.example, trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: SIMPLE}}]}',
        ),
    ],
    [
      'tls rules lead elsewhere',
      client +
        bank +
        wrap +
        service('egress', '{name: tls, port: 443}') +
        virtualService('bank', `hosts: [bank.example], tls: [{match: [{sniHosts: [bank.example]}], ${to('egress', 443)}}]`),
    ],
  ])('fit where %s', (_, yaml) => {
    expect(briefly(tlsLayers, yaml)).toEqual([]);
  });

  test('http rules send plain text to a TLS port', () => {
    expect(briefly(tlsLayers, client + bank + originate)).toEqual([
      'MESH2241 VirtualService/bank spec.http.0.route.0.destination',
    ]);
  });

  test('a gateway sends plain text to a port named https', () => {
    const shop = service('cart', '{name: https, port: 443}') + pod('cart');
    const front = gatewayPod('edge/front') + gateway('edge/front', http80);
    const rules = virtualService('cart', `hosts: [cart.example], gateways: [edge/front], http: [{${to('cart')}}]`);
    const found = ['MESH2241 VirtualService/cart spec.http.0.route.0.destination'];
    expect(briefly(tlsLayers, shop + front + rules)).toEqual(found);
    const cart = 'host: cart.shop.svc.cluster.local';
    expect(briefly(tlsLayers, shop + front + rules + destinationRule('edge/cart', `${cart}, ${simple}`))).toEqual([]);
    // That of a third namespace is not used at the gateway.
    expect(briefly(tlsLayers, shop + front + rules + destinationRule('other/cart', `${cart}, ${simple}`))).toEqual(found);
  });

  test('a route of the Gateway API sends plain text to a TLS port', () => {
    const cart = service('cart', '{name: web, port: 443, appProtocol: https}') + pod('cart');
    const api = 'gateway.networking.k8s.io/v1';
    const front = resource(
      api,
      'Gateway',
      'front',
      '{gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}',
    );
    const managed =
      resource(
        'v1',
        'Pod',
        'front-istio',
        '{containers: [{name: istio-proxy, image: proxyv2}]}',
        ', labels: {gateway.networking.k8s.io/gateway-name: front}, annotations: {inject.istio.io/templates: gateway}',
      ) +
      resource(
        'v1',
        'Service',
        'front-istio',
        '{selector: {gateway.networking.k8s.io/gateway-name: front}, ports: [{name: http, port: 80}]}',
      );
    const route = resource(
      api,
      'HTTPRoute',
      'cart',
      '{parentRefs: [{name: front}], rules: [{backendRefs: [{name: cart, port: 443}]}]}',
    );
    expect(briefly(tlsLayers, cart + front + managed + route)).toEqual(['MESH2241 HTTPRoute/cart spec.rules.0']);
  });

  test('http at port 443 of a host outside', () => {
    const outside = (more: string): string =>
      serviceEntry('pay', `hosts: [pay.example], resolution: DNS, ports: [{number: 443, name: http, protocol: HTTP${more}}]`);
    expect(briefly(tlsLayers, client + outside(''))).toEqual(['MESH2242 ServiceEntry/pay spec.ports.0']);
    expect(briefly(tlsLayers, client + outside(', targetPort: 8080'))).toEqual([]);
    expect(briefly(tlsLayers, client + outside('') + destinationRule('pay', `host: pay.example, ${simple}`))).toEqual([]);
  });
});

test('a DestinationRule in a namespace without proxies, that is not that of the service', () => {
  const shop = service('cart', '{name: http, port: 80}') + pod('cart');
  const rule = (name: string, host = 'cart.shop.svc.cluster.local'): string => destinationRule(name, `host: "${host}"`);
  const found = ['MESH2245 DestinationRule/cart spec.host'];
  expect(briefly(destinationRulesForNobody, shop + rule('settings/cart'))).toEqual(found);
  expect(briefly(destinationRulesForNobody, shop + rule('settings/cart', '*.shop.svc.cluster.local'))).toEqual(found);
  for (const namespace of ['shop', 'istio-system']) {
    expect(briefly(destinationRulesForNobody, shop + rule(`${namespace}/cart`))).toEqual([]);
  }
  expect(briefly(destinationRulesForNobody, shop + pod('settings/cook') + rule('settings/cart'))).toEqual([]);
  expect(briefly(destinationRulesForNobody, shop + rule('settings/cart', 'unknown.example'))).toEqual([]);
  expect(briefly(destinationRulesForNobody, service('cart', '{name: http, port: 80}') + rule('settings/cart'))).toEqual([]);
});

describe('delegates', () => {
  const root = (match: string, delegate = '{name: leaf}'): string =>
    virtualService('root', `hosts: [cart.example], gateways: [front], http: [{match: [${match}], delegate: ${delegate}}]`);
  const leaf = (match: string, more = ''): string => virtualService('leaf', `${more}http: [{match: [${match}], ${to('cart')}}]`);
  const below = '{uri: {prefix: /a}}';

  test.each([
    ['does not exist', '', undefined],
    ['has hosts', leaf('{uri: {prefix: /a/b}}', 'hosts: [leaf.example], '), undefined],
    ['is in another namespace', leaf('{uri: {prefix: /a/b}}'), '{name: leaf, namespace: other}'],
    [
      'is not exported',
      leaf('{uri: {prefix: /a/b}}').replace('namespace: shop', 'namespace: other').replace('spec: {', 'spec: {exportTo: ["."], '),
      '{name: leaf, namespace: other}',
    ],
  ])('one that %s is none', (_, yaml, delegate) => {
    expect(briefly(delegates, root(below, delegate) + yaml)).toEqual(['MESH2246 VirtualService/root spec.http.0.delegate']);
  });

  test.each([
    ['a prefix after a regular expression', '{uri: {regex: "/a/.*"}}', '{uri: {prefix: /a/b}}'],
    ['a prefix beside', below, '{uri: {prefix: /b}}'],
    ['another value of a header', '{headers: {who: {exact: a}}}', '{headers: {who: {exact: b}}}'],
    ['one match of several', below, '{uri: {prefix: /a/b}}, {uri: {prefix: /c}}'],
  ])('do not join with %s', (_, above, under) => {
    expect(briefly(delegates, root(above) + leaf(under))).toEqual(['MESH2247 VirtualService/leaf spec.http.0']);
  });

  test('join with what is narrower', () => {
    expect(briefly(delegates, root(below) + leaf('{uri: {prefix: /a/b}}'))).toEqual([]);
    expect(briefly(delegates, root(below) + leaf('{headers: {who: {regex: "a.*"}}}'))).toEqual([]);
  });

  test('serve each of several roots with some rules', () => {
    const other = virtualService(
      'other',
      `hosts: [other.example], gateways: [front], http: [{match: [{uri: {prefix: /b}}], delegate: {name: leaf}}]`,
    );
    const both = virtualService(
      'leaf',
      `http: [{match: [{uri: {prefix: /a}}], ${to('cart')}}, {match: [{uri: {prefix: /b}}], ${to('cart')}}]`,
    );
    expect(briefly(delegates, root(below) + other + both)).toEqual([]);
    expect(briefly(delegates, root(below) + both)).toEqual(['MESH2247 VirtualService/leaf spec.http.1']);
  });
});
