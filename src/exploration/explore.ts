import type { RequestSet } from '../request-space/diagram.ts';
import { keyOfDimension } from '../request-space/dimensions.ts';
import { ALWAYS, allOf, anyOf, type Formula, not, type TextDimension, textTest } from '../request-space/formula.ts';
import { USUAL_LIMITS, within } from '../request-space/limits.ts';
import { type KnownVariables, type PartValue, testsIn } from '../request-space/variables.ts';
import { type Vocabulary, withVocabulary } from '../request-space/vocabulary.ts';
import type { TraceRequest } from '../trace/outcome.ts';
import { NORMAL_FORM } from '../trace/recording/parts.ts';
import { passesText } from '../trace/recording/passes-text.ts';
import { createRecording, type Recording, type RememberingRecorder } from '../trace/recording/record.ts';
import type { Assumption, KnownIssuer, Reading } from '../trace/recording/recorder.ts';
import { memo } from '../util/memo.ts';
import { compileExpression, type ExpressionCompiler } from '../util/re2.ts';
import type { ExplorationLimit } from './exploration-limit.ts';
import type { OpenRequest } from './open-request.ts';
import { requestOf, type Witness } from './request-of.ts';

/** Requests that end the same way, for the same reasons. */
export interface RequestClass<T> {
  readonly witness: Witness;
  /** What was seen of the witness. */
  readonly seen: T;
  /** What all of them have in common: what decided, and how. */
  readonly readings: readonly Reading[];
  /** What was taken for granted; without any, all of them end as the witness does. */
  readonly assumptions: readonly Assumption[];
  /** Whether their paths are not in normal form: each ends as the request does whose path is what proxies make of its path. */
  readonly isOfOtherForm: boolean;
}

/** All requests of an open, in classes; or where that was too much. */
export interface Exploration<T> {
  readonly classes: readonly RequestClass<T>[];
  /** What holds of all of them, and the issuers of tokens that proxies on their way know. */
  readonly universe: Formula;
  readonly issuers: readonly KnownIssuer[];
  /** Where it ended before all requests were in classes. */
  readonly gaveUp?: ExplorationLimit;
}

/** Traces a request; for each trace of it there is a recorder, which hears what decides. */
export type Observe<T> = (request: TraceRequest, begin: () => RememberingRecorder) => T;

/** So many classes are looked at. */
export const MOST_CLASSES = 4_000;

/**
 * Divides the requests of an open into classes. `observe` traces a request and tells the recorder what decides about it; a request that
 * is in none of the classes so far is observed, its class taken away, until none is left.
 */
export function exploreRequests<T>(
  open: OpenRequest,
  observe: Observe<T>,
  most: number = MOST_CLASSES,
  memory: ExplorationMemory = createExplorationMemory(),
): Exploration<T> {
  for (;;) {
    const isFresh = memory.words === undefined;
    const explored = exploreWith(open, memory, observe, most);
    if ('classes' in explored) {
      if (explored.gaveUp === undefined || isFresh) return explored;
      // What was found for others may have been what was too much.
      forget(memory);
    } else memory.issuers = explored.issuers;
  }
}

/**
 * What explorations keep for one another, since it takes long to find words for all that decides: of requests that meet much the same
 * configuration.
 */
export interface ExplorationMemory {
  readonly compile: ExpressionCompiler;
  recording: Recording;
  issuers: readonly KnownIssuer[];
  /** What was asked that words were found for. */
  readonly formulas: Set<Formula>;
  readonly variables: KnownVariables;
  words: { readonly vocabulary: Vocabulary; readonly regions: Regions } | undefined;
}

/** A memory with nothing in it but variables, which all can share. */
export function createExplorationMemory(variables: KnownVariables = new Map()): ExplorationMemory {
  const compile = memo(compileExpression);
  return { compile, recording: createRecording(compile), issuers: [], formulas: new Set(), variables, words: undefined };
}

function forget(memory: ExplorationMemory): void {
  memory.recording = createRecording(memory.compile);
  memory.formulas.clear();
  memory.words = undefined;
}

