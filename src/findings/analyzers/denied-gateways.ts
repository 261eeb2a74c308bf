import { formatField } from '../../diagnostics/format-field.ts';
import { gatewayDenied } from '../../diagnostics/problems/policy-effects.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Service } from '../../model/registry/service.ts';
import { memo } from '../../util/memo.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { type Demand, demandsOf, enforced, type RuleDemands } from './support/authorization.ts';
import { portOf, proxiesByAddress, subjectOfRule } from './support/traffic.ts';

/** Policies of workloads that leave the gateways out which lead requests to them. */
export const deniedGateways: Analyzer = {
  name: 'mesh.authorizationpolicy.DeniedGateways',
  about: 'Rules at gateways that lead to workloads whose AuthorizationPolicies let in others alone, by identity',
  reads: ['AuthorizationPolicy', 'VirtualService', 'HTTPRoute', 'Ingress', 'Pod'],
  codes: [gatewayDenied.code],
  needsAll: ['AuthorizationPolicy'],
  run: (reader, report) => {
    if (!reader.list('AuthorizationPolicy').some(({ spec }) => (spec.action ?? 'ALLOW') === 'ALLOW')) return;
    const mesh = reader.mesh();
    // Behind a waypoint, it is that which the workloads see.
    if (mesh.ambient !== undefined) return;
    const traffic = reader.traffic();
    const proxyAt = proxiesByAddress(mesh.proxies);
    const rulesOf = memo(demandsOf);
    // Many rules lead to one service.
    const denyingOf = memo((service: Service, port: number | undefined, gateway: Proxy) =>
      denyingPolicies(mesh, service, port, proxyAt, rulesOf, gateway),
    );
    const told = new Set<string>();
    for (const rule of traffic.rules) {
      for (const client of traffic.clientsOf(rule)) {
        const [gateway] = client.proxies;
        if (gateway === undefined || client.role !== 'gateway') continue;
        for (const { destination, path } of rule.destinations) {
          const service = traffic.serviceFor(client.namespace, destination.host ?? '');
          if (service === undefined) continue;
          const denying = denyingOf(service, portOf(service, destination)?.port, gateway);
          if (denying.length === 0) continue;
          const subject = subjectOfRule(rule, path);
          const field = formatField(subject.path ?? []);
          const key = `${fullName(rule.resource)} ${rule.resource.kind} ${service.hostname} ${fullName(gateway)}`;
          if (told.has(key)) continue;
          told.add(key);
          const policies = `AuthorizationPolicy ${denying.join(' and ')}`;
          const identity = `${mesh.config.trustDomain ?? 'cluster.local'}/ns/${gateway.namespace}/sa/${gateway.serviceAccount}`;
          report(gatewayDenied(subject, field, fullName(gateway), service.hostname, policies, identity));
        }
      }
    }
  },
};

/** The ALLOW policies by which every server of a service denies a gateway; none where some server lets it in, or nobody knows. */
function denyingPolicies(
  mesh: Mesh,
  service: Service,
  port: number | undefined,
  proxyAt: ReadonlyMap<string, Proxy>,
  rulesOf: (policy: RuleDemands['policy']) => readonly RuleDemands[],
  gateway: Proxy,
): readonly string[] {
  const ports = service.ports.filter((own) => port === undefined || own.port === port);
  const endpoints = ports.flatMap((own) => mesh.registry.endpointsOf(service, own));
  const names = new Set<string>();
  for (const { address } of endpoints) {
    const server = proxyAt.get(address);
    if (server === undefined || server.role !== 'sidecar') return [];
    const allow = enforced(mesh.policies.authorizationPolicies(server).allow);
    // A policy without rules says that nobody is let in, and so does each of the others.
    if (allow.length === 0 || allow.flatMap(rulesOf).length === 0) return [];
    if (allow.flatMap(rulesOf).some((rule) => mayLetIn(rule, gateway))) return [];
    for (const policy of allow) names.add(fullName(policy));
  }
  return [...names];
}

/** Whether a rule may hold of a gateway, as far as its identity goes. */
function mayLetIn({ sources, conditions }: RuleDemands, gateway: Proxy): boolean {
  return (
    conditions.every((demand) => mayBe(demand, gateway)) &&
    sources.some((source) => source.every((demand) => mayBe(demand, gateway)))
  );
}

function mayBe({ asked, key, values, notValues }: Demand, { namespace, serviceAccount }: Proxy): boolean {
  if (asked !== 'identity') return true;
  // Of excluded identities and of trust domains nothing is concluded.
  if (values.length === 0 || notValues.length > 0) return true;
  const field = key.replace(/^source\./, '');
  const account = `${namespace}/${serviceAccount}`;
  if (/^namespaces?$/.test(field)) return values.some((value) => fits(value, namespace));
  // An account alone is one of the policy's own namespace.
  if (/^serviceAccounts?$/.test(field)) return values.some((value) => !value.includes('/') || fits(value, account));
  return !/^principals?$/.test(field) || values.some((value) => isPrincipal(value, `/ns/${namespace}/sa/${serviceAccount}`));
}

/** Whether a principal stands for an identity, whose trust domain, which may have aliases, is left out. */
function isPrincipal(value: string, identity: string): boolean {
  if (value.startsWith('*')) return identity.endsWith(value.slice(1)) || value.slice(1).endsWith(identity);
  const slash = value.indexOf('/');
  return slash === -1 ? value.endsWith('*') : fits(value.slice(slash), identity);
}

function fits(value: string, text: string): boolean {
  if (value.startsWith('*')) return text.endsWith(value.slice(1));
  return value.endsWith('*') ? text.startsWith(value.slice(0, -1)) : text === value;
}
