import { describe, expect, test } from 'vitest';
import { inFault } from '../../support/fault.ts';

const unknown = ['--from', 'web.shop', 'http://unknown.example.com/'];

describe('istiooperator-meshconfig', () => {
  test('spec.meshConfig of an IstioOperator is in effect, and that is said', async () => {
    const mesh = inFault('istiooperator-meshconfig');
    const traced = await mesh('trace', '-f', 'a.yaml', ...unknown);
    expect(traced.out).not.toContain('PassthroughCluster');
    expect(traced.err).toContain(
      'a.yaml:6:3: info [MESH0077] IstioOperator istio-system/mesh: MeshConfig is that of IstioOperator istio-system/mesh',
    );
    expect((await mesh('analyze', 'a.yaml')).out).not.toContain('MESH1302');
  });

  test.each([
    [
      'an Istio resource',
      'apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata: {name: default}\nspec: {values: {meshConfig: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}}}}\n',
    ],
    [
      'a HelmRelease',
      'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: istiod, namespace: istio-system}\nspec: {chart: {spec: {chart: istiod}}, values: {meshConfig: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}}}}\n',
    ],
    [
      'values of an Application',
      'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: istiod, namespace: argocd}\nspec: {source: {chart: istiod, helm: {values: "meshConfig: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}}"}}}\n',
    ],
    [
      'the ConfigMap of a revision',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio-canary, namespace: istio-system}\ndata: {mesh: "outboundTrafficPolicy: {mode: REGISTRY_ONLY}"}\n',
    ],
  ])('%s', async (_, text) => {
    const mesh = inFault('mesh-config-configmap', { 'i.yaml': text });
    expect((await mesh('trace', '-f', 'pod.yaml', '-f', 'i.yaml', ...unknown)).out).not.toContain('PassthroughCluster');
    // The flag takes each of them too.
    const flagged = await mesh('trace', '-f', 'pod.yaml', '--mesh-config', 'i.yaml', ...unknown);
    expect([flagged.out.includes('PassthroughCluster'), flagged.err]).toEqual([false, '']);
  });

  test('an IstioOperator without meshConfig says nothing', async () => {
    const text = 'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: a}\nspec: {profile: demo}\n';
    const mesh = inFault('mesh-config-configmap', { 'i.yaml': text });
    expect((await mesh('trace', '-f', 'pod.yaml', '-f', 'i.yaml', ...unknown)).err).toBe('');
  });
});

describe('mesh-config-configmap', () => {
  test('--mesh-config takes the ConfigMap out of a cluster, and values of the chart', async () => {
    const mesh = inFault('mesh-config-configmap', {
      'values.yaml': 'meshConfig: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}}\n',
    });
    for (const file of ['cm.yaml', 'values.yaml']) {
      const { out, err, status } = await mesh('trace', '-f', 'pod.yaml', '--mesh-config', file, ...unknown);
      expect([status, out.includes('PassthroughCluster'), err]).toEqual([0, false, '']);
    }
  });

  test('an object that holds none is an error', async () => {
    const { status, err } = await inFault('mesh-config-configmap')(
      'trace',
      '-f',
      'pod.yaml',
      '--mesh-config',
      'pod.yaml',
      ...unknown,
    );
    expect([status, err]).toEqual([65, expect.stringContaining('a Pod holds no MeshConfig')]);
  });
});

