import { hostWithoutService } from '../../diagnostics/problems/routing.ts';
import { hostsOverlap, isWildcard } from '../../model/traffic/host.ts';
import { MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import { groupBy } from '../../util/collections.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import { isWritten } from './support/traffic.ts';

/** VirtualServices for the mesh with hosts that are not in the registry. */
export const hostsWithoutService: Analyzer = {
  name: 'mesh.virtualservice.HostsWithoutService',
  about: 'VirtualServices for the mesh with hosts that no Service or ServiceEntry has',
  reads: ['VirtualService', 'Service', 'ServiceEntry'],
  codes: [hostWithoutService.code],
  needsAll: ['Service', 'ServiceEntry'],
  run: (reader, report) => {
    if (reader.list('VirtualService').length === 0) return;
    const { registry, virtualServices } = reader.mesh();
    const wildcards = registry.services.map(({ hostname }) => hostname).filter(isWildcard);
    const isKnown = (host: string): boolean =>
      registry.servicesOf(host).length > 0 ||
      wildcards.some((one) => hostsOverlap(one, host)) ||
      (isWildcard(host) && registry.services.some(({ hostname }) => hostsOverlap(host, hostname)));
    const byLabel = groupBy(
      registry.services.map(({ hostname }) => hostname),
      firstLabel,
    );
    for (const resource of virtualServices.all) {
      const { hosts = [], gateways = [], http = [], tls = [], tcp = [] } = resource.spec;
      // At a gateway, hosts are those of clients outside.
      if (!isWritten(resource) || gateways.some((gateway) => gateway !== MESH_GATEWAY)) continue;
      const unknown = hosts.filter((host) => !isKnown(host));
      const [first] = unknown;
      if (first === undefined) continue;
      const lists = [
        ...(http.length > 0 ? ['http'] : []),
        ...(tls.length > 0 ? ['tls'] : []),
        ...(tcp.length > 0 ? ['tcp'] : []),
      ];
      // What has no rules left (delegates) is told of elsewhere.
      if (lists.length === 0) continue;
      const near = byLabel.get(firstLabel(first)) ?? [];
      const path = ['spec', 'hosts', hosts.indexOf(first)];
      report(hostWithoutService(at(resource, path), unknown.join('", "'), lists, near.length === 1 ? near[0] : undefined));
    }
  },
};

function firstLabel(host: string): string {
  const dot = host.indexOf('.');
  return dot === -1 ? host : host.slice(0, dot);
}
