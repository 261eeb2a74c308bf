import { conflictingServiceEntryProtocol } from '../../diagnostics/problems/istio/services.ts';
import { hostOfKubernetesService, protocolsConflict } from '../../diagnostics/problems/services.ts';
import type { Service } from '../../model/registry/service.ts';
import { isVisible } from '../../model/traffic/visibility.ts';
import { groupBy } from '../../util/collections.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';

/** ServiceEntries that claim what another service has. */
export const serviceConflicts: Analyzer = {
  name: 'mesh.serviceentry.Conflicts',
  about: 'ServiceEntries with the host of another service: a Kubernetes Service, or one with other protocols',
  reads: ['ServiceEntry', 'Service'],
  codes: [protocolsConflict.code, hostOfKubernetesService.code],
  run: (reader, report) => {
    if (reader.list('ServiceEntry').length === 0) return;
    const { services } = reader.mesh().registry;
    for (const [hostname, group] of groupBy(services, (service) => service.hostname)) {
      const entries = group.filter(({ registry }) => registry === 'External');
      if (entries.length === 0 || group.length === 1) continue;
      const kubernetes = group.find(({ registry }) => registry === 'Kubernetes');
      for (const entry of entries) {
        const path = ['spec', 'hosts'];
        if (kubernetes !== undefined) {
          report(hostOfKubernetesService(at(entry.resource, path), hostname, `${kubernetes.namespace}/${kubernetes.name}`));
        }
      }
      // Where istioctl looks for it, its own analyzer tells.
      if (reader.release.codes.has(conflictingServiceEntryProtocol.code)) continue;
      entries.forEach((entry, index) => {
        // A protocol that is none, Istio's own analyzer tells.
        for (const port of entry.ports.filter(({ protocol }) => protocol !== 'Unsupported')) {
          const other = entries
            .slice(0, index)
            .filter((earlier) => earlier.resource.document !== entry.resource.document && seenTogether(earlier, entry))
            .find((earlier) =>
              earlier.ports.some(
                (own) => own.port === port.port && own.protocol !== port.protocol && own.protocol !== 'Unsupported',
              ),
            );
          const theirs = other?.ports.find((own) => own.port === port.port);
          if (other === undefined || theirs === undefined) continue;
          const subject = at(entry.resource, ['spec', 'ports']);
          report(protocolsConflict(subject, hostname, port.port, port.protocol, fullName(other.resource), theirs.protocol));
        }
      });
    }
  },
};

/** Whether some namespace sees both. */
function seenTogether(a: Service, b: Service): boolean {
  if (a.visibility.everywhere) return !b.visibility.nowhere;
  if (b.visibility.everywhere) return !a.visibility.nowhere;
  return [...a.visibility.namespaces].some((namespace) => isVisible(b.visibility, namespace));
}