/** The same with some issuers; gives more of them where proxies look for tokens of others. */
function exploreWith<T>(
  open: OpenRequest,
  memory: ExplorationMemory,
  observe: Observe<T>,
  most: number,
): Exploration<T> | { readonly issuers: readonly KnownIssuer[] } {
  const { recording, issuers, formulas } = memory;
  const universe = allOf([open.within, oneToken(issuers)]);
  const classes: RequestClass<T>[] = [];
  const impossible: Formula[] = [];

  /** Looks at what is left, until something is asked that the vocabulary has no words for. Gives whether nothing is left. */
  function round({
    vocabulary,
    regions,
  }: NonNullable<ExplorationMemory['words']>):
    | true
    | 'more words'
    | ExplorationLimit
    | { readonly issuers: readonly KnownIssuer[] } {
    let left = vocabulary.setOf(universe);
    for (const { readings } of classes) left = vocabulary.difference(left, regions.all(readings, false));
    for (const formula of impossible) left = vocabulary.difference(left, vocabulary.setOf(formula));
    let isWhole = true;
    for (;;) {
      const values = vocabulary.witness(left);
      if (values === undefined) return isWhole || 'more words';
      const witness = requestOf(open, values, issuers);
      if (witness === undefined) {
        const formula = sameClaims(formulas, values, memory.compile);
        impossible.push(formula);
        left = vocabulary.difference(left, vocabulary.setOf(formula));
        continue;
      }
      if (classes.length >= most) return { kind: 'gaveUp', at: 'classes', limit: most };
      const recorders: RememberingRecorder[] = [];
      const seen = observe(witness.request, () => {
        const recorder = recording.begin(witness.chosen);
        recorders.push(recorder);
        return recorder;
      });
      const more = moreIssuers(
        issuers,
        recorders.flatMap((recorder) => recorder.issuers()),
      );
      if (more !== undefined) return { issuers: more };
      const isOfOtherForm = isTakenInNormalForm(recorders);
      const all = recorders.flatMap((recorder) => recorder.readings());
      const readings = isOfOtherForm ? all.filter(isOfPath) : all;
      const assumptions = isOfOtherForm ? [] : recorders.flatMap((recorder) => recorder.assumptions());
      classes.push({ witness, seen, readings, assumptions, isOfOtherForm });
      const fresh = readings.flatMap((reading) => formulasOf(reading).filter((formula) => !vocabulary.knows(formula)));
      for (const formula of fresh) formulas.add(formula);
      const isKnown = fresh.length === 0;
      isWhole &&= isKnown;
      const rest = vocabulary.difference(left, regions.all(readings, !isKnown));
      if (rest === left) return { kind: 'gaveUp', at: 'reading', limit: classes.length };
      left = rest;
    }
  }

  for (;;) {
    if (memory.words?.vocabulary.knows(universe) !== true) {
      formulas.add(universe);
      memory.words = undefined;
    }
    const { words } = memory;
    const result =
      words === undefined
        ? withVocabulary(
            [...formulas],
            (vocabulary) => {
              memory.words = { vocabulary, regions: regionsIn(vocabulary) };
              return round(memory.words);
            },
            USUAL_LIMITS,
            memory.variables,
          )
        : within(() => round(words));
    if (result === true) return { classes, universe, issuers };
    if (result === 'more words') {
      memory.words = undefined;
      continue;
    }
    return 'issuers' in result ? result : { classes, universe, issuers, gaveUp: result };
  }
}

/** The requests of which the same holds, and some that there cannot be. */
interface Regions {
  /** Those of all readings; of readings that the vocabulary has no words for, any, if `isRough`. */
  all(readings: readonly Reading[], isRough: boolean): RequestSet;
}

function regionsIn(vocabulary: Vocabulary): Regions {
  const setOf = memo((formula: Formula) => vocabulary.looseSetOf(formula));
  // Of the many virtual hosts of a large mesh, few readings are about more than one.
  const partAt = memo((formulas: readonly Formula[], place: number) => vocabulary.partAt(formulas, place));
  const every = vocabulary.looseSetOf(ALWAYS);
  const regionOf = (reading: Reading): RequestSet => {
    if (reading.kind === 'holds') {
      const set = setOf(reading.formula);
      return reading.isTrue ? set : vocabulary.difference(every, set);
    }
    const { formulas, places } = reading;
    const [only, ...others] = places.map((place) => (place < formulas.length ? partAt(formulas, place) : vocabulary.nothing));
    return only === undefined ? partAt(formulas, formulas.length) : others.reduce(vocabulary.union, only);
  };
  return {
    all(readings, isRough) {
      const known = isRough ? readings.filter((reading) => formulasOf(reading).every(vocabulary.knows)) : readings;
      // What says little comes first, and of that what stands last in the order: each then takes one step. A class has several for each issuer.
      const small = known.filter(({ kind }) => kind === 'holds').map(regionOf);
      const large = known.filter(({ kind }) => kind === 'first').map(regionOf);
      return [...small.sort((a, b) => b.variable - a.variable), ...large].reduce(vocabulary.intersection, every);
    },
  };
}

