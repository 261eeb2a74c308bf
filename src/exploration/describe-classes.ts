import { describeSet } from '../request-space/description.ts';
import type { RequestSet } from '../request-space/diagram.ts';
import { within } from '../request-space/limits.ts';
import type { SetDescription, TestAnswer } from '../request-space/set-description.ts';
import { testsIn } from '../request-space/variables.ts';
import { domainOfExpression } from '../trace/http/virtual-hosts.ts';
import { type Exploration, type ExplorationMemory, formulasOf, type RequestClass } from './explore.ts';

/**
 * What the requests of some classes of an exploration have in common that those of `others` have not, right after it was made with this
 * memory; undefined where it is too much to tell.
 */
export function describeClasses<T>(
  { universe }: Pick<Exploration<T>, 'universe'>,
  classes: readonly RequestClass<T>[],
  others: readonly RequestClass<T>[],
  { words }: ExplorationMemory,
): SetDescription | undefined {
  if (words === undefined) return undefined;
  const { vocabulary, regions } = words;
  const described = within(() => {
    const all = vocabulary.setOf(universe);
    const setOf = (some: readonly RequestClass<T>[]): RequestSet =>
      some
        .map(({ readings }) => vocabulary.intersection(all, regions.all(readings, false)))
        .reduce(vocabulary.union, vocabulary.nothing);
    const formulas = [...classes, ...others].flatMap(({ readings }) => readings.flatMap(formulasOf));
    return describeSet(vocabulary, setOf(classes), setOf(others), testsIn(formulas));
  });
  if (!('anyOf' in described)) return undefined;
  return { ...described, anyOf: described.anyOf.map((traits) => traits.map(withDomain)) };
}

/** A host with any port by its name, which is all that people want to know. */
function withDomain(answer: TestAnswer): TestAnswer {
  const { test } = answer;
  if (test.kind !== 'text' || test.dimension.kind !== 'authority' || test.test.kind !== 'regex') return answer;
  const text = domainOfExpression(test.test.expression);
  return text === undefined ? answer : { ...answer, test: { ...test, test: { kind: 'exact', text, ignoringCase: true } } };
}
