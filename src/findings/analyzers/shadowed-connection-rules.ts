import type { L4MatchAttributes, TLSMatchAttributes } from '../../api/istio.gen.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { connectionRuleShadowed } from '../../diagnostics/problems/virtual-services.ts';
import { MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import { groupBy } from '../../util/collections.ts';
import { textOfValue } from '../../util/json-text.ts';
import { own } from '../../util/object.ts';
import type { Analyzer } from './support/analyzer.ts';
import { subjectOfRule, type TrafficRule } from './support/traffic.ts';

/**
 * Rules for connections of which sidecars make no filter chain, since earlier ones of the same VirtualService take all that they match.
 * As istio core/tls.go buildSidecarOutboundTCPFilterChainOpts, which ends at the first match without subnets, and
 * buildSidecarOutboundTLSFilterChainOpts, which takes the same names and subnets once. Of two that are written alike istioctl tells.
 */
export const shadowedConnectionRules: Analyzer = {
  name: 'mesh.virtualservice.ConnectionRules',
  about: 'tcp and tls rules of which earlier ones of the same VirtualService take every connection',
  reads: ['VirtualService'],
  codes: [connectionRuleShadowed.code],
  run: (reader, report) => {
    const ofSidecars = reader.traffic().rules.filter(({ list, gateways }) => list !== 'http' && gateways.includes(MESH_GATEWAY));
    for (const rules of groupBy(ofSidecars, ({ virtualService }) => virtualService).values()) {
      for (const list of ['tcp', 'tls'] as const) {
        const listed = rules.filter((rule) => rule.list === list);
        for (const [place, rule] of listed.entries()) {
          const takers = takersOf(rule, listed.slice(0, place));
          if (takers === undefined) continue;
          const subject = subjectOfRule(rule);
          const names = takers.map(({ path }) => formatField(path));
          report(connectionRuleShadowed(subject, formatField(subject.path ?? []), names));
        }
      }
    }
  },
};

type ConnectionMatch = L4MatchAttributes | TLSMatchAttributes;

/** The earlier rules that together take all connections of a rule; undefined where some are left for it, or istioctl tells of it. */
function takersOf(rule: TrafficRule, earlier: readonly TrafficRule[]): readonly TrafficRule[] | undefined {
  const matches = matchesOf(rule);
  if (matches.length === 0 || earlier.some((one) => matchesOf(one).length === 0)) return undefined;
  const takers = matches.map((match) => earlier.find((one) => matchesOf(one).some((taker) => takesAll(taker, match, rule))));
  const written = new Set(earlier.flatMap(matchesOf).map(textOfValue));
  if (matches.every((match) => written.has(textOfValue(match)))) return undefined;
  const found = takers.flatMap((taker) => taker ?? []);
  return found.length === takers.length ? [...new Set(found)] : undefined;
}

function matchesOf({ rule: { match = [] } }: TrafficRule): readonly ConnectionMatch[] {
  return match;
}

/** Whether a match takes every connection of another that is asked later, at every proxy. */
function takesAll(taker: ConnectionMatch, other: ConnectionMatch, { gateways }: TrafficRule): boolean {
  const { sourceLabels: wanted = {}, sourceNamespace, gateways: atGateways = [] } = taker;
  const labels = other.sourceLabels ?? {};
  const at = (other.gateways ?? []).length > 0 ? (other.gateways ?? []) : gateways;
  return (
    isSameTraffic(taker, other) &&
    (!taker.port || taker.port === other.port) &&
    Object.entries(wanted).every(([name, value]) => own(labels, name) === value) &&
    (!sourceNamespace || sourceNamespace === other.sourceNamespace) &&
    (atGateways.length === 0 || at.every((gateway) => atGateways.includes(gateway)))
  );
}

/** Whether what only the connection tells takes all of another: of TCP its address, of TLS the same names and addresses. */
function isSameTraffic(taker: ConnectionMatch, other: ConnectionMatch): boolean {
  const subnets = taker.destinationSubnets ?? [];
  if (!('sniHosts' in taker) || !('sniHosts' in other)) return subnets.length === 0;
  return textOfValue([taker.sniHosts, subnets]) === textOfValue([other.sniHosts, other.destinationSubnets ?? []]);
}
