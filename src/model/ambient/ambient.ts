import type { MeshConfig, ProxyConfig } from '../../api/istio.gen.ts';
import type { Behaviours } from '../../releases/release.ts';
import { labelsOfNamespaces } from '../../resource/namespaces.ts';
import type { Resource } from '../../resource/resource.ts';
import { groupByKind } from '../../resource/select.ts';
import { groupBy } from '../../util/collections.ts';
import { compareText } from '../../util/text.ts';
import type { Workload } from '../registry/service.ts';
import { spiffeIdentity } from '../security/spiffe.ts';
import { type Authorization, type ConvertedPolicy, convertPolicy } from './authorizations.ts';
import { createBindings } from './bindings.ts';
import { type CaptureSettings, isCaptured } from './capture.ts';
import { convertPeerAuthentications } from './mutual-tls.ts';
import { localNetwork, placeOnNetworks, remoteGateways, type TunnelledWorkload } from './networks.ts';
import { createReach, type TunnelEnd, type WaypointHost } from './reach.ts';
import { keyOfService, type TunnelledService, tunnelledServices } from './services.ts';
import { buildWaypoints, qualifiedName, type Waypoint, type Waypoints } from './waypoints.ts';
import { type PlacedWorkload, selectedBy, tunnelledWorkloads } from './workloads.ts';

/** What istiod knows of a mesh in ambient mode, and tells every ztunnel; istio ambient index. */
export interface Ambient {
  readonly waypoints: Waypoints;
  /** By namespace and host. */
  readonly services: readonly TunnelledService[];
  /** What is told of workloads, by uid. */
  readonly workloads: readonly TunnelledWorkload[];
  /** All workloads, those too of which only their gateway is told. */
  readonly allWorkloads: readonly PlacedWorkload[];
  /** By namespace and name. */
  readonly authorizations: readonly Authorization[];
  /** What became of each AuthorizationPolicy. */
  readonly policies: readonly ConvertedPolicy[];
  /** The trust domain where it is not the usual one. */
  readonly trustDomain: string;
  /** The network of ztunnel, of all pods and of the addresses of services. */
  readonly network: string;
  /** Whether ztunnel takes care of a pod. */
  captures(workload: Workload): boolean;
  /** Whether an endpoint takes connections through tunnels (HBONE), as what is known of its address says. */
  tunnelsTo(endpoint: TunnelEnd): boolean;
  /** The host of the waypoint of a service, if it has one, and whether gateways are to go there too. */
  waypointOf(hostname: string, namespace: string): WaypointHost | undefined;
  /** The host of the waypoint through which gateways reach a service; undefined where they go to its endpoints. */
  ingressWaypoint(hostname: string, namespace: string): string | undefined;
}

/** What ambient mode depends on beside resources. */
export interface AmbientInput {
  readonly behaviours: Behaviours;
  readonly config: MeshConfig;
  readonly rootNamespace: string;
  readonly domainSuffix: string;
  readonly clusterId: string;
  proxyConfigOf(workload: Workload): ProxyConfig;
}

