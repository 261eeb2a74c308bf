import type { HTTPRoute } from '../../api/istio.gen.ts';
import type { Diagnostic, Path, Report } from '../../diagnostics/diagnostic.ts';
import {
  matchShadowed,
  ruleShadowed,
  ruleShadowedAtGateway,
  virtualServicesMerged,
} from '../../diagnostics/problems/virtual-services.ts';
import type { Mesh } from '../../model/mesh.ts';
import { hostsOverlap } from '../../model/traffic/host.ts';
import { gatewaysOf, MESH_GATEWAY, routeSemantics } from '../../model/traffic/virtual-services.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { groupBy } from '../../util/collections.ts';
import { at } from '../subject.ts';
import { mayOverlap } from './disjoint-matches.ts';
import { matchCovers } from './matching.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { serverHosts } from './support/gateway-servers.ts';

/** Rules that earlier rules hide. Where Istio itself tells (IST0130, IST0131), nothing is said here. */
export const shadowedRules: Analyzer = {
  name: 'mesh.virtualservice.ShadowedRules',
  about: 'http rules of a VirtualService that earlier rules hide',
  reads: ['VirtualService'],
  codes: [ruleShadowed.code, matchShadowed.code],
  run: (reader, report) => {
    for (const virtualService of reader.list('VirtualService')) checkRules(virtualService, report);
  },
};

function checkRules(virtualService: ResourceOf<'VirtualService'>, report: Report): void {
  const rules = virtualService.spec.http ?? [];
  const gateways = gatewaysOf(virtualService);
  rules.forEach((rule, index) => {
    const matches = rule.match ?? [];
    // Istio tells of rules without a match that stand before others.
    if (matches.length === 0 || rules.slice(0, index).some(({ match = [] }) => match.length === 0)) return;
    const hidden = matches.map((match) => coveringRule(rules.slice(0, index), match, gateways));
    const path: Path = ['spec', 'http', index];
    const first = hidden[0];
    if (hidden.every((by) => by !== undefined) && first !== undefined) {
      if (hidden.every((by, i) => by !== undefined && istioTells(matches[i] ?? {}, by.match))) return;
      report(ruleShadowed(at(virtualService, path), `spec.http[${index}]`, describe(hidden)));
      return;
    }
    hidden.forEach((by, i) => {
      if (by === undefined || istioTells(matches[i] ?? {}, by.match)) return;
      const match = `spec.http[${index}].match[${i}]`;
      report(matchShadowed(at(virtualService, [...path, 'match', i]), match, `spec.http[${by.index}]`));
    });
  });
}

type Match = NonNullable<HTTPRoute['match']>[number];

interface Covering {
  readonly index: number;
  readonly match: Match | undefined;
}

/** The first rule that takes all requests of a match. Rules that delegate pass on to others what these do not take. */
function coveringRule(rules: readonly HTTPRoute[], match: Match | undefined, gateways: readonly string[]): Covering | undefined {
  for (const [index, rule] of rules.entries()) {
    if (rule.delegate !== undefined) continue;
    const matches = rule.match ?? [];
    if (matches.length === 0) return { index, match: undefined };
    const covering = matches.find((candidate) => matchCovers(candidate, match, gateways));
    if (covering !== undefined) return { index, match: covering };
  }
  return undefined;
}

/** Whether istio validation.go analyzeUnreachableHTTPRules warns of it: equal matches, and prefixes that begin alike. */
function istioTells(match: Match, covering: Match | undefined): boolean {
  if (covering === undefined || JSON.stringify(match) === JSON.stringify(covering)) return true;
  return match.uri?.prefix !== undefined && covering.uri?.prefix !== undefined && match.uri.prefix !== covering.uri.prefix;
}

function describe(hidden: readonly (Covering | undefined)[]): string {
  const names = [...new Set(hidden.flatMap((by) => (by === undefined ? [] : [`spec.http[${by.index}]`])))];
  return names.join(' and ');
}

/** Virtual services of several resources for one host of one gateway, which are merged there. */
export const mergedVirtualServices: Analyzer = {
  name: 'mesh.virtualservice.MergedAtGateway',
  about: 'VirtualServices for one host of one gateway, which a gateway merges in the order of their creation',
  reads: ['VirtualService'],
  codes: [virtualServicesMerged.code, ruleShadowedAtGateway.code],
  run: (reader, report) => {
    if (reader.list('VirtualService').length < 2) return;
    const found = new Map<string, Diagnostic>();
    for (const { gateway, host, virtualServices } of sharedHosts(reader.mesh())) {
      virtualServices.forEach((later, index) => {
        const others = virtualServices.slice(0, index).filter((earlier) => earlier.document !== later.document);
        if (others.length === 0) return;
        const said = `${later.namespace}/${later.name}`;
        const shadowed = shadowedBy(later, others, host, gateway);
        for (const finding of shadowed) found.set(`${said} ${finding.path?.join('.')}`, finding);
        // Rules that take every request are put last, whoever came first.
        const earlier = others.find((other) => haveCommonRequests(later, other));
        const isLast = (later.spec.http ?? []).every(takesAll);
        if (shadowed.length === 0 && !found.has(said) && earlier !== undefined && !isLast) {
          found.set(
            said,
            virtualServicesMerged(at(later, ['spec', 'hosts']), host, gateway, fullName(earlier), isDated(earlier, later)),
          );
        }
      });
    }
    for (const finding of found.values()) report(finding);
  },
};

