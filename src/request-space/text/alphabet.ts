/** The first and last characters that can stand in a request: what headers may hold, as RFC 9110 has it. */
const RANGES: readonly (readonly [first: number, last: number])[] = [
  [0x09, 0x09],
  [0x20, 0x7e],
  [0x80, 0xd7_ff],
  [0xe0_00, 0x10_ff_ff],
];

/** What is read most easily comes first. */
const READABLE: readonly (readonly [first: number, last: number])[] = [
  [0x61, 0x7a],
  [0x30, 0x39],
  [0x2d, 0x2f],
  [0x5f, 0x5f],
  [0x41, 0x5a],
  [0x21, 0x7e],
  [0x20, 0x20],
  [0xc0, 0x2_af],
];

/** The characters of requests. */
export const ALPHABET: { classes(boundaries: Iterable<number>): readonly number[] } = {
  /** One character of each class that begins at a boundary, the most readable of it; those of readable ones first. */
  classes(boundaries) {
    const edges = [...new Set([...boundaries, ...RANGES.flatMap(([first, last]) => [first, last + 1])])].sort((a, b) => a - b);
    const found: { readonly character: number; readonly rank: number }[] = [];
    edges.forEach((first, index) => {
      const last = (edges[index + 1] ?? 0) - 1;
      if (RANGES.some((range) => range[0] <= first && last <= range[1]) && first <= last) found.push(mostReadable(first, last));
    });
    return found.sort((a, b) => a.rank - b.rank).map(({ character }) => character);
  },
};

function mostReadable(first: number, last: number): { readonly character: number; readonly rank: number } {
  const rank = READABLE.findIndex((range) => first <= range[1] && last >= range[0]);
  return rank === -1
    ? { character: first, rank: READABLE.length }
    : { character: Math.max(first, READABLE[rank]?.[0] ?? 0), rank };
}
