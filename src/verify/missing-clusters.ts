import type { HTTPRoute, VirtualService } from '../api/istio.gen.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { clusterMissing } from '../diagnostics/findings.ts';
import type { Route } from '../envoy/api.gen.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import type { Mesh } from '../model/mesh.ts';
import { createOriginFinder, subjectOf } from './subject.ts';

/**
 * Rules of VirtualServices whose cluster the proxy does not have, although the service exists. Of hosts and subsets that do not
 * exist at all Istio's analyzers tell (IST0101).
 */
export function createMissingClusterFinder(mesh: Mesh): (snapshot: XdsSnapshot) => readonly Diagnostic[] {
  const origins = createOriginFinder(mesh);
  return (snapshot) => {
    const known = new Set(snapshot.clusters.map(({ name }) => name));
    const proxy = `${snapshot.proxy.namespace}/${snapshot.proxy.name}`;
    const routes = snapshot.routes.flatMap(({ virtualHosts = [] }) => virtualHosts.flatMap((host) => host.routes ?? []));
    return routes.flatMap((route) => {
      const { resource, path } = origins.find(route) ?? {};
      const [, list, index] = path ?? [];
      if (resource?.kind !== 'VirtualService' || list !== 'http' || typeof index !== 'number') return [];
      const rule = (resource.spec as VirtualService).http?.[index];
      return clustersOf(route).flatMap((cluster) => {
        const [direction, port = '', subset, host = ''] = cluster.split('|');
        const services = mesh.registry.servicesOf(host);
        if (known.has(cluster) || direction !== 'outbound' || services.length === 0) return [];
        if (subset !== '' && known.has(`outbound|${port}||${host}`)) return [];
        const ports = [...new Set(services.flatMap((service) => service.ports.map((own) => String(own.port))))];
        // Where the rule names no port, that of the listener counts; the service need not be meant there.
        if (!ports.includes(port) && !portsOf(rule).has(port)) return [];
        const subject = subjectOf(resource, ['spec', 'http', index]);
        return [clusterMissing(subject, `spec.http[${index}]`, host, port, reasonFor(port, ports), proxy)];
      });
    });
  };
}

function reasonFor(port: string, ports: readonly string[]): string {
  if (ports.includes(port)) return 'it does not see the service (exportTo, or a Sidecar)';
  if (ports.length === 0) return 'the service has no ports';
  return `the service has only port${ports.length > 1 ? 's' : ''} ${ports.join(', ')}`;
}

/** The ports that destinations of a rule name. */
function portsOf(rule: HTTPRoute | undefined): ReadonlySet<string> {
  const destinations = [
    ...(rule?.route ?? []).map(({ destination }) => destination),
    rule?.mirror,
    ...(rule?.mirrors ?? []).map(({ destination }) => destination),
  ];
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
