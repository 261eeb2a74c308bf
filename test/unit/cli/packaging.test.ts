import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actionSteps, readAction } from '../../support/action.ts';

const root = resolve(import.meta.dirname, '../../..');
const text = readFileSync(join(root, 'action.yml'), 'utf8');

const action = readAction(root);
const { steps } = action.runs;

describe('the action', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'mesh-action-'));
    writeFileSync(
      join(folder, 'good.yml'),
      'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {ports: [{name: http, port: 80}]}\n',
    );
    writeFileSync(
      join(folder, 'bad.yaml'),
      'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web, namespace: shop}\nspec: {hosts: [web], htttp: []}\n',
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (given: Readonly<Record<string, string>>, path?: string) =>
    actionSteps(root, given, { cwd: folder, temporary: folder, path });

  test('runs no code but its own: no package by name, other actions by their commit only', () => {
    expect(text).not.toMatch(/\bnpx\b|npm (install|i|exec|x)\b|@latest|curl|wget/);
    expect(steps.flatMap(({ uses }) => uses ?? []).filter((uses) => !/@[0-9a-f]{40}$/.test(uses))).toEqual([]);
  });

  test('takes no input into its script but through the environment', () => {
    expect(steps.map(({ run: script = '' }) => script).join()).not.toContain('${{');
  });

  test('annotates, writes SARIF and a summary, and fails at the threshold', () => {
    const { status, stdout, summary } = run({ paths: '*.yaml', sarif: 'out/x.sarif' });
    expect(stdout).toMatch(/^::error file=bad\.yaml,line=4/m);
    expect([status, summary]).toEqual([79, expect.stringContaining('MESH0012')]);
    expect(JSON.parse(readFileSync(join(folder, 'out/x.sarif'), 'utf8')).version).toBe('2.1.0');
    expect(run({ paths: 'good.yml', args: '--partial -v', summary: 'false' })).toMatchObject({ status: 0, summary: '' });
  });

  test('passes on a repository of mixed files by its defaults', () => {
    const mixed = join(root, 'fixtures/mixed-repository');
    const { status, stdout, summary } = actionSteps(root, {}, { cwd: mixed, temporary: folder });
    expect([status, stdout, summary]).toEqual([0, '', expect.stringContaining('No problems found.')]);
  });

  test('takes a path for a path, also one that begins as a flag does', () => {
    const { status, stderr } = run({ paths: '--version $(touch hacked)' });
    expect(status).toBe(65);
    expect(stderr).not.toContain('unknown option');
  });

  test('says which Node it needs', () => {
    expect(run({}, '/nowhere')).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('::error::mesh needs Node 20 or newer'),
    });
  });
});

