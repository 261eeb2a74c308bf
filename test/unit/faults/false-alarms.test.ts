import { describe, expect, test } from 'vitest';
import { inFault } from '../../support/fault.ts';

describe('analyze-empty-namespace', () => {
  const mesh = inFault('analyze-empty-namespace');

  test('what names no namespace is in "default", as in every other command', async () => {
    expect(await mesh('analyze', '.')).toMatchObject({ status: 0, out: '' });
  });

  test('with -A it is in none, as in istioctl', async () => {
    expect((await mesh('analyze', '-A', '.')).out).toContain('IST0101');
  });
});

describe('ist0127-without-namespace-object', () => {
  const mesh = inFault('ist0127-without-namespace-object');

  test('a pod is in the mesh where nothing is known of its namespace, or that has a revision', async () => {
    expect(await mesh('analyze', 'svc.yaml', 'vs.yaml')).toMatchObject({ out: '' });
    expect(await mesh('analyze', 'svc.yaml', 'vs.yaml', 'ns-with-revision.yaml')).toMatchObject({ out: '' });
  });

  test('a policy for pods of a namespace that is not in the mesh is told of', async () => {
    const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: default}\n';
    const { out } = await inFault('ist0127-without-namespace-object', { 'n.yaml': namespace })(
      'analyze',
      'svc.yaml',
      'vs.yaml',
      'n.yaml',
    );
    expect(out).toContain('IST0127');
  });
});

describe('ist0146-gateway-chart', () => {
  test("Istio's own webhook is taken to be there", async () => {
    expect((await inFault('ist0146-gateway-chart')('analyze', 'a.yaml')).out).not.toContain('IST0146');
  });

  test('a namespace that says no is told of', async () => {
    const disabled = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: closed, labels: {istio-injection: disabled}}\n';
    const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: gw, namespace: closed}
spec:
  selector: {matchLabels: {app: gw}}
  template: {metadata: {labels: {app: gw}}, spec: {containers: [{name: istio-proxy, image: auto}]}}
`;
    const mesh = inFault('ist0146-gateway-chart', { 'b.yaml': `${disabled}---\n${deployment}` });
    expect((await mesh('analyze', 'b.yaml')).out).toContain('IST0146');
  });
});

describe('pods whose sidecar is still to come', () => {
  const pod = (more = ''): string => `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: web, image: x}]}
${more}`;

  test('IST0103 is not told of pods in files', async () => {
    expect((await inFault('created-first', { 'p.yaml': pod() })('analyze', 'p.yaml')).out).not.toContain('IST0103');
  });

  test('it is told of a pod out of a cluster, and where others have their sidecar', async () => {
    const running = pod('status: {phase: Running}\n');
    expect((await inFault('created-first', { 'p.yaml': running })('analyze', 'p.yaml')).out).toContain('IST0103');
    const other = `---
apiVersion: v1
kind: Pod
metadata: {name: other, namespace: shop}
spec: {containers: [{name: other, image: x}, {name: istio-proxy, image: "istio/proxyv2:1.30.3"}]}
`;
    expect((await inFault('created-first', { 'p.yaml': pod(other) })('analyze', 'p.yaml')).out).toContain('IST0103');
  });
});

describe('foreign-gateway-class', () => {
  test("routes of another implementation's Gateway are none of Istio's business", async () => {
    const { out } = await inFault('foreign-gateway-class')('analyze', 'a.yaml');
    expect(out.match(/\[\w+\]/g)).toEqual(['[MESH1201]']);
  });

  test('a parent that is missing is told of', async () => {
    const route = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: lost, namespace: shop}
spec: {parentRefs: [{name: nowhere}], rules: [{backendRefs: [{name: web, port: 80}]}]}
`;
    expect((await inFault('foreign-gateway-class', { 'b.yaml': route })('analyze', '.')).out).toContain('MESH1203');
  });
});

describe('created-first', () => {
  const overlapping = (text: string): string => text.replace('prefix: /b/', 'prefix: /a/b/');

  test('rules that no request can fit both are not told of', async () => {
    expect((await inFault('created-first')('analyze', 'a.yaml')).out).not.toMatch(/MESH200[25]/);
  });

  test('where nobody knows which is older, the words say so', async () => {
    const { readFileSync } = await import('node:fs');
    const text = readFileSync(new URL('../../../fixtures/faults/created-first/a.yaml', import.meta.url), 'utf8');
    const { out } = await inFault('created-first', { 'a.yaml': overlapping(text) })('analyze', 'a.yaml');
    expect(out).toContain('which goes first here by its name (in a cluster the older one does)');
    expect(out).not.toContain('which was created first');
  });
});

