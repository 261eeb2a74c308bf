import { describe, expect, test } from 'vitest';
import { defaultRelease } from '../../../src/releases/index.ts';
import type { Release } from '../../../src/releases/release.ts';
import { groundOf, proveText } from '../../support/proving.ts';
import { ambientRelease } from '../../support/waypoint-mesh.ts';

const PORT = ', ports: [{containerPort: 8080}]';
const READY = 'phase: Running, conditions: [{type: Ready, status: "True"}]';
const AMBIENT = 'istio.io/dataplane-mode: ambient';
const INJECTED = 'istio-injection: enabled';
const dualStack: Release = { ...ambientRelease, behaviours: { ...ambientRelease.behaviours, dualStack: true } };

function namespace(labels: string): string {
  return `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {${labels}}}
---
`;
}

/** A pod of a workload, with its addresses. */
function pod(workload: string, name: string, ips: string, spec = ''): string {
  const [first] = ips.split(', ');
  return `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  generateName: ${workload}-
  namespace: shop
  labels: {app: ${workload}}
  ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: ${workload}, controller: true}]
spec: {nodeName: n1, serviceAccountName: ${workload}, containers: [{name: c, image: i${spec}}]}
status:
  {${READY}, podIP: ${first}, podIPs: [${ips
    .split(', ')
    .map((ip) => `{ip: "${ip}"}`)
    .join(', ')}]}
---
`;
}

function service(fields: string, labels = ''): string {
  return `apiVersion: v1
kind: Service
metadata: {name: server, namespace: shop, labels: {${labels}}}
spec: {selector: {app: server}, ports: [{name: http, port: 80, targetPort: 8080}], ${fields}}
---
`;
}

function policy(name: string, spec: string): string {
  return `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ${name}, namespace: shop}
spec: {${spec}}
---
`;
}

const AT_SERVER = 'selector: {matchLabels: {app: server}}';
const AT_SERVICE = "targetRefs: [{kind: Service, group: '', name: server}]";
const BY_WAYPOINT = policy(
  'by-waypoint',
  `${AT_SERVER}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/waypoint]}}]}]`,
);

const WAYPOINT = `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: shop, labels: {istio.io/waypoint-for: service}}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
---
apiVersion: v1
kind: Service
metadata: {name: waypoint, namespace: shop, labels: {gateway.istio.io/managed: istio.io-mesh-controller}}
spec:
  clusterIP: 10.96.0.9
  selector: {gateway.networking.k8s.io/gateway-name: waypoint}
  ports: [{name: mesh, port: 15008, appProtocol: hbone}]
---
apiVersion: v1
kind: Pod
metadata:
  name: waypoint
  namespace: shop
  labels:
    {gateway.networking.k8s.io/gateway-name: waypoint, gateway.istio.io/managed: istio.io-mesh-controller, istio.io/dataplane-mode: none}
spec: {serviceAccountName: waypoint, containers: [{name: istio-proxy, args: [proxy, waypoint]}]}
status: {${READY}, podIP: 10.244.0.7, podIPs: [{ip: 10.244.0.7}, {ip: 'fd00::7'}]}
---
`;
const USES_WAYPOINT = 'istio.io/use-waypoint: waypoint';

