import type { Report } from '../../diagnostics/diagnostic.ts';
import { referencedResourceNotFound } from '../../diagnostics/problems/istio/general.ts';
import {
  ingressRouteRulesNotAffected,
  virtualServiceDestinationPortSelectorRequired,
} from '../../diagnostics/problems/istio/virtual-services.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { append } from '../../util/collections.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { type FoundDestination, mirrorDestinations, routeDestinations } from './support/destinations.ts';
import { reportEach } from './support/each.ts';
import { absentService } from './support/hosts.ts';
import { createServiceLookup, type KnownService } from './support/services.ts';

/** istio analyzers/virtualservice/destinationhosts.go. */
export const virtualServiceDestinations: Analyzer = {
  name: 'virtualservice.DestinationHostAnalyzer',
  about: 'Routes of VirtualServices lead to hosts and ports that exist, and to subsets only where those have an effect',
  reads: ['VirtualService', 'ServiceEntry', 'Service'],
  codes: [referencedResourceNotFound.code, virtualServiceDestinationPortSelectorRequired.code, ingressRouteRulesNotAffected.code],
  needsAll: ['Service', 'ServiceEntry'],
  run(reader, report) {
    const virtualServices = reader.list('VirtualService');
    if (virtualServices.length === 0) return;
    const lookup = createServiceLookup(reader);
    const withSubsets = virtualServicesWithSubsets(virtualServices);
    const checkAll = (resource: ResourceOf<'VirtualService'>, note: Report): void => {
      const check = (type: string, { destination, path }: FoundDestination): void => {
        const { host = '' } = destination;
        const service = lookup(host, resource.namespace, resource.spec.exportTo);
        if (service === undefined) {
          const absent = absentService(host, resource.namespace, reader.clusterDomain);
          note(referencedResourceNotFound({ ...at(resource, path), missingHost: host, absent }, type, host));
        } else checkPort(resource, { destination, path }, service, note);
      };
      for (const found of routeDestinations(resource.spec)) check('host', found);
      for (const found of mirrorDestinations(resource.spec)) check('mirror host', found);
    };
    reportEach(reader, 'destinations', 'VirtualService', () => [lookup], checkAll, report);
    for (const resource of virtualServices) reportUnusedSubsets(resource, withSubsets, report);
  },
};

function checkPort(
  resource: ResourceOf<'VirtualService'>,
  { destination, path }: FoundDestination,
  { ports }: KnownService,
  report: Report,
): void {
  const { host = '', port } = destination;
  if (port === undefined) {
    if (ports.length > 1) report(virtualServiceDestinationPortSelectorRequired(at(resource, path), host, ports));
    return;
  }
  const number = port.number ?? 0;
  if (!ports.includes(number)) report(referencedResourceNotFound(at(resource, path), 'host:port', `${host}:${number}`));
}

/** For each host, the names of the VirtualServices that are for it and route to subsets of it, once for each such route. */
function virtualServicesWithSubsets(resources: readonly ResourceOf<'VirtualService'>[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const resource of resources) {
    const { hosts = [], http = [] } = resource.spec;
    for (const { destination } of http.flatMap(({ route = [] }) => route)) {
      const host = destination?.host ?? '';
      if ((destination?.subset ?? '') === '' || !hosts.includes(host)) continue;
      append(names, host, fullName(resource));
    }
  }
  return names;
}

/** Subsets that one VirtualService chooses do not hold for another one that is bound to a gateway. */
function reportUnusedSubsets(
  resource: ResourceOf<'VirtualService'>,
  withSubsets: ReadonlyMap<string, readonly string[]>,
  report: Report,
): void {
  const { gateways = [], http = [] } = resource.spec;
  if (gateways.length === 0) return;
  http.forEach(({ name = '', route = [] }, rule) => {
    route.forEach(({ destination }, index) => {
      if ((destination?.subset ?? '') !== '') return;
      for (const other of withSubsets.get(destination?.host ?? '') ?? []) {
        // Istio looks for the line under the name of the rule instead of "http", and finds it only for rules of that name.
        const subject = at(resource, name === 'http' ? ['spec', 'http', rule, 'route', index, 'destination', 'host'] : undefined);
        report(ingressRouteRulesNotAffected(subject, other, fullName(resource)));
      }
    });
  });
}
