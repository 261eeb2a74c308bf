import { describe, expect, test } from 'vitest';
import { competingConnectionRules } from '../../../../src/findings/analyzers/competing-connection-rules.ts';
import { delegates } from '../../../../src/findings/analyzers/delegates.ts';
import { destinationRulesForNobody } from '../../../../src/findings/analyzers/destination-rules-for-nobody.ts';
import { entriesThatHide } from '../../../../src/findings/analyzers/entries-that-hide.ts';
import { gatewayPort443 } from '../../../../src/findings/analyzers/gateway-port-443.ts';
import { gatewayRuleKinds } from '../../../../src/findings/analyzers/gateway-rule-kinds.ts';
import { gatewaysToNoAddresses } from '../../../../src/findings/analyzers/gateways-to-no-addresses.ts';
import { hiddenFromGateways } from '../../../../src/findings/analyzers/hidden-from-gateways.ts';
import { hostsWithoutService } from '../../../../src/findings/analyzers/hosts-without-service.ts';
import { meshRulesBehindGateways } from '../../../../src/findings/analyzers/mesh-rules-behind-gateways.ts';
import { portsOfTwoProtocols } from '../../../../src/findings/analyzers/ports-of-two-protocols.ts';
import { rewrittenPolicyPaths } from '../../../../src/findings/analyzers/rewritten-policy-paths.ts';
import { rulesByProtocol } from '../../../../src/findings/analyzers/rules-by-protocol.ts';
import { sidecarsThatLetPass } from '../../../../src/findings/analyzers/sidecars-that-let-pass.ts';
import { tlsLayers } from '../../../../src/findings/analyzers/tls-layers.ts';
import { unresolvedNames } from '../../../../src/findings/analyzers/unresolved-names.ts';
import { briefly, findingsOf } from './support.ts';

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
      'a gateway ends TLS before it',
      client +
        bank +
        wrap +
        gateway('front', '{port: {number: 443, name: tls, protocol: TLS}, hosts: ["*"], tls: {mode: ISTIO_MUTUAL}}') +
        virtualService('out', `hosts: [bank.example], gateways: [front], tcp: [{${to('bank.example', 443)}}]`),
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
    const policy = resource(
      api,
      'BackendTLSPolicy',
      'cart',
      '{targetRefs: [{group: "", kind: Service, name: cart}], validation: {wellKnownCACertificates: System, hostname: cart.example}}',
    );
    expect(briefly(tlsLayers, cart + front + managed + route + policy)).toEqual([]);
  });

  test('a port of HTTP that leads to 443 of a host outside', () => {
    const outside = serviceEntry(
      'pay',
      'hosts: [pay.example], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP, targetPort: 443}]',
    );
    expect(briefly(tlsLayers, client + outside)).toEqual(['MESH2242 ServiceEntry/pay spec.ports.0']);
    expect(briefly(tlsLayers, client + outside + destinationRule('pay', `host: pay.example, ${simple}`))).toEqual([]);
  });

  test('a port of HTTP that leads to 443 of a host outside is not used where rules lead its requests elsewhere', () => {
    const ports = '{number: 80, name: http, protocol: HTTP, targetPort: 443}, {number: 443, name: https, protocol: HTTPS}';
    const outside = serviceEntry('pay', `hosts: [pay.example], resolution: DNS, ports: [${ports}]`);
    const subset = 'subsets: [{name: tls, trafficPolicy: {portLevelSettings: [{port: {number: 443}, tls: {mode: SIMPLE}}]}}]';
    const rules = (port: number): string =>
      virtualService(
        'pay',
        `hosts: [pay.example], http: [{route: [{destination: {host: pay.example, subset: tls, port: {number: ${port}}}}]}]`,
      );
    const originating = client + outside + destinationRule('pay', `host: pay.example, ${subset}`);
    expect(briefly(tlsLayers, originating + rules(443))).toEqual([]);
    expect(briefly(tlsLayers, originating + rules(80))).toEqual(['MESH2242 ServiceEntry/pay spec.ports.0']);
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

describe('rules for the mesh', () => {
  const cart = service('cart', '{name: http, port: 80}');
  const front = gateway('front', http80);
  const atGateway = (more = ''): string =>
    virtualService('front', `hosts: [cart.example], gateways: [front${more}], http: [{${to('cart')}}]`);
  const slow = virtualService('cart', `hosts: [cart], http: [{timeout: 3s, ${to('cart')}}]`);

  test('do not run behind a gateway', () => {
    expect(briefly(meshRulesBehindGateways, cart + pod('cart') + front + atGateway() + slow)).toEqual([
      'MESH2248 VirtualService/front spec.http.0.route.0.destination',
    ]);
  });

  test('that lead on from a service without endpoints do not run there either', () => {
    const onward = virtualService('cart', `hosts: [cart], http: [{${to('basket')}}]`);
    const basket = service('basket', '{name: http, port: 80}') + pod('basket');
    expect(briefly(meshRulesBehindGateways, cart + basket + front + atGateway() + onward)).toEqual([
      'MESH2249 VirtualService/front spec.http.0.route.0.destination',
    ]);
  });

  test.each([
    ['do nothing but send on', virtualService('cart', `hosts: [cart], http: [{${to('cart')}}]`) + atGateway()],
    [
      'are for the gateway too',
      virtualService('cart', `hosts: [cart, cart.example], gateways: [mesh, front], http: [{timeout: 3s, ${to('cart')}}]`),
    ],
    ['are for other hosts', slow.replace('hosts: [cart]', 'hosts: [basket]') + atGateway()],
    ['stand beside rules for the mesh', slow + virtualService('other', `hosts: [basket], http: [{${to('cart')}}]`)],
  ])('are fine where they %s', (_, yaml) => {
    expect(briefly(meshRulesBehindGateways, cart + pod('cart') + front + yaml)).toEqual([]);
  });
});

describe('kinds of rules at a gateway', () => {
  const ending = '{port: {number: 443, name: tls, protocol: TLS}, hosts: ["*"], tls: {mode: SIMPLE, credentialName: c}}';
  const unsaid = '{port: {number: 443, name: tls, protocol: TLS}, hosts: ["*"], tls: {credentialName: c}}';
  const tcp = '{port: {number: 9000, name: tcp, protocol: TCP}, hosts: ["*"]}';
  const rules = (list: string, host = 'cart.example'): string =>
    virtualService(
      'cart',
      `hosts: [${host}], gateways: [front], ${list}: [{${list === 'tls' ? `match: [{sniHosts: [${host}]}], ` : ''}${to('cart', 80)}}]`,
    );

  test.each([
    [passthrough, 'http'],
    [passthrough, 'tcp'],
    [unsaid, 'tcp'],
    [ending, 'tls'],
    [tcp, 'http'],
    [http80, 'tcp'],
  ])('%s does not use %s rules', (server, list) => {
    expect(briefly(gatewayRuleKinds, gateway('front', server) + rules(list))).toEqual([
      `MESH2250 VirtualService/cart spec.${list}`,
    ]);
  });

  test.each([
    [passthrough, 'tls'],
    [ending, 'tcp'],
    [tcp, 'tcp'],
    [http80, 'http'],
    // Of two servers one uses the rules, and the other waits for its own.
    [`${http80}, ${passthrough}`, 'http'],
    [`${http80.replace('hosts: ["*"]', 'hosts: [cart.example], tls: {httpsRedirect: true}')}, ${passthrough}`, 'tls'],
  ])('%s uses %s rules', (server, list) => {
    expect(briefly(gatewayRuleKinds, gateway('front', server) + rules(list))).toEqual([]);
  });

  test('a server that names the host has no rules of its kind, although another one has', () => {
    const named = [http80, passthrough].map((server) => server.replace('hosts: ["*"]', 'hosts: [cart.example]'));
    expect(briefly(gatewayRuleKinds, gateway('front', ...named) + rules('http'))).toEqual([
      'MESH2250 VirtualService/cart spec.http',
    ]);
    const tls = virtualService(
      'tls',
      `hosts: [cart.example], gateways: [front], tls: [{match: [{sniHosts: [cart.example]}], ${to('cart', 80)}}]`,
    );
    expect(briefly(gatewayRuleKinds, gateway('front', ...named) + rules('http') + tls)).toEqual([]);
  });

  test('a Gateway without rules waits for them', () => {
    expect(briefly(gatewayRuleKinds, gateway('front', passthrough.replace('"*"', 'other.example')) + rules('http'))).toEqual([]);
  });
});

describe('kinds of rules in sidecars', () => {
  const rules = (list: string, more = ''): string =>
    virtualService(
      'cart',
      `hosts: [cart], ${list}: [{${list === 'tls' ? 'match: [{sniHosts: [cart]}], ' : ''}${more}${to('cart', 80)}}]`,
    );
  const found = (list: string): readonly string[] => [`MESH2251 VirtualService/cart spec.${list}.0`];

  test.each([
    ['http', '{name: tcp-80, port: 80}'],
    ['http', '{name: https, port: 443}'],
    ['http', '{name: db, port: 80, appProtocol: mysql}'],
    ['tcp', '{name: http, port: 80}'],
    ['tcp', '{name: tls, port: 443}'],
    ['tls', '{name: http, port: 80}'],
    ['tls', '{name: tcp, port: 80}'],
  ])('%s rules do not act on %s', (list, port) => {
    expect(briefly(rulesByProtocol, service('cart', port) + rules(list))).toEqual(found(list));
  });

  test.each([
    ['http', '{name: http, port: 80}, {name: tcp, port: 90}'],
    ['http', '{name: grpc, port: 80}'],
    ['http', '{port: 80}'],
    ['tcp', '{name: tcp, port: 80}'],
    ['tcp', '{port: 80}'],
    ['tls', '{name: https, port: 443}'],
  ])('%s rules act on %s', (list, port) => {
    expect(briefly(rulesByProtocol, service('cart', port) + rules(list))).toEqual([]);
  });

  test('a match of a port chooses that port', () => {
    const both = service('cart', '{name: http, port: 80}', '{name: tcp, port: 90}');
    expect(briefly(rulesByProtocol, both + rules('http', 'match: [{port: 90}], '))).toEqual(found('http'));
    expect(briefly(rulesByProtocol, both + rules('http', 'match: [{port: 80}], '))).toEqual([]);
  });

  test('rules for a gateway too have their effect there', () => {
    const bound = rules('http').replace('hosts: [cart]', 'hosts: [cart], gateways: [mesh, front]');
    expect(briefly(rulesByProtocol, service('cart', '{name: tcp, port: 80}') + bound)).toEqual([]);
  });
});

describe('hosts', () => {
  const rules = (host: string, more = ''): string =>
    virtualService('cart', `hosts: ["${host}"], ${more}http: [{timeout: 3s, ${to('cart')}}]`);
  const cart = service('cart', '{name: http, port: 80}');

  test('that no service has are known on port 80 only', () => {
    expect(briefly(hostsWithoutService, cart + rules('cart.example'))).toEqual(['MESH2252 VirtualService/cart spec.hosts.0']);
    const [nearest] = findingsOf(hostsWithoutService, cart + rules('cart.shop'));
    expect(nearest?.message).toContain('did you mean "cart.shop.svc.cluster.local"?');
  });

  test('of services, of ServiceEntries, under their wildcards, and of clients of a gateway are fine', () => {
    const entry = serviceEntry(
      'shops',
      'hosts: ["*.shop.example"], resolution: NONE, ports: [{number: 80, name: http, protocol: HTTP}]',
    );
    for (const host of ['cart', 'cart.shop.svc.cluster.local', '*.svc.cluster.local', 'a.shop.example', '*.shop.example', '*']) {
      expect(briefly(hostsWithoutService, cart + entry + rules(host))).toEqual([]);
    }
    expect(briefly(hostsWithoutService, cart + rules('cart.example', 'gateways: [front], '))).toEqual([]);
  });
});

test('a VirtualService that is not exported to the proxies of its gateway', () => {
  const front = gatewayPod('edge/front') + gateway('infra/front', http80);
  const rules = (exportTo: string, namespace = 'shop'): string =>
    virtualService(
      `${namespace}/cart`,
      `hosts: [cart.example], exportTo: [${exportTo}], gateways: [infra/front], http: [{${to('cart')}}]`,
    );
  const found = ['MESH2253 VirtualService/cart spec.exportTo'];
  expect(briefly(hiddenFromGateways, front + rules('"."'))).toEqual(found);
  // What counts is where the proxies run, not where the Gateway stands.
  expect(briefly(hiddenFromGateways, front + rules('infra'))).toEqual(found);
  for (const exportTo of ['edge', '"*"', '".", edge']) expect(briefly(hiddenFromGateways, front + rules(exportTo))).toEqual([]);
  expect(briefly(hiddenFromGateways, front + rules('"."', 'edge'))).toEqual([]);
  expect(briefly(hiddenFromGateways, gateway('infra/front', http80) + rules('"."'))).toEqual([]);
  const byDefault = virtualService('cart', `hosts: [cart.example], gateways: [infra/front], http: [{${to('cart')}}]`);
  expect(briefly(hiddenFromGateways, front + byDefault, { defaultVirtualServiceExportTo: ['.'] })).toEqual(found);
});

describe('rules for connections', () => {
  const ports = [9000, 9001].map((port) => `{port: {number: ${port}, name: tcp-${port}, protocol: TCP}, hosts: ["*"]}`);
  const front = gateway('front', ...ports, passthrough);
  const tcp = (name: string, match = ''): string =>
    virtualService(name, `hosts: [${name}.example], gateways: [front], tcp: [{${match}${to(name, 80)}}]`);
  const tls = (name: string, ...names: readonly string[]): string =>
    virtualService(
      name,
      `hosts: ["*.example"], gateways: [front], tls: [{match: [{sniHosts: [${names.join(', ')}]}], ${to(name, 80)}}]`,
    );
  const at = (port: number): string => `match: [{port: ${port}}], `;

  test('of one port: the first is used', () => {
    expect(briefly(competingConnectionRules, front + tcp('one', at(9000)) + tcp('two', at(9000)))).toEqual([
      'MESH2254 VirtualService/two spec.tcp.0',
    ]);
    expect(briefly(competingConnectionRules, front + tcp('one', at(9000)) + tcp('two', at(9001)))).toEqual([]);
    // One for all ports is used where there is no other.
    expect(briefly(competingConnectionRules, front + tcp('one', at(9000)) + tcp('two'))).toEqual([]);
  });

  test('of one server name: the first is used', () => {
    expect(briefly(competingConnectionRules, front + tls('one', 'a.example') + tls('two', 'a.example', 'b.example'))).toEqual([
      'MESH2254 VirtualService/two spec.tls.0',
    ]);
    expect(briefly(competingConnectionRules, front + tls('one', 'a.example') + tls('two', 'b.example'))).toEqual([]);
    const inMesh = tls('two', 'a.example').replace('gateways: [front], ', '');
    expect(briefly(competingConnectionRules, front + tls('one', 'a.example') + inMesh)).toEqual([]);
  });

  test('that different proxies of the gateway see are all used', () => {
    const pods = gatewayPod('edge/front') + gatewayPod('shop/front');
    const shown = (name: string, to: string): string => tcp(name, at(9000)).replace('spec: {', `spec: {exportTo: [${to}], `);
    expect(briefly(competingConnectionRules, pods + front + shown('one', 'edge') + shown('two', 'shop'))).toEqual([]);
    expect(briefly(competingConnectionRules, pods + front + shown('one', 'edge') + shown('two', 'edge'))).toHaveLength(1);
  });
});

test('a gateway has nowhere to go for a ServiceEntry of resolution NONE', () => {
  const entry = (resolution: string): string =>
    serviceEntry('wild', `hosts: ["*.example"], resolution: ${resolution}, ports: [{number: 80, name: http, protocol: HTTP}]`);
  const rules = (gateways: string): string =>
    virtualService(
      'out',
      `hosts: ["*.example"], gateways: [mesh, front], http: [{match: [{gateways: [${gateways}]}], ${to('"*.example"', 80)}}]`,
    );
  const front = gateway('front', http80);
  expect(briefly(gatewaysToNoAddresses, front + entry('NONE') + rules('front'))).toEqual([
    'MESH2255 VirtualService/out spec.http.0.route.0.destination',
  ]);
  expect(briefly(gatewaysToNoAddresses, front + entry('NONE') + rules('mesh'))).toEqual([]);
  const named = entry('DNS').replace('*.example', 'a.example') + rules('front').replace('host: "*.example"', 'host: a.example');
  expect(briefly(gatewaysToNoAddresses, front + named)).toEqual([]);
});

describe('port 443 in clear text', () => {
  const server = (more = '', port = 443): string => `{port: {number: ${port}, name: http, protocol: HTTP}, hosts: ["*"]${more}}`;
  const redirecting = ', tls: {httpsRedirect: true}';
  const door = (annotations: string, ...ports: readonly string[]): string =>
    gatewayPod('front') +
    resource(
      'v1',
      'Service',
      'front',
      `{selector: {istio: ingress}, ports: [${ports.join(', ')}]}`,
      `, annotations: {${annotations}}`,
    );
  const plain = door('', '{name: https, port: 443, targetPort: 8443}', '{name: http2, port: 80, targetPort: 8080}');
  const certificate = 'service.beta.kubernetes.io/aws-load-balancer-ssl-cert: arn';
  const ended = door(certificate, '{name: https, port: 443, targetPort: 8443}', '{name: http2, port: 80, targetPort: 8080}');

  test('serves nobody who speaks TLS', () => {
    expect(briefly(gatewayPort443, plain + gateway('front', server()))).toEqual(['MESH2256 Gateway/front spec.servers.0']);
    const elsewhere = door(
      `${certificate}, service.beta.kubernetes.io/aws-load-balancer-ssl-ports: "8443"`,
      '{name: https, port: 443, targetPort: 8443}',
    );
    expect(briefly(gatewayPort443, elsewhere + gateway('front', server()))).toHaveLength(1);
  });

  test('redirects in a loop, also where the port of the balancer leads to that of plain HTTP', () => {
    const found = ['MESH2257 Gateway/front spec.servers.0'];
    expect(briefly(gatewayPort443, ended + gateway('front', server(redirecting)))).toEqual(found);
    expect(briefly(gatewayPort443, plain + gateway('front', server(redirecting)))).toEqual(found);
    const both = door(certificate, '{name: https, port: 443, targetPort: 8080}', '{name: http2, port: 80, targetPort: 8080}');
    expect(briefly(gatewayPort443, both + gateway('front', server(redirecting, 80)))).toEqual(found);
    const trusting = { defaultConfig: { gatewayTopology: { numTrustedProxies: 1 } } };
    expect(briefly(gatewayPort443, ended + gateway('front', server(redirecting)), trusting)).toEqual([]);
  });

  test('is right where the balancer ends TLS, and on other ports', () => {
    expect(briefly(gatewayPort443, ended + gateway('front', server(), server(redirecting, 80)))).toEqual([]);
    expect(briefly(gatewayPort443, plain + gateway('front', server(redirecting, 80), passthrough))).toEqual([]);
  });

  test('of a listener of the Gateway API', () => {
    const api = 'gateway.networking.k8s.io/v1';
    const listener = (protocol: string): string =>
      resource(api, 'Gateway', 'front', `{gatewayClassName: istio, listeners: [{name: web, port: 443, protocol: ${protocol}}]}`);
    expect(briefly(gatewayPort443, listener('HTTP'))).toEqual(['MESH2256 Gateway/front spec.listeners.0']);
  });
});

test('a Sidecar that hides services lets calls to them pass', () => {
  const far = service('far/cart', '{name: http, port: 80}');
  const sidecar = (spec: string, name = 'only'): string =>
    resource(NETWORKING, 'Sidecar', name, `{egress: [{hosts: [${spec}]}]}`);
  const found = ['MESH2258 Sidecar/only spec.egress'];
  expect(briefly(sidecarsThatLetPass, far + sidecar('"./*"'))).toEqual(found);
  expect(briefly(sidecarsThatLetPass, far + sidecar('"istio-system/*"', 'istio-system/only'))).toEqual(found);
  expect(briefly(sidecarsThatLetPass, far + sidecar('"./*", far/cart.far.svc.cluster.local'))).toEqual([]);
  expect(briefly(sidecarsThatLetPass, far + sidecar('"*/*"'))).toEqual([]);
  expect(briefly(sidecarsThatLetPass, far + sidecar('"./*"'), { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } })).toEqual([]);
  // Of many Sidecars, which the setting of the mesh lets pass, one is named.
  const many = Array.from({ length: 7 }, (_, index) => sidecar('"./*"', `only-${index}`)).join('');
  expect(briefly(sidecarsThatLetPass, far + many)).toEqual(['MESH2258 Sidecar/only-0 spec.egress']);
  const closed = sidecar('"./*"').replace('spec: {', 'spec: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}, ');
  expect(briefly(sidecarsThatLetPass, far + closed)).toEqual([]);
});

test('a ServiceEntry hides ports of one in another namespace from the clients of its own', () => {
  const entry = (name: string, port: number, more = ''): string =>
    serviceEntry(name, `hosts: [ice.example], ${more}ports: [{number: ${port}, name: tcp, protocol: TCP}]`);
  expect(briefly(entriesThatHide, client + entry('ice', 80) + entry('south/ice', 443))).toEqual([
    'MESH2259 ServiceEntry/ice spec.ports',
  ]);
  expect(briefly(entriesThatHide, client + entry('ice', 443) + entry('south/ice', 443))).toEqual([]);
  expect(briefly(entriesThatHide, client + entry('ice', 80) + entry('ice-tls', 443) + entry('south/ice', 443))).toEqual([]);
  expect(briefly(entriesThatHide, client + entry('ice', 80) + entry('south/ice', 443, 'exportTo: ["."], '))).toEqual([]);
  expect(briefly(entriesThatHide, entry('ice', 80) + entry('south/ice', 443))).toEqual([]);
});

test('two Services give one port of the same pods two protocols', () => {
  const two = (first: string, second: string, target = 8080): string =>
    pod('grain') +
    service('grain', `{name: ${first}, port: 80, targetPort: 8080}`) +
    resource('v1', 'Service', 'other', `{selector: {app: grain}, ports: [{name: ${second}, port: 81, targetPort: ${target}}]}`);
  expect(briefly(portsOfTwoProtocols, two('http', 'tcp'))).toEqual(['MESH2260 Service/other spec.ports']);
  expect(briefly(portsOfTwoProtocols, two('grpc', 'tls'))).toEqual(['MESH2260 Service/other spec.ports']);
  for (const yaml of [two('http', 'http-in'), two('tcp', 'tls'), two('http', 'tcp', 9090), two('http', 'grpc')]) {
    expect(briefly(portsOfTwoProtocols, yaml)).toEqual([]);
  }
});

test('a made-up host with fixed endpoints has to be in DNS', () => {
  const entry = (host: string, more: string): string =>
    serviceEntry('moth', `hosts: ["${host}"], ports: [{number: 80, name: http, protocol: HTTP}], ${more}`);
  const fixed = 'resolution: STATIC, endpoints: [{address: 192.0.2.1}]';
  expect(briefly(unresolvedNames, client + entry('moth.internal', fixed))).toEqual(['MESH2261 ServiceEntry/moth spec.hosts.0']);
  for (const yaml of [
    entry('moth.internal', `${fixed}, addresses: [240.0.0.9]`),
    entry('moth.internal', 'resolution: DNS'),
    entry('moth.example.com', fixed),
    entry('*.internal', 'resolution: STATIC, endpoints: [{address: 192.0.2.1}]'),
    entry('cart.shop.svc.cluster.local', fixed) + service('cart', '{name: http, port: 80}'),
    entry('cart.shop', fixed) + service('cart', '{name: http, port: 80}'),
    entry('moth.internal', 'resolution: STATIC, endpoints: [{address: 127.0.0.1}]'),
  ]) {
    expect(briefly(unresolvedNames, client + yaml)).toEqual([]);
  }
  const capturing = { defaultConfig: { proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'true' } } };
  expect(briefly(unresolvedNames, client + entry('moth.internal', fixed), capturing)).toEqual([]);
  // What Go does not read as a boolean, the agent takes for false.
  const misspelt = { defaultConfig: { proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'tRue' } } };
  expect(briefly(unresolvedNames, client + entry('moth.internal', fixed), misspelt)).toHaveLength(1);
  const provider = { extensionProviders: [{ name: 'moth', envoyExtAuthzHttp: { service: 'moth.internal', port: 80 } }] };
  expect(briefly(unresolvedNames, client + entry('moth.internal', fixed), provider)).toEqual([]);
});

