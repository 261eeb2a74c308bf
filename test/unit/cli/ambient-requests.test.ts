import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createNodeIo } from '../../../src/cli/io.ts';
import { run } from '../../../src/cli/main.ts';
import { namespace, waypoint, workload } from '../../support/ambient-mesh.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const folder = resolve(import.meta.dirname, '../../../fixtures');

async function printed(...argv: readonly string[]): Promise<string> {
  const parts: string[] = [];
  const io = { ...createNodeIo(), out: (part: unknown) => parts.push(String(part)) > 0, err: () => {} };
  expect(await run([...argv], io)).toBe(0);
  return parts.join('');
}

const inputOf = (name: string) => ['-f', `${folder}/${name}/manifests`, '--mesh-config', `${folder}/${name}/mesh.yaml`];

interface Edge {
  readonly from: string;
  readonly to: readonly string[];
  readonly host: string;
  readonly access: string;
  readonly tls: string;
  readonly because: readonly string[];
}

async function edgesOf(name: string, ...argv: readonly string[]): Promise<readonly Edge[]> {
  return JSON.parse(await printed('graph', ...inputOf(name), '-o', 'json', ...argv)).edges;
}

describe('mesh diff --equal over ambient pods', () => {
  const shop = [
    namespace('shop', 'ambient', 'istio.io/use-waypoint: waypoint'),
    waypoint('waypoint', 'shop', { ip: 50 }),
    workload('cart', 'shop', { ip: 10, labels: 'version: v1' }),
    workload('client', 'shop', { ip: 11 }),
    `
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: shop}
spec: {host: cart.shop.svc.cluster.local, subsets: [{name: v1, labels: {version: v1}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec: {hosts: [cart.shop.svc.cluster.local], http: [{route: [{destination: {host: cart.shop.svc.cluster.local, subset: v1}}]}]}
`,
  ].join('');
  const compared = async (after: string): Promise<{ readonly exitCode: number; readonly output: string }> => {
    const io = createFakeIo({ files: { '/work/before.yaml': shop, '/work/after.yaml': after } });
    const exitCode = await run(['diff', '--ambient', '--equal', 'before.yaml', 'after.yaml'], io);
    return { exitCode, output: io.output() };
  };

  test('a port and a Service that go are told, and another name of a port is equal', async () => {
    const ports = /(name: cart, namespace: shop, labels: {}}\nspec: {clusterIP: 10\.96\.0\.10, .*)ports: .*}/;
    const moved = await compared(shop.replace(ports, '$1ports: [{name: http, port: 81, targetPort: 8080}]}'));
    expect([moved.exitCode, moved.output]).toEqual([1, expect.stringContaining('cart.shop.svc.cluster.local/\n')]);
    const service = /\n---\napiVersion: v1\nkind: Service\nmetadata: {name: client[\s\S]*?targetPort: 8080}\]}/;
    const gone = await compared(shop.replace(service, ''));
    expect([gone.exitCode, gone.output]).toEqual([1, expect.stringContaining('http://client.shop.svc.cluster.local/')]);
    expect((await compared(shop.replace(ports, '$1ports: [{name: http-cart, port: 80, targetPort: 8080}]}'))).exitCode).toBe(0);
  });

  test('a subset at the waypoint that has no pods any more is told', async () => {
    const { exitCode, output } = await compared(shop.replace('labels: {version: v1}}]', 'labels: {version: v2}}]'));
    expect([exitCode, output]).toEqual([1, expect.stringMatching(/status: 200 -> 503/)]);
  });
});

describe('request tables of ambient meshes', () => {
  test.each(['ambient-bookinfo', 'ambient-waypoint', 'ambient-strict', 'ambient-mixed'])('%s', async (name) => {
    expect(await printed('test', `${folder}/${name}`)).toMatch(/^(\d+) of \1 requests as expected$/m);
  });
});