function bank(fields: string, labels = ''): string {
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: bank, namespace: shop, labels: {${labels}}}
spec: {hosts: [bank.example], ports: [{number: 80, name: http, protocol: HTTP}], ${fields}}
---
`;
}

const WEB = pod('web', 'web-0', '10.244.0.1');
const SERVER = pod('server', 'server-0', '10.244.0.3');
const TO_SERVER = '{ never: { from: { workloads: [shop/web] }, to: { workloads: [shop/server] } } }';
const TO_BANK = '{ never: { from: { workloads: [shop/web] }, to: { services: [bank.example] } } }';
const SECURED = '{ always: { mutualTLS: true, from: { workloads: [shop/web] }, to: { workloads: [shop/server] } } }';

/** The answer to a statement in a namespace, with who sends what where it is broken. */
function answerTo(statement: string, manifests: string, mode = AMBIENT, release = ambientRelease): string {
  const ground = groundOf({ 'mesh.yaml': namespace(mode) + manifests }, mode === AMBIENT ? release : defaultRelease);
  const [proven] = proveText(`statements: [${statement}]`, ground).statements;
  if (proven?.verdict.kind === 'undecided')
    return proven.verdict.because.map((one) => ('what' in one ? one.what : one.at)).join();
  if (proven?.verdict.kind !== 'refuted') return proven?.verdict.kind ?? '';
  const { question, security } = proven.verdict.witness;
  return `${question.from} to ${question.url} in ${security}`;
}

describe.each([
  ['sidecars', INJECTED],
  ['ambient mode', AMBIENT],
])('with %s, of pods of one workload', (_, mode) => {
  const clients = pod('web', 'web-0', '10.244.0.1') + pod('web', 'web-1', '10.244.0.2');
  const servers = pod('server', 'server-0', '10.244.0.3', PORT) + pod('server', 'server-1', '10.244.0.4', PORT);

  test('one is asked that a policy tells from the others by its address', () => {
    const from = (range: string): string => policy('from', `${AT_SERVER}, rules: [{from: [{source: {ipBlocks: [${range}]}}]}]`);
    expect(answerTo(TO_SERVER, clients + SERVER + service('clusterIP: 10.96.0.1') + from('10.244.0.2'), mode)).toMatch(
      /^shop\/web-1 to /,
    );
    expect(answerTo(TO_SERVER, clients + SERVER + service('clusterIP: 10.96.0.1') + from('10.244.9.0/24'), mode)).toBe('proven');
  });

  test('one is called that a policy tells from the others by its address', () => {
    const at = (ip: string): string => policy('at', `${AT_SERVER}, rules: [{when: [{key: destination.ip, values: [${ip}]}]}]`);
    expect(answerTo(TO_SERVER, WEB + servers + at('10.244.0.4'), mode)).toMatch(
      /^shop\/web-0 to http:\/\/10\.244\.0\.4:8080\/ in /,
    );
    expect(answerTo(TO_SERVER, WEB + servers + at('10.244.0.9'), mode)).toBe('proven');
  });

  test('one is called that alone has an address of the other family, at which its proxy does not take connections', () => {
    const both = pod('server', 'server-1', '10.244.0.4, fd00::4', PORT);
    const web = pod('web', 'web-0', '10.244.0.1, fd00::1');
    const nobody = policy('nobody', AT_SERVER);
    const single = pod('server', 'server-0', '10.244.0.3', PORT);
    const isPast = mode === INJECTED;
    expect(answerTo(TO_SERVER, web + single + both + nobody, mode)).toBe(
      isPast ? 'shop/web-0 to http://[fd00::4]:8080/ in plain text' : 'proven',
    );
    expect(answerTo(TO_SERVER, web + single + nobody, mode)).toBe('proven');
  });
});

describe('in ambient mode each address is asked for that is told from the others', () => {
  const both = service(
    "clusterIP: 10.96.0.3, clusterIPs: [10.96.0.3, 'fd00:96::3'], ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv4, IPv6]",
    USES_WAYPOINT,
  );
  const web = pod('web', 'web-0', '10.244.0.1, fd00::1');
  const server = pod('server', 'server-0', '10.244.0.3, fd00::3');
  const when = (ip: string): string =>
    policy('by-address', `${AT_SERVICE}, rules: [{when: [{key: destination.ip, values: ['${ip}']}]}]`);

  test('of a Service of both families, where the policy of the waypoint asks which', () => {
    const mesh = web + server + WAYPOINT + both + BY_WAYPOINT;
    expect(answerTo(TO_SERVER, mesh + when('fd00:96::3'), AMBIENT, dualStack)).toBe(
      'shop/web-0 to http://[fd00:96::3]:80/ in mutual TLS',
    );
    expect(answerTo(TO_SERVER, mesh + when('fd00:96::4'), AMBIENT, dualStack)).toBe('proven');
    const v4Only = pod('web', 'web-0', '10.244.0.1');
    expect(answerTo(TO_SERVER, v4Only + server + WAYPOINT + both + BY_WAYPOINT + when('fd00:96::3'), AMBIENT, dualStack)).toBe(
      'proven',
    );
  });

  test('of a range, one of its addresses', () => {
    expect(
      answerTo(TO_BANK, WEB + bank('resolution: STATIC, addresses: [198.18.0.0/28], endpoints: [{address: 192.0.2.60}]')),
    ).toBe('shop/web-0 to http://198.18.0.1:80/ in plain text');
  });

  test('of a Service from outside of the cluster, which ztunnel knows nothing of', () => {
    const mesh = WEB + SERVER;
    expect(answerTo(SECURED, `${mesh}${service('clusterIP: 10.96.0.3, externalIPs: [198.18.0.5]')}`)).toBe(
      'shop/web-0 to http://198.18.0.5:80/ in plain text',
    );
    expect(answerTo(SECURED, mesh + service('clusterIP: 10.96.0.3'))).toBe('proven');
  });

  test('of a pod itself, at the port to which its Service leads', () => {
    const nobody = policy('nobody', AT_SERVICE);
    const mesh = WEB + SERVER + WAYPOINT + service('clusterIP: 10.96.0.3', USES_WAYPOINT) + nobody;
    expect(answerTo(TO_SERVER, mesh)).toBe('shop/web-0 to http://10.244.0.3:8080/ in mutual TLS');
    expect(answerTo(TO_SERVER, mesh + BY_WAYPOINT)).toBe('proven');
  });

  test('of what lies behind a name', () => {
    expect(answerTo(TO_BANK, WEB + bank('resolution: DNS'))).toMatch(/^shop\/web-0 to http:\/\/240\.240\..* in plain text$/);
    expect(answerTo(TO_BANK, WEB + bank('resolution: DNS, endpoints: [{address: other.example}]'))).toMatch(/ in plain text$/);
    const closed = policy('closed', 'targetRefs: [{kind: ServiceEntry, group: networking.istio.io, name: bank}]');
    const behind = WEB + WAYPOINT + bank('resolution: DNS', USES_WAYPOINT) + closed;
    expect(answerTo(TO_BANK, behind)).toBe('proven');
  });
});

describe.each([
  ['sidecars', INJECTED],
  ['ambient mode', AMBIENT],
])('with %s, a service whose clients choose the server themselves', (_, mode) => {
  const UNKNOWN = 'the servers of bank.example, of which clients choose one themselves';

  test('is reached at its addresses', () => {
    expect(answerTo(TO_BANK, WEB + bank('resolution: NONE, addresses: [192.0.2.7]'), mode)).toMatch(
      /^shop\/web-0 to http:\/\/192\.0\.2\.7(:80)?\/ in plain text$/,
    );
  });

  test('is never said not to be reached where it has none', () => {
    expect(answerTo(TO_BANK, WEB + bank('resolution: NONE'), mode)).toMatch(/in plain text$/);
    const registryOnly = `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: shop}
