import { describe, expect, test } from 'vitest';
import { groundOf, proveText, shopManifests } from '../../support/proving.ts';

const NOBODY = '{ never: { from: outside, to: { services: [shop/orders] } } }';
const FROM_WEB = '{ never: { from: { workloads: [shop/web] }, to: { services: [shop/orders] } } }';
const TO_BANK = '{ never: { from: { workloads: [shop/web] }, to: { services: [bank.example] } } }';
const GATEWAY = shopManifests()['gateway.yaml'] ?? '';
const KEYS = /jwks: (.*)/.exec(shopManifests()['policies.yaml'] ?? '')?.[1] ?? '';
const WITH_TOKEN = "from: [{ source: { requestPrincipals: ['*'] } }]";

/** The answer to a statement, with who sends what breaks it. */
function answerTo(statement: string, manifests: Readonly<Record<string, string>>): string {
  const [proven] = proveText(`statements: [${statement}]`, groundOf(shopManifests(manifests))).statements;
  if (proven?.verdict.kind !== 'refuted') return proven?.verdict.kind ?? '';
  const { question, path } = proven.verdict.witness;
  return `${question.url} gets ${path}`;
}

/** Asks for tokens, and allows what a rule says, at workloads of a label. */
function tokensAt(namespace: string, label: string, place: string, rule: string): string {
  return `---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: ${namespace} }
spec:
  selector: { matchLabels: { ${label} } }
  jwtRules: [{ issuer: 'https://login.example', jwks: ${KEYS}, ${place} }]
${policyAt(namespace, label, rule)}`;
}

function policyAt(namespace: string, label: string, rule: string): string {
  return `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: tokens, namespace: ${namespace} }
spec: { selector: { matchLabels: { ${label} } }, rules: [{ ${rule} }] }
`;
}

function routeOf(rules: string): string {
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: orders, namespace: shop }
spec:
  hosts: [orders]
  http: [${rules}]
`;
}

/** A server outside of the mesh, found as some fields say. */
function bankOf(fields: string): string {
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: bank, namespace: pay }
spec: { hosts: [bank.example], ports: [{ number: 80, name: http, protocol: HTTP }], ${fields} }
`;
}