describe('mesh graph over ambient pods', () => {
  test('tells what policies at ztunnel allow and deny, and that connections are secured', async () => {
    const edges = await edgesOf('ambient-bookinfo', '--to', 'ratings');
    const from = (name: string) => edges.find((edge) => edge.from === `bookinfo/${name}`);
    expect(from('reviews-v1')).toMatchObject({ access: 'allowed', tls: 'mutual TLS' });
    expect(from('reviews-v1')?.because).toEqual(['bookinfo/ratings-readers allows it (rule 1)']);
    expect(from('details-v1')).toMatchObject({ access: 'denied' });
    expect(from('details-v1')?.because).toEqual(['not allowed by bookinfo/ratings-readers']);
  });

  test('tries what the policies of a waypoint tell apart, and names those of the service alone', async () => {
    const [edge] = await edgesOf('ambient-waypoint', '--from', 'billing', '--to', 'records');
    expect(edge).toMatchObject({ access: 'partly', to: ['clinic/records'] });
    expect(edge?.because).toContain('not allowed by clinic/records-get');
  });

  test('has no way to waypoints, which are on the way', async () => {
    const graph = JSON.parse(await printed('graph', ...inputOf('ambient-waypoint'), '-o', 'json'));
    expect(graph.nodes.filter(({ id }: { id: string }) => id.includes('waypoint'))).toEqual([]);
    expect(graph.nodes.find(({ id }: { id: string }) => id === 'clinic/billing')).toMatchObject({ kind: 'ambient' });
  });

  test('has a way from a gateway to ambient pods', async () => {
    const edges = await edgesOf('ambient-bookinfo', '--from', 'ingress');
    expect(edges.map(({ from, to }) => [from, ...to])).toEqual([
      ['outside', 'istio-system/istio-ingressgateway'],
      ['istio-system/istio-ingressgateway', 'bookinfo/productpage-v1'],
    ]);
  });

  test.each([
    ['tells', '\nstatus: {addresses: [{host: mill.example, value: 240.240.0.1}]}', '240.240.0.1'],
    ['does not tell', '', '240.240.19.68'],
  ])(
    'hosts outside are called through their waypoint, by the address that istiod allocates where the manifest %s it',
    async (_, status, address) => {
      const text = [
        namespace('farm', 'ambient', 'istio.io/use-waypoint: gate'),
        workload('hen', 'farm', { ip: 1 }),
        waypoint('gate', 'farm', { ip: 20 }),
        `
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: mill, namespace: farm}
spec: {hosts: [mill.example], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 443, name: tls, protocol: TLS}]}${status}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: nobody, namespace: farm}
spec: {targetRefs: [{kind: ServiceEntry, group: networking.istio.io, name: mill}]}`,
      ].join('');
      const io = createFakeIo({ files: { '/work/all.yaml': text } });
      expect(await run(['graph', '-f', 'all.yaml', '-o', 'json', '--to', 'mill'], io)).toBe(0);
      expect(JSON.parse(io.output()).edges).toMatchObject([{ from: 'farm/hen', host: 'mill.example', access: 'denied' }]);
      const traced = createFakeIo({ files: { '/work/all.yaml': text } });
      expect(await run(['trace', '-f', 'all.yaml', '--from', 'farm/hen', 'tls://mill.example:443'], traced)).toBe(0);
      expect(traced.output()).toContain(`to ${address}:443 (istiod allocates it to mill.example)`);
      expect(traced.output()).toContain('connection closed by default: there are ALLOW policies, and none allows it');
      // What istiod sends is computed of what is written.
      const sent = createFakeIo({ files: { '/work/all.yaml': text } });
      expect(await run(['translate', '-f', 'all.yaml', '-o', 'json'], sent)).toBe(0);
      expect(sent.output().includes(address)).toBe(status !== '');
    },
  );

  test.each([
    ['resolution NONE', 'hosts: [mill.example], resolution: NONE', ''],
    [
      'the label against it',
      'hosts: [mill.example], resolution: DNS',
      ', labels: {networking.istio.io/enable-autoallocate-ip: "false"}',
    ],
  ])('a host outside with %s has no address, and is passed through', async (_, spec, labels) => {
    const text = `${namespace('farm')}${workload('hen', 'farm', { ip: 1 })}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: mill, namespace: farm${labels}}
spec: {${spec}, location: MESH_EXTERNAL, ports: [{number: 443, name: tls, protocol: TLS}]}`;
    const io = createFakeIo({ files: { '/work/all.yaml': text } });
    expect(await run(['trace', '-f', 'all.yaml', '--from', 'farm/hen', 'tls://mill.example:443'], io)).toBe(0);
    expect(io.output()).toContain('neither service nor workload has the address: passed through as it is');
  });

  test('what a sidecar passes through to an ambient pod that refuses it reaches nobody', async () => {
    const mesh = `${namespace('core')}${workload('stock', 'core', { ip: 4 })}
---
apiVersion: v1
kind: Service
metadata: {name: spare, namespace: core}
spec: {clusterIP: None, selector: {app: stock}, ports: [{name: tcp, port: 9999}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: web, labels: {istio-injection: enabled}}${workload('front', 'web', { ip: 5 })}
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: web}
spec: {egress: [{hosts: ["./*"]}]}`;
    const io = createFakeIo({
      files: { '/work/all.yaml': mesh, '/work/mesh.config.yaml': 'manifests: [all.yaml]\nambient: true\n' },
    });
    expect(await run(['graph', '-o', 'json', '--from', 'front', '--to', 'spare'], io)).toBe(0);
    expect(JSON.parse(io.output()).edges).toMatchObject([{ from: 'web/front', to: ['core/stock'], access: 'unreachable' }]);
  });
});

