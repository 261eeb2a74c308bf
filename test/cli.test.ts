import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../src/cli/main.ts';
import { createFakeIo, type FakeWorld } from './support/fake-io.ts';

const shop = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: web, ports: [{containerPort: 8080}]}]}
  selector: {matchLabels: {app: web}}
`;

const route = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http:
  - timeout: 3s
    route: [{destination: {host: web}}]
`;

async function mesh(args: readonly string[], world: FakeWorld = {}) {
  const io = createFakeIo(world);
  const exitCode = await run(args, io);
  return { exitCode, output: io.output(), errors: io.errors(), written: io.written() };
}

const files = { '/work/m/shop.yaml': shop, '/work/m/route.yaml': route };

describe('mesh translate', () => {
  test('prints the xDS of all proxies as JSON', async () => {
    const { exitCode, output, errors } = await mesh(['translate', '-f', 'm'], { files });
    expect([exitCode, errors]).toEqual([0, '']);
    const { proxies } = JSON.parse(output);
    expect(Object.keys(proxies)).toEqual(['shop/web-0', 'shop/web-1']);
    expect(Object.keys(proxies['shop/web-0'])).toEqual(['clusters', 'endpoints', 'listeners', 'routes']);
  });

  test('YAML holds the same as JSON', async () => {
    const { parseYamlValue } = await import('../src/util/yaml.ts');
    const json = await mesh(['translate', '-f', 'm'], { files });
    const yaml = await mesh(['translate', '-f', 'm', '-o', 'yaml'], { files });
    expect(parseYamlValue(yaml.output)).toEqual(JSON.parse(json.output));
  });

  test('writes one file a proxy, lists by name, the same as it prints', async () => {
    const { exitCode, output, written } = await mesh(['translate', '-f', 'm', '--out-dir', 'out'], { files });
    expect([exitCode, output, Object.keys(written)]).toEqual([0, '', ['/work/out/shop.web-0.json', '/work/out/shop.web-1.json']]);
    const file = JSON.parse(written['/work/out/shop.web-0.json'] ?? '');
    for (const kind of ['clusters', 'listeners', 'routes']) {
      const names = file[kind].map(({ name }: { name: string }) => name);
      expect(names).toEqual([...names].sort());
    }
    const printed = await mesh(['translate', '-f', 'm', '--proxy', 'web-0.shop'], { files });
    expect(JSON.parse(printed.output).proxies['shop/web-0']).toEqual(file);
  });

  test.each(['web-1.shop', 'shop/web-1', 'pod/web-1.shop'])('%s is a name of a pod', async (name) => {
    const { output } = await mesh(['translate', '-f', 'm', '--proxy', name], { files });
    expect(Object.keys(JSON.parse(output).proxies)).toEqual(['shop/web-1']);
  });

  test('a Deployment stands for its first pod, a bare name for a pod of the namespace of -n', async () => {
    const deployment = await mesh(['translate', '-f', 'm', '--proxy', 'deployment/web', '-n', 'shop'], { files });
    expect(Object.keys(JSON.parse(deployment.output).proxies)).toEqual(['shop/web-0']);
    const bare = await mesh(['translate', '-f', 'm', '--proxy', 'web-1', '-n', 'shop'], { files });
    expect(Object.keys(JSON.parse(bare.output).proxies)).toEqual(['shop/web-1']);
  });

  test('the order of files, and how documents are spread over them, changes no byte', async () => {
    const [service = '', deployment = ''] = shop.split('---\n');
    const spread = { '/work/m/a.yaml': route, '/work/m/b.yaml': deployment, '/work/m/c.yaml': service };
    const list = `apiVersion: v1\nkind: List\nitems:\n${[deployment, route, service].map((text) => `- ${text.trimEnd().replaceAll('\n', '\n  ')}`).join('\n')}\n`;
    const one = await mesh(['translate', '-f', 'm'], { files });
    expect((await mesh(['translate', '-f', 'm'], { files: spread })).output).toBe(one.output);
    expect((await mesh(['translate', '-f', 'm/c.yaml', '-f', 'm/a.yaml', 'm/b.yaml'], { files: spread })).output).toBe(
      one.output,
    );
    expect((await mesh(['translate', '-f', '-'], { stdin: list })).output).toBe(one.output);
  });

  test('a config dump is for one proxy', async () => {
    const { exitCode, output } = await mesh(['translate', '-f', 'm', '-o', 'config-dump', '--proxy', 'shop/web-0'], { files });
    const { configs } = JSON.parse(output);
    expect(exitCode).toBe(0);
    expect(configs.map((config: { '@type': string }) => config['@type'].split('.').at(-1))).toEqual([
      'BootstrapConfigDump',
      'ClustersConfigDump',
      'EndpointsConfigDump',
      'ListenersConfigDump',
      'ScopedRoutesConfigDump',
      'RoutesConfigDump',
      'SecretsConfigDump',
    ]);
    const several = await mesh(['translate', '-f', 'm', '-o', 'config-dump'], { files });
    expect([several.exitCode, several.output]).toEqual([64, '']);
    expect(several.errors).toContain('choose one of 2 with --proxy, or use --out-dir');
  });

  test('a bootstrap for a stock Envoy names what it leaves out', async () => {
    const { exitCode, output, errors } = await mesh(['translate', '-f', 'm', '-o', 'envoy', '--proxy', 'shop/web-0'], { files });
    expect(exitCode).toBe(0);
    expect(Object.keys(JSON.parse(output))).toEqual(['node', 'admin', 'layeredRuntime', 'staticResources']);
    expect(output).not.toMatch(/"(rds|edsClusterConfig|sdsConfig|configDiscovery)"/);
    expect(errors).toContain('warning: shop/web-0: left out, since only istio-proxy has them: ');
    expect(errors).toContain('stand-in certificates');
  });

  test.each(['documents', 'model', 'view'])('the stage %s is printed as JSON', async (stage) => {
    const { exitCode, output } = await mesh(['translate', '-f', 'm', '--stage', stage], { files });
    expect(exitCode).toBe(0);
    expect(Object.keys(JSON.parse(output)).length).toBeGreaterThan(0);
  });

  test('manifests without a pod in the mesh are no mistake', async () => {
    const { exitCode, output, errors } = await mesh(['translate', '-f', 'm/route.yaml'], { files });
    expect([exitCode, JSON.parse(output)]).toEqual([0, { proxies: {} }]);
    expect(errors).toContain('no pod that is in the mesh');
  });

  test('a reader that leaves ends the work quietly', async () => {
    expect(await mesh(['translate', '-f', 'm'], { files, readerLeavesAfter: 1 })).toMatchObject({ exitCode: 0, errors: '' });
  });

  test('progress shows on a terminal only', async () => {
    const many = { '/work/m/shop.yaml': shop.replace('replicas: 2', 'replicas: 9') };
    expect((await mesh(['translate', '-f', 'm'], { files: many, errorTerminal: true })).errors).toMatch(
      /^(\r\d of 9 proxies)+\r {14}\r$/,
    );
    expect((await mesh(['translate', '-f', 'm'], { files: many })).errors).toBe('');
  });

  test.each([
    [['graph', '-f', 'm'], 'callers'],
    [['analyze', '-f', 'm'], 'proxies'],
    [['test', '--scaffold', 'm'], 'requests'],
    [['diff', 'm', 'other'], 'places that requests go to'],
    [['recommend', 'sidecar', '-f', 'm', '--complete'], 'Sidecars'],
  ])('%j shows its progress too', async (argv, what) => {
    const several = ['web', 'api', 'db'].map((name) => shop.replaceAll('web', name)).join('---\n');
    const sides = { '/work/m/shop.yaml': several, '/work/other/shop.yaml': several.replaceAll('8080', '8081') };
    const { errors } = await mesh(argv, { files: sides, errorTerminal: true });
    expect(errors).toMatch(new RegExp(`\\r\\d+ of \\d+ ${what}`));
    expect(errors).toMatch(/\r +\r/);
  });
});

