import type { HTTPRoute } from '../../api/istio.gen.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { ruleShadowedAtGateway, virtualServicesMerged } from '../../diagnostics/problems/virtual-services.ts';
import type { Mesh } from '../../model/mesh.ts';
import { hostsOverlap } from '../../model/traffic/host.ts';
import { gatewaysOf, MESH_GATEWAY, routeSemantics } from '../../model/traffic/virtual-services.ts';
import type { RequestSet } from '../../request-space/diagram.ts';
import { allOf, type Formula, not } from '../../request-space/formula.ts';
import { type Vocabulary, withVocabulary } from '../../request-space/vocabulary.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { groupBy } from '../../util/collections.ts';
import { textOfValue } from '../../util/json-text.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { serverHosts } from './support/gateway-servers.ts';
import { gatewayFormula, matchFormulaOf, ORDINARY_PATH } from './support/match-formulas.ts';

/** Virtual services of several resources for one host of one gateway, which are merged there. */
export const mergedVirtualServices: Analyzer = {
  name: 'mesh.virtualservice.MergedAtGateway',
  about: 'VirtualServices for one host of one gateway, which a gateway merges in the order of their creation',
  reads: ['VirtualService'],
  codes: [virtualServicesMerged.code, ruleShadowedAtGateway.code],
  run: (reader, report) => {
    if (reader.list('VirtualService').length < 2) return;
    const found = new Map<string, Diagnostic>();
    for (const shared of sharedHosts(reader.mesh())) {
      const routes = shared.virtualServices.map((resource, place) => routesOf(resource, place, shared.gateway));
      const formulas = routes.flat().map(({ formula }) => formula);
      withVocabulary(formulas, (vocabulary) => checkShared(shared, routes, vocabulary, found));
    }
    for (const finding of found.values()) report(finding);
  },
};

function checkShared(
  { gateway, host, virtualServices }: SharedHost,
  routes: readonly (readonly MergedRoute[])[],
  vocabulary: Vocabulary,
  found: Map<string, Diagnostic>,
): void {
  const { nothing, union, intersection, setOf } = vocabulary;
  // Rules that take every request are put last, whoever came first.
  const early = routes.map((list) =>
    list
      .filter(({ isCatchAll }) => !isCatchAll)
      .map(({ formula }) => setOf(formula))
      .reduce(union, nothing),
  );
  const hidden = hiddenRules(virtualServices, routes, vocabulary);
  virtualServices.forEach((later, place) => {
    const isOther = (earlier: ResourceOf<'VirtualService'> | undefined): boolean => earlier?.document !== later.document;
    const said = `${later.namespace}/${later.name}`;
    const mine = hidden.filter(
      ({ of, by }) => of === place && by.every((earlier) => earlier < place && isOther(virtualServices[earlier])),
    );
    for (const { rule, by, byRule } of mine) {
      const earlier = virtualServices[by[0] ?? 0] ?? later;
      const name = `spec.http[${byRule}] of VirtualService ${fullName(earlier)}`;
      const subject = at(later, ['spec', 'http', rule]);
      const finding = ruleShadowedAtGateway(subject, `spec.http[${rule}]`, host, gateway, name, isDated(earlier, later));
      found.set(`${said} ${finding.path?.join('.')}`, finding);
    }
    if (mine.length > 0 || found.has(said)) return;
    const rival = virtualServices
      .slice(0, place)
      .find((earlier, other) => isOther(earlier) && intersection(early[other] ?? nothing, early[place] ?? nothing) !== nothing);
    if (rival === undefined) return;
    found.set(said, virtualServicesMerged(at(later, ['spec', 'hosts']), host, gateway, fullName(rival), isDated(rival, later)));
  });
}

/** A rule of a virtual service (`of`, by its place) that is never reached, and those whose rules take its requests. */
interface HiddenRule {
  readonly of: number;
  readonly rule: number;
  readonly by: readonly number[];
  /** The rule of the first of these. */
  readonly byRule: number;
}