describe('mesh test', () => {
  test('--scaffold has a request for each service and for each route of its waypoint, of ambient clients too', async () => {
    const table = await printed('test', '--scaffold', ...inputOf('ambient-mixed'));
    expect(table).toMatch(
      /from: core\/stock-\S+, to: 10\.96\.0\.34:80, .*host: orders\.core\.svc\.cluster\.local, headers: \{x-canary: '1'\}/,
    );
    expect(table).toMatch(/from: core\/stock-\S+, to: 10\.96\.0\.36:5432/);
    expect(table).not.toContain('from: platform/shared');
  });

  test('--coverage counts policies at ztunnel and at waypoints', async () => {
    const text = await printed('test', '--coverage', `${folder}/ambient-bookinfo`, '-o', 'json');
    const { coverage } = JSON.parse(text);
    const policies = coverage.filter(({ kind }: { kind: string }) => kind === 'policy');
    expect(policies.map(({ name, isMet }: { name: string; isMet: boolean }) => [name, isMet])).toEqual([
      ['ns[bookinfo]-policy[no-gateway-at-details]-rule[0]', true],
      ['ns[bookinfo]-policy[productpage-static]-rule[0]', false],
      ['ns[bookinfo]-policy[ratings-readers]-rule[0]', true],
    ]);
  });
});

describe('why', () => {
  const why = async (name: string, ...argv: readonly string[]) =>
    JSON.parse(await printed('trace', ...inputOf(name), '-o', 'json', ...argv)).why;

  test('names the PeerAuthentication that refuses plain text', async () => {
    expect(await why('ambient-mixed', '--from', 'legacy/soap', 'http://stock.core/')).toEqual([
      expect.objectContaining({ kind: 'mutual TLS only', policy: 'istio-system/default', port: 8080 }),
    ]);
  });

  test('names the port that a service has not', async () => {
    expect(await why('ambient-bookinfo', '--from', 'bookinfo/productpage-v1', 'http://details:81/')).toEqual([
      expect.objectContaining({ kind: 'no such port', port: 81, ports: [9080] }),
    ]);
  });
});

