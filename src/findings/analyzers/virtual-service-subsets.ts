import { referencedResourceNotFound } from '../../diagnostics/problems/istio/general.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import { type FoundDestination, mirrorDestinations, routeDestinations } from './support/destinations.ts';
import { serviceNameOf } from './support/hosts.ts';

/** istio analyzers/virtualservice/destinationrules.go. */
export const virtualServiceSubsets: Analyzer = {
  name: 'virtualservice.DestinationRuleAnalyzer',
  about: 'The subsets that VirtualServices route to are defined in a DestinationRule',
  reads: ['VirtualService', 'DestinationRule'],
  codes: [referencedResourceNotFound.code],
  needsAll: ['DestinationRule'],
  run(reader, report) {
    const defined = new Set(
      reader
        .list('DestinationRule')
        .flatMap(({ namespace, spec }) =>
          (spec.subsets ?? []).map(
            ({ name = '' }) => `${serviceNameOf(spec.host ?? '', namespace, reader.clusterDomain)}+${name}`,
          ),
        ),
    );
    for (const resource of reader.list('VirtualService')) {
      const check = (type: string, { destination, path }: FoundDestination): void => {
        const { host = '', subset = '' } = destination;
        if (subset === '' || defined.has(`${serviceNameOf(host, resource.namespace, reader.clusterDomain)}+${subset}`)) return;
        report(referencedResourceNotFound(at(resource, path), type, `${host}+${subset}`));
      };
      for (const found of routeDestinations(resource.spec)) check('host+subset in destinationrule', found);
      for (const found of mirrorDestinations(resource.spec)) check('mirror+subset in destinationrule', found);
    }
  },
};
