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
  /** Texts as they are usually seen, among which witnesses are looked for first, and all that there are. */
  readonly usual: ExpressionProgram;
  readonly all: ExpressionProgram;
  /** Texts that make good witnesses. */
  readonly samples: readonly string[];
}

/** The classes of texts that tests tell apart, those with the better witnesses first. */
export function classesOfTexts(question: TextQuestion, limits: SpaceLimits, spend: (work: number) => void): readonly TextClass[] {
  const { tests, testsWithoutQuery = [], samples } = question;
  const parts = [automatonOfTests(tests, spend)];
  if (testsWithoutQuery.length > 0) {
    parts.push(shifted(withoutQueryAutomaton(automatonOfTests(testsWithoutQuery, spend)), tests.length));
  }
  const automaton = productAutomaton(parts, spend);
  const found = new Map<string, TextClass>();
  const take = (into: Map<string, TextClass>, state: number, witness: () => string): void => {
    const passed = automaton.passed(state);
    const key = passed.join();
    if (!into.has(key)) into.set(key, { passed, witness: witness() });
  };
  const [usual, all] = [expressionAutomaton(question.usual, 0, spend), expressionAutomaton(question.all, 0, spend)];
  for (const sample of samples) {
    if (usual.passed(run(usual, sample)).length > 0) take(found, run(automaton, sample), () => sample);
  }
  const others = new Map<string, TextClass>();
  const seen = createStateTable<Place>();
  const enter = (inUsual: number, inAll: number, state: number, from: number, character: number): void => {
    const isIn = all.passed(inAll).length > 0;
    // No text begins so.
    if (all.isSettled(inAll) && !isIn) return;
    const size = seen.size;
    const place = seen.idOf(`${inUsual} ${inAll} ${state}`, () => ({ inUsual, inAll, state, from, character }));
    if (place === size && isIn) take(usual.passed(inUsual).length > 0 ? found : others, state, () => wordTo(seen, place));
  };
  enter(usual.start, all.start, automaton.start, -1, 0);
  for (let at = 0; at < seen.size; at++) {
    if (seen.size > limits.states) giveUp('states', limits.states);
    const { inUsual, inAll, state } = seen.at(at);
    const classes = ALPHABET.classes([...usual.boundaries(inUsual), ...all.boundaries(inAll), ...automaton.boundaries(state)]);
    spend(classes.length);
    for (const one of classes) enter(usual.next(inUsual, one), all.next(inAll, one), automaton.next(state, one), at, one);
  }
  for (const [key, one] of others) if (!found.has(key)) found.set(key, one);
  return [...found.values()];
}

interface Place {
  readonly inUsual: number;
  readonly inAll: number;
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
