import { sidecarHidesDestination, sidecarHidesVirtualService } from '../../diagnostics/problems/sidecars.ts';
import type { Mesh } from '../../model/mesh.ts';
import { expandShortName, hostsOverlap, isWildcard } from '../../model/traffic/host.ts';
import { gatewaysOf, MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { hostSelections, importsService } from '../../scope/host-selection.ts';
import { groupBy } from '../../util/collections.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';

/**
 * Sidecars that hide what rules of their own namespace are for. A rule about a service of the namespace itself is for clients
 * elsewhere as well, and one that only some of the Sidecars hide is for the others: neither is told.
 */
export const hiddenBySidecar: Analyzer = {
  name: 'mesh.sidecar.HidesHosts',
  about: 'VirtualServices and DestinationRules for hosts that the Sidecars of their namespace do not import',
  reads: ['Sidecar', 'VirtualService', 'DestinationRule'],
  codes: [sidecarHidesVirtualService.code, sidecarHidesDestination.code],
  run: (reader, report) => {
    if (reader.list('Sidecar').length === 0) return;
    const mesh = reader.mesh();
    const virtualServices = resourcesOf(mesh.resources, 'VirtualService');
    const destinationRules = resourcesOf(mesh.resources, 'DestinationRule');
    for (const [namespace, sidecars] of groupBy(mesh.sidecars, (sidecar) => sidecar.namespace)) {
      const restricting = sidecars.find(({ spec }) => spec.workloadSelector === undefined && (spec.egress ?? []).length > 0);
      // Without a Sidecar for all, some workloads see everything. That of the root namespace is for all namespaces.
      if (restricting === undefined || namespace === mesh.rootNamespace) continue;
      const isHidden = (host: string, from: readonly string[]): boolean =>
        isForeign(mesh, host, namespace) && !sidecars.some((sidecar) => imports(mesh, sidecar, host, from));
      for (const virtualService of virtualServices) {
        if (virtualService.namespace !== namespace) continue;
        if (!gatewaysOf(virtualService).includes(MESH_GATEWAY)) continue;
        const full = (virtualService.spec.hosts ?? []).map((host) => expandShortName(host, namespace, mesh.domainSuffix));
        if (full.length === 0 || !full.every((host) => isHidden(host, [namespace]))) continue;
        report(sidecarHidesVirtualService(at(virtualService, ['spec', 'hosts']), full.join('", "'), fullName(restricting)));
      }
      for (const rule of destinationRules) {
        if (rule.namespace !== namespace) continue;
        const host = expandShortName(rule.spec.host ?? '', namespace, mesh.domainSuffix);
        const homes = mesh.registry.servicesOf(host).map((service) => service.namespace);
        if (homes.length === 0 || !isHidden(host, homes) || isRoutedTo(mesh, namespace, host, sidecars)) continue;
        report(sidecarHidesDestination(at(rule, ['spec', 'host']), host, fullName(restricting)));
      }
    }
  },
};

/** Whether the host is of services, and none of them is in the namespace. */
function isForeign(mesh: Mesh, host: string, namespace: string): boolean {
  const { registry } = mesh;
  const services = isWildcard(host)
    ? registry.services.filter(({ hostname }) => hostsOverlap(host, hostname))
    : registry.servicesOf(host);
  return services.length > 0 && services.every((service) => service.namespace !== namespace);
}

/** Whether an egress listener imports the host from one of these namespaces. */
function imports({ release }: Mesh, { spec, namespace }: ResourceOf<'Sidecar'>, host: string, from: readonly string[]): boolean {
  const egress = spec.egress ?? [];
  if (egress.length === 0) return true;
  return egress.some(({ hosts = [] }) => {
    const selections = hostSelections(hosts, namespace, release.behaviours);
    return ['*', ...from].some((source) => {
      const imported = selections.get(source);
      return imported !== undefined && (importsService(imported, host) || imported.all.some((name) => hostsOverlap(name, host)));
    });
  });
}

/** Whether a virtual service that the Sidecars import sends to the host, which makes the host reachable. */
function isRoutedTo(mesh: Mesh, namespace: string, host: string, sidecars: readonly ResourceOf<'Sidecar'>[]): boolean {
  return mesh.virtualServices.forGateway(namespace, MESH_GATEWAY).some(({ spec, namespace: home }) => {
    const destinations = [...(spec.http ?? []), ...(spec.tcp ?? []), ...(spec.tls ?? [])].flatMap(({ route = [] }) => route);
    if (!destinations.some(({ destination }) => destination?.host === host)) return false;
    return (spec.hosts ?? []).some((own) => sidecars.some((sidecar) => imports(mesh, sidecar, own, [home])));
  });
}