/** What a reading is about. */
export function formulasOf(reading: Reading): readonly Formula[] {
  return reading.kind === 'holds' ? [reading.formula] : reading.formulas;
}

/**
 * Whether requests end as those do whose path is the normal form of theirs, so that nothing need be told of them: something looks at that
 * form, and every proxy that the path comes to as it was sent makes the same of it. Where one passes it on as it is, it may have looked
 * at it, and a form of what a rule wrote in its place is none that a client can send.
 */
function isTakenInNormalForm(recorders: readonly RememberingRecorder[]): boolean {
  const isRead = recorders.some((recorder) =>
    recorder.assumptions().some((one) => one.kind === 'untraceable' && one.what.includes(NORMAL_FORM)),
  );
  const [first, ...others] = recorders.map((recorder) => recorder.pathForms());
  const [form] = first ?? [];
  return isRead && form !== undefined && [first, ...others].every((forms) => forms?.length === 1 && forms[0] === form);
}

/** Whether a reading says nothing but what a path is like, or the connection. */
function isOfPath(reading: Reading): boolean {
  return testsIn(formulasOf(reading)).every(
    ({ dimension: { kind } }) => kind === 'path' || kind === 'serverName' || kind === 'sourceAddress',
  );
}

/** Requests that have these values for claims as far as the tests of some formulas tell. */
function sameClaims(formulas: Iterable<Formula>, values: readonly PartValue[], compile: ExpressionCompiler): Formula {
  const texts = new Map(
    values.flatMap((value) => (value.kind === 'claim' ? [[keyOfDimension(value.dimension), value.texts] as const] : [])),
  );
  return allOf(
    testsIn([...formulas]).flatMap((test): readonly Formula[] => {
      if (test.kind !== 'text' || test.dimension.kind !== 'claim') return [];
      const has = (texts.get(keyOfDimension(test.dimension)) ?? []).some((text) => passesText(test.test, text, compile));
      return [has ? test : not(test)];
    }),
  );
}

/** The issuers with those that were found; undefined where there are no more. */
function moreIssuers(known: readonly KnownIssuer[], found: readonly KnownIssuer[]): readonly KnownIssuer[] | undefined {
  const fresh = found.filter(({ issuer }) => known.every((one) => one.issuer !== issuer));
  if (fresh.length === 0) return undefined;
  const [first] = fresh;
  const others: readonly KnownIssuer[] = known.length === 0 && first !== undefined ? [{ ...first, issuer: '' }] : [];
  const named = new Map([...others, ...known, ...fresh].map((one) => [one.issuer, one]));
  return [...named.values()];
}

/** A request carries one token at most, and where tokens stand there is nothing else that looks like one. */
function oneToken(issuers: readonly KnownIssuer[]): Formula {
  const carried = issuers.map(({ issuer }) => {
    const dimension = { kind: 'token', issuer } as const;
    return anyOf([
      { kind: 'token', dimension, is: 'valid' },
      { kind: 'token', dimension, is: 'invalid' },
    ]);
  });
  // What is refused of others is refused whatever it is.
  const others = issuers.some(({ issuer }) => issuer === '')
    ? [not({ kind: 'token', dimension: { kind: 'token', issuer: '' }, is: 'valid' } as const)]
    : [];
  const pairs = carried.flatMap((one, at) => carried.slice(at + 1).map((other) => not(allOf([one, other]))));
  const places = issuers.map(({ place: { dimension, prefix } }) => {
    const looksLikeOne = prefix === '' ? present(dimension) : textTest(dimension, { kind: 'contains', text: prefix });
    return allOf([not(looksLikeOne), anyOf([not(anyOf(carried)), not(present(dimension))])]);
  });
  return allOf([...others, ...pairs, ...places]);
}

function present(dimension: TextDimension): Formula {
  return textTest(dimension, { kind: 'present' });
}
