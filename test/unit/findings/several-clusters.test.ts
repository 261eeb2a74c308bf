import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { certificate } from '../../support/certificates.ts';
import { createFakeIo } from '../../support/fake-io.ts';

/** What analyze says of clusters, `level code kind namespace/name (file): message` each. */
async function analyzed(clusters: Readonly<Record<string, string>>, ...flags: readonly string[]): Promise<readonly string[]> {
  const files = Object.fromEntries(Object.entries(clusters).map(([name, yaml]) => [`/work/${name}/mesh.yaml`, yaml]));
  const io = createFakeIo({ files });
  const named = Object.keys(clusters).flatMap((name) => ['--cluster', `${name}=${name}`]);
  const code = await run(['analyze', ...named, ...flags, '-o', 'json'], io);
  expect([0, 79], io.errors()).toContain(code);
  return (JSON.parse(io.output()) as Record<string, string>[]).map(
    ({ level, code: found, origin, reference = '', message }) =>
      `${level} ${found} ${origin} (${reference.split('/')[0]}): ${message}`,
  );
}

/** The same, of these codes alone. */
async function told(codes: string | readonly string[], clusters: Readonly<Record<string, string>>): Promise<readonly string[]> {
  return (await analyzed(clusters)).filter((line) => [codes].flat().includes(line.split(' ')[1] ?? ''));
}

const doc = (...documents: readonly string[]): string => documents.join('\n---\n');

const namespaces = (network = '', primary = ''): string => `
apiVersion: v1
kind: Namespace
metadata:
  name: istio-system
  labels: {topology.istio.io/network: "${network}"}
  ${primary === '' ? '' : `annotations: {topology.istio.io/controlPlaneClusters: ${primary}}`}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}`;

const service = (name: string, spec = 'ports: [{name: http, port: 80}]'): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec: {selector: {app: ${name}}, ${spec}}`;

const pod = (name: string, app: string, namespace = 'shop'): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${namespace}, labels: {app: ${app}, version: ${name}}}
spec: {containers: [{name: app}, {name: istio-proxy, image: istio/proxyv2}]}`;

const gateway = (network: string): string => `
apiVersion: v1
kind: Service
metadata: {name: ew, namespace: istio-system, labels: {topology.istio.io/network: ${network}}}
spec: {type: LoadBalancer, selector: {istio: ew}, ports: [{name: tls, port: 15443}]}
status: {loadBalancer: {ingress: [{ip: 192.0.2.${network.length}}]}}
---
apiVersion: v1
kind: Pod
metadata: {name: ew-1, namespace: istio-system, labels: {istio: ew}}
spec: {containers: [{name: istio-proxy, image: istio/proxyv2, args: [proxy, router]}]}`;

const web = doc(namespaces(), service('web'), pod('web-1', 'web'));