describe('the package', () => {
  const { scripts, dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    'scripts' | 'dependencies' | 'devDependencies',
    Record<string, string>
  >;

  test('holds what users need and nothing more: the program, which is built before it is packed, schemas, docs, the library', () => {
    const packed = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8' });
    const [{ files }] = JSON.parse(packed.stdout) as [{ readonly files: readonly { readonly path: string }[] }];
    const paths = files.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['bin/mesh.js', 'dist/cli/main.cjs', 'dist/index.js', 'dist/index.d.ts']));
    const others = paths.filter(
      (path) => !/^(bin\/[\w-]+\.js(on)?|(dist\/|dist\/cli\/)[\w-]+\.c?js|schemas\/.*\.json)$/.test(path),
    );
    const [declarations, rest] = [
      others.filter((path) => path.endsWith('.d.ts')),
      others.filter((path) => !path.endsWith('.d.ts')),
    ];
    expect(rest.filter((path) => !/^docs\/[a-z0-9-]+\.md$/.test(path)).sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'NOTICE',
      'README.md',
      'package.json',
    ]);
    // Of the declarations, those that the public door leads to: few of the twelve hundred modules.
    expect(declarations.length).toBeLessThan(155);
    expect(scripts.prepare).toBe('node scripts/prepare.mjs');
  });

  test('imports no package by a dynamic import, which is not there for a program with compiled code beside it', () => {
    const parts = readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.cjs'));
    expect(parts.length).toBeGreaterThan(10);
    expect(parts.filter((path) => /\bimport\([`"']/.test(readFileSync(join(root, 'dist', path), 'utf8')))).toEqual([]);
  });

  test('runs alike with compiled code beside it, with such of another program, and without any', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mesh-compiled-'));
    for (const part of ['bin', 'dist', 'package.json']) cpSync(join(root, part), join(folder, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const run = () => spawnSync(process.execPath, ['bin/mesh.js', 'explain', 'IST0101'], { cwd: folder, encoding: 'utf8' });
    const first = run();
    expect(first).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('IST0101') });
    const compiled = join(folder, 'dist/compiled');
    const files = readdirSync(compiled, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.bin'));
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) writeFileSync(join(compiled, file), 'of another program');
    expect(run().stdout).toBe(first.stdout);
    rmSync(compiled, { recursive: true });
    expect(run().stdout).toBe(first.stdout);
    rmSync(folder, { recursive: true });
  });

  test('takes all of the compiled code beside it', () => {
    const counting = `
      const vm = require('node:vm');
      const counts = { taken: 0, refused: [] };
      vm.Script = class extends vm.Script {
        constructor(text, options) {
          super(text, options);
          if (this.cachedDataRejected) counts.refused.push(options.filename);
          else if (options.cachedData) counts.taken++;
        }
      };
      process.on('exit', () => console.error(JSON.stringify(counts)));
      process.argv = [process.execPath, 'mesh', 'analyze'];
      require(${JSON.stringify(join(root, 'bin/mesh.js'))});`;
    const { stderr } = spawnSync(process.execPath, ['-e', counting], { cwd: join(root, 'fixtures/bookinfo'), encoding: 'utf8' });
    const { taken, refused } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '');
    expect(refused).toEqual([]);
    expect(taken).toBeGreaterThan(5);
  });

  test('runs what stands in its first file, also where an earlier build had one of the same length', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mesh-overlaid-'));
    for (const part of ['bin', 'dist', 'package.json']) cpSync(join(root, part), join(folder, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const main = join(folder, 'dist/cli/main.cjs');
    writeFileSync(main, `exports.main = async () => console.log('another');`.padEnd(readFileSync(main, 'utf8').length));
    const { stdout, stderr } = spawnSync(process.execPath, ['bin/mesh.js', 'version'], { cwd: folder, encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['another\n', '']);
    rmSync(folder, { recursive: true });
  });

  test('declares all that its library gives to a program in strict TypeScript', { timeout: 120_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'mesh-consumer-'));
    const installed = join(folder, 'node_modules/mesh-xds');
    for (const part of ['dist', 'package.json']) cpSync(join(root, part), join(installed, part), { recursive: true });
    const program = `
      import { inputOfTexts, openWorkbench, describePod, type XdsSnapshot } from 'mesh-xds';
      const mesh = openWorkbench(inputOfTexts([{ file: 'mesh.yaml', text: '' }]));
      const snapshot: XdsSnapshot | undefined = mesh.snapshotOf('default/web-0');
      const warnings: readonly string[] = describePod(mesh, 'web-0').warnings;
      // @ts-expect-error: names of listeners are texts
      const name: number | undefined = snapshot?.listeners[0]?.name;
    `;
    writeFileSync(join(folder, 'program.ts'), program);
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const options = { strict: true, module: 'nodenext', target: 'es2023', noEmit: true, types: [] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['program.ts'] }));
    const checked = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], {
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    expect(checked.stdout).toBe('');
  });

  test('is installed without a build where the packages for it are left out', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mesh-prepare-'));
    cpSync(join(root, 'scripts/prepare.mjs'), join(folder, 'scripts/prepare.mjs'));
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/prepare.mjs'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, npm_command: 'ci' },
    });
    rmSync(folder, { recursive: true });
    expect([status, stdout, stderr]).toEqual([0, '', expect.stringContaining('mesh was not built')]);
  });

  test('names exact versions', () => {
    const versions = Object.values({ ...dependencies, ...devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });
});

describe('the licences of packages', () => {
  const licenses = (...args: readonly string[]) =>
    spawnSync(process.execPath, [join(root, 'scripts/licenses.mjs'), ...args], { encoding: 'utf8' });

  test('are all known and allowed', () => {
    expect(licenses()).toMatchObject({ status: 0, stderr: '' });
  });

  test('fail when one of them is not, or not known', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mesh-licenses-'));
    const packages = {
      '': {},
      'node_modules/good': { version: '1.0.0', license: '(GPL-3.0 OR MIT)' },
      'node_modules/closed': { version: '1.0.0', license: 'SEE LICENSE IN LICENSE' },
      'node_modules/unknown': { version: '2.0.0' },
      'node_modules/shared': { version: '1.0.0', license: 'MPL-2.0' },
      'node_modules/tool': { version: '1.0.0', license: 'MPL-2.0', dev: true },
    };
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages }));
    const { status, stderr } = licenses(folder);
    rmSync(folder, { recursive: true });
    expect(status).toBe(1);
    expect(stderr.match(/: [a-z]+@/g)).toEqual([': closed@', ': unknown@', ': shared@']);
  });
});
