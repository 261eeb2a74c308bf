import { assertNever } from '../util/assert.ts';
import { addAll } from '../util/collections.ts';
import { compareText } from '../util/text.ts';
import { keyOfDimension, ORDER, textWorldOf } from './dimensions.ts';
import type {
  AddressDimension,
  AssumedDimension,
  CertificateDimension,
  ClaimDimension,
  Dimension,
  Formula,
  PortDimension,
  Test,
  TextDimension,
  TextTest,
  TokenDimension,
} from './formula.ts';
import { type GaveUp, giveUp, type SpaceLimits, type WorkBudget, within } from './limits.ts';
import { classesOfAddresses, classesOfPorts } from './numbers.ts';
import { classesOfTexts, type TextClass } from './text/classes.ts';
import { keyOfTextTest } from './text/tests.ts';

/** What one part of a request is. */
export type PartValue =
  | { readonly kind: 'text'; readonly dimension: TextDimension; readonly text: string | undefined }
  | { readonly kind: 'claim'; readonly dimension: ClaimDimension | CertificateDimension; readonly texts: readonly string[] }
  | { readonly kind: 'token'; readonly dimension: TokenDimension; readonly is: 'absent' | 'invalid' | 'valid' }
  | { readonly kind: 'port'; readonly dimension: PortDimension; readonly port: number }
  | { readonly kind: 'address'; readonly dimension: AddressDimension; readonly address: string }
  | { readonly kind: 'assumed'; readonly dimension: AssumedDimension; readonly holds: boolean };

/** What sets ask of requests: a value for each class of values that the tests of a vocabulary tell apart. */
export interface Variable {
  /** A value of each class, those that one would try first before others. */
  readonly values: readonly PartValue[];
  /** The classes whose values pass a test, by its key; a test that is not here says nothing of this part. */
  readonly passing: ReadonlyMap<string, ReadonlySet<number>>;
}

/** What tells a test from others. */
export function keyOfTest(test: Test): string {
  const dimension = keyOfDimension(test.dimension);
  switch (test.kind) {
    case 'text':
      return `${dimension}: ${keyOfTextTest(test.test)}`;
    case 'token':
      return `${dimension}: ${test.is}`;
    case 'port':
      return `${dimension}: ${test.start} ${test.end}`;
    case 'range':
      return `${dimension}: ${test.address}/${test.length}`;
    case 'assumed':
      return dimension;
    default:
      return assertNever(test);
  }
}

/** The tests in formulas, each once. */
export function testsIn(formulas: readonly Formula[]): readonly Test[] {
  const tests = new Map<string, Test>();
  const seen = new Set<Formula>();
  const open = [...formulas];
  for (let formula = open.pop(); formula !== undefined; formula = open.pop()) {
    if (seen.has(formula)) continue;
    seen.add(formula);
    if (!('of' in formula)) tests.set(keyOfTest(formula), formula);
    else if (formula.kind === 'not') open.push(formula.of);
    else addAll(open, formula.of);
  }
  return [...tests.values()];
}

/**
 * Variables by what was asked for them: it takes long to find them, and much the same is asked again and again. So it does to find that they are
 * too much.
 */
export type KnownVariables = Map<string, readonly Variable[] | TooMuch>;

/** Variables that were not found by this much work. */
interface TooMuch {
  readonly gaveUp: GaveUp;
  readonly work: number;
}

/** The variables of some tests, in their order. */
export function variablesOf(
  tests: readonly Test[],
  limits: SpaceLimits,
  budget: WorkBudget,
  known: KnownVariables,
): readonly Variable[] {
  const byDimension = new Map<string, Test[]>();
  for (const test of tests) {
    const key = keyOfDimension(test.dimension);
    byDimension.set(key, [...(byDimension.get(key) ?? []), test]);
  }
  const hasTarget = byDimension.has('target');
  // The parameters of a query are taken for parts of their own, which they are not where all of the query is looked at.
  if (hasTarget && tests.some(({ dimension }) => dimension.kind === 'query')) giveUp('query', 0);
  const groups = [...byDimension]
    .map(([key, group]) => ({ key, group, ...placeOf(group[0]?.dimension) }))
    .sort(
      (a, b) =>
        a.rank - b.rank || compareText(a.issuer, b.issuer) || a.rankOfIssuer - b.rankOfIssuer || compareText(a.key, b.key),
    );
  return groups.flatMap(({ key, group }) => {
    if (hasTarget && key === 'path') return [];
    const ofPath = key === 'target' ? (byDimension.get('path') ?? []) : [];
    const asked = JSON.stringify([group.map(keyOfTest).sort(), ofPath.map(keyOfTest).sort()]);
    const before = known.get(asked);
    const work = budget.left();
    if (before !== undefined && !isTooMuch(before)) return before;
    if (before !== undefined && before.work >= work) return giveUp(before.gaveUp.at, before.gaveUp.limit);
    const variables = within(() => variablesOfGroup(group, ofPath, limits, budget.spend));
    if (!('kind' in variables)) {
      known.set(asked, variables);
      return variables;
    }
    known.set(asked, { gaveUp: variables, work });
    return giveUp(variables.at, variables.limit);
  });
}

