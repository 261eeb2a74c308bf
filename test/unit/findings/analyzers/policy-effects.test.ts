import { describe, expect, test } from 'vitest';
import type { MeshConfig } from '../../../../src/api/istio.gen.ts';
import { clientAddresses } from '../../../../src/findings/analyzers/client-addresses.ts';
import { deniedIdentities } from '../../../../src/findings/analyzers/denied-identities.ts';
import { httpFieldsOnTcp } from '../../../../src/findings/analyzers/http-fields-on-tcp.ts';
import { identitiesAtGateways } from '../../../../src/findings/analyzers/identities-at-gateways.ts';
import { mutualTlsOfClients } from '../../../../src/findings/analyzers/mutual-tls-of-clients.ts';
import { preflights } from '../../../../src/findings/analyzers/preflights.ts';
import { briefly, findingsOf } from './support.ts';

const NETWORKING = 'networking.istio.io/v1';
const SECURITY = 'security.istio.io/v1';

/** A resource in namespace `shop`. */
function resource(apiVersion: string, kind: string, name: string, spec: string, metadata = ''): string {
  return `\n---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: shop${metadata}}\nspec: {${spec}}\n`;
}
const selecting = (app: string): string => `selector: {matchLabels: {app: ${app}}}`;
const policy = (name: string, spec: string, metadata = ''): string =>
  resource(SECURITY, 'AuthorizationPolicy', name, spec, metadata);
const atFront = (name: string, spec: string, metadata = ''): string => policy(name, `${selecting('front')}, ${spec}`, metadata);
const gatewayPod = resource(
  'v1',
  'Pod',
  'front',
  'containers: [{name: istio-proxy, image: proxyv2}]',
  ', labels: {app: front}, annotations: {inject.istio.io/templates: gateway}',
);
const frontService = (more: string, metadata = ''): string =>
  resource(
    'v1',
    'Service',
    'front',
    `selector: {app: front}, ports: [{name: http, port: 80, targetPort: 8080}], ${more}`,
    metadata,
  );
const gateway = (...servers: readonly string[]): string =>
  resource(NETWORKING, 'Gateway', 'front', `selector: {app: front}, servers: [${servers.join(', ')}]`);
const http80 = '{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}';
const mutual443 = '{port: {number: 443, name: https, protocol: HTTPS}, hosts: ["*"], tls: {mode: MUTUAL, credentialName: front}}';
const workload = (name: string, ...ports: readonly string[]): string =>
  resource('v1', 'Pod', name, 'containers: [{name: app, image: app}]', `, labels: {app: ${name}}`) +
  resource('v1', 'Service', name, `selector: {app: ${name}}, ports: [${ports.join(', ')}]`);

