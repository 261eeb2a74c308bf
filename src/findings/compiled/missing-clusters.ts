import type { HTTPRoute, TCPRoute, TLSRoute } from '../../api/istio.gen.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { clusterMissing } from '../../diagnostics/problems/compiled.ts';
import { collectorMissing } from '../../diagnostics/problems/refusals.ts';
import { hostUnderWildcard, subsetNotUsedHere } from '../../diagnostics/problems/routing.ts';
import type { Route, RouteConfiguration } from '../../envoy/api.gen.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Service } from '../../model/registry/service.ts';
import { hostCovers, isWildcard } from '../../model/traffic/host.ts';
import { isVisible } from '../../model/traffic/visibility.ts';
import { assertNever } from '../../util/assert.ts';
import { memo } from '../../util/memo.ts';
import { at } from '../subject.ts';
import { createOriginFinder, type OriginFinder } from './origins.ts';
import type { Blame } from './refusals/blame.ts';
import type { Inspected } from './refusals/inspect.ts';
import { outwards } from './refusals/place.ts';
import type { ClusterReference, Purpose } from './refusals/references.ts';
import { createSubsetFinder, type SubsetFinder } from './subsets.ts';

/** A cluster that a proxy does not have, although the service exists. */
interface MissingService {
  readonly kind: 'service';
  readonly host: string;
  readonly port: string;
  readonly reason: string;
  /** Whether the service has the port. */
  readonly hasPort: boolean;
  /** Whether it is another name for a service (ExternalName), with ports of its own. */
  readonly isAlias: boolean;
}

/** A subset that the DestinationRule of a proxy does not have, although some other one has it. */
interface MissingSubset {
  readonly kind: 'subset';
  readonly host: string;
  readonly port: string;
  readonly subset: string;
}

/** A host that only the wildcard of a service covers. */
interface MissingHost {
  readonly kind: 'host';
  readonly host: string;
  readonly port: string;
  readonly wildcard: string;
}

/** What a cluster that is not there was for; `copies` are requests that are mirrored. */
type Lost = 'requests' | 'copies' | 'connections';

type Missing = MissingService | MissingSubset | MissingHost;

/**
 * Clusters that rules, filters and providers name and that the proxy does not have, although the service exists. Of hosts and subsets
 * that do not exist at all Istio's analyzers tell (IST0101). `others` are clusters that the proxy has beside those of the snapshot.
 */
export function createMissingClusterFinder(
  mesh: Mesh,
  providerOf: (reference: ClusterReference, snapshot: XdsSnapshot) => Blame,
): (snapshot: XdsSnapshot, resources: readonly Inspected[], others?: ReadonlySet<string>) => readonly Diagnostic[] {
  const origins = createOriginFinder(mesh);
  const subsets = createSubsetFinder(mesh);
  // Proxies share route configurations.
  const referencesOf = memo(routeReferences);
  const wildcards = mesh.registry.services.map(({ hostname }) => hostname).filter(isWildcard);
  return (snapshot, resources, others) => {
    const own = new Set(snapshot.clusters.map(({ name }) => name));
    const known = { has: (name: string) => own.has(name) || others?.has(name) === true };
    const missing = (cluster: string): Missing | undefined => {
      if (known.has(cluster)) return undefined;
      const [direction, port = '', subset = '', host = ''] = cluster.split('|');
      if (direction !== 'outbound') return undefined;
      if (mesh.registry.servicesOf(host).length === 0) {
        const wildcard = wildcards.find((one) => hostCovers(one, host));
        return wildcard === undefined ? undefined : { kind: 'host', host, port, wildcard };
      }
      if (subset === '' || !known.has(`outbound|${port}||${host}`))
        return missingService(mesh, snapshot.proxy.namespace, host, port);
      return subsets.definedBy(host, subset).length === 0 ? undefined : { kind: 'subset', host, port, subset };
    };
    return [
      ...missingInRoutes(snapshot, referencesOf, origins, subsets, missing),
      ...resources.flatMap(({ what, references }) =>
        references.flatMap((reference) => {
          const found = missing(reference.cluster);
          if (found === undefined) return [];
          if (reference.purpose === 'connection') return missingInConnection(reference, found, snapshot, origins, subsets);
          // Providers name whole services.
          if (found.kind !== 'service') return [];
          return missingOfProvider(providerOf(reference, snapshot), reference, found, what, snapshot);
        }),
      ),
    ];
  };
}

