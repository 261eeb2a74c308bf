import { formatField } from '../../diagnostics/format-field.ts';
import { gatewayHasNoRule } from '../../diagnostics/problems/routing.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Service } from '../../model/registry/service.ts';
import { anyHostsOverlap } from '../../model/traffic/host.ts';
import { MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import { memo } from '../../util/memo.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { proxiesByAddress, subjectOfRule, type TrafficRule } from './support/traffic.ts';

/** Requests that are led to a gateway of the mesh which has no rules for them. */
export const ledToGateways: Analyzer = {
  name: 'mesh.virtualservice.LedToGateways',
  about: 'Rules of the mesh that lead to an egress gateway at which no rule has their hosts',
  reads: ['VirtualService', 'Gateway', 'Pod'],
  codes: [gatewayHasNoRule.code],
  needsAll: ['VirtualService', 'Gateway'],
  run: (reader, report) => {
    const mesh = reader.mesh();
    const proxies = mesh.proxies.filter(({ role }) => role === 'gateway');
    if (proxies.length === 0) return;
    const traffic = reader.traffic();
    const proxyAt = proxiesByAddress(proxies);
    // Many rules lead to one service.
    const gatewayBehind = memo((service: Service): Proxy | undefined => {
      const endpoints = service.ports.flatMap((port) => mesh.registry.endpointsOf(service, port));
      const found = endpoints.map(({ address }) => proxyAt.get(address));
      return found.includes(undefined) ? undefined : found[0];
    });
    for (const rule of traffic.rules) {
      if (rule.list !== 'http' || !rule.gateways.includes(MESH_GATEWAY) || rewritesHost(rule)) continue;
      const { hosts = [] } = rule.virtualService.spec;
      for (const { destination, path } of rule.destinations) {
        if (path[0] !== 'route') continue;
        const [service, ...others] = traffic.servicesOf(destination.host ?? '');
        if (service === undefined || others.length > 0) continue;
        const gateway = gatewayBehind(service);
        if (gateway === undefined) continue;
        const bound = mesh.gateways.select(gateway.labels, gateway.targets).map((one) => one.gateway);
        // A server that passes connections on to any service needs no rules.
        if (bound.some(({ spec }) => spec.servers?.some(({ tls }) => tls?.mode === 'AUTO_PASSTHROUGH'))) continue;
        const there = bound.flatMap((one) => traffic.rulesAt(fullName(one)));
        if (there.some((one) => anyHostsOverlap(one.virtualService.spec.hosts, hosts))) continue;
        const subject = subjectOfRule(rule, path);
        report(gatewayHasNoRule(subject, formatField(subject.path ?? []), fullName(gateway), `"${hosts.join('", "')}"`));
        break;
      }
    }
  },
};

/** A rule that changes the host asks the gateway for another one. */
function rewritesHost({ rule }: TrafficRule): boolean {
  return (
    ('rewrite' in rule && rule.rewrite?.authority !== undefined) || ('headers' in rule && rule.headers?.request !== undefined)
  );
}
