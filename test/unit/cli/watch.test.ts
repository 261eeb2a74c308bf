import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createNodeWatcher } from '../../../src/files/node-watcher.ts';
import { createFakeIo, type FakeWorld } from '../../support/fake-io.ts';

const service = (name: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: shop}\nspec: {selector: {app: a}, ports: [{name: http, port: 80}]}\n`;
const rule = (to: string): string =>
  `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web, namespace: shop}\nspec: {hosts: [web], http: [{route: [{destination: {host: ${to}}}]}]}\n`;
const files = { '/work/m/service.yaml': service('web'), '/work/m/rule.yaml': rule('web') };
const NOTE = 'Watching for changes; Ctrl-C ends it.';

async function watch(args: readonly string[], world: FakeWorld) {
  const read: string[] = [];
  const io = createFakeIo({ files, ...world });
  const exitCode = await run([...args, '--watch'], {
    ...io,
    readText(path, kind) {
      read.push(path);
      return io.readText(path, kind);
    },
  });
  const runs = io.errors().split(NOTE).length - 1;
  return { exitCode, runs, read, output: io.output(), errors: io.errors() };
}

describe('analyze --watch', () => {
  test('looks again after each change, and reads only what has changed', async () => {
    const { exitCode, runs, read, output } = await watch(['analyze', 'm'], {
      changes: [{ '/work/m/rule.yaml': rule('nobody') }, { '/work/m/rule.yaml': rule('web') }],
    });
    expect(runs).toBe(3);
    expect(output.match(/IST0101/g)?.length).toBe(1);
    expect(exitCode).toBe(0);
    expect(read.filter((path) => path === 'm/service.yaml').length).toBe(1);
    expect(read.filter((path) => path === 'm/rule.yaml').length).toBe(3);
  });

  test('sees files that come and go', async () => {
    const { exitCode, runs, output } = await watch(['analyze', 'm'], {
      changes: [{ '/work/m/service.yaml': null }, { '/work/m/other.yaml': service('web') }],
    });
    expect(runs).toBe(3);
    expect(output).toContain('IST0101');
    expect(exitCode).toBe(0);
  });

  test('changes of what it does not read are none', async () => {
    const changes = [{ '/work/m/.rule.yaml.swp': 'x' }, { '/work/elsewhere/a.yaml': 'x' }];
    expect((await watch(['analyze', 'm'], { changes })).runs).toBe(1);
  });

  test('its own results are no change', async () => {
    const changes = [{ '/work/m/report.json': '{}' }];
    expect((await watch(['analyze', 'm', '-o', 'json=m/report.json'], { changes })).runs).toBe(1);
  });

  test('what cannot be read is told, and it goes on', async () => {
    const config = (text: string): Record<string, string> => ({ '/work/mesh.config.yaml': text });
    const { exitCode, runs, errors } = await watch(['analyze'], {
      files: { ...files, ...config('manifests: m\nnonsense: true\n') },
      changes: [config('manifests: m\n')],
    });
    expect(runs).toBe(2);
    expect(errors).toContain('nonsense');
    expect(exitCode).toBe(0);
  });

  test('what nobody can see change is refused', async () => {
    expect((await watch(['analyze', '--helm', 'chart'], {})).errors).toContain('leave out -k and --helm');
    expect((await watch(['analyze', '-'], { stdin: service('web') })).errors).toContain('cannot read standard input again');
  });
});

test('test --watch tries the requests again', async () => {
  const table = (host: string): string =>
    `requests:\n- name: web\n  to: http://${host}.shop/\n  from: shop/a\n  expect: {status: 200}\n`;
  const pod = `apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop, labels: {app: a}}\nspec: {containers: [{name: a, image: a}]}\n`;
  const { runs, read } = await watch(['test', 'm', '-f', 'm'], {
    files: { ...files, '/work/m/pod.yaml': pod, '/work/m/a.mesh-test.yaml': table('web') },
    changes: [{ '/work/m/a.mesh-test.yaml': table('other') }],
  });
  expect(runs).toBe(2);
  expect(read.filter((path) => path === 'm/service.yaml').length).toBe(1);
});

test('real folders tell which file has changed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mesh-watch-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const watcher = createNodeWatcher();
  watcher.follow(folder);
  watcher.follow(join(folder, 'absent'));
  writeFileSync(join(folder, 'a.yaml'), 'a');
  expect(await watcher.next()).toEqual([join(folder, 'a.yaml')]);
});
