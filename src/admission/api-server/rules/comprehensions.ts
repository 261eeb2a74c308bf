import type { Evaluate } from './evaluate.ts';
import { CelList, CelMap, type CelResult, Failure, noOverload } from './values.ts';

/** The results of a predicate for one element after the other. */
type Results = Iterable<readonly [element: CelResult, result: CelResult]>;

/** The macros that go through a list or the keys of a map, by what the results of their predicate become. */
export const comprehensions: Readonly<Record<string, (results: Results) => CelResult>> = {
  all: (results) => quantify(results, false),
  exists: (results) => quantify(results, true),
  exists_one: (results) => {
    const chosen = choose(results);
    return chosen instanceof Failure ? chosen : chosen.length === 1;
  },
  filter: (results) => {
    const chosen = choose(results);
    return chosen instanceof Failure ? chosen : new CelList(chosen);
  },
};

/** One decisive result decides, whatever fails before it; with none of them the first failure counts. */
function quantify(results: Results, decisive: boolean): CelResult {
  let failure: Failure | undefined;
  for (const [, result] of results) {
    if (result === decisive) return decisive;
    if (typeof result !== 'boolean') failure ??= result instanceof Failure ? result : noOverload;
  }
  return failure ?? !decisive;
}

/** Every result counts; with failures among them the last one does. */
function choose(results: Results): readonly CelResult[] | Failure {
  let failure: Failure | undefined;
  const chosen: CelResult[] = [];
  for (const [element, result] of results) {
    if (typeof result !== 'boolean') failure = result instanceof Failure ? result : noOverload;
    else if (result) chosen.push(element);
  }
  return failure ?? chosen;
}

/** A macro that is called on a range, with the name of its variable and its predicate. */
export function comprehend(
  range: Evaluate,
  variable: string,
  predicate: Evaluate,
  conclude: (results: Results) => CelResult,
): Evaluate {
  return (variables) => {
    const value = range(variables);
    if (value instanceof Failure) return value;
    if (!(value instanceof CelList || value instanceof CelMap)) return noOverload;
    const elements = value instanceof CelList ? value.elements : value.keys();
    return conclude(
      (function* () {
        for (const element of elements) yield [element, predicate({ name: variable, value: element, outer: variables })];
      })(),
    );
  };
}
