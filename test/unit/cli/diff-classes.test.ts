import { describe, expect, test } from 'vitest';
import { diffOf, edit, type Files, fixture } from '../../support/diff.ts';
import { behindTokens, routedByHttpRoute, routedByVirtualService, shopOf } from '../../support/diff-shop.ts';

const shop = shopOf(['web', 'api']);

interface Told {
  readonly changed: readonly {
    readonly from: readonly unknown[];
    readonly which?: readonly string[];
    readonly requests: readonly { readonly url: string; readonly headers: readonly (readonly [string, string])[] }[];
    readonly differences: Readonly<Record<string, readonly [string, string]>>;
  }[];
  readonly notes: readonly string[];
}

async function toldOf(before: Files, after: Files): Promise<Told> {
  return (await diffOf(before, after)).report.requests as unknown as Told;
}

describe('mesh diff says of all requests how they end, and which end otherwise', () => {
  test('finds the paths that a prefix of a VirtualService takes and one of an HTTPRoute does not, and says which they are', async () => {
    const { changed } = await toldOf(routedByVirtualService(shop, '[{uri: {prefix: /api}}]'), routedByHttpRoute(shop));
    const elsewhere = changed.filter(({ differences }) => differences.pods !== undefined);
    expect(elsewhere.map(({ which }) => which)).toEqual([['requests where path begins with /api but is not /api or below it']]);
  });

  test('finds attempts that one way to write a route makes and the other does not', async () => {
    const matches = '[{uri: {exact: /api}}, {uri: {prefix: /api/}}]';
    const { changed } = await toldOf(
      routedByVirtualService(shop, matches, '\n      retries: {attempts: 5, retryOn: 5xx}'),
      routedByHttpRoute(shop),
    );
    expect(changed.map(({ which, differences }) => [which, Object.keys(differences)])).toEqual([
      [['every request'], ['attempts']],
    ]);
  });

  test('says that nothing changes for any request where a conversion is correct', async () => {
    const { changed, notes } = await toldOf(
      routedByVirtualService(shop, '[{uri: {exact: /api}}, {uri: {prefix: /api/}}]'),
      routedByHttpRoute(shop),
    );
    expect(changed).toEqual([]);
    expect(notes).toEqual([expect.stringMatching(/^Every request ends as before: proven over \d+ classes of requests\.$/)]);
  });
});

const names = Array.from({ length: 20 }, (_, index) => `s${index}`);

/** Twenty services behind a gateway that asks for tokens. */
const guarded = behindTokens(
  shopOf(names),
  '*.example',
  '',
  names
    .map(
      (name) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: istio-system}
spec:
  hosts: [${name}.example]
  gateways: [g]
  http: [{route: [{destination: {host: ${name}.shop.svc.cluster.local, port: {number: 80}}}]}]
---`,
    )
    .join(''),
);

describe('mesh diff behind a gateway that asks for tokens', () => {
  test('tells of every service whose requests break, and that they are those with a token', async () => {
    const broken = edit(
      guarded,
      'routes.yaml',
      /\.shop\.svc\.cluster\.local, port/g,
      '.shop.svc.cluster.local, subset: gone, port',
    );
    const { changed } = await toldOf(guarded, broken);
    const lost = changed.filter(({ differences }) => differences.status?.[1] === '503');
    const hosts = lost.flatMap(({ requests }) => requests.map(({ url }) => /s\d+/.exec(url)?.[0]));
    expect([...new Set(hosts)].sort()).toEqual([...names].sort());
    for (const { which } of lost)
      expect(which?.join()).toBe(
        'requests where claim sub of a valid token of https://issuer.example has a value that is not empty',
      );
  });
});

describe('mesh diff of what seldom differs, or for few', () => {
  const aborting = (percentage: string): Files =>
    edit(
      routedByVirtualService(shop, '[{uri: {prefix: /api}}]'),
      'routes.yaml',
      '- match',
      `- fault: {abort: {percentage: {value: ${percentage}}, httpStatus: 500}}\n      match`,
    );

  test('tells fractions of a thousandth apart, in digits that show them', async () => {
    const { changed } = await toldOf(aborting('0.01'), aborting('0.04'));
    expect(changed.map(({ differences }) => differences.status)).toEqual([['200 99.99%, 500 0.01%', '200 99.96%, 500 0.04%']]);
  });

  const denied = (port: number): Files => ({
    ...shopOf(['web']),
    'policy.yaml': `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {action: DENY, rules: [{to: [{operation: {ports: ["${port}"]}}]}]}
`,
  });

  test('asks for ports that only a policy names', async () => {
    const { changed } = await toldOf(denied(9090), denied(9091));
    expect(changed.map(({ requests: [request], differences }) => [request?.url, differences.status])).toEqual([
      ['http://web.shop:9090/', ['403', '503']],
      ['http://web.shop:9091/', ['503', '403']],
    ]);
  });

  const permissive = `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: PERMISSIVE}}
`;
  const withoutService = (mode: string): Files => ({
    'shop.yaml': `${(shopOf(['web'])['shop.yaml'] ?? '').replace(/apiVersion: v1\nkind: Service[^-]*---/, '')}${permissive.replace('PERMISSIVE', mode)}`,
  });

  test('asks for ports of containers where no service is for a workload', async () => {
    const { changed } = await toldOf(withoutService('PERMISSIVE'), withoutService('STRICT'));
    expect(changed.map(({ requests: [request], differences }) => [request?.url, differences.status])).toEqual([
      ['http://web.shop:8080/', ['200', 'no answer']],
    ]);
  });
});

describe('mesh diff of headers that say what a connection asked for', () => {
  const gateway = (headers: string): Files => ({
    ...shopOf(['web']),
    'gateway.yaml': `
