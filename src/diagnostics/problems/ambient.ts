import { assertNever } from '../../util/assert.ts';
import { didYouMean } from '../did-you-mean.ts';
import { defineProblem, type Problem } from '../problem.ts';

/** Problems of ambient mode: what istiod writes into status conditions, known before anything runs. */

/** Where the label stands that asks for a waypoint. */
export type AskedBy = 'object' | 'namespace';

function label(by: AskedBy, namespace: string): string {
  return by === 'object' ? 'istio.io/use-waypoint' : `istio.io/use-waypoint of namespace ${namespace}`;
}

export const waypointNotReady: Problem<
  [by: AskedBy, namespace: string, waypoint: string, isThere: boolean, suggestions: readonly string[]]
> = defineProblem({
  code: 'MESH2300',
  name: 'waypoint-not-ready',
  severity: 'error',
  about:
    'A label asks for a waypoint that does not exist or has no address, so that traffic goes past it: routes and policies for HTTP do not apply. istiod says so in the condition istio.io/WaypointBound (WaypointIsNotReady).',
  cause:
    'The label `istio.io/use-waypoint: wapoint` where the Gateway is called `waypoint`, or a Gateway whose Service selects no pod.',
  fix: 'Correct the name, create the Gateway, or set istio.io/use-waypoint-namespace where it is in another namespace; the label `none` asks for no waypoint.',
  message: (by, namespace, waypoint, isThere, suggestions) =>
    isThere
      ? `${label(by, namespace)}: waypoint ${waypoint} has no address, since no Service of it selects a pod: traffic goes past it, and routes and policies for HTTP do not apply`
      : `${label(by, namespace)}: there is no waypoint ${waypoint}${didYouMean(suggestions)}; traffic goes past it, and routes and policies for HTTP do not apply`,
});

export const waypointAttachmentDenied: Problem<[by: AskedBy, namespace: string, waypoint: string]> = defineProblem({
  code: 'MESH2301',
  name: 'waypoint-attachment-denied',
  severity: 'error',
  about:
    'A label asks for a waypoint of another namespace that does not admit this one, so that traffic goes past it. istiod says so in the condition istio.io/WaypointBound (AttachmentDenied).',
  cause: 'A waypoint whose HBONE listener has no `allowedRoutes`, which admits its own namespace alone.',
  fix: "Admit the namespace in allowedRoutes.namespaces of the waypoint's HBONE listener (port 15008), or use a waypoint of the own namespace.",
  message: (by, namespace, waypoint) =>
    `${label(by, namespace)}: waypoint ${waypoint} does not admit namespace ${namespace}, so that traffic goes past it; admit it in allowedRoutes of its HBONE listener`,
});

export const waypointTrafficUnsupported: Problem<
  [by: AskedBy, namespace: string, waypoint: string, traffic: string, served: string]
> = defineProblem({
  code: 'MESH2302',
  name: 'waypoint-traffic-unsupported',
  severity: 'warning',
  about:
    'A label asks for a waypoint that serves another kind of traffic, so that traffic goes past it. istiod says so in the condition istio.io/WaypointBound (UnsupportedTrafficType).',
  cause: 'A Service with `istio.io/use-waypoint` of a Gateway with the label `istio.io/waypoint-for: workload`.',
  fix: 'Set the label istio.io/waypoint-for of the Gateway to `all`, or use another waypoint.',
  message: (by, namespace, waypoint, traffic, served) =>
    `${label(by, namespace)}: waypoint ${waypoint} is for ${served} (istio.io/waypoint-for), not for traffic to a ${traffic}, which goes past it`,
});

/** In words. */
const effects: Readonly<Record<EffectWithoutHttp, string>> = {
  'allows nobody': ': no rule is left, so that nobody is let in',
  'allows fewer': ' and leaves out the rules that ask for it, so that fewer are let in than is written',
  'denies nobody': ': nothing is left of what a rule asks for, so that nobody is refused',
  'denies fewer': ': of some rules nothing is left of what they ask for, so that these refuse nobody',
  'denies more': ' and refuses without asking for it, more than is written',
};

