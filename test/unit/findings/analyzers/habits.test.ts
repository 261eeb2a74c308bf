import { describe, expect, test } from 'vitest';
import { authorizationSources } from '../../../../src/findings/analyzers/authorization-sources.ts';
import { gatewayCredentials } from '../../../../src/findings/analyzers/gateway-credentials.ts';
import { gatewayPort443 } from '../../../../src/findings/analyzers/gateway-port-443.ts';
import { ingressHabits } from '../../../../src/findings/analyzers/ingress-habits.ts';
import { injectionHabits } from '../../../../src/findings/analyzers/injection-habits.ts';
import { keptHosts } from '../../../../src/findings/analyzers/kept-hosts.ts';
import { ledToGateways } from '../../../../src/findings/analyzers/led-to-gateways.ts';
import { literalMatches } from '../../../../src/findings/analyzers/literal-matches.ts';
import { routesBesideVirtualServices } from '../../../../src/findings/analyzers/routes-beside-virtual-services.ts';
import { unusedSelectors } from '../../../../src/findings/analyzers/unused-selectors.ts';
import { briefly } from './support.ts';

const NETWORKING = 'networking.istio.io/v1';
const SECURITY = 'security.istio.io/v1';

/** A resource in namespace `shop`, or `namespace/name`. */
function resource(apiVersion: string, kind: string, name: string, spec: string, metadata = ''): string {
  const [first = '', second] = name.split('/');
  const [namespace, own] = second === undefined ? ['shop', first] : [first, second];
  return `\n---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${own}, namespace: ${namespace}${metadata}}\nspec: {${spec}}\n`;
}
const pod = (name: string, labels: string, more = ''): string =>
  resource('v1', 'Pod', name, `${more}containers: [{name: app, image: app}]`, `, labels: {${labels}}`);
const service = (name: string, selector: string, port: string, metadata = ''): string =>
  resource('v1', 'Service', name, `selector: {${selector}}, ports: [${port}]`, metadata);
const gatewayPod = resource(
  'v1',
  'Pod',
  'edge/front',
  'containers: [{name: istio-proxy, image: proxyv2}]',
  ', labels: {istio: ingress}, annotations: {inject.istio.io/templates: gateway}',
);
const gateway = (name: string, ...servers: readonly string[]): string =>
  resource(NETWORKING, 'Gateway', name, `selector: {istio: ingress}, servers: [${servers.join(', ')}]`);
const virtualService = (spec: string): string => resource(NETWORKING, 'VirtualService', 'web', spec);

describe('credentials of Gateways', () => {
  const secret = (name: string, keys: string): string =>
    `\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: ${name.split('/')[1]}, namespace: ${name.split('/')[0]}}\nstringData: {${keys}}\n`;
  const server = (tls: string): string => `{port: {number: 443, name: https, protocol: HTTPS}, hosts: ["*"], tls: {${tls}}}`;
  const found = (tls: string, ...secrets: readonly string[]): readonly string[] =>
    briefly(gatewayCredentials, gatewayPod + gateway('front', server(tls)) + secrets.join(''));

  test('are of the namespace in which the gateway runs', () => {
    const elsewhere = found('mode: SIMPLE, credentialName: shop/web', secret('shop/web', 'tls.crt: a, tls.key: b'));
    expect(elsewhere).toEqual(['MESH2104 Gateway/front spec.servers.0.tls.credentialName']);
    expect(found('mode: SIMPLE, credentialName: web', secret('edge/web', 'tls.crt: a, tls.key: b'))).toEqual([]);
    expect(found('mode: SIMPLE, credentialName: edge/web', secret('edge/web', 'tls.crt: a, tls.key: b'))).toEqual([]);
  });

  test('hold the authority of clients that are asked for certificates', () => {
    const mutual = 'mode: MUTUAL, credentialName: web';
    expect(found(mutual, secret('edge/web', 'tls.crt: a, tls.key: b'))).toEqual([
      'MESH2105 Gateway/front spec.servers.0.tls.credentialName',
    ]);
    expect(found(mutual, secret('edge/web', 'tls.crt: a, tls.key: b, ca.crt: c'))).toEqual([]);
    expect(found(mutual, secret('edge/web', 'cert: a, key: b, cacert: c'))).toEqual([]);
    expect(found(mutual, secret('edge/web', 'tls.crt: a, tls.key: b'), secret('edge/web-cacert', 'ca.crt: c'))).toEqual([]);
    expect(found('mode: SIMPLE, credentialName: web', secret('edge/web', 'tls.crt: a, tls.key: b'))).toEqual([]);
    // Of a Secret that is not there something else tells.
    expect(found(mutual)).toEqual([]);
  });
});

