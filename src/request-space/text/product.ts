import { addAll } from '../../util/collections.ts';
import { createListNumbers, type TextAutomaton } from './automaton.ts';

interface ProductState {
  /** Those automata whose answer is still open, each with its state after it. */
  readonly live: readonly number[];
  /** The tests that are passed whatever follows. */
  readonly settled: readonly number[];
  passed?: readonly number[];
  boundaries?: readonly number[];
}

/** Several automata as one. It looks no longer at those whose answer is settled, so most of many cost nothing. */
export function productAutomaton(automata: readonly TextAutomaton[], spend: (work: number) => void): TextAutomaton {
  const states: ProductState[] = [];
  const ids = new Map<number, number>();
  const [liveNumber, settledNumber, pairNumber] = [createListNumbers(), createListNumbers(), createListNumbers()];
  const of = (at = 0): TextAutomaton => {
    const automaton = automata[at];
    if (automaton === undefined) throw new RangeError(`there is no automaton ${at}`);
    return automaton;
  };
  const stateAt = (id: number): ProductState => states[id] ?? { live: [], settled: [] };

  /** The state of automata in these states, some of which may be settled now. */
  function stateOf(places: readonly number[], before: readonly number[]): number {
    spend(1 + places.length / 2);
    const live: number[] = [];
    let ended: number[] | undefined;
    for (let place = 0; place < places.length; place += 2) {
      const [automaton, state] = [of(places[place]), places[place + 1] ?? 0];
      if (!automaton.isSettled(state)) live.push(places[place] ?? 0, state);
      else {
        const passed = automaton.passed(state);
        if (passed.length > 0) ended = [...(ended ?? before), ...passed];
      }
    }
    const settled = ended === undefined ? before : sorted(ended);
    const key = pairNumber([liveNumber(live), settledNumber(settled)]);
    const known = ids.get(key);
    if (known !== undefined) return known;
    ids.set(key, states.length);
    return states.push({ live, settled }) - 1;
  }

  return {
    start: stateOf(
      automata.flatMap(({ start }, at) => [at, start]),
      [],
    ),
    passed(id) {
      const state = stateAt(id);
      state.passed ??= sorted([...state.settled, ...inner(state, (automaton, at) => automaton.passed(at))]);
      return state.passed;
    },
    boundaries(id) {
      const state = stateAt(id);
      state.boundaries ??= [...new Set(inner(state, (automaton, at) => automaton.boundaries(at)))];
      return state.boundaries;
    },
    next(id, character) {
      const { live, settled } = stateAt(id);
      if (live.length === 0) return id;
      const places = live.slice();
      for (let place = 0; place < live.length; place += 2) {
        places[place + 1] = of(live[place]).next(live[place + 1] ?? 0, character);
      }
      return stateOf(places, settled);
    },
    isSettled: (id) => stateAt(id).live.length === 0,
  };

  function inner({ live }: ProductState, ask: (automaton: TextAutomaton, state: number) => readonly number[]): number[] {
    const found: number[] = [];
    for (let place = 0; place < live.length; place += 2) addAll(found, ask(of(live[place]), live[place + 1] ?? 0));
    return found;
  }
}

function sorted(tests: readonly number[]): readonly number[] {
  return tests.length < 2 ? tests : [...new Set(tests)].sort((a, b) => a - b);
}