describe('where inputs come from', () => {
  test('the nearest mesh.config.yaml, with paths relative to it', async () => {
    const world = {
      files: {
        '/mesh.config.yaml': 'manifests: conf\nmeshConfig: conf/mesh.yml\nnamespace: shop\n',
        '/conf/shop.yaml': shop,
        '/conf/mesh.yml': 'outboundTrafficPolicy: {mode: REGISTRY_ONLY}\n',
      },
    };
    const { exitCode, output, errors } = await mesh(['translate', '--proxy', 'web-0'], world);
    // The body of MeshConfig lies among the manifests here: it is no Kubernetes object, and nobody named it as one.
    expect(errors).toBe('');
    expect(exitCode).toBe(0);
    expect(output).toContain('"block_all"');
  });

  test('./manifests where nothing is said, and a clear error without it', async () => {
    expect((await mesh(['translate'], { files: { '/work/manifests/a.yaml': shop } })).exitCode).toBe(0);
    const { exitCode, errors } = await mesh(['translate']);
    expect(exitCode).toBe(64);
    expect(errors).toBe(
      'error: nothing to read: name manifests with -f, or put them into ./manifests, or list them in a mesh.config.yaml here or in a folder above\n',
    );
  });

  test('mistakes in mesh.config.yaml are errors with their place', async () => {
    const world = { files: { ...files, '/work/mesh.config.yaml': 'manifest: [m]\nmanifests: [m, 3]\n' } };
    const { exitCode, errors } = await mesh(['translate'], world);
    expect(exitCode).toBe(65);
    expect(errors).toBe(
      [
        'mesh.config.yaml:1:1: error [MESH0012] unknown field "manifest" (did you mean "manifests"?)',
        'mesh.config.yaml:2:16: error [MESH0007] manifests.1 must be a text, not the number 3',
        'error: mesh.config.yaml has mistakes; nothing was read\n',
      ].join('\n'),
    );
  });

  test.each(['translate', 'validate', 'analyze', 'graph', 'authz check web', 'proxy-config clusters web', 'diff m m'])(
    'mesh %s tells mistakes in mesh.config.yaml before anything else',
    async (command) => {
      for (const [text, message] of [
        ['manifests: {a: b}\n', 'mesh.config.yaml:1:12: error [MESH0007] manifests must be a text, not an object\n'],
        ['manifests: [\n', 'mesh.config.yaml:1:13: error [MESH0003] not valid YAML: '],
        ['manifests: ["", m]\n', 'mesh.config.yaml:1:13: error [MESH0007] manifests.0 must be a text, not an empty one\n'],
        ['namespace: a\n---\nnamespace: b\n', 'mesh.config.yaml:3:1: error [MESH0007] mesh.config.yaml must be one document'],
      ] as const) {
        const { exitCode, output, errors } = await mesh(command.split(' '), {
          files: { ...files, '/work/mesh.config.yaml': text },
        });
        expect(errors).toContain(message);
        expect([exitCode, output]).toEqual([65, '']);
      }
    },
  );

  test('absolute paths of mesh.config.yaml are taken as they are; - is a file there', async () => {
    const world = { files: { '/abs/shop.yaml': shop, '/work/-': route, '/work/mesh.config.yaml': 'manifests: [/abs, "-"]\n' } };
    const { exitCode, output, errors } = await mesh(['validate'], { ...world, stdin: 'a: [' });
    expect([exitCode, errors]).toEqual([0, '']);
    expect(output).toMatch(/^\/abs\/shop\.yaml is valid\n\.\/- is valid\n/m);
  });

  test.each(['analyze', 'translate', 'test t'])('mesh %s follows no link that nobody named', async (command) => {
    const links = { '/work/manifests': '/secret', '/work/t/manifests': '/secret' };
    const world = { files: { '/secret/token.yaml': 'kind: [', '/work/t/calls.mesh-test.yaml': 'requests: []\n' }, links };
    const { exitCode, output, errors } = await mesh(command.split(' '), world);
    expect([exitCode, output]).toEqual([65, '']);
    expect(errors).toMatch(
      /^error: (t\/)?manifests is a link to \/secret, out of its folder, and is read only when it is named, as with -f$/m,
    );
    expect((await mesh(['validate', 'manifests'], world)).output).toContain('manifests/token.yaml');
  });

  test('a folder above that nobody may search is told once, and the work goes on', async () => {
    const { exitCode, errors } = await mesh(['validate', '/m/a.yaml'], { files: { '/m/a.yaml': shop }, forbidden: ['/work'] });
    expect(errors).toBe('warning [MESH0041] whether /work has a mesh.config.yaml cannot be known: permission denied\n');
    expect(exitCode).toBe(0);
    expect(await mesh(['validate'], { forbidden: ['/work'] })).toMatchObject({
      exitCode: 65,
      errors: 'error: cannot read manifests: permission denied\n',
    });
  });

  test('MeshConfig of the ConfigMap, unless the flag is given', async () => {
    const configMap =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n  mesh: |-\n    connectTimeout: 7s\n';
    const world = { files: { ...files, '/work/m/istio.yaml': configMap, '/work/mesh.yaml': 'connectTimeout: 8s\n' } };
    const fromMap = await mesh(['translate', '-f', 'm', '--stage', 'model'], world);
    expect(JSON.parse(fromMap.output).config.connectTimeout).toBe('7s');
    const fromFlag = await mesh(['translate', '-f', 'm', '--mesh-config', 'mesh.yaml', '--stage', 'model'], world);
    expect(JSON.parse(fromFlag.output).config.connectTimeout).toBe('8s');
    expect(fromFlag.errors).toContain('m/istio.yaml:5:3: warning [MESH0013]');
  });

  test('a mistake in the MeshConfig of a ConfigMap is located in its file', async () => {
    const configMap =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n  mesh: |-\n    rootNamespace: a\n    connectTimeout: soon\n';
    const { exitCode, errors } = await mesh(['translate', '-f', 'm'], { files: { ...files, '/work/m/istio.yaml': configMap } });
    expect(exitCode).toBe(65);
    expect(errors).toContain('m/istio.yaml:7:1: error [MESH0101]');
  });

  test('the registry file stands in for manifests', async () => {
    const registry = 'services: [{name: web, ports: [http:80]}]\nworkloads: [{name: web, ports: [80]}]\n';
    const { exitCode, output } = await mesh(['translate', '--registry', 'r.yaml'], { files: { '/work/r.yaml': registry } });
    expect(exitCode).toBe(0);
    expect(Object.keys(JSON.parse(output).proxies)).toEqual(['default/web-0']);
  });
});