/** What is left of a policy that asks for HTTP where nobody knows HTTP. */
export type EffectWithoutHttp = 'allows nobody' | 'allows fewer' | 'denies nobody' | 'denies fewer' | 'denies more';

export const httpRuleAtZtunnel: Problem<[effect: EffectWithoutHttp, attributes: readonly string[]]> = defineProblem({
  code: 'MESH2303',
  name: 'http-rule-at-ztunnel',
  severity: 'warning',
  about:
    'A policy that ztunnel enforces asks for something of HTTP, of which ztunnel knows nothing: rules of an ALLOW policy are left out, so that it lets fewer in. Of a rule of a DENY policy the rest is kept: it refuses more than is written, or nobody, where nothing is left of a `to`, `from` or `when`. istiod says so in the condition ZtunnelAccepted (UnsupportedValue).',
  cause: 'An AuthorizationPolicy with `methods: [GET]` and without targetRefs, for pods in ambient mode.',
  fix: 'Attach the policy to a waypoint by targetRefs.',
  message: (effect, attributes) =>
    `ztunnel knows nothing of HTTP (${attributes.join(', ')})${effects[effect]}; attach the policy to a waypoint by targetRefs`,
});

export const policyNotAtZtunnel: Problem<[what: string]> = defineProblem({
  code: 'MESH2304',
  name: 'policy-not-at-ztunnel',
  severity: 'warning',
  about:
    'ztunnel is not told of policies of the actions CUSTOM and AUDIT, nor of those that are only tried out, so that they have no effect on pods in ambient mode. istiod says so in the condition ZtunnelAccepted (UnsupportedValue).',
  cause: 'An AuthorizationPolicy with `action: CUSTOM` and without targetRefs, for pods in ambient mode.',
  fix: 'Attach the policy to a waypoint by targetRefs.',
  message: (what) => `ztunnel is not told of ${what}, so that this has no effect on pods in ambient mode`,
});

const deed = (policy: string): string => (policy === 'AuthorizationPolicy' ? 'enforces the policy' : `applies this ${policy}`);

export const targetWithoutWaypoint: Problem<[field: string, kind: string, name: string, policy: string]> = defineProblem({
  code: 'MESH2305',
  name: 'target-without-waypoint',
  severity: 'error',
  about:
    'A targetRef of a policy names a Service or ServiceEntry that no waypoint serves, or a waypoint without an address: nobody enforces the policy. istiod says so of AuthorizationPolicies in the condition WaypointAccepted (AncestorNotBound, TargetNotFound).',
  cause: 'A policy with targetRefs for a Service without the label `istio.io/use-waypoint`.',
  fix: 'Give the service a waypoint by the label istio.io/use-waypoint; an AuthorizationPolicy that asks for nothing of HTTP can have a selector instead, which ztunnel enforces.',
  message: (field, kind, name, policy) =>
    kind === 'Gateway'
      ? `${field}: waypoint ${name} has no address, since no Service of it selects a pod: nobody ${deed(policy)}`
      : `${field}: no waypoint serves ${kind} ${name}, so that nobody ${deed(policy)}; label it istio.io/use-waypoint`,
});

export const gatewayClassTargetInvalid: Problem<
  [field: string, name: string, reason: 'namespace' | 'class' | 'missing', rootNamespace: string]
> = defineProblem({
  code: 'MESH2306',
  name: 'gateway-class-target-invalid',
  severity: 'error',
  about:
    'A targetRef of a policy names a GatewayClass, and either stands outside of the root namespace or the class is not one of waypoints: nobody enforces the policy. istiod says so in the condition WaypointAccepted (Invalid, TargetNotFound).',
  cause: 'A policy in namespace `shop` with `targetRefs: [{kind: GatewayClass, name: istio-waypoint}]`.',
  fix: 'Move the policy to the root namespace (`istio-system`) and name the class istio-waypoint, or name a Gateway.',
  message(field, name, reason, rootNamespace) {
    if (reason === 'namespace')
      return `${field}: only policies of the root namespace ${rootNamespace} can be for a GatewayClass: nobody enforces this one`;
    const why = reason === 'missing' ? `there is no GatewayClass ${name}` : `GatewayClass ${name} is not one of waypoints`;
    return `${field}: ${why}, so that nobody enforces the policy; name istio-waypoint`;
  },
});

