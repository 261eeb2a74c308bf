import { defineProblem, type Problem } from '../problem.ts';

/** Problems of the Gateway API: what Istio would report in the status of Gateways and routes. */

export const gatewayClassForeign: Problem<[name: string, reason: 'remote' | 'networks' | 'ambient' | 'other']> = defineProblem({
  code: 'MESH1201',
  name: 'gateway-class-foreign',
  severity: 'info',
  about:
    'A Gateway of the Gateway API is of a class for which Istio configures nothing: another controller’s, a remote cluster’s, a waypoint while ambient mode is off, or a gateway between the networks of ambient mode while AMBIENT_ENABLE_MULTI_NETWORK is off.',
  cause: 'A Gateway whose gatewayClassName is not istio.',
  fix: 'Write gatewayClassName: istio if Istio is to serve it; say what istiod is told, by --ambient or --istiod-env, if it does.',
  message(name, reason) {
    if (reason === 'remote') return `gateways of class ${name} stand in another cluster; nothing is configured for this one`;
    const without =
      reason === 'networks' ? ' without AMBIENT_ENABLE_MULTI_NETWORK=true' : reason === 'ambient' ? ' without ambient mode' : '';
    return `GatewayClass ${name} is not one that Istio serves${without}; nothing is configured for this Gateway`;
  },
});

export const listenerNotProgrammed: Problem<[listener: string, reason: string]> = defineProblem({
  code: 'MESH1202',
  name: 'listener-not-programmed',
  severity: 'warning',
  about: 'Istio leaves a listener of a Gateway out: it would report it as not programmed.',
  cause: 'Two listeners of one name or port, or one whose TLS settings do not hold.',
  fix: 'Correct the listener as the message says.',
  message: (listener, reason) => `listener ${listener} is not served: ${reason}`,
});

export const parentRefused: Problem<[parent: string, reason: string]> = defineProblem({
  code: 'MESH1203',
  name: 'parent-refused',
  severity: 'warning',
  about: 'A route is not attached to one of its parents: Istio would report it as not accepted.',
  cause: 'A route in a namespace that the listener does not admit, or of hostnames that it does not serve.',
  fix: 'Correct parentRefs or hostnames of the route, or allowedRoutes of the listener.',
  message: (parent, reason) => `the route is not attached to ${parent}: ${reason}`,
});

export const parentOfOthers: Problem<[parent: string, kind: string]> = defineProblem({
  code: 'MESH1218',
  name: 'parent-of-others',
  severity: 'info',
  about:
    'A route names a parent of a kind that Istio has no routes for: it is meant for another controller, and Istio leaves it to that.',
  cause: 'A route whose parentRefs name an EgressNetwork of policy.linkerd.io.',
  fix: 'Nothing, if another controller reads it; else name a Gateway, a ListenerSet, a Service or a ServiceEntry.',
  message: (parent, kind) => `Istio does not attach the route to ${parent}: it knows no parents of kind ${kind}`,
});

export const routeRefused: Problem<[reason: string]> = defineProblem({
  code: 'MESH1204',
  name: 'route-refused',
  severity: 'warning',
  about: 'Istio serves no rule of a route, because it cannot convert one of them.',
  cause: 'A filter or match that Istio cannot convert.',
  fix: 'Correct the rule that the message names.',
  message: (reason) => `no rule of the route is served: ${reason}`,
});

export const backendInvalid: Problem<[reason: string]> = defineProblem({
  code: 'MESH1205',
  name: 'backend-invalid',
  severity: 'warning',
  about: 'Requests that a route sends to a backend fail, because the reference to the backend does not hold.',
  cause: 'A backendRef to a Service that does not exist, or in another namespace without a ReferenceGrant.',
  fix: 'Correct the reference, or add the ReferenceGrant.',
  message: (reason) => `requests to this backend fail: ${reason}`,
});

export const mirrorIgnored: Problem<[reason: string]> = defineProblem({
  code: 'MESH1206',
  name: 'mirror-ignored',
  severity: 'warning',
  about: 'A route does not mirror requests, because the reference to the backend does not hold.',
  cause: 'A RequestMirror filter whose backend does not exist.',
  fix: 'Correct the reference, or add the ReferenceGrant.',
  message: (reason) => `requests are not mirrored: ${reason}`,
});

export const fieldNotSupported: Problem<[field: string]> = defineProblem({
  code: 'MESH1207',
  name: 'field-not-supported',
  severity: 'warning',
  about: 'Istio does not support a field of the Gateway API and passes over it.',
  cause: 'A field that only other implementations support.',
  fix: 'Remove the field, or do without its effect.',
  message: (field) => `${field} has no effect: Istio does not support it`,
});

export const routeKindNotSupported: Problem<[kind: string, protocol: string]> = defineProblem({
  code: 'MESH1208',
  name: 'route-kind-not-supported',
  severity: 'warning',
  about: 'A listener allows routes of a kind that its protocol cannot have.',
  cause: 'allowedRoutes.kinds with TCPRoute on a listener of protocol HTTP.',
  fix: 'Correct the kinds or the protocol.',
  message: (kind, protocol) => `a listener of protocol ${protocol} takes no routes of kind ${kind}`,
});

