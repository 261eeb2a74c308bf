import { describe, expect, test } from 'vitest';
import { diffOf, edit, type Files, fixture } from '../../support/diff.ts';

const workload = (name: string): string => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}
---`;

const shopOf = (names: readonly string[]): Files => ({
  'shop.yaml': `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---${names.map(workload).join('')}`,
});

const converted = (routes: string): Files => ({ ...shopOf(['web', 'api']), 'routes.yaml': routes });

const virtualService = (matches: string, more = ''): Files =>
  converted(`
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web.shop.svc.cluster.local]
  http:
    - match: ${matches}
      route: [{destination: {host: api.shop.svc.cluster.local, port: {number: 80}}}]${more}
    - route: [{destination: {host: web.shop.svc.cluster.local, port: {number: 80}}}]${more}
`);

const httpRoute = converted(`
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{group: "", kind: Service, name: web, port: 80}]
  rules:
    - matches: [{path: {type: PathPrefix, value: /api}}]
      backendRefs: [{name: api, port: 80}]
    - backendRefs: [{name: web, port: 80}]
`);

interface Told {
  readonly changed: readonly {
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
    const { changed } = await toldOf(virtualService('[{uri: {prefix: /api}}]'), httpRoute);
    const elsewhere = changed.filter(({ differences }) => differences.pods !== undefined);
    expect(elsewhere.map(({ which }) => which)).toEqual([['requests where path begins with /api but is not /api or below it']]);
  });

  test('finds attempts that one way to write a route makes and the other does not', async () => {
    const matches = '[{uri: {exact: /api}}, {uri: {prefix: /api/}}]';
    const { changed } = await toldOf(virtualService(matches, '\n      retries: {attempts: 5, retryOn: 5xx}'), httpRoute);
    expect(changed.map(({ which, differences }) => [which, Object.keys(differences)])).toEqual([
      [['every request'], ['attempts']],
    ]);
  });

  test('says that nothing changes for any request where a conversion is correct', async () => {
    const { changed, notes } = await toldOf(virtualService('[{uri: {exact: /api}}, {uri: {prefix: /api/}}]'), httpRoute);
    expect(changed).toEqual([]);
    expect(notes).toEqual([expect.stringMatching(/^Every request ends as before: proven over \d+ classes of requests\.$/)]);
  });
});

const names = Array.from({ length: 20 }, (_, index) => `s${index}`);

/** Twenty services behind a gateway that asks for tokens. */
const guarded: Files = {
  ...shopOf(names),
  'gateway.yaml': fixture('operations')['ingress-gateway.yaml'] ?? '',
  'guard.yaml': `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: g, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*.example"]}]}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens, namespace: istio-system}
spec: {selector: {matchLabels: {istio: ingressgateway}}, jwtRules: [{issuer: https://issuer.example, jwks: '{"keys":[]}'}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: tokens, namespace: istio-system}
spec: {selector: {matchLabels: {istio: ingressgateway}}, rules: [{from: [{source: {requestPrincipals: ["https://issuer.example/*"]}}]}]}
`,
  'routes.yaml': names
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
};

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