function missingService(mesh: Mesh, namespace: string, host: string, port: string): MissingService {
  const services = mesh.registry.servicesOf(host);
  const ports = [...new Set(services.flatMap((service) => service.ports.map((own) => String(own.port))))];
  const isAlias = ports.length > 0 && services.every(({ externalName }) => externalName !== '');
  const reason = reasonFor(namespace, services, port, ports);
  return { kind: 'service', host, port, reason, hasPort: ports.includes(port), isAlias };
}

function reasonFor(namespace: string, services: readonly Service[], port: string, ports: readonly string[]): string {
  if (ports.includes(port)) {
    const [first] = services;
    if (first !== undefined && !services.some(({ visibility }) => isVisible(visibility, namespace)))
      return `it does not see the service, since ${first.resource.kind} ${first.resource.namespace}/${first.resource.name} is not exported to namespace ${namespace} (exportTo)`;
    return 'it does not see the service (a Sidecar leaves it out, or its exportTo)';
  }
  if (ports.length === 0) return 'the service has no ports';
  return `the service has only port${ports.length > 1 ? 's' : ''} ${ports.join(', ')}`;
}

function missingInRoutes(
  snapshot: XdsSnapshot,
  referencesOf: (routes: RouteConfiguration) => readonly RouteReference[],
  origins: OriginFinder,
  subsets: SubsetFinder,
  missing: (cluster: string) => Missing | undefined,
): readonly Diagnostic[] {
  return snapshot.routes.flatMap((routes) =>
    referencesOf(routes).flatMap(({ route, cluster, isCopy }) => {
      const found = missing(cluster);
      return found === undefined ? [] : missingOfRule(route, found, isCopy ? 'copies' : 'requests', snapshot, origins, subsets);
    }),
  );
}

function missingInConnection(
  { place }: ClusterReference,
  found: Missing,
  snapshot: XdsSnapshot,
  origins: OriginFinder,
  subsets: SubsetFinder,
): readonly Diagnostic[] {
  return [...outwards(place)]
    .flatMap(({ value }) => missingOfRule(value, found, 'connections', snapshot, origins, subsets))
    .slice(0, 1);
}

/** Of the rule of a VirtualService that made a value. */
function missingOfRule(
  value: unknown,
  missing: Missing,
  what: Lost,
  { proxy }: XdsSnapshot,
  origins: OriginFinder,
  subsets: SubsetFinder,
): readonly Diagnostic[] {
  const { resource, path } = origins.find(value) ?? {};
  if (resource !== undefined && path !== undefined && missing.kind === 'service' && BACKEND_KINDS.has(resource.kind)) {
    const consequence = consequenceOf(what, missing, statusOf(value), proxy);
    return [clusterMissing(at(resource, path), formatField(path), consequence, missing.reason, 'correct the backend')];
  }
  const [, list, index] = path ?? [];
  if (resource?.kind !== 'VirtualService' || typeof index !== 'number') return [];
  const { http, tls, tcp } = resource.spec;
  const rule = list === 'http' ? http?.[index] : list === 'tls' ? tls?.[index] : list === 'tcp' ? tcp?.[index] : undefined;
  const { host, port } = missing;
  // Where the rule names no port, that of the listener counts; the service need not be meant there. An alias stands for another service
  // and is meant wherever that is.
  const isMeant = missing.kind !== 'service' || missing.hasPort || missing.isAlias;
  if (rule === undefined || (!isMeant && !portsOf(rule).has(port))) return [];
  const consequence = consequenceOf(what, missing, 503, proxy);
  const subject = at(resource, ['spec', String(list), index]);
  const field = `spec.${String(list)}[${index}]`;
  switch (missing.kind) {
    case 'service':
      return [clusterMissing(subject, field, consequence, missing.reason, 'correct the destination')];
    case 'subset': {
      const unused = subsets.unusedBy(proxy, host, missing.subset);
      return [subsetNotUsedHere(subject, field, consequence, missing.subset, unused)];
    }
    case 'host':
      return [hostUnderWildcard(subject, field, consequence, host, missing.wildcard)];
    default:
      return assertNever(missing);
  }
}