describe('preflights', () => {
  const front = gatewayPod + gateway(http80);
  const cors = 'corsPolicy: {allowOrigins: [{exact: "https://app.example"}]}';
  const rules = (match = ''): string =>
    resource(
      NETWORKING,
      'VirtualService',
      'cart',
      `hosts: [cart.example], gateways: [front], http: [{${match}${cors}, route: [{destination: {host: cart}}]}]`,
    );
  const token = '{from: [{source: {requestPrincipals: ["*"]}}]}';
  const tokenFor = (operation: string): string =>
    `{from: [{source: {requestPrincipals: ["*"]}}], to: [{operation: {${operation}}}]}`;
  const noToken = (operation: string): string =>
    `action: DENY, rules: [{from: [{source: {notRequestPrincipals: ["*"]}}], to: [{operation: {${operation}}}]}]`;
  const refused = ['MESH2270 AuthorizationPolicy/jwt spec.rules.0'];

  test.each([
    ['ask for a token', `rules: [${token}]`],
    ['ask for a claim', 'rules: [{when: [{key: "request.auth.claims[group]", values: [a]}]}]'],
    ['ask for a header', 'rules: [{when: [{key: "request.headers[authorization]", values: ["Bearer*"]}]}]'],
    ['allow some methods', 'rules: [{to: [{operation: {methods: [GET, POST]}}]}]'],
    ['let OPTIONS through on other paths', `rules: [${token}, {to: [{operation: {methods: [OPTIONS], paths: [/a*]}}]}]`],
    ['let OPTIONS through to another host', `rules: [${token}, {to: [{operation: {methods: [OPTIONS], hosts: [b.example]}}]}]`],
    ['let through without a token elsewhere', `rules: [${tokenFor('paths: [/api/*]')}, {to: [{operation: {paths: [/health]}}]}]`],
    ['deny without a token', noToken('paths: ["/*"]')],
    ['deny without a token on some paths', noToken('paths: ["/api/*"]')],
    ['deny without a token but for a path', noToken('notPaths: [/health]')],
    ['deny other methods', 'action: DENY, rules: [{to: [{operation: {notMethods: [GET, POST]}}]}]'],
  ])('are refused by policies that %s', (_, spec) => {
    expect(briefly(preflights, front + rules() + atFront('jwt', spec))).toEqual(refused);
  });

  test.each([
    ['let OPTIONS through', `rules: [${token}, {to: [{operation: {methods: [OPTIONS]}}]}]`],
    [
      'ask for a token on paths where they let OPTIONS through',
      `rules: [${tokenFor('paths: [/a/b*]')}, {to: [{operation: {paths: [/a*]}}]}]`,
    ],
    ['ask for a token elsewhere', `rules: [${tokenFor('hosts: [till.example]')}, {to: [{operation: {hosts: ["*"]}}]}]`],
    ['deny without a token but for OPTIONS', noToken('notMethods: [OPTIONS]')],
    ['deny without a token at another host', noToken('hosts: [till.example, "till.example:*"]')],
    ['deny a path', 'action: DENY, rules: [{to: [{operation: {paths: [/admin]}}]}]'],
    ['deny with a token', 'action: DENY, rules: [{from: [{source: {requestPrincipals: ["a/b"]}}]}]'],
    ['allow all', 'rules: [{}]'],
    ['ask for an identity that nobody has there', 'rules: [{from: [{source: {principals: ["*"]}}]}]'],
  ])('pass policies that %s', (_, spec) => {
    expect(briefly(preflights, front + rules() + atFront('jwt', spec))).toEqual([]);
  });

  test('pass where the rule with CORS is for other paths, or for other methods', () => {
    const jwt = atFront('jwt', `rules: [${tokenFor('paths: [/api*]')}, {to: [{operation: {paths: [/web*]}}]}]`);
    expect(briefly(preflights, front + rules('match: [{uri: {prefix: /web}}], ') + jwt)).toEqual([]);
    expect(briefly(preflights, front + rules('match: [{uri: {prefix: /api}}], ') + jwt)).toEqual(refused);
    expect(briefly(preflights, front + rules('match: [{uri: {prefix: /api}, method: {exact: GET}}], ') + jwt)).toEqual([]);
  });

  test('pass policies behind the gateway and those that are only tried out', () => {
    const behind = workload('cart', '{name: http, port: 80}') + policy('jwt', `${selecting('cart')}, rules: [${token}]`);
    expect(briefly(preflights, front + rules() + behind)).toEqual([]);
    const tried = atFront('jwt', `rules: [${token}]`, ', annotations: {istio.io/dry-run: "true"}');
    expect(briefly(preflights, front + rules() + tried)).toEqual([]);
  });
});