export const entryWithoutWaypoint: Problem<[why: 'wildcard' | 'closed' | 'race', host: string]> = defineProblem({
  code: 'MESH2307',
  name: 'entry-without-waypoint',
  severity: 'warning',
  about:
    'A ServiceEntry needs a waypoint to act for clients in ambient mode and has none: its host is a wildcard, or it has a strategy of connecting. istiod says so in the condition istio.io/WaypointMissing.',
  cause: 'A ServiceEntry for `*.example.com` without the label `istio.io/use-waypoint`.',
  fix: 'Give the ServiceEntry a waypoint by the label istio.io/use-waypoint.',
  message(why, host) {
    switch (why) {
      case 'wildcard':
        return `ztunnel cannot find "${host}", which is a wildcard, so that this has no effect on clients in ambient mode until a waypoint serves it (istio.io/use-waypoint)`;
      case 'closed':
        return `ztunnel cannot tell where "${host}", which is a wildcard, leads: connections of clients in ambient mode to names under it are closed until a waypoint serves it (istio.io/use-waypoint)`;
      case 'race':
        return 'the strategy of connecting (istio.io/connect-strategy) has no effect on clients in ambient mode until a waypoint serves this (istio.io/use-waypoint)';
      default:
        return assertNever(why);
    }
  },
});

/** Why gateways use no waypoint although a label asks them to. */
export type IngressNeglect = { readonly reason: 'value'; readonly value: string } | { readonly reason: 'service' | 'namespace' };

export const ingressWithoutWaypoint: Problem<[why: IngressNeglect]> = defineProblem({
  code: 'MESH2320',
  name: 'ingress-without-waypoint',
  severity: 'warning',
  about:
    'The label `istio.io/ingress-use-waypoint` asks gateways to go through a waypoint, and has no effect: no waypoint serves what it is for, or its value is no boolean. Gateways send to the pods.',
  cause: 'A Service with `istio.io/ingress-use-waypoint: "true"` and without `istio.io/use-waypoint`.',
  fix: 'Give the Service, or its namespace, a waypoint by the label istio.io/use-waypoint, and write `"true"` or `"false"`.',
  message(why) {
    switch (why.reason) {
      case 'value':
        return `istio.io/ingress-use-waypoint "${why.value}" is neither "true" nor "false": istiod takes it as "false", and gateways go past the waypoint`;
      case 'service':
        return 'istio.io/ingress-use-waypoint has no effect, as no waypoint serves this: gateways send to the pods; label it istio.io/use-waypoint';
      case 'namespace':
        return 'istio.io/ingress-use-waypoint has no effect, as no waypoint serves any service of the namespace: gateways send to the pods; label it istio.io/use-waypoint';
      default:
        return assertNever(why);
    }
  },
});

export const waypointListenerRefused: Problem<[field: string, name: string, waypoint: string]> = defineProblem({
  code: 'MESH2315',
  name: 'waypoint-listener-refused',
  severity: 'warning',
  about:
    'A waypoint takes connections by HBONE on port 15008 and by nothing else. istiod says so of other listeners in the condition Accepted (UnsupportedProtocol).',
  cause: 'A Gateway of class `istio-waypoint` with a listener of `port: 80, protocol: HTTP`.',
  fix: 'Give the Gateway one listener, `{name: mesh, port: 15008, protocol: HBONE}`.',
  message: (field, name, waypoint) =>
    `${field}: istiod does not accept listener "${name}", as waypoint ${waypoint} takes connections on port 15008 with protocol HBONE only`,
});
