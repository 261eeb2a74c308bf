import { type Origin, originOf } from '../../util/origin.ts';

/** Names what made a part of the configuration, for people: where it is written, and which resource it is. */
export type DescribeOrigin = (origin: Origin) => string;

/** The heading of the column that tells who made a row; no column where nobody asks. */
export function originHead(describe: DescribeOrigin | undefined): readonly string[] {
  return describe === undefined ? [] : ['ORIGIN'];
}

/** Who made the first of these parts with a known origin; `-` where none has one: Istio makes it for every proxy. */
export function originCell(describe: DescribeOrigin | undefined, ...parts: readonly unknown[]): readonly string[] {
  if (describe === undefined) return [];
  for (const part of parts) {
    const origin = originOf(part);
    if (origin !== undefined) return [describe(origin)];
  }
  return ['-'];
}
