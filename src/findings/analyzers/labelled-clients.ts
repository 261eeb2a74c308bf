import type { HTTPRoute } from '../../api/istio.gen.ts';
import { onlyLabelledClients } from '../../diagnostics/problems/virtual-services.ts';
import { gatewaysOf, MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

/** VirtualServices for some clients only: istio core/route BuildHTTPRoutesForVirtualService leaves out the rules for others. */
export const labelledClients: Analyzer = {
  name: 'mesh.virtualservice.SourceLabels',
  about: 'VirtualServices whose rules are all for clients with certain labels, so that others use the default route',
  reads: ['VirtualService'],
  codes: [onlyLabelledClients.code],
  run: (reader, report) => {
    for (const resource of reader.list('VirtualService')) {
      const { http = [] } = resource.spec;
      if (http.length === 0 || !gatewaysOf(resource).includes(MESH_GATEWAY)) continue;
      if (http.every(isForSomeClients)) report(onlyLabelledClients(at(resource, ['spec', 'http']), 'spec.http'));
    }
  },
};

function isForSomeClients({ match = [] }: HTTPRoute): boolean {
  return (
    match.length > 0 &&
    match.every(({ sourceLabels = {}, sourceNamespace = '' }) => Object.keys(sourceLabels).length > 0 || sourceNamespace !== '')
  );
}
