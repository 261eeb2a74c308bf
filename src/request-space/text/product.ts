import { createStateTable, type TextAutomaton } from './automaton.ts';

interface ProductState {
  /** Those automata, with their states, whose answer is still open. */
  readonly live: readonly (readonly [automaton: number, state: number])[];
  /** The tests that are passed whatever follows. */
  readonly settled: readonly number[];
  passed?: readonly number[];
  boundaries?: readonly number[];
}

/** Several automata as one. It looks no longer at those whose answer is settled, so most of many cost nothing. */
export function productAutomaton(automata: readonly TextAutomaton[], spend: (work: number) => void): TextAutomaton {
  const states = createStateTable<ProductState>();
  const of = (at: number): TextAutomaton => {
    const automaton = automata[at];
    if (automaton === undefined) throw new RangeError(`there is no automaton ${at}`);
    return automaton;
  };
  const stateOf = (places: readonly (readonly [automaton: number, state: number])[], before: readonly number[]): number => {
    spend(1 + places.length);
    const live = places.filter(([at, state]) => !of(at).isSettled(state));
    let settled = before;
    if (live.length < places.length) {
      const ended = places.flatMap(([at, state]) => (of(at).isSettled(state) ? of(at).passed(state) : []));
      settled = ended.length === 0 ? before : sorted([...before, ...ended]);
    }
    return states.idOf(`${live.join()}|${settled.join()}`, () => ({ live, settled }));
  };
  return {
    start: stateOf(
      automata.map(({ start }, at) => [at, start]),
      [],
    ),
    passed(id) {
      const state = states.at(id);
      state.passed ??= sorted([...state.settled, ...state.live.flatMap(([at, inner]) => of(at).passed(inner))]);
      return state.passed;
    },
    boundaries(id) {
      const state = states.at(id);
      state.boundaries ??= state.live.flatMap(([at, inner]) => of(at).boundaries(inner));
      return state.boundaries;
    },
    next(id, character) {
      const { live, settled } = states.at(id);
      if (live.length === 0) return id;
      return stateOf(
        live.map(([at, state]) => [at, of(at).next(state, character)]),
        settled,
      );
    },
    isSettled: (id) => states.at(id).live.length === 0,
  };
}

function sorted(tests: readonly number[]): readonly number[] {
  return tests.length < 2 ? tests : [...new Set(tests)].sort((a, b) => a - b);
}
