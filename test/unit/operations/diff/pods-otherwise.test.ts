import { describe, expect, test } from 'vitest';
import { diffOf, edit, type Files } from '../../../support/diff.ts';
import { shopOf } from '../../../support/diff-shop.ts';

const shop: Files = shopOf(['web', 'api']);

/** The shop with annotations or other fields of the pods of `web`. */
function withPod({ annotations = '', spec = '' }: { readonly annotations?: string; readonly spec?: string }): Files {
  const annotated =
    annotations === ''
      ? shop
      : edit(shop, 'shop.yaml', '{labels: {app: web}}', `{labels: {app: web}, annotations: {${annotations}}}`);
  return spec === ''
    ? annotated
    : edit(annotated, 'shop.yaml', /spec: \{containers: \[\{name: c/, `spec: {${spec}, containers: [{name: c`);
}

const POLICY = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/default]}}]}]
`;

describe('mesh diff --equal asks for what is of a pod and of no configuration of its proxy', () => {
  test('the service account as which it calls', async () => {
    const guarded = (files: Files, policy = POLICY): Files => ({ ...files, 'policy.yaml': policy });
    const other = withPod({ spec: 'serviceAccountName: other' });
    const { exitCode, requests } = await diffOf(guarded(shop), guarded(other), ['--equal']);
    expect(exitCode).toBe(1);
    expect(requests).toContainEqual(expect.stringMatching(/^shop\/web: GET http:\/\/api\.shop\/.*: status 200 -> 403/));
    const open = POLICY.replace('principals: [cluster.local/ns/shop/sa/default]', 'namespaces: [shop]');
    const same = await diffOf(guarded(shop, open), guarded(other, open), ['--equal']);
    expect([same.exitCode, same.requests]).toEqual([0, []]);
  });

  test.each([
    [
      'ports that do not come to its proxy, so that its server ends mutual TLS itself',
      'traffic.sidecar.istio.io/excludeInboundPorts: "8080"',
      /server name none -> outbound_\.80_\._\./,
    ],
    [
      'addresses that it calls past its proxy',
      'traffic.sidecar.istio.io/excludeOutboundIPRanges: 10.0.0.0/8',
      /^shop\/web: .*api.*tls mutual TLS -> plain/,
    ],
  ])('%s', async (_, annotations, told) => {
    const { exitCode, requests } = await diffOf(shop, withPod({ annotations }), ['--equal']);
    expect([exitCode, requests]).toEqual([1, expect.arrayContaining([expect.stringMatching(told)])]);
  });

  test("addresses that are nobody's and that its proxy lets nothing pass to", async () => {
    const closed = (files: Files): Files => ({
      ...files,
      'sidecar.yaml': `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: shop}
spec: {outboundTrafficPolicy: {mode: REGISTRY_ONLY}, egress: [{hosts: ["./*"]}]}
`,
    });
    const annotations = 'traffic.sidecar.istio.io/excludeOutboundIPRanges: 192.0.2.0/24';
    const { exitCode, requests } = await diffOf(closed(shop), closed(withPod({ annotations })), ['--equal']);
    expect(exitCode).toBe(1);
    expect(requests).toContainEqual(expect.stringMatching(/^shop\/web: GET http:\/\/192\.0\.2\..*status 502 -> 200/));
    expect(requests).not.toContainEqual(expect.stringContaining('api.shop'));
  });

  test('ports of its containers', async () => {
    const other = edit(shop, 'shop.yaml', 'containerPort: 8080', 'containerPort: 8090');
    const { exitCode, requests } = await diffOf(shop, other, ['--equal']);
    expect([exitCode, requests]).toEqual([
      1,
      expect.arrayContaining([expect.stringMatching(/web\.shop:8090\/: status 503 -> 200/)]),
    ]);
  });

  test('not what it makes no difference to', async () => {
    const quiet = [
      { annotations: 'traffic.sidecar.istio.io/includeInboundPorts: "*"' },
      { annotations: 'proxy.istio.io/config: "holdApplicationUntilProxyStarts: true"' },
      { spec: 'nodeName: elsewhere' },
      { spec: 'terminationGracePeriodSeconds: 5' },
    ];
    for (const one of quiet) {
      const { exitCode, requests } = await diffOf(shop, withPod(one), ['--equal']);
      expect([one, exitCode, requests]).toEqual([one, 0, []]);
    }
  });
});

describe('mesh diff --equal asks for ports of nodes', () => {
  const open = (port: number, more = ''): Files => ({
    ...edit(
      shop,
      'shop.yaml',
      'spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}',
      `spec: {type: NodePort, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080, nodePort: ${port}}]${more}}`,
    ),
    'nodes.yaml': `
apiVersion: v1
kind: Node
metadata: {name: one}
status: {addresses: [{type: ExternalIP, address: 203.0.113.5}]}
`,
  });

  test('that lead to a Service no more', async () => {
    const { exitCode, requests } = await diffOf(open(30080), open(30090), ['--equal']);
    expect(exitCode).toBe(1);
    expect(requests).toContainEqual(expect.stringMatching(/GET http:\/\/203\.0\.113\.5:30080\/.*pods shop\/web-0 -> none/));
    const same = await diffOf(open(30080), open(30080, ', publishNotReadyAddresses: false'), ['--equal']);
    expect([same.exitCode, same.requests]).toEqual([0, []]);
  });
});

describe('mesh diff --equal leaves nothing out in silence', () => {
  test('machines that WorkloadEntries stand for are named, where configuration differs that may be theirs', async () => {
    const machine: Files = {
      'machine.yaml': `
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: machine, namespace: shop}
spec: {address: 192.0.2.9, labels: {app: machine}}
`,
    };
    const told = async (before: Files, after: Files): Promise<unknown> =>
      ((await diffOf(before, after, ['--equal'])).report.requests as { proof?: { assumptions?: unknown } }).proof?.assumptions;
    const policy = { 'policy.yaml': POLICY.replace('{app: api}', '{app: machine}') };
    expect(await told({ ...shop, ...machine }, { ...shop, ...machine, ...policy })).toEqual([
      'proxies of WorkloadEntries, which are not compared',
    ]);
    expect(await told({ ...shop, ...machine }, { ...shop, ...machine })).toEqual([]);
    expect(await told(shop, { ...shop, ...policy })).toEqual([]);
  });
});
