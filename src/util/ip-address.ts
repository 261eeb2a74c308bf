import ipaddr from 'ipaddr.js';
import { isIpv4Text, parseCidr } from './cidr.ts';

/** Whether the text is an IPv4 or IPv6 address (no port, no length), as Go's netip.ParseAddr reads it. */
export function isIpAddress(text: string): boolean {
  return isIpv4Text(text) || (text.includes(':') && !text.includes('/') && parseCidr(text) !== undefined);
}

/** Whether the text is an IPv4 address: four decimal numbers without leading zeros. */
export function isIpv4Address(text: string): boolean {
  return isIpv4Text(text);
}

/** The 32 bits of an IPv4 address as a number; of a text that is none, NaN. */
export function ipv4Bits(text: string): number {
  if (!isIpv4Text(text)) return Number.NaN;
  return text.split('.').reduce((bits, byte) => bits * 256 + Number(byte), 0);
}

/** Whether an address or a range is of IPv6; names of hosts have no colon. */
export function isIpv6Text(text: string): boolean {
  return text.includes(':');
}

/** The first address of the family of another one; the first of all where there is none. */
export function ofSameFamily(addresses: readonly string[], other: string): string | undefined {
  return addresses.find((address) => isIpv6Text(address) === isIpv6Text(other)) ?? addresses[0];
}

/** Whether an address is one of a host that others can reach, as Go's netip.Addr.IsGlobalUnicast says. */
export function isGlobalUnicast(text: string): boolean {
  if (!isIpAddress(text)) return false;
  const range = ipaddr.process(text).range();
  return !['unspecified', 'broadcast', 'loopback', 'multicast', 'linkLocal'].includes(range);
}

/** The address that a CIDR with a full-length prefix stands for; the CIDR as written with a shorter one; undefined if it is none. */
export function simplifyCidr(text: string): string | undefined {
  const cidr = text.includes('/') ? parseCidr(text) : undefined;
  if (cidr === undefined) return undefined;
  return cidr.length === (cidr.address.includes(':') ? 128 : 32) ? cidr.address : text;
}

/** Whether a CIDR contains an address of its family; false where either is malformed. */
export function cidrContains(cidr: string, address: string): boolean {
  if (!ipaddr.isValidCIDR(cidr) || !isIpAddress(address)) return false;
  const [network, bits] = ipaddr.parseCIDR(cidr);
  const parsed = ipaddr.parse(address);
  return parsed.kind() === network.kind() && parsed.match(network, bits);
}

/** Orders addresses: IPv4 by number, then all others as text. */
export function compareIpAddresses(a: string, b: string): number {
  const [keyA, keyB] = [sortKey(a), sortKey(b)];
  return keyA < keyB ? -1 : keyA > keyB ? 1 : 0;
}

function sortKey(address: string): string {
  if (!isIpv4Address(address)) return `~${address}`;
  return address
    .split('.')
    .map((byte) => byte.padStart(3, '0'))
    .join('.');
}
