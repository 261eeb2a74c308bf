/** Two primaries of two networks, east and west, with an east-west gateway each; `web` is in both, `far` in east and `near` in west alone. */

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

/** A policy of west that lets nobody call web. */
export const deny = `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}}
---`;

export const filesOfTwoClusters: Readonly<Record<string, string>> = {
  '/work/east/mesh.yaml': home('a') + gateway('a', '192.0.2.1') + app('web', 'web-1') + app('far', 'far-1'),
  '/work/west/mesh.yaml': home('b') + gateway('b', '192.0.2.2') + app('web', 'web-1') + app('near', 'near-1') + deny,
};
