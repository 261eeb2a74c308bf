import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const home = (network: string, more = ''): string => `
apiVersion: v1
kind: Namespace
metadata: {name: istio-system, labels: {topology.istio.io/network: ${network}}${more}}
---`;

const gateway = (network: string, address: string): string => `
apiVersion: v1
kind: Service
metadata: {name: ew, namespace: istio-system, labels: {topology.istio.io/network: ${network}}}
spec: {type: LoadBalancer, selector: {istio: ew}, ports: [{name: tls, port: 15443}]}
status: {loadBalancer: {ingress: [{ip: ${address}}]}}
---
apiVersion: v1
kind: Pod
metadata: {name: ew-1, namespace: istio-system, labels: {istio: ew}}
spec: {containers: [{name: istio-proxy, image: istio/proxyv2, args: [proxy, router], ports: [{containerPort: 15443}]}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: ew, namespace: istio-system}
spec:
  selector: {istio: ew}
  servers: [{port: {number: 15443, name: tls, protocol: TLS}, tls: {mode: AUTO_PASSTHROUGH}, hosts: ["*.local"]}]
---`;

const app = (name: string, pod: string): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: ${pod}, namespace: shop, labels: {app: ${name}}}
spec: {containers: [{name: app, image: app, ports: [{containerPort: 80}]}]}
---`;

const deny = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}}
---`;

const files = {
  '/work/east/mesh.yaml': home('a') + gateway('a', '192.0.2.1') + app('web', 'web-1') + app('far', 'far-1'),
  '/work/west/mesh.yaml': home('b') + gateway('b', '192.0.2.2') + app('web', 'web-1') + app('near', 'near-1') + deny,
};
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
