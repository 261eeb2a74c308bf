import { virtualServiceNeverUsed } from '../../diagnostics/problems/virtual-services.ts';
import type { Mesh } from '../../model/mesh.ts';
import { gatewaysOf, MESH_GATEWAY, routeSemantics, selectVirtualServices } from '../../model/traffic/virtual-services.ts';
import { type Visibility, visibilityOf } from '../../model/traffic/visibility.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { hostSelections } from '../../scope/host-selection.ts';
import { groupBy } from '../../util/collections.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';

/** Virtual services that no sidecar uses for a host, because another one has it too. Istio tells that they conflict (IST0109), not which one wins. */
export const competingVirtualServices: Analyzer = {
  name: 'mesh.virtualservice.CompetingForSidecars',
  about: 'VirtualServices whose rules no sidecar uses, because another one for the same host wins',
  reads: ['VirtualService', 'Sidecar'],
  codes: [virtualServiceNeverUsed.code],
  run: (reader, report) => {
    if (reader.list('VirtualService').length < 2) return;
    const mesh = reader.mesh();
    for (const [host, candidates] of competing(mesh)) {
      for (const candidate of candidates) {
        const winner = winnerOver(candidate, candidates);
        if (winner === undefined || isChosenBySidecar(mesh, host, candidate, candidates)) continue;
        report(virtualServiceNeverUsed(at(candidate.resource, ['spec', 'hosts']), host, fullName(winner.resource)));
      }
    }
  },
};

interface Candidate {
  readonly resource: ResourceOf<'VirtualService'>;
  readonly visibility: Visibility;
}

/** By host, the virtual services with http rules for sidecars, oldest first, where there are several. */
function competing(mesh: Mesh): readonly (readonly [string, readonly Candidate[]])[] {
  const entries = mesh.virtualServices.all
    .filter((resource) => (resource.spec.http ?? []).length > 0 && gatewaysOf(resource).includes(MESH_GATEWAY))
    .filter((resource) => routeSemantics(resource) === undefined)
    .flatMap((resource) => {
      const visibility = visibilityOf(resource.spec.exportTo, resource.namespace, mesh.config.defaultVirtualServiceExportTo);
      return (resource.spec.hosts ?? []).map((host) => ({ host, resource, visibility }));
    });
  return [...groupBy(entries, ({ host }) => host)].filter(([, group]) => group.length > 1);
}

/** The virtual service that wins wherever the candidate is seen; undefined where the candidate wins somewhere. */
function winnerOver(candidate: Candidate, all: readonly Candidate[]): Candidate | undefined {
  const { visibility } = candidate;
  if (visibility.everywhere) {
    const first = all.find((other) => other.visibility.everywhere);
    return first === candidate ? undefined : first;
  }
  if (visibility.nowhere) return undefined;
  const winners = [...visibility.namespaces].map((namespace) => firstIn(namespace, all));
  return winners.includes(candidate) ? undefined : winners[0];
}

/** What sidecars of a namespace take: what is its own, then what others export to it, then what is public. */
function firstIn(namespace: string, all: readonly Candidate[]): Candidate | undefined {
  const named = all.filter(({ visibility }) => !visibility.everywhere && visibility.namespaces.has(namespace));
  return (
    named.find(({ resource }) => resource.namespace === namespace) ??
    named[0] ??
    all.find(({ visibility }) => visibility.everywhere)
  );
}

/** Whether a Sidecar imports the candidate and none that would go before it. */
function isChosenBySidecar(mesh: Mesh, host: string, candidate: Candidate, all: readonly Candidate[]): boolean {
  const documents = new Set(all.map(({ resource }) => resource.document));
  return mesh.sidecars.some(({ namespace, spec }) =>
    (spec.egress ?? []).some((listener) => {
      const imported = selectVirtualServices(
        mesh.virtualServices,
        namespace,
        hostSelections(listener.hosts ?? [], namespace, mesh.release.behaviours),
        mesh.release.behaviours,
      );
      const first = imported.find(({ document, spec: { hosts = [] } }) => documents.has(document) && hosts.includes(host));
      return first?.document === candidate.resource.document;
    }),
  );
}
