import { describe, expect, test } from 'vitest';
import { inFault } from '../../support/fault.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const service = (name: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: shop}\nspec: {ports: [{name: http, port: 80}]}\n`;

describe('files without Kubernetes objects', () => {
  test('action-default-paths: they are passed over and counted where nobody named them', async () => {
    const mesh = inFault('action-default-paths');
    const { status, out, err } = await mesh('analyze', '.');
    expect([status, out]).toEqual([0, '']);
    expect(err).toBe('No problems found in 1 file.\nPassed over: 2 files without Kubernetes objects.\n');
    expect((await mesh('analyze', '-v', '.')).err).toContain('  ./docker-compose.yml\n  ./package.json\n');
  });

  test('documents of kinds that mesh does not read are counted, and named by every command with -v', async () => {
    const kind = 'apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: a}\n';
    const mesh = inFault('action-default-paths', { 'kind.yaml': kind });
    const counted = '1 document of other kinds (1 Gadget)';
    for (const command of ['analyze', 'validate']) expect((await mesh(command, '.')).err).toContain(counted);
    const calls = [
      ['graph', '.'],
      ['translate', '-f', '.'],
      ['diff', '.', '.'],
      ['test', '--scaffold', '.'],
      ['describe', 'svc', 'web.shop', '-f', '.'],
    ];
    for (const call of [['analyze', '.'], ['validate', '.'], ...calls]) {
      const { err } = await mesh(...call, '-v');
      expect(err, call.join(' ')).toContain('  example.com/Gadget: 1\n');
    }
  });

  test('commands with a summary count what was passed over, and those that answer a question do not', async () => {
    const mesh = inFault('action-default-paths', { 'a.mesh-test.yaml': 'requests: []\n' });
    const counted = 'Passed over: 2 files without Kubernetes objects.';
    const counting = [
      ['diff', '.', '.'],
      ['upgrade-check', '.'],
      ['test', '-f', '.', 'a.mesh-test.yaml'],
    ];
    for (const call of counting) expect((await mesh(...call)).err.split(counted), call.join(' ')).toHaveLength(2);
    for (const call of [
      ['graph', '.'],
      ['translate', '-f', '.'],
    ])
      expect((await mesh(...call)).err).not.toContain(counted);
  });

  test('one that is named is told of, and --ignore-unknown passes it over without a word', async () => {
    const mesh = inFault('action-default-paths');
    expect(await mesh('analyze', 'package.json')).toMatchObject({ status: 65, out: expect.stringContaining('MESH0005') });
    expect(await mesh('analyze', '--ignore-unknown', 'package.json', 'svc.yaml')).toMatchObject({ status: 0, out: '' });
  });

  test('one-foreign-file-stops-all: broken YAML that cannot hold a manifest stops nothing', async () => {
    const mesh = inFault('one-foreign-file-stops-all', { 'broken.yml': 'a: [\n' });
    expect(await mesh('graph', '-f', '.')).toMatchObject({ status: 0, err: '', out: expect.stringContaining('shop/web') });
  });

  test('broken YAML that could hold a manifest stops the work, but not with --keep-going', async () => {
    const mesh = inFault('one-foreign-file-stops-all', { 'broken.yml': 'apiVersion: v1\nkind: [\n' });
    const { status, out, err } = await mesh('graph', '-f', '.');
    expect([status, out]).toEqual([65, '']);
    expect(err).toContain('--keep-going');
    for (const command of [
      ['graph'],
      ['translate'],
      ['pc', 'c', 'web.shop'],
      ['trace', '--from', 'web.shop', 'http://web.shop/'],
    ]) {
      const gone = await mesh(...command, '-f', '.', '--keep-going');
      expect(gone).toMatchObject({ status: 0, out: expect.stringContaining('web') });
      expect(gone.err).toContain('1 error in the input: what stands there is missing from what is computed');
      expect(await mesh(...command, '-f', '.', '--ignore-unknown')).toMatchObject({ status: 0, err: '' });
    }
  });

  test.each(['data.json', 'playbook.yml', 'cfn.yaml', 's.json'])(
    'precommit-validate-foreign: %s is not for validate',
    async (file) => {
      const { status, out } = await inFault('precommit-validate-foreign')('validate', file);
      expect(status).toBe(0);
      expect(out).toContain(`${file} is valid`);
    },
  );
});

