import type { ExpressionProgram } from '../../util/re2.ts';
import type { TextTest } from '../formula.ts';
import { giveUp, type SpaceLimits } from '../limits.ts';
import { ALPHABET } from './alphabet.ts';
import { charactersOf, createStateTable, type TextAutomaton } from './automaton.ts';
import { withoutQueryAutomaton } from './derived.ts';
import { expressionAutomaton } from './expression.ts';
import { productAutomaton } from './product.ts';
import { automatonOfTests } from './tests.ts';

/** The texts that pass the same tests. */
export interface TextClass {
  /** The tests that they pass, by their places in the list, in order. */
  readonly passed: readonly number[];
  /** One of the shortest of them, or one that is seen more often. */
  readonly witness: string;
}

/** What texts there are, and what is asked of them. */
export interface TextQuestion {
  readonly tests: readonly TextTest[];
  /** Those that look at the text before its query alone; they are numbered after `tests`. */
  readonly testsWithoutQuery?: readonly TextTest[];
  /** The texts among which witnesses are looked for, one set after the other; there are no texts but those of the last one. */
  readonly worlds: readonly ExpressionProgram[];
  /** Texts that make good witnesses. */
  readonly samples: readonly string[];
}

/** The classes of texts that tests tell apart, those with the better witnesses first. */
export function classesOfTexts(question: TextQuestion, limits: SpaceLimits, spend: (work: number) => void): readonly TextClass[] {
  const { tests, testsWithoutQuery = [], worlds, samples } = question;
  const parts = [automatonOfTests(tests, spend)];
  if (testsWithoutQuery.length > 0) {
    parts.push(shifted(withoutQueryAutomaton(automatonOfTests(testsWithoutQuery, spend)), tests.length));
  }
  const automaton = productAutomaton(parts, spend);
  const found = new Map<string, TextClass>();
  const take = (state: number, witness: () => string): void => {
    const passed = automaton.passed(state);
    const key = passed.join();
    if (!found.has(key)) found.set(key, { passed, witness: witness() });
  };
  worlds.forEach((program, index) => {
    const world = expressionAutomaton(program, 0, spend);
    if (index === 0) {
      const known = samples.filter((sample) => world.passed(run(world, sample)).length > 0);
      for (const sample of known) take(run(automaton, sample), () => sample);
    }
    search(world, automaton, take, limits, spend);
  });
  return [...found.values()];
}

/** Takes every state of an automaton that a text of a world ends in, by the shortest first. */
function search(
  world: TextAutomaton,
  automaton: TextAutomaton,
  take: (state: number, witness: () => string) => void,
  limits: SpaceLimits,
  spend: (work: number) => void,
): void {
  const seen = createStateTable<Place>();
  const enter = (inWorld: number, state: number, from: number, character: number): void => {
    const isInWorld = world.passed(inWorld).length > 0;
    // No text of the world begins so.
    if (world.isSettled(inWorld) && !isInWorld) return;
    const size = seen.size;
    const place = seen.idOf(`${inWorld} ${state}`, () => ({ inWorld, state, from, character }));
    if (place === size && isInWorld) take(state, () => wordTo(seen, place));
  };
  enter(world.start, automaton.start, -1, 0);
  for (let at = 0; at < seen.size; at++) {
    if (seen.size > limits.states) giveUp('states', limits.states);
    const { inWorld, state } = seen.at(at);
    const classes = ALPHABET.classes([...world.boundaries(inWorld), ...automaton.boundaries(state)]);
    spend(classes.length);
    for (const character of classes) enter(world.next(inWorld, character), automaton.next(state, character), at, character);
  }
}

interface Place {
  readonly inWorld: number;
  readonly state: number;
  /** The place before, and the character that led from there. */
  readonly from: number;
  readonly character: number;
}

function wordTo(seen: { readonly at: (place: number) => Place }, end: number): string {
  const characters: string[] = [];
  for (let place = seen.at(end); place.from !== -1; place = seen.at(place.from))
    characters.push(String.fromCodePoint(place.character));
  return characters.reverse().join('');
}

function run(automaton: TextAutomaton, text: string): number {
  return charactersOf(text).reduce((state, character) => automaton.next(state, character), automaton.start);
}

/** The automaton with other numbers for its tests. */
function shifted(automaton: TextAutomaton, by: number): TextAutomaton {
  return { ...automaton, passed: (state) => automaton.passed(state).map((test) => test + by) };
}
