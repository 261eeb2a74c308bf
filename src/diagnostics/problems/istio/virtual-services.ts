import { goList, goQuote } from '../../../util/go-format.ts';
import { defineProblem, type Problem } from '../../problem.ts';
import { gateway, join, service } from './examples.ts';

/** Findings of Istio about VirtualServices. */

export const conflictingMeshGatewayVirtualServiceHosts: Problem<[virtualServices: string, host: string]> = defineProblem({
  code: 'IST0109',
  name: 'conflicting-mesh-gateway-virtual-service-hosts',
  severity: 'error',
  about: 'Several VirtualServices for sidecars define the same host; only one of them takes effect.',
  example: join(
    ...['a', 'b'].map(
      (name) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: shop}
spec:
  hosts: [cart]
  http: [{route: [{destination: {host: cart}}]}]
`,
    ),
  ),
  fix: 'Put the rules for the host into one VirtualService, or keep one from the namespaces of the other with exportTo.',
  message: (virtualServices, host) =>
    `The VirtualServices ${virtualServices} associated with mesh gateway define the same host ${host} which can lead to undefined behavior. This can be fixed by merging the conflicting VirtualServices into a single resource.`,
});

export const virtualServiceDestinationPortSelectorRequired: Problem<[host: string, ports: readonly number[]]> = defineProblem({
  code: 'IST0112',
  name: 'virtual-service-destination-port-selector-required',
  severity: 'error',
  about: 'A route leads to a service with several ports and does not say which one is meant.',
  example: `apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec:
  ports: [{name: http, port: 80}, {name: http-admin, port: 81}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec:
  hosts: [cart]
  http: [{route: [{destination: {host: cart}}]}]
`,
  fix: 'Write destination.port.number.',
  message: (host, ports) =>
    `This VirtualService routes to a service ${goQuote(host)} that exposes multiple ports ${goList(ports)}. Specifying a port in the destination is required to disambiguate.`,
});

export const virtualServiceUnreachableRule: Problem<[rule: string, reason: string]> = defineProblem({
  code: 'IST0130',
  name: 'virtual-service-unreachable-rule',
  severity: 'warning',
  about: 'A rule of a VirtualService is never used, because an earlier rule takes all that it matches.',
  example: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec:
  hosts: [cart]
  http:
  - route: [{destination: {host: cart}}]
  - match: [{uri: {prefix: /api}}]
    route: [{destination: {host: cart-api}}]
`,
  fix: 'Put the rule before the one that takes its requests, or remove it. A rule without a match goes last.',
  message: (rule, reason) => `VirtualService rule ${rule} not used (${reason}).`,
});

export const virtualServiceIneffectiveMatch: Problem<[rule: string, match: string, duplicate: string]> = defineProblem({
  code: 'IST0131',
  name: 'virtual-service-ineffective-match',
  severity: 'info',
  about: 'A match of a VirtualService is never used, because an earlier rule has the same match.',
  example: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec:
  hosts: [cart]
  http:
  - match: [{uri: {prefix: /api}}]
    route: [{destination: {host: cart-api}}]
  - match: [{uri: {prefix: /api}}, {uri: {prefix: /old}}]
    route: [{destination: {host: cart}}]
`,
  fix: 'Remove the match.',
  message: (rule, match, duplicate) =>
    `VirtualService rule ${rule} match ${match} is not used (duplicate/overlapping match in rule ${duplicate}).`,
});

export const virtualServiceHostNotFoundInGateway: Problem<[host: readonly string[], virtualService: string, gateway: string]> =
  defineProblem({
    code: 'IST0132',
    name: 'virtual-service-host-not-found-in-gateway',
    severity: 'warning',
    about: 'A VirtualService is bound to a gateway that serves none of its hosts.',
    example: join(
      gateway,
      `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec:
  hosts: [cart.example.com]
  gateways: [istio-system/shop]
  http: [{route: [{destination: {host: cart}}]}]
`,
    ),
    fix: 'Add the host to a server of the Gateway, in a form that the namespace of the VirtualService may use.',
    message: (host, virtualService, gateway) =>
      `one or more host ${goList(host)} defined in VirtualService ${virtualService} not found in Gateway ${gateway}.`,
  });

export const ingressRouteRulesNotAffected: Problem<[virtualservicesubset: string, virtualService: string]> = defineProblem({
  code: 'IST0140',
  name: 'ingress-route-rules-not-affected',
  severity: 'warning',
  about: 'The subsets of a VirtualService for sidecars have no effect on requests that come through the ingress gateway.',
  example: join(
    gateway,
    service,
    `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: subsets, namespace: shop}
spec:
  hosts: [cart]
  http: [{route: [{destination: {host: cart, subset: v1}}]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: entry, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [istio-system/shop]
  http: [{route: [{destination: {host: cart}}]}]
`,
  ),
  fix: 'Choose the subset in the VirtualService of the gateway too: rules for sidecars do not apply there.',
  message: (virtualservicesubset, virtualService) =>
    `Subset in virtual service ${virtualservicesubset} has no effect on ingress gateway ${virtualService} requests`,
});

export const jwtClaimBasedRoutingWithoutRequestAuthN: Problem<[key: string, gateway: string, pod: string]> = defineProblem({
  code: 'IST0149',
  name: 'jwt-claim-based-routing-without-request-authn',
  severity: 'error',
  about: 'Routing by claims of a JWT needs a RequestAuthentication on the gateway, and there is none.',
  example: join(
    gateway,
    `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: istio-system}
spec:
  hosts: [shop.example.com]
  gateways: [shop]
  http:
  - match: [{headers: {"@request.auth.claims.group": {exact: staff}}}]
    route: [{destination: {host: cart.shop.svc.cluster.local}}]
`,
  ),
  fix: 'Add a RequestAuthentication that selects the pods of the gateway.',
  message: (key, gateway, pod) =>
    `The virtual service uses the JWT claim based routing (key: ${key}) but found no request authentication for the gateway (${gateway}) pod (${pod}). The request authentication must first be applied for the gateway pods to validate the JWT token and make the claims available for routing.`,
});

export const referencedInternalGateway: Problem<[virtualService: string, gateway: string]> = defineProblem({
  code: 'IST0165',
  name: 'referenced-internal-gateway',
  severity: 'warning',
  about: 'A VirtualService names a Gateway that Istio made itself out of one of the Gateway API.',
  example: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec:
  hosts: [shop.example.com]
  gateways: [shop~istio-autogenerated-k8s-gateway~http]
  http: [{route: [{destination: {host: cart}}]}]
`,
  fix: 'Attach an HTTPRoute to the Gateway of the Gateway API instead.',
  message: (virtualService, gateway) =>
    `Gateway reference in VirtualService ${virtualService} is to an implementation-generated internal Gateway: ${gateway}.`,
});
