import { assertNever } from '../util/assert.ts';
import { memo } from '../util/memo.ts';
import { createDiagram, firstOf, type RequestSet } from './diagram.ts';
import { CLIENT_SUBJECT, keyOfDimension } from './dimensions.ts';
import { allOf, anyOf, type Formula, not, type Test, textTest } from './formula.ts';
import { type GaveUp, type SpaceLimits, USUAL_LIMITS, within, workBudget } from './limits.ts';
import { type KnownVariables, keyOfTest, type PartValue, testsIn, type Variable, variablesOf } from './variables.ts';

/** Sets of requests, in terms of the tests of some formulas. */
export interface Vocabulary {
  /** All requests that there can be. */
  readonly everything: RequestSet;
  readonly nothing: RequestSet;
  /** Whether each test of a formula is one of the vocabulary; of others there are no sets. */
  knows(formula: Formula): boolean;
  /** The requests that a formula holds of. */
  setOf(formula: Formula): RequestSet;
  /** The same with requests that there cannot be, which is smaller: for who joins it with sets of those that there can be. */
  looseSetOf(formula: Formula): RequestSet;
  union(a: RequestSet, b: RequestSet): RequestSet;
  intersection(a: RequestSet, b: RequestSet): RequestSet;
  difference(a: RequestSet, b: RequestSet): RequestSet;
  /** Whether all requests of the first set are in the second one. */
  isSubset(a: RequestSet, b: RequestSet): boolean;
  /** A request of a set, by a value for each part that the vocabulary asks for; undefined for no request. */
  witness(set: RequestSet): readonly PartValue[] | undefined;
  /** For each of some formulas the requests that it is the first to hold of. */
  partition(formulas: readonly Formula[]): readonly RequestSet[];
  /** The same for one of them, by its place; after the last, the requests that none holds of. */
  partAt(formulas: readonly Formula[], place: number): RequestSet;
  /** The variables of sets, for those who describe them. */
  readonly variables: readonly Variable[];
}

/** What can be asked about requests with the tests of some formulas; or where that was too much. */
export function withVocabulary<T>(
  formulas: readonly Formula[],
  ask: (vocabulary: Vocabulary) => T,
  limits: SpaceLimits = USUAL_LIMITS,
  known: KnownVariables = new Map(),
): T | GaveUp {
  return within(() => ask(createVocabulary(formulas, limits, known)));
}

function createVocabulary(formulas: readonly Formula[], limits: SpaceLimits, known: KnownVariables): Vocabulary {
  const constraints = constraintsOn(testsIn(formulas));
  const variables = variablesOf(testsIn([...formulas, ...constraints]), limits, workBudget(limits), known);
  const diagram = createDiagram(
    variables.map(({ values }) => values.length),
    limits,
  );
  const { union, intersection, difference, nothing } = diagram;
  const placesOfTest = new Map<string, number[]>();
  variables.forEach(({ passing }, place) => {
    for (const key of passing.keys()) placesOfTest.set(key, [...(placesOfTest.get(key) ?? []), place]);
  });
  const sets = new Map<string, RequestSet>();

  function setOfTest(test: Test): RequestSet {
    const key = keyOfTest(test);
    const known = sets.get(key);
    if (known !== undefined) return known;
    // No text that can be in a request passes a test which no variable has.
    const set = (placesOfTest.get(key) ?? [])
      .map((place) => diagram.having(place, variables[place]?.passing.get(key) ?? new Set()))
      .reduce(union, nothing);
    sets.set(key, set);
    return set;
  }

  /** All of some sets, joined two by two: of many each is then joined a few times. */
  function unionOf(some: readonly RequestSet[]): RequestSet {
    const [first = nothing, second] = some;
    if (second === undefined) return first;
    const half = Math.ceil(some.length / 2);
    return union(unionOf(some.slice(0, half)), unionOf(some.slice(half)));
  }

  const build = memo((formula: Formula): RequestSet => {
    switch (formula.kind) {
      case 'all':
        return formula.of.map((part) => build(part)).reduce(intersection, diagram.all);
      case 'any':
        return unionOf(formula.of.map((part) => build(part)));
      case 'not':
        return difference(diagram.all, build(formula.of));
      case 'text':
      case 'token':
      case 'port':
      case 'range':
      case 'assumed':
        return setOfTest(formula);
      default:
        return assertNever(formula);
    }
  });

  const everything = build(allOf(constraints));
  const setOf = (formula: Formula): RequestSet => intersection(everything, build(formula));
  const knownTests = new Set(testsIn([...formulas, ...constraints]).map(keyOfTest));
  return {
    everything,
    nothing,
    knows: memo((formula: Formula) => testsIn([formula]).every((test) => knownTests.has(keyOfTest(test)))),
    setOf,
    looseSetOf: build,
    union,
    intersection,
    difference,
    isSubset: (a, b) => difference(a, b) === nothing,
    witness: (set) => (set === nothing ? undefined : witnessOf(set, variables, nothing)),
    partition(ordered) {
      let left = everything;
      return ordered.map((formula) => {
        const set = intersection(left, build(formula));
        left = difference(left, set);
        return set;
      });
    },
    partAt(ordered, place) {
      const formula = ordered[place];
      const own = formula === undefined ? everything : setOf(formula);
      // Mostly no other one holds of the same.
      const before = ordered.slice(0, place).map((other) => build(other));
      return difference(own, unionOf(before.filter((other) => intersection(own, other) !== nothing)));
    },
    variables,
  };
}

