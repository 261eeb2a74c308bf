import { hiddenFromGateway } from '../../diagnostics/problems/routing.ts';
import { MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import { isVisible, visibilityOf } from '../../model/traffic/visibility.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import { isWritten } from './support/traffic.ts';

/** VirtualServices that the proxies of their gateways do not see: those of the namespaces where the proxies run count. */
export const hiddenFromGateways: Analyzer = {
  name: 'mesh.virtualservice.HiddenFromGateways',
  about: 'VirtualServices that are not exported to the proxies of the Gateways that they are bound to',
  reads: ['VirtualService', 'Gateway', 'Pod'],
  codes: [hiddenFromGateway.code],
  needsAll: ['Pod'],
  run: (reader, report) => {
    const hidden = reader.list('VirtualService').some(({ spec }) => (spec.exportTo ?? []).length > 0);
    if (!hidden && (reader.meshConfig.defaultVirtualServiceExportTo ?? []).length === 0) return;
    const mesh = reader.mesh();
    for (const resource of mesh.virtualServices.all) {
      if (!isWritten(resource)) continue;
      const { exportTo, gateways = [] } = resource.spec;
      const visibility = visibilityOf(exportTo, resource.namespace, mesh.config.defaultVirtualServiceExportTo);
      if (visibility.everywhere) continue;
      for (const gateway of gateways) {
        if (gateway === MESH_GATEWAY) continue;
        const namespaces = reader
          .traffic()
          .gatewayClients(gateway)
          .map(({ namespace }) => namespace);
        if (namespaces.length === 0 || namespaces.some((namespace) => isVisible(visibility, namespace))) continue;
        report(hiddenFromGateway(at(resource, ['spec', 'exportTo']), gateway, namespaces.join(' and ')));
      }
    }
  },
};