apiVersion: v1
kind: Pod
metadata: {name: ingress-0, namespace: istio-system, labels: {istio: ingressgateway}}
spec: {containers: [{name: istio-proxy, image: proxy, args: [proxy, router]}]}
---
apiVersion: v1
kind: Service
metadata: {name: ingress, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, ports: [{name: https, port: 443}]}
---
apiVersion: v1
kind: Secret
metadata: {name: cert, namespace: istio-system}
type: kubernetes.io/tls
data: {tls.crt: eA==, tls.key: eA==}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: g, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: ['*'], tls: {mode: SIMPLE, credentialName: cert}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: istio-system}
spec:
  hosts: ['*']
  gateways: [g]
  http:
  - ${headers}
    route: [{destination: {host: web.shop.svc.cluster.local, port: {number: 80}}}]
`,
  });

  test('one with the server name is set only where there is one', async () => {
    const { changed } = await toldOf(
      gateway('timeout: 0s'),
      gateway("timeout: 0s\n    headers: {request: {set: {x-sni: '%REQUESTED_SERVER_NAME%'}}}"),
    );
    expect(changed.map(({ which, differences }) => [which, Object.keys(differences)])).toEqual([
      [['requests where server name (SNI) is there'], ['request headers']],
    ]);
  });
});

describe('mesh diff in ambient mode', () => {
  const ambient = fixture('ambient-waypoint');
  const flags = ['--ambient', '--mesh-config', '/work/mesh.yaml'];
  const mesh = { 'mesh.yaml': 'defaultConfig: {proxyMetadata: {ISTIO_META_ENABLE_HBONE: "true"}}\n' };
  const ambientToldOf = async (before: Files, after: Files): Promise<Told> =>
    (await diffOf(before, after, flags, mesh)).report.requests as unknown as Told;

  test('sends requests of pods outside of the mesh to workloads of which only ztunnel is told something else', async () => {
    const strict = `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: clinic}
spec: {mtls: {mode: STRICT}}
`;
    const { changed } = await ambientToldOf(ambient, { ...ambient, 'strict.yaml': strict });
    const closed = changed.filter(({ differences }) => differences.status?.[1] === 'no answer');
    expect(closed.map(({ requests: [request] }) => request?.url)).toContain('http://open.clinic:8080/');
  });

  test('sends requests through gateways to workloads of which only ztunnel is told something else', async () => {
    const bookinfo = fixture('ambient-bookinfo');
    const denial = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: mesh-only, namespace: bookinfo}
spec: {action: DENY, rules: [{from: [{source: {notNamespaces: [bookinfo]}}]}]}
`;
    const { changed } = await ambientToldOf(bookinfo, { ...bookinfo, 'denial.yaml': denial });
    const lost = changed.filter(({ differences }) => differences.status?.join(' -> ') === '200 -> 503');
    expect(lost.map(({ requests: [request] }) => request?.url)).toContain('http://bookinfo.example:8080/productpage');
  });

  test('tells of timeouts that only a waypoint has', async () => {
    const routed = (timeout: string): Files => ({
      ...ambient,
      'routes.yaml': `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: records, namespace: clinic}
spec:
  hosts: [records.clinic.svc.cluster.local]
  http: [{timeout: ${timeout}, route: [{destination: {host: records.clinic.svc.cluster.local}}]}]
`,
    });
    const { changed } = await ambientToldOf(routed('5s'), routed('9s'));
    expect([...new Set(changed.map(({ differences }) => JSON.stringify(differences)))]).toEqual([
      '{"timeout":["5s (504)","9s (504)"]}',
    ]);
  });

  test('tells of a waypoint that has no pods any more, also where it is as it was made for its Gateway', async () => {
    const through = (listeners: string): Files => ({
      'manifests.yaml': `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient, istio.io/use-waypoint: way}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: way, namespace: shop}
spec: {gatewayClassName: istio-waypoint${listeners}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: app, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: buyer, namespace: shop, labels: {app: buyer}}
spec: {containers: [{name: app, image: i}]}
`,
    });
    const well = through(', listeners: [{name: mesh, port: 15008, protocol: HBONE}]');
    const { changed } = await ambientToldOf(well, through(''));
    expect(changed.map(({ requests: [request], differences }) => [request?.url, differences.status])).toContainEqual([
      'http://web.shop.svc.cluster.local/',
      ['200', 'no answer'],
    ]);
    expect(
      (await ambientToldOf(well, { ...well, 'note.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: empty}\n' })).changed,
    ).toEqual([]);
  });

  test('asks pods of one workload on each node where a Service stays on the node of its client', async () => {
    const pod = (name: string, app: string, node: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: ${app}, service.istio.io/workload-name: ${app}}}
spec: {nodeName: ${node}, containers: [{name: app, image: i}]}
---`;
    const near = (server: string, policy: string): Files => ({
      'manifests.yaml': `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, internalTrafficPolicy: ${policy}, ports: [{name: http, port: 80, targetPort: 8080}]}
---${pod('web-0', 'web', 'left')}${pod('web-1', server, 'right')}${pod('buyer-0', 'buyer', 'left')}${pod('buyer-1', 'buyer', 'right')}
`,
    });
    const asked = async (policy: string): Promise<readonly unknown[]> =>
      (await ambientToldOf(near('web', policy), near('other', policy))).changed.flatMap(({ from, differences }) =>
        from.map((client) => [client, differences.status]),
      );
    const lost = ['shop/buyer', ['200', 'no answer']];
    expect(await asked('Local')).toContainEqual(lost);
    expect(await asked('Cluster')).not.toContainEqual(lost);
  });
});
