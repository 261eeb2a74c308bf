import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { diffOf, edit, type Files, fixture } from '../../support/diff.ts';
import { createFakeIo } from '../../support/fake-io.ts';
import { filesOfTwoClusters } from '../../support/two-clusters.ts';
import { WEB_MANIFESTS } from '../../support/web-manifests.ts';

/** Clients that know servers by another address than that of their pods are asked, too. */

const policy = (path: string, namespace: string, of = 'far'): string => `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: ${of}}
spec:
  selector: {matchLabels: {app: web}}
  action: DENY
  rules: [{from: [{source: {namespaces: [${namespace}]}}], to: [{operation: {paths: [${path}]}}]}]
`;

const behind = (endpoint: string): Files => ({
  'mesh.yaml': `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: far, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: far}
spec: {selector: {app: web}, clusterIP: 10.96.0.9, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-0, namespace: far, labels: {app: web}}
spec: {containers: [{name: app, image: web, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client-0, namespace: shop, labels: {app: client}}
spec: {containers: [{name: app, image: client, ports: [{containerPort: 8080}]}]}
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: shop}
spec: {egress: [{hosts: ["./*"]}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: alias, namespace: shop}
spec:
  hosts: [alias.example]
  location: MESH_INTERNAL
  resolution: ${/[a-z]/.test(endpoint) ? 'DNS' : 'STATIC'}
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints: [{address: ${endpoint}, labels: {security.istio.io/tlsMode: istio}}]
`,
});

describe.each([
  ['its cluster IP', '10.96.0.9'],
  ['its name', 'web.far.svc.cluster.local'],
])('what a ServiceEntry names by %s', (_, endpoint) => {
  const files = behind(endpoint);

  test('is asked where the policy of the server behind it changes', async () => {
    const [before, after] = ['/a', '/b'].map((path) => ({ ...files, 'policy.yaml': policy(path, 'shop') }));
    const { exitCode, requests } = await diffOf(before ?? {}, after ?? {}, ['--equal']);
    expect(requests.filter((line) => line.startsWith('shop/client-0: GET http://alias.example'))).toEqual([
      expect.stringContaining('/a: status 403 -> 200'),
      expect.stringContaining('/b: status 200 -> 403'),
    ]);
    expect(exitCode).toBe(1);
  });

  test('is proven to end as before where the policy is of others', async () => {
    const [before, after] = ['/a', '/b'].map((path) => ({ ...files, 'policy.yaml': policy(path, 'elsewhere') }));
    const { exitCode, requests } = await diffOf(before ?? {}, after ?? {}, ['--equal']);
    expect(requests).toEqual([]);
    expect(exitCode).toBe(0);
  });
});

describe('a gateway of another network that hands tunnels on', () => {
  const files = fixture('live/between-networks');
  const config = ['--new-mesh-config', 'global.yaml', '--old-mesh-config', 'global.yaml', '--equal'];
  const extra = {
    'global.yaml': 'serviceScopeConfigs: [{servicesSelector: {matchLabels: {istio.io/global: "true"}}, scope: GLOBAL}]',
  };
  const edited = async (from: string, to: string) => diffOf(files, edit(files, 'mesh.yaml', from, to), config, extra);

  test('leads to a waypoint whose policy is asked for', async () => {
    const { requests } = await edited('methods: [GET]', 'methods: [PUT]');
    const through = requests.filter((line) => line.startsWith('outside through istio-system/edge'));
    expect(through.join()).toContain('GET http://unlisted.example.com:8080/: status 200 -> 403');
    expect(through.join()).toContain('PUT http://example.com:8080/: status 403 -> 200');
  });

  test('is asked for where nodes lead its address to another pod', async () => {
    const { exitCode, requests } = await edited(
      'selector: {gateway.networking.k8s.io/gateway-name: eastwest}',
      'selector: {gateway.networking.k8s.io/gateway-name: waypoint}',
    );
    expect(requests.join()).toContain('status 200 -> 503');
    expect(exitCode).toBe(1);
  });

  test('is no reason to tell of anybody where its Service is labelled otherwise', async () => {
    const { exitCode, requests } = await edited('name: eastwest\n', 'name: eastwest # as before\n');
    expect(requests).toEqual([]);
    expect(exitCode).toBe(0);
  });
});

describe('a TCP server of a gateway', () => {
  const behindGateway = (path: string, namespace: string): Files => ({
    'policy.yaml': policy(path, namespace, 'shop'),
    'mesh.yaml': `${WEB_MANIFESTS}
apiVersion: v1
kind: Pod
metadata: {name: edge-0, namespace: istio-system, labels: {istio: edge}}
spec: {containers: [{name: istio-proxy, image: istio/proxyv2, args: [proxy, router], ports: [{containerPort: 9090}]}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: istio-system}
spec: {selector: {istio: edge}, servers: [{port: {number: 9090, name: tcp, protocol: TCP}, hosts: ["*"]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: edge, namespace: istio-system}
spec:
  hosts: ["*"]
  gateways: [edge]
  tcp: [{route: [{destination: {host: web.shop.svc.cluster.local, port: {number: 80}}}]}]
`,
  });

  test('is asked with HTTP where the sidecar behind it looks for that', async () => {
    const { exitCode, requests } = await diffOf(behindGateway('/a', 'istio-system'), behindGateway('/b', 'istio-system'), [
      '--equal',
    ]);
    expect(requests.join('\n')).toMatch(/^outside through istio-system\/edge-0: GET http:.*:9090\/a: status 403 -> 200/m);
    expect(exitCode).toBe(1);
  });

  test('is proven to end as before where the policy is of others', async () => {
    const { exitCode, requests } = await diffOf(behindGateway('/a', 'elsewhere'), behindGateway('/b', 'elsewhere'), ['--equal']);
    expect(requests).toEqual([]);
    expect(exitCode).toBe(0);
  });
});

