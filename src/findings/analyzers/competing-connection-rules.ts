import type { L4MatchAttributes, TLSMatchAttributes } from '../../api/istio.gen.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { connectionRulesCompete } from '../../diagnostics/problems/routing.ts';
import { isVisible, visibilityOf } from '../../model/traffic/visibility.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { ruleListOf, sharesHost } from './support/gateway-servers.ts';
import type { Reader } from './support/reader.ts';
import { nameOfRule, subjectOfRule, type TrafficRule } from './support/traffic.ts';

/**
 * Rules for connections at a gateway that are never used, because another one takes them: of tcp rules the first of the port, of tls
 * rules the first of each server name. As istio core/gateway.go buildGatewayNetworkFiltersFromTCPRoutes and -FromTLSRoutes.
 */
export const competingConnectionRules: Analyzer = {
  name: 'mesh.gateway.ConnectionRules',
  about: 'tcp rules for one port of a gateway, and tls rules for one server name, of which only one is used',
  reads: ['Gateway', 'VirtualService'],
  codes: [connectionRulesCompete.code],
  run: (reader, report) => {
    const traffic = reader.traffic();
    for (const gateway of reader.mesh().gateways.all) {
      const rules = traffic.rulesAt(fullName(gateway)).filter(({ list }) => list !== 'http');
      if (rules.length < 2) continue;
      const { beaten, used } = contest(reader, gateway, rules);
      for (const [rule, { winner, port }] of beaten) {
        if (used.has(rule)) continue;
        const subject = subjectOfRule(rule);
        const what = rule.list === 'tcp' ? 'connections (hosts do not count for TCP)' : `connections for ${sniHostsOf(rule)}`;
        const fix = rule.list === 'tcp' ? 'give each a port of its own' : 'give each a server name of its own, or merge the two';
        const name = `${nameOfRule(winner)} ${formatField(winner.path)}`;
        report(connectionRulesCompete(subject, formatField(subject.path ?? []), what, fullName(gateway), port, name, fix));
      }
    }
  },
};

interface Contest {
  readonly beaten: ReadonlyMap<TrafficRule, { readonly winner: TrafficRule; readonly port: number }>;
  readonly used: ReadonlySet<TrafficRule>;
}

/** Which rules are used by some server of a Gateway, and which another rule goes before. */
function contest(reader: Reader, gateway: ResourceOf<'Gateway'>, rules: readonly TrafficRule[]): Contest {
  const beaten = new Map<TrafficRule, { winner: TrafficRule; port: number }>();
  const used = new Set<TrafficRule>();
  const name = fullName(gateway);
  const namespaces = reader
    .traffic()
    .gatewayClients(name)
    .map(({ namespace }) => namespace);
  for (const server of gateway.spec.servers ?? []) {
    const list = ruleListOf(server);
    if (list === 'http' || server.tls?.mode === 'AUTO_PASSTHROUGH') continue;
    const port = server.port?.number ?? 0;
    const here = rules.filter((rule) => rule.list === list && sharesHost(gateway, server, rule.virtualService));
    // Where no proxies are known, all is taken to be visible.
    for (const namespace of namespaces.length === 0 ? [undefined] : namespaces) {
      const seen = inOrder(reader, here, namespace);
      const take = list === 'tcp' ? takeFirst : takeByName;
      take(
        seen,
        (match) => (!match.port || match.port === port) && isAt(match, name),
        used,
        (rule, winner) => {
          if (!beaten.has(rule)) beaten.set(rule, { winner, port });
        },
      );
    }
  }
  return { beaten, used };
}

type Concerns = (match: L4MatchAttributes | TLSMatchAttributes) => boolean;
type Beat = (rule: TrafficRule, winner: TrafficRule) => void;

/** Those that a namespace sees, what is exported to it by name before what is public. */
function inOrder({ mesh }: Reader, rules: readonly TrafficRule[], namespace: string | undefined): readonly TrafficRule[] {
  if (namespace === undefined) return rules;
  const { config } = mesh();
  const seen = rules.map((rule) => {
    const { spec, namespace: home } = rule.virtualService;
    return { rule, visibility: visibilityOf(spec.exportTo, home, config.defaultVirtualServiceExportTo) };
  });
  const named = seen.filter(({ visibility }) => !visibility.everywhere && isVisible(visibility, namespace));
  return [
    ...named.filter(({ rule }) => rule.virtualService.namespace === namespace),
    ...named.filter(({ rule }) => rule.virtualService.namespace !== namespace),
    ...seen.filter(({ visibility }) => visibility.everywhere),
  ].map(({ rule }) => rule);
}

function takeFirst(rules: readonly TrafficRule[], concerns: Concerns, used: Set<TrafficRule>, beat: Beat): void {
  const matching = rules.filter(({ rule: { match = [] } }) => match.length === 0 || match.some(concerns));
  const [winner, ...others] = matching;
  if (winner === undefined) return;
  used.add(winner);
  for (const rule of others) beat(rule, winner);
}

function takeByName(rules: readonly TrafficRule[], concerns: Concerns, used: Set<TrafficRule>, beat: Beat): void {
  const owners = new Map<string, TrafficRule>();
  for (const rule of rules) {
    for (const match of rule.rule.match ?? []) {
      if (!concerns(match)) continue;
      const names = 'sniHosts' in match ? (match.sniHosts ?? []) : [];
      const owner = names.map((name) => owners.get(name)).find((found) => found !== undefined);
      if (owner === undefined) {
        used.add(rule);
        for (const name of names) owners.set(name, rule);
      } else if (owner !== rule) {
        beat(rule, owner);
      }
    }
  }
}

function isAt({ gateways = [] }: L4MatchAttributes | TLSMatchAttributes, name: string): boolean {
  return gateways.length === 0 || gateways.includes(name);
}

function sniHostsOf({ rule: { match = [] } }: TrafficRule): string {
  const names = match.flatMap((one) => ('sniHosts' in one && Array.isArray(one.sniHosts) ? one.sniHosts : []));
  return `server name "${names.join('", "')}"`;
}
