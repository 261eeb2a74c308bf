import ipaddr from 'ipaddr.js';
import type { Path } from '../../diagnostics/diagnostic.ts';
import { goQuote } from '../../util/go-format.ts';
import { cidrContains, isIpAddress } from '../../util/ip-address.ts';
import { type Deviation, invalid, type Refusals, warned } from './refusal.ts';

/**
 * The address that a text stands for, in canonical form; undefined for none. As k8s.io/utils/net ParseIPSloppy, which older fields
 * of Kubernetes are read with: numbers may have leading zeros, and zones are not allowed.
 */
export function parseAddress(text: string): string | undefined {
  if (/^\d+(\.\d+){3}$/.test(text)) {
    const bytes = text.split('.').map(Number);
    return bytes.every((byte) => byte <= 255) ? bytes.join('.') : undefined;
  }
  if (!text.includes(':') || text.includes('%') || !isIpAddress(text)) return undefined;
  // The last four bytes may be written as in IPv4; ipaddr.js takes some of these addresses for others.
  const address = ipaddr.IPv6.parse(
    text.replace(/:(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/, (_, ...bytes: string[]) => hexadecimal(bytes)),
  );
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toRFC5952String();
}

function hexadecimal([a, b, c, d]: readonly string[]): string {
  const pair = (high?: string, low?: string): string => (Number(high) * 256 + Number(low)).toString(16);
  return `:${pair(a, b)}:${pair(c, d)}`;
}

const NO_ADDRESS = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

/** k8s.io/apimachinery pkg/util/validation/ip.go IsValidIPForLegacyField, with the warnings of GetWarningsForIP. */
export function* checkAddress(path: Path, text: string, deviation: Deviation = {}): Refusals {
  const address = parseAddress(text);
  if (address === undefined) {
    yield invalid(path, text, NO_ADDRESS, deviation);
  } else if (address !== text && !(text.includes(':') && address.includes(':'))) {
    const words = `non-standard IP address ${goQuote(text)} will be considered invalid in a future Kubernetes release`;
    yield warned(path, `${words}: use ${goQuote(address)}`, deviation);
  }
}

/** The same file's IsValidIP, for fields that are not old: the one canonical form of an address. */
export function* checkCanonicalAddress(path: Path, text: string): Refusals {
  const address = parseAddress(text);
  if (address === undefined) yield invalid(path, text, NO_ADDRESS);
  else if (address === text) return;
  else if (!text.includes(':')) yield invalid(path, text, 'must not have leading 0s');
  else if (!address.includes(':')) yield invalid(path, text, 'must not be an IPv4-mapped IPv6 address');
  else yield invalid(path, text, `must be in canonical form (${goQuote(address)})`);
}

/** Ranges whose addresses mean something else on every host; k8s.io/kubernetes pkg/apis/core/validation ValidateEndpointIP. */
const ranges: readonly (readonly [ranges: readonly string[], rule: (text: string) => string])[] = [
  [['0.0.0.0/32', '::/128'], (text) => `may not be unspecified (${text})`],
  [['127.0.0.0/8', '::1/128'], () => 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  [['169.254.0.0/16', 'fe80::/10'], () => 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  [['224.0.0.0/24', 'ff02::/16'], () => 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
];

/** What an endpoint cannot have as its address, of what is one. */
export function* checkEndpointAddress(path: Path, text: string): Refusals {
  const address = parseAddress(text);
  if (address === undefined) return;
  for (const [cidrs, rule] of ranges) {
    if (cidrs.some((cidr) => cidrContains(cidr, address))) yield invalid(path, text, rule(text));
  }
}

/** The addresses of an object that can have one of each family, such as `clusterIPs`; `shown` is how the API server prints them. */
export function* checkDualStack(path: Path, addresses: readonly string[], shown: readonly unknown[] = addresses): Refusals {
  const families = addresses.map((text) => parseAddress(text)?.includes(':'));
  if (families.includes(undefined) || new Set(families).size === addresses.length) return;
  yield invalid(path, shown, 'may specify no more than one IP for each IP family');
}
