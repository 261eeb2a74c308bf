import ipaddr from 'ipaddr.js';
import { isIpAddress } from '../util/ip-address.ts';

/** The values that lie in the same of some ranges. */
export interface RangeClass<T> {
  /** The ranges that hold them, by their places in the list. */
  readonly passed: readonly number[];
  readonly witness: T;
}

/** Numbers from `start` on. */
export interface Span {
  readonly start: bigint;
  /** The first value after it. */
  readonly end: bigint;
}

/** The classes of ports that ranges tell apart; those of well-known ports first. */
export function classesOfPorts(
  ranges: readonly { readonly start: number; readonly end: number }[],
): readonly RangeClass<number>[] {
  const spans = ranges.map(({ start, end }) => ({ start: BigInt(start), end: BigInt(end) }));
  const samples = [80n, 443n, 8080n];
  return classesOfSpans(spans, { start: 0n, end: 65_536n }, samples).map(({ passed, witness }) => ({
    passed,
    witness: Number(witness),
  }));
}

/** The classes of addresses that ranges tell apart. */
export function classesOfAddresses(
  ranges: readonly { readonly address: string; readonly length: number }[],
): readonly RangeClass<string>[] {
  const spans = ranges.map(spanOfRange);
  const found = FAMILIES.flatMap(({ family, bits, samples }) => {
    const own = spans.map((span) => (span?.family === family ? span : EMPTY_SPAN));
    const known = samples.map((sample) => numberOf(ipaddr.parse(sample).toByteArray()));
    return classesOfSpans(own, { start: 0n, end: 1n << BigInt(bits) }, known).map(({ passed, witness }) => ({
      passed,
      witness: addressOfNumber(witness, bits),
    }));
  });
  return firstOfEach(found);
}

const EMPTY_SPAN: Span = { start: 0n, end: 0n };

/** Addresses for documentation, and private ones, are what a reader takes for an example. */
const FAMILIES = [
  { family: 'ipv4', bits: 32, samples: ['192.0.2.1', '10.0.0.1'] },
  { family: 'ipv6', bits: 128, samples: ['2001:db8::1'] },
] as const;

/** The numbers of the addresses of a range, and of which kind they are. */
export function spanOfRange({
  address,
  length,
}: {
  readonly address: string;
  readonly length: number;
}): (Span & { readonly family: 'ipv4' | 'ipv6' }) | undefined {
  if (!isIpAddress(address)) return undefined;
  const parsed = ipaddr.process(address);
  const bytes = parsed.toByteArray();
  const rest = BigInt(Math.max(0, bytes.length * 8 - length));
  const start = (numberOf(bytes) >> rest) << rest;
  return { family: parsed.kind(), start, end: start + (1n << rest) };
}

function numberOf(bytes: readonly number[]): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** The address of a number, of so many bits. */
export function addressOfNumber(value: bigint, bits: number): string {
  const bytes = Array.from({ length: bits / 8 }, (_, at) => Number((value >> BigInt(bits - 8 * (at + 1))) & 0xffn));
  const address = ipaddr.fromByteArray(bytes);
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}

function classesOfSpans(spans: readonly Span[], world: Span, samples: readonly bigint[]): readonly RangeClass<bigint>[] {
  const changes = new Map<bigint, { readonly begin: number[]; readonly end: number[] }>();
  const at = (edge: bigint): { readonly begin: number[]; readonly end: number[] } => {
    const change = changes.get(edge) ?? { begin: [], end: [] };
    changes.set(edge, change);
    return change;
  };
  const clip = (edge: bigint): bigint => (edge < world.start ? world.start : edge > world.end ? world.end : edge);
  at(world.start);
  spans.forEach((span, place) => {
    const [start, end] = [clip(span.start), clip(span.end)];
    if (start >= end) return;
    at(start).begin.push(place);
    at(end).end.push(place);
  });
  const edges = [...changes.keys()].filter((edge) => edge < world.end).sort((a, b) => (a < b ? -1 : 1));
  const inside = new Set<number>();
  const classes = edges.map((start, index) => {
    for (const place of changes.get(start)?.end ?? []) inside.delete(place);
    for (const place of changes.get(start)?.begin ?? []) inside.add(place);
    const end = edges[index + 1] ?? world.end;
    const sample = samples.findIndex((one) => one >= start && one < end);
    // The first address of a range is that of a network.
    const second = end - start > 1n && world.end > 65_536n ? start + 1n : start;
    return {
      passed: [...inside].sort((a, b) => a - b),
      witness: samples[sample] ?? second,
      rank: sample === -1 ? samples.length : sample,
    };
  });
  return firstOfEach(classes.sort((a, b) => a.rank - b.rank));
}

function firstOfEach<T extends { readonly passed: readonly number[] }>(classes: readonly T[]): readonly T[] {
  const found = new Map<string, T>();
  for (const one of classes) if (!found.has(one.passed.join())) found.set(one.passed.join(), one);
  return [...found.values()];
}
