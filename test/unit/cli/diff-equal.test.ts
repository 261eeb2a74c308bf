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

const shop: Files = {
  'shop.yaml': `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---${['web', 'api', 'client'].map(workload).join('')}`,
};

const virtualService = (matches: string): Files => ({
  ...shop,
  'routes.yaml': `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web.shop.svc.cluster.local]
  http:
    - match: ${matches}
      route: [{destination: {host: api.shop.svc.cluster.local, port: {number: 80}}}]
    - route: [{destination: {host: web.shop.svc.cluster.local, port: {number: 80}}}]
`,
});

const httpRoute = (filters = ''): Files => ({
  ...shop,
  'routes.yaml': `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{group: "", kind: Service, name: web, port: 80}]
  rules:
    - matches: [{path: {type: PathPrefix, value: /api}}]
      ${filters}
      backendRefs: [{name: api, port: 80}]
    - backendRefs: [{name: web, port: 80}]
`,
});

describe('mesh diff --equal', () => {
  test('finds the path that a prefix of a VirtualService takes and one of an HTTPRoute does not', async () => {
    const { exitCode, requests } = await diffOf(virtualService('[{uri: {prefix: /api}}]'), httpRoute(), ['--equal']);
    expect(exitCode).toBe(1);
    expect(requests.join('\n')).toMatch(/\/api[^/\s]/);
  });

  test('proves that two ways to write the same routes are equal', async () => {
    const { exitCode, requests, report } = await diffOf(
      virtualService('[{uri: {exact: /api}}, {uri: {prefix: /api/}}]'),
      httpRoute(),
      ['--equal'],
    );
    expect(requests).toEqual([]);
    expect((report.requests as { proof?: object }).proof).toMatchObject({ doubts: [] });
    expect(exitCode).toBe(0);
  });

  test('proves nothing about a change that no request is found to meet', async () => {
    const lonely = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: i}]}
`;
    const strict = `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
`;
    const changed = await diffOf({ 'm.yaml': lonely }, { 'm.yaml': lonely + strict }, ['--equal']);
    expect([changed.exitCode, changed.proxies]).toEqual([1, ['shop/web']]);
    expect(changed.report.requests).not.toHaveProperty('proof');
    expect((await diffOf({ 'm.yaml': lonely }, { 'm.yaml': lonely }, ['--equal'])).exitCode).toBe(0);
  });

  test('says that a rewrite by expression is proven where it is one of a prefix, and not where it is made otherwise', async () => {
    const rewritten = (rewrite: string): Files => {
      const [, text = ''] =
        Object.entries(virtualService('[{uri: {exact: /api}}, {uri: {prefix: /api/}}]')).find(
          ([name]) => name === 'routes.yaml',
        ) ?? [];
      return {
        ...shop,
        'routes.yaml': text.replace(
          '      route: [{destination: {host: api.',
          `      rewrite: ${rewrite}\n      route: [{destination: {host: api.`,
        ),
      };
    };
    const byExpression = rewritten('{uriRegexRewrite: {match: "^/api(/?)(.*)", rewrite: "/\\\\2"}}');
    const same = await diffOf(
      httpRoute('filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}]'),
      byExpression,
      ['--equal'],
    );
    expect({ requests: same.requests, exitCode: same.exitCode }).toEqual({ requests: [], exitCode: 0 });
    const others = await diffOf(byExpression, rewritten('{uriRegexRewrite: {match: "^/api/*(.*)", rewrite: "/\\\\1"}}'), [
      '--equal',
    ]);
    expect(others.exitCode).toBe(1);
  });
});

const guarded: Files = {
  ...shop,
  'gateway.yaml': fixture('operations')['ingress-gateway.yaml'] ?? '',
  'guard.yaml': `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: g, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example]}]}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens, namespace: istio-system}
spec: {selector: {matchLabels: {istio: ingressgateway}}, jwtRules: [{issuer: https://issuer.example, jwks: '{"keys":[]}'}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: tokens, namespace: istio-system}
spec:
  selector: {matchLabels: {istio: ingressgateway}}
  rules: [{from: [{source: {requestPrincipals: ["https://issuer.example/*"]}}], when: [{key: "request.auth.claims[groups]", values: [staff]}]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: istio-system}
spec:
  hosts: [shop.example]
  gateways: [g]
  http:
    - match: [{uri: {prefix: /reports}, headers: {x-kind: {exact: weekly}}}]
      route: [{destination: {host: api.shop.svc.cluster.local, port: {number: 80}}}]
    - route: [{destination: {host: web.shop.svc.cluster.local, port: {number: 80}}}]
`,
};

describe('mesh diff behind a gateway that asks for tokens', () => {
  test('finds what breaks only with a token, a path and a header together', async () => {
    const broken = edit(
      guarded,
      'guard.yaml',
      'api.shop.svc.cluster.local, port: {number: 80}',
      'api.shop.svc.cluster.local, subset: v9, port: {number: 80}',
    );
    const { requests } = await diffOf(guarded, broken, ['--equal']);
    expect(requests.join('\n')).toMatch(
      /GET http:\/\/shop\.example:8080\/reports.*x-kind=weekly.*"groups":"staff".*status 200 -> 503/,
    );
  });

  test('proves that policies which say the same in another way are equal', async () => {
    const split = edit(
      guarded,
      'guard.yaml',
      /rules: \[\{from[^\n]*/,
      `rules:
  - from: [{source: {requestPrincipals: ["https://issuer.example/*"]}}]
    to: [{operation: {methods: [GET]}}]
    when: [{key: "request.auth.claims[groups]", values: [staff]}]
  - from: [{source: {requestPrincipals: ["https://issuer.example/*"]}}]
    to: [{operation: {notMethods: [GET]}}]
    when: [{key: "request.auth.claims[groups]", values: [staff]}]`,
    );
    const { requests, exitCode } = await diffOf(guarded, split, ['--equal']);
    expect({ requests, exitCode }).toEqual({ requests: [], exitCode: 0 });
  });
});
