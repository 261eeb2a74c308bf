import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { actionSteps } from './support/action.ts';

const root = resolve(import.meta.dirname, '..');
const mixed = join(root, 'fixtures/mixed-repository');
const isCheckout = existsSync(join(root, '.git'));
/** Whether tests may fetch packages from registries, which takes a minute or two. */
const isThorough = process.env.LIVE === 'all';

let work = '';
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'mesh-git-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }), 300_000);

function run(program: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', env: { ...process.env, ...env } });
  return { status, stdout, stderr };
}

/** A clone of the last commit. */
function clone(name: string): string {
  const { status, stderr } = run('git', ['clone', '--quiet', root, name], work);
  expect(status, stderr).toBe(0);
  return join(work, name);
}

/** A repository of somebody who has all kinds of YAML in it, with all of it staged. */
function repository(name: string): string {
  const folder = join(work, name);
  cpSync(mixed, folder, { recursive: true });
  run('git', ['init', '--quiet'], folder);
  stage(folder);
  return folder;
}

function stage(folder: string): void {
  expect(run('git', ['add', '--all'], folder).status).toBe(0);
}

const mistake = `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web], http: [{route: [{destination: {host: web, sbuset: v1}}]}]}
`;

describe.skipIf(!isCheckout)('a fresh clone', () => {
  test('says in one line what to run', () => {
    const folder = clone('fresh');
    const { status, stdout, stderr } = run(process.execPath, ['bin/mesh.js', 'version'], folder);
    expect([status, stdout, stderr]).toEqual([1, '', `error: mesh is not built: run "npm ci && npm run build" in ${folder}\n`]);
  });
});

describe.skipIf(!isCheckout || !isThorough)('from a git address', () => {
  test('npm pack in a fresh clone makes a package with the program in it', { timeout: 600_000 }, (context) => {
    const folder = clone('packed');
    const { status, stdout, stderr } = run('npm', ['pack', '--json'], folder);
    skipWithout(status, stderr, 'the npm registry', context);
    const [{ files }] = JSON.parse(stdout) as [{ readonly files: readonly { readonly path: string }[] }];
    expect(files.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['bin/mesh.js', 'dist/cli/main.cjs', 'dist/index.d.ts']),
    );
  });

  test('the action builds itself, passes on a repository of mixed files, and fails on a mistake', {
    timeout: 600_000,
  }, (context) => {
    const folder = clone('action');
    const workspace = repository('workspace');
    const act = () => actionSteps(folder, {}, { cwd: workspace, temporary: work });
    const first = act();
    skipWithout(first.status, first.stdout + first.stderr, 'the npm registry', context);
    expect(first.stdout).not.toContain('::error');
    appendFileSync(join(workspace, 'deploy/service.yaml'), mistake);
    const second = act();
    expect([second.status, second.stdout]).toEqual([
      79,
      expect.stringMatching(/^::error file=deploy\/service\.yaml,line=34,.*sbuset/m),
    ]);
    expect(second.stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^error: \d+ findings? (is|are) at or above the failure threshold/,
    );
  });

  test('the hooks of pre-commit pass over foreign files and stop a mistake', { timeout: 900_000 }, (context) => {
    expect(run('python3', ['-m', 'venv', 'python'], work)).toMatchObject({ status: 0 });
    const python = join(work, 'python/bin');
    const installed = run(join(python, 'pip'), ['install', '--quiet', 'pre-commit==4.7.0'], work);
    if (installed.status !== 0)
      return context.skip(`pre-commit cannot be had from PyPI: ${installed.stderr.trim().split('\n').at(-1)}`);
    const hooks = clone('hooks');
    const folder = repository('committed');
    const revision = run('git', ['rev-parse', 'HEAD'], hooks).stdout.trim();
    writeFileSync(
      join(folder, '.pre-commit-config.yaml'),
      `repos: [{repo: ${hooks}, rev: ${revision}, hooks: [{id: mesh-validate}, {id: mesh-analyze}]}]\n`,
    );
    stage(folder);
    const check = () =>
      run(join(python, 'pre-commit'), ['run', '--all-files', '--color', 'never'], folder, {
        PRE_COMMIT_HOME: join(work, 'home'),
      });
    const first = check();
    skipWithout(first.status, first.stdout + first.stderr, 'the npm registry', context);
    expect(first.stdout).toMatch(/^mesh validate\.+Passed\nmesh analyze\.+Passed\n$/m);
    appendFileSync(join(folder, 'deploy/service.yaml'), mistake);
    stage(folder);
    const second = check();
    expect(second.status).toBe(1);
    expect(second.stdout).toMatch(/^mesh validate\.+Failed\n- hook id: mesh-validate\n- exit code: 79\n/m);
    expect(second.stdout).toContain('deploy/service.yaml:34:');
    expect(second.stdout).toMatch(/^mesh analyze\.+Failed\n- hook id: mesh-analyze\n- exit code: 79\n/m);
  });
});

/** Leaves a test out when what it needs cannot be reached; any other failure is one. */
function skipWithout(status: number | null, output: string, what: string, context: TestContext): void {
  if (status !== 0 && /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT/.test(output)) context.skip(`${what} cannot be reached`);
  expect(status, output).toBe(0);
}

test('hooks are given to files that could be manifests, and nothing else', () => {
  const text = readFileSync(join(root, '.pre-commit-hooks.yaml'), 'utf8');
  expect(text.match(/types_or: \[yaml, json\]/g)).toHaveLength(2);
});
