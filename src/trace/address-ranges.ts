import ipaddr from 'ipaddr.js';
import type { CidrRange } from '../envoy/api.gen.ts';
import { append } from '../util/collections.ts';
import { isIpAddress } from '../util/ip-address.ts';

/** Values by their ranges of addresses. A value without ranges has the range of all addresses. */
export interface RangeIndex<T> {
  /** The values with the longest range around the address, in the order they were given in. */
  around(ip: string): readonly T[];
}

type Kind = 'ipv4' | 'ipv6' | 'none';

/** Finds values by an address without looking at each of them. */
export function indexRanges<T>(values: readonly T[], rangesOf: (value: T) => readonly CidrRange[]): RangeIndex<T> {
  if (values.every((value) => rangesOf(value).length === 0)) return { around: () => values };
  const byLength = { ipv4: new Map<number, Map<string, T[]>>(), ipv6: new Map(), none: new Map() } satisfies Record<
    Kind,
    Map<number, Map<string, T[]>>
  >;
  const add = (kind: Kind, length: number, network: string, value: T): void => {
    const networks = byLength[kind].get(length) ?? new Map<string, T[]>();
    byLength[kind].set(length, networks);
    // Two ranges of a value may be one.
    if (networks.get(network)?.at(-1) !== value) append(networks, network, value);
  };
  for (const value of values) {
    const ranges = rangesOf(value);
    if (ranges.length === 0) for (const kind of ['ipv4', 'ipv6', 'none'] as const) add(kind, 0, '', value);
    for (const { addressPrefix = '', prefixLen = 0 } of ranges) {
      const bytes = bytesOf(addressPrefix);
      const length = Math.min(prefixLen, bytes.length * 8);
      if (bytes.length > 0) add(kindOf(bytes), length, network(bytes, length), value);
    }
  }
  const lengths = {
    ipv4: longestFirst(byLength.ipv4),
    ipv6: longestFirst(byLength.ipv6),
    none: longestFirst(byLength.none),
  };
  return {
    around(ip) {
      const bytes = bytesOf(ip);
      for (const [length, networks] of lengths[kindOf(bytes)]) {
        const found = networks.get(network(bytes, length));
        if (found !== undefined) return found;
      }
      return [];
    },
  };
}

function longestFirst<T>(table: ReadonlyMap<number, T>): readonly (readonly [number, T])[] {
  return [...table].sort(([a], [b]) => b - a);
}

/** The bytes of an address, those of an IPv4 address within IPv6 alone; none of what is no address. */
function bytesOf(ip: string): readonly number[] {
  return isIpAddress(ip) ? ipaddr.process(ip).toByteArray() : [];
}

function kindOf(bytes: readonly number[]): Kind {
  return bytes.length === 0 ? 'none' : bytes.length === 4 ? 'ipv4' : 'ipv6';
}

/** The leading bits of an address. */
function network(bytes: readonly number[], length: number): string {
  const whole = bytes.slice(0, length >> 3);
  const rest = length & 7;
  return (rest === 0 ? whole : [...whole, (bytes[whole.length] ?? 0) >> (8 - rest)]).join();
}