spec: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}, egress: [{hosts: [~/*]}]}
---
`;
    if (mode === INJECTED) expect(answerTo(TO_BANK, WEB + bank('resolution: NONE') + registryOnly, mode)).toBe(UNKNOWN);
  });
});

test('what may be anybody may be outside of the mesh, which ztunnel and sidecars let connections to', () => {
  const anybody = '{ never: { from: { workloads: [shop/web] }, to: { paths: [/admin] } } }';
  expect(answerTo(anybody, WEB)).toBe('shop/web-0 to http://198.51.100.1:80/ in plain text');
  expect(answerTo(anybody, WEB, INJECTED)).toBe('shop/web-0 to http://198.51.100.1:80/ in plain text');
});

describe('a pod whose containers name no ports', () => {
  const always = '{ always: { mutualTLS: true, to: { workloads: [shop/server] } } }';
  const strict = (ports: string): string => `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: server, namespace: shop}
spec: {selector: {matchLabels: {app: server}}, mtls: {mode: STRICT}${ports}}
---
`;

  test('may listen at a port that its policies name, and at one that nobody does', () => {
    const at = (port: string): string => policy('at', `${AT_SERVER}, rules: [{to: [{operation: {ports: ["${port}"]}}]}]`);
    expect(answerTo(TO_SERVER, WEB + SERVER + at('9000'), INJECTED)).toMatch(/:9000\//);
    expect(answerTo(TO_SERVER, WEB + SERVER + at('9000'))).toMatch(/:9000\//);
    expect(answerTo(always, SERVER, INJECTED)).toMatch(/ in plain text$/);
  });

  test('takes mutual TLS alone there, too, where its policies say so', () => {
    expect(answerTo(always, SERVER + strict(''), INJECTED)).toBe('proven');
    expect(answerTo(always, SERVER + strict(''))).toBe('proven');
  });
});
