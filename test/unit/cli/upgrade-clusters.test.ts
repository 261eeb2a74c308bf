import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';
import { filesOfFixture } from '../../support/fixture-clusters.ts';

interface CauseJson {
  readonly kind: string;
  readonly name?: string;
  readonly clusters?: readonly string[];
}

interface ReportJson {
  readonly controlPlanes: readonly { readonly cluster: string; readonly before: object }[];
  readonly proxies: { readonly changed: readonly string[]; readonly unchanged: number };
  readonly effects: readonly { readonly causes: readonly CauseJson[]; readonly proxies: readonly string[] }[];
  readonly patches: readonly { readonly name: string; readonly file: string; readonly stops: readonly string[] }[];
  readonly requests: {
    readonly changed: readonly {
      readonly requests: readonly { readonly url: string }[];
      readonly from: readonly string[];
      readonly differences: Readonly<Record<string, readonly [string, string]>>;
      readonly causes: readonly CauseJson[];
    }[];
  };
  readonly news: readonly { readonly release: string }[];
}

async function called(fixture: string, more: Readonly<Record<string, string>>, ...argv: readonly string[]) {
  const io = createFakeIo({ files: { ...filesOfFixture(fixture), ...more } });
  const code = await run(argv, io);
  return { code, out: io.output(), errors: io.errors() };
}

async function preview(fixture: string, more: Readonly<Record<string, string>>, ...flags: readonly string[]) {
  const { out, errors } = await called(fixture, more, 'diff', '-o', 'json', ...flags);
  expect(errors).not.toContain('error');
  return JSON.parse(out) as ReportJson;
}

/** The same without requests. */
const previewOfProxies = (...[fixture, more, ...flags]: Parameters<typeof preview>): Promise<ReportJson> =>
  preview(fixture, more, '--no-requests', ...flags);

const NEXT = ['--to-istio-version', '1.31'] as const;

const causesOf = ({ effects }: ReportJson): readonly string[] =>
  effects.map(({ causes }) =>
    causes.map(({ kind, name, clusters }) => [name ?? kind, ...(clusters ?? [])].join(' ')).join(' + '),
  );

