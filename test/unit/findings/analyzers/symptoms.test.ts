import { describe, expect, test } from 'vitest';
import { deniedGateways } from '../../../../src/findings/analyzers/denied-gateways.ts';
import { grpcBackends } from '../../../../src/findings/analyzers/grpc-backends.ts';
import { policyPorts } from '../../../../src/findings/analyzers/policy-ports.ts';
import { redirects } from '../../../../src/findings/analyzers/redirects.ts';
import { servicesWithoutEndpoints } from '../../../../src/findings/analyzers/services-without-endpoints.ts';
import { tokensBehindGateways } from '../../../../src/findings/analyzers/tokens-behind-gateways.ts';
import { certificate, certificateKey } from '../../../support/certificates.ts';
import { briefly, findingsOf } from './support.ts';

const NETWORKING = 'networking.istio.io/v1';
const SECURITY = 'security.istio.io/v1';
const GATEWAY_API = 'gateway.networking.k8s.io/v1';

/** A resource in namespace `shop`, or `namespace/name`. */
function resource(apiVersion: string, kind: string, name: string, spec: string, metadata = ''): string {
  const [first = '', second] = name.split('/');
  const [namespace, own] = second === undefined ? ['shop', first] : [first, second];
  return `\n---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${own}, namespace: ${namespace}${metadata}}\nspec: {${spec}}\n`;
}
const pod = (name: string, labels: string, ports = '[{containerPort: 8080}]'): string =>
  resource('v1', 'Pod', name, `containers: [{name: app, image: app, ports: ${ports}}]`, `, labels: {${labels}}`);
const service = (name: string, selector: string, ...ports: readonly string[]): string =>
  resource('v1', 'Service', name, `selector: {${selector}}, ports: [${ports.join(', ')}]`);
const http = '{name: http, port: 80, targetPort: 8080}';
const web = pod('web', 'app: web') + service('web', 'app: web', http);
const edge =
  resource(
    'v1',
    'Pod',
    'edge/front',
    'serviceAccountName: front, containers: [{name: istio-proxy, image: proxyv2}]',
    ', labels: {istio: ingress}, annotations: {inject.istio.io/templates: gateway}',
  ) +
  service(
    'edge/front',
    'istio: ingress',
    '{name: http, port: 80, targetPort: 8080}',
    '{name: https, port: 443, targetPort: 8443}',
  );
const http80 = '{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}';
const https443 = '{port: {number: 443, name: https, protocol: HTTPS}, hosts: ["*"], tls: {mode: SIMPLE, credentialName: c}}';
const gateway = (name: string, ...servers: readonly string[]): string =>
  resource(NETWORKING, 'Gateway', name, `selector: {istio: ingress}, servers: [${servers.join(', ')}]`);
const front = edge + gateway('front', http80);
const toWeb = 'route: [{destination: {host: web}}]';
const atFront = (...rules: readonly string[]): string =>
  resource(NETWORKING, 'VirtualService', 'web', `hosts: [web.example], gateways: [front], http: [${rules.join(', ')}]`);
const policy = (name: string, spec: string): string => resource(SECURITY, 'AuthorizationPolicy', name, spec);

describe('redirects at gateways', () => {
  const both = edge + gateway('front', http80, https443);
  const found = ['MESH2263 VirtualService/web spec.http.0.redirect'];

  test('to https never end where https comes by them, too', () => {
    expect(briefly(redirects, both + atFront('{redirect: {scheme: https}}'))).toEqual(found);
    expect(briefly(redirects, both + atFront('{redirect: {scheme: https, authority: web.example}}'))).toEqual(found);
  });

  test('to their own host never end', () => {
    expect(briefly(redirects, front + atFront('{redirect: {authority: web.example}}'))).toEqual(found);
  });

  test('of the Gateway API never end where the route is bound to all listeners', () => {
    const listeners =
      '{name: http, port: 80, protocol: HTTP}, {name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: c}]}}';
    const api = resource(GATEWAY_API, 'Gateway', 'api', `gatewayClassName: istio, listeners: [${listeners}]`);
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const data = `{tls.crt: ${base64(certificate)}, tls.key: ${base64(certificateKey)}}`;
    const secret = resource('v1', 'Secret', 'c', '').replace('spec: {}', `type: kubernetes.io/tls\ndata: ${data}`);
    const route = (section: string): string =>
      resource(
        GATEWAY_API,
        'HTTPRoute',
        'web',
        `parentRefs: [{name: api${section}}], rules: [{filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]}]`,
      );
    expect(briefly(redirects, api + secret + route(''))).toEqual(['MESH2263 HTTPRoute/web spec.rules.0']);
    expect(briefly(redirects, api + secret + route(', sectionName: http'))).toEqual([]);
  });

  test.each([
    ['only plain HTTP comes by them', front + atFront('{redirect: {scheme: https}}')],
    ['a match leaves https out', both + atFront(`{match: [{port: 80}], redirect: {scheme: https}}`, `{${toWeb}}`)],
    [
      'a match on what a balancer says leaves it out',
      both + atFront('{match: [{headers: {x-forwarded-proto: {exact: http}}}], redirect: {scheme: https}}'),
    ],
    ['an earlier rule takes https', both + atFront(`{match: [{port: 443}], ${toWeb}}`, '{redirect: {scheme: https}}')],
    ['the path becomes another', both + atFront('{redirect: {scheme: https, uri: /new}}')],
    ['the host becomes another', both + atFront('{redirect: {authority: other.example}}')],
    [
      'the server redirects itself',
      edge +
        gateway('front', http80.replace('hosts', 'tls: {httpsRedirect: true}, hosts')) +
        atFront('{redirect: {scheme: http}}'),
    ],
    ['the rule is for the mesh', both + atFront('{redirect: {scheme: https}}').replace('gateways: [front]', 'gateways: [mesh]')],
  ])('end where %s', (_, yaml) => {
    expect(briefly(redirects, yaml)).toEqual([]);
  });
});

