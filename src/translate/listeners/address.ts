import ipaddr from 'ipaddr.js';
import type { Address, CidrRange, Listener } from '../../envoy/api.gen.ts';
import { networkAddress } from '../../util/cidr.ts';
import { type AddressTraits, ANY_ADDRESS, ANY_ADDRESS_IPV6, anyAddress } from '../naming/service-address.ts';

/** How Sidecars write a unix domain socket. */
export const UNIX_SOCKET_PREFIX = 'unix://';

/** The addresses that stand for "any" in the families that a proxy has, IPv4's first; istio listener_address.go wildCards. */
export function wildcards(traits: AddressTraits): readonly [string, ...string[]] {
  return traits.ipv4 && traits.ipv6 ? [ANY_ADDRESS, ANY_ADDRESS_IPV6] : [anyAddress(traits)];
}

/** The further addresses of a listener on any address, where istiod serves both families. */
export function otherWildcards({ dualStack }: AddressTraits): readonly string[] {
  return dualStack ? [ANY_ADDRESS_IPV6] : [];
}

/** Where a listener listens beside its main address; istio util.BuildAdditionalAddresses. */
export function additionalAddresses(binds: readonly string[], port: number): Pick<Listener, 'additionalAddresses'> {
  return binds.length > 0 ? { additionalAddresses: binds.map((bind) => ({ address: buildAddress(bind, port) })) } : {};
}

/** The name of a listener: istio getListenerName. */
export function listenerName(bind: string, port: number): string {
  return `${bind}_${port}`;
}

/** Where a listener listens; a port 0 means that `bind` is a unix domain socket. As istio util.BuildAddress. */
export function buildAddress(bind: string, port: number): Address {
  if (port === 0) return { pipe: { path: bind.startsWith(UNIX_SOCKET_PREFIX) ? bind.slice(UNIX_SOCKET_PREFIX.length) : bind } };
  return { socketAddress: { address: bind, portValue: port } };
}

/** An address range, from CIDR notation or a single address; undefined for anything else. As istio util.AddrStrToCidrRange. */
export function cidrRange(text: string): CidrRange | undefined {
  const [address = '', length, ...rest] = text.split('/');
  if (!ipaddr.isValid(address) || rest.length > 0) return undefined;
  const parsed = ipaddr.parse(address);
  const bits = parsed.kind() === 'ipv4' ? 32 : 128;
  if (parsed.kind() === 'ipv4' && !ipaddr.IPv4.isValidFourPartDecimal(address)) return undefined;
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined;
  const prefixLen = length === undefined ? bits : Number(length);
  if (prefixLen > bits) return undefined;
  return { addressPrefix: formatAddress(parsed), prefixLen };
}

/** The range without the bits behind its prefix, as text; two texts are equal when the ranges are. */
export function maskedRange({ addressPrefix: address = '', prefixLen: length = 0 }: CidrRange): string {
  return `${networkAddress({ address, length })}/${length}`;
}

/** Whether a text is an IP address. */
export function isListenerAddress(text: string): boolean {
  return text.includes(':') ? ipaddr.IPv6.isValid(text) : ipaddr.IPv4.isValidFourPartDecimal(text);
}

/** As Go writes it: IPv6 in its shortest form (RFC 5952). */
function formatAddress(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  return address.kind() === 'ipv4' ? address.toString() : (address as ipaddr.IPv6).toRFC5952String();
}
