import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
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
});