describe('matches that are compared letter by letter', () => {
  const match = (condition: string): readonly string[] =>
    briefly(
      literalMatches,
      virtualService(`hosts: [web], http: [{match: [{${condition}}], route: [{destination: {host: web}}]}]`),
    );

  test.each([
    'uri: {prefix: "/api/*"}',
    'uri: {exact: "/api/.*"}',
    'uri: {prefix: "/api/(.*)"}',
    'uri: {prefix: "/api(/|$)(.*)"}',
    'uri: {exact: "/v[0-9]+/x"}',
    'method: {exact: get}',
  ])('%s fits no request', (condition) => {
    expect(match(condition)).toEqual([
      expect.stringMatching(/^MESH2207 VirtualService\/web spec\.http\.0\.match\.0\.(uri|method)\./),
    ]);
  });

  test.each([
    'uri: {prefix: /api/}',
    'uri: {regex: "/api/.*"}',
    'uri: {exact: "/a.b/c(d)"}',
    'uri: {prefix: "/users/[id]"}',
    'uri: {exact: "/@v/list.v1.*.json"}',
    'method: {exact: GET}',
    'method: {exact: report}',
    'method: {regex: "get|post"}',
  ])('%s is left alone', (condition) => {
    expect(match(condition)).toEqual([]);
  });
});

describe('Ingresses that Istio serves', () => {
  const ingress = (path: string, type: string, name = 'web', annotations = 'kubernetes.io/ingress.class: istio'): string =>
    resource(
      'networking.k8s.io/v1',
      'Ingress',
      'web',
      `rules: [{host: web.example, http: {paths: [{path: "${path}", pathType: ${type}, backend: {service: {name: ${name}, port: {number: 80}}}}]}}]`,
      `, annotations: {${annotations}}`,
    );
  const web = service('web', 'app: web', '{name: http, port: 80}');

  test('read no annotations of other controllers', () => {
    const rewrite = 'kubernetes.io/ingress.class: istio, nginx.ingress.kubernetes.io/rewrite-target: /';
    expect(briefly(ingressHabits, web + ingress('/', 'Prefix', 'web', rewrite))).toEqual([
      'MESH1103 Ingress/web metadata.annotations',
    ]);
    expect(briefly(ingressHabits, web + ingress('/', 'Prefix', 'web', rewrite.replace('istio', 'nginx')))).toEqual([]);
    const issued = 'kubernetes.io/ingress.class: istio, cert-manager.io/cluster-issuer: ca';
    expect(briefly(ingressHabits, web + ingress('/', 'Prefix', 'web', issued))).toEqual([]);
  });

  test('read no expressions in paths', () => {
    const found = ['MESH1104 Ingress/web spec.rules.0.http.paths.0.path'];
    expect(briefly(ingressHabits, web + ingress('/api(/|$)(.*)', 'ImplementationSpecific'))).toEqual(found);
    expect(briefly(ingressHabits, web + ingress('/api/.*/x', 'Prefix'))).toEqual(found);
    for (const path of ['/api/*', '/api/.*', '/api/v1.2/x', '/*']) {
      expect(briefly(ingressHabits, web + ingress(path, 'ImplementationSpecific'))).toEqual([]);
    }
  });

  test('lead to Services that are there', () => {
    expect(briefly(ingressHabits, web + ingress('/', 'Prefix', 'wbe'))).toEqual([
      'MESH1105 Ingress/web spec.rules.0.http.paths.0.backend.service.name',
    ]);
    expect(briefly(ingressHabits, web + ingress('/', 'Prefix'))).toEqual([]);
    // Without Services of the namespace they may stand elsewhere.
    expect(briefly(ingressHabits, ingress('/', 'Prefix', 'wbe'))).toEqual([]);
  });
});

