import type { HTTPRoute } from '../../api/istio.gen.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { gatewayFindsNoEndpoints, meshRulesBehindGateway } from '../../diagnostics/problems/routing.ts';
import type { Mesh } from '../../model/mesh.ts';
import { hostCovers, isWildcard } from '../../model/traffic/host.ts';
import { MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import { append } from '../../util/collections.ts';
import type { Analyzer } from './support/analyzer.ts';
import { nameOfRule, subjectOfRule, type TrafficRule } from './support/traffic.ts';

/** Rules of a service that requests from a gateway to it do not see. */
export const meshRulesBehindGateways: Analyzer = {
  name: 'mesh.virtualservice.BehindGateways',
  about: 'Rules for the mesh that do not run for requests that come through a gateway',
  reads: ['VirtualService', 'Gateway'],
  codes: [meshRulesBehindGateway.code, gatewayFindsNoEndpoints.code],
  run: (reader, report) => {
    const others = [...reader.list('HTTPRoute'), ...reader.list('GRPCRoute'), ...reader.list('Ingress')];
    if (reader.list('VirtualService').length < 2 && others.length === 0) return;
    const mesh = reader.mesh();
    const { rules } = reader.traffic();
    const forMesh = indexMeshRules(rules);
    const told = new Set<string>();
    for (const rule of rules) {
      if (rule.gateways.every((gateway) => gateway === MESH_GATEWAY)) continue;
      for (const { destination, path } of rule.destinations) {
        const host = destination.host ?? '';
        const other = forMesh(rule, host);
        if (other === undefined) continue;
        const key = `${nameOfRule(rule)} ${nameOfRule(other)} ${host}`;
        if (told.has(key)) continue;
        told.add(key);
        const subject = subjectOfRule(rule, path);
        const leadsOn = !other.virtualService.spec.http?.some(({ route = [] }) =>
          route.some((one) => one.destination?.host === host),
        );
        const problem = leadsOn && hasNoEndpoints(mesh, host) ? gatewayFindsNoEndpoints : meshRulesBehindGateway;
        report(problem(subject, formatField(subject.path ?? []), host, nameOfRule(other)));
      }
    }
  },
};

type RulesFinder = (rule: TrafficRule, host: string) => TrafficRule | undefined;

/** Finds a rule for the mesh alone, of the kind of a given rule, that does something for a host. */
function indexMeshRules(rules: readonly TrafficRule[]): RulesFinder {
  const byHost = new Map<string, TrafficRule[]>();
  const wildcards: { readonly host: string; readonly rule: TrafficRule }[] = [];
  for (const rule of rules) {
    const { gateways, hosts = [] } = rule.virtualService.spec;
    if (gateways?.some((gateway) => gateway !== MESH_GATEWAY)) continue;
    for (const host of hosts) {
      if (rule.list === 'http' && isPlain(rule, host)) continue;
      if (isWildcard(host)) wildcards.push({ host, rule });
      else append(byHost, host, rule);
    }
  }
  return ({ list }, host) =>
    byHost.get(host)?.find((rule) => rule.list === list) ??
    wildcards.find((one) => one.rule.list === list && hostCovers(one.host, host))?.rule;
}

/** Whether a rule does nothing but send to the host that it is for. */
function isPlain({ rule, destinations }: TrafficRule, host: string): boolean {
  const settings: HTTPRoute = rule;
  const { name: _name, match: _match, route = [], ...rest } = settings;
  return (
    Object.keys(rest).length === 0 &&
    route.every(({ headers }) => headers === undefined) &&
    destinations.every(({ destination }) => destination.host === host && destination.subset === undefined)
  );
}

/** Whether a Service has no endpoints, as far as the input can tell: its pods are not merely left out. */
function hasNoEndpoints({ registry }: Mesh, host: string): boolean {
  const services = registry.servicesOf(host);
  return (
    services.length > 0 &&
    services.every(
      (service) =>
        service.registry === 'Kubernetes' &&
        service.resolution === 'clientSide' &&
        service.externalName === '' &&
        service.ports.every((port) => registry.endpointsOf(service, port).length === 0) &&
        (service.selector === undefined || registry.workloads.some(({ namespace }) => namespace === service.namespace)),
    )
  );
}