describe('what one cluster shows', () => {
  test('is told for each, with the files of each, once', async () => {
    const bare = `
apiVersion: v1
kind: Service
metadata: {name: odd, namespace: shop}
spec: {selector: {app: web}, ports: [{name: odd, port: 81}]}`;
    expect(await told('IST0118', { east: doc(web, bare), west: doc(web, bare) })).toEqual([
      expect.stringMatching(/^Info IST0118 Service shop\/odd \(east\)/),
      expect.stringMatching(/^Info IST0118 Service shop\/odd \(west\)/),
    ]);
  });

  test('a service of another cluster is none that is missing', async () => {
    const route = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: pay, namespace: shop}
spec: {hosts: [pay], http: [{route: [{destination: {host: pay}}]}]}`;
    const pay = doc(namespaces(), service('pay'), pod('pay-1', 'pay'));
    expect(await told('IST0101', { east: doc(web, route), west: pay })).toEqual([]);
    expect(await told('IST0101', { east: doc(web, route), west: web })).toEqual([
      expect.stringMatching(/^Error IST0101 VirtualService shop\/pay \(east\): Referenced host not found: "pay"/),
    ]);
  });

  test('subsets take pods of all clusters, and those of one by its name', async () => {
    const rule = (labels: string): string => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: shop}
spec: {host: web, subsets: [{name: some, labels: {${labels}}}]}`;
    const west = doc(namespaces(), service('web'), pod('web-2', 'web'));
    expect(await told('IST0173', { east: doc(web, rule('version: web-2')), west })).toEqual([]);
    expect(await told('IST0173', { east: doc(web, rule('topology.istio.io/cluster: west')), west })).toEqual([]);
    expect(await told('IST0173', { east: doc(web, rule('topology.istio.io/cluster: north')), west })).toHaveLength(1);
    expect(await told('IST0173', { east: doc(web, rule('version: web-3')), west })).toHaveLength(1);
  });

  test('which of two rules counts is found by requests over all clusters', async () => {
    const route = (name: string, port: number): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: shop}
spec: {hosts: [web], http: [{route: [{destination: {host: web, port: {number: ${port}}}}]}]}`;
    const both = doc(service('web', 'ports: [{name: http, port: 80}, {name: http-b, port: 81}]'), pod('web-1', 'web'));
    const east = doc(namespaces(), both, route('a', 80), route('b', 81));
    expect(await told('MESH2010', { east, west: web })).toEqual([
      expect.stringMatching(/^Warning MESH2010 VirtualService shop\/b \(east\): .*shop\/a/),
    ]);
    expect(await told('MESH2010', { east: doc(namespaces(), both, route('a', 80)), west: web })).toEqual([]);
  });
});

describe('Services of several clusters', () => {
  test('are inconsistent in the words of Istio', async () => {
    const inconsistent = async (one: string, other: string): Promise<readonly string[]> =>
      told('IST0170', { east: doc(namespaces(), service('web', one)), west: doc(namespaces(), service('web', other)) });
    const ports = 'ports: [{name: tcp-a, port: 8080}]';
    const words = (reasons: string): string =>
      `The service web in namespace "shop" is inconsistent across clusters ["east" "west"], which can lead to undefined behaviors. The inconsistent behaviors are: ${reasons}.`;
    expect(await inconsistent(ports, ports)).toEqual([]);
    expect(
      await inconsistent(ports, 'type: ClusterIP, ports: [{name: tcp-a, port: 8080, protocol: TCP, targetPort: 8080}]'),
    ).toEqual([]);
    expect(await inconsistent(ports, `clusterIP: None, ${ports}`)).toEqual([
      `Warning IST0170 Service shop/web (east): ${words('service has mixed mode like headless and clusterIP')}`,
    ]);
    const [extra] = await inconsistent(ports, 'ports: [{name: tcp-a, port: 8080}, {name: tcp-b, port: 8081}]');
    expect(extra).toContain(words('service ports are inconsistent'));
    expect(extra).toContain('MESH1702 says what follows from it');
    // How it is reached from outside, and at which port of the pods, changes nothing in the mesh.
    const [outside] = await inconsistent(ports, `type: LoadBalancer, ${ports}`);
    expect(outside).toContain(words('service type is inconsistent'));
    expect(outside).toMatch(/^Info .*only a hint/);
  });

  test('with other ports are told once, whoever configures', async () => {
    const other = doc(namespaces(), service('web', 'ports: [{name: web, port: 80}]'));
    const remote = doc(namespaces('', 'east'), service('web', 'ports: [{name: web, port: 80}]'));
    const consequence =
      'web.shop has other ports in cluster west than in east, whose definition counts for what east configures: the pods of west do not serve port 80 (http, HTTP); nobody reaches port 80 (web), which east does not have';
    const expected = [`Warning MESH1702 Service shop/web (west): ${consequence}`];
    expect(await told('MESH1702', { east: web, west: other })).toEqual(expected);
    expect(await told('MESH1702', { east: web, west: remote })).toEqual(expected);
    expect(await told('MESH1702', { east: web, west: web })).toEqual([]);
    expect(await told('MESH1702', { east: web, south: other, west: other })).toHaveLength(2);
  });
});

describe('networks', () => {
  const east = doc(namespaces('net-a'), service('web'), pod('web-1', 'web'));
  const west = doc(namespaces('net-bb'), service('web'), pod('web-2', 'web'));

  test('without a gateway are told once, where they are named', async () => {
    expect(await told('MESH1703', { east: doc(east, gateway('net-a')), west })).toEqual([
      'Warning MESH1703 Namespace istio-system (west): network net-bb has no gateway: clients in net-a are sent to the addresses of pods in west there',
    ]);
    expect(await told('MESH1703', { east: doc(east, gateway('net-a')), west: doc(west, gateway('net-bb')) })).toEqual([]);
  });

  const passing = (host: string): string => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: ew, namespace: istio-system}
spec:
  selector: {istio: ew}
  servers: [{port: {number: 15443, name: tls, protocol: TLS}, tls: {mode: AUTO_PASSTHROUGH}, hosts: ["${host}"]}]`;
  const entry = (location: string): string => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: vault, namespace: shop}
spec: {hosts: [vault.corp], location: ${location}, resolution: STATIC, ports: [{number: 80, name: http, protocol: HTTP}], endpoints: [{address: 10.9.9.9}]}`;

  test('a gateway between them that lets out more than Services is told, with what it leads to', async () => {
    const through = async (host: string, location: string): Promise<readonly string[]> =>
      told('MESH1704', { east: doc(east, gateway('net-a'), passing(host), entry(location)), west: doc(west, gateway('net-bb')) });
    expect(await through('*.local', 'MESH_INTERNAL')).toEqual([]);
    expect(await through('*.shop.svc.cluster.local', 'MESH_INTERNAL')).toEqual([]);
    expect(await through('vault.corp', 'MESH_INTERNAL')).toEqual([]);
    expect(await through('*', 'MESH_INTERNAL')).toEqual([
      'Warning MESH1704 Gateway istio-system/ew (east): Gateway istio-system/ew passes on * from other networks: that leads to ServiceEntries of this mesh too, vault.corp',
    ]);
    expect(await through('*', 'MESH_EXTERNAL')).toEqual([expect.stringMatching(/^Info MESH1704 .*of which there is none$/)]);
    expect(await through('*.corp', 'MESH_EXTERNAL')).toEqual([]);
  });

  const credential = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: front, namespace: shop}
spec:
  selector: {istio: ew}
  servers: [{port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: cert}, hosts: [shop.example]}]`;
  const secret = (name: string): string => `
apiVersion: v1
kind: Secret
metadata: {name: ${name}, namespace: istio-system}
stringData: {tls.crt: "x", tls.key: "y"}`;

  test('a Secret that only another primary has is told for the pods of a gateway', async () => {
    const of = async (first: string, second: string): Promise<readonly string[]> =>
      told('MESH1708', { east: doc(east, gateway('net-a'), credential, first), west: doc(west, second) });
    expect(await of(secret('other'), secret('cert'))).toEqual([
      'Warning MESH1708 Gateway shop/front (east): the pods of Gateway shop/front in cluster east do not get Secret istio-system/cert, which is looked for there and in its primary: only west has it',
    ]);
    expect(await of(secret('cert'), secret('cert'))).toEqual([]);
    // Where no Secrets are among the manifests, they are kept elsewhere.
    expect(await of('', secret('cert'))).toEqual([]);
  });
});

