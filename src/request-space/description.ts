import { groupBy } from '../util/collections.ts';
import type { RequestSet } from './diagram.ts';
import { keyOfDimension, ORDER } from './dimensions.ts';
import { ALWAYS, type Dimension, type Test } from './formula.ts';
import type { CommonTraits, SetDescription, TestAnswer } from './set-description.ts';
import type { Vocabulary } from './vocabulary.ts';

/** So many kinds of requests are described of one set. */
const MOST_KINDS = 8;

/**
 * What requests of a set have in common, by answers to some tests: nothing that is said holds of a request in `others`. Of what is in
 * neither set, the shorter words decide. The tests must tell the two sets apart.
 */
export function describeSet(vocabulary: Vocabulary, set: RequestSet, others: RequestSet, tests: readonly Test[]): SetDescription {
  const { nothing, intersection, difference } = vocabulary;
  const every = vocabulary.looseSetOf(ALWAYS);
  const yes = new Map(tests.map((test) => [test, vocabulary.looseSetOf(test)]));
  const having = ({ test, is }: TestAnswer, within: RequestSet): RequestSet => {
    const passing = yes.get(test) ?? nothing;
    return is ? intersection(within, passing) : difference(within, passing);
  };
  const groups = [...groupBy(tests, ({ dimension }) => keyOfDimension(dimension)).values()].sort(
    (a, b) => rankOf(b[0]?.dimension) - rankOf(a[0]?.dimension),
  );

  /** The answers of some requests of a set, all the same; no wherever that is possible. */
  function answersIn(wanted: RequestSet): ReadonlyMap<Test, boolean> {
    const answers = new Map<Test, boolean>();
    let cell = wanted;
    for (const group of groups) {
      for (const test of group) {
        const without = having({ test, is: false }, cell);
        const is = without === nothing;
        answers.set(test, is);
        if (!is) cell = without;
      }
    }
    return answers;
  }

  /** As few of the answers as keep others out. */
  function traitsOf(answers: ReadonlyMap<Test, boolean>): CommonTraits {
    const chosen: TestAnswer[][] = groups.map((group) =>
      group.map((test): TestAnswer => ({ test, is: answers.get(test) === true })),
    );
    const meets = (of: readonly TestAnswer[], within: RequestSet): RequestSet =>
      of.reduce((left, answer) => (left === nothing ? nothing : having(answer, left)), within);
    // Of each place what the groups after it leave; those before it are as few as they get by then. Joined for each place anew it takes long.
    const after = [every];
    for (const group of chosen.slice(1).reverse()) after.unshift(meets(group, after[0] ?? every));
    let before = others;
    for (const [place, group] of chosen.entries()) {
      const besides = intersection(before, after[place] ?? every);
      let left = besides;
      const sorted = [...group].sort((a, b) => widthOf(a) - widthOf(b));
      // What it is says more than all that it is not.
      const enough = sorted.find((answer) => answer.is && left !== nothing && having(answer, left) === nothing);
      if (enough !== undefined) {
        chosen[place] = [enough];
        before = having(enough, before);
        continue;
      }
      const kept: TestAnswer[] = [];
      for (const answer of sorted) {
        if (left === nothing) break;
        const rest = having(answer, left);
        if (rest === left) continue;
        kept.push(answer);
        left = rest;
      }
      const needed = kept.reduce<readonly TestAnswer[]>((some, answer) => {
        const without = some.filter((one) => one !== answer);
        return meets(without, besides) === nothing ? without : some;
      }, kept);
      chosen[place] = [...needed];
      before = meets(needed, before);
    }
    return chosen.reverse().flat();
  }

  const anyOf: CommonTraits[] = [];
  let left = set;
  while (left !== nothing && anyOf.length < MOST_KINDS) {
    const traits = traitsOf(answersIn(left));
    anyOf.push(traits);
    left = difference(
      left,
      traits.reduce((within, answer) => having(answer, within), left),
    );
  }
  return { anyOf, isWhole: left === nothing };
}

function rankOf(dimension: Dimension | undefined): number {
  return dimension === undefined ? 0 : ORDER.indexOf(dimension.kind);
}

/** What is said of many before what is said of few. */
function widthOf({ test, is }: TestAnswer): number {
  const isOne = test.kind === 'text' && (test.test.kind === 'exact' || test.test.kind === 'regex');
  return is ? (isOne ? 2 : 0) : 1;
}