describe('a tunnel to a waypoint that an endpoint of a gateway names', () => {
  const direct = (client: string, member: string): Files =>
    edit(
      fixture('live/waypoint-direct'),
      'mesh.yaml',
      'istio-system/sa/edge]}}], to: [{operation: {ports: ["8080"], paths: [/admin*]',
      `istio-system/sa/${client}]}}], to: [{operation: {ports: ["8080"], ${member}: [/private]`,
    );

  test('is asked with HTTP, for which the waypoint looks in its bytes', async () => {
    const { exitCode, requests } = await diffOf(direct('edge', 'paths'), direct('edge', 'notPaths'), ['--equal']);
    expect(requests.join('\n')).toMatch(/http:.*:7000\/private: status 403 -> 200/);
    expect(exitCode).toBe(1);
  });

  test('is proven to end as before where the policy is of others', async () => {
    const { exitCode, requests } = await diffOf(direct('nobody', 'paths'), direct('nobody', 'notPaths'), ['--equal']);
    expect(requests).toEqual([]);
    expect(exitCode).toBe(0);
  });
});

describe('a pod behind ztunnel', () => {
  const mesh = fixture('ambient-mixed');
  const changed = (from: string, to: string): Files =>
    edit(mesh, '20-workloads.yaml', new RegExp(`(name: orders-v2-7c9d8f6b5-x2kqp[^]*?)${from}`), `$1${to}`);

  test.each([
    ['one more', changed('8080\\}', '8080}, {containerPort: 9000}'), 9000],
    ['none any more, so that it may listen at any', changed('    ports: .*\n', ''), 1],
  ])('is asked at a port where it listens on one side only: its containers name %s', async (_, after, port) => {
    const { exitCode, requests } = await diffOf(mesh, after, ['--equal', '--ambient']);
    expect(requests.join('\n')).toMatch(new RegExp(`http://10\\.244\\.0\\.25:${port}/: .*status (503|no answer) -> 200`));
    expect(exitCode).toBe(1);
  });

  test('is proven to get what it got where its image is another', async () => {
    const { exitCode, requests } = await diffOf(mesh, changed('orders:1.4', 'orders:1.5'), ['--equal', '--ambient']);
    expect(requests).toEqual([]);
    expect(exitCode).toBe(0);
  });
});

describe('a port where bytes for any address go to one host', () => {
  const mail = (more: string): Files => ({
    'mesh.yaml': `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: client-0, namespace: shop, labels: {app: client}}
spec: {containers: [{name: app, image: client, ports: [{containerPort: 8080}]}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: mail, namespace: shop}
spec: {hosts: [smtp.example], ports: [{number: 2525, name: tcp, protocol: TCP}], ${more}}
`,
  });

  test('leads those for others elsewhere where each goes to its own address', async () => {
    const { requests } = await diffOf(mail('resolution: DNS'), mail('resolution: NONE'), ['--equal']);
    expect(requests).toEqual([
      'shop/client-0: CONNECT tcp://198.51.100.2:2525: servers outside smtp.example:2525 -> 198.51.100.2:2525',
    ]);
  });

  test('is no reason to tell of them where it leads them as before', async () => {
    const inside = 'location: MESH_INTERNAL, resolution: NONE';
    const { exitCode, requests } = await diffOf(mail('location: MESH_EXTERNAL, resolution: NONE'), mail(inside), ['--equal']);
    expect(requests).toEqual([]);
    expect(exitCode).toBe(0);
  });
});

describe('a gateway between networks', () => {
  const west = filesOfTwoClusters['/work/west/mesh.yaml'] ?? '';
  // Seen from everywhere, endpoints of the other network are among those that it passes connections on to.
  const viewed = (view: string): string =>
    west
      .replace(/apiVersion: security[\s\S]*$/, '')
      .replace(
        'labels: {istio: ew}}\nspec: {con',
        `labels: {istio: ew}, annotations: {proxy.istio.io/config: "${view}"}}\nspec: {con`,
      );

  async function between(before: string, after: string) {
    const files = { ...filesOfTwoClusters, '/work/old/mesh.yaml': before, '/work/new/mesh.yaml': after };
    const io = createFakeIo({ files });
    const flags = ['--cluster', 'east=east', '--old-cluster', 'west=old', '--new-cluster', 'west=new', '--equal', '-o', 'json'];
    const code = await run(['diff', ...flags], io);
    const { requests } = JSON.parse(io.output()) as { requests: { changed: readonly { from: readonly string[] }[] } };
    return { code, from: requests.changed.flatMap(({ from }) => from) };
  }

  test('that passes connections back tells clients of the other network apart', async () => {
    const narrow = 'proxyMetadata: {ISTIO_META_REQUESTED_NETWORK_VIEW: b}';
    const { code, from } = await between(viewed(narrow), viewed('{}'));
    expect(from).toContain('east/shop/web-1');
    expect(code).toBe(1);
  });

  test('is no reason to tell of anybody where it passes them on as before', async () => {
    const { code, from } = await between(viewed('{}'), viewed('{concurrency: 1}'));
    expect(from).toEqual([]);
    expect(code).toBe(0);
  });
});
