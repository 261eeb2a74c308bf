import { boundariesOf, createStateTable, type TextAutomaton } from './automaton.ts';

interface NumberState {
  readonly sign: 'none yet' | 'positive' | 'negative';
  /** How many digits there are after leading zeros; undefined before the first digit. */
  readonly count: number | undefined;
  /** How they compare with as many first digits of each bound. */
  readonly compared: readonly number[];
}

const DIGITS = boundariesOf([43, 45, ...Array.from({ length: 10 }, (_, digit) => 48 + digit)], false);

/** Whether a text is a decimal number from `start` to before `end`. */
export function integerAutomaton(start: bigint, end: bigint, test: number): TextAutomaton {
  const bounds = [start, end];
  const sizes = bounds.map((bound) => String(bound).replace('-', ''));
  const most = Math.max(sizes[0]?.length ?? 0, sizes[1]?.length ?? 0) + 1;
  const states = createStateTable<NumberState | 'lost'>();
  const lost = states.idOf('lost', () => 'lost');
  const stateOf = (state: NumberState): number => {
    const { sign, count, compared } = state;
    return states.idOf(`${sign} ${count} ${compared.join()}`, () => state);
  };

  /** Below zero where the number is less than a bound, above where it is more. */
  function compareTo(bound: bigint, at: number, { sign, count = 0, compared }: NumberState): number {
    if (count === 0) return bound > 0n ? -1 : bound < 0n ? 1 : 0;
    if (sign !== 'negative' && bound <= 0n) return 1;
    if (sign === 'negative' && bound >= 0n) return -1;
    const longer = count - (sizes[at]?.length ?? 0);
    const size = longer === 0 ? (compared[at] ?? 0) : longer;
    return sign === 'negative' ? -size : size;
  }

  function withDigit({ sign, count = 0, compared }: NumberState, digit: number): NumberState {
    const signed = sign === 'none yet' ? 'positive' : sign;
    if (digit === 0 && count === 0) return { sign: signed, count: 0, compared };
    const after = compared.map((before, at) => (before !== 0 ? before : digit - Number(sizes[at]?.[count] ?? digit)));
    return { sign: signed, count: Math.min(count + 1, most), compared: after.map(Math.sign) };
  }

  return {
    start: stateOf({ sign: 'none yet', count: undefined, compared: bounds.map(() => 0) }),
    passed(id) {
      const state = states.at(id);
      if (state === 'lost' || state.count === undefined) return [];
      return compareTo(start, 0, state) >= 0 && compareTo(end, 1, state) < 0 ? [test] : [];
    },
    boundaries: (id) => (id === lost ? [] : DIGITS),
    next(id, character) {
      const state = states.at(id);
      if (state === 'lost') return lost;
      if (character >= 48 && character <= 57) return stateOf(withDigit(state, character - 48));
      if (state.sign !== 'none yet' || (character !== 43 && character !== 45)) return lost;
      return stateOf({ ...state, sign: character === 43 ? 'positive' : 'negative' });
    },
    isSettled: (id) => id === lost,
  };
}