describe('addresses of clients at gateways', () => {
  const balancer = 'type: LoadBalancer';
  const front = gatewayPod + gateway(http80);
  const source = atFront('office', 'rules: [{from: [{source: {ipBlocks: [203.0.113.0/24]}}]}]');
  const remote = atFront('office', 'rules: [{when: [{key: remote.ip, values: [203.0.113.0/24]}]}]');
  const topology = (gatewayTopology: MeshConfig['defaultConfig']): MeshConfig => ({ defaultConfig: gatewayTopology ?? {} });

  test('are hidden by a balancer whose Service is not Local', () => {
    const found = ['MESH2271 AuthorizationPolicy/office spec.rules.0.from.0.source.ipBlocks'];
    expect(briefly(clientAddresses, front + frontService(balancer) + source)).toEqual(found);
    expect(briefly(clientAddresses, front + frontService('type: NodePort') + source)).toEqual(found);
  });

  test('are seen where the Service is Local, by the PROXY protocol, and behind a balancer that sends to pods', () => {
    expect(briefly(clientAddresses, front + frontService(`${balancer}, externalTrafficPolicy: Local`) + source)).toEqual([]);
    expect(briefly(clientAddresses, front + frontService('type: ClusterIP') + source)).toEqual([]);
    const known = topology({ gatewayTopology: { proxyProtocol: {} } });
    expect(briefly(clientAddresses, front + frontService(balancer) + source + remote.replace('office', 'home'), known)).toEqual(
      [],
    );
    const toPods = ', annotations: {service.beta.kubernetes.io/aws-load-balancer-nlb-target-type: ip}';
    expect(briefly(clientAddresses, front + frontService(balancer, toPods) + source)).toEqual([]);
  });

  test('are told by X-Forwarded-For only with numTrustedProxies', () => {
    const found = ['MESH2272 AuthorizationPolicy/office spec.rules.0.when.0.values'];
    expect(briefly(clientAddresses, front + remote)).toEqual(found);
    expect(briefly(clientAddresses, front + remote, topology({ gatewayTopology: { numTrustedProxies: 1 } }))).toEqual([]);
  });

  test('matter at gateways only', () => {
    const cart = workload('cart', '{name: http, port: 80}');
    const both = 'rules: [{from: [{source: {ipBlocks: [10.0.0.1]}}, {source: {remoteIpBlocks: [10.0.0.1]}}]}]';
    expect(briefly(clientAddresses, cart + policy('cart', `${selecting('cart')}, ${both}`))).toEqual([]);
  });
});

describe('identities at gateways', () => {
  const byNamespace = 'rules: [{from: [{source: {namespaces: ["*"]}}]}]';
  const found = ['MESH2277 AuthorizationPolicy/guests spec.rules.0.from.0.source.namespaces'];

  test('are never known without mutual TLS', () => {
    expect(briefly(identitiesAtGateways, gatewayPod + gateway(http80) + atFront('guests', byNamespace))).toEqual(found);
    const beside = 'rules: [{from: [{source: {namespaces: [a]}}, {source: {ipBlocks: [192.0.2.0/24]}}]}]';
    expect(briefly(identitiesAtGateways, gatewayPod + gateway(http80) + atFront('guests', beside))).toEqual(found);
    const when = 'rules: [{when: [{key: source.principal, values: ["*"]}]}]';
    expect(briefly(identitiesAtGateways, gatewayPod + gateway(http80) + atFront('guests', when))).toEqual([
      'MESH2277 AuthorizationPolicy/guests spec.rules.0.when.0.values',
    ]);
  });

  test('are known with it; and others may deny by them, or let all in beside a policy for the namespace', () => {
    expect(briefly(identitiesAtGateways, gatewayPod + gateway(http80, mutual443) + atFront('guests', byNamespace))).toEqual([]);
    expect(
      briefly(identitiesAtGateways, gatewayPod + gateway(http80) + atFront('guests', `action: DENY, ${byNamespace}`)),
    ).toEqual([]);
    const open = atFront('all', 'rules: [{}]') + policy('guests', byNamespace);
    expect(briefly(identitiesAtGateways, gatewayPod + gateway(http80) + open)).toEqual([]);
    expect(briefly(identitiesAtGateways, gatewayPod + gateway(http80) + policy('guests', byNamespace))).toEqual(found);
    expect(briefly(identitiesAtGateways, gatewayPod + atFront('guests', byNamespace))).toEqual([]);
  });
});

