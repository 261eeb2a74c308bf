import type { HTTPRoute } from '../../api/istio.gen.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { hostHeaderKept } from '../../diagnostics/problems/routing.ts';
import { isHttp } from '../../model/protocol.ts';
import type { Service } from '../../model/registry/service.ts';
import { hostCovers, isHostHeader, isWildcard } from '../../model/traffic/host.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { portOf, subjectOfRule } from './support/traffic.ts';

/** Rules that send requests for one host to another one outside of the mesh; Envoy leaves the Host header unless a rule rewrites it. */
export const keptHosts: Analyzer = {
  name: 'mesh.virtualservice.KeptHosts',
  about: 'Rules that lead to a host outside of the mesh and leave the Host header of the client',
  reads: ['VirtualService', 'HTTPRoute', 'ServiceEntry'],
  codes: [hostHeaderKept.code],
  run: (reader, report) => {
    if (reader.list('ServiceEntry').length === 0) return;
    const traffic = reader.traffic();
    const told = new Set<string>();
    for (const rule of traffic.rules) {
      if (rule.list !== 'http' || setsHost(rule.rule)) continue;
      const { hosts = [] } = rule.virtualService.spec;
      for (const { destination, path } of rule.destinations) {
        const host = destination.host ?? '';
        // A copy of the request has a Host header of its own.
        if (path[0] !== 'route' || isWildcard(host) || hosts.some((own) => hostCovers(own, host))) continue;
        const services = traffic.servicesOf(host);
        const isOutside =
          services.length > 0 && services.every(({ meshExternal, resolution }) => meshExternal && resolution === 'dns');
        if (!isOutside || !services.some((service) => isNamedThere(service, host))) continue;
        const ports = services.map((service) => portOf(service, destination)?.protocol);
        if (!ports.every((protocol) => protocol === undefined || isHttp(protocol) || protocol === 'HTTPS')) continue;
        const key = `${rule.resource.kind} ${fullName(rule.resource)} ${host}`;
        if (told.has(key)) continue;
        told.add(key);
        const subject = subjectOfRule(rule, path);
        report(hostHeaderKept(subject, formatField(subject.path ?? []), host, hosts.join(', ')));
      }
    }
  },
};

/** Endpoints of its own are servers that somebody has chosen, and that may know the host. */
function isNamedThere({ resource }: Service, host: string): boolean {
  return resource.kind === 'ServiceEntry' && (resource.spec.endpoints ?? []).every(({ address }) => address === host);
}

function setsHost(rule: HTTPRoute): boolean {
  const { rewrite, headers, route = [] } = rule;
  const sets = (one: HTTPRoute['headers']): boolean =>
    [...Object.keys(one?.request?.set ?? {}), ...Object.keys(one?.request?.add ?? {})].some(isHostHeader);
  return (rewrite?.authority ?? '') !== '' || sets(headers) || route.some((one) => sets(one.headers));
}