describe('hosts outside of the mesh', () => {
  const outside = (more = ''): string =>
    resource(
      NETWORKING,
      'ServiceEntry',
      'api',
      `hosts: [api.other.com], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]${more}`,
    );
  const rule = (more = '', host = 'web.example'): string =>
    virtualService(`hosts: [${host}], gateways: [front], http: [{${more}route: [{destination: {host: api.other.com}}]}]`);
  const front = gatewayPod + gateway('front', '{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}');

  test('get the Host header of the client', () => {
    expect(briefly(keptHosts, front + outside() + rule())).toEqual([
      'MESH2266 VirtualService/web spec.http.0.route.0.destination',
    ]);
  });

  test.each([
    ['the rule rewrites it', outside() + rule('rewrite: {authority: api.other.com}, ')],
    ['the rule sets it', outside() + rule('headers: {request: {set: {Host: api.other.com}}}, ')],
    ['the rule is for the host', outside() + rule('', 'api.other.com')],
    ['the rule is for its domain', outside() + rule('', '"*.other.com"')],
    ['servers of their own are named', outside(', endpoints: [{address: vm.internal}]') + rule()],
    ['they are in the mesh', outside().replace('MESH_EXTERNAL', 'MESH_INTERNAL') + rule()],
  ])('get their own, or need none, where %s', (_, yaml) => {
    expect(briefly(keptHosts, front + yaml)).toEqual([]);
  });
});

describe('egress gateways', () => {
  const egress = gatewayPod + service('edge/egress', 'istio: ingress', '{name: http, port: 80}');
  const outside = resource(
    NETWORKING,
    'ServiceEntry',
    'www',
    'hosts: [www.example], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]',
  );
  const http80 = gateway('edge/egress', '{port: {number: 80, name: http, protocol: HTTP}, hosts: [www.example]}');
  const toEgress = 'route: [{destination: {host: egress.edge.svc.cluster.local, port: {number: 80}}}]';
  const onward = 'route: [{destination: {host: www.example, port: {number: 80}}}]';

  test('answer 404 without a rule for the host', () => {
    const meshOnly = virtualService(`hosts: [www.example], gateways: [mesh], http: [{${toEgress}}]`);
    expect(briefly(ledToGateways, pod('client', 'app: client') + egress + outside + http80 + meshOnly)).toEqual([
      'MESH2267 VirtualService/web spec.http.0.route.0.destination',
    ]);
  });

  test.each([
    [
      'a rule leads on',
      virtualService(
        `hosts: [www.example], gateways: [mesh, edge/egress], http: [{match: [{gateways: [mesh]}], ${toEgress}}, {match: [{gateways: [edge/egress]}], ${onward}}]`,
      ),
    ],
    [
      'another VirtualService leads on',
      virtualService(`hosts: [www.example], gateways: [mesh], http: [{${toEgress}}]`) +
        resource(NETWORKING, 'VirtualService', 'out', `hosts: ["*.example"], gateways: [edge/egress], http: [{${onward}}]`),
    ],
    [
      'the rule asks for another host',
      virtualService(`hosts: [www.example], http: [{rewrite: {authority: x.example}, ${toEgress}}]`),
    ],
    ['the service is no gateway', virtualService(`hosts: [www.example], http: [{route: [{destination: {host: client}}]}]`)],
  ])('serve it where %s', (_, rules) => {
    const client = pod('client', 'app: client') + service('client', 'app: client', '{name: http, port: 80}');
    expect(briefly(ledToGateways, client + egress + outside + http80 + rules)).toEqual([]);
  });
});

describe('load balancers', () => {
  const aws = 'service.beta.kubernetes.io/aws-load-balancer-';
  const https = '{port: {number: 443, name: https, protocol: HTTPS}, hosts: ["*"], tls: {mode: SIMPLE, credentialName: c}}';
  const found = (annotations: string): readonly string[] =>
    briefly(
      gatewayPort443,
      gatewayPod +
        gateway('front', https) +
        service('edge/front', 'istio: ingress', '{name: https, port: 443, targetPort: 8443}', `, annotations: {${annotations}}`),
    );

  test('that end TLS send plain text to a server that expects it', () => {
    expect(found(`${aws}ssl-cert: arn, ${aws}ssl-ports: https`)).toEqual(['MESH2265 Gateway/front spec.servers.0']);
    expect(found(`${aws}ssl-cert: arn`)).toEqual(['MESH2265 Gateway/front spec.servers.0']);
  });

  test.each([
    ['they open it again', `${aws}ssl-cert: arn, ${aws}backend-protocol: ssl`],
    ['they end it at another port', `${aws}ssl-cert: arn, ${aws}ssl-ports: "8443"`],
    ['they pass it on', `${aws}type: nlb`],
  ])('fit where %s', (_, annotations) => {
    expect(found(annotations)).toEqual([]);
  });
});

