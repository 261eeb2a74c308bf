import { defineProblem, type Problem } from '../problem.ts';

/** Problems of ambient mode: what is written for proxies that are not there, and has no effect without them. */

/** Why a waypoint does not apply a rule for one of its services. */
export type WaypointNeglect = 'namespace' | 'exportTo';

const others = (names: readonly string[]): string => (names.length === 0 ? '' : `; ${names.join(' and ')} do`);
const some = (hosts: readonly string[]): string => {
  const [first = '', ...rest] = hosts;
  return rest.length === 0 ? first : `${first} and ${rest.length} more`;
};

export const routeWithoutWaypoint: Problem<[field: string, hosts: readonly string[], appliedBy: readonly string[]]> =
  defineProblem({
    code: 'MESH2308',
    name: 'route-without-waypoint',
    severity: 'warning',
    about:
      'Clients in ambient mode have no proxy that knows routes: those of a service are applied by its waypoint, and no waypoint serves this one. Sidecars and gateways apply them themselves. istiod says so of routes of the Gateway API in the condition ResolvedWaypoints.',
    cause: 'A VirtualService or HTTPRoute for a Service without the label `istio.io/use-waypoint`, in a mesh in ambient mode.',
    fix: 'Give the service a waypoint by the label istio.io/use-waypoint of the Service or its namespace.',
    message: (field, hosts, appliedBy) =>
      `${field}: clients in ambient mode do not apply these routes, as no waypoint serves ${some(hosts)}${others(appliedBy)}; label it istio.io/use-waypoint`,
  });

export const destinationRuleWithoutWaypoint: Problem<
  [host: string, settings: readonly string[], hosts: readonly string[], appliedBy: readonly string[]]
> = defineProblem({
  code: 'MESH2309',
  name: 'destination-rule-without-waypoint',
  severity: 'warning',
  about:
    'ztunnel applies nothing of a DestinationRule; for clients in ambient mode the waypoint of the service does, and no waypoint serves this one. Sidecars and gateways apply it themselves.',
  cause:
    'A DestinationRule with `outlierDetection` for a Service without the label `istio.io/use-waypoint`, in a mesh in ambient mode.',
  fix: 'Give the service a waypoint by the label istio.io/use-waypoint of the Service or its namespace.',
  message: (host, settings, hosts, appliedBy) =>
    `spec.host "${host}": clients in ambient mode do not apply ${settings.join(', ')}, as no waypoint serves ${some(hosts)}${others(appliedBy)}; label it istio.io/use-waypoint`,
});

/** Why a waypoint does not apply what is written for a service that it serves. */
const foreignToWaypoint = (
  field: string,
  host: string,
  waypoint: string,
  why: WaypointNeglect,
  homes: readonly string[],
): string =>
  why === 'namespace'
    ? `${field}: waypoint ${waypoint}, which serves ${host}, applies only what stands in namespace ${homes.join(' or ')}, so that clients in ambient mode get nothing of this`
    : `${field}: waypoint ${waypoint}, which serves ${host}, does not see this, because exportTo leaves its namespace out: clients in ambient mode get nothing of it`;

export const routesForeignToWaypoint: Problem<Parameters<typeof foreignToWaypoint>> = defineProblem({
  code: 'MESH2310',
  name: 'routes-foreign-to-waypoint',
  severity: 'warning',
  about:
    'A waypoint applies the routes of its own namespace and of that of the service, as far as they are exported to it, and no others: clients in ambient mode get nothing of this one.',
  cause: 'A VirtualService in the namespace of a client, for a service of another namespace that has a waypoint.',
  fix: "Move it to the namespace of the service, and export it to the waypoint's.",
  message: foreignToWaypoint,
});

export const destinationRuleForeignToWaypoint: Problem<Parameters<typeof foreignToWaypoint>> = defineProblem({
  code: 'MESH2319',
  name: 'destination-rule-foreign-to-waypoint',
  severity: 'warning',
  about:
    'A waypoint applies the DestinationRules of its own namespace and of that of the service, as far as they are exported to it, and no others: clients in ambient mode get nothing of this one.',
  cause: 'A DestinationRule in the namespace of a client, for a service of another namespace that has a waypoint.',
  fix: "Move it to the namespace of the service, and export it to the waypoint's.",
  message: foreignToWaypoint,
});

export const sourceLabelsAtWaypoint: Problem<[field: string, waypoint: string]> = defineProblem({
  code: 'MESH2311',
  name: 'source-labels-at-waypoint',
  severity: 'warning',
  about: 'A waypoint does not know the labels of clients and leaves matches that ask for them out of its routes.',
  cause: 'A match with `sourceLabels` in a VirtualService for a service that has a waypoint.',
  fix: 'Match on a header, or tell clients apart by AuthorizationPolicies.',
  message: (field, waypoint) => `${field}: waypoint ${waypoint} knows no labels of clients and leaves this match out`,
});

export const policyNeedsWaypoint: Problem<[kind: string, selecting: boolean, pods: number, proxied: boolean]> = defineProblem({
  code: 'MESH2312',
  name: 'policy-needs-waypoint',
  severity: 'warning',
  about:
    'The pods that a policy is for are in ambient mode, where ztunnel knows nothing of its kind, and waypoints take only what names them, or a service, by targetRefs: nobody applies it.',
  cause: 'A RequestAuthentication, WasmPlugin, Telemetry or EnvoyFilter with a selector for pods in ambient mode.',
  fix: 'Attach it by targetRefs to a service that has a waypoint, or to the Gateway of the waypoint (the only choice for an EnvoyFilter).',
  message(kind, selecting, pods, proxied) {
    const those = `${pods === 1 ? (proxied ? '1 pod' : 'the pod') : `${proxied ? '' : 'all '}${pods} pods`} that it ${selecting ? 'selects' : 'is for'}`;
    const where = `${those} ${pods === 1 ? 'is' : 'are'} in ambient mode, and ztunnel knows nothing of the kind`;
    const fix = `attach it by targetRefs to a waypoint${kind === 'EnvoyFilter' ? '' : ' or a service that has one'}`;
    return proxied ? `${where}: this ${kind} has no effect there; ${fix}` : `no proxy applies this ${kind}: ${where}; ${fix}`;
  },
});

