import { entryHidesPorts } from '../../diagnostics/problems/routing.ts';
import { isVisible } from '../../model/traffic/visibility.ts';
import { groupBy } from '../../util/collections.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';

/** ServiceEntries that hide ports of others from the clients of their namespace; istio model/sidecar.go. */
export const entriesThatHide: Analyzer = {
  name: 'mesh.serviceentry.HidesPorts',
  about: 'ServiceEntries that hide ports of ServiceEntries of other namespaces for the same host',
  reads: ['ServiceEntry', 'Pod'],
  codes: [entryHidesPorts.code],
  run: (reader, report) => {
    if (reader.list('ServiceEntry').length < 2) return;
    const entries = reader.mesh().registry.services.filter(({ registry }) => registry === 'External');
    for (const [hostname, group] of groupBy(entries, (service) => service.hostname)) {
      if (group.length < 2) continue;
      for (const { namespace } of reader.traffic().sidecars) {
        const seen = group.filter(({ visibility }) => isVisible(visibility, namespace));
        const own = seen.filter((service) => service.namespace === namespace);
        const [first] = own;
        if (first === undefined) continue;
        const known = new Set(own.flatMap(({ ports }) => ports.map(({ port }) => port)));
        for (const other of seen) {
          if (other.namespace === namespace) continue;
          const hidden = other.ports.map(({ port }) => port).filter((port) => !known.has(port));
          if (hidden.length === 0) continue;
          const subject = at(first.resource, ['spec', 'ports']);
          report(entryHidesPorts(subject, hostname, namespace, fullName(other.resource), hidden.join(', ')));
        }
      }
    }
  },
};
