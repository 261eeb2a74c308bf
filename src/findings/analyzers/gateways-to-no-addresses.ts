import { formatField } from '../../diagnostics/format-field.ts';
import { gatewayToNoAddresses } from '../../diagnostics/problems/routing.ts';
import { MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { subjectOfRule } from './support/traffic.ts';

/** Rules that let a gateway send to where a client wanted to go, which it does not know; istio core/cluster.go convertResolution. */
export const gatewaysToNoAddresses: Analyzer = {
  name: 'mesh.virtualservice.GatewaysToNoAddresses',
  about: 'Rules for gateways that send to ServiceEntries of resolution NONE',
  reads: ['VirtualService', 'ServiceEntry'],
  codes: [gatewayToNoAddresses.code],
  run: (reader, report) => {
    const hasNone = reader.list('ServiceEntry').some(({ spec }) => (spec.resolution ?? 'NONE') === 'NONE');
    if (!hasNone) return;
    const { registry } = reader.mesh();
    for (const rule of reader.traffic().rules) {
      if (rule.gateways.every((gateway) => gateway === MESH_GATEWAY)) continue;
      for (const { destination, path } of rule.destinations) {
        const services = registry.servicesOf(destination.host ?? '');
        const [first] = services;
        const hasNowhere = services.every(
          (service) =>
            service.registry === 'External' &&
            service.resolution === 'passthrough' &&
            service.ports.every((port) => registry.endpointsOf(service, port).length === 0),
        );
        if (first === undefined || !hasNowhere) continue;
        const subject = subjectOfRule(rule, path);
        const consequence =
          rule.list === 'http' ? 'requests through the gateway get status 503' : 'connections through the gateway are closed';
        report(
          gatewayToNoAddresses(subject, formatField(subject.path ?? []), first.hostname, fullName(first.resource), consequence),
        );
      }
    }
  },
};
