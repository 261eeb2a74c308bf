import { backendPolicyAndRule } from '../../diagnostics/problems/destination-rules.ts';
import { PARENTS_ANNOTATION } from '../../model/gateways/gateways.ts';
import { effectivePolicy } from '../../model/traffic/traffic-policy.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import { isWritten } from './support/traffic.ts';

/** DestinationRules beside BackendTLSPolicies, which become rules for the same host. */
export const backendTlsRules: Analyzer = {
  name: 'mesh.destinationrule.BackendTlsPolicies',
  about: 'DestinationRules that lose to what a BackendTLSPolicy says for the same host, or void it',
  reads: ['DestinationRule', 'BackendTLSPolicy'],
  codes: [backendPolicyAndRule.code],
  run: (reader, report) => {
    if (reader.list('BackendTLSPolicy').length === 0 || reader.list('DestinationRule').length === 0) return;
    const mesh = reader.mesh();
    const reported = new Set<unknown>();
    const say = (rule: ResourceOf<'DestinationRule'>, policy: string, clients: string, loses: 'rule' | 'policy'): void => {
      if (reported.has(rule.document)) return;
      reported.add(rule.document);
      report(backendPolicyAndRule(at(rule, ['spec', 'host']), policy, rule.spec.host ?? '', clients, loses));
    };
    for (const made of mesh.resources) {
      if (made.kind !== 'DestinationRule' || isWritten(made)) continue;
      const policy = policyOf(made);
      if (policy === undefined) continue;
      const clients = new Set([made.namespace, ...mesh.proxies.map(({ namespace }) => namespace)]);
      for (const service of mesh.registry.servicesOf(made.spec.host ?? '')) {
        for (const client of clients) {
          const [used] = mesh.destinationRules.rulesFor(client, service);
          if (used === undefined) continue;
          const isMade = (rule: ResourceOf<'DestinationRule'>): boolean =>
            rule.name === made.name && rule.namespace === made.namespace;
          const where = `clients in namespace ${client}`;
          if (isMade(used.rule)) {
            // Whose policy comes first has all of it; subsets of the others are added.
            for (const rule of used.from.filter(({ spec }) => spec.trafficPolicy !== undefined)) {
              if (!isMade(rule) && isWritten(rule)) say(rule, policy, where, 'rule');
            }
          } else if (isWritten(used.rule) && !encrypts(used.rule, service.ports)) {
            say(used.rule, policy, where, 'policy');
          }
        }
      }
    }
  },
};

/** The BackendTLSPolicies that a rule was made from, for people. */
function policyOf({ annotations }: ResourceOf<'DestinationRule'>): string | undefined {
  const parents = annotations[PARENTS_ANNOTATION] ?? '';
  if (!parents.startsWith('BackendTLSPolicy/')) return undefined;
  return parents
    .split(',')
    .map((parent) => {
      const [kind = '', rest = ''] = parent.split('/');
      const dot = rest.indexOf('.');
      return `${kind} ${rest.slice(0, dot)}/${rest.slice(dot + 1)}`;
    })
    .join(', ');
}

/** Whether a rule says itself how to open TLS. */
function encrypts({ spec }: ResourceOf<'DestinationRule'>, ports: readonly { readonly port: number }[]): boolean {
  return ports.some(({ port }) => effectivePolicy(spec, '', port)?.tls !== undefined);
}
