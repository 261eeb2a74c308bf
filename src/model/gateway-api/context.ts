import type { ParentReference } from '../../api/gateway-api.ts';
import type { LabelSelector } from '../../api/kubernetes.ts';
import type { Diagnostic, Path } from '../../diagnostics/diagnostic.ts';
import type { Problem } from '../../diagnostics/problem.ts';
import type { Behaviours } from '../../releases/release.ts';
import { buildGatewayClasses } from '../../resource/gateway-classes.ts';
import { labelsOfNamespaces, matchesSelector } from '../../resource/namespaces.ts';
import type { Labels, Resource, ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { subjectAt } from '../../resource/subject.ts';
import { foreignWaypoints } from './foreign-waypoints.ts';
import { buildReferenceGrants, type ReferenceGrants } from './reference-grants.ts';

/** What the conversion depends on beside resources. */
interface GatewayApiSettings {
  readonly domainSuffix: string;
  readonly behaviours: Behaviours;
}

/** What the conversion of Gateway API resources looks things up in. */
export interface GatewayApiContext extends GatewayApiSettings {
  service(namespace: string, name: string): ResourceOf<'Service'> | undefined;
  serviceEntry(namespace: string, name: string): ResourceOf<'ServiceEntry'> | undefined;
  /** Whether a service of this hostname stands in the namespace. */
  hasHostname(namespace: string, hostname: string): boolean;
  secret(namespace: string, name: string): ResourceOf<'Secret'> | undefined;
  configMap(namespace: string, name: string): ResourceOf<'ConfigMap'> | undefined;
  namespaceLabels(name: string): Labels | undefined;
  /** Names of all namespaces, sorted, that a selector selects; those without a Namespace object have only the label of their name. */
  namespacesSelectedBy(selector: LabelSelector): readonly string[];
  /**
   * Whether a parent of routes of that namespace is a Gateway of another controller, a ListenerSet of one, or a service whose waypoint
   * is such a Gateway: none of Istio's business.
   */
  isOfOthers(parent: ParentReference, namespace: string): boolean;
  readonly grants: ReferenceGrants;
  /** Notes something that istiod refuses or leaves out; the same note twice is one. */
  note<A extends readonly unknown[]>(problem: Problem<A>, resource: Resource, path: Path, ...args: A): void;
}

/** Whether istiod reads TCPRoutes and serves listeners of protocol TCP. */
export function servesTcpRoutes({ enableAlphaGatewayApi, stableTcpRoutes }: Behaviours): boolean {
  return enableAlphaGatewayApi || stableTcpRoutes;
}

/** Whether istiod reads TLSRoutes and serves listeners of protocol TLS. */
export function servesTlsRoutes({ enableAlphaGatewayApi, stableTlsRoutes }: Behaviours): boolean {
  return enableAlphaGatewayApi || stableTlsRoutes;
}

/** Group of the Gateway API. */
export const GATEWAY_API_GROUP = 'gateway.networking.k8s.io';

/** `kind/namespace/name` of the Gateways of other controllers, and of the ListenerSets of these. */
function gatewaysOfOthers(resources: readonly Resource[]): ReadonlySet<string> {
  const classOf = buildGatewayClasses(resourcesOf(resources, 'GatewayClass'));
  const gateways = resourcesOf(resources, 'KubernetesGateway').filter(({ spec }) => classOf(spec.gatewayClassName) === 'other');
  const found = new Set(gateways.map(({ namespace, name }) => `Gateway/${namespace}/${name}`));
  for (const { namespace, name, spec } of resourcesOf(resources, 'ListenerSet')) {
    const { parentRef } = spec;
    if (found.has(`Gateway/${parentRef.namespace ?? namespace}/${parentRef.name}`)) found.add(`ListenerSet/${namespace}/${name}`);
  }
  return found;
}

/** Indexes what Gateway API resources refer to; `notes` receives what is noted. */
export function buildGatewayApiContext(
  resources: readonly Resource[],
  settings: GatewayApiSettings,
  notes: Map<string, Diagnostic>,
): GatewayApiContext {
  const services = byKey(resourcesOf(resources, 'Service'));
  const serviceEntries = byKey(resourcesOf(resources, 'ServiceEntry'));
  const secrets = byKey(resourcesOf(resources, 'Secret'));
  const configMaps = byKey(resourcesOf(resources, 'ConfigMap'));
  const hostnames = new Set(
    [...serviceEntries.values()].flatMap(({ namespace, spec }) => (spec.hosts ?? []).map((host) => `${namespace}/${host}`)),
  );
  const namespaces = labelsOfNamespaces(resources);
  const others = gatewaysOfOthers(resources);
  const hasForeignWaypoint = foreignWaypoints(resources, namespaces);
  const serviceOf = (group: string, kind: string, namespace: string, name: string): Resource | undefined => {
    if (group === '' && kind === 'Service') return services.get(`${namespace}/${name}`);
    return group === 'networking.istio.io' && kind === 'ServiceEntry' ? serviceEntries.get(`${namespace}/${name}`) : undefined;
  };
  return {
    ...settings,
    service: (namespace, name) => services.get(`${namespace}/${name}`),
    serviceEntry: (namespace, name) => serviceEntries.get(`${namespace}/${name}`),
    hasHostname: (namespace, hostname) =>
      hostnames.has(`${namespace}/${hostname}`) || services.has(serviceKey(namespace, hostname, settings.domainSuffix)),
    secret: (namespace, name) => secrets.get(`${namespace}/${name}`),
    configMap: (namespace, name) => configMaps.get(`${namespace}/${name}`),
    namespaceLabels: (name) => namespaces.get(name),
    isOfOthers: ({ group = GATEWAY_API_GROUP, kind = 'Gateway', namespace: named = '', name }, home) => {
      const namespace = named || home;
      if (group === GATEWAY_API_GROUP) return others.has(`${kind}/${namespace}/${name}`);
      if (!settings.behaviours.leavesForeignWaypointsAlone) return false;
      const service = serviceOf(group, kind, namespace, name);
      return service !== undefined && hasForeignWaypoint(service);
    },
    namespacesSelectedBy: (selector) =>
      [...namespaces]
        .filter(([, labels]) => matchesSelector(selector, labels))
        .map(([name]) => name)
        .sort(),
    grants: buildReferenceGrants(resourcesOf(resources, 'ReferenceGrant')),
    note: (problem, resource, path, ...args) => {
      const diagnostic = problem(subjectAt(resource, path), ...args);
      notes.set(JSON.stringify([diagnostic.code, diagnostic.message, diagnostic.resource, path]), diagnostic);
    },
  };
}

function byKey<R extends Resource>(resources: readonly R[]): ReadonlyMap<string, R> {
  return new Map(resources.map((resource) => [`${resource.namespace}/${resource.name}`, resource]));
}

function serviceKey(namespace: string, hostname: string, domainSuffix: string): string {
  const suffix = `.${namespace}.svc.${domainSuffix}`;
  return hostname.endsWith(suffix) ? `${namespace}/${hostname.slice(0, -suffix.length)}` : '';
}

/** What an Istio resource has that is made from one of the Gateway API, as old as that one, beside its kind and spec. */
export function derivedFrom(source: Resource, name: string, annotations: Labels): Omit<ResourceOf<DerivedKind>, 'kind' | 'spec'> {
  return {
    group: 'networking.istio.io',
    version: 'v1',
    name,
    namespace: source.namespace,
    labels: {},
    annotations,
    createdAt: source.createdAt ?? Number.NEGATIVE_INFINITY,
    document: source.document,
  };
}

/** The kinds that those of the Gateway API become. */
type DerivedKind = 'Gateway' | 'VirtualService' | 'DestinationRule';