/** Calls of east to cart, which west alone runs, go to a subset; `mode` is what the rule says of TLS. */
const subsetOfCart = (mode: string): string => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: shop}
spec:
  host: cart
  trafficPolicy: {tls: {mode: ${mode}}}
  subsets: [{name: all, labels: {app: cart}, trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec: {hosts: [cart], http: [{route: [{destination: {host: cart, subset: all}}]}]}
`;

const istiod = (image: string, environment = ''): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system}
spec:
  selector: {matchLabels: {app: istiod}}
  template:
    metadata: {labels: {app: istiod}}
    spec: {containers: [{name: discovery, image: "${image}", env: [${environment}]}]}
`;

const versioned = (namespace: string): string => `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: old-proxies, namespace: ${namespace}}
spec:
  configPatches:
    - applyTo: CLUSTER
      match: {context: SIDECAR_OUTBOUND, proxy: {proxyVersion: '^1\\.30'}, cluster: {name: BlackHoleCluster}}
      patch: {operation: MERGE, value: {altStatName: patched}}
`;

describe('upgrade-check over several clusters', { timeout: 120_000 }, () => {
  test('tells each behaviour once, with the proxies of all clusters that get it', async () => {
    for (const [fixture, proxies] of [
      ['two-networks', 11],
      ['hub-and-branch', 13],
    ] as const) {
      const { code, out } = await called(fixture, {}, 'upgrade-check');
      expect(code).toBe(0);
      expect(out.match(/^endpoints that are not ready/gm)).toHaveLength(1);
      expect(out).toMatch(new RegExp(`^Istio 1.30.3 -> Istio 1.31.0-rc.0\n[^]* resources in ${proxies} proxies\n`));
      expect(out).toContain('Every request ends as before: proven over');
      expect(out.match(/assumed to make no difference: what Envoy itself does otherwise/g)).toHaveLength(1);
    }
  });

  test('says that nothing changes where nothing does', async () => {
    for (const fixture of ['two-networks', 'hub-and-branch']) {
      const { code, out } = await called(fixture, {}, 'upgrade-check', '--to-istio-version', '1.30');
      expect(code).toBe(0);
      expect(out).toContain('0 proxies changed, ');
      expect(await called(fixture, {}, 'diff', '--to-istio-version', '1.30')).toEqual({ code: 0, out: '', errors: '' });
    }
  });

  test('tells which requests to the other network end otherwise, by the behaviour', async () => {
    const report = await preview('two-networks', { '/work/east/cart.yaml': subsetOfCart('DISABLE') }, ...NEXT);
    expect(causesOf(report)).toEqual(['autoSendUnhealthyEndpoints', 'subsetsInheritTls']);
    const [tls] = report.effects.filter(({ causes }) => causes.some(({ name }) => name === 'subsetsInheritTls'));
    expect(tls?.proxies).toEqual(['east/istio-system/ingress-1', 'east/shop/api-east-1', 'east/shop/web-1']);
    const told = report.requests.changed.map(({ requests, from, differences, causes }) => ({
      urls: requests.map(({ url }) => url),
      from,
      flags: differences.flags,
      causes: causes.map(({ name }) => name),
    }));
    expect(told).toEqual([
      {
        urls: ['http://cart.shop.svc.cluster.local/'],
        from: ['east/shop/api-east-1', 'east/shop/web-1'],
        flags: ['UC', 'UH'],
        causes: ['subsetsInheritTls'],
      },
    ]);
  });

  test('that subset with mutual TLS is asked for as before', async () => {
    const report = await preview('two-networks', { '/work/east/cart.yaml': subsetOfCart('ISTIO_MUTUAL') }, ...NEXT);
    expect(causesOf(report)).toEqual(['autoSendUnhealthyEndpoints']);
    expect(report.requests.changed).toEqual([]);
  });

  test('names the cluster whose istiod alone changes', async () => {
    const http10 = istiod('pilot', '{name: PILOT_HTTP10, value: "true"}');
    const report = await previewOfProxies(
      'two-networks',
      { '/work/west/istiod.yaml': http10 },
      '--to-istiod-env',
      'PILOT_HTTP10=true',
    );
    expect(causesOf(report)).toEqual(['http10 east']);
    expect(report.proxies.changed.filter((proxy) => !proxy.startsWith('east/'))).toEqual([]);
    const { out } = await called(
      'two-networks',
      { '/work/west/istiod.yaml': http10 },
      ...['diff', '--no-requests', '--to-istiod-env', 'PILOT_HTTP10=true'],
    );
    expect(out).toContain('proxies take HTTP/1.0 (cluster east)\n');
  });

  test('of a remote what the istiod of its primary does counts', async () => {
    const http10 = istiod('pilot', '{name: PILOT_HTTP10, value: "true"}');
    const flags = ['--to-istiod-env', 'PILOT_HTTP10=true'];
    const remote = await previewOfProxies('hub-and-branch', { '/work/branch/istiod.yaml': http10 }, ...flags);
    expect(causesOf(remote)).toEqual(['http10']);
    expect(remote.proxies.changed.some((proxy) => proxy.startsWith('branch/'))).toBe(true);
    const primary = await previewOfProxies('hub-and-branch', { '/work/hub/istiod.yaml': http10 }, ...flags);
    expect([causesOf(primary), primary.proxies.changed]).toEqual([[], []]);
  });

  test('tells a patch for versions of proxies once, where clusters have it from one file', async () => {
    const shared = { '/work/shared/filters.yaml': versioned('istio-system') };
    const clusters = ['east=east', 'east=shared', 'west=west', 'west=shared'].flatMap((named) => ['--cluster', named]);
    const { patches } = await previewOfProxies('two-networks', shared, '--to-proxy-version', '1.31.0', ...clusters);
    expect(patches.map(({ name, file }) => [name, file])).toEqual([['old-proxies', 'shared/filters.yaml']]);
    expect(new Set(patches.flatMap(({ stops }) => stops.map((proxy) => proxy.split('/')[0])))).toEqual(new Set(['east', 'west']));
  });

  test('tells apart patches of one name in two clusters', async () => {
    const both = { '/work/east/filters.yaml': versioned('shop'), '/work/west/filters.yaml': versioned('shop') };
    const { patches } = await previewOfProxies('two-networks', both, '--to-proxy-version', '1.31.0');
    expect(patches.map(({ file, stops }) => [file, stops[0]?.split('/')[0]])).toEqual([
      ['east/filters.yaml', 'east'],
      ['west/filters.yaml', 'west'],
    ]);
  });

  test('of clusters with releases of their own asks which is to come, and tells each on its way', async () => {
    const older = { '/work/west/istiod.yaml': istiod('istio/pilot:1.29.1') };
    const { code, errors } = await called('two-networks', older, 'upgrade-check');
    expect(code).toBe(64);
    expect(errors).toContain('clusters have Istio 1.29, 1.30: name the release to come with --to-istio-version');
    const { out } = await called('two-networks', older, 'upgrade-check', '--to-istio-version', '1.31');
    expect(out).toMatch(/^east: Istio 1\.30\.3 -> Istio 1\.31\.0-rc\.0; west: Istio 1\.29\.\d+ -> Istio 1\.31\.0-rc\.0\n/);
    expect(out).toContain('proxies 1.31.0-rc.0 than in 1.30.3\n');
    expect(out).toMatch(/proxies 1\.31\.0-rc\.0 than in 1\.29\.\d+\n/);
    const report = await previewOfProxies('two-networks', older, ...NEXT);
    expect(report.news.map(({ release }) => release)).toEqual(['1.30', '1.31']);
    expect(report.controlPlanes.map(({ cluster }) => cluster)).toEqual(['east', 'west']);
    const environment = await previewOfProxies('two-networks', older, '--to-istiod-env', 'PILOT_HTTP10=true');
    expect(causesOf(environment)).toEqual(['http10']);
  });
});

describe('upgrade-check of clusters one after the other', { timeout: 120_000 }, () => {
  const first = ['--to-istio-version', 'east=1.31'];

  test('tells what changes with the first, and leaves the others as they are', async () => {
    const report = await previewOfProxies('two-networks', {}, ...first);
    expect(causesOf(report)).toEqual(['autoSendUnhealthyEndpoints east']);
    expect(report.proxies.changed.map((proxy) => proxy.split('/')[0])).toEqual(report.proxies.changed.map(() => 'east'));
    const { out } = await called('two-networks', {}, 'upgrade-check', ...first);
    expect(out).toMatch(/^east: Istio 1\.30\.3 -> Istio 1\.31\.0-rc\.0; west: Istio 1\.30\.3, as before\n/);
  });

  test('tells what changes with the last, beside those that have changed', async () => {
    for (const last of ['west=1.31', '1.31']) {
      const report = await previewOfProxies('two-networks', {}, '--istio-version', 'east=1.31', '--to-istio-version', last);
      expect(causesOf(report)).toEqual(['autoSendUnhealthyEndpoints west']);
    }
  });

  test('a version for all takes the place of those of clusters', async () => {
    const flags = ['--istio-version', 'east=1.31', '--istio-version', 'west=1.29', '--to-istio-version', '1.31'];
    const { controlPlanes } = await previewOfProxies('two-networks', {}, ...flags);
    expect(controlPlanes).toMatchObject([
      { cluster: 'east', isUnchanged: true },
      { cluster: 'west', before: { release: '1.29' }, after: { release: '1.31' } },
    ]);
  });

  test('proxies have versions of their clusters, too', async () => {
    const { controlPlanes } = await previewOfProxies('two-networks', {}, '--to-proxy-version', 'west=1.29.6');
    expect(controlPlanes).toMatchObject([{ isUnchanged: true }, { after: { version: '1.30.3', proxyVersion: '1.29.6' } }]);
  });

  test('a cluster that is not there is a mistake', async () => {
    const { code, errors } = await called('two-networks', {}, 'upgrade-check', '--to-istio-version', 'north=1.31');
    expect([code, errors]).toEqual([64, 'error: north=1.31: there is no cluster "north", only east, west\n']);
    const one = await called('two-networks', {}, 'analyze', '-f', 'east', '--istio-version', 'east=1.31');
    expect([one.code, one.errors]).toEqual([
      64,
      'error: east=1.31: there is no cluster "east", no cluster is named (--cluster NAME=PATH)\n',
    ]);
  });

  test('mesh.config.yaml names versions of clusters, which flags change', async () => {
    const config = `
istioVersion: 1.30
clusters:
  east: {manifests: east, istioVersion: 1.29}
  west: {manifests: west, proxyVersion: 1.29.6}
`;
    const planesWith = async (...flags: readonly string[]) => {
      const { controlPlanes } = await previewOfProxies('two-networks', { '/work/mesh.config.yaml': config }, ...flags);
      return controlPlanes.map(({ before }) => before);
    };
    const west = { release: '1.30', version: '1.30.3', proxyVersion: '1.29.6' };
    expect(await planesWith(...NEXT)).toMatchObject([{ release: '1.29' }, west]);
    expect(await planesWith(...NEXT, '--istio-version', 'east=1.31')).toMatchObject([{ release: '1.31' }, west]);
    expect(await planesWith(...NEXT, '--istio-version', '1.31')).toMatchObject([{ release: '1.31' }, { release: '1.31' }]);
  });
});

describe('diff with another control plane over several clusters', { timeout: 120_000 }, () => {
  test('proves with --equal that every request ends as before, or fails', async () => {
    const equal = ['diff', '--to-istio-version', '1.31', '--equal'];
    expect((await called('two-networks', {}, ...equal)).code).toBe(0);
    expect((await called('two-networks', { '/work/east/cart.yaml': subsetOfCart('DISABLE') }, ...equal)).code).toBe(1);
  });

  test('has one side, of clusters that --cluster names', async () => {
    const clusters = ['--cluster', 'east=east', '--cluster', 'west=west'];
    const { code, out } = await called('two-networks', {}, 'diff', '--to-istio-version', '1.31', '--no-requests', ...clusters);
    expect(code).toBe(1);
    expect(out).toContain('resources in 11 proxies\n');
    const two = await called('two-networks', {}, 'diff', '--to-istio-version', '1.31', ...clusters, '--new-cluster', 'east=west');
    expect([two.code, two.errors]).toEqual([
      64,
      'error: with --to flags there is one side only: clusters are named by --cluster\n',
    ]);
  });
});