describe('bad input', () => {
  const cases: readonly (readonly [name: string, args: readonly string[], world: FakeWorld, exitCode: number, errors: string])[] =
    [
      ['no such file', ['-f', 'nix.yaml'], {}, 65, 'error [MESH0001] cannot read nix.yaml: no such file or folder\n'],
      ['an empty folder', ['-f', 'e'], { files: { '/work/e/readme.md': '' } }, 65, 'error [MESH0002] no manifests in e: '],
      [
        'broken YAML in one of many files',
        ['-f', 'm'],
        {
          files: {
            ...files,
            '/work/m/broken.yaml': 'kind: Service\nspec: {ports: [\n',
            '/work/m/wrong.yaml': `${route.replace('name: web', 'name: 1')}`,
          },
        },
        65,
        'm/broken.yaml:2:16: error [MESH0003] not valid YAML: unexpected end of the stream within a flow collection\nm/wrong.yaml:3:18: error [MESH0007] ',
      ],
      [
        'a key that stands twice',
        ['-f', 'm'],
        { files: { '/work/m/a.yaml': 'kind: A\nkind: B\n' } },
        65,
        'm/a.yaml:2:1: error [MESH0003] not valid YAML: duplicated mapping key\n',
      ],
      [
        'an unknown field',
        ['-f', 'm'],
        { files: { '/work/m/a.yaml': route.replace('timeout', 'timeuot') } },
        65,
        'm/a.yaml:7:5: error [MESH0012] VirtualService shop/web: unknown field "timeuot" (did you mean "timeout"?)\n',
      ],
      [
        'a wrong type',
        ['-f', 'm'],
        { files: { '/work/m/a.yaml': route.replace('[web]', 'web') } },
        65,
        'm/a.yaml:5:10: error [MESH0101] VirtualService shop/web: ',
      ],
      [
        'an unknown pod',
        ['-f', 'm', '--proxy', 'wbe-0.shop'],
        { files },
        64,
        'error: no pod with a proxy is named "wbe-0.shop"; did you mean shop/web-0, shop/web-1?\n',
      ],
      [
        'a resource defined twice',
        ['-f', 'm'],
        { files: { ...files, '/work/m/z.yaml': route } },
        65,
        'm/z.yaml:3:18: error [MESH0008] VirtualService shop/web: defined twice, first at m/route.yaml:3\n',
      ],
      [
        'an alias bomb',
        ['-f', 'm'],
        { files: { '/work/m/a.yaml': bomb() } },
        65,
        'm/a.yaml:1:1: error [MESH0004] the document grows out of bounds',
      ],
      [
        'a file without permission',
        ['-f', 'm'],
        { files, forbidden: ['/work/m/route.yaml'] },
        65,
        'error [MESH0001] cannot read m/route.yaml: permission denied\n',
      ],
      [
        'a folder without permission',
        ['-f', 'm'],
        { files, forbidden: ['/work/m'] },
        65,
        'error [MESH0001] cannot read m: permission denied\n',
      ],
      [
        'broken MeshConfig',
        ['-f', 'm', '--mesh-config', 'x.yaml'],
        { files: { ...files, '/work/x.yaml': '[1]' } },
        65,
        'x.yaml:1:1: error [MESH0007] MeshConfig must be an object, not a list\n',
      ],
      [
        'no MeshConfig file',
        ['-f', 'm', '--mesh-config', 'x.yaml'],
        { files },
        65,
        'error [MESH0001] cannot read x.yaml: no such file or folder\n',
      ],
      ['an unknown flag', ['--prxy', 'x'], {}, 64, "error: unknown option '--prxy'\n(Did you mean --proxy?)\n"],
      ['an unknown format', ['-o', 'xml'], {}, 64, "error: option '-o, --output <format>' argument 'xml' is invalid."],
    ];
  test.each(cases)('%s', async (_, args, world, exitCode, message) => {
    const result = await mesh(['translate', ...args, '--out-dir', 'out'], world);
    expect(result.errors).toContain(message);
    expect(result).toMatchObject({ exitCode, output: '', written: {} });
  });

  test('the findings of other files are reported beside a broken one', async () => {
    const world = {
      files: {
        ...files,
        '/work/m/broken.yaml': 'kind: [',
        '/work/m/wrong.yaml': route.replace('[web]', 'web').replace('name: web', 'name: other'),
      },
    };
    const { errors } = await mesh(['translate', '-f', 'm'], world);
    expect(errors).toContain('m/broken.yaml:1:');
    expect(errors).toContain('m/wrong.yaml:5:10: error');
    expect(errors).toContain('There are 2 errors in the input; nothing was computed.');
  });

  test('an unknown command gets the nearest one', async () => {
    const { exitCode, errors } = await mesh(['tranlate']);
    expect([exitCode, errors]).toEqual([
      64,
      "error: unknown command 'tranlate'\n(Did you mean translate?)\nRun 'mesh --help' for usage.\n",
    ]);
  });
});