describe('is not taken for a proof', () => {
  test('what a controller that is not Istio leads in from outside', () => {
    const ingress = (service: string, className: string): string => `
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: nginx }
spec: { controller: k8s.io/ingress-nginx }
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: istio }
spec: { controller: istio.io/ingress-controller }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: i, namespace: shop }
spec:
  ingressClassName: ${className}
  rules: [{ host: other.example, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: ${service}, port: { number: 80 } } } }] } }]
`;
    const orders =
      "{ never: { from: outside, to: { services: [shop/orders] }, unless: { token: { issuer: 'https://login.example' } } } }";
    const web = '{ never: { from: outside, to: { services: [shop/web] }, unless: { mutualTLS: true } } }';
    expect(answerTo(orders, { 'ingress.yaml': ingress('orders', 'nginx') })).toBe('undecided');
    expect(answerTo(web, { 'ingress.yaml': ingress('web', 'nginx') })).toMatch(/gets \//);
    expect(answerTo(orders, { 'ingress.yaml': ingress('web', 'nginx') })).toBe('proven');
    expect(answerTo(FROM_WEB, { 'ingress.yaml': ingress('orders', 'nginx') })).toBe(answerTo(FROM_WEB, {}));
    const route = `
apiVersion: route.openshift.io/v1
kind: Route
metadata: { name: r, namespace: shop }
spec: { to: { kind: Service, name: orders } }
`;
    expect(answerTo(orders, { 'route.yaml': route })).toBe('undecided');
  });

  test('what gateways do for application protocols that an EnvoyFilter asks for', () => {
    const chain = (match: string): string => `${GATEWAY}
---
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: chain, namespace: istio-system }
spec:
  configPatches:
    - applyTo: FILTER_CHAIN
      match: { context: GATEWAY }
      patch:
        operation: ADD
        value:
          filter_chain_match: { ${match} }
          filters:
            - name: envoy.filters.network.tcp_proxy
              typed_config:
                '@type': type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                stat_prefix: added
                cluster: outbound|80||orders.shop.svc.cluster.local
`;
    const withTokens =
      "{ never: { from: outside, to: { services: [shop/orders] }, unless: { token: { issuer: 'https://login.example' } } } }";
    expect(answerTo(withTokens, {})).toBe('proven');
    expect(answerTo(withTokens, { 'gateway.yaml': chain('application_protocols: [mqtt]') })).toBe('undecided');
    // Nobody connects there from elsewhere.
    expect(answerTo(FROM_WEB, { 'gateway.yaml': chain('application_protocols: [mqtt]') })).toBe(answerTo(FROM_WEB, {}));
  });

  test('that a header is left out which is made of one that is absent', () => {
    const made = routeOf('{headers: {request: {set: {x-made: "%REQ(x-id)%"}}}, route: [{destination: {host: orders}}]}');
    const wanted = (when: string): string =>
      policyAt('shop', 'app: orders', `when: [{ key: 'request.headers[x-made]', ${when} }]`);
    const own = { 'routes.yaml': made, 'policies.yaml': wanted("values: ['*']") };
    expect(answerTo(FROM_WEB, own)).toMatch(/gets \//);
    expect(answerTo(FROM_WEB, { ...own, 'policies.yaml': wanted("notValues: ['*']") })).toMatch(/gets \//);
  });

  test.each(['DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT', 'DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT'])(
    'that the proxy of a client, which writes %s into a header, writes the same for others',
    (command) => {
      const pods = ['one', 'two', 'server'].map(
        (name, index) => `---
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: a, labels: { app: ${name} } }
spec: { serviceAccountName: ${name}, containers: [{ name: c, image: i, ports: [{ containerPort: 8080 }] }] }
status: { podIP: 10.244.0.${index + 1} }
`,
      );
      const mesh = `apiVersion: v1
kind: Namespace
metadata: { name: a, labels: { istio-injection: enabled } }
${pods.join('')}---
apiVersion: v1
kind: Service
metadata: { name: server, namespace: a }
spec: { clusterIP: 10.96.0.1, selector: { app: server }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: server, namespace: a }
spec:
  hosts: [server]
  http: [{ headers: { request: { set: { x-from: '%${command}%' } } }, route: [{ destination: { host: server } }] }]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: a }
spec: { mtls: { mode: STRICT } }
${policyAt('a', 'app: server', "when: [{ key: 'request.headers[x-from]', values: [10.244.0.2] }]")}`;
      const reached = (from: string): string =>
        answerTo(`{ never: { from: { workloads: [${from}] }, to: { services: [a/server] } } }`, { 'mesh.yaml': mesh });
      expect(reached('a/two')).toMatch(/gets \//);
      expect(reached('a/one, a/two')).not.toBe('proven');
    },
  );

  test('that no token is in a cookie, where tokens may stand', () => {
    const inCookie = tokensAt('istio-system', 'istio: ingress', 'fromCookies: [session]', WITH_TOKEN);
    expect(answerTo(NOBODY, { 'policies.yaml': inCookie })).toBe('undecided');
    const both = tokensAt(
      'istio-system',
      'istio: ingress',
      'fromCookies: [session], fromHeaders: [{ name: x-token }]',
      WITH_TOKEN,
    );
    expect(answerTo(NOBODY, { 'policies.yaml': both })).toMatch(/gets \/orders/);
  });

  test('that tokens of an issuer stand where one proxy looks for them, and not another', () => {
    const first = tokensAt('istio-system', 'istio: ingress', 'fromHeaders: [{ name: x-a }]', WITH_TOKEN);
    const second = tokensAt('shop', 'app: orders', 'fromHeaders: [{ name: x-b }]', WITH_TOKEN);
    expect(answerTo(NOBODY, { 'policies.yaml': first + second })).toBe('undecided');
  });

  test('that a header is missing into which a proxy writes a claim', () => {
    const hasRole = "to: [{ operation: { methods: [GET] } }], when: [{ key: 'request.headers[x-role]', values: ['*'] }]";
    const written = tokensAt(
      'istio-system',
      'istio: ingress',
      'outputClaimToHeaders: [{ header: x-role, claim: role }]',
      hasRole,
    );
    expect(answerTo(NOBODY, { 'policies.yaml': written })).toBe('https://shop.example/api/orders gets /orders');
  });

  test('that clients have no certificate of those that a gateway asks for; those of the mesh nobody outside has', () => {
    const asking = GATEWAY.replace('mode: SIMPLE', 'mode: MUTUAL');
    expect(answerTo(NOBODY, { 'policies.yaml': '', 'gateway.yaml': asking })).toBe(
      'https://shop.example/api/orders gets /orders',
    );
    const ofMesh = GATEWAY.replace('mode: SIMPLE, credentialName: shop', 'mode: ISTIO_MUTUAL');
    expect(answerTo(NOBODY, { 'policies.yaml': '', 'gateway.yaml': ofMesh })).toBe('proven');
  });

  test('that connections do not begin with the PROXY protocol, where a gateway wants it', () => {
    const wanting = GATEWAY.replace(
      'inject.istio.io/templates: gateway',
      `inject.istio.io/templates: gateway, proxy.istio.io/config: '{"gatewayTopology":{"proxyProtocol":{}}}'`,
    );
    expect(answerTo(NOBODY, { 'policies.yaml': '', 'gateway.yaml': wanting })).toBe('undecided');
  });

  test('that a sidecar takes what comes to the second address of its pod', () => {
    const pod = (ips: string): string => `apiVersion: v1
kind: Pod
metadata: { name: dual, namespace: shop, labels: { app: dual, sidecar.istio.io/inject: 'true' } }
spec: { containers: [{ name: dual, image: dual, ports: [{ containerPort: 8080 }] }] }
status: { phase: Running, podIPs: [${ips}], podIP: 10.1.0.77 }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: dual, namespace: shop }
spec: { selector: { matchLabels: { app: dual } } }
`;
    const statement = '{ never: { to: { workloads: [shop/dual] } } }';
    expect(answerTo(statement, { 'dual.yaml': pod('{ ip: 10.1.0.77 }') })).toBe('proven');
    expect(answerTo(statement, { 'dual.yaml': pod("{ ip: 10.1.0.77 }, { ip: 'fd00::77' }") })).toBe(
      'http://[fd00::77]:8080/ gets /',
    );
  });

  test('that clients use one of the names of a service, where a route asks which', () => {
    const onSecret = policyAt(
      'shop',
      'app: orders',
      "to: [{ operation: { paths: ['/secret'] } }], from: [{ source: { namespaces: [shop] } }]",
    );
    const byName = routeOf(`
    { match: [{ headers: { host: { exact: orders } } }], rewrite: { uri: /secret }, route: [{ destination: { host: orders } }] },
    { rewrite: { uri: /open }, route: [{ destination: { host: orders } }] }`);
    expect(answerTo(FROM_WEB, { 'policies.yaml': onSecret, 'route.yaml': byName })).toBe('http://orders/ gets /secret');
    const onHeader = policyAt(
      'shop',
      'app: orders',
      "when: [{ key: 'request.headers[x-name]', values: [orders] }], from: [{ source: { namespaces: [shop] } }]",
    );
    const told = routeOf(
      `{ headers: { request: { set: { x-name: '%REQ(:AUTHORITY)%' } } }, route: [{ destination: { host: orders } }] }`,
    );
    expect(answerTo(FROM_WEB, { 'policies.yaml': onHeader, 'route.yaml': told })).toBe('http://orders/ gets /');
  });

  test('that no other name leads to a service', () => {
    const alias = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: alias, namespace: shop }
spec:
  hosts: [alias.example]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  resolution: DNS
  endpoints: [{ address: orders.shop.svc.cluster.local }]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: alias, namespace: shop }
spec: { host: alias.example, trafficPolicy: { tls: { mode: ISTIO_MUTUAL } } }
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: web, namespace: shop }
spec: { workloadSelector: { labels: { app: web } }, egress: [{ hosts: [./alias.example] }] }
`;
    const policy = policyAt('shop', 'app: orders', 'from: [{ source: { namespaces: [shop] } }]');
    expect(answerTo(FROM_WEB, { 'policies.yaml': policy, 'alias.yaml': alias })).toBe('http://alias.example/ gets /');
  });

  test('that nobody goes to a server outside of the mesh by its address', () => {
    const entry = bankOf("resolution: STATIC, endpoints: [{ address: 192.0.2.60 }], exportTo: ['.']");
    expect(answerTo(TO_BANK, { 'bank.yaml': entry })).toMatch(/^http:\/\/192\.0\.2\.60(:80)?\/ gets/);
  });

  test('that nobody goes to a server outside of the mesh by its name', () => {
    expect(answerTo(TO_BANK, { 'bank.yaml': bankOf('resolution: DNS') })).toMatch(/^http:\/\/bank\.example\/ gets/);
    expect(answerTo(TO_BANK, { 'bank.yaml': bankOf("resolution: DNS, exportTo: ['.']") })).toBe('proven');
  });

  test('that only a copy of a request gets there, which is mirrored', () => {
    const statement = '{ never: { from: outside, to: { services: [shop/orders] }, unless: { token: true } } }';
    const mirrored = (host: string): Readonly<Record<string, string>> => ({
      'gateway.yaml': GATEWAY.replace('route: [{ destination: { host: web } }]', `$&\n      mirror: { host: ${host} }`),
    });
    expect(answerTo(statement, mirrored('web'))).toBe('proven');
    expect(answerTo(statement, mirrored('orders'))).toMatch(/^https:.* gets \//);
  });
});
