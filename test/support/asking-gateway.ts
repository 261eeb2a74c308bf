import type { Files } from './diff.ts';
import { shopOf } from './diff-shop.ts';

/** What a server says of its tls that has its certificate in a Secret. */
export const MUTUAL = 'mode: MUTUAL, credentialName: door';
export const OPTIONAL = 'mode: OPTIONAL_MUTUAL, credentialName: door';
export const SIMPLE = 'mode: SIMPLE, credentialName: door';
export const OF_MESH = 'mode: ISTIO_MUTUAL';
export const NAMED = 'subjectAltNames: [till.partner.example, "spiffe://partner.example/ns/pay/sa/batch"]';
export const PINNED = 'verifyCertificateHash: [df6ff72fe9116521268f6f2dd4966f51df479883fe7037b39f75916ac3049d1a]';

/** The shop behind a gateway that serves `shop.example` over TLS with these settings; what is below `prefix` goes to `api`, all else to `web`. */
export function behindGateway(
  tls: string,
  { prefix = '/api', config = '' }: { readonly prefix?: string; readonly config?: string } = {},
): Files {
  return {
    ...shopOf(['web', 'api']),
    'gateway.yaml': `
apiVersion: v1
kind: Service
metadata: {name: ingress, namespace: istio-system}
spec: {type: LoadBalancer, selector: {istio: ingress}, ports: [{name: https, port: 443}]}
---
apiVersion: v1
kind: Pod
metadata:
  name: ingress-0
  namespace: istio-system
  labels: {istio: ingress}
  annotations: {inject.istio.io/templates: gateway, proxy.istio.io/config: '${config === '' ? '{}' : config}'}
spec: {containers: [{name: istio-proxy, image: auto}]}
status: {podIP: 10.1.0.9}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: door, namespace: istio-system}
spec:
  selector: {istio: ingress}
  servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: [shop.example], tls: {${tls}}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: door, namespace: istio-system}
spec:
  hosts: [shop.example]
  gateways: [door]
  http:
    - match: [{uri: {prefix: ${prefix}}}]
      route: [{destination: {host: api.shop.svc.cluster.local}}]
    - route: [{destination: {host: web.shop.svc.cluster.local}}]
`,
  };
}

/** A policy at the gateway, or at the pods of an app of the shop. */
export function policyAt(place: 'gateway' | 'web' | 'api', rules: string, action = 'ALLOW'): Files {
  const [namespace, labels] = place === 'gateway' ? ['istio-system', 'istio: ingress'] : ['shop', `app: ${place}`];
  return {
    'policy.yaml': `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: guard, namespace: ${namespace}}
spec: {selector: {matchLabels: {${labels}}}, action: ${action}, rules: [${rules}]}
`,
  };
}