/** A request by the first values that lead to one. */
function witnessOf(set: RequestSet, variables: readonly Variable[], nothing: RequestSet): readonly PartValue[] {
  const values: PartValue[] = [];
  let node = set;
  variables.forEach((variable, place) => {
    const [chosen, child] = node.variable === place ? firstOf(node, nothing) : ([0, node] as const);
    const value = variable.values[chosen];
    node = child;
    if (value !== undefined) addValue(values, value);
  });
  return values;
}

/** Adds a value; the texts of a claim come one after the other. */
function addValue(values: PartValue[], value: PartValue): void {
  const last = values.at(-1);
  if (value.kind !== 'claim' || last?.kind !== 'claim' || keyOfDimension(value.dimension) !== keyOfDimension(last.dimension)) {
    values.push(value);
  } else {
    values[values.length - 1] = { ...last, texts: [...last.texts, ...value.texts] };
  }
}

/** What holds of all requests, as far as tests ask for it. */
function constraintsOn(tests: readonly Test[]): readonly Formula[] {
  const byKind = new Map(tests.map(({ dimension }) => [keyOfDimension(dimension), dimension]));
  const found: Formula[] = [];
  const implies = (a: Formula, b: Formula): void => void found.push(anyOf([not(a), b]));
  const isTls = textTest({ kind: 'transport' }, { kind: 'exact', text: 'tls' });
  for (const dimension of byKind.values()) {
    switch (dimension.kind) {
      case 'path':
      case 'target':
        // Only CONNECT has none.
        if (byKind.has('method')) {
          const isConnect = textTest({ kind: 'method' }, { kind: 'exact', text: 'CONNECT' });
          implies(not(textTest(dimension, { kind: 'present' })), isConnect);
        }
        break;
      case 'serverName':
      case 'alpn':
      case 'identity':
        if (byKind.has('transport')) implies(textTest(dimension, { kind: 'present' }), isTls);
        break;
      case 'certificate':
        if (byKind.has('transport')) implies(textTest(dimension, { kind: 'present' }), isTls);
        implies(textTest(dimension, { kind: 'present' }), textTest(dimension, { kind: 'exact', text: CLIENT_SUBJECT }));
        break;
      case 'claim': {
        const token = { kind: 'token', issuer: dimension.issuer } as const;
        implies(textTest(dimension, { kind: 'present' }), { kind: 'token', dimension: token, is: 'valid' });
        break;
      }
      case 'authority':
      case 'method':
      case 'scheme':
      case 'header':
      case 'query':
      case 'transport':
      case 'token':
      case 'destinationPort':
      case 'sourcePort':
      case 'destinationAddress':
      case 'sourceAddress':
      case 'remoteAddress':
      case 'assumed':
        break;
      default:
        assertNever(dimension);
    }
  }
  return found;
}
