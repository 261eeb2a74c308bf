import type { HTTPRoute, TCPRoute, TLSRoute } from '../../api/istio.gen.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { clusterMissing } from '../../diagnostics/problems/compiled.ts';
import { collectorMissing } from '../../diagnostics/problems/refusals.ts';
import type { Route } from '../../envoy/api.gen.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Blame } from './refusals/blame.ts';
import type { Inspected } from './refusals/inspect.ts';
import { outwards } from './refusals/place.ts';
import type { ClusterReference, Purpose } from './refusals/references.ts';
import { createOriginFinder, type OriginFinder, subjectOf } from './subject.ts';

/** A cluster that a proxy does not have, although the service exists. */
interface Missing {
  readonly host: string;
  readonly port: string;
  readonly reason: string;
  /** Whether the service has the port. */
  readonly hasPort: boolean;
}

/**
 * Clusters that rules, filters and providers name and that the proxy does not have, although the service exists. Of hosts and subsets
 * that do not exist at all Istio's analyzers tell (IST0101).
 */
export function createMissingClusterFinder(
  mesh: Mesh,
  providerOf: (reference: ClusterReference, snapshot: XdsSnapshot) => Blame,
): (snapshot: XdsSnapshot, resources: readonly Inspected[]) => readonly Diagnostic[] {
  const origins = createOriginFinder(mesh);
  return (snapshot, resources) => {
    const known = new Set(snapshot.clusters.map(({ name }) => name));
    const missing = (cluster: string): Missing | undefined => missingCluster(mesh, known, cluster);
    return [
      ...missingInRoutes(snapshot, origins, missing),
      ...resources.flatMap(({ what, references }) =>
        references.flatMap((reference) => {
          const found = missing(reference.cluster);
          if (found === undefined) return [];
          return reference.purpose === 'connection'
            ? missingInConnection(reference, found, snapshot, origins)
            : missingOfProvider(providerOf(reference, snapshot), reference, found, what, snapshot);
        }),
      ),
    ];
  };
}

function missingCluster(mesh: Mesh, known: ReadonlySet<string>, cluster: string): Missing | undefined {
  if (known.has(cluster)) return undefined;
  const [direction, port = '', subset, host = ''] = cluster.split('|');
  const services = mesh.registry.servicesOf(host);
  if (direction !== 'outbound' || services.length === 0) return undefined;
  if (subset !== '' && known.has(`outbound|${port}||${host}`)) return undefined;
  const ports = [...new Set(services.flatMap((service) => service.ports.map((own) => String(own.port))))];
  return { host, port, reason: reasonFor(port, ports), hasPort: ports.includes(port) };
}

function reasonFor(port: string, ports: readonly string[]): string {
  if (ports.includes(port)) return 'it does not see the service (exportTo, or a Sidecar)';
  if (ports.length === 0) return 'the service has no ports';
  return `the service has only port${ports.length > 1 ? 's' : ''} ${ports.join(', ')}`;
}

function missingInRoutes(
  snapshot: XdsSnapshot,
  origins: OriginFinder,
  missing: (cluster: string) => Missing | undefined,
): readonly Diagnostic[] {
  const routes = snapshot.routes.flatMap(({ virtualHosts = [] }) => virtualHosts.flatMap((host) => host.routes ?? []));
  return routes.flatMap((route) =>
    clustersOf(route).flatMap((cluster) => {
      const found = missing(cluster);
      return found === undefined ? [] : missingOfRule(route, found, 'requests', snapshot, origins);
    }),
  );
}

function missingInConnection(
  { place }: ClusterReference,
  found: Missing,
  snapshot: XdsSnapshot,
  origins: OriginFinder,
): readonly Diagnostic[] {
  return [...outwards(place)].flatMap(({ value }) => missingOfRule(value, found, 'connections', snapshot, origins)).slice(0, 1);
}

/** Of the rule of a VirtualService that made a value. */
function missingOfRule(
  value: unknown,
  { host, port, reason, hasPort }: Missing,
  what: 'requests' | 'connections',
  { proxy }: XdsSnapshot,
  origins: OriginFinder,
): readonly Diagnostic[] {
  const { resource, path } = origins.find(value) ?? {};
  const [, list, index] = path ?? [];
  if (resource?.kind !== 'VirtualService' || typeof index !== 'number') return [];
  const { http, tls, tcp } = resource.spec;
  const rule = list === 'http' ? http?.[index] : list === 'tls' ? tls?.[index] : list === 'tcp' ? tcp?.[index] : undefined;
  // Where the rule names no port, that of the listener counts; the service need not be meant there.
  if (rule === undefined || (!hasPort && !portsOf(rule).has(port))) return [];
  const name = `${proxy.namespace}/${proxy.name}`;
  const consequence =
    what === 'requests'
      ? `requests to "${host}" port ${port} get status 503 from ${name}`
      : `connections to "${host}" port ${port} are closed by ${name}`;
  const subject = subjectOf(resource, ['spec', String(list), index]);
  return [clusterMissing(subject, `spec.${String(list)}[${index}]`, consequence, reason, 'correct the destination')];
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
  { host, port, reason }: Missing,
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

function clustersOf({ route }: Route): readonly string[] {
  const single = route?.cluster === undefined ? [] : [route.cluster];
  const weighted = (route?.weightedClusters?.clusters ?? []).flatMap(({ name }) => (name === undefined ? [] : [name]));
  const mirrored = (route?.requestMirrorPolicies ?? []).flatMap(({ cluster }) => (cluster === undefined ? [] : [cluster]));
  return [...single, ...weighted, ...mirrored];
}
