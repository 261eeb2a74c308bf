import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';
import { deny, filesOfTwoClusters as files } from '../../support/two-clusters.ts';

interface Report {
  readonly proxies: Readonly<Record<'added' | 'removed' | 'changed', readonly string[]>>;
  readonly causes: readonly { readonly causes: readonly { readonly name: string; readonly file: string }[] }[];
  readonly requests: {
    readonly changed: readonly { readonly from: readonly string[]; readonly differences: Readonly<Record<string, unknown>> }[];
  };
  readonly findings: { readonly introduced: readonly { readonly code: string }[] };
}

async function called(more: Readonly<Record<string, string>>, ...argv: readonly string[]) {
  const io = createFakeIo({ files: { ...files, ...more } });
  const code = await run(['diff', ...argv], io);
  return { code, out: io.output(), errors: io.errors() };
}

const west = files['/work/west/mesh.yaml'] ?? '';
const open = { '/work/opened/mesh.yaml': west.replace(deny, '') };
const change = ['--cluster', 'east=east', '--old-cluster', 'west=opened', '--new-cluster', 'west=west'];

describe('diff of one of several clusters', () => {
  test('tells which requests of the others end otherwise, through gateways too', async () => {
    const { code, out } = await called(open, ...change, '-o', 'json');
    const report = JSON.parse(out) as Report;
    expect(code).toBe(1);
    expect(report.proxies.changed).toEqual(['west/shop/web-1']);
    expect(report.causes.flatMap(({ causes }) => causes.map(({ name, file }) => [name, file]))).toEqual([
      ['web', 'west/mesh.yaml'],
    ]);
    const callers = report.requests.changed.flatMap(({ from }) => from);
    expect([...new Set(callers)].sort()).toEqual(
      expect.arrayContaining(['east/shop/far-1', 'east/shop/web-1', 'west/shop/near-1', 'west/shop/web-1']),
    );
    expect(report.findings.introduced.map(({ code: found }) => found)).toContain('MESH1705');
  });

  test('tells which proxies of the others get something else', async () => {
    const moved = {
      '/work/moved/mesh.yaml': `${west}\n${west.replaceAll('near', 'more').split('---').slice(-4, -2).join('---')}`,
    };
    const { out } = await called(
      moved,
      '--cluster',
      'east=east',
      '--cluster',
      'west=west',
      '--new-cluster',
      'west=moved',
      '-o',
      'json',
    );
    const report = JSON.parse(out) as Report;
    expect(report.proxies.added).toEqual(['west/shop/more-1']);
    expect(report.proxies.changed).toEqual(
      expect.arrayContaining(['east/shop/far-1', 'east/istio-system/ew-1', 'west/shop/web-1']),
    );
  });

  test('tells of timeouts and attempts, where servers are slow or fail', async () => {
    const routed = (timeout: string, attempts: number): string => `${west}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web], http: [{timeout: ${timeout}, retries: {attempts: ${attempts}, retryOn: 5xx}, route: [{destination: {host: web}}]}]}
`;
    const sides = {
      '/work/opened/mesh.yaml': routed('3s', 0).replace(deny, ''),
      '/work/edited/mesh.yaml': routed('5s', 1).replace(deny, ''),
    };
    const { code, out } = await called(
      sides,
      ...['--cluster', 'east=east', '--old-cluster', 'west=opened', '--new-cluster', 'west=edited', '--equal', '-o', 'json'],
    );
    expect(code).toBe(1);
    const report = JSON.parse(out) as Report;
    const told = report.requests.changed.flatMap(({ differences }) => Object.keys(differences));
    expect([...new Set(told)].sort()).toEqual(['attempts', 'timeout']);
  });

  test('of edits in two clusters names the one that makes each change', async () => {
    const edited = {
      ...open,
      '/work/edited/mesh.yaml': `${files['/work/east/mesh.yaml']}
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: shop}
spec: {host: web, trafficPolicy: {connectionPool: {tcp: {maxConnections: 7}}}}
`,
    };
    const argv = [
      '--cluster',
      'east=east',
      '--cluster',
      'west=opened',
      '--new-cluster',
      'east=edited',
      '--new-cluster',
      'west=west',
    ];
    const { out } = await called(edited, ...argv);
    expect(out).toMatch(/AuthorizationPolicy shop\/web added \(west\/mesh.yaml:\d+\)\n {2}1 proxy: west\/shop\/web-1/);
    expect(out).toMatch(
      /DestinationRule shop\/web added \(edited\/mesh.yaml:\d+\)\n {2}3 proxies: east\/istio-system\/ew-1, east\/shop\/far-1, east\/shop\/web-1/,
    );
  });

  test('of the same clusters is none', async () => {
    const argv = ['--cluster', 'east=east', '--old-cluster', 'west=west', '--new-cluster', 'west=west'];
    const { code, out } = await called({}, ...argv);
    expect([code, out]).toEqual([0, '']);
  });

  test('needs a side that differs, and no paths beside', async () => {
    expect((await called({}, '--cluster', 'east=east')).errors).toContain('nothing differs: name what a cluster was');
    expect((await called({}, 'east', 'west', '--new-cluster', 'east=east')).errors).toContain('clusters are named by --cluster');
  });
});
