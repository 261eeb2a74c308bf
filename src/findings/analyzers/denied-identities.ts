import { formatField } from '../../diagnostics/format-field.ts';
import { deniedIdentityPasses } from '../../diagnostics/problems/policy-effects.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { type MutualTlsMode, mutualTlsModeOfPort, type WorkloadMutualTls } from '../../model/security/peer-authentication.ts';
import type { AuthorizationPolicies } from '../../model/security/policies.ts';
import { memo } from '../../util/memo.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { type Demand, demandsOf, enforced, identityDemand, needsIdentity, type RuleDemands } from './support/authorization.ts';

/** Policies that deny by identity where clients may come without one. */
export const deniedIdentities: Analyzer = {
  name: 'mesh.authorizationpolicy.DeniedIdentities',
  about: 'AuthorizationPolicies that deny by identity what may come as plain text, without an identity',
  reads: ['AuthorizationPolicy', 'PeerAuthentication', 'Pod'],
  codes: [deniedIdentityPasses.code],
  needsAll: ['PeerAuthentication'],
  run: (reader, report) => {
    if (!reader.list('AuthorizationPolicy').some(({ spec }) => spec.action === 'DENY')) return;
    const mesh = reader.mesh();
    const rulesOf = memo(demandsOf);
    const rulesByIdentity = memo((policies: AuthorizationPolicies): readonly RuleDemands[] => {
      const rules = enforced(policies.deny).flatMap(rulesOf);
      const allow = enforced(policies.allow);
      const isClosed = allow.length > 0 && allow.flatMap(rulesOf).every(isByIdentity);
      return isClosed || rules.some(deniesPlainText) ? [] : rules.filter((rule) => identityDemand(rule) !== undefined);
    });
    const reported = new Set<RuleDemands>();
    for (const proxy of mesh.proxies) {
      if (proxy.role !== 'sidecar') continue;
      const policies = mesh.policies.authorizationPolicies(proxy);
      if (policies.deny.length === 0) continue;
      const mutualTls = mesh.peerAuthentications.forWorkload(proxy.namespace, proxy.labels);
      for (const rule of rulesByIdentity(policies)) {
        const demand = identityDemand(rule);
        const mode = reported.has(rule) ? undefined : plainTextMode(rule, mutualTls, proxy);
        if (demand === undefined || mode === undefined) continue;
        reported.add(rule);
        const field = formatField(demand.path);
        report(deniedIdentityPasses(at(rule.policy, demand.path), field, demand.key, fullName(proxy), mode));
      }
    }
  },
};

function isByIdentity(rule: RuleDemands): boolean {
  return rule.sources.every((source) => needsIdentity(source, rule));
}

/** Whether a rule denies whoever has no identity, wherever the request goes. */
function deniesPlainText({ sources, operations, conditions }: RuleDemands): boolean {
  const isNobody = ({ asked, values, notValues }: Demand): boolean =>
    asked === 'identity' && values.length === 0 && notValues.includes('*');
  if (operations.every((operation) => operation.length > 0)) return false;
  return sources.some((source) => {
    const demands = [...source, ...conditions];
    return demands.length > 0 && demands.every(isNobody);
  });
}

/** The mode of a port that a rule is for and that takes plain text. */
function plainTextMode({ operations }: RuleDemands, mutualTls: WorkloadMutualTls, proxy: Proxy): MutualTlsMode | undefined {
  const named = operations.map((operation) => operation.find(({ asked }) => asked === 'port')?.values ?? []);
  const isForAll = named.some((ports) => ports.length === 0);
  const ports = isForAll ? proxy.targets.map(({ targetPort }) => targetPort) : named.flat().map(Number);
  const modes = ports.length === 0 ? [mutualTls.mode] : ports.map((port) => mutualTlsModeOfPort(mutualTls, port));
  return modes.find((mode) => mode !== 'STRICT');
}