/** Whether the order of two virtual services may matter to a request; rules that take every request go last anyway. */
function haveCommonRequests(a: ResourceOf<'VirtualService'>, b: ResourceOf<'VirtualService'>): boolean {
  const matchesOf = ({ spec }: ResourceOf<'VirtualService'>): readonly Match[] =>
    (spec.http ?? []).filter((rule) => !takesAll(rule)).flatMap(({ match = [] }) => match);
  const others = matchesOf(b);
  return matchesOf(a).some((match) => others.some((other) => mayOverlap(match, other)));
}

/** Whether the input tells which of two was created first. */
function isDated(a: ResourceOf<'VirtualService'>, b: ResourceOf<'VirtualService'>): boolean {
  return a.createdAt !== undefined && b.createdAt !== undefined && a.createdAt !== b.createdAt;
}

/** Whether a rule takes every request; as istio pilot/pkg/networking/core/route/route.go IsCatchAllRoute. */
function takesAll({ match = [] }: HTTPRoute): boolean {
  return match.length === 0 || match.some(isForAll);
}

function isForAll({ uri, name: _, gateways: __, ...conditions }: Match): boolean {
  const isWhole = uri === undefined || uri.prefix === '/' || uri.regex === '.*';
  return isWhole && Object.keys(conditions).length === 0;
}

interface SharedHost {
  readonly gateway: string;
  readonly host: string;
  /** Oldest first. */
  readonly virtualServices: readonly ResourceOf<'VirtualService'>[];
}

/** The hosts that several virtual services have on one gateway, the mesh apart. */
function sharedHosts({ virtualServices, gateways }: Mesh): readonly SharedHost[] {
  const gatewayByName = new Map(gateways.all.map((gateway) => [fullName(gateway), gateway]));
  const isServed = (name: string, host: string, namespace: string): boolean => {
    const gateway = gatewayByName.get(name);
    return (
      gateway === undefined ||
      (gateway.spec.servers ?? []).some((server) =>
        serverHosts(gateway, server, namespace).some((served) => hostsOverlap(served, host)),
      )
    );
  };
  const entries = virtualServices.all
    .filter((resource) => routeSemantics(resource) === undefined && (resource.spec.http ?? []).length > 0)
    .flatMap((resource) =>
      gatewaysOf(resource)
        .filter((gateway) => gateway !== MESH_GATEWAY)
        .flatMap((gateway) =>
          (resource.spec.hosts ?? [])
            .filter((host) => isServed(gateway, host, resource.namespace))
            .map((host) => ({ resource, gateway, host })),
        ),
    );
  return [...groupBy(entries, ({ gateway, host }) => `${gateway} ${host}`).values()]
    .filter((group) => group.length > 1)
    .map((group) => ({
      gateway: group[0]?.gateway ?? '',
      host: group[0]?.host ?? '',
      virtualServices: group.map(({ resource }) => resource),
    }));
}

/** The rules of a virtual service that older ones for the same host hide; rules that take everything go to the end there. */
function shadowedBy(
  later: ResourceOf<'VirtualService'>,
  others: readonly ResourceOf<'VirtualService'>[],
  host: string,
  gateway: string,
): Diagnostic[] {
  // Which of them a gateway sees depends on exportTo; only what is public is judged.
  const isPublic = ({ spec }: ResourceOf<'VirtualService'>): boolean => (spec.exportTo ?? []).every((target) => target === '*');
  return (later.spec.http ?? []).flatMap((rule, index) => {
    const isCatchAll = takesAll(rule);
    for (const earlier of others.filter(isPublic)) {
      const rules = (earlier.spec.http ?? []).filter((other) => isCatchAll || !takesAll(other));
      const hidden = (isCatchAll ? [undefined] : (rule.match ?? [])).map((match) => coveringRule(rules, match, [gateway]));
      if (!hidden.every((by) => by !== undefined)) continue;
      const covering = rules[hidden[0]?.index ?? 0];
      const number = covering === undefined ? 0 : (earlier.spec.http ?? []).indexOf(covering);
      const name = `spec.http[${number}] of VirtualService ${fullName(earlier)}`;
      return [
        ruleShadowedAtGateway(
          at(later, ['spec', 'http', index]),
          `spec.http[${index}]`,
          host,
          gateway,
          name,
          isDated(earlier, later),
        ),
      ];
    }
    return [];
  });
}
