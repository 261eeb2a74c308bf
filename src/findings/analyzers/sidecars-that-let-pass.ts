import { hiddenButReached } from '../../diagnostics/problems/routing.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Service } from '../../model/registry/service.ts';
import { hostsOverlap } from '../../model/traffic/host.ts';
import { MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import { isVisible } from '../../model/traffic/visibility.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { type HostSelections, hostSelections, importsService } from '../../scope/host-selection.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

/** As many Sidecars are told of one by one. */
const MOST_APART = 5;

/** Sidecars that hide services and let calls to them pass; once for each. */
export const sidecarsThatLetPass: Analyzer = {
  name: 'mesh.sidecar.LetsPass',
  about: 'Sidecars that hide services of the mesh while outbound traffic is ALLOW_ANY',
  reads: ['Sidecar', 'Service'],
  codes: [hiddenButReached.code],
  run: (reader, report) => {
    if (reader.list('Sidecar').length === 0) return;
    const mesh = reader.mesh();
    const { sidecars, config, registry } = mesh;
    const services = registry.services.filter((service) => service.registry === 'Kubernetes');
    const found: { readonly sidecar: ResourceOf<'Sidecar'>; readonly hidden: readonly [Service, ...Service[]] }[] = [];
    for (const sidecar of sidecars) {
      const { egress = [], outboundTrafficPolicy } = sidecar.spec;
      // With an egressProxy, calls do not go where they are meant to.
      if (egress.length === 0 || outboundTrafficPolicy?.egressProxy !== undefined) continue;
      if ((outboundTrafficPolicy ?? config.outboundTrafficPolicy)?.mode !== 'ALLOW_ANY') continue;
      const selections = egress.map(({ hosts = [] }) => hostSelections(hosts, sidecar.namespace, mesh.release.behaviours));
      const isHidden = hides(sidecar, selections, mesh);
      // The host of a route is imported with the route.
      const isRoutedTo = ({ hostname }: Service): boolean =>
        reader
          .traffic()
          .rulesTo(hostname)
          .some(({ virtualService, gateways }) => gateways.includes(MESH_GATEWAY) && importsAny(selections, virtualService));
      const hidden = services.filter((service) => isHidden(service) && service.ports.length > 0 && !isRoutedTo(service));
      const [first, ...others] = hidden;
      if (first !== undefined) found.push({ sidecar, hidden: [first, ...others] });
    }
    // One setting of the mesh is the cause of all of them.
    const told = found.length > MOST_APART ? found.slice(0, 1) : found;
    const untold = found.slice(told.length).map(({ sidecar }) => at(sidecar, ['spec', 'egress']).location);
    for (const { sidecar, hidden } of told) {
      const problem = hiddenButReached(at(sidecar, ['spec', 'egress']), hidden[0].hostname, hidden.length - 1, untold.length);
      const related = untold.flatMap((location) => (location === undefined ? [] : { message: 'also here', location }));
      report(related.length === 0 ? problem : { ...problem, related });
    }
  },
};

/** Whether no egress listener of a Sidecar imports a service; that of the root namespace is for clients of any namespace. */
function hides(
  { spec, namespace }: ResourceOf<'Sidecar'>,
  selections: readonly HostSelections[],
  { rootNamespace }: Pick<Mesh, 'rootNamespace'>,
): (service: Service) => boolean {
  const isForAll = namespace === rootNamespace && spec.workloadSelector === undefined;
  return (service) =>
    (isForAll || isVisible(service.visibility, namespace)) &&
    !selections.some((byNamespace) =>
      ['*', service.namespace].some((source) => {
        const imported = byNamespace.get(source);
        return imported !== undefined && importsService(imported, service.hostname);
      }),
    );
}

/** Whether an egress listener of a Sidecar imports a virtual service by one of its hosts. */
function importsAny(selections: readonly HostSelections[], { namespace, spec }: ResourceOf<'VirtualService'>): boolean {
  return selections.some((byNamespace) =>
    ['*', namespace].some((source) =>
      (spec.hosts ?? []).some((host) => byNamespace.get(source)?.all.some((imported) => hostsOverlap(imported, host))),
    ),
  );
}