describe('no-ingress-workload', () => {
  const mesh = inFault('no-ingress-workload');
  const said = "istio-ingressgateway in istio-system, as Istio's installation has it, is taken to exist";

  test('the usual ingress gateway is taken to exist by every command, which is said once', async () => {
    const traced = await mesh('trace', '-f', 'a.yaml', '--from', 'outside', 'http://shop.example.com/');
    expect(traced).toMatchObject({
      status: 0,
      out: expect.stringContaining('enters at istio-system/istio-ingressgateway-0:8080'),
    });
    expect(traced.err.split(said)).toHaveLength(2);
    expect((await mesh('translate', '-f', 'a.yaml')).out).toContain('"istio-system/istio-ingressgateway-0"');
    expect((await mesh('graph', '-f', 'a.yaml')).out).toMatch(/istio-system\/istio-ingressgateway +shop\/web/);
    const { out } = await mesh('analyze', 'a.yaml');
    // Beside it, what Envoy makes of the empty key set of the input.
    expect(out.match(/\[(?:IST|MESH)\w+\]/g)).toEqual(['[MESH2098]', '[MESH0076]']);
  });

  test('the mesh calls no Service of it, which nobody wrote', async () => {
    const { out } = await inFault('no-ingress-workload')('graph', '-f', 'a.yaml', '-o', 'json');
    const { edges } = JSON.parse(out) as { edges: readonly { from: string; host: string }[] };
    expect(edges.map(({ from, host }) => `${from} ${host}`)).toEqual([
      'outside istio-system/istio-ingressgateway',
      'istio-system/istio-ingressgateway shop.example.com',
    ]);
  });

  test('sidecars get what they get without it', async () => {
    const all = JSON.parse((await mesh('translate', '-f', 'a.yaml')).out) as { proxies: Record<string, unknown> };
    expect(JSON.stringify(all.proxies['shop/web'])).not.toContain('ingressgateway');
  });

  test('the label app selects it too', async () => {
    const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: main, namespace: shop}
spec:
  selector: {app: istio-ingressgateway}
  servers: [{port: {number: 8443, name: tcp, protocol: TCP}, hosts: ["*"]}]
`;
    const { out } = await inFault('no-ingress-workload', { 'g.yaml': gateway })('analyze', 'g.yaml');
    expect(out).not.toMatch(/IST0101|IST0127|MESH2047/);
  });

  test('a gateway of that label in the input is taken as it is', async () => {
    const pod = `apiVersion: v1
kind: Pod
metadata: {name: gw, namespace: gw, labels: {istio: ingressgateway}, annotations: {inject.istio.io/templates: gateway}}
spec: {containers: [{name: istio-proxy, image: auto}]}
`;
    const { out, err } = await inFault('no-ingress-workload', { 'p.yaml': pod })('translate', '-f', '.');
    expect(out).not.toContain('istio-system/istio-ingressgateway-0');
    expect(err).not.toContain('MESH0076');
  });
});

describe('trace-outside-first-gateway', () => {
  const mesh = inFault('trace-outside-first-gateway');
  const trace = (...args: readonly string[]): ReturnType<typeof mesh> =>
    mesh('trace', '-f', 'a.yaml', '--from', 'outside', 'http://shop.example.com/', ...args);

  test('a request from outside enters at the gateway that has a route for it', async () => {
    const { out } = await trace();
    expect(out).toContain('enters at istio-system/ingress:8080');
    expect(out).toContain('200 served by shop/web');
  });

  test('--gateway names another one', async () => {
    const { out } = await trace('--gateway', 'istio-system/cluster-local');
    expect(out).toContain('enters at istio-system/cluster-local:8080');
    expect((await trace('--gateway', 'cluster-local')).out).toContain('enters at istio-system/cluster-local:8080');
    expect(await trace('--gateway', 'nosuch')).toMatchObject({
      status: 64,
      err: expect.stringContaining('no gateway is named "nosuch"'),
    });
  });

  test.each(['graph', 'test', 'diff'])('--gateway of %s is that of trace', async (command) => {
    const table = 'requests: [{from: outside, url: http://shop.example.com/, expect: {status: 404}}]\n';
    const mesh = inFault('trace-outside-first-gateway', { 's.mesh-test.yaml': table, 'old/a.yaml': '' });
    const calls: Readonly<Record<string, readonly string[]>> = {
      graph: ['graph', '-f', 'a.yaml'],
      test: ['test', '-f', 'a.yaml', 's.mesh-test.yaml'],
      diff: ['diff', 'a.yaml', 'a.yaml'],
    };
    const call = calls[command] ?? [];
    const [all, one] = [await mesh(...call), await mesh(...call, '--gateway', 'cluster-local')];
    if (command === 'graph') {
      expect(all.out).toContain('istio-system/ingress ');
      expect(one.out).toContain('istio-system/cluster-local');
      expect(one.out).not.toContain('istio-system/ingress ');
    }
    if (command === 'test') expect([all.status, one.status]).toEqual([79, 0]);
    const { status, err } = await mesh(...call, '--gateway', 'ingres');
    expect([status, err]).toEqual([64, expect.stringContaining('did you mean istio-system/ingress')]);
  });

  test('among gateways that fit alike, a LoadBalancer goes first and the others are named', async () => {
    const more = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: inner, namespace: shop}
spec:
  hosts: ["*"]
  gateways: [istio-system/cluster-local]
  http: [{route: [{destination: {host: web}}]}]
`;
    const { out } = await inFault('trace-outside-first-gateway', { 'b.yaml': more })(
      'trace',
      '-f',
      '.',
      '--from',
      'outside',
      'http://shop.example.com/',
    );
    expect(out).toContain('enters at istio-system/ingress:8080; istio-system/cluster-local would take it too (--gateway)');
  });
});

