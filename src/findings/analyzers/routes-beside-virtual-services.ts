import { formatField } from '../../diagnostics/format-field.ts';
import { routeBesideVirtualService } from '../../diagnostics/problems/routing.ts';
import { MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import { append } from '../../util/collections.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { isWritten, nameOfRule, type TrafficRule } from './support/traffic.ts';

/** HTTPRoutes for a Service beside a VirtualService for it: sidecars take the first of one host, and never join the two. */
export const routesBesideVirtualServices: Analyzer = {
  name: 'mesh.virtualservice.BesideRoutes',
  about: 'VirtualServices and HTTPRoutes for one Service, of which sidecars use one alone',
  reads: ['VirtualService', 'HTTPRoute'],
  codes: [routeBesideVirtualService.code],
  run: (reader, report) => {
    if (reader.list('VirtualService').length === 0) return;
    if (reader.list('HTTPRoute').length === 0 && reader.list('GRPCRoute').length === 0) return;
    const traffic = reader.traffic();
    const routes = new Map<string, TrafficRule[]>();
    const inMesh = traffic.rulesAt(MESH_GATEWAY).filter(({ list }) => list === 'http');
    for (const rule of inMesh) {
      if (isWritten(rule.virtualService)) continue;
      for (const host of rule.virtualService.spec.hosts ?? []) append(routes, host, rule);
    }
    const told = new Set<string>();
    for (const rule of inMesh) {
      const { virtualService } = rule;
      if (!isWritten(virtualService) || told.has(fullName(virtualService))) continue;
      const clients = new Set(traffic.clientsOf(rule).map(({ role, namespace }) => `${role} ${namespace}`));
      (virtualService.spec.hosts ?? []).forEach((host, index) => {
        const other = routes
          .get(host)
          ?.find((one) => traffic.clientsOf(one).some(({ role, namespace }) => clients.has(`${role} ${namespace}`)));
        if (other === undefined || told.has(fullName(virtualService))) return;
        told.add(fullName(virtualService));
        const path = ['spec', 'hosts', index];
        report(routeBesideVirtualService(at(virtualService, path), formatField(path), host, nameOfRule(other)));
      });
    }
  },
};