describe('mesh diff', () => {
  const mesh = (mode: string, more: string) =>
    [
      namespace('farm', mode === 'ambient' ? 'ambient' : 'none', mode === 'ambient' ? '' : 'istio-injection: enabled'),
      workload('hen', 'farm', { ip: 1 }),
      workload('milk', 'farm', { ip: 2 }),
      more,
    ].join('');
  const policy = (spec: string) => `
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: gate, namespace: farm}
spec: ${spec}`;

  async function changes(before: string, after: string) {
    const io = createFakeIo({ files: { '/work/before/all.yaml': before, '/work/after/all.yaml': after } });
    await run(['diff', 'before', 'after', '-o', 'json'], io);
    const changed: readonly Changed[] = JSON.parse(io.output()).requests.changed;
    return changed.map(({ requests, differences }) => ({
      urls: requests.map(({ method, url }) => `${method} ${url}`),
      status: differences.status,
    }));
  }

  interface Changed {
    readonly requests: readonly { readonly method: string; readonly url: string }[];
    readonly differences: { readonly status?: readonly string[] };
  }

  test('tells which requests to hosts outside a policy at their waypoint changes', async () => {
    const outside = (more: string) =>
      `${mesh('ambient', waypoint('gate', 'farm', { ip: 20 }))}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: mill, namespace: farm, labels: {istio.io/use-waypoint: gate}}
spec: {hosts: [mill.example], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]}${more}`;
    const nobody = policy('{targetRefs: [{kind: ServiceEntry, group: networking.istio.io, name: mill}]}');
    expect(await changes(outside(''), outside(nobody))).toEqual([{ urls: ['GET http://mill.example/'], status: ['200', '403'] }]);
  });

  test('tells which requests of ambient pods a policy at ztunnel changes', async () => {
    const only = (account: string) =>
      policy(
        `{selector: {matchLabels: {app: milk}}, rules: [{from: [{source: {principals: [cluster.local/ns/farm/sa/${account}]}}]}]}`,
      );
    expect(await changes(mesh('ambient', only('hen')), mesh('ambient', only('cat')))).toEqual([
      { urls: ['GET http://milk.farm.svc.cluster.local/'], status: ['200', 'no answer'] },
    ]);
  });

  test('tells which requests end otherwise when a namespace moves from sidecars to ambient mode, and only these', async () => {
    const byPath = policy('{action: DENY, rules: [{to: [{operation: {paths: [/admin]}}]}]}');
    const found = await changes(mesh('sidecar', byPath), mesh('ambient', byPath));
    expect(found.flatMap(({ urls }) => urls).every((url) => url.endsWith('/admin'))).toBe(true);
    expect(found.map(({ status }) => status)).toContainEqual(['403', '200']);
    expect(await changes(mesh('sidecar', ''), mesh('ambient', ''))).toEqual([]);
  });
});

describe('hosts of a ServiceEntry that is a wildcard', () => {
  const entry = (name: string, host: string, labels: string) => `
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}, namespace: out, labels: {${labels}}}
spec: {hosts: ["${host}"], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DYNAMIC_DNS}`;
  const manifests = [
    namespace('web'),
    namespace('out'),
    workload('client', 'web', { ip: 1 }),
    waypoint('egress', 'out', { ip: 9 }),
    entry('wiki', '*.wiki.example', 'istio.io/use-waypoint: egress'),
    entry('alone', '*.alone.example', ''),
    `
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: no-edits, namespace: out}
spec:
  targetRefs: [{group: networking.istio.io, kind: ServiceEntry, name: wiki}]
  action: DENY
  rules: [{to: [{operation: {paths: [/edit]}}]}]`,
  ].join('');
  async function traced(url: string): Promise<string> {
    const io = createFakeIo({ files: { '/work/all.yaml': manifests } });
    await run(['trace', '--from', 'client.web', url, '-f', 'all.yaml'], io);
    return io.output();
  }

  test('are found by their names, and go through its waypoint to the host that is asked for', async () => {
    const text = await traced('http://en.wiki.example/');
    expect(text).toContain('(istiod allocates it to *.wiki.example)');
    expect(text).toContain('en.wiki.example:80 (server)');
    expect(text.trimEnd().endsWith('200 through inbound-vip|80|http|*.wiki.example')).toBe(true);
    expect(await traced('http://en.wiki.example/edit')).toContain('403');
  });

  test('lead nowhere without a waypoint', async () => {
    expect(await traced('http://en.alone.example/')).toContain('*.alone.example has no address');
  });

  test('are not the name above them', async () => {
    expect(await traced('http://wiki.example/')).toContain('no address of wiki.example is known');
  });
});