describe('what is left out', () => {
  const more = { 'test/a.yaml': service('x'), 'gen/b.yaml': service('x'), 'c.yaml': service('x') };

  test('exclude in mesh.config.yaml, written as .gitignore is', async () => {
    const mesh = inFault('action-default-paths', { ...more, 'mesh.config.yaml': 'exclude: [test/, "gen/*.yaml"]\n' });
    expect((await mesh('analyze', '.')).out).not.toContain('MESH0008');
    expect((await mesh('analyze', '.', 'gen/b.yaml')).out).toContain('MESH0008');
  });

  test('.meshignore in the folder that is read', async () => {
    expect((await inFault('action-default-paths', more)('analyze', '.')).out).toContain('MESH0008');
    const mesh = inFault('action-default-paths', { ...more, '.meshignore': '# copies\n/test\ngen\n' });
    expect((await mesh('analyze', '.')).out).not.toContain('MESH0008');
  });
});

describe('helm-templates', () => {
  test('a chart is named once, with what to do, and its templates are passed over by every command', async () => {
    const mesh = inFault('helm-templates');
    const { status, out } = await mesh('analyze', '.');
    expect(status).toBe(0);
    expect(out.match(/\[\w+\]/g)).toEqual(['[MESH0070]']);
    expect(out).toContain('. is a Helm chart, passed over: --helm . renders it (or helm template . | mesh analyze -)');
    for (const command of [['graph'], ['translate']]) expect(await mesh(...command, '-f', '.')).toMatchObject({ status: 0 });
    expect(await mesh('validate', '.')).toMatchObject({ status: 0 });
    expect((await mesh('analyze', 'templates')).out.match(/\[\w+\]/g)).toEqual(['[MESH0070]']);
  });

  test('--helm renders it with helm, with values', async () => {
    const calls: string[][] = [];
    const run = (program: string, args: readonly string[]): Uint8Array => {
      calls.push([program, ...args]);
      return bytes(service('rendered'));
    };
    const mesh = inFault('helm-templates', {}, { run });
    const { status, out } = await mesh('translate', '--helm', '.', '--values', 'values.yaml', '--stage', 'documents');
    expect([status, out]).toEqual([0, expect.stringContaining('rendered')]);
    expect(calls).toEqual([['helm', 'template', 'work', './.', '--values', './values.yaml']]);
  });

  test('--helm without helm says so', async () => {
    const { status, err } = await inFault('helm-templates')('translate', '--helm', '.');
    expect([status, err]).toEqual([65, expect.stringContaining('rendering a chart needs helm on the path; it is not installed')]);
  });

  test('what nests too deep is no template, whatever it says, and the other documents of its file are read', async () => {
    const deep = `kind: Gadget\nspec: {note: "{{ .Values.x }}", list: ${'['.repeat(400)}${']'.repeat(400)}}\n`;
    const mesh = inFault('action-default-paths', { 'x.yaml': `${deep}---\n${service('other')}` });
    const { status, out } = await mesh('analyze', 'x.yaml');
    expect([status, out.match(/\[MESH\w+\]/g)]).toEqual([65, ['[MESH0113]']]);
    expect((await mesh('translate', '-f', 'x.yaml', '--keep-going', '--stage', 'model')).out).toContain('other.shop');
  });

  test('a template outside of a chart is told of once; one that is named is an error', async () => {
    const template = '{{- if .Values.on }}\napiVersion: v1\nkind: Service\n{{- end }}\n';
    const mesh = inFault('action-default-paths', { 'x.yaml': template, 'y.yaml': template });
    const { status, out } = await mesh('analyze', '.');
    expect([status, out.match(/\[\w+\]/g)]).toEqual([0, ['[MESH0072]']]);
    expect((await mesh('analyze', 'x.yaml')).out).toContain('x.yaml: a template, passed over');
  });

  test.each(['APP_NAMESPACE', 'PLACEHOLDER', '__NAME__', '<namespace>', '$$ns$$'])(
    'what no name can be (%s) is told of once where nobody named the file, and is a mistake where one did',
    async (name) => {
      const text = service('x').replace('name: x, namespace: shop', () => `name: x, namespace: "${name}"`);
      const mesh = inFault('action-default-paths', { 'a.yaml': text, 'b.yaml': `${text}---\n${service('z')}` });
      const { status, out } = await mesh('analyze', '.');
      expect(status).toBe(0);
      expect(out.split('MESH0072')).toHaveLength(2);
      expect(out).toContain('./a.yaml, ./b.yaml: a template, passed over');
      expect((await mesh('analyze', 'a.yaml')).out).toContain('MESH0110');
    },
  );

  test('what SOPS has encrypted is judged by nobody', async () => {
    const secret = (more: string): string =>
      `apiVersion: v1\nkind: Secret\nmetadata: {name: key, namespace: shop}\ndata: {key: "ENC[AES256_GCM,data:abc,iv:x,tag:y,type:str]"}\n${more}`;
    const mesh = inFault('action-default-paths', {
      's.yaml': secret('sops: {mac: "ENC[AES256_GCM]", version: 3.8.1}\n'),
      't.yaml': secret(''),
    });
    for (const command of ['analyze', 'validate']) {
      expect((await mesh(command, 's.yaml')).out).not.toMatch(/error/);
      expect((await mesh(command, 't.yaml')).out).toMatch(/error/);
    }
  });

  test('of an object with a value that is still to be filled in, nobody knows whether a cluster takes it', async () => {
    const gateway = (address: string): string =>
      `apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: public, namespace: net}\nspec: {gatewayClassName: other, addresses: [{type: IPAddress, value: "${address}"}], listeners: [{name: http, port: 80, protocol: HTTP}]}\n`;
    const of = async (address: string) =>
      (await inFault('action-default-paths', { 'g.yaml': gateway(address) })('analyze', '.')).out;
    expect(await of('nowhere')).toContain('MESH0110');
    expect(await of('${ADDRESS}')).not.toContain('MESH0110');
  });

  test.each(['{NAME}', '%NAME%', '$NAME'])(
    'names, addresses and labels that hold a variable (%s) are told of once',
    async (variable) => {
      const entry = (address: string): string =>
        `apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: db, namespace: shop}\nspec: {hosts: [db.example.com], addresses: ["${address}"], ports: [{number: 80, name: tcp, protocol: TCP}], resolution: NONE}\n`;
      const labelled = (label: string): string =>
        service('x').replace('namespace: shop', () => `namespace: shop, labels: {a: "${label}"}`);
      const named = (name: string): string => service('x').replace('name: x', () => `name: "${name}"`);
      const files = { 'a.yaml': entry(variable), 'b.yaml': labelled(variable), 'c.yaml': named(variable) };
      const { status, out } = await inFault('action-default-paths', files)('analyze', '.');
      expect([status, out.match(/\[\w+\]/g)]).toEqual([0, ['[MESH0072]']]);
      expect(out).toContain('./a.yaml, ./b.yaml, ./c.yaml: a template, passed over');
      const wrong = { 'a.yaml': entry('10.0.0'), 'b.yaml': labelled('a b'), 'c.yaml': named('X') };
      expect((await inFault('action-default-paths', wrong)('analyze', '.')).out).not.toContain('MESH0072');
    },
  );

  test('variables in objects of which no mesh is made are no reason to speak of templates', async () => {
    const set =
      'apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: all}\nspec: {template: {metadata: {name: "{{path.basename}}"}}}\n';
    expect((await inFault('action-default-paths', { 'set.yaml': set })('analyze', '.')).out).toBe('');
  });

  test('delimiters that generators choose make templates as well', async () => {
    const templates = {
      'a.yaml': '{{<- if .Values.on >}}\napiVersion: v1\nkind: Service\n{{<- end >}}\n',
      'b.yaml': 'apiVersion: v1\nkind: Pod\nspec: {containers: [{image: %IMAGE%}]}\n',
      'c.yaml': 'apiVersion: v1\nkind: Pod\nspec:\n  image: {user}/page\n',
    };
    const { out } = await inFault('action-default-paths', templates)('analyze', '.');
    expect(out.match(/\[\w+\]/g)).toEqual(['[MESH0072]']);
    const broken = { 'a.yaml': 'apiVersion: v1\nkind: Pod\nspec: {a: %b}\n' };
    expect((await inFault('action-default-paths', broken)('analyze', '.')).out).toContain('MESH0003');
  });

  test('hosts that something else is to fill in are told of once, and not called wrong', async () => {
    const gateway = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: main, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["shop.\${DOMAIN}"]}]
`;
    const { out } = await inFault('action-default-paths', { 'gateway.yaml': gateway })('analyze', '.');
    expect(out.match(/\[\w+\]/g)).toEqual(['[MESH0072]']);
  });
});

describe('the namespace of what names none', () => {
  const place = (text: string): string => text.replace(', namespace: shop', '');
  const route = place(
    'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: page, namespace: shop}\nspec: {hosts: [page.shop.svc.cluster.local], http: [{route: [{destination: {host: page.shop.svc.cluster.local}}]}]}\n',
  );
  const kustomization = (...lines: readonly string[]): string =>
    `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${lines.join('\n')}\n`;
  const flux = (target: string): string =>
    `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: page, namespace: flux-system}\nspec: {path: ./apps/page, targetNamespace: ${target}}\n`;
  const application =
    'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: page}\nspec: {source: {path: apps/page}, destination: {namespace: shop}}\n';
  const app = { 'apps/page/app.yaml': place(service('page')), 'apps/page/route.yaml': route };
  const list = 'resources: [app.yaml, route.yaml]';
  const findings = async (files: Readonly<Record<string, string>>, ...flags: readonly string[]): Promise<string> =>
    (await inFault('kustomize-overlays', files)('analyze', 'apps', ...flags)).out;

  test.each([
    ['a kustomization', { 'apps/page/kustomization.yaml': kustomization('namespace: shop', list) }],
    [
      'the kustomization around another one',
      {
        'apps/page/kustomization.yaml': kustomization('namespace: other', list),
        'apps/kustomization.yaml': kustomization('namespace: shop', 'resources: [page]'),
      },
    ],
    ['a Kustomization of Flux', { 'apps/page/kustomization.yaml': kustomization(list), 'apps/ks.yaml': flux('shop') }],
    ['an Application of Argo CD', { 'apps/argo.yaml': application }],
  ])('is that of %s', async (_, files) => {
    expect(await findings({ ...app, ...files })).not.toContain('IST0101');
  });

  test('is not one that is still to be filled in', async () => {
    const own = { 'apps/page/kustomization.yaml': kustomization('namespace: "{{ .Release.Namespace }}"', list) };
    const out = await findings({ ...app, ...own });
    expect(out).not.toContain('MESH0110');
    expect(out).toContain('IST0101');
  });

  test('many references to services of a namespace that the files do not name are one finding', async () => {
    const routes = (count: number): Readonly<Record<string, string>> => {
      const names = Array.from({ length: count }, (_, index) => `page-${index}`);
      const texts = names.map((name) => `${place(service(name))}---\n${route.replaceAll('page', name)}`);
      return { 'apps/page/all.yaml': texts.join('---\n') };
    };
    const many = await findings(routes(8));
    expect(many).toContain('[MESH0080] VirtualService default/page-0: 8 references look for services in namespace "shop"');
    expect(many).not.toContain('IST0101');
    expect(await findings(routes(8), '-n', 'shop')).toBe('');
    expect(await findings(routes(3))).toContain('IST0101');
    // Nobody has such services at all.
    const nowhere = {
      'apps/page/all.yaml': routes(8)['apps/page/all.yaml']?.replaceAll('kind: Service', 'kind: ConfigMap') ?? '',
    };
    expect((await findings(nowhere)).split('IST0101')).toHaveLength(9);
  });

  test('is the usual one where two say different ones, and what -n says where it is there', async () => {
    expect(await findings({ ...app, 'apps/ks.yaml': flux('shop'), 'apps/other.yaml': flux('stage') })).toContain('IST0101');
    const own = { 'apps/page/kustomization.yaml': kustomization('namespace: shop', list) };
    expect(await findings({ ...app, ...own }, '-n', 'other')).toContain('IST0101');
  });
});

describe('kustomize-overlays', () => {
  test('kustomizations are named once, with what to do, and their patches are passed over', async () => {
    const mesh = inFault('kustomize-overlays');
    const { status, out } = await mesh('analyze', '.');
    expect(status).toBe(0);
    expect(out.match(/\[MESH00\w+\]/g)).toEqual(['[MESH0071]']);
    expect(out).toContain('2 kustomizations are not built');
    expect(out).toContain('./overlays/dev, ./overlays/prod; -k DIR builds one');
    expect(await mesh('validate', '.')).toMatchObject({ status: 0 });
    expect(await mesh('graph', '-f', '.')).toMatchObject({ status: 0 });
  });

  test('-k builds one with kustomize, else with kubectl, in analyze too', async () => {
    const calls: string[][] = [];
    const run = (program: string, args: readonly string[]): Uint8Array => {
      calls.push([program, ...args]);
      if (program === 'kustomize') throw new Error('kustomize is not installed');
      return bytes(service('built'));
    };
    const mesh = inFault('kustomize-overlays', {}, { run });
    expect((await mesh('translate', '-k', 'overlays/prod', '--stage', 'documents')).out).toContain('built');
    expect(await mesh('analyze', '-k', 'overlays/prod')).toMatchObject({ status: 0 });
    expect(calls.slice(0, 2)).toEqual([
      ['kustomize', 'build', './overlays/prod'],
      ['kubectl', 'kustomize', './overlays/prod'],
    ]);
  });

  test('-k without either says so; -k false is what istioctl has', async () => {
    const mesh = inFault('kustomize-overlays');
    const { status, err } = await mesh('graph', '-k', 'overlays/prod');
    expect([status, err]).toEqual([65, expect.stringContaining('needs kustomize or kubectl on the path')]);
    expect(await mesh('analyze', '-k', 'false', 'base')).toMatchObject({ status: 0 });
  });
});

describe('parts of a kustomization', () => {
  const deployment = (spec: string): string =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: page, namespace: shop}\nspec: {${spec}}\n`;
  const whole = deployment(
    'selector: {matchLabels: {app: page}}, template: {metadata: {labels: {app: page}}, spec: {containers: [{name: app, image: app}]}}',
  );
  const patch = deployment('template: {spec: {containers: [{name: app}]}}');
  const kustomization = (fields: string): string =>
    `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [page.yaml]\n${fields}\n`;
  const findings = async (files: Readonly<Record<string, string>>): Promise<string> =>
    (await inFault('action-default-paths', files)('analyze', '.')).out;

  test('patches that it lies beside and does not use are no manifests', async () => {
    const files = { 'app/page.yaml': whole, 'app/patches/image.yaml': patch };
    expect(await findings({ ...files, 'app/kustomization.yaml': kustomization('#patches: [{path: patches/image.yaml}]') })).toBe(
      '',
    );
    expect(
      await findings({ ...files, 'app/patches/image.yaml': patch.replace('name: app}', 'name: app, image: app}') }),
    ).toContain('MESH0110');
    expect(await findings({ 'app/page.yaml': patch, 'app/kustomization.yaml': kustomization('') })).toContain('MESH0110');
  });

  test('patches that no kustomization names are told of once, and are no manifests', async () => {
    const removal = `${service('page')}$patch: delete\n`;
    const definition =
      'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: pages.example.com}\nspec: {conversion: {strategy: None}}\n';
    const out = await findings({ 'a.yaml': patch, 'b.yaml': removal, 'c.yaml': definition, 'd.yaml': service('page') });
    expect(out.match(/\[\w+\]/g)).toEqual(['[MESH0082]']);
    expect(out).toContain('./a.yaml, ./b.yaml, ./c.yaml: a patch of another object, passed over');
    const { out: named } = await inFault('action-default-paths', { 'a.yaml': patch })('analyze', 'a.yaml');
    expect(named).toContain('MESH0110');
    const defining = definition.replace('conversion', 'names: {kind: Page}, conversion');
    expect(await findings({ 'c.yaml': defining, 'd.yaml': defining })).toContain('MESH0008');
  });

  test('what it may add is not missed in what it changes, and what is wrong is told', async () => {
    const bare = whole.replace('labels: {app: page}', 'labels: {tier: web}');
    const changing = { 'app/kustomization.yaml': kustomization('commonLabels: {app: page}') };
    expect(await findings({ 'app/page.yaml': bare, ...changing })).not.toContain('MESH0110');
    expect(await findings({ 'app/page.yaml': bare, 'app/kustomization.yaml': kustomization('') })).toContain('MESH0110');
    const wrong = whole.replace('image: app}', 'image: app, imagePullPolicy: Often}');
    expect(await findings({ 'app/page.yaml': wrong, ...changing })).toContain('MESH0110');
  });
});