export const selectorOnWaypoint: Problem<[kind: string, waypoint: string, attachable: boolean]> = defineProblem({
  code: 'MESH2313',
  name: 'selector-on-waypoint',
  severity: 'warning',
  about:
    'A selector selects the pods of a waypoint. Waypoints take policies by targetRefs only, and no Sidecar and no PeerAuthentication at all.',
  cause: 'An EnvoyFilter with `workloadSelector: {labels: {gateway.networking.k8s.io/gateway-name: waypoint}}`.',
  fix: 'Replace the selector by targetRefs with the Gateway of the waypoint.',
  message: (kind, waypoint, attachable) =>
    attachable
      ? `the selector selects pods of waypoint ${waypoint}, which takes this ${kind} by targetRefs only: it has no effect there`
      : `the selector selects pods of waypoint ${waypoint}, and waypoints take no ${kind}: it has no effect there`,
});

export const envoyFilterForService: Problem<[field: string, kind: string, name: string]> = defineProblem({
  code: 'MESH2314',
  name: 'envoy-filter-for-service',
  severity: 'warning',
  about: 'EnvoyFilters can be attached to gateways and waypoints as a whole, not to one of the services of a waypoint.',
  cause: 'An EnvoyFilter with `targetRefs: [{kind: Service, name: reviews}]`.',
  fix: 'Name the Gateway of the waypoint, and limit the patch by its match to the chain of the service.',
  message: (field, kind, name) =>
    `${field}: EnvoyFilters are not attached to a ${kind}, so that nothing applies this for ${name}; name the Gateway of its waypoint`,
});

export const sidecarBeatsAmbient: Problem<[label: string]> = defineProblem({
  code: 'MESH2316',
  name: 'sidecar-beats-ambient',
  severity: 'warning',
  about: 'A pod asks for ambient mode and gets a sidecar too. The sidecar wins: ztunnel passes over pods that have one.',
  cause: 'A pod with the label `istio.io/dataplane-mode: ambient` in a namespace with `istio-injection: enabled`.',
  fix: 'Set the label sidecar.istio.io/inject of the pod to "false", or leave istio.io/dataplane-mode out.',
  message: (label) =>
    `the label ${label} has no effect: a pod with it gets a sidecar too, and ztunnel passes over those; label it sidecar.istio.io/inject: "false" to have it in ambient mode`,
});

export const waypointNotAdmitted: Problem<[workload: string, waypoint: string, identity: string]> = defineProblem({
  code: 'MESH2317',
  name: 'waypoint-not-admitted',
  severity: 'warning',
  about:
    'ztunnel enforces an ALLOW policy where connections arrive from the waypoint of the service, under the identity of the waypoint, and no rule admits that: everything that comes through the waypoint is refused.',
  cause: 'An ALLOW policy without targetRefs with `principals` of clients, for pods of a service that has a waypoint.',
  fix: "Attach the policy to the service by targetRefs, so that the waypoint enforces it, and let ztunnel admit the waypoint's service account.",
  message: (workload, waypoint, identity) =>
    `ztunnel refuses what comes to ${workload} through waypoint ${waypoint}: no ALLOW policy for it admits ${identity}; add it to the principals, and attach what is meant for clients by targetRefs`,
});

export const gatewayPastWaypoint: Problem<[field: string, host: string, waypoint: string, gateway: string]> = defineProblem({
  code: 'MESH2318',
  name: 'gateway-past-waypoint',
  severity: 'info',
  about:
    'A gateway sends to the pods of a service, not to its waypoint, unless a label asks for it: policies of the waypoint are not enforced for what comes from outside.',
  cause:
    'An AuthorizationPolicy with targetRefs for a Service to which a Gateway sends, without the label `istio.io/ingress-use-waypoint`.',
  fix: 'Set the label `istio.io/ingress-use-waypoint: "true"` on the Service or its namespace, or attach the policy to the gateway too.',
  message: (field, host, waypoint, gateway) =>
    `${field}: requests to ${host} through Gateway ${gateway} go past waypoint ${waypoint}, so that nobody enforces this for them; label the Service istio.io/ingress-use-waypoint: "true"`,
});

export const passedByAfterMove: Problem<[requests: number]> = defineProblem({
  code: 'MESH1511',
  name: 'passed-by-after-move',
  severity: 'warning',
  about:
    'A policy or rule has a say in requests before a move to ambient mode and none afterwards, and these end otherwise. Sidecars, pods outside of the mesh, and gateways unless a label asks for it, send past waypoints, where ztunnel enforces only what needs no HTTP. `mesh diff` tells it.',
  cause: 'A namespace that moves to ambient mode with a waypoint, while clients in other namespaces keep their sidecars.',
  fix: 'Move the clients too, or let gateways use the waypoint (`istio.io/ingress-use-waypoint`); what needs no HTTP can have a selector, so that ztunnel enforces it. Mutual TLS (STRICT) keeps out pods outside of the mesh.',
  message: (requests) =>
    `it has a say in ${requests === 1 ? 'a request' : `${requests} requests`} before the move and none afterwards, and ${requests === 1 ? 'that ends' : 'these end'} otherwise`,
});