test('accounts of pods without a sidecar show no identity', () => {
  const policy = resource(
    SECURITY,
    'AuthorizationPolicy',
    'web',
    'rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/old]}}]}]',
  );
  const client = (inject: string, name = 'old'): string =>
    pod(name, `sidecar.istio.io/inject: "${inject}"`, 'serviceAccountName: old, ');
  expect(briefly(authorizationSources, client('false') + policy)).toEqual([
    'MESH2049 AuthorizationPolicy/web spec.rules.0.from.0.source.principals.0',
  ]);
  expect(briefly(authorizationSources, client('true') + policy)).toEqual([]);
  expect(briefly(authorizationSources, client('false') + client('true', 'new') + policy)).toEqual([]);
});

test('a ServiceEntry whose workloads stand in another namespace has none', () => {
  const entry = resource(
    NETWORKING,
    'ServiceEntry',
    'vm',
    'hosts: [vm.example], location: MESH_INTERNAL, resolution: STATIC, ports: [{number: 80, name: http, protocol: HTTP}], workloadSelector: {labels: {app: vm}}',
  );
  const workload = (name: string): string => resource(NETWORKING, 'WorkloadEntry', name, 'address: 10.1.1.1, labels: {app: vm}');
  const client = pod('client', 'app: client');
  expect(briefly(unusedSelectors, client + entry + workload('other/vm'))).toEqual([
    'MESH2047 ServiceEntry/vm spec.workloadSelector',
  ]);
  expect(briefly(unusedSelectors, client + entry + workload('vm'))).toEqual([]);
  const group = resource(NETWORKING, 'WorkloadGroup', 'vm', 'metadata: {labels: {app: vm}}, template: {}');
  expect(briefly(unusedSelectors, client + entry + group)).toEqual([]);
});

test('the injector looks for one value of its label', () => {
  const namespace = (labels: string): readonly string[] =>
    briefly(injectionHabits, `\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {${labels}}}\n`);
  expect(namespace('istio-injection: "true"')).toEqual(['MESH2036 Namespace/shop metadata.labels.istio-injection']);
  for (const labels of ['istio-injection: enabled', 'istio-injection: disabled', 'istio.io/rev: stable', 'team: shop']) {
    expect(namespace(labels)).toEqual([]);
  }
});

test('containers leave the ports of the sidecar alone', () => {
  const declaring = (port: number, container = 'app', inject = 'true'): readonly string[] =>
    briefly(
      injectionHabits,
      resource(
        'v1',
        'Pod',
        'web',
        `containers: [{name: ${container}, image: app, ports: [{containerPort: ${port}}]}]`,
        `, labels: {sidecar.istio.io/inject: "${inject}"}`,
      ),
    );
  expect(declaring(15090)).toEqual(['MESH2035 Pod/web spec.containers.0.ports.0.containerPort']);
  expect(declaring(8080)).toEqual([]);
  expect(declaring(15090, 'istio-proxy')).toEqual([]);
  expect(declaring(15090, 'app', 'false')).toEqual([]);
});

test('sidecars use one of a VirtualService and an HTTPRoute for a Service', () => {
  const web = pod('web', 'app: web') + service('web', 'app: web', '{name: http, port: 80}');
  const route = (parent: string): string =>
    resource(
      'gateway.networking.k8s.io/v1',
      'HTTPRoute',
      'web',
      `parentRefs: [${parent}], rules: [{backendRefs: [{name: web, port: 80}]}]`,
    );
  const toService = route('{group: "", kind: Service, name: web, port: 80}');
  const rules = (host: string, more = ''): string =>
    virtualService(`hosts: [${host}], ${more}http: [{timeout: 3s, route: [{destination: {host: web}}]}]`);
  expect(briefly(routesBesideVirtualServices, web + toService + rules('web'))).toEqual([
    'MESH2268 VirtualService/web spec.hosts.0',
  ]);
  expect(briefly(routesBesideVirtualServices, web + toService + rules('other'))).toEqual([]);
  expect(briefly(routesBesideVirtualServices, web + toService + rules('web', 'gateways: [front], '))).toEqual([]);
  expect(briefly(routesBesideVirtualServices, web + route('{name: front}') + rules('web'))).toEqual([]);
});
