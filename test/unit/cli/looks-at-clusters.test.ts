import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';
import { deny, filesOfTwoClusters as files } from '../../support/two-clusters.ts';

const both = ['--cluster', 'east=east', '--cluster', 'west=west'];

async function called(...argv: readonly string[]) {
  const io = createFakeIo({ files });
  const code = await run([...argv, ...both], io);
  return { code, out: io.output(), errors: io.errors() };
}

interface DrawnGraph {
  readonly nodes: readonly { readonly id: string; readonly cluster?: string }[];
  readonly edges: readonly {
    readonly from: string;
    readonly to: readonly string[];
    readonly host: string;
    readonly access: string;
  }[];
}

describe('graph over several clusters', () => {
  const waysFrom = async (from: string, host: string) => {
    const { edges } = JSON.parse((await called('graph', '-o', 'json')).out) as DrawnGraph;
    return edges.filter((edge) => edge.from === from && edge.host.startsWith(host)).map(({ to, access }) => [access, ...to]);
  };

  test('has workloads with their clusters, and ways to the pods of all', async () => {
    const { nodes } = JSON.parse((await called('graph', '-o', 'json')).out) as DrawnGraph;
    expect(nodes.filter(({ cluster }) => cluster === 'west').map(({ id }) => id)).toEqual([
      'west/istio-system/ew-1',
      'west/shop/near-1',
      'west/shop/web-1',
    ]);
    expect(await waysFrom('east/shop/far-1', 'far.')).toEqual([]);
    // The policy of west refuses what comes through its gateway, and counts in west alone.
    expect(await waysFrom('east/shop/far-1', 'web.')).toEqual([['partly', 'east/shop/web-1']]);
    expect(await waysFrom('west/shop/near-1', 'web.')).toEqual([['partly', 'east/shop/web-1']]);
  });

  test('has none to a Service whose name the DNS of the cluster does not know', async () => {
    expect(await waysFrom('east/shop/far-1', 'near.')).toEqual([['unreachable', 'west/shop/near-1']]);
    const { out } = await called('graph', '--from', 'east/shop/far-1', '--to', 'near');
    expect(out).toContain('only west has this Service');
  });

  test('follows gateways that hand connections back to each other once', async () => {
    const open = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, text.replace(deny, '')]));
    const io = createFakeIo({ files: open });
    expect(await run(['graph', '-o', 'json', ...both], io)).toBe(0);
    const { edges } = JSON.parse(io.output()) as DrawnGraph;
    const ways = edges.filter(({ host }) => host.startsWith('web.'));
    expect(ways.map(({ from, to, access }) => `${from} ${access} ${to.join(' ')}`)).toEqual([
      'east/shop/far-1 allowed east/shop/web-1 west/shop/web-1',
      'east/shop/web-1 allowed east/shop/web-1 west/shop/web-1',
      'west/shop/near-1 allowed west/shop/web-1 east/shop/web-1',
      'west/shop/web-1 allowed west/shop/web-1 east/shop/web-1',
    ]);
    for (const way of ways) {
      // Alone, nobody else's requests stand for its own.
      const alone = createFakeIo({ files: open });
      await run(['graph', '-o', 'json', '--from', way.from, ...both], alone);
      expect((JSON.parse(alone.output()) as DrawnGraph).edges).toContainEqual(way);
    }
  });

  test('is drawn with the namespaces of a cluster together', async () => {
    const { out } = await called('graph', '-o', 'mermaid');
    expect(out).toMatch(/^ {2}subgraph g\d\["east"\]\n {4}subgraph g\d\["istio-system"\]\n {6}n\d\{\{"ew-1"\}\}\n {4}end/m);
    expect((await called('graph', '-o', 'dot')).out).toMatch(/^ {2}subgraph cluster_\d \{\n {4}label="west";\n {4}subgraph/m);
    expect((await called('graph', '-o', 'html')).out).toContain('"cluster":"west"');
  });
});

describe('describe over several clusters', () => {
  test('tells of a pod in the cluster that its name says, with the Services there', async () => {
    const { out } = await called('describe', 'pod', 'west/shop/near-1');
    expect(out).toContain('   Cluster: west\n');
    expect(out).toContain('Service: near.shop\n');
    const { code, errors } = await called('describe', 'pod', 'shop/web-1');
    expect([code, errors]).toEqual([
      64,
      'error: "shop/web-1" is in clusters east, west: name one of them, as in east/shop/web-1\n',
    ]);
  });

  test('tells of a service in the first cluster where it has pods in the mesh, and of how many each has', async () => {
    const { out } = await called('describe', 'service', 'shop/web');
    expect(out).toMatch(
      /^Clusters: east \(1 of 1 pods in the mesh\), west \(1 of 1 pods in the mesh\); as in east:\nService: web.shop\n/,
    );
    expect(out).not.toContain('RBAC');
    expect((await called('describe', 'service', 'west/shop/web')).out).toContain('RBAC policies: ns[shop]-policy[web]');
    expect((await called('describe', 'service', 'shop/near')).out).toContain('as in west:');
  });
});

describe('other commands over several clusters', () => {
  test('authz check shows the policies of the primary of the pod', async () => {
    expect((await called('authz', 'check', 'west/shop/web-1')).out).toContain('web.shop');
    expect((await called('authz', 'check', 'east/shop/web-1')).out).not.toContain('web.shop');
  });

  test('drift finds the pod of a dump by its cluster', async () => {
    const dump = await called('translate', '--proxy', 'west/shop/web-1', '-o', 'config-dump');
    const io = createFakeIo({ files: { ...files, '/work/dump.json': dump.out } });
    expect([await run(['drift', 'dump.json', ...both], io), io.output()]).toEqual([0, 'west/shop/web-1: no drift\n']);
  });

  test('validate checks the files of all', async () => {
    const { code, out } = await called('validate');
    expect([code, out]).toEqual([0, 'east/mesh.yaml is valid\nwest/mesh.yaml is valid\n']);
  });
});

describe('tests over several clusters', () => {
  test('a scaffold has the calls of all, which end as it says', async () => {
    const { code, out } = await called('test', '--scaffold');
    expect(code).toBe(0);
    expect(out).toContain('from: east/shop/far-1');
    expect(out).toContain('from: west/shop/near-1');
    const io = createFakeIo({ files: { ...files, '/work/now.mesh-test.yaml': out } });
    expect([await run(['test', 'now.mesh-test.yaml', ...both], io), io.errors()]).toEqual([0, '']);
  });

  test('a request that fails says what it lacked at the proxy of the other cluster', async () => {
    const strict = `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: strict, namespace: shop}
spec: {mtls: {mode: STRICT}}
---
apiVersion: v1
kind: Pod
metadata: {name: bare, namespace: shop, annotations: {sidecar.istio.io/inject: "false"}}
spec: {containers: [{name: app, image: app}]}
`;
    const west = { ...files, '/work/west/strict.yaml': strict };
    const io = createFakeIo({ files: west });
    await run(['trace', '--from', 'west/shop/bare', 'http://near/', ...both], io);
    expect(io.output()).toContain('PeerAuthentication shop/strict');
    expect(io.output()).toContain('west/strict.yaml:5');
  });

  test('a single cluster that is named has the proxies that it has without a name', async () => {
    const io = createFakeIo({ files });
    expect(await run(['trace', '--from', 'east/shop/far-1', 'http://web/', '--cluster', 'east=east'], io)).toBe(0);
    expect(io.output()).toContain('outbound|80||web.shop.svc.cluster.local');
  });
});
