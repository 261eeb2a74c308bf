import type { TrafficPolicy } from '../../api/istio.gen.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { stickyAcrossSubsets } from '../../diagnostics/problems/virtual-services.ts';
import { expandShortName } from '../../model/traffic/host.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';

/** Weights are drawn by the router before the load balancer of the chosen cluster hashes. */
export const stickySubsets: Analyzer = {
  name: 'mesh.virtualservice.StickySubsets',
  about: 'Weights between subsets or hosts with a consistent hash, which keep no session',
  reads: ['VirtualService', 'DestinationRule'],
  codes: [stickyAcrossSubsets.code],
  run: (reader, report) => {
    const hostOf = (host: string, namespace: string): string => expandShortName(host, namespace, reader.clusterDomain);
    const hashing = new Map(
      reader
        .list('DestinationRule')
        .filter(hashes)
        .map((rule) => [hostOf(rule.spec.host ?? '', rule.namespace), rule]),
    );
    if (hashing.size === 0) return;
    for (const resource of reader.list('VirtualService')) {
      (resource.spec.http ?? []).forEach(({ route = [] }, index) => {
        const drawn = route.filter(({ weight = 0 }) => weight > 0);
        const hosts = [...new Set(drawn.map(({ destination }) => destination?.host ?? ''))];
        for (const host of hosts) {
          const rule = hashing.get(hostOf(host, resource.namespace));
          const subsets = new Set(drawn.flatMap(({ destination }) => (destination?.host === host ? [destination.subset] : [])));
          if (rule === undefined || (subsets.size < 2 && hosts.length < 2)) continue;
          const across = subsets.size < 2 ? `"${hosts.join('" and "')}"` : 'subsets';
          const path = ['spec', 'http', index, 'route'];
          report(stickyAcrossSubsets(at(resource, path), formatField(path), host, fullName(rule), across));
        }
      });
    }
  },
};

function hashes({ spec: { trafficPolicy, subsets = [] } }: ResourceOf<'DestinationRule'>): boolean {
  return [trafficPolicy, ...subsets.map((subset) => subset.trafficPolicy)].some(hasHash);
}

function hasHash(policy: TrafficPolicy | undefined): boolean {
  return [policy, ...(policy?.portLevelSettings ?? [])].some((level) => level?.loadBalancer?.consistentHash !== undefined);
}
