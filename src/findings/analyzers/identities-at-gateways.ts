import type { Server } from '../../api/istio.gen.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { identityNeverKnown } from '../../diagnostics/problems/policy-effects.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { targetRefsOf } from '../../model/security/policies.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { memo } from '../../util/memo.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { demandsOf, enforced, identityDemand, needsIdentity, type RuleDemands } from './support/authorization.ts';

/** Policies that let in by identity at gateways whose clients never show one. */
export const identitiesAtGateways: Analyzer = {
  name: 'mesh.authorizationpolicy.IdentitiesAtGateways',
  about: 'AuthorizationPolicies that allow by identity at gateways whose servers take no mutual TLS',
  reads: ['AuthorizationPolicy', 'Gateway'],
  codes: [identityNeverKnown.code],
  run: (reader, report) => {
    if (reader.list('AuthorizationPolicy').length === 0) return;
    const mesh = reader.mesh();
    const rulesOf = memo(demandsOf);
    const reported = new Set<RuleDemands>();
    for (const proxy of mesh.proxies) {
      if (proxy.role !== 'gateway') continue;
      const allow = enforced(mesh.policies.authorizationPolicies(proxy).allow);
      const servers = allow.length === 0 ? [] : serversOf(mesh, proxy);
      if (servers.length === 0 || servers.some(({ tls }) => isMutual(tls?.mode))) continue;
      const isOpen = allow.flatMap(rulesOf).some((rule) => rule.sources.some((source) => !needsIdentity(source, rule)));
      for (const policy of allow) {
        // One for all workloads is not meant for the gateway, if another one lets its clients in.
        if (isOpen && isForAll(policy)) continue;
        for (const rule of rulesOf(policy)) {
          const demand = identityDemand(rule);
          if (demand === undefined || reported.has(rule)) continue;
          reported.add(rule);
          report(identityNeverKnown(at(policy, demand.path), formatField(demand.path), demand.key, fullName(proxy)));
        }
      }
    }
  },
};

function isForAll({ spec }: ResourceOf<'AuthorizationPolicy'>): boolean {
  return targetRefsOf(spec).length === 0 && Object.keys(spec.selector?.matchLabels ?? {}).length === 0;
}

/** The servers at which policies hold: connections that AUTO_PASSTHROUGH passes on are none of theirs. */
function serversOf(mesh: Mesh, { labels, targets }: Proxy): readonly Server[] {
  return mesh.gateways
    .select(labels, targets)
    .flatMap(({ gateway }) => gateway.spec.servers ?? [])
    .filter(({ tls }) => tls?.mode !== 'AUTO_PASSTHROUGH');
}

function isMutual(mode: string | undefined): boolean {
  return mode === 'MUTUAL' || mode === 'ISTIO_MUTUAL' || mode === 'OPTIONAL_MUTUAL';
}

/** Whether some server of a gateway proxy learns who its clients are. */
export function learnsIdentities(mesh: Mesh, proxy: Proxy): boolean {
  return serversOf(mesh, proxy).some(({ tls }) => isMutual(tls?.mode));
}
