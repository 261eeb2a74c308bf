import type { ServiceEntry } from '../../api/istio.gen.ts';
import { fnv1a } from '../../resource/addresses.ts';
import type { Labels } from '../../resource/resource.ts';

const SLOTS = 256 * 254;
/** The largest prime below the number of slots, by which the second hash is made. */
const PRIME = 65011;

/**
 * The addresses that istiod makes up for the hosts of ServiceEntries without any, where no controller writes such into their status:
 * of 240.240.0.0/16 and of 2001:2::/48, by the hash of `namespace/hostname`; of several with one hash, the first in the list gets its place.
 * As istio pilot/pkg/serviceregistry/serviceentry/auto_allocation.go autoAllocateIPs.
 */
export function allocateAddresses(keys: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const taken = new Map<number, string>();
  for (const key of new Set(keys)) {
    if (taken.size === SLOTS) break;
    const hash = fnv1a(key);
    let slot = hash % SLOTS;
    const step = PRIME - (hash % PRIME);
    // The hash of istiod has 32 bits, and so have its sums.
    for (let attempt = 1; taken.has(slot); attempt++) slot = ((hash + Math.imul(attempt, step)) >>> 0) % (SLOTS - 1);
    taken.set(slot, key);
  }
  const addresses = new Map<string, readonly string[]>();
  let skipped = 0;
  for (const [slot, key] of [...taken].sort(([a], [b]) => a - b)) {
    // No address ends in 0.
    if ((slot + 1 + skipped) % 255 === 0) skipped++;
    const number = slot + 1 + skipped;
    const [third, fourth] = [Math.floor(number / 255), number % 255];
    const tail = `${third === 0 ? '' : third.toString(16)}${fourth.toString(16)}`;
    addresses.set(key, [`240.240.${third}.${fourth}`, `2001:2::f0f0:${tail}`]);
  }
  return addresses;
}

/**
 * Whether istiod's controller allocates addresses to the hosts of a ServiceEntry: not to those with addresses of their own, without
 * resolution, or opted out by label. As istio networking/serviceentry/ip_autoallocation.go ShouldV2AutoAllocateIP.
 */
export function allocatesAddresses({ resolution = 'NONE', addresses = [] }: ServiceEntry, labels: Labels): boolean {
  const refuses = labels['networking.istio.io/enable-autoallocate-ip']?.toLowerCase() === 'false';
  return resolution !== 'NONE' && !refuses && addresses.length === 0;
}
