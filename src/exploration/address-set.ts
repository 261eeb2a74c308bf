import type { CidrRange } from '../envoy/api.gen.ts';
import { addressOfNumber, type Span, spanOfRange } from '../request-space/numbers.ts';
import { rangeOfOne } from '../trace/strings.ts';

/** Addresses, as numbers from before which to before which: those of IPv4, then those of IPv6. In order, and none touches the next. */
export type AddressSet = readonly Span[];

const IPV6_BEGIN = 1n << 32n;

/** The addresses of IPv6 that stand for some of IPv4, as which they are looked at. */
const MAPPED: Span = {
  start: IPV6_BEGIN + (0xffffn << 32n),
  end: IPV6_BEGIN + (0x1_0000n << 32n),
};

/** All addresses that a connection can have. */
export const EVERY_ADDRESS: AddressSet = subtractAddresses([{ start: 0n, end: IPV6_BEGIN + (1n << 128n) }], [MAPPED]);

/** The addresses of a range; undefined for what is none. */
export function spanOfCidr({ addressPrefix = '', prefixLen = 0 }: CidrRange): Span | undefined {
  const span = spanOfRange({ address: addressPrefix, length: prefixLen });
  if (span === undefined) return undefined;
  const shift = span.family === 'ipv4' ? 0n : IPV6_BEGIN;
  return { start: span.start + shift, end: span.end + shift };
}

/** The addresses that lie in one of some ranges. */
export function addressesOf(ranges: readonly CidrRange[]): AddressSet {
  const spans = ranges.flatMap((range) => spanOfCidr(range) ?? []).sort((a, b) => (a.start < b.start ? -1 : 1));
  const joined: Span[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last === undefined || last.end < span.start) joined.push(span);
    else if (last.end < span.end) joined.splice(-1, 1, { start: last.start, end: span.end });
  }
  return joined;
}

/** What is in both. */
export function intersectAddresses(a: AddressSet, b: AddressSet): AddressSet {
  const found: Span[] = [];
  for (let [i, j] = [0, 0]; i < a.length && j < b.length; ) {
    const [one, other] = [a[i] as Span, b[j] as Span];
    const start = compare(one.start, other.start) > 0 ? one.start : other.start;
    const end = compare(one.end, other.end) < 0 ? one.end : other.end;
    if (start < end) found.push({ start, end });
    if (one.end < other.end) i++;
    else j++;
  }
  return found;
}

/** What is in the first alone. */
export function subtractAddresses(a: AddressSet, b: AddressSet): AddressSet {
  const found: Span[] = [];
  let j = 0;
  for (const { start, end } of a) {
    let from = start;
    while (j < b.length && (b[j] as Span).end <= from) j++;
    for (let at = j; at < b.length && (b[at] as Span).start < end; at++) {
      const hole = b[at] as Span;
      if (from < hole.start) found.push({ start: from, end: hole.start });
      if (from < hole.end) from = hole.end;
    }
    if (from < end) found.push({ start: from, end });
  }
  return found;
}

/** Whether a set has one address and no other. */
export function isSingle([first, second]: AddressSet): boolean {
  return first !== undefined && second === undefined && first.end - first.start === 1n;
}

/** Addresses for documentation, and private ones, are what a reader takes for an example. */
const SAMPLES = addressesOf(['203.0.113.7', '192.0.2.1', '10.0.0.1'].map((addressPrefix) => ({ addressPrefix, prefixLen: 32 })));

/** An address of a set that is not empty, another one than `unlike` where there is another: one of the usual ones, if it has any. */
export function exampleAddress(set: AddressSet, usual: readonly string[], unlike?: string): string {
  const candidates = [...usual.flatMap((ip) => addressesOf([rangeOfOne(ip)])), ...SAMPLES, ...set.slice(0, 2)].flatMap(
    ({ start, end }) =>
      // The first address of a range is that of a network.
      [start + 1n, start, start + 2n].filter((value) => value < end),
  );
  const inside = candidates.filter((value) => set.some((span) => value >= span.start && value < span.end)).map(textOf);
  return inside.find((text) => text !== unlike) ?? inside[0] ?? '';
}

function textOf(value: bigint): string {
  return value < IPV6_BEGIN ? addressOfNumber(value, 32) : addressOfNumber(value - IPV6_BEGIN, 128);
}

/** Values with the addresses for which theirs is the longest range. */
export interface RangeShare<T> {
  readonly values: readonly T[];
  readonly own: AddressSet;
}

/**
 * Who of some values has which addresses, where the longest range wins: for each range those that state it, and for what is in none those
 * that state none. Of two ranges one lies in the other, or they do not meet.
 */
export function shareByRange<T>(
  values: readonly T[],
  rangesOf: (value: T) => readonly CidrRange[] | undefined,
): readonly RangeShare<T>[] {
  const byRange = new Map<string, { readonly span: Span; readonly values: T[]; readonly inner: Span[] }>();
  const others: T[] = [];
  for (const value of values) {
    const ranges = rangesOf(value) ?? [];
    if (ranges.length === 0) others.push(value);
    for (const span of ranges.flatMap((range) => spanOfCidr(range) ?? [])) {
      const key = `${span.start} ${span.end}`;
      const entry = byRange.get(key) ?? { span, values: [], inner: [] };
      byRange.set(key, entry);
      if (entry.values.at(-1) !== value) entry.values.push(value);
    }
  }
  if (byRange.size === 0) return [{ values, own: EVERY_ADDRESS }];
  const entries = [...byRange.values()].sort((a, b) => compare(a.span.start, b.span.start) || compare(b.span.end, a.span.end));
  const outer: Span[] = [];
  const open: (typeof entries)[number][] = [];
  for (const entry of entries) {
    while ((open.at(-1)?.span.end ?? entry.span.end) <= entry.span.start) open.pop();
    (open.at(-1)?.inner ?? outer).push(entry.span);
    open.push(entry);
  }
  return [
    ...entries.map((entry) => ({
      values: entry.values,
      own: subtractAddresses(intersectAddresses([entry.span], EVERY_ADDRESS), entry.inner),
    })),
    { values: others, own: subtractAddresses(EVERY_ADDRESS, outer) },
  ];
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