/** As istio pilot/pkg/serviceregistry/ambient. */
export function buildAmbient(resources: readonly Resource[], workloads: readonly Workload[], settings: AmbientInput): Ambient {
  const { behaviours, config, rootNamespace, domainSuffix, clusterId, proxyConfigOf } = settings;
  const { of } = groupByKind(resources);
  const namespaces = new Map(of('Namespace').map((namespace) => [namespace.name, namespace]));
  const labels = labelsOfNamespaces(resources);
  const namespaceLabels = (namespace: string) => labels.get(namespace) ?? {};
  const systemNamespace = 'istio-system';
  const network = localNetwork(namespaces.get(systemNamespace));
  const capture: CaptureSettings = { namespaceLabels, systemNamespace, proxyConfigOf };
  const waypoints = buildWaypoints(resources, workloads, domainSuffix);
  const bindings = createBindings(waypoints, namespaceLabels);
  const services = tunnelledServices(resources, {
    behaviours,
    domainSuffix,
    bindings,
    scopes: config.serviceScopeConfigs ?? [],
    namespaceLabels,
    namespaceAnnotations: (namespace) => namespaces.get(namespace)?.annotations,
  });
  const policies = of('AuthorizationPolicy').map((policy) =>
    convertPolicy(policy, rootNamespace, behaviours.ambientEnableDryRunAuthorizationPolicy),
  );
  const selecting = groupBy(
    policies.filter(({ authorization, selector }) => authorization !== undefined && selector !== undefined),
    ({ resource }) => resource.namespace,
  );
  const mutualTls = convertPeerAuthentications(of('PeerAuthentication'), rootNamespace);
  const trustDomain = config.trustDomain ?? domainSuffix;
  const implicit = behaviours.autoAllowWaypointPolicy
    ? [...waypoints.values()].flatMap((waypoint) => implicitPolicy(waypoint, trustDomain))
    : [];
  const implicitNames = new Set(implicit.map(qualifiedName));
  const allWorkloads = tunnelledWorkloads(resources, workloads, services, {
    behaviours,
    clusterId,
    network,
    capture,
    waypoints,
    bindings,
    policiesOf(workload, waypoint, ofWorkload) {
      const selected = [...new Set([rootNamespace, workload.namespace])].flatMap((namespace) =>
        (selecting.get(namespace) ?? []).filter(({ selector }) => selectedBy(selector, workload.labels)),
      );
      const strict = mutualTls.policiesOf(workload);
      return {
        policies: [
          ...selected.map(({ resource }) => qualifiedName(resource)).sort(),
          ...strict.policies,
          ...waypointPolicies(waypoint, ofWorkload).filter((name) => implicitNames.has(name)),
        ],
        mutualTls: strict.resource,
      };
    },
  });
  const placed = placeOnNetworks(allWorkloads, services, remoteGateways(of('KubernetesGateway')), {
    local: network,
    clusterId,
    trustDomain,
    spans: behaviours.ambientEnableMultiNetwork,
  });
  const known = [...placed.workloads].sort(byText(({ uid }) => uid));
  return {
    waypoints,
    services: [...placed.services].sort(byText(keyOfService)),
    workloads: known,
    allWorkloads,
    authorizations: [
      ...policies.flatMap(({ authorization }) => authorization ?? []),
      ...mutualTls.authorizations,
      ...implicit,
    ].sort(byText(qualifiedName)),
    policies,
    trustDomain: config.trustDomain === 'cluster.local' ? '' : (config.trustDomain ?? ''),
    network,
    captures: (workload) => isCaptured(workload, capture),
    ...createReach(placed.services, known, network, behaviours),
  };
}

function byText<T>(text: (value: T) => string): (a: T, b: T) => number {
  return (a, b) => compareText(text(a), text(b));
}

function implicitName({ namespace, name }: Waypoint): string {
  return `istio_allow_waypoint_${namespace}_${name}`;
}

/** What lets a waypoint in where other policies allow only some. As implicitWaypointPolicy. */
function implicitPolicy(waypoint: Waypoint, trustDomain: string): readonly Authorization[] {
  const { namespace, serviceAccounts } = waypoint;
  if (serviceAccounts.length === 0) return [];
  const principals = serviceAccounts.map((account) => ({
    exact: spiffeIdentity(trustDomain, namespace, account).replace('spiffe://', ''),
  }));
  return [
    {
      name: implicitName(waypoint),
      namespace,
      scope: 'WORKLOAD_SELECTOR',
      action: 'ALLOW',
      groups: [[[{ principals }]]],
      resource: waypoint.resource,
    },
  ];
}

/** The policies for the waypoints of the services, then for its own. As implicitWaypointPolicies. */
function waypointPolicies(own: Waypoint | undefined, services: readonly TunnelledService[]): readonly string[] {
  const ofServices = services.flatMap(({ binding: { waypoint } }) =>
    waypoint === undefined || waypoint === own ? [] : [waypoint],
  );
  return [...new Set(ofServices), ...(own === undefined ? [] : [own])].map(
    (waypoint) => `${waypoint.namespace}/${implicitName(waypoint)}`,
  );
}