/**
 * Where a part stands in the order. The claims of an issuer stand next to its token: sets know that there are no claims without the token, and
 * where all tokens came first they would have to remember every one of them until the claims come.
 */
function placeOf(dimension: Dimension | undefined): {
  readonly rank: number;
  readonly issuer: string;
  readonly rankOfIssuer: number;
} {
  const rank = ORDER.indexOf(dimension?.kind ?? 'assumed');
  if (dimension?.kind === 'token') return { rank, issuer: dimension.issuer, rankOfIssuer: 0 };
  if (dimension?.kind === 'claim') return { rank: ORDER.indexOf('token'), issuer: dimension.issuer, rankOfIssuer: 1 };
  return { rank, issuer: '', rankOfIssuer: 0 };
}

function isTooMuch(known: readonly Variable[] | TooMuch): known is TooMuch {
  return 'gaveUp' in known;
}

function variablesOfGroup(
  group: readonly Test[],
  ofPath: readonly Test[],
  limits: SpaceLimits,
  spend: (work: number) => void,
): readonly Variable[] {
  const [first] = group;
  switch (first?.kind) {
    case undefined:
      return [];
    case 'assumed': {
      const { dimension } = first;
      const values = [true, false].map((holds) => ({ kind: 'assumed' as const, dimension, holds }));
      return [{ values, passing: new Map([[keyOfTest(first), new Set([0])]]) }];
    }
    case 'token': {
      const { dimension } = first;
      const states = ['absent', 'invalid', 'valid'] as const;
      const values = states.map((is) => ({ kind: 'token' as const, dimension, is }));
      const passing = group.map((test) => {
        const wanted = test.kind === 'token' ? states.indexOf(test.is) : -1;
        return [keyOfTest(test), new Set(wanted < 0 ? [] : [wanted])] as const;
      });
      return [{ values, passing: new Map(passing) }];
    }
    case 'port': {
      const { dimension } = first;
      const ranges = group.flatMap((test) => (test.kind === 'port' ? [test] : []));
      const classes = classesOfPorts(ranges);
      const values = classes.map(({ witness }) => ({ kind: 'port' as const, dimension, port: witness }));
      return [{ values, passing: passingOf(ranges, classes, 0) }];
    }
    case 'range': {
      const { dimension } = first;
      const ranges = group.flatMap((test) => (test.kind === 'range' ? [test] : []));
      const classes = classesOfAddresses(ranges);
      const values = classes.map(({ witness }) => ({ kind: 'address' as const, dimension, address: witness }));
      return [{ values, passing: passingOf(ranges, classes, 0) }];
    }
    case 'text': {
      const { dimension } = first;
      const { absent, ...world } = textWorldOf(dimension);
      const question = { ...world, tests: textTestsOf(group), testsWithoutQuery: textTestsOf(ofPath) };
      const classes = classesOfTexts(question, limits, spend);
      const all = [...group, ...ofPath];
      if (dimension.kind === 'claim' || dimension.kind === 'certificate') return textsVariables(dimension, all, classes);
      const present = classes.map(({ witness }) => ({ kind: 'text' as const, dimension, text: witness }));
      const none = { kind: 'text' as const, dimension, text: undefined };
      const values = [...(absent === 'first' ? [none] : []), ...present, ...(absent === 'last' ? [none] : [])];
      return [{ values, passing: passingOf(all, classes, absent === 'first' ? 1 : 0) }];
    }
    default:
      return assertNever(first);
  }
}

function textTestsOf(tests: readonly Test[]): readonly TextTest[] {
  return tests.flatMap((test) => (test.kind === 'text' ? [test.test] : []));
}

/** Which classes pass each test; `shift` classes stand before them. */
function passingOf(
  tests: readonly Test[],
  classes: readonly { readonly passed: readonly number[] }[],
  shift: number,
): ReadonlyMap<string, ReadonlySet<number>> {
  const byTest = tests.map(() => new Set<number>());
  classes.forEach(({ passed }, value) => {
    for (const test of passed) byTest[test]?.add(value + shift);
  });
  return new Map(tests.map((test, place) => [keyOfTest(test), byTest[place] ?? new Set()]));
}

/** A claim may have any number of texts, and a certificate any number of names: for each class of them it has one or it has none. */
function textsVariables(
  dimension: ClaimDimension | CertificateDimension,
  tests: readonly Test[],
  classes: readonly TextClass[],
): readonly Variable[] {
  return classes.map(({ witness, passed }) => {
    const values = [[], [witness]].map((texts) => ({ kind: 'claim' as const, dimension, texts }));
    const holding = passed.flatMap((place) => tests[place] ?? []);
    return { values, passing: new Map(holding.map((test) => [keyOfTest(test), new Set([1])] as const)) };
  });
}
