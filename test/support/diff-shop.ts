import { type Files, fixture } from './diff.ts';

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

/** Services of a namespace `shop`, each with a workload that has a sidecar. */
export function shopOf(names: readonly string[]): Files {
  return {
    'shop.yaml': `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---${names.map(workload).join('')}`,
  };
}

/** The shop with a VirtualService that sends what it matches of `web` to `api`; `more` stands in both of its routes. */
export function routedByVirtualService(shop: Files, matches: string, more = ''): Files {
  return {
    ...shop,
    'routes.yaml': `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web.shop.svc.cluster.local]
  http:
    - match: ${matches}
      route: [{destination: {host: api.shop.svc.cluster.local, port: {number: 80}}}]${more}
    - route: [{destination: {host: web.shop.svc.cluster.local, port: {number: 80}}}]${more}
`,
  };
}

/** The shop with an HTTPRoute that sends what is below `/api` of `web` to `api`. */
export function routedByHttpRoute(shop: Files, filters = ''): Files {
  return {
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
  };
}

/** The shop behind a gateway for a host that lets only requests with a token in; `when` says what else, `routes` where they go. */
export function behindTokens(shop: Files, host: string, when: string, routes: string): Files {
  return {
    ...shop,
    'gateway.yaml': fixture('operations')['ingress-gateway.yaml'] ?? '',
    'guard.yaml': `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: g, namespace: istio-system}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["${host}"]}]}
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
  rules: [{from: [{source: {requestPrincipals: ["https://issuer.example/*"]}}]${when}}]
`,
    'routes.yaml': routes,
  };
}