/** The rules that are reached where their virtual service is alone, and never where it is merged with others. */
function hiddenRules(
  virtualServices: readonly ResourceOf<'VirtualService'>[],
  routes: readonly (readonly MergedRoute[])[],
  vocabulary: Vocabulary,
): readonly HiddenRule[] {
  const { intersection, nothing, union } = vocabulary;
  // Which of them a gateway sees depends on exportTo; only what is public is judged.
  const isPublic = ({ spec }: ResourceOf<'VirtualService'>): boolean => (spec.exportTo ?? []).every((target) => target === '*');
  const judge = (places: readonly number[], judged: readonly number[]): readonly HiddenRule[] => {
    const merged = lastCatchAll(places.flatMap((place) => routes[place] ?? []));
    const parts = vocabulary.partition(merged.map(({ formula }) => formula));
    return judged.flatMap((of) => {
      const own = routes[of] ?? [];
      const alone = vocabulary.partition(lastCatchAll(own).map(({ formula }) => formula));
      const taken = (list: readonly RequestSet[], among: readonly MergedRoute[], rule: number): RequestSet =>
        list.filter((_, at) => among[at]?.of === of && among[at]?.rule === rule).reduce(union, nothing);
      return [...new Set(own.map(({ rule }) => rule))].flatMap((rule) => {
        const requests = taken(alone, lastCatchAll(own), rule);
        if (requests === nothing || taken(parts, merged, rule) !== nothing) return [];
        const takers = merged.filter((_, at) => intersection(parts[at] ?? nothing, requests) !== nothing);
        return [{ of, rule, by: [...new Set(takers.map((taker) => taker.of))], byRule: takers[0]?.rule ?? 0 }];
      });
    });
  };
  const seen = virtualServices.flatMap((one, place) => (isPublic(one) ? [place] : []));
  const others = virtualServices.flatMap((one, place) => (isPublic(one) ? [] : [place]));
  return [
    ...judge(seen, seen),
    ...others.flatMap((place) =>
      judge(
        [...seen, place].sort((a, b) => a - b),
        [place],
      ),
    ),
  ];
}

interface MergedRoute {
  /** The place of the virtual service among those of the host. */
  readonly of: number;
  readonly rule: number;
  readonly formula: Formula;
  readonly isCatchAll: boolean;
}

/** The routes that a gateway makes of a virtual service; none after one that takes every request. */
function routesOf({ spec }: ResourceOf<'VirtualService'>, of: number, gateway: string): readonly MergedRoute[] {
  const routes: MergedRoute[] = [];
  // What those that take every request ask for, each once: they are alike as a rule.
  const ended = new Map<string, Formula>();
  for (const [rule, { match = [] }] of (spec.http ?? []).entries()) {
    for (const one of match.length === 0 ? [undefined] : match) {
      const asked = allOf([ORDINARY_PATH, gatewayFormula([gateway]), matchFormulaOf(one)]);
      const isCatchAll = one === undefined || isForAll(one);
      routes.push({ of, rule, formula: allOf([asked, ...ended.values()]), isCatchAll });
      if (isCatchAll) ended.set(textOfValue(asked), not(asked));
    }
  }
  return routes;
}

/** As istio pilot/pkg/networking/core/route/route.go SortVHostRoutes. */
function lastCatchAll(routes: readonly MergedRoute[]): readonly MergedRoute[] {
  return [...routes.filter(({ isCatchAll }) => !isCatchAll), ...routes.filter(({ isCatchAll }) => isCatchAll)];
}

/** Whether the input tells which of two was created first. */
function isDated(a: ResourceOf<'VirtualService'>, b: ResourceOf<'VirtualService'>): boolean {
  return a.createdAt !== undefined && b.createdAt !== undefined && a.createdAt !== b.createdAt;
}

/** Whether a route takes every request, as far as Istio sees it; route.go IsCatchAllRoute. */
function isForAll({ uri = {}, headers, withoutHeaders, queryParams, method, authority, scheme }: Match): boolean {
  const isWhole = Object.keys(uri).length === 0 || uri.prefix === '/' || uri.regex === '.*';
  const isFree = [headers, withoutHeaders, queryParams].every((texts) => Object.keys(texts ?? {}).length === 0);
  return isWhole && isFree && method === undefined && authority === undefined && scheme === undefined;
}

type Match = NonNullable<HTTPRoute['match']>[number];

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
