import { allOf, type Formula } from '../request-space/formula.ts';
import { type SpaceLimits, USUAL_LIMITS } from '../request-space/limits.ts';
import type { KnownVariables, PartValue } from '../request-space/variables.ts';
import { withVocabulary } from '../request-space/vocabulary.ts';
import { textOfValue } from '../util/json-text.ts';
import { memo } from '../util/memo.ts';
import { compileExpression, type ExpressionCompiler } from '../util/re2.ts';
import { fits } from './fits.ts';
import type { OrderedRules } from './rule-lists.ts';

/**
 * Why no request takes a rule: what it asks for excludes itself, or is in no request that comes there (by its host, its connection, or
 * its token); others take all that it asks for, since they are asked first; or others refuse all of it. Of a filter chain: others are chosen before it
 * for all of it, which do not take all of that themselves. Of what stands in filter chains: no connection takes these.
 */
export type WhyUnreachable =
  | 'excludes itself'
  | 'comes from nowhere'
  | 'no token'
  | 'taken'
  | 'led away'
  | 'refused'
  | 'no connection';

/** What the connections that come to a listener do not have, or what nobody there looks for. */
export type Lack = 'port' | 'address' | 'TLS' | 'HTTP';

/** Why a rule of a list is not taken, with the places of those in the way: among the rules, or among those that refuse. */
export interface RuleVerdict {
  readonly because: WhyUnreachable;
  readonly places: readonly number[];
  /** Of a filter chain to which nothing comes: with which of these alone something would. */
  readonly lacks?: readonly Lack[];
}

/** For each rule of a list why no request takes it; undefined where one does, or it is too much to tell. */
export type RuleJudge = (list: OrderedRules) => readonly (RuleVerdict | undefined)[];

/** Judges lists, those that ask the same once. */
export function createJudge(areSamePoliciesTold: boolean): RuleJudge {
  const judged = new Map<string, readonly (RuleVerdict | undefined)[]>();
  const known: Known = { variables: new Map(), compile: memo(compileExpression) };
  return (list) => {
    const { kind, rules, refusing, within } = list;
    const asked = [kind, within, rules.map(({ formula, unless, isCertain }) => [formula, unless, isCertain]), refusing];
    const key = textOfValue(asked);
    const verdicts = judged.get(key) ?? verdictsOf(list, areSamePoliciesTold || kind === 'route', known);
    judged.set(key, verdicts);
    return verdicts;
  };
}

/** What was found for other rules. */
interface Known {
  readonly variables: KnownVariables;
  readonly compile: ExpressionCompiler;
}

/** What a single rule is worth, which is looked at first. */
const QUICK_LIMITS: SpaceLimits = { states: 20_000, work: 1_000_000, size: 1_000_000 };

function verdictsOf(list: OrderedRules, areTold: boolean, known: Known): readonly (RuleVerdict | undefined)[] {
  const { rules, refusing, within } = list;
  const open: number[] = [];
  const verdicts = rules.map(({ formula, unless }, place): RuleVerdict | undefined => {
    const witness = witnessOf(allOf([within, formula]), known);
    if (witness === 'none') {
      const isWithoutToken = unless !== formula && witnessOf(allOf([within, unless]), known) !== 'none';
      const isElsewhere = witnessOf(unless, known) !== 'none';
      return { because: isWithoutToken ? 'no token' : isElsewhere ? 'comes from nowhere' : 'excludes itself', places: [] };
    }
    const others = [...refusing, ...(areTold ? rules.slice(0, place) : [])];
    const mayBeTaken =
      witness === undefined || others.some((other) => other.isCertain && fits(other.formula, witness, known.compile));
    if (mayBeTaken && others.length > 0) open.push(place);
    return undefined;
  });
  // Each policy by itself, since policies ask for many parts of requests; routes mostly ask for paths.
  const groups = list.kind === 'route' && open.length > 0 ? [open] : open.map((place) => [place]);
  for (const places of groups) for (const [place, verdict] of decide(list, places, areTold, known)) verdicts[place] = verdict;
  return verdicts;
}

/** A request that a formula holds of; undefined where it is too much to tell. */
function witnessOf(formula: Formula, known: Known): readonly PartValue[] | 'none' | undefined {
  const found = withVocabulary(
    [formula],
    ({ setOf, witness }) => witness(setOf(formula)) ?? ('none' as const),
    QUICK_LIMITS,
    known.variables,
  );
  return typeof found === 'object' && 'kind' in found ? undefined : found;
}

/** Looks whether all requests of some rules of a list are taken or refused. */
function decide(
  { rules, refusing, within }: OrderedRules,
  open: readonly number[],
  areTold: boolean,
  known: Known,
): ReadonlyMap<number, RuleVerdict | undefined> {
  const last = open.at(-1) ?? -1;
  const asked = rules.map((rule, place) => ((areTold && place <= last) || open.includes(place) ? rule : undefined));
  const formulas = [...asked.flatMap((rule) => rule ?? []), ...refusing].map(({ formula }) => formula);
  const verdicts = withVocabulary(
    [within, ...formulas],
    ({ setOf, intersection, difference, union, nothing }) => {
      const refused = refusing.map(({ formula, isCertain }) => (isCertain ? setOf(formula) : nothing));
      const arriving = difference(setOf(within), refused.reduce(union, nothing));
      let left = arriving;
      const sets = asked.map((rule) => {
        if (rule === undefined) return { fitting: nothing, taking: nothing };
        const fitting = intersection(setOf(within), setOf(rule.formula));
        const taking = intersection(fitting, left);
        if (rule.isCertain && areTold) left = difference(left, taking);
        return { fitting, taking };
      });
      return open.map((place): readonly [number, RuleVerdict | undefined] => {
        const { fitting = nothing, taking = nothing } = sets[place] ?? {};
        if (taking !== nothing) return [place, undefined];
        const isRefused = intersection(fitting, arriving) === nothing;
        const others = isRefused
          ? refused
          : sets.slice(0, place).map((set, at) => (rules[at]?.isCertain === true ? set.taking : nothing));
        const places = others.flatMap((set, at) => (intersection(set, fitting) === nothing ? [] : [at]));
        return [place, { because: isRefused ? 'refused' : 'taken', places }];
      });
    },
    USUAL_LIMITS,
    known.variables,
  );
  return new Map('kind' in verdicts ? [] : verdicts);
}
