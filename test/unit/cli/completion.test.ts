import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const shop = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app}]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: worker}
spec: {containers: [{name: app}]}
---
apiVersion: v1
kind: Pod
metadata: {name: bare, labels: {sidecar.istio.io/inject: "false"}}
spec: {containers: [{name: app}]}
`;

async function output(args: readonly string[], files: Readonly<Record<string, string>> = {}): Promise<string> {
  const io = createFakeIo({ files });
  expect([await run(args, io), io.errors()]).toEqual([0, '']);
  return io.output();
}

describe('names that the script asks for', () => {
  const files = { '/work/manifests/shop.yaml': shop, '/work/other/o.yaml': shop.replaceAll('web', 'api') };
  const ask = async (kind: string, ...words: readonly string[]): Promise<readonly string[]> =>
    (await output(['__complete', kind, '--', ...words], files)).split('\n').slice(0, -1);

  test('pods with a proxy, those of the namespace by their bare names', async () => {
    expect(await ask('pod', 'pc', 'l', '')).toEqual(['web-0.shop', 'worker']);
    expect(await ask('pod', 'pc', 'l', '-n', 'shop', '')).toEqual(['web-0', 'worker']);
    expect(await ask('pod', 'pc', 'l', 'shop/')).toEqual(['default/worker', 'shop/web-0']);
  });

  test('of the input that the other words name', async () => {
    expect(await ask('pod', 'pc', 'l', '-f', 'other', '')).toContain('api-0.shop');
    expect(await ask('pod', 'translate', 'other', '-o', 'json', '--proxy', '')).toContain('api-0.shop');
    expect(await ask('pod', 'pc', 'l', '-f', 'nowhere', '')).toEqual([]);
  });

  test('clients, services, namespaces, codes and analyzers', async () => {
    expect(await ask('client', 'trace', '--from', '')).toEqual(['bare', 'outside', 'web-0.shop', 'worker']);
    expect(await ask('service', 'describe', 'svc', '')).toEqual(['web.shop']);
    expect(await ask('namespace', 'analyze', '-n', '')).toEqual(['default', 'shop']);
    expect(await ask('code', 'explain', '')).toEqual(expect.arrayContaining(['IST0101', 'MESH0012']));
    expect(await ask('analyzer', 'analyze', '--analyzer', '')).toContain('gateway.SecretAnalyzer');
  });

  test('are none that a shell would take for more than a name', async () => {
    const evil = { '/work/manifests/a.yaml': shop.replaceAll('name: worker', 'name: "$(touch hacked)"') };
    expect(await output(['__complete', 'client', '--', 'trace', '--from', ''], evil)).not.toContain('touch');
  });
});

describe('the script for bash', () => {
  let folder = '';
  let script = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mesh-completion-'));
    script = await output(['completion', 'bash']);
    writeFileSync(join(folder, 'script'), `${script}\nmesh() { echo "asked-$2"; }\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What a tab after these words offers; nothing where the shell falls back on files. */
  function complete(...words: readonly string[]): readonly string[] {
    const list = words.map((word) => `'${word}'`).join(' ');
    const call = `source ./script; COMP_WORDS=(mesh ${list}); COMP_CWORD=${words.length}; _mesh; echo "\${COMPREPLY[*]}"`;
    const printed = execFileSync('bash', ['--norc', '-c', call], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
    return printed
      .trim()
      .split(' ')
      .filter((word) => word !== '');
  }

  test('completes commands and those below them', () => {
    expect(complete('trans')).toEqual(['translate']);
    expect(complete('he')).toEqual(['help']);
    expect(complete('')).not.toContain('__complete');
    expect(complete('proxy-config', 'clu')).toEqual(['clusters', 'cluster']);
    expect(complete('des', '')).toEqual(['pod', 'po', 'service', 'svc', 'help']);
  });

  test('offers flags where one begins, and files elsewhere', () => {
    expect(complete('translate', '--out-')).toEqual(['--out-dir']);
    expect(complete('translate', '-f', 'x', '--st')).toEqual(['--stage']);
    expect(complete('analyze', '')).toEqual([]);
    expect(complete('analyze', '-f', '')).toEqual([]);
    expect(complete('analyze', '--')).not.toEqual(expect.arrayContaining(['--timeout']));
    expect(complete('analyze', '--')).toEqual(expect.arrayContaining(['--partial', '--help']));
  });

  test('offers the choices of flags and arguments', () => {
    expect(complete('translate', '-o', '')).toEqual(['json', 'yaml', 'config-dump', 'envoy']);
    expect(complete('translate', '--output', '=', 'y')).toEqual(['yaml']);
    expect(complete('translate', '--output', '=')).toEqual(['json', 'yaml', 'config-dump', 'envoy']);
    expect(complete('pc', 'l', '-o', '')).toEqual(['short', 'json', 'yaml']);
    expect(complete('analyze', '-o', 'sa')).toEqual(['sarif']);
    expect(complete('analyze', '--failure-threshold', '')).toEqual(['Info', 'Warning', 'Error']);
    expect(complete('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  test('asks mesh for names', () => {
    expect(complete('explain', '')).toEqual(['asked-code']);
    expect(complete('pc', 'l', '')).toEqual(['asked-pod']);
    expect(complete('trace', '--from', '')).toEqual(['asked-client']);
    expect(complete('describe', 'svc', '')).toEqual(['asked-service']);
    expect(complete('translate', '--proxy', '')).toEqual(['asked-pod']);
    expect(complete('graph', '-n', '')).toEqual(['asked-namespace']);
  });

  test('is one that bash can read without a word', () => {
    expect(execFileSync('bash', ['-n', join(folder, 'script')], { encoding: 'utf8' })).toBe('');
  });
});

test('the script for fish has choices and asks for names', async () => {
  const script = await output(['completion', 'fish']);
  expect(script).toContain("-n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'");
  expect(script).toContain("-s 'o' -l 'output' -x -a 'short json yaml'");
  expect(script).toContain("-l 'from' -x -a '(mesh __complete client -- ");
  expect(script).not.toContain("'timeout'");
});