describe('provider-without-meshconfig', () => {
  const policy = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: opa, namespace: shop}
spec: {action: CUSTOM, provider: {name: opa}, rules: [{}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: web, image: x}]}
`;

  test('a provider can be missing only where MeshConfig is given', async () => {
    const mesh = inFault('mesh-config-configmap', { 'p.yaml': policy });
    expect((await mesh('analyze', 'p.yaml')).out).toContain('info [MESH1302]');
    expect((await mesh('analyze', 'p.yaml', 'cm.yaml')).out).toContain('warning [MESH1302]');
  });
});

describe('Secrets that other controllers make', () => {
  const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: main, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: web-cert}, hosts: [web.example.com]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web.example.com], gateways: [main], http: [{directResponse: {status: 299}}]}
`;
  const object = (apiVersion: string, kind: string, name: string, spec: string, namespace = 'istio-system'): string =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {${spec}}\n`;
  const certificate = (name: string, namespace?: string): string =>
    object('cert-manager.io/v1', 'Certificate', 'web', `secretName: ${name}`, namespace);
  const analyzed = async (files: Readonly<Record<string, string>>): Promise<string> =>
    (await inFault('action-default-paths', files)('analyze', ...Object.keys(files))).out;

  test.each([
    ['a Certificate', certificate('web-cert')],
    ['an ExternalSecret', object('external-secrets.io/v1', 'ExternalSecret', 'web-cert', 'target: {}')],
    ['an ExternalSecret with a target', object('external-secrets.io/v1', 'ExternalSecret', 'web', 'target: {name: web-cert}')],
    ['a SealedSecret', object('bitnami.com/v1alpha1', 'SealedSecret', 'web-cert', 'encryptedData: {}')],
    ['a VaultStaticSecret', object('secrets.hashicorp.com/v1beta1', 'VaultStaticSecret', 'web', 'destination: {name: web-cert}')],
  ])('the one that %s stands for is not missed', async (_, issuer) => {
    expect(await analyzed({ 'g.yaml': gateway, 'issuer.yaml': issuer })).not.toContain('IST0101');
  });

  test('one of another name or namespace does not help, and is named', async () => {
    expect(await analyzed({ 'g.yaml': gateway, 'issuer.yaml': certificate('other') })).toContain('IST0101');
    const out = await analyzed({ 'g.yaml': gateway, 'issuer.yaml': certificate('web-cert', 'shop') });
    expect(out).toContain('Referenced credentialName not found: "web-cert"');
    expect(out).toContain('there is one of this name in shop: issuer.yaml:3');
  });

  test('listeners of the Gateway API are served with them, also where cert-manager makes them for the Gateway', async () => {
    const listening = (annotations = ''): string => `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gw, namespace: shop${annotations}}
spec:
  gatewayClassName: istio
  listeners: [{name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: web-cert}]}}]
