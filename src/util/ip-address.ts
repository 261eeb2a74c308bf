import ipaddr from 'ipaddr.js';

/** Whether the text is an IPv4 or IPv6 address (no port, no prefix), as Go's netip.ParseAddr reads it. */
export function isIpAddress(text: string): boolean {
  return isIpv4Address(text) || isIpv6Address(text);
}

/** Whether the text is an IPv4 address: four decimal numbers without leading zeros. */
export function isIpv4Address(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) && !/(^|\.)0\d/.test(text);
}

/** Whether the text is an IPv6 address, with or without zone. */
export function isIpv6Address(text: string): boolean {
  return text.includes(':') && ipaddr.IPv6.isValid(text);
}

/** The address that a CIDR with a full-length prefix stands for; the CIDR itself with a shorter one; undefined if it is none. */
export function simplifyCidr(text: string): string | undefined {
  const [address = '', bits = ''] = text.split('/');
  if (!isIpAddress(address) || !/^\d{1,3}$/.test(bits)) return undefined;
  const full = isIpv4Address(address) ? 32 : 128;
  if (Number(bits) > full) return undefined;
  if (Number(bits) < full) return text;
  return isIpv4Address(address) ? address : ipaddr.IPv6.parse(address).toRFC5952String();
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