describe('mesh validate', () => {
  test('says of each file whether it is valid, and exits with 79 when one is not', async () => {
    const world = { files: { ...files, '/work/bad.yaml': route.replace('timeout: 3s', 'timeout: soon') } };
    const good = await mesh(['validate', 'm/route.yaml'], world);
    expect([good.exitCode, good.output]).toEqual([0, 'm/route.yaml is valid\n']);
    const bad = await mesh(['validate', '-o', 'json', 'bad.yaml', 'm'], world);
    expect(bad.exitCode).toBe(79);
    expect(JSON.parse(bad.output)).toMatchObject({
      files: [
        { file: 'bad.yaml', valid: false, errors: [{ code: 'MESH0110', path: 'spec.http[0].timeout', line: 7 }], warnings: [] },
        { file: 'm/route.yaml', valid: true, errors: [] },
        { file: 'm/shop.yaml', valid: true, errors: [] },
      ],
    });
  });

  test('exits with 65 when a file cannot be parsed', async () => {
    expect((await mesh(['validate', 'a.yaml'], { files: { '/work/a.yaml': '[' } })).exitCode).toBe(65);
  });
});

describe('mesh analyze', () => {
  test('prints what is wrong', async () => {
    const world = {
      files: { ...files, '/work/m/bad.yaml': route.replace('timeout: 3s', 'timeout: soon').replace('name: web', 'name: other') },
    };
    const { exitCode, output } = await mesh(['analyze', 'm'], world);
    expect(exitCode).toBe(79);
    expect(output).toContain('m/bad.yaml:7');
  });
});