describe('paths of policies', () => {
  const arch = service('arch', '{name: http, port: 80}') + pod('arch');
  const rewriting = (uri: string, more = ''): string =>
    virtualService('arch', `hosts: [arch], ${more}http: [{match: [{uri: ${uri}}], rewrite: {uri: /new}, ${to('arch')}}]`);
  const policy = (name: string, paths: string, selector = 'selector: {matchLabels: {app: arch}}, '): string =>
    resource(
      'security.istio.io/v1',
      'AuthorizationPolicy',
      name,
      `{${selector}action: DENY, rules: [{to: [{operation: {paths: [${paths}]}}]}]}`,
    );
  const found = ['MESH2262 AuthorizationPolicy/arch spec.rules.0.to.0.operation.paths.0'];

  test.each([
    ['{prefix: /old}', '/old'],
    ['{prefix: /old}', '/old/a'],
    ['{prefix: /old}', '/old*'],
    ['{prefix: /old/}', '/old*'],
    ['{exact: /old}', '/old'],
    ['{regex: "/old.*"}', '/old/a'],
  ])('that %s rewrites: %s', (uri, path) => {
    expect(briefly(rewrittenPolicyPaths, arch + rewriting(uri) + policy('arch', `"${path}"`))).toEqual(found);
  });

  test('that a route of the Gateway API rewrites', () => {
    const route = (path: string): string =>
      resource(
        'gateway.networking.k8s.io/v1',
        'HTTPRoute',
        'arch',
        `{parentRefs: [{group: "", kind: Service, name: arch}], rules: [{matches: [{path: {type: PathPrefix, value: /old}}], filters: [{type: URLRewrite, urlRewrite: {path: ${path}}}], backendRefs: [{name: arch, port: 80}]}]}`,
      );
    for (const path of [
      '{type: ReplacePrefixMatch, replacePrefixMatch: /new}',
      '{type: ReplaceFullPath, replaceFullPath: /new}',
    ]) {
      expect(briefly(rewrittenPolicyPaths, arch + route(path) + policy('arch', '/old/a'))).toEqual(found);
    }
  });

  test('are judged at the workload, wherever they are rewritten', () => {
    const front = gatewayPod('front') + gateway('front', http80) + rewriting('{prefix: /old}', 'gateways: [front], ');
    expect(briefly(rewrittenPolicyPaths, arch + front + policy('arch', '/old'))).toEqual(found);
    const atGateway = policy('arch', '/old', 'selector: {matchLabels: {istio: ingress}}, ');
    expect(briefly(rewrittenPolicyPaths, arch + front + atGateway)).toEqual([]);
    expect(briefly(rewrittenPolicyPaths, arch + front + policy('istio-system/arch', '/old', ''))).toEqual([]);
    expect(briefly(rewrittenPolicyPaths, arch + rewriting('{prefix: /old}') + policy('istio-system/arch', '/old', ''))).toEqual(
      found,
    );
  });

  test.each([
    ['{prefix: /old}', '/new'],
    ['{prefix: /old}', '/other'],
    ['{prefix: /old}', '/old", "/new*'],
    ['{exact: /old}', '/old/a'],
    ['{prefix: /new/old}', '/new*'],
    ['{prefix: /old}', '*'],
  ])('that %s does not touch: %s', (uri, path) => {
    expect(briefly(rewrittenPolicyPaths, arch + rewriting(uri) + policy('arch', `"${path}"`))).toEqual([]);
  });
});
