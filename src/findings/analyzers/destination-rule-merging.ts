import { rulesKeptApart, subsetDefinedTwice, trafficPolicyIgnored } from '../../diagnostics/problems/destination-rules.ts';
import { compareByCreation } from '../../model/order.ts';
import { expandShortName } from '../../model/traffic/host.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { groupBy } from '../../util/collections.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';

/** Destination rules of one host that are not merged as one would think; model/traffic/destination-rules.ts says how they are. */
export const destinationRuleMerging: Analyzer = {
  name: 'mesh.destinationrule.Merging',
  about: 'DestinationRules of one host whose subsets, policies or exportTo get in the way of each other',
  reads: ['DestinationRule'],
  codes: [subsetDefinedTwice.code, trafficPolicyIgnored.code, rulesKeptApart.code],
  run: (reader, report) => {
    const hostOf = ({ spec, namespace }: ResourceOf<'DestinationRule'>): string =>
      expandShortName(spec.host ?? '', namespace, reader.clusterDomain);
    const written = reader.list('DestinationRule').filter(({ spec }) => spec.workloadSelector === undefined);
    for (const group of groupBy([...written].sort(compareByCreation), (rule) => `${rule.namespace}/${hostOf(rule)}`).values()) {
      group.forEach((later, index) => {
        const merged = group.slice(0, index).filter((earlier) => sameExport(earlier, later));
        const [first] = merged;
        if (first === undefined) {
          const [other] = group.slice(0, index);
          if (other !== undefined) report(rulesKeptApart(at(later, ['spec', 'exportTo']), hostOf(later), fullName(other)));
          return;
        }
        const withPolicy = merged.find(({ spec }) => spec.trafficPolicy !== undefined);
        if (later.spec.trafficPolicy !== undefined && withPolicy !== undefined) {
          const isSame = JSON.stringify(later.spec.trafficPolicy) === JSON.stringify(withPolicy.spec.trafficPolicy);
          if (!isSame) report(trafficPolicyIgnored(at(later, ['spec', 'trafficPolicy']), hostOf(later), fullName(withPolicy)));
        }
        (later.spec.subsets ?? []).forEach((subset, position) => {
          const definedBy = merged.find(({ spec }) => spec.subsets?.some(({ name }) => name === subset.name));
          const earlier = definedBy?.spec.subsets?.find(({ name }) => name === subset.name);
          if (definedBy === undefined || JSON.stringify(earlier) === JSON.stringify(subset)) return;
          report(subsetDefinedTwice(at(later, ['spec', 'subsets', position]), subset.name ?? '', fullName(definedBy)));
        });
      });
    }
  },
};

function sameExport(a: ResourceOf<'DestinationRule'>, b: ResourceOf<'DestinationRule'>): boolean {
  const targets = (rule: ResourceOf<'DestinationRule'>): string => [...new Set(rule.spec.exportTo)].sort().join();
  return targets(a) === targets(b);
}
