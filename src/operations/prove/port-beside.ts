/** A port that is not one of some: one of the usual ones, if it can; undefined where there is none. */
export function portBeside(known: ReadonlySet<number | undefined>, usual: readonly number[]): number | undefined {
  return [...usual, ...UNUSUAL].find((port) => !known.has(port));
}

const UNUSUAL: readonly number[] = Array.from({ length: 1_000 }, (_, index) => 64_000 + index);