`;
    expect(await analyzed({ 'g.yaml': listening() })).toContain('MESH1202');
    expect(await analyzed({ 'g.yaml': listening(), 'c.yaml': certificate('web-cert', 'shop') })).not.toContain('MESH1202');
    const annotated = listening(', annotations: {cert-manager.io/cluster-issuer: acme}');
    expect(await analyzed({ 'g.yaml': annotated })).not.toContain('MESH1202');
    const mesh = inFault('action-default-paths', { 'g.yaml': annotated });
    expect((await mesh('pc', 'listeners', 'gw-istio-0.shop', '-f', 'g.yaml')).out).toContain('443');
  });

  test('connections go on without their values being known, beside Secrets that are written', async () => {
    const written = 'apiVersion: v1\nkind: Secret\nmetadata: {name: other, namespace: shop}\n';
    const traced = async (issuer: string): Promise<string> => {
      const files = { 'g.yaml': gateway, 'issuer.yaml': issuer, 's.yaml': written };
      const paths = Object.keys(files).flatMap((file) => ['-f', file]);
      return (await inFault('action-default-paths', files)('trace', '--from', 'outside', 'https://web.example.com/', ...paths))
        .out;
    };
    expect(await traced(certificate('web-cert'))).toContain('299');
    expect(await traced(certificate('other'))).not.toContain('299');
  });
});

describe('what is not read', () => {
  const route = (host: string): string =>
    `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web, namespace: shop}\nspec: {hosts: [web.example.com], gateways: [main], http: [{route: [{destination: {host: ${host}}}]}]}\n`;
  const gateway =
    'apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: main, namespace: shop}\nspec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}\n';
  const release = (namespace: string, chart = 'podinfo'): string =>
    `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: ${namespace}}\nspec: {chart: {spec: {chart: ${chart}}}}\n`;
  const application = (namespace: string, source: string): string =>
    `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web, namespace: argocd}\nspec: {destination: {namespace: ${namespace}}, source: {repoURL: https://example.com, ${source}}}\n`;
  const levels = async (files: Readonly<Record<string, string>>): Promise<readonly (string | undefined)[]> => {
    const { out } = await inFault('action-default-paths', { 'g.yaml': gateway, ...files })('analyze', '.');
    return [...out.matchAll(/(\w+) \[IST0\d+\]/g)].map(([, level]) => level);
  };

  test('a Service that a chart may have, which something installs in its namespace, is missed in a hint', async () => {
    const web = { 'r.yaml': route('cart') };
    expect(await levels(web)).toEqual(['error']);
    expect(await levels({ ...web, 'h.yaml': release('shop') })).toEqual(['info']);
    expect(await levels({ ...web, 'h.yaml': release('other') })).toEqual(['error']);
    expect(await levels({ ...web, 'h.yaml': release('shop', 'istiod') })).toEqual(['error']);
    expect(await levels({ 'r.yaml': route('web.example.com'), 'h.yaml': release('shop') })).toEqual(['error']);
  });

  test('so is what an Application brings from elsewhere, and not what it applies of the folder', async () => {
    const web = { 'apps/r.yaml': route('cart') };
    expect(await levels({ ...web, 'a.yaml': application('shop', 'chart: podinfo') })).toEqual(['info']);
    expect(await levels({ ...web, 'a.yaml': application('shop', 'path: elsewhere') })).toEqual(['info']);
    expect(await levels({ ...web, 'a.yaml': application('shop', 'path: apps') })).toEqual(['error']);
    expect(await levels({ ...web, 'a.yaml': application('other', 'chart: podinfo') })).toEqual(['error']);
  });

  test('what a chart or a template beside it names is missed in a hint that says where', async () => {
    const chart = (name: string): Readonly<Record<string, string>> => ({
      'chart/Chart.yaml': 'name: page\nversion: 1.0.0\n',
      'chart/templates/service.yaml': `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\n  labels: {{ .Values.labels }}\n`,
    });
    const web = { 'r.yaml': route('cart') };
    expect(await levels({ ...web, ...chart('cart') })).toEqual(['info']);
    expect(await levels({ ...web, ...chart('carts') })).toEqual(['error']);
    expect(await levels({ ...web, 'chart/Chart.yaml': 'name: cart\nversion: 1.0.0\n' })).toEqual(['info']);
    const { out } = await inFault('action-default-paths', { 'g.yaml': gateway, ...web, ...chart('cart') })('analyze', '.');
    expect(out).toContain('only a hint, because ./chart/templates/service.yaml, which is not read, may have it');
    const routed = { ...web, 't.yaml': route('cart').replace('name: web', 'name: "${NAME}"') };
    expect(await levels(routed)).toEqual(['error']);
  });

  test('pods that a release may have are missed in a hint, too', async () => {
    const policy =
      'apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: web, namespace: shop}\nspec: {selector: {matchLabels: {app: cart}}, rules: [{}]}\n';
    expect(await levels({ 'p.yaml': policy })).toEqual(['warning']);
    expect(await levels({ 'p.yaml': policy, 'h.yaml': release('shop') })).toEqual(['info']);
  });
});

test('a gateway may run as the user of proxies, which is all that it is; an application beside one may not', async () => {
  const pod = (containers: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: gw, namespace: shop}\nspec: {securityContext: {runAsUser: 1337}, containers: [${containers}]}\n`;
  const of = async (containers: string) =>
    (await inFault('action-default-paths', { 'p.yaml': pod(containers) })('analyze', 'p.yaml')).out;
  expect(await of('{name: istio-proxy, image: auto}')).not.toContain('IST0144');
  expect(await of('{name: istio-proxy, image: auto}, {name: app, image: app}')).toContain('IST0144');
});
