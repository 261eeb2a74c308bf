import type { Report } from '../../diagnostics/diagnostic.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { serviceSelectsNothing, targetPortUndeclared, targetPortUnknown } from '../../diagnostics/problems/services.ts';
import { selects } from '../../model/labels.ts';
import { SERVICE_NAME } from '../../model/registry/endpoint-slices.ts';
import type { Workload } from '../../model/registry/service.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { groupBy } from '../../util/collections.ts';
import { nearest } from '../../util/nearest.ts';
import { own } from '../../util/object.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import { formatSelector } from './support/selectors.ts';

/** Services that have no endpoints although their workload is there, for its labels or its ports are others. */
export const servicesWithoutEndpoints: Analyzer = {
  name: 'mesh.service.WithoutEndpoints',
  about: 'Services whose selector or target port is not that of the workload they seem to be meant for',
  reads: ['Service', 'Pod'],
  codes: [serviceSelectsNothing.code, targetPortUnknown.code, targetPortUndeclared.code],
  needsAll: ['Pod'],
  run: (reader, report) => {
    if (reader.list('Service').length === 0) return;
    const mesh = reader.mesh();
    const workloads = groupBy(
      mesh.registry.workloads.filter(({ kind, role }) => kind === 'Pod' && role === 'sidecar'),
      ({ namespace }) => namespace,
    );
    const services = resourcesOf(mesh.resources, 'Service').filter(({ spec }) => Object.keys(spec.selector ?? {}).length > 0);
    const byNamespace = groupBy(services, ({ namespace }) => namespace);
    // Written ones count, whatever the selector says.
    const withEndpoints = new Set([
      ...resourcesOf(mesh.resources, 'Endpoints').map(({ namespace, name }) => `${namespace}/${name}`),
      ...resourcesOf(mesh.resources, 'EndpointSlice').map(({ namespace, labels }) => `${namespace}/${labels[SERVICE_NAME]}`),
    ]);
    for (const service of services) {
      const here = workloads.get(service.namespace) ?? [];
      if (withEndpoints.has(`${service.namespace}/${service.name}`)) continue;
      const selected = here.filter(({ ownLabels }) => selects(service.spec.selector, ownLabels));
      if (selected.length > 0) checkPorts(service, selected, report);
      else checkSelector(service, here, byNamespace.get(service.namespace) ?? [], report);
    }
  },
};

function checkSelector(
  service: ResourceOf<'Service'>,
  here: readonly Workload[],
  services: readonly ResourceOf<'Service'>[],
  report: Report,
): void {
  const selector = service.spec.selector ?? {};
  const meant = here.find(
    (workload) =>
      isMeant(service.name, selector, workload) && !services.some(({ spec }) => selects(spec.selector, workload.ownLabels)),
  );
  if (meant === undefined) return;
  const labels = Object.fromEntries(Object.entries(meant.ownLabels).filter(([key]) => !OF_THE_INJECTOR.test(key)));
  report(
    serviceSelectsNothing(at(service, ['spec', 'selector']), formatSelector(selector), nameOf(meant), formatSelector(labels)),
  );
}

/** Labels that nobody writes. */
const OF_THE_INJECTOR = /^(service|security)\.istio\.io\/|^sidecar\.istio\.io\//;

/** Whether a workload is likely the one of a selector: of the name of the Service, or with labels that differ in one word or are misspelt. */
function isMeant(name: string, selector: Labels, { workloadName, ownLabels }: Workload): boolean {
  const keys = Object.keys(selector);
  const other = keys.filter((key) => own(ownLabels, key) !== own(selector, key));
  if (workloadName === name) return true;
  const [only] = other;
  if (other.length !== 1 || only === undefined) return false;
  const [wanted = '', has] = [own(selector, only), own(ownLabels, only)];
  // Of pods with a value of their own, such as another version, only a misspelt one is meant.
  if (has !== undefined) return wanted.length > 2 && !/\d/.test(wanted + has) && nearest(wanted, [has]) !== undefined;
  return keys.length > 1;
}

function checkPorts(service: ResourceOf<'Service'>, selected: readonly Workload[], report: Report): void {
  const ports = service.spec.ports ?? [];
  const names = new Set(selected.flatMap(({ containerPorts }) => containerPorts.map(({ name }) => name)));
  const [first] = selected;
  if (first === undefined) return;
  ports.forEach(({ port, targetPort = port, protocol = 'TCP' }, index) => {
    const path = ['spec', 'ports', index, 'targetPort'];
    if (typeof targetPort === 'string') {
      if (names.has(targetPort)) return;
      const known = [...names].filter((name) => name !== '');
      const those = known.length > 0 ? `they are named ${known.join(', ')}` : 'its ports have no names';
      report(targetPortUnknown(at(service, path), formatField(path), targetPort, nameOf(first), those));
      return;
    }
    // Of pods with several ports, or Services with several, each may well be one that is not declared.
    if (ports.length !== 1) return;
    const declared = new Set(
      selected.flatMap(({ containerPorts }) => containerPorts.filter((one) => one.protocol === protocol).map((one) => one.port)),
    );
    const [only] = declared;
    if (declared.size !== 1 || only === undefined || only === targetPort) return;
    if (selected.some(({ containerPorts }) => containerPorts.length === 0)) return;
    report(targetPortUndeclared(at(service, path), formatField(path), targetPort, nameOf(first), only));
  });
}

function nameOf({ namespace, workloadName, resource }: Workload): string {
  return `${resource.kind === 'Pod' && workloadName === resource.name ? 'Pod' : 'workload'} ${namespace}/${workloadName}`;
}