describe('rollouts-cronjobs', () => {
  test('Rollouts, CronJobs and DeploymentConfigs stand for pods', async () => {
    const config = `apiVersion: apps.openshift.io/v1
kind: DeploymentConfig
metadata: {name: legacy, namespace: shop}
spec:
  replicas: 2
  selector: {app: legacy}
  template: {metadata: {labels: {app: legacy}}, spec: {containers: [{name: x, image: x}]}}
`;
    const mesh = inFault('rollouts-cronjobs', { 'dc.yaml': config });
    expect(await mesh('analyze', 'a.yaml')).toMatchObject({ status: 0 });
    const { out } = await mesh('translate', '-f', '.');
    expect(Object.keys((JSON.parse(out) as { proxies: object }).proxies)).toEqual([
      'shop/legacy-0',
      'shop/legacy-1',
      'shop/report-0',
      'shop/web-0',
      'shop/web-1',
    ]);
    expect(await mesh('pc', 'c', 'web', '-n', 'shop', '-f', 'a.yaml')).toMatchObject({ status: 0 });
  });

  test('a Rollout that refers to a Deployment has the pods of that', async () => {
    const rollout = `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: ref, namespace: shop}
spec: {workloadRef: {apiVersion: apps/v1, kind: Deployment, name: ref}}
`;
    const { err } = await inFault('rollouts-cronjobs', { 'r.yaml': rollout })('translate', '-f', 'r.yaml');
    expect(err).toBe('warning: the manifests have no pod that is in the mesh, so there is no proxy to configure\n');
  });

  test('what else has a template of pods is named as not computed', async () => {
    const service = `apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: hello, namespace: shop}
spec: {template: {spec: {containers: [{image: x}]}}}
`;
    const { err } = await inFault('rollouts-cronjobs', { 'k.yaml': service })('translate', '-f', 'k.yaml');
    expect(err).toContain('the pods of a Service (serving.knative.dev) are not computed');
  });
});