describe('mesh version and completion', () => {
  test('the version', async () => {
    expect((await mesh(['version'])).output).toMatch(/^mesh \d+\.\d+\.\d+ \(Istio 1\.30\.3\)\n$/);
    expect(JSON.parse((await mesh(['version', '-o', 'json'])).output)).toMatchObject({ istioVersion: '1.30.3' });
  });

  test.each(['bash', 'zsh', 'fish'])('a script for %s knows commands and flags', async (shell) => {
    const { exitCode, output } = await mesh(['completion', shell]);
    expect(exitCode).toBe(0);
    expect(output).toContain('translate');
    expect(output).toContain('out-dir');
  });

  test('an unknown shell is a usage error', async () => {
    expect((await mesh(['completion', 'tcsh'])).exitCode).toBe(64);
  });

  test('help goes to standard output', async () => {
    expect((await mesh([])).output).toContain('Usage: mesh');
    expect((await mesh(['translate', '--help'])).output).toContain('--out-dir <folder>');
  });
});

function bomb(): string {
  const levels = Array.from(
    { length: 9 },
    (_, level) => `l${level + 1}: &l${level + 1} [${Array(9).fill(`*l${level}`).join(', ')}]`,
  );
  return `l0: &l0 [x, x, x, x, x, x, x, x, x]\n${levels.join('\n')}\n`;
}