describe('ports of policies', () => {
  const ports = (value: string): string => policy('web', `rules: [{to: [{operation: {ports: ["${value}"]}}]}]`);

  test('are those of the workload, not of its Service', () => {
    expect(briefly(policyPorts, web + ports('80'))).toEqual([
      'MESH2284 AuthorizationPolicy/web spec.rules.0.to.0.operation.ports.0',
    ]);
    const condition = policy('web', 'rules: [{when: [{key: destination.port, values: ["80"]}]}]');
    expect(briefly(policyPorts, web + condition)).toEqual(['MESH2284 AuthorizationPolicy/web spec.rules.0.when.0.values.0']);
  });

  test.each([
    ['the port of the workload', web + ports('8080')],
    ['a port that no Service has', web + ports('9090')],
    [
      'the port of both',
      pod('web', 'app: web', '[{containerPort: 80}]') + service('web', 'app: web', '{name: http, port: 80}') + ports('80'),
    ],
    ['the port of another workload of the policy', web + pod('old', 'app: old', '[{containerPort: 80}]') + ports('80')],
  ])('are fine as %s', (_, yaml) => {
    expect(briefly(policyPorts, yaml)).toEqual([]);
  });
});

describe('policies of workloads behind a gateway', () => {
  const allow = (source: string, more = ''): string =>
    policy('web', `selector: {matchLabels: {app: web}}, rules: [{from: [{source: {${source}}}]${more}}]`);

  test('deny it where they let in other identities alone', () => {
    const found = ['MESH2285 VirtualService/web spec.http.0.route.0.destination'];
    for (const source of ['namespaces: [shop]', 'principals: [cluster.local/ns/shop/sa/cart]', 'serviceAccounts: [shop/cart]']) {
      expect(briefly(deniedGateways, front + web + atFront(`{${toWeb}}`) + allow(source))).toEqual(found);
    }
    const [finding] = findingsOf(deniedGateways, front + web + atFront(`{${toWeb}}`) + allow('namespaces: [shop]'));
    expect(finding?.message).toContain('add the principal of the gateway, "cluster.local/ns/edge/sa/front"');
  });

  test.each([
    ['its namespace', allow('namespaces: [shop, edge]')],
    ['its account', allow('principals: [cluster.local/ns/edge/sa/front]')],
    ['its account in another trust domain', allow('principals: [old.example/ns/edge/sa/front]')],
    ['all who have an identity', allow('principals: ["*"]')],
    ['all accounts of its namespace', allow('principals: ["cluster.local/ns/edge/*"]')],
    ['all but some', allow('notNamespaces: [dev]')],
    ['addresses', allow('ipBlocks: [10.0.0.0/8]')],
    [
      'everybody, by another policy',
      allow('namespaces: [shop]') + policy('open', 'rules: [{to: [{operation: {paths: [/health]}}]}]'),
    ],
    [
      'others only, in a dry run',
      allow('namespaces: [shop]').replace('namespace: shop}', 'namespace: shop, annotations: {istio.io/dry-run: "true"}}'),
    ],
    ['others only, at another workload', allow('namespaces: [shop]').replace('app: web', 'app: cart')],
  ])('let it in where they allow %s', (_, policies) => {
    expect(briefly(deniedGateways, front + web + atFront(`{${toWeb}}`) + policies)).toEqual([]);
  });
});