describe('gateways that something in the input installs', () => {
  const gateway = (selector: string): string =>
    `apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: door, namespace: shop}\nspec: {selector: ${selector}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}\n`;
  const app =
    'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: web}, ports: [{name: http, port: 80}]}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, labels: {app: web}}\nspec: {containers: [{name: app, image: app}]}\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web, namespace: shop}\nspec: {hosts: ["*"], gateways: [door], http: [{route: [{destination: {host: web}}]}]}\n';
  const operator = (fields: string): string =>
    `apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: {name: plane, namespace: istio-system}\nspec: {components: {${fields}}}\n`;
  const release = (name: string, values = '{}', repository = 'istio'): string =>
    `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: ${name}, namespace: edge}\nspec: {chart: {spec: {chart: gateway, sourceRef: {kind: HelmRepository, name: ${repository}}}}, values: ${values}}\n`;
  const application =
    'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: istio-door, namespace: argocd}\nspec: {destination: {namespace: edge}, source: {chart: gateway, repoURL: https://istio-release.storage.googleapis.com/charts, helm: {values: "labels: {istio: front}"}}}\n';
  const mesh = (...texts: readonly string[]): ReturnType<typeof inFault> =>
    inFault('action-default-paths', { 'gateways.yaml': [app, ...texts].join('---\n') });

  test.each([
    [
      'an IstioOperator',
      '{istio: front}',
      operator('ingressGateways: [{name: front, namespace: edge, label: {istio: front}}]'),
      'edge/front',
    ],
    [
      'an IstioOperator, for what leaves',
      '{istio: egressgateway}',
      operator('egressGateways: [{enabled: true}]'),
      'istio-system/istio-egressgateway',
    ],
    ['a HelmRelease', '{istio: door}', release('istio-door'), 'edge/istio-door'],
    ['a HelmRelease with labels', '{app: front}', release('istio-door', '{labels: {app: front}}'), 'edge/istio-door'],
    ['an Application', '{istio: front}', application, 'edge/istio-door'],
  ])('%s', async (_, selector, installer, name) => {
    const ask = mesh(gateway(selector), installer);
    const { status, out } = await ask('analyze', 'gateways.yaml');
    expect([status, out.match(/\[\w+\]/g)]).toEqual([0, ['[MESH0076]']]);
    const traced = await ask('trace', '--from', 'outside', 'http://shop.example/', '-f', 'gateways.yaml');
    expect(traced.out).toContain(`${name}-0 (gateway)`);
    expect(traced.out).toContain('200 served by shop/web');
  });

  test('one that is not installed, or a chart of others, is still missing', async () => {
    for (const installer of [
      operator('ingressGateways: [{name: front, enabled: false, label: {istio: front}}]'),
      release('istio-front', '{}', 'kong'),
      release('istio-other'),
    ]) {
      const { out } = await mesh(gateway('{istio: front}'), installer)('analyze', 'gateways.yaml');
      expect(out).toContain('[IST0101]');
    }
  });

  test('one that a cluster would refuse is missing: its name, its labels or its ports', async () => {
    for (const installer of [
      operator('ingressGateways: [{name: ../front, label: {istio: front}}]'),
      operator('ingressGateways: [{name: front, label: {istio: front, "a b": c}}]'),
      operator('ingressGateways: [{name: front, label: {istio: front}, k8s: {service: {ports: [{port: 70000}]}}}]'),
    ]) {
      const { status, out } = await mesh(gateway('{istio: front}'), installer)('analyze', 'gateways.yaml');
      expect([status, out]).toEqual([79, expect.stringContaining('[IST0101]')]);
    }
  });

  test('which Gateway it is reported at, and which of two installers of one name it is, do not depend on the order of files', async () => {
    const doors = ['b', 'a'].map((name) => gateway('{istio: front}').replace('name: door', `name: ${name}`));
    const installers = [release('front', '{labels: {istio: front}}'), application.replace('istio-door', 'front')];
    const lines = async (texts: readonly string[]): Promise<string | undefined> =>
      (await mesh(...texts)('analyze', 'gateways.yaml')).out
        .split('\n')
        .find((line) => line.includes('MESH0076'))
        ?.replace(/^.*info /, '');
    const [there, back] = [await lines([...doors, ...installers]), await lines([...doors, ...installers].reverse())];
    expect(there).toBe(back);
    expect(there).toContain('Gateway shop/a: no such gateway is in the input: front in edge, as Application argocd/front has it');
  });

  test('one whose pods are in the input is those', async () => {
    const pod =
      'apiVersion: v1\nkind: Pod\nmetadata: {name: mine, namespace: edge, labels: {istio: door}}\nspec: {containers: [{name: istio-proxy, image: auto}]}\n';
    const { out } = await mesh(gateway('{istio: door}'), release('istio-door'), pod)('analyze', 'gateways.yaml');
    expect(out).not.toContain('MESH0076');
  });

  test('istiod is there for who routes to it, and for nobody else', async () => {
    const route = gateway('{istio: ingressgateway}').replace('HTTP}', 'TCP}').replace('name: http', 'name: tcp');
    const opened =
      'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: istiod, namespace: shop}\nspec: {hosts: ["*"], gateways: [door], tcp: [{route: [{destination: {host: istiod.istio-system.svc.cluster.local, port: {number: 15012}}}]}]}\n';
    const ask = inFault('action-default-paths', { 'gateways.yaml': `${route}---\n${opened}` });
    expect((await ask('analyze', 'gateways.yaml')).out.match(/\[(?:MESH|IST)\d+\]/g)).toEqual(['[MESH0076]', '[MESH0081]']);
    const wrong = inFault('action-default-paths', { 'gateways.yaml': `${route}---\n${opened.replace('15012', '15011')}` });
    expect((await wrong('analyze', 'gateways.yaml')).out).toContain('[IST0101]');
    expect((await mesh()('pc', 'clusters', 'web.shop', '-f', 'gateways.yaml')).out).not.toContain('istiod');
  });
});
