import { assertNever } from '../../util/assert.ts';
import { EMPTY_CONDITIONS, type ExpressionProgram } from '../../util/re2.ts';
import { ALPHABET } from './alphabet.ts';
import { createStateTable, type TextAutomaton } from './automaton.ts';

/** What stands before a place in a text; a line does not end within one. */
type Before = 'nothing' | 'word' | 'other';

interface ExpressionState {
  /** The instructions that wait for what comes, before what needs no character was followed. */
  readonly waiting: readonly number[];
  readonly before: Before;
  readonly byKind: Map<'word' | 'other' | 'end', Closure>;
  readonly next: Map<number, number>;
  boundaries?: readonly number[];
  isSettled?: boolean;
}

interface Closure {
  /** The instructions that take a character. */
  readonly taking: readonly number[];
  readonly isMatch: boolean;
}

/** Whether the whole of a text matches an expression: the program of RE2, in all of its threads at once. */
export function expressionAutomaton(program: ExpressionProgram, test: number, spend: (work: number) => void): TextAutomaton {
  const { instructions } = program;
  const { wordBoundary, noWordBoundary } = EMPTY_CONDITIONS;
  const seesWords = instructions.some((one) => one.kind === 'where' && (one.conditions & (wordBoundary | noWordBoundary)) !== 0);
  const states = createStateTable<ExpressionState>();
  const stateOf = (waiting: readonly number[], before: Before): number =>
    states.idOf(`${before} ${waiting.join()}`, () => ({ waiting, before, byKind: new Map(), next: new Map() }));

  /** What the program goes on with where it may, given what stands before and after. */
  function closureOf(state: ExpressionState, after: 'word' | 'other' | 'end'): Closure {
    const known = state.byKind.get(after);
    if (known !== undefined) return known;
    const holding = conditionsBetween(state.before, after);
    const seen = new Set<number>();
    const taking: number[] = [];
    let isMatch = false;
    const open = [...state.waiting];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const instruction = instructions[id];
      if (seen.has(id) || instruction === undefined) continue;
      seen.add(id);
      switch (instruction.kind) {
        case 'both':
          open.push(instruction.next, instruction.other);
          break;
        case 'pass':
          open.push(instruction.next);
          break;
        case 'where':
          if ((instruction.conditions & ~holding) === 0) open.push(instruction.next);
          break;
        case 'take':
          taking.push(id);
          break;
        case 'match':
          isMatch = true;
          break;
        case 'fail':
          break;
        default:
          assertNever(instruction);
      }
    }
    spend(seen.size);
    const closure = { taking: taking.sort((a, b) => a - b), isMatch };
    state.byKind.set(after, closure);
    return closure;
  }

  function boundaries(id: number): readonly number[] {
    const state = states.at(id);
    if (state.boundaries === undefined) {
      const found = new Set<number>(seesWords ? WORD_BOUNDARIES : []);
      for (const kind of ['word', 'other'] as const) {
        for (const place of closureOf(state, kind).taking) {
          const instruction = instructions[place];
          // Ranges are in pairs, so what follows each last one begins a class.
          if (instruction?.kind === 'take') instruction.ranges.forEach((edge, index) => void found.add(edge + (index % 2)));
        }
      }
      state.boundaries = [...found];
    }
    return state.boundaries;
  }

  function next(id: number, character: number): number {
    const state = states.at(id);
    const known = state.next.get(character);
    if (known !== undefined) return known;
    const { taking } = closureOf(state, isWord(character) ? 'word' : 'other');
    const waiting: number[] = [];
    for (const place of taking) {
      const instruction = instructions[place];
      if (instruction?.kind === 'take' && isWithin(instruction.ranges, character)) waiting.push(instruction.next);
    }
    spend(taking.length);
    const sorted = [...new Set(waiting)].sort((a, b) => a - b);
    const found = stateOf(sorted, seesWords && sorted.length > 0 && isWord(character) ? 'word' : 'other');
    state.next.set(character, found);
    return found;
  }

  function isLoop(edges: readonly number[], id: number): boolean {
    return ALPHABET.classes(edges).every((one) => next(id, one) === id);
  }

  return {
    start: stateOf([program.start], 'nothing'),
    passed: (id) => (closureOf(states.at(id), 'end').isMatch ? [test] : []),
    boundaries,
    next,
    isSettled(id) {
      const state = states.at(id);
      state.isSettled ??=
        state.waiting.length === 0 || (LETTERS.every((one) => next(id, one) === id) && isLoop(boundaries(id), id));
      return state.isSettled;
    },
  };
}

/** Most states that one leaves are left with one of these. */
const LETTERS = [97, 47];

const WORD_BOUNDARIES = [48, 58, 65, 91, 95, 96, 97, 123];

function isWord(character: number): boolean {
  return (
    (character >= 97 && character <= 122) ||
    (character >= 48 && character <= 57) ||
    (character >= 65 && character <= 90) ||
    character === 95
  );
}

function isWithin(ranges: readonly number[], character: number): boolean {
  let [low, high] = [0, ranges.length / 2 - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (character < (ranges[2 * middle] ?? 0)) high = middle - 1;
    else if (character > (ranges[2 * middle + 1] ?? 0)) low = middle + 1;
    else return true;
  }
  return false;
}

function conditionsBetween(before: Before, after: 'word' | 'other' | 'end'): number {
  const { beginText, beginLine, endText, endLine, wordBoundary, noWordBoundary } = EMPTY_CONDITIONS;
  const start = before === 'nothing' ? beginText | beginLine : 0;
  const end = after === 'end' ? endText | endLine : 0;
  return start | end | ((before === 'word') === (after === 'word') ? noWordBoundary : wordBoundary);
}
