import { defineProblem, type Problem } from '../problem.ts';

/** Problems of ambient mode: what is written for proxies that are not there, and has no effect without them. */

/** Why a waypoint does not apply a rule for one of its services. */
export type PassedOver = 'namespace' | 'exportTo';

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

export const ruleForeignToWaypoint: Problem<
  [field: string, host: string, waypoint: string, why: PassedOver, homes: readonly string[]]
> = defineProblem({
  code: 'MESH2310',
  name: 'rule-foreign-to-waypoint',
  severity: 'warning',
  about:
    'A waypoint applies the routes and DestinationRules of its own namespace and of that of the service, as far as they are exported to it, and no others: clients in ambient mode get nothing of this one.',
  cause: 'A VirtualService in the namespace of a client, for a service of another namespace that has a waypoint.',
  fix: "Move it to the namespace of the service, and export it to the waypoint's.",
  message: (field, host, waypoint, why, homes) =>
    why === 'namespace'
      ? `${field}: waypoint ${waypoint}, which serves ${host}, applies only what stands in namespace ${homes.join(' or ')}, so that clients in ambient mode get nothing of this`
      : `${field}: waypoint ${waypoint}, which serves ${host}, does not see this, because exportTo leaves its namespace out: clients in ambient mode get nothing of it`,
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
