import { deploymentAssociatedToMultipleServices, deploymentConflictingPorts } from '../../diagnostics/problems/istio/services.ts';
import { selects } from '../../model/labels.ts';
import { MANAGED, MANAGED_WAYPOINT } from '../../resource/ambient-labels.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { groupBy } from '../../util/collections.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';

/** istio analyzers/deployment/services.go. */
export const deploymentServices: Analyzer = {
  name: 'deployment.MultiServiceAnalyzer',
  about: 'Services that share the pods of a Deployment agree on the protocols and target ports of their ports',
  reads: ['Service', 'Deployment', 'Namespace'],
  codes: [deploymentAssociatedToMultipleServices.code, deploymentConflictingPorts.code],
  run(reader, report) {
    const services = groupBy(
      reader.list('Service').filter(({ spec }) => Object.keys(spec.selector ?? {}).length > 0),
      ({ namespace }) => namespace,
    );
    for (const resource of reader.list('Deployment')) {
      if (resource.labels[MANAGED] === MANAGED_WAYPOINT) continue;
      if (!reader.pods.isTemplateInMesh(resource.spec.template ?? {}, resource.namespace)) continue;
      const matching = servicesOf(resource, services.get(resource.namespace) ?? []);
      const subject = (): ReturnType<typeof at> => at(resource, ['metadata', 'name']);
      for (const [port, names] of mixedProtocols(matching)) {
        report(deploymentAssociatedToMultipleServices(subject(), resource.name, port, names));
      }
      for (const [targetPort, ports] of sharedTargetPorts(matching)) {
        const numbers = [...ports.keys()].sort((a, b) => a - b);
        report(deploymentConflictingPorts(subject(), resource.name, [...ports.values()].sort(), targetPort, numbers));
      }
    }
  },
};

function servicesOf(
  { spec }: ResourceOf<'Deployment'>,
  services: readonly ResourceOf<'Service'>[],
): readonly ResourceOf<'Service'>[] {
  const labels = spec.template?.metadata?.labels ?? {};
  return services.filter((service) => selects(service.spec.selector, labels));
}

/** Port numbers that are used with several transport protocols, with the services that do. */
function mixedProtocols(services: readonly ResourceOf<'Service'>[]): ReadonlyMap<number, readonly string[]> {
  const uses = services.flatMap((service) =>
    (service.spec.ports ?? []).map(({ port, protocol = 'TCP' }) => ({ port, protocol, name: fullName(service) })),
  );
  const mixed = [...groupBy(uses, ({ port }) => port)].filter(([, list]) => new Set(list.map((use) => use.protocol)).size > 1);
  return new Map(mixed.map(([port, list]) => [port, list.map(({ name }) => name).sort()]));
}

/** Target ports to which several ports lead, with the last service of each of those. */
function sharedTargetPorts(services: readonly ResourceOf<'Service'>[]): ReadonlyMap<string, ReadonlyMap<number, string>> {
  const targets = new Map<string, Map<number, string>>();
  for (const service of services) {
    for (const { port, targetPort } of service.spec.ports ?? []) {
      const target = String(targetPort ?? port);
      const ports = targets.get(target) ?? new Map<number, string>();
      targets.set(target, ports.set(port, fullName(service)));
    }
  }
  return new Map([...targets].filter(([, ports]) => ports.size > 1));
}
