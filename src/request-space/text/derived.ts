import { boundariesOf, charactersOf, createStateTable, lowerCharacter, type TextAutomaton } from './automaton.ts';

/** What an automaton says of a text in which a beginning was replaced by another one. */
export function replacedAutomaton(prefix: string, by: string, isIgnoringCase: boolean, inner: TextAutomaton): TextAutomaton {
  const fold = (character: number): number => (isIgnoringCase ? lowerCharacter(character) : character);
  const awaited = charactersOf(prefix).map(fold);
  const replaced = charactersOf(by).reduce((state, character) => inner.next(state, character), inner.start);
  // How much of the beginning was read; undefined where that is decided.
  const states = createStateTable<{ readonly read: number | undefined; readonly inner: number }>();
  const stateOf = (read: number | undefined, state: number): number =>
    states.idOf(`${read} ${state}`, () => ({ read, inner: state }));
  return {
    start: awaited.length === 0 ? stateOf(undefined, replaced) : stateOf(0, inner.start),
    passed: (id) => inner.passed(states.at(id).inner),
    boundaries(id) {
      const { read, inner: state } = states.at(id);
      const next = read === undefined ? undefined : awaited[read];
      return next === undefined ? inner.boundaries(state) : [...inner.boundaries(state), ...boundariesOf([next], isIgnoringCase)];
    },
    next(id, character) {
      const { read, inner: state } = states.at(id);
      if (read === undefined || awaited[read] !== fold(character)) return stateOf(undefined, inner.next(state, character));
      return read + 1 === awaited.length ? stateOf(undefined, replaced) : stateOf(read + 1, inner.next(state, character));
    },
    isSettled: (id) => states.at(id).read === undefined && inner.isSettled(states.at(id).inner),
  };
}

const QUERY_MARKS = charactersOf('?#');

/** What an automaton says of the part of a text before its query. */
export function withoutQueryAutomaton(inner: TextAutomaton): TextAutomaton {
  const marks = boundariesOf(QUERY_MARKS, false);
  // The states where the text goes on are even.
  return {
    start: inner.start * 2,
    passed: (id) => inner.passed(id >> 1),
    boundaries: (id) => (id % 2 === 1 ? [] : [...inner.boundaries(id >> 1), ...marks]),
    next: (id, character) => (id % 2 === 1 ? id : QUERY_MARKS.includes(character) ? id + 1 : inner.next(id >> 1, character) * 2),
    isSettled: (id) => id % 2 === 1 || inner.isSettled(id >> 1),
  };
}