describe('several primaries', () => {
  const policy = (name: string, app: string): string => `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ${name}, namespace: shop}
spec: {selector: {matchLabels: {app: ${app}}}, rules: [{}]}`;
  const route = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web], http: [{timeout: 2s, route: [{destination: {host: web}}]}]}`;
  const codes = ['MESH1705', 'MESH1709'];

  test('of which one has a policy for pods that the other has too are told', async () => {
    expect(await told(codes, { east: doc(web, policy('lock', 'web')), west: web })).toEqual([
      'Warning MESH1705 AuthorizationPolicy shop/lock (east): AuthorizationPolicy shop/lock stands in primary east and not in west, whose proxies are without it: west/shop/web-1',
    ]);
  });

  test('or configuration for hosts that clients of the other call', async () => {
    expect(await told(codes, { east: doc(web, route), west: web })).toEqual([
      'Info MESH1709 VirtualService shop/web (east): VirtualService shop/web stands in primary east and not in west: clients there go without it to web.shop.svc.cluster.local',
    ]);
  });

  test('are not where the other has its own for the same, no such pods, or no istiod', async () => {
    expect(
      await told(codes, { east: doc(web, policy('lock', 'web'), route), west: doc(web, policy('own', 'web'), route) }),
    ).toEqual([]);
    expect(await told(codes, { east: doc(web, policy('lock', 'pay')), west: web })).toEqual([]);
    const remote = doc(namespaces('', 'east'), service('web'), pod('web-2', 'web'));
    expect(await told(codes, { east: doc(web, policy('lock', 'web'), route), west: remote })).toEqual([]);
  });

  const config = (trustDomain: string, aliases = ''): string => `
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data: {mesh: "trustDomain: ${trustDomain}\\ntrustDomainAliases: [${aliases}]\\n"}`;

  test('that do not accept the trust domain of each other are told once', async () => {
    const of = async (one: string, other: string): Promise<readonly string[]> =>
      told('MESH1706', { east: doc(web, one), west: doc(web, other) });
    expect(await of(config('one.example'), config('one.example'))).toEqual([]);
    expect(await of(config('one.example', 'two.example'), config('two.example', 'one.example'))).toEqual([]);
    expect(await of(config('one.example'), config('two.example'))).toEqual([
      "Warning MESH1706 ConfigMap istio-system/istio (west): clusters east and west do not accept each other's identities: pods of west refuse those of east, whose trust domain is one.example; pods of east refuse those of west, whose trust domain is two.example",
    ]);
  });

  test('of a remote, the trust domain that its ConfigMap names is to be that of its primary', async () => {
    const remote = doc(namespaces('', 'east'), service('web'), pod('web-2', 'web'));
    const of = async (...more: readonly string[]): Promise<readonly string[]> =>
      told('MESH1706', { east: doc(web, config('one.example')), west: doc(remote, ...more) });
    expect(await of()).toEqual([]);
    expect(await of(config('one.example'))).toEqual([]);
    expect(await of(config('two.example'))).toEqual([
      expect.stringContaining(
        'pods of east look for those of west in the trust domain two.example, whose certificates say one.example',
      ),
    ]);
  });

  const authority = (name: string, key: string, root: string): string => `
apiVersion: v1
kind: Secret
metadata: {name: ${name}, namespace: istio-system}
stringData:
  ${key}: ${JSON.stringify(root)}`;
  const otherRoot = certificate.replace('MIIB', 'MIIC');

  test('whose authorities have no root in common are told, without a word of the certificates', async () => {
    const of = async (one: string, other: string): Promise<readonly string[]> =>
      told('MESH1707', { east: doc(web, one), west: doc(web, other) });
    expect(
      await of(authority('cacerts', 'root-cert.pem', certificate), authority('istio-ca-secret', 'ca-cert.pem', otherRoot)),
    ).toEqual([
      'Warning MESH1707 Secret istio-system/cacerts (east): the authority of cluster east has no root certificate in common with Secret istio-system/istio-ca-secret of west: mutual TLS between their workloads fails',
    ]);
    const bundle = authority('cacerts', 'root-cert.pem', otherRoot + certificate);
    expect(await of(authority('cacerts', 'root-cert.pem', certificate), bundle)).toEqual([]);
    expect(await of('', bundle)).toEqual([]);
  });
});
