import type { HTTPRoute } from '../../api/istio.gen.ts';
import type { Path, Report } from '../../diagnostics/diagnostic.ts';
import { matchShadowed, ruleShadowed } from '../../diagnostics/problems/virtual-services.ts';
import { gatewaysOf } from '../../model/traffic/virtual-services.ts';
import type { RequestSet } from '../../request-space/diagram.ts';
import { allOf } from '../../request-space/formula.ts';
import { type Vocabulary, withVocabulary } from '../../request-space/vocabulary.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { addAll } from '../../util/collections.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import { gatewayFormula, matchFormulaOf, ORDINARY_PATH } from './support/match-formulas.ts';

/** Rules that earlier rules hide. Where Istio itself tells (IST0130, IST0131), nothing is said here. */
export const shadowedRules: Analyzer = {
  name: 'mesh.virtualservice.ShadowedRules',
  about: 'http rules of a VirtualService that earlier rules hide',
  reads: ['VirtualService'],
  codes: [ruleShadowed.code, matchShadowed.code],
  run: (reader, report) => {
    // Most meshes have many VirtualServices with the same matches.
    const known = new Map<string, readonly Shadow[]>();
    for (const virtualService of reader.list('VirtualService')) {
      const rules = virtualService.spec.http ?? [];
      if (rules.length < 2) continue;
      const gateways = gatewaysOf(virtualService);
      const key = JSON.stringify([gateways, rules.map(({ match, delegate }) => [match, delegate !== undefined])]);
      const shadows = known.get(key) ?? shadowsIn(rules, gateways);
      known.set(key, shadows);
      for (const shadow of shadows) describe(virtualService, shadow, report);
    }
  },
};

/** A rule, or one of its matches, that earlier rules hide. */
interface Shadow {
  readonly index: number;
  /** The place of the match; undefined for the whole rule. */
  readonly place: number | undefined;
  /** The rules that take its requests. */
  readonly takers: readonly string[];
}

function describe(virtualService: ResourceOf<'VirtualService'>, { index, place, takers }: Shadow, report: Report): void {
  const path: Path = ['spec', 'http', index];
  if (place === undefined) report(ruleShadowed(at(virtualService, path), `spec.http[${index}]`, takers));
  else report(matchShadowed(at(virtualService, [...path, 'match', place]), `spec.http[${index}].match[${place}]`, takers));
}

/** What depends on matches alone, and on the gateways of the VirtualService. */
function shadowsIn(rules: readonly HTTPRoute[], gateways: readonly string[]): readonly Shadow[] {
  const shadows: Shadow[] = [];
  const here = allOf([ORDINARY_PATH, gatewayFormula(gateways)]);
  const formulas = rules.map(({ match = [] }) => (match.length === 0 ? [undefined] : match).map(matchFormulaOf));
  withVocabulary([here, ...formulas.flat()], (vocabulary) => {
    let left = vocabulary.setOf(here);
    const all = left;
    // Matches for gateways that the VirtualService is not for have no requests, and so nobody hides them.
    const sets = formulas.map((list) => list.map((formula) => vocabulary.intersection(vocabulary.setOf(formula), all)));
    const taken: RequestSet[] = [];
    rules.forEach((rule, index) => {
      const own = sets[index] ?? [];
      if (!isIstiosMatter(rules, index)) {
        const earlier: Earlier = { rules: rules.slice(0, index), sets, taken, left };
        addAll(shadows, shadowsOf({ index, rule, own, vocabulary, earlier }));
      }
      // Rules that delegate pass on to others what these do not take.
      const taking =
        rule.delegate === undefined ? vocabulary.intersection(left, own.reduce(vocabulary.union)) : vocabulary.nothing;
      taken.push(taking);
      left = vocabulary.difference(left, taking);
    });
  });
  return shadows;
}

/** Istio tells of rules without a match that stand before others. */
function isIstiosMatter(rules: readonly HTTPRoute[], index: number): boolean {
  return rules.slice(0, index + 1).some(({ match = [] }) => match.length === 0);
}

interface Earlier {
  readonly rules: readonly HTTPRoute[];
  /** The requests of each match of each rule. */
  readonly sets: readonly (readonly RequestSet[])[];
  /** What each of the earlier rules takes, and what they leave. */
  readonly taken: readonly RequestSet[];
  readonly left: RequestSet;
}

interface CheckedRule {
  readonly index: number;
  readonly rule: HTTPRoute;
  /** The requests of each match. */
  readonly own: readonly RequestSet[];
  readonly vocabulary: Vocabulary;
  readonly earlier: Earlier;
}

function shadowsOf({ index, rule, own, vocabulary, earlier }: CheckedRule): readonly Shadow[] {
  const matches = rule.match ?? [];
  const { intersection, nothing } = vocabulary;
  // What no request can be is hidden by nobody.
  const isHidden = own.map((set) => set !== nothing && intersection(set, earlier.left) === nothing);
  // Only of what is hidden: it looks at all earlier rules.
  const isTold = matches.map(
    (match, place) => isHidden[place] === true && isToldByIstio(match, own[place] ?? nothing, earlier, vocabulary),
  );
  if (isHidden.every((hidden) => hidden)) {
    if (isTold.every((told) => told)) return [];
    return [{ index, place: undefined, takers: takersOf(own.reduce(vocabulary.union), earlier, vocabulary) }];
  }
  return isHidden.flatMap((hidden, place) =>
    hidden && isTold[place] !== true ? [{ index, place, takers: takersOf(own[place] ?? nothing, earlier, vocabulary) }] : [],
  );
}

/** The earlier rules that take some of the requests, by their places. */
function takersOf(requests: RequestSet, { taken }: Earlier, { intersection, nothing }: Vocabulary): readonly string[] {
  return taken.flatMap((set, place) => (intersection(set, requests) === nothing ? [] : [`spec.http[${place}]`]));
}

/** Whether Istio itself warns that an earlier match takes all requests of this one. */
function isToldByIstio(match: Match, requests: RequestSet, { rules, sets }: Earlier, { isSubset, nothing }: Vocabulary): boolean {
  return rules.some(
    ({ match: others = [], delegate }, place) =>
      delegate === undefined &&
      others.some((other, at) => istioTells(match, other) && isSubset(requests, sets[place]?.[at] ?? nothing)),
  );
}

type Match = NonNullable<HTTPRoute['match']>[number];

/** Whether istio validation.go analyzeUnreachableHTTPRules warns of it: equal matches, and prefixes that begin alike. */
function istioTells(match: Match, covering: Match): boolean {
  if (JSON.stringify(match) === JSON.stringify(covering)) return true;
  return match.uri?.prefix !== undefined && covering.uri?.prefix !== undefined && match.uri.prefix !== covering.uri.prefix;
}