describe('the program', () => {
  const root = resolve(import.meta.dirname, '..');
  const bin = join(root, 'bin/mesh.js');
  let folder = '';

  beforeAll(() => {
    if (!existsSync(join(root, 'dist/cli/main.cjs'))) execFileSync('npm', ['run', '-s', 'build'], { cwd: root });
    folder = mkdtempSync(join(tmpdir(), 'mesh-'));
    mkdirSync(join(folder, 'm'));
    writeFileSync(join(folder, 'm/shop.yaml'), shop);
    writeFileSync(join(folder, 'm/route.yaml'), route);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const mesh = (...args: readonly string[]) => spawnSync(process.execPath, [bin, ...args], { cwd: folder, encoding: 'utf8' });

  test('runs from the shell', () => {
    const { status, stdout, stderr } = mesh('translate', '-f', 'm', '--out-dir', 'out/deep');
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readdirSync(join(folder, 'out/deep'))).toEqual(['shop.web-0.json', 'shop.web-1.json']);
    expect(JSON.parse(readFileSync(join(folder, 'out/deep/shop.web-0.json'), 'utf8'))).toHaveProperty('clusters');
  });

  test('writes nothing, not even the folder, when the input is bad', () => {
    writeFileSync(join(folder, 'bad.yaml'), 'a: [');
    const { status, stdout } = mesh('translate', '-f', 'm', '-f', 'bad.yaml', '--out-dir', 'none');
    expect([status, stdout, existsSync(join(folder, 'none'))]).toEqual([65, '', false]);
  });

  test('reads patterns, standard input and circles of links', () => {
    mkdirSync(join(folder, 'links'));
    symlinkSync('../links', join(folder, 'links/round'));
    mkdirSync(join(folder, 'links/.m'));
    for (const name of ['shop.yaml', 'route.yaml']) copyFileSync(join(folder, 'm', name), join(folder, 'links/.m', name));
    symlinkSync('.m', join(folder, 'links/m'));
    symlinkSync('m/shop.yaml', join(folder, 'links/shop.yaml'));
    const direct = mesh('translate', '-f', 'm');
    expect(mesh('translate', '-f', 'm/*.yaml').stdout).toBe(direct.stdout);
    expect(mesh('translate', '-f', join(folder, 'm/*.y{a,}ml')).stdout).toBe(direct.stdout);
    // shop.yaml is met twice and read once.
    expect(mesh('translate', '-f', 'links').stdout).toBe(direct.stdout);
    const piped = spawnSync(process.execPath, [bin, 'translate', '-f', '-'], {
      cwd: folder,
      encoding: 'utf8',
      input: `${shop}---\n${route}`,
    });
    expect(piped.stdout).toBe(direct.stdout);
  });

  test('standard input may keep one waiting', () => {
    const command = `(sleep 0.3; cat m/shop.yaml) | "${process.execPath}" "${bin}" translate -f - --proxy web-0.shop`;
    const { status, stdout } = spawnSync('bash', ['-c', command], { cwd: folder, encoding: 'utf8' });
    expect([status, Object.keys(JSON.parse(stdout).proxies)]).toEqual([0, ['shop/web-0']]);
  });

  test('a folder that cannot be written is a failure, without a trace of our own', () => {
    writeFileSync(join(folder, 'taken'), '');
    const { status, stderr } = mesh('translate', '-f', 'm', '--out-dir', 'taken');
    expect([status, stderr]).toEqual([1, 'error: cannot write to taken: a file of that name is in the way\n']);
  });

  test('a file that is no text, and a folder without permission', () => {
    mkdirSync(join(folder, 'odd'));
    writeFileSync(join(folder, 'odd/binary.yaml'), Buffer.from([0xff, 0xfe, 0x00, 0x80]));
    expect(mesh('translate', '-f', 'odd').stderr).toContain('error [MESH0001] cannot read odd/binary.yaml: it is not UTF-8 text');
    writeFileSync(
      join(folder, 'odd/binary.yaml'),
      Buffer.concat([Buffer.from('kind: A\nname: é\ufffd'), Buffer.from([0xc3, 0xc3])]),
    );
    expect(mesh('translate', '-f', 'odd').stderr).toContain(
      'odd/binary.yaml:2:9: error [MESH0001] cannot read odd/binary.yaml: ',
    );
    mkdirSync(join(folder, 'locked'));
    chmodSync(join(folder, 'locked'), 0);
    const { status, stderr } = mesh('translate', '-f', 'locked');
    expect(status).toBe(65);
    // root may read everything; then the folder is just empty.
    expect(stderr).toMatch(/MESH000[12]\] (cannot read locked: permission denied|no manifests in locked)/);
  });

  test('a file of 50 MB', () => {
    const big = `${shop}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: big}\ndata:\n  text: "${'x'.repeat(50_000_000)}"\n`;
    writeFileSync(join(folder, 'big.yaml'), big);
    const { status, stdout } = mesh('translate', '-f', 'big.yaml', '--proxy', 'web-0.shop');
    expect([status, Object.keys(JSON.parse(stdout).proxies)]).toEqual([0, ['shop/web-0']]);
  });

  test('a closed pipe is no error', async () => {
    const child = spawn(process.execPath, [bin, 'translate', '-f', 'm'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (data) => {
      errors += data;
    });
    child.stdout.destroy();
    const status = await new Promise((done) => child.on('close', done));
    expect([status, errors]).toEqual([0, '']);
  });
});
