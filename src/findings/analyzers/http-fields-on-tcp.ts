import { formatField } from '../../diagnostics/format-field.ts';
import { httpFieldOnTcp } from '../../diagnostics/problems/policy-effects.ts';
import { isHttpServer } from '../../model/gateways/gateways.ts';
import type { Mesh } from '../../model/mesh.ts';
import { isTcp } from '../../model/protocol.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { assertNever } from '../../util/assert.ts';
import { groupBy } from '../../util/collections.ts';
import { memo } from '../../util/memo.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { allDemands, type Demand, demandsOf, enforced, HTTP_ONLY, type RuleDemands } from './support/authorization.ts';

/**
 * Rules of ALLOW policies about HTTP at workloads with ports of TCP: there they are left out, so that nothing is allowed.
 * istio pilot/pkg/security/authz/model/model.go Generate.
 */
export const httpFieldsOnTcp: Analyzer = {
  name: 'mesh.authorizationpolicy.HttpFieldsOnTcp',
  about: 'AuthorizationPolicies that allow by methods, paths and the like what ports of TCP never show',
  reads: ['AuthorizationPolicy', 'Service'],
  codes: [httpFieldOnTcp.code],
  run: (reader, report) => {
    if (reader.list('AuthorizationPolicy').length === 0) return;
    const mesh = reader.mesh();
    const rulesOf = memo(demandsOf);
    const reported = new Set<RuleDemands>();
    for (const proxy of mesh.proxies) {
      const allow = enforced(mesh.policies.authorizationPolicies(proxy).allow);
      const rules = allow.flatMap(rulesOf);
      const dropped = rules.filter((rule) => httpDemand(rule) !== undefined);
      if (dropped.length === 0) continue;
      const kept = rules.filter((rule) => httpDemand(rule) === undefined);
      for (const port of tcpPortsOf(mesh, proxy)) {
        if (kept.some((rule) => isForPort(rule, port))) continue;
        for (const rule of dropped) {
          const demand = httpDemand(rule);
          if (demand === undefined || reported.has(rule) || !isForPort(rule, port)) continue;
          reported.add(rule);
          const field = formatField(demand.path);
          report(httpFieldOnTcp(at(rule.policy, demand.path), field, demand.key, port.number, port.protocol, fullName(proxy)));
        }
      }
    }
  },
};

interface TcpPort {
  /** Of the workload. */
  readonly number: number;
  readonly protocol: string;
  /** Its number where it is declared, which is another one at gateways. */
  readonly declared: number;
}

function tcpPortsOfSidecar({ targets }: Proxy): readonly TcpPort[] {
  return [...groupBy(targets, ({ targetPort }) => targetPort)].flatMap(([number, sharing]): readonly TcpPort[] => {
    const [first] = sharing;
    if (first === undefined || !sharing.every(({ port }) => isTcp(port.protocol))) return [];
    return [{ number, protocol: first.port.protocol, declared: number }];
  });
}

/** The ports of a proxy at which it never sees HTTP. */
function tcpPortsOf(mesh: Mesh, proxy: Proxy): readonly TcpPort[] {
  switch (proxy.role) {
    case 'sidecar':
      return tcpPortsOfSidecar(proxy);
    case 'gateway':
      return tcpPortsOfGateway(mesh, proxy);
    case 'waypoint':
      return [];
    default:
      return assertNever(proxy.role);
  }
}

function tcpPortsOfGateway(mesh: Mesh, { labels, targets }: Proxy): readonly TcpPort[] {
  return mesh.gateways.select(labels, targets).flatMap((selected) =>
    (selected.gateway.spec.servers ?? [])
      .filter((server) => !isHttpServer(server) && server.tls?.mode !== 'AUTO_PASSTHROUGH')
      .map(({ port }): TcpPort => {
        const declared = port?.number ?? 0;
        const target = selected.targets.find((one) => one.port.port === declared);
        return { number: target?.targetPort ?? declared, protocol: port?.protocol ?? '', declared };
      }),
  );
}

function httpDemand(rule: RuleDemands): Demand | undefined {
  return allDemands(rule).find(({ asked }) => HTTP_ONLY.includes(asked));
}

function isForPort({ operations, conditions }: RuleDemands, { number, declared }: TcpPort): boolean {
  const allows = ({ asked, values, notValues }: Demand): boolean =>
    asked !== 'port' ||
    ((values.length === 0 || values.includes(`${number}`) || values.includes(`${declared}`)) && !notValues.includes(`${number}`));
  return operations.some((operation) => operation.every(allows)) && conditions.every(allows);
}
