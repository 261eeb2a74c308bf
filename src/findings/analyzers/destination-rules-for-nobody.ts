import { destinationRuleForNobody } from '../../diagnostics/problems/routing.ts';
import { expandShortName } from '../../model/traffic/host.ts';
import { resourcesOf } from '../../resource/select.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import { isWritten } from './support/traffic.ts';

/** DestinationRules in namespaces where no client looks for them; istio model/push_context.go destinationRule. */
export const destinationRulesForNobody: Analyzer = {
  name: 'mesh.destinationrule.ForNobody',
  about: 'DestinationRules in namespaces where no proxy looks for them',
  reads: ['DestinationRule', 'Pod', 'Service'],
  codes: [destinationRuleForNobody.code],
  needsAll: ['Pod'],
  run: (reader, report) => {
    if (reader.list('DestinationRule').length === 0) return;
    const mesh = reader.mesh();
    const inhabited = new Set([mesh.rootNamespace, ...mesh.proxies.map(({ namespace }) => namespace)]);
    // Where nothing runs at all, the clients stand elsewhere.
    if (mesh.proxies.length === 0) return;
    for (const rule of resourcesOf(mesh.resources, 'DestinationRule')) {
      if (inhabited.has(rule.namespace) || !isWritten(rule)) continue;
      const host = expandShortName(rule.spec.host ?? '', rule.namespace, mesh.domainSuffix);
      const homes = reader
        .traffic()
        .servicesOf(host)
        .map(({ namespace }) => namespace);
      const [home] = homes;
      if (home === undefined || homes.includes(rule.namespace)) continue;
      report(destinationRuleForNobody(at(rule, ['spec', 'host']), 'spec.host', host, rule.namespace, home));
    }
  },
};