describe('tokens that a gateway checks', () => {
  const authentication = (name: string, label: string, more = '', issuer = 'i'): string =>
    resource(
      SECURITY,
      'RequestAuthentication',
      name,
      `selector: {matchLabels: {${label}}}, jwtRules: [{issuer: ${issuer}, jwksUri: "https://i.example/keys"${more}}]`,
    );
  const asking = policy('web', 'selector: {matchLabels: {app: web}}, rules: [{from: [{source: {requestPrincipals: ["*"]}}]}]');
  const behind = front + web + atFront(`{${toWeb}}`) + authentication('web', 'app: web') + asking;
  const atEdge = (more = '', issuer = 'i'): string => authentication('edge/front', 'istio: ingress', more, issuer);

  test('are taken off, and missing at workloads that ask for them', () => {
    const found = ['MESH2286 RequestAuthentication/front spec.jwtRules.0'];
    expect(briefly(tokensBehindGateways, behind + atEdge())).toEqual(found);
    const denying = policy('web', 'action: DENY, rules: [{from: [{source: {notRequestPrincipals: ["*"]}}]}]');
    expect(briefly(tokensBehindGateways, behind.replace(asking, denying) + atEdge())).toEqual(found);
  });

  test.each([
    ['they are forwarded', behind + atEdge(', forwardOriginalToken: true')],
    ['they are of another issuer', behind + atEdge('', 'j')],
    ['nobody asks for them', behind.replace(asking, '') + atEdge()],
    ['the gateway may come without', behind + policy('gate', 'rules: [{from: [{source: {namespaces: [edge]}}]}]') + atEdge()],
    [
      'some paths need none',
      behind.replace(
        asking,
        policy(
          'web',
          'action: DENY, rules: [{from: [{source: {notRequestPrincipals: ["*"]}}], to: [{operation: {paths: [/private]}}]}]',
        ),
      ) + atEdge(),
    ],
    ['they are in another header there', behind + atEdge(', fromHeaders: [{name: x-token}]')],
  ])('do no harm where %s', (_, yaml) => {
    expect(briefly(tokensBehindGateways, yaml)).toEqual([]);
  });
});

describe('Services', () => {
  const found = (yaml: string): readonly string[] => briefly(servicesWithoutEndpoints, yaml);

  test('that select no pod are told where a workload without a Service is likely meant', () => {
    const nothing = ['MESH2032 Service/web spec.selector'];
    expect(found(pod('web', 'app.kubernetes.io/name: web') + service('web', 'app: web', http))).toEqual(nothing);
    expect(found(pod('web-1', 'app: wbe') + service('web', 'app: web', http))).toEqual(nothing);
    expect(found(pod('web-1', 'app: web') + service('web', 'app: web, tier: front', http))).toEqual(nothing);
  });

  test.each([
    ['another workload is there', pod('cart', 'app: cart') + service('web', 'app: web', http)],
    ['the pods have a Service', web + service('web-canary', 'app: web, track: canary', http)],
    ['another version is there', pod('web-v2', 'app: web, version: v2') + service('web', 'app: web, version: v1', http)],
    ['nothing is there', service('web', 'app: web', http)],
    [
      'their endpoints are written',
      pod('web', 'a: b') +
        service('web', 'app: web', http) +
        '\n---\napiVersion: v1\nkind: Endpoints\nmetadata: {name: web, namespace: shop}\nsubsets: []\n',
    ],
    [
      'slices of them are written',
      pod('web', 'a: b') +
        service('web', 'app: web', http) +
        '\n---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}\naddressType: IPv4\nendpoints: []\n',
    ],
  ])('that select no pod are left alone where %s', (_, yaml) => {
    expect(found(yaml)).toEqual([]);
  });

  test('name target ports of their containers', () => {
    const named = (name: string): string =>
      pod('web', 'app: web', '[{name: web, containerPort: 8080}]') +
      service('web', 'app: web', `{name: http, port: 80, targetPort: ${name}}`);
    expect(found(named('http'))).toEqual(['MESH2033 Service/web spec.ports.0.targetPort']);
    expect(found(named('web'))).toEqual([]);
  });

  test('that lead to a port which is not declared get a hint where a single one is', () => {
    expect(found(pod('web', 'app: web') + service('web', 'app: web', '{name: http, port: 80}'))).toEqual([
      'MESH2034 Service/web spec.ports.0.targetPort',
    ]);
    const several = '[{containerPort: 8080}, {containerPort: 9090}]';
    expect(found(pod('web', 'app: web', several) + service('web', 'app: web', '{name: http, port: 80}'))).toEqual([]);
    expect(found(pod('web', 'app: web', '[]') + service('web', 'app: web', '{name: http, port: 80}'))).toEqual([]);
    expect(found(pod('web', 'app: web') + service('web', 'app: web', http, '{name: metrics, port: 9090}'))).toEqual([]);
  });
});

describe('backends of GRPCRoutes', () => {
  const route = resource(
    GATEWAY_API,
    'GRPCRoute',
    'web',
    'parentRefs: [{name: front}], rules: [{backendRefs: [{name: web, port: 80}]}]',
  );

  test('get HTTP/1.1 at a port that is declared HTTP', () => {
    expect(briefly(grpcBackends, web + route)).toEqual(['MESH2264 GRPCRoute/web spec.rules.0.backendRefs.0']);
  });

  test.each([
    ['named grpc', service('web', 'app: web', '{name: grpc, port: 80}')],
    ['of an appProtocol', service('web', 'app: web', '{name: http, port: 80, appProtocol: kubernetes.io/h2c}')],
    ['of which nothing is said', service('web', 'app: web', '{port: 80}')],
    [
      'for which a rule asks for HTTP/2',
      service('web', 'app: web', http) +
        resource(
          NETWORKING,
          'DestinationRule',
          'web',
          'host: web, trafficPolicy: {connectionPool: {http: {h2UpgradePolicy: UPGRADE}}}',
        ),
    ],
  ])('get HTTP/2 at a port %s', (_, yaml) => {
    expect(briefly(grpcBackends, yaml + route)).toEqual([]);
  });
});
