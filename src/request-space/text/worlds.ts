import type { ExpressionProgram, Instruction } from '../../util/re2.ts';
import { charactersOf } from './automaton.ts';

/** A text, or some characters of a set (none too, where `least` is 0). */
export type WorldPart = string | { readonly least: 0 | 1; readonly of: string };

/**
 * The program of the texts that consist of some parts, one after the other; of several lists any. A set of characters is written as in an
 * expression, `a-z.`, with `^` for all but these. It is put together here since most questions have no expressions of users, and RE2 is
 * loaded for those.
 */
export function worldProgram(alternatives: readonly (readonly WorldPart[])[]): ExpressionProgram {
  const instructions: Instruction[] = [{ kind: 'fail' }, { kind: 'match' }];
  const add = (instruction: Instruction): number => instructions.push(instruction) - 1;
  const starts = alternatives.map((parts) =>
    parts.toReversed().reduce((next, part) => {
      if (typeof part === 'string') {
        const characters = charactersOf(part).toReversed();
        return characters.reduce((after, one) => add({ kind: 'take', ranges: [one, one], next: after }), next);
      }
      const loop = instructions.length;
      add({ kind: 'both', next, other: loop + 1 });
      add({ kind: 'take', ranges: rangesOf(part.of), next: loop });
      return part.least === 0 ? loop : loop + 1;
    }, 1),
  );
  return { start: starts.reduce((other, next) => add({ kind: 'both', next, other })), instructions };
}

function rangesOf(set: string): readonly number[] {
  const isAllBut = set.startsWith('^');
  const characters = charactersOf(isAllBut ? set.slice(1) : set);
  const ranges: (readonly [first: number, last: number])[] = [];
  for (let at = 0; at < characters.length; at++) {
    const first = characters[at] ?? 0;
    const isRange = characters[at + 1] === 45 && at + 2 < characters.length;
    ranges.push([first, isRange ? (characters[at + 2] ?? first) : first]);
    if (isRange) at += 2;
  }
  ranges.sort((a, b) => a[0] - b[0]);
  if (!isAllBut) return ranges.flat();
  let next = 0;
  const others: number[] = [];
  for (const [first, last] of ranges) {
    if (first > next) others.push(next, first - 1);
    next = last + 1;
  }
  return [...others, next, 0x10_ff_ff];
}
