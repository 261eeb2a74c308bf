import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { computeGraph, inputOfTexts, openWorkbench } from '../../../src/index.ts';
import type { WordedGraph } from '../../../src/output/graph/words.ts';
import { type Files, fixture } from '../../support/diff.ts';
import { createFakeIo } from '../../support/fake-io.ts';

async function graph(manifests: Files, ...flags: readonly string[]): Promise<string> {
  const io = createFakeIo({
    files: Object.fromEntries(Object.entries(manifests).map(([name, text]) => [`/work/m/${name}`, text])),
  });
  expect(await run(['graph', '-f', 'm', ...flags], io)).toBe(0);
  return io.output();
}

/** `from > host:port access tls (because)`. */
async function ways(manifests: Files, ...flags: readonly string[]): Promise<readonly string[]> {
  const { edges } = JSON.parse(await graph(manifests, '-o', 'json', ...flags)) as WordedGraph;
  return edges.map(({ from, to, host, port, access, tls, because }) =>
    [`${from} > ${to.join(' ')}`, `${host}:${port}`, access, tls || '-', because.join('; ') || '-'].join(' | '),
  );
}

const added = (name: string, text: string): Files => ({ ...fixture(name), 'added.yaml': text });

describe('mesh graph', () => {
  test('a Sidecar with REGISTRY_ONLY makes unreachable what it does not name', async () => {
    expect(await ways(fixture('helloworld'))).toEqual([
      'default/helloworld-default > foo/helloworld-foo | helloworld.foo.svc.cluster.local:8080 | unreachable | - | REGISTRY_ONLY: the proxy of the caller does not know the host',
      'default/helloworld-default > foo/helloworld-foo | helloworld.foo.svc.cluster.local:80 | allowed | mutual TLS | -',
      'foo/helloworld-foo > default/helloworld-default | helloworld.default.svc.cluster.local:8080 | allowed | mutual TLS | -',
      'foo/helloworld-foo > default/helloworld-default | helloworld.default.svc.cluster.local:80 | unreachable | - | REGISTRY_ONLY: the proxy of the caller does not know the host',
    ]);
  });

  test('policies decide by identity, and are named', async () => {
    expect(await ways(fixture('operations'), '--to', 'reviews')).toEqual([
      'admin/console > foo/reviews-v1 | reviews.foo.svc.cluster.local:9080 | denied | - | not allowed by foo/reviews-callers',
      'default/httpbin > foo/reviews-v1 | reviews.foo.svc.cluster.local:9080 | denied | - | not allowed by foo/reviews-callers',
      'default/sleep > foo/reviews-v1 | reviews.foo.svc.cluster.local:9080 | allowed | mutual TLS | foo/reviews-callers allows it (rule 1)',
      'default/web-api-v1 > foo/reviews-v1 | reviews.foo.svc.cluster.local:9080 | denied | - | not allowed by foo/reviews-callers',
      'default/web-api-v2 > foo/reviews-v1 | reviews.foo.svc.cluster.local:9080 | denied | - | not allowed by foo/reviews-callers',
    ]);
  });

  test('outside reaches the hosts of a gateway', async () => {
    const found = await ways(fixture('operations'), '--from', 'ingress');
    expect(found[0]).toBe(
      'outside > istio-system/istio-ingressgateway | istio-system/istio-ingressgateway:8080 | allowed | plain | -',
    );
    expect(found).toContain(
      'istio-system/istio-ingressgateway > default/web-api-v1 default/web-api-v2 | example.com:8080 | allowed | mutual TLS | default/allow-all allows it (rule 1)',
    );
  });

  test('a policy for some paths lets requests pass in part, and says which', async () => {
    const policy = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: details, namespace: default}
spec:
  selector: {matchLabels: {app: details}}
  action: DENY
  rules: [{to: [{operation: {paths: [/admin]}}]}]`;
    const output = JSON.parse(
      await graph(added('bookinfo', policy), '-o', 'json', '--to', 'details', '--from', 'productpage'),
    ) as WordedGraph;
    expect(output.edges).toEqual([
      {
        from: 'default/productpage-v1',
        host: 'details.default.svc.cluster.local',
        port: 9080,
        protocol: 'HTTP',
        to: ['default/details-v1'],
        access: 'partly',
        tls: 'mutual TLS',
        because: ['default/details denies it (rule 1)'],
        reasons: [{ kind: 'denied', policy: 'default/details', rule: 1 }],
        passing: ['GET /', 'GET /other'],
        failing: ['GET /admin'],
        needs: ['requests where path is not /admin'],
        refused: [{ because: ['default/details denies it (rule 1)'], requests: ['requests where path is /admin'] }],
      },
    ]);
  });

  test('a caller without a sidecar is refused where mutual TLS is a must, and served in plain where it is not', async () => {
    const files = fixture('bookinfo');
    const plain = (files['productpage.yaml'] ?? '').replace(
      /( {6}labels:\n {8}app: productpage)/,
      '      annotations: {sidecar.istio.io/inject: "false"}\n$1',
    );
    const strict =
      'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: ratings, namespace: default}\nspec: {selector: {matchLabels: {app: ratings}}, mtls: {mode: STRICT}}';
    const found = await ways({ ...files, 'productpage.yaml': plain, 'strict.yaml': strict }, '--from', 'productpage');
    expect(found.map((way) => way.split(' | ').slice(1, 4).join(' '))).toEqual([
      'details.default.svc.cluster.local:9080 allowed plain',
      'ratings.default.svc.cluster.local:9080 unreachable -',
      'reviews.default.svc.cluster.local:9080 allowed plain',
    ]);
  });

  test('the table has a row for each way, aligned', async () => {
    expect((await graph(fixture('helloworld'), '--from', 'foo')).split('\n')).toEqual([
      'FROM                TO                          HOST                                       PROTOCOL  ACCESS       TLS         BECAUSE',
      'foo/helloworld-foo  default/helloworld-default  helloworld.default.svc.cluster.local:8080  HTTP      allowed      mutual TLS  -',
      'foo/helloworld-foo  default/helloworld-default  helloworld.default.svc.cluster.local:80    HTTP      unreachable  -           REGISTRY_ONLY: the proxy of the caller does not know the host',
      '',
    ]);
  });

  test('a Mermaid flowchart groups by namespace and draws what can be called', async () => {
    expect(await graph(fixture('helloworld'), '-o', 'mermaid')).toBe(`flowchart LR
  subgraph g0["default"]
    n0["helloworld-default"]
  end
  subgraph g1["foo"]
    n1["helloworld-foo"]
  end
  n0 -->|"80 mutual TLS"| n1
  n1 -->|"8080 mutual TLS"| n0
`);
  });

  test('a DOT graph does the same', async () => {
    const dot = await graph(fixture('helloworld'), '-o', 'dot');
    expect(dot).toContain('subgraph cluster_1 {\n    label="foo";\n    "foo/helloworld-foo" [label="helloworld-foo"];\n  }');
    expect(dot).toContain('"foo/helloworld-foo" -> "default/helloworld-default" [label="8080 mutual TLS", color="#2e7d32"];');
  });

  test('many pods without a controller are one party where only their names differ, and it says so', async () => {
    const manifests = { 'm.yaml': [service, ...pods(60, 'same'), pod('odd', 'other', '10.1.1.1'), client].join('---\n') };
    const { nodes, edges, notes } = JSON.parse(await graph(manifests, '-o', 'json')) as WordedGraph;
    expect(nodes.map(({ id, pods: count }) => `${id} ${count}`)).toEqual(['a/client 1', 'a/odd 1', 'a/web-0 60']);
    expect(edges.map(({ from, to }) => `${from} > ${to.join(' ')}`)).toEqual([
      'a/client > a/odd a/web-0',
      'a/odd > a/odd a/web-0',
      'a/web-0 > a/odd a/web-0',
    ]);
    expect(notes).toEqual(['a/web-0 stands for 60 pods without a controller that are alike but for their names']);
  });

  test('a scaffold asks for those that are one party once', async () => {
    const scaffold = async (count: number): Promise<readonly (string | undefined)[]> => {
      const io = createFakeIo({ files: { '/work/m.yaml': [service, ...pods(count, 'same'), client].join('---\n') } });
      await run(['test', '--scaffold', '-f', 'm.yaml'], io);
      return [...new Set(Array.from(io.output().matchAll(/from: ([^,]+)/g), ([, from]) => from))];
    };
    expect(await scaffold(60)).toEqual(['a/client', 'a/web-0']);
    expect(await scaffold(3)).toEqual(['a/client', 'a/web-0', 'a/web-1', 'a/web-2']);
  });

  test('few of them stand for themselves, without a note', async () => {
    const manifests = { 'm.yaml': [service, ...pods(3, 'same'), client].join('---\n') };
    const found = JSON.parse(await graph(manifests, '-o', 'json')) as WordedGraph;
    expect(found.nodes.map(({ id }) => id)).toEqual(['a/client', 'a/web-0', 'a/web-1', 'a/web-2']);
    expect(found.notes).toBeUndefined();
  });

  test('where ways are too many, the first callers are tried and the others are told of', () => {
    const text = [service, ...pods(5, 'same'), client].join('---\n');
    const { edges, notes } = computeGraph(openWorkbench(inputOfTexts([{ file: 'm.yaml', text }])), {}, 14);
    expect(new Set(edges.map(({ from }) => from))).toEqual(new Set(['a/client', 'a/web-0']));
    expect(notes).toEqual([{ kind: 'callers left out', shown: 2, callers: 6 }]);
  });

  test('thousands of pods, ports and hosts do not take their squares', { timeout: 120_000 }, async () => {
    const list = (count: number, text: (index: number) => string): string =>
      Array.from({ length: count }, (_, i) => text(i)).join(', ');
    const wide = `apiVersion: v1
kind: Service
metadata: {name: wide, namespace: a}
spec: {clusterIP: 10.96.0.11, selector: {app: client}, ports: [${list(500, (i) => `{name: http-${i}, port: ${1000 + i}}`)}]}
`;
    const entry = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: e, namespace: a}
spec:
  hosts: [${list(1000, (i) => `h${i}.example.com`)}]
  resolution: DNS
  ports: [{number: 443, name: tls, protocol: TLS}]
`;
    const manifests = { 'm.yaml': [service, wide, ...pods(1000, 'same'), client, entry].join('---\n') };
    const { edges } = JSON.parse(await graph(manifests, '-o', 'json')) as WordedGraph;
    expect(edges.length).toBe(1 + 500 + 2 * 1000);
  });
});

const service = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: a}
spec: {clusterIP: 10.96.0.10, selector: {app: web}, ports: [{name: http, port: 80}]}
`;
const pod = (name: string, account: string, ip: string, app = 'web'): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: a, labels: {app: ${app}, sidecar.istio.io/inject: "true"}}
spec: {serviceAccountName: ${account}, containers: [{name: c, image: i}]}
status: {podIP: ${ip}}
`;
const pods = (count: number, account: string): readonly string[] =>
  Array.from({ length: count }, (_, index) => pod(`web-${index}`, account, `10.2.${index >> 8}.${index & 255}`));
const client = pod('client', 'client', '10.1.2.3', 'client');