/** The kinds whose backends always name a port. */
const BACKEND_KINDS: ReadonlySet<string> = new Set(['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute', 'Ingress']);

/** What a route answers whose cluster is not there: routes of the Gateway API ask for 500. */
function statusOf(value: unknown): number {
  const route = (value as Partial<Route>).route;
  return route?.clusterNotFoundResponseCode === 'INTERNAL_SERVER_ERROR' ? 500 : 503;
}

function consequenceOf(what: Lost, { host, port }: Missing, status: number, { namespace, name }: XdsSnapshot['proxy']): string {
  const by = `${namespace}/${name}`;
  switch (what) {
    case 'requests':
      return `requests to "${host}" port ${port} get status ${status} from ${by}`;
    case 'copies':
      return `${by} mirrors no requests to "${host}" port ${port}`;
    case 'connections':
      return `connections to "${host}" port ${port} are closed by ${by}`;
    default:
      return assertNever(what);
  }
}

/** What fails where a cluster for the purpose is not there. */
const failures: Readonly<Record<Exclude<Purpose, 'connection'>, string>> = {
  tracing: 'spans are lost',
  'access log': 'log entries are lost',
  authorization: 'the authorization of requests fails, which are then denied unless failures are let through',
  'rate limit': 'the limits are not asked for, and requests pass',
  processing: 'requests are not processed and fail',
  keys: 'no keys are fetched, and tokens are refused',
  code: 'the code is not fetched',
};

function missingOfProvider(
  { subject, field }: Blame,
  { purpose, isRefused }: ClusterReference,
  { host, port, reason }: MissingService,
  what: string,
  { proxy }: XdsSnapshot,
): readonly Diagnostic[] {
  if (purpose === 'connection') return [];
  const name = `${proxy.namespace}/${proxy.name}`;
  if (isRefused) return [collectorMissing(subject, field, host, what, name, reason)];
  const consequence = `${name} cannot send to "${host}" port ${port}: ${failures[purpose]}`;
  return [clusterMissing(subject, field, consequence, reason, 'let the proxy see the service, or name another one')];
}

/** The ports that destinations of a rule name. */
function portsOf(rule: HTTPRoute | TLSRoute | TCPRoute): ReadonlySet<string> {
  const { route = [], mirror, mirrors = [] }: Pick<HTTPRoute, 'route' | 'mirror' | 'mirrors'> = rule;
  const destinations = [...[...route, ...mirrors].map(({ destination }) => destination), mirror];
  return new Set(
    destinations.flatMap((destination) => (destination?.port === undefined ? [] : [String(destination.port.number)])),
  );
}

/** A route and a cluster that it sends to, or mirrors to. */
interface RouteReference {
  readonly route: Route;
  readonly cluster: string;
  readonly isCopy: boolean;
}

function routeReferences({ virtualHosts = [] }: RouteConfiguration): readonly RouteReference[] {
  const routes = virtualHosts.flatMap((host) => host.routes ?? []);
  return routes.flatMap((route) => [
    ...clustersOf(route).map((cluster) => ({ route, cluster, isCopy: false })),
    ...mirrorsOf(route).map((cluster) => ({ route, cluster, isCopy: true })),
  ]);
}

function clustersOf({ route }: Route): readonly string[] {
  const single = route?.cluster === undefined ? [] : [route.cluster];
  const weighted = (route?.weightedClusters?.clusters ?? []).flatMap(({ name }) => (name === undefined ? [] : [name]));
  return [...single, ...weighted];
}

function mirrorsOf({ route }: Route): readonly string[] {
  return (route?.requestMirrorPolicies ?? []).flatMap(({ cluster }) => (cluster === undefined ? [] : [cluster]));
}