describe('identities that are denied', () => {
  const cart = workload('cart', '{name: http, port: 80, targetPort: 8080}');
  const dev = policy('no-dev', 'action: DENY, rules: [{from: [{source: {namespaces: [dev]}}]}]');
  const found = ['MESH2279 AuthorizationPolicy/no-dev spec.rules.0.from.0.source.namespaces'];
  const mutualTls = (spec: string): string => resource(SECURITY, 'PeerAuthentication', 'cart', spec);

  test('pass as plain text', () => {
    expect(briefly(deniedIdentities, cart + dev)).toEqual(found);
    expect(briefly(deniedIdentities, cart + dev + mutualTls('mtls: {mode: DISABLE}'))).toEqual(found);
    const onPort = `${selecting('cart')}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: PERMISSIVE}}`;
    expect(briefly(deniedIdentities, cart + dev + mutualTls(onPort))).toEqual(found);
    const some = policy('some', 'rules: [{from: [{source: {namespaces: [a]}}, {source: {ipBlocks: [10.0.0.1]}}]}]');
    expect(briefly(deniedIdentities, cart + dev + some)).toEqual(found);
  });

  test.each([
    ['mutual TLS is STRICT', dev + mutualTls('mtls: {mode: STRICT}')],
    [
      'mutual TLS is STRICT at the port',
      policy('no-dev', 'action: DENY, rules: [{from: [{source: {namespaces: [dev]}}], to: [{operation: {ports: ["8080"]}}]}]') +
        mutualTls(`${selecting('cart')}, mtls: {mode: PERMISSIVE}, portLevelMtls: {8080: {mode: STRICT}}`),
    ],
    ['others are let in by identity only', dev + policy('some', 'rules: [{from: [{source: {principals: ["*"]}}]}]')],
    ['plain text is denied too', dev + policy('plain', 'action: DENY, rules: [{from: [{source: {notPrincipals: ["*"]}}]}]')],
    ['all but some are denied', policy('no-dev', 'action: DENY, rules: [{from: [{source: {notNamespaces: [shop]}}]}]')],
    ['addresses are denied', policy('no-dev', 'action: DENY, rules: [{from: [{source: {ipBlocks: [10.0.0.1]}}]}]')],
  ])('do not pass where %s', (_, yaml) => {
    expect(briefly(deniedIdentities, cart + yaml)).toEqual([]);
  });
});

describe('fields of HTTP', () => {
  const get = 'rules: [{to: [{operation: {methods: [GET]}}]}]';
  const found = ['MESH2278 AuthorizationPolicy/wine spec.rules.0.to.0.operation.methods'];

  test('allow nothing at ports of TCP', () => {
    expect(briefly(httpFieldsOnTcp, workload('wine', '{name: tcp, port: 5432}') + policy('wine', get))).toEqual(found);
    const both = workload('wine', '{name: http, port: 80}', '{name: tls, port: 443}') + policy('wine', get);
    const [finding] = findingsOf(httpFieldsOnTcp, both);
    expect(finding?.message).toContain('port 443');
    const passthrough = '{port: {number: 443, name: tls, protocol: TLS}, hosts: ["*"], tls: {mode: PASSTHROUGH}}';
    expect(briefly(httpFieldsOnTcp, gatewayPod + gateway(http80, passthrough) + policy('wine', get))).toEqual(found);
  });

  test.each([
    ['at ports of HTTP', workload('wine', '{name: http, port: 80}') + policy('wine', get)],
    ['at ports that are looked into', workload('wine', '{name: wine, port: 80}') + policy('wine', get)],
    [
      'for other ports',
      workload('wine', '{name: tcp, port: 5432}', '{name: http, port: 80}') +
        policy('wine', 'rules: [{to: [{operation: {methods: [GET], ports: ["80"]}}]}]'),
    ],
    [
      'beside a rule for the port',
      workload('wine', '{name: tcp, port: 5432}') +
        policy('wine', get) +
        policy('data', 'rules: [{from: [{source: {principals: ["*"]}}], to: [{operation: {ports: ["5432"]}}]}]'),
    ],
    ['at gateways of HTTP', gatewayPod + gateway(http80, mutual443) + policy('wine', get)],
    ['that deny', workload('wine', '{name: tcp, port: 5432}') + policy('wine', `action: DENY, ${get}`)],
  ])('%s are right', (_, yaml) => {
    expect(briefly(httpFieldsOnTcp, yaml)).toEqual([]);
  });
});

