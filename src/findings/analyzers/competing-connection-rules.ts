import type { L4MatchAttributes, Server, TLSMatchAttributes } from '../../api/istio.gen.ts';
import { connectionRulesCompete } from '../../diagnostics/problems/routing.ts';
import { isHttpServer, isPassthroughServer } from '../../model/gateways/gateways.ts';
import { hostsForNamespace, hostsOverlap } from '../../model/traffic/host.ts';
import { isVisible, visibilityOf } from '../../model/traffic/visibility.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { append } from '../../util/collections.ts';
import { formatField } from './authorization-operations.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
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
    const byGateway = new Map<string, TrafficRule[]>();
    for (const rule of reader.traffic().rules) {
      if (rule.list !== 'http') for (const gateway of rule.gateways) append(byGateway, gateway, rule);
    }
    for (const gateway of reader.mesh().gateways.all) {
      const rules = byGateway.get(fullName(gateway)) ?? [];
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
    if (isHttpServer(server) || server.tls?.mode === 'AUTO_PASSTHROUGH') continue;
    const port = server.port?.number ?? 0;
    const list = server.tls !== undefined && isPassthroughServer(server) ? 'tls' : 'tcp';
    const here = rules.filter((rule) => rule.list === list && shareHost(gateway, server, rule));
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

function shareHost(gateway: ResourceOf<'Gateway'>, { hosts = [] }: Server, { virtualService }: TrafficRule): boolean {
  const written = hosts.map((host) => (host.startsWith('./') ? `${gateway.namespace}/${host.slice(2)}` : host));
  const served = hostsForNamespace(written, virtualService.namespace);
  return (virtualService.spec.hosts ?? []).some((host) => served.some((one) => hostsOverlap(one, host)));
}

function sniHostsOf({ rule: { match = [] } }: TrafficRule): string {
  const names = match.flatMap((one) => ('sniHosts' in one && Array.isArray(one.sniHosts) ? one.sniHosts : []));
  return `server name "${names.join('", "')}"`;
}