export const gatewayAddressIgnored: Problem<[address: string, gateway: string]> = defineProblem({
  code: 'MESH1209',
  name: 'gateway-address-ignored',
  severity: 'warning',
  about: 'An address of a Gateway is none that Istio can use: with several addresses, only hostnames of Services are.',
  cause: 'A Gateway with two addresses of type IPAddress.',
  fix: 'Name Services by their hostnames.',
  message: (address, gateway) => `address ${address} of Gateway ${gateway} is not a hostname and has no effect`,
});

export const listenerSetRefused: Problem<[reason: string]> = defineProblem({
  code: 'MESH1210',
  name: 'listener-set-refused',
  severity: 'warning',
  about: 'The listeners of a ListenerSet are not added to a Gateway.',
  cause: 'A ListenerSet whose Gateway does not allow it.',
  fix: 'Set spec.allowedListeners of the Gateway.',
  message: (reason) => `none of its listeners is served: ${reason}`,
});

export const backendPolicyIgnored: Problem<[reason: string]> = defineProblem({
  code: 'MESH1211',
  name: 'backend-policy-ignored',
  severity: 'warning',
  about: 'A BackendTLSPolicy, or a part of it, has no effect.',
  cause: 'A BackendTLSPolicy without a CA certificate that can be read.',
  fix: 'Correct the policy as the message says.',
  message: (reason) => `the policy does not have full effect: ${reason}`,
});

export const targetOfOthers: Problem<[target: string, kind: string]> = defineProblem({
  code: 'MESH1219',
  name: 'target-of-others',
  severity: 'info',
  about: 'A BackendTLSPolicy is for a kind of backend that Istio does not know: it is meant for another controller.',
  cause: 'A BackendTLSPolicy whose targetRefs name a Backend of gateway.envoyproxy.io.',
  fix: 'Nothing, if another controller reads it; else name a Service or a ServiceEntry.',
  message: (target, kind) => `Istio does not apply the policy to ${target}: it knows no targets of kind ${kind}`,
});

export const tcpRouteNotServed: Problem<[]> = defineProblem({
  code: 'MESH1212',
  name: 'tcp-route-not-served',
  severity: 'warning',
  about:
    'While TCPRoutes are alpha in the release, istiod reads them only with PILOT_ENABLE_ALPHA_GATEWAY_API, which is off by default.',
  cause: 'A TCPRoute.',
  fix: 'Set PILOT_ENABLE_ALPHA_GATEWAY_API on istiod, or use a VirtualService.',
  message: () => 'istiod reads no TCPRoutes unless PILOT_ENABLE_ALPHA_GATEWAY_API is set, which is off by default',
});

export const gatewayAssumed: Problem<[kinds: string, name: string]> = defineProblem({
  code: 'MESH1213',
  name: 'gateway-assumed',
  severity: 'info',
  about:
    'Istio itself runs a Gateway of the Gateway API; its Service and Deployment are not among the manifests and are taken to be as istiod makes them, with one pod.',
  cause: 'A Gateway of class istio without its Service and Deployment.',
  fix: 'Nothing, or add them to the manifests if they differ from what istiod makes.',
  message: (kinds, name) => `${kinds} ${name} are taken to be as istiod makes them`,
});

export const parametersNotRead: Problem<[]> = defineProblem({
  code: 'MESH1214',
  name: 'parameters-not-read',
  severity: 'warning',
  about: 'The parameters of a Gateway change the Service and Deployment that istiod makes; they are not read.',
  cause: 'spec.infrastructure.parametersRef of a Gateway.',
  fix: 'Add the Service and Deployment of the gateway to the manifests.',
  message: () => 'the parameters of the gateway are not read; write its Service and Deployment into the manifests if they matter',
});

export const gatewayKindNotSupported: Problem<[kind: string, group: string]> = defineProblem({
  code: 'MESH1215',
  name: 'gateway-kind-not-supported',
  severity: 'info',
  about:
    'A kind of the Gateway API, or of its experimental and inference extensions, that istiod does not read by default; it is passed over.',
  cause: 'A UDPRoute, or an InferencePool.',
  fix: 'Nothing, if another controller reads it.',
  message: (kind, group) => `${kind} (${group}) is passed over: istiod does not read it by default`,
});

export const gatewayAddressUnknown: Problem<[hostname: string, namespace: string]> = defineProblem({
  code: 'MESH1216',
  name: 'gateway-address-unknown',
  severity: 'warning',
  about:
    'An address of a Gateway names a Service that is not in the namespace of the Gateway, so that no proxy serves the Gateway there.',
  cause: 'spec.addresses of a Gateway with the Service of another namespace.',
  fix: 'Put the Gateway into the namespace of the Service.',
  message: (hostname, namespace) =>
    `namespace ${namespace} has no Service ${hostname}, so that no proxy serves this Gateway there`,
});

export const tlsRouteNotServed: Problem<[]> = defineProblem({
  code: 'MESH1217',
  name: 'tls-route-not-served',
  severity: 'warning',
  about:
    'While TLSRoutes are alpha in the release, istiod reads them only with PILOT_ENABLE_ALPHA_GATEWAY_API, which is off by default.',
  cause: 'A TLSRoute under a release that has only its alpha versions.',
  fix: 'Set PILOT_ENABLE_ALPHA_GATEWAY_API on istiod, or use a VirtualService.',
  message: () => 'istiod reads no TLSRoutes unless PILOT_ENABLE_ALPHA_GATEWAY_API is set, which is off by default',
});