describe('mistyped-kind', () => {
  test('kinds that are nearly of Istio, and those that were, are told of by analyze and validate', async () => {
    const mesh = inFault('mistyped-kind');
    for (const command of ['analyze', 'validate']) {
      const { status, out } = await mesh(command, 'a.yaml');
      // A cluster refuses what it has no kind for; analyze goes on without.
      expect(status).toBe(command === 'analyze' ? 0 : 79);
      const unknown = command === 'analyze' ? '[MESH0073]' : '[MESH0112]';
      expect(out.match(/\[\w+\]/g)).toEqual([unknown, unknown, '[MESH0074]', '[MESH0074]']);
      expect(out).toMatch(/VirtualServce.* \(did you mean "VirtualService"\?\)/);
      expect(out).toMatch(/istio\.networking\.io.* \(did you mean "networking\.istio\.io\/VirtualService"\?\)/);
      expect(out).toContain('authentication.istio.io/Policy was removed in Istio 1.6');
      // istioctl validate has no word on kinds that it does not know.
      expect(/(\w+) \[MESH0074\]/.exec(out)?.[1]).toBe(command === 'analyze' ? 'warning' : 'info');
    }
  });

  test.each([
    ['install.istio.io/v1alpha1', 'IstioOperator'],
    ['sailoperator.io/v1', 'Istio'],
    ['appmesh.k8s.aws/v1beta2', 'VirtualService'],
    ['gateway.solo.io/v1', 'Gateway'],
    ['argoproj.io/v1alpha1', 'Rollout'],
    ['networking.gke.io/v1', 'ManagedCertificate'],
  ])('%s %s is of others', async (apiVersion, kind) => {
    const text = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a, namespace: shop}\n`;
    expect((await inFault('mistyped-kind', { 'b.yaml': text })('analyze', 'b.yaml')).out).not.toMatch(/MESH007/);
  });
});

describe('what is not built', () => {
  const policy =
    'apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: page, namespace: shop}\nspec: {selector: {matchLabels: {app: nobody}}, rules: [{}]}\n';
  const kustomization = (field: string): string =>
    `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [policy.yaml]\n${field}\n`;

  test('what a kustomization may change is no more than a hint, and what it only lists is as it is', async () => {
    const of = async (field: string): Promise<string> => {
      const files = { 'app/policy.yaml': policy, 'app/kustomization.yaml': kustomization(field) };
      return (await inFault('action-default-paths', files)('analyze', '.')).out;
    };
    expect(await of('commonLabels: {app: nobody}')).toMatch(/info \[IST0127\].*the kustomization is not built/);
    expect(await of('')).toMatch(/warning \[IST0127\]/);
  });
});

describe('an old installation among the manifests', () => {
  const old = (index: number): string =>
    `apiVersion: apiextensions.k8s.io/v1beta1\nkind: CustomResourceDefinition\nmetadata: {name: a${index}.example.com}\n---\napiVersion: config.istio.io/v1alpha2\nkind: rule\nmetadata: {name: r${index}, namespace: shop}\n`;

  test('says of a version that is not served only what a cluster says', async () => {
    const served =
      'apiVersion: apps/v1beta1\nkind: Deployment\nmetadata: {name: page, namespace: shop}\nspec: {template: {spec: {}}}\n';
    const { out } = await inFault('action-default-paths', { 'old.yaml': served })('analyze', '.');
    expect(out.match(/\[\w+\]/g)).toEqual(['[MESH0112]']);
    const without = served.replace('apiVersion: apps/v1beta1\n', '');
    const found = await inFault('action-default-paths', { 'old.yaml': without })('analyze', '.');
    expect(found.out.match(/\[\w+\]/g)).toEqual(['[MESH0112]']);
    expect(found.out).toContain('in version "" (apiVersion is missing)');
  });

  test('more than five objects of a version that is not served are told of once, with the first places', async () => {
    const route = (name: string): string =>
      `apiVersion: gateway.networking.k8s.io/v1alpha2\nkind: GRPCRoute\nmetadata: {name: ${name}, namespace: shop}\nspec: {rules: []}\n`;
    const routes = (count: number): string => [...Array(count).keys()].map((index) => route(`r${index}`)).join('---\n');
    const five = await inFault('action-default-paths', { 'old.yaml': routes(5) })('analyze', '.');
    expect(five.out.match(/\[\w+\]/g)).toEqual(Array(5).fill('[MESH0112]'));
    const { status, out } = await inFault('action-default-paths', { 'old.yaml': routes(8) })('analyze', '.');
    expect([status, out.match(/\[\w+\]/g)]).toEqual([79, ['[MESH0112]']]);
    expect(out.match(/also here/g)).toHaveLength(5);
    expect(out).toContain('and at 2 more places');
  });

  test('of a kind that no cluster has it is not said as well that it is passed over, nor of its pods', async () => {
    const report = 'apiVersion: gateway.networking.k8s.io/v1\nkind: ConformanceReport\nmetadata: {name: a}\n';
    const { out } = await inFault('action-default-paths', { 'report.yaml': report })('analyze', '.');
    expect(out.match(/\[\w+\]/g)).toEqual(['[MESH0112]']);
    const deployment =
      'apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: page}\nspec: {template: {spec: {containers: [{name: a}]}}}\n';
    const found = await inFault('action-default-paths', { 'old.yaml': deployment })('analyze', '.');
    expect(found.out.match(/\[\w+\]/g)).toEqual(['[MESH0112]']);
    const foreign = deployment.replace('extensions/v1beta1', 'example.com/v1');
    const read = await inFault('action-default-paths', { 'old.yaml': foreign })('analyze', '.');
    expect(read.out.match(/\[\w+\]/g)).toEqual(['[MESH0078]']);
  });

  test('a required field that is missing is told of once', async () => {
    const grant =
      'apiVersion: gateway.networking.k8s.io/v1beta1\nkind: ReferenceGrant\nmetadata: {name: a, namespace: shop}\nspec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute}], to: [{group: "", kind: Service}]}\n';
    const { out } = await inFault('action-default-paths', { 'grant.yaml': grant })('analyze', '.');
    expect(out.match(/\[MESH\w+\]/g)).toEqual(['[MESH0014]']);
  });

  test('is told of once for each kind, and of old versions of definitions only by their number', async () => {
    const { out, err } = await inFault('action-default-paths', { 'old.yaml': `${old(1)}---\n${old(2)}` })('analyze', '.');
    expect(out.match(/\[\w+\]/g)).toEqual(['[MESH0074]']);
    expect(out).toContain('also here: ./old.yaml:');
    expect(err).toContain('2 CustomResourceDefinition');
  });
});

describe('variants of one resource', () => {
  const route = (host: string): string =>
    `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: page, namespace: shop}\nspec: {hosts: [page], http: [{route: [{destination: {host: ${host}}}]}]}\n`;
  const steps = {
    'a/web.yaml': `${service('page')}---\n${route('page')}`,
    'b/web.yaml': `${service('page')}---\n${route('page')}---\n${service('api')}`,
  };
  const common = { 'common.yaml': route('api').replace('name: page', 'name: api').replace('[page]', '[api]') };

  test('two files that share objects are told of once, with the names of all of them', async () => {
    const { out, err } = await inFault('action-default-paths', steps)('analyze', '.');
    expect(out.split('MESH0008')).toHaveLength(2);
    expect(out).toContain('Service shop/page: defined twice, first at ./a/web.yaml:3; so are VirtualService shop/page');
    expect(err).toContain('--group-by-folder');
  });

  test('many pairs of files are told of in one finding, each with its places', async () => {
    const many = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`step-${index}/web.yaml`, service('page')]));
    const { out } = await inFault('action-default-paths', many)('analyze', '.');
    expect(out.split('MESH0008')).toHaveLength(2);
    expect(out).toContain('first at ./step-0/web.yaml:3; 6 more pairs of files define the same');
    expect(out).toContain('./step-7/web.yaml:3 has again Service shop/page of: ./step-0/web.yaml:3');
  });

  test('--group-by-folder takes them apart, each with what is there once', async () => {
    const { status, out } = await inFault('action-default-paths', steps)('analyze', '--group-by-folder', '.');
    expect([status, out]).toEqual([0, '']);
    const wrong = { ...steps, 'a/web.yaml': `${service('page')}---\n${route('pgae')}` };
    const found = await inFault('action-default-paths', wrong)('analyze', '--group-by-folder', '.');
    expect(found).toMatchObject({ status: 79, out: expect.stringContaining('./a/web.yaml') });
    expect(found.out).not.toContain('MESH0008');
  });

  test('what only one variant lacks of what all share is none of its mistakes', async () => {
    const { out } = await inFault('action-default-paths', { ...steps, ...common })('analyze', '--group-by-folder', '.');
    expect(out).not.toContain('IST0101');
    const nowhere = { ...steps, 'common.yaml': common['common.yaml'].replace('host: api', 'host: nobody') };
    const found = await inFault('action-default-paths', nowhere)('analyze', '--group-by-folder', '.');
    expect(found.out.split('IST0101')).toHaveLength(2);
  });
});

describe('generateName', () => {
  const job = (image: string): string =>
    `apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: load-, namespace: shop}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: app, image: ${image}}]}}}\n`;

  test('is a name that the API server completes: each object has its own, and always the same', async () => {
    const mesh = inFault('action-default-paths', { 'jobs.yaml': `${job('a')}---\n${job('b')}` });
    expect(await mesh('analyze', 'jobs.yaml')).toMatchObject({ status: 0, out: '' });
    const { out } = await mesh('translate', '-f', 'jobs.yaml');
    const names = [...new Set(out.match(/load-[a-z0-9]{5}\b/g))];
    expect(names).toHaveLength(2);
    expect((await mesh('translate', '-f', 'jobs.yaml')).out).toBe(out);
  });

  test('an object with neither is without a name', async () => {
    const nameless = job('a').replace('generateName: load-, ', '');
    expect((await inFault('action-default-paths', { 'a.yaml': nameless })('analyze', 'a.yaml')).out).toContain('MESH0006');
  });

  test.each(['placeholderName', '<*.domain>'])('%s is still to be filled in', async (name) => {
    const text = service('page').replace('{name: page', `{name: "${name}"`);
    const { out } = await inFault('action-default-paths', { 'svc.yaml': text })('analyze', '.');
    expect(out.match(/\[(?:MESH|IST)\d+\]/g)).toEqual(['[MESH0072]']);
  });
});
