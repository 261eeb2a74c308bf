import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const app = (name: string): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: app, ports: [{containerPort: 80}]}]}
`;

const dumped = `
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: {name: only, namespace: shop}
  spec: {clusterIP: 10.97.0.7, ports: [{name: http, port: 80}]}
- apiVersion: v1
  kind: Pod
  metadata: {name: only-1, namespace: shop}
  spec: {containers: [{name: app}]}
  status: {podIP: 10.2.0.1}
`;

const files = {
  '/work/east/mesh.yaml': app('web'),
  '/work/west/mesh.yaml': app('web'),
  '/work/west/dump.yaml': dumped,
};

async function called(argv: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const io = createFakeIo({ files: { ...files, ...more } });
  const code = await run(argv, io);
  return { code, out: io.output(), errors: io.errors(), written: io.written() };
}

const both = ['--cluster', 'east=east', '--cluster', 'west=west'];

describe('several clusters', () => {
  test('have a file for each proxy, with the name of its cluster', async () => {
    const { code, errors, written } = await called(['translate', ...both, '--out-dir', 'out']);
    expect([code, errors]).toEqual([0, '']);
    expect(Object.keys(written).sort()).toEqual([
      '/work/out/east.shop.web-0.json',
      '/work/out/west.shop.only-1.json',
      '/work/out/west.shop.web-0.json',
    ]);
  });

  test('have made-up addresses that do not meet', async () => {
    const { out } = await called(['proxy-config', 'endpoints', 'west/shop/web-0', ...both, '-o', 'short']);
    const web = out.split('\n').filter((line) => line.includes('|80||web.shop'));
    const addresses = web.map((line) => line.split(/\s+/)[0] ?? '');
    expect(new Set(addresses).size).toBe(2);
    expect(addresses.some((address) => address.startsWith('10.244.'))).toBe(true);
    expect(addresses.some((address) => address.startsWith('10.243.'))).toBe(true);
  });

  test('are told apart by the names of pods; one that is in one cluster alone needs no cluster', async () => {
    const { code, errors } = await called(['proxy-config', 'listeners', 'web-0.shop', ...both]);
    expect(code).toBe(64);
    expect(errors).toContain('"web-0.shop" is in clusters east, west: name one of them, as in east/shop/web-0');
    expect((await called(['proxy-config', 'listeners', 'deployment/web.shop', ...both])).code).toBe(64);
    expect((await called(['proxy-config', 'listeners', 'west/deployment/web.shop', ...both])).code).toBe(0);
    expect((await called(['proxy-config', 'listeners', 'only-1.shop', ...both])).code).toBe(0);
    const unknown = await called(['translate', '--proxy', 'east/shop/wob-0', ...both]);
    expect(unknown.errors).toContain('did you mean east/shop/web-0');
  });

  test('have the names that complete a command', async () => {
    const { out } = await called(['__complete', 'pod', '--', 'pc', 'l', ...both, '']);
    expect(out.trim().split('\n')).toEqual(['east/shop/web-0', 'west/shop/only-1', 'west/shop/web-0']);
  });

  test('can be named in mesh.config.yaml, with their networks', async () => {
    const config = 'clusters:\n  east: {manifests: east, network: net-a}\n  west: {manifests: [west], network: net-b}\n';
    const { code, out } = await called(['proxy-config', 'bootstrap', 'only-1.shop'], { '/work/mesh.config.yaml': config });
    expect(code).toBe(0);
    expect(out).toContain('"NETWORK": "net-b"');
    expect(out).toContain('"CLUSTER_ID": "west"');
    const wrong = await called(['translate'], { '/work/mesh.config.yaml': 'clusters:\n  east: {manifest: east}\n' });
    expect(wrong.code).toBe(65);
    expect(wrong.errors).toContain('manifest');
  });

  test('have a MeshConfig in common, or each its own', async () => {
    const domains = { '/work/common.yaml': 'accessLogFile: /dev/common', '/work/west.yaml': 'accessLogFile: /dev/west' };
    const argv = [...both, '--mesh-config', 'common.yaml', '--mesh-config', 'west=west.yaml', '-o', 'json'];
    const logOf = async (pod: string): Promise<boolean[]> => {
      const { out } = await called(['proxy-config', 'listeners', pod, ...argv], domains);
      return ['/dev/common', '/dev/west'].map((path) => out.includes(path));
    };
    expect(await logOf('east/shop/web-0')).toEqual([true, false]);
    expect(await logOf('west/shop/web-0')).toEqual([false, true]);
  });

  test('one that is named has its name too', async () => {
    const { written } = await called(['translate', '--cluster', 'east=east', '--out-dir', 'out']);
    expect(Object.keys(written)).toEqual(['/work/out/east.shop.web-0.json']);
  });

  test('are refused by commands that do not know them, and where they cannot be read', async () => {
    const commands = [
      ['waypoint', 'list', ...both],
      ['ztunnel-config', 'workload', ...both],
    ];
    for (const argv of commands) {
      const { code, errors } = await called(argv);
      expect([argv[0], code, errors]).toEqual([
        argv[0],
        64,
        'error: --cluster names several clusters, and this command looks at one: name its manifests with -f\n',
      ]);
    }
    expect((await called(['translate', '--cluster', 'east'])).errors).toContain('is not NAME=PATH');
    const routes = await called(['proxy-config', 'routes', 'shop/web-0', '--cluster', 'east']);
    expect(routes.errors).toContain('is not NAME=PATH');
    expect((await called(['translate', '-f', 'east', ...both])).errors).toContain('--cluster NAME=PATH names all that is read');
    expect((await called(['translate', ...both, '--ambient'])).errors).toContain('ambient mode');
    expect((await called(['translate', ...both, '--stage', 'view'])).errors).toContain('name its manifests with -f');
  });
});