describe('mutual TLS of clients', () => {
  const strict = 'mtls: {mode: STRICT}';
  const off = resource(SECURITY, 'PeerAuthentication', 'all', 'mtls: {mode: DISABLE}').replace('shop', 'istio-system');
  const peers = (spec: string): string => resource(SECURITY, 'PeerAuthentication', 'cart', `${selecting('cart')}, ${spec}`);
  const cart = workload('cart', '{name: http, port: 80, targetPort: 8080}');
  const headless = cart.replace('selector: {app: cart}', 'clusterIP: None, selector: {app: cart}');
  const rule = (mode: string): string =>
    resource(NETWORKING, 'DestinationRule', 'cart', `host: cart, trafficPolicy: {tls: {mode: ${mode}}}`);

  test('is off for the mesh, and demanded by a workload', () => {
    const found = ['MESH2275 PeerAuthentication/cart spec.mtls'];
    expect(briefly(mutualTlsOfClients, cart + off + peers(strict))).toEqual(found);
    expect(briefly(mutualTlsOfClients, cart + off.replace('istio-system', 'shop') + peers(strict))).toEqual(found);
    expect(briefly(mutualTlsOfClients, cart + peers(strict), { enableAutoMtls: false })).toEqual(found);
  });

  test('is spoken to a port of a headless service that takes plain text', () => {
    const byPort = peers(`${strict}, portLevelMtls: {8080: {mode: DISABLE}}`);
    expect(briefly(mutualTlsOfClients, headless + byPort)).toEqual(['MESH2275 PeerAuthentication/cart spec.portLevelMtls.8080']);
    expect(briefly(mutualTlsOfClients, cart + byPort)).toEqual([]);
  });

  test('is not spoken to a headless service of which a pod has no sidecar', () => {
    const all = resource(SECURITY, 'PeerAuthentication', 'all', strict);
    const bare = resource(
      'v1',
      'Pod',
      'bare',
      'containers: [{name: app, image: app}]',
      ', labels: {app: cart, sidecar.istio.io/inject: "false"}',
    );
    expect(briefly(mutualTlsOfClients, headless + all + bare)).toEqual(['MESH2275 Service/cart metadata.name']);
    expect(briefly(mutualTlsOfClients, headless + all)).toEqual([]);
  });

  test.each([
    ['a DestinationRule says it', cart + off + peers(strict) + rule('ISTIO_MUTUAL')],
    ['it may be spoken', cart + off + peers('mtls: {mode: PERMISSIVE}')],
    ['nothing else is said', cart + peers(strict)],
    ['a headless service demands it', headless + peers(strict)],
    ['a headless service has a DestinationRule', headless + peers('mtls: {mode: DISABLE}') + rule('DISABLE')],
  ])('fits where %s', (_, yaml) => {
    expect(briefly(mutualTlsOfClients, yaml)).toEqual([]);
  });

  test('is set for the port of a Service in place of that of the container', () => {
    const byPort = (port: number): string => peers(`portLevelMtls: {${port}: {mode: STRICT}}`);
    expect(briefly(mutualTlsOfClients, cart + byPort(80))).toEqual(['MESH2276 PeerAuthentication/cart spec.portLevelMtls.80']);
    expect(briefly(mutualTlsOfClients, cart + byPort(8080))).toEqual([]);
    expect(briefly(mutualTlsOfClients, cart + byPort(9102))).toEqual([]);
    const listening = cart.replace('image: app', 'image: app, ports: [{containerPort: 80}]');
    expect(briefly(mutualTlsOfClients, listening + byPort(80))).toEqual([]);
  });
});
