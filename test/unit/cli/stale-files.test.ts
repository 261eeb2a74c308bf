import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { nodeFiles } from '../../../src/files/node-files.ts';
import { openOutputFolder } from '../../../src/files/output-folder.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const pod = (name: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: shop}\nspec: {containers: [{name: app, image: app}]}\n`;

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mesh-stale-'));
  mkdirSync(join(root, 'm'));
  for (const name of ['a', 'b']) writeFileSync(join(root, `m/${name}.yaml`), pod(name));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const indented = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const bootstrap = { '@type': 'type.googleapis.com/envoy.admin.v3.BootstrapConfigDump', bootstrap: { node: {} } };

/** Translates manifests of the folder into its folder `out`, with real files; gives the talk. */
async function translate(manifests: string, ...args: readonly string[]) {
  const undoing = { add: () => {}, delete: () => {} };
  const io = { ...createFakeIo(), ...nodeFiles, openFolder: (path: string) => openOutputFolder(path, undoing) };
  const exitCode = await run(['translate', '-f', join(root, manifests), '--out-dir', join(root, 'out'), ...args], io);
  return { exitCode, errors: io.errors().replaceAll(root, '') };
}

const written = (): string[] => readdirSync(join(root, 'out')).sort();

describe('files of proxies that are gone', () => {
  test.each(['json', 'yaml', 'config-dump', 'envoy'])('are named once, and removed when asked to: -o %s', async (output) => {
    await translate('m', '-o', output);
    const name = output === 'yaml' ? 'shop.b.yaml' : 'shop.b.json';
    const named = await translate('m/a.yaml', '-o', output);
    expect(named.exitCode).toBe(0);
    expect(named.errors).toContain(
      `warning: /out has 1 file of a proxy that is not in the mesh any more: ${name} (--prune removes them)\n`,
    );
    expect(written()).toContain(name);
    const pruned = await translate('m/a.yaml', '-o', output, '--prune');
    expect(pruned.errors).toContain(`Removed from /out: 1 file of a proxy that is not in the mesh any more: ${name}\n`);
    expect(written()).toEqual([name.replace('.b.', '.a.')]);
  });

  test('are told from those of others, of like names and like content', async () => {
    await translate('m');
    const others = {
      'shop.note.json': indented({ clusters: [], endpoints: [], listeners: [] }),
      'shop.more.json': indented({ clusters: [], endpoints: [], listeners: [], routes: [], secrets: [] }),
      'shop.live.json': indented({ configs: [{ ...bootstrap, last_updated: '2026-01-01T00:00:00Z' }] }),
      'shop.dump.json': indented({ configs: [bootstrap], more: 1 }),
      'shop.laid-out.json': '{"clusters": [], "endpoints": [], "listeners": [], "routes": []}',
      'shop.more.yaml': 'clusters: []\nendpoints: []\nlisteners: []\nroutes: []\n"secrets": []\n',
      'shop.text.json': 'no JSON',
      'shop.text.yaml': 'clusters: [',
      'Others.json': '{"clusters": [], "endpoints": [], "listeners": [], "routes": []}',
    };
    for (const [name, text] of Object.entries(others)) writeFileSync(join(root, 'out', name), text);
    symlinkSync('shop.b.json', join(root, 'out/shop.link.json'));
    mkdirSync(join(root, 'out/shop.folder.json'));
    await translate('m/a.yaml', '--prune');
    expect(written()).toEqual([...Object.keys(others), 'shop.a.json', 'shop.folder.json', 'shop.link.json'].sort());
  });

  test('are none that were just not asked for, nor those of another format of a proxy that is there', async () => {
    await translate('m');
    await translate('m', '-o', 'yaml');
    expect(await translate('m', '--proxy', 'a.shop', '--prune')).toEqual({ exitCode: 0, errors: '' });
    expect(written()).toEqual(['shop.a.json', 'shop.a.yaml', 'shop.b.json', 'shop.b.yaml']);
  });

  test('are removed only together with what is written', async () => {
    await translate('m');
    mkdirSync(join(root, 'out/shop.a.yaml'));
    expect((await translate('m/a.yaml', '-o', 'yaml', '--prune')).exitCode).toBe(1);
    expect(written()).toEqual(['shop.a.json', 'shop.a.yaml', 'shop.b.json']);
  });

  test('ask for their folder, which has a name', async () => {
    const io = createFakeIo();
    expect(await run(['translate', '--prune'], io)).toBe(64);
    expect(await run(['translate', '--out-dir', ''], io)).toBe(64);
    expect(io.errors()).toBe('error: --prune removes files of the folder of --out-dir\nerror: --out-dir names no folder\n');
  });
});
