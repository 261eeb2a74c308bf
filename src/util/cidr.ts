import ipaddr from 'ipaddr.js';

/** An address range; a single address has the length of its family. */
export interface Cidr {
  /** As written but in canonical form; bits beyond the length are kept. */
  readonly address: string;
  readonly length: number;
}

/**
 * The range that an address or `address/length` stands for; undefined when it is neither.
 * Strict as Go's net/netip: no leading zeros, no missing parts; a zone is accepted on a single address only.
 */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  if (slash === -1) {
    const address = canonicalAddress(text, true);
    return address && { address: address.text, length: address.bits };
  }
  const address = canonicalAddress(text.slice(0, slash), false);
  const digits = text.slice(slash + 1);
  if (address === undefined || !/^(0|[1-9]\d{0,2})$/.test(digits) || Number(digits) > address.bits) return undefined;
  return { address: address.text, length: Number(digits) };
}

/** Four decimal numbers without leading zeros. */
const IPV4 = /^(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;

const IPV6_SIGNS = /^[\da-fA-F.]*:[\da-fA-F.]*:[\da-fA-F:.]*$/;

/** Whether a text is an address of IPv4. */
export function isIpv4Text(text: string): boolean {
  return IPV4.test(text);
}

function canonicalAddress(text: string, zoneAllowed: boolean): { text: string; bits: number } | undefined {
  // Most texts that are asked about are names of hosts, or plain addresses: ipaddr.js throws and catches for each that is none.
  if (isIpv4Text(text)) return { text, bits: 32 };
  if (!text.includes(':')) return undefined;
  const percent = text.indexOf('%');
  const [plain, zone] = percent === -1 ? [text] : [text.slice(0, percent), text.slice(percent + 1)];
  if (zone !== undefined && (!zoneAllowed || zone === '')) return undefined;
  if (plain === undefined || !IPV6_SIGNS.test(plain) || !ipaddr.IPv6.isValid(plain)) return undefined;
  const address = ipaddr.IPv6.parse(plain);
  const canonical = address.isIPv4MappedAddress() ? `::ffff:${address.toIPv4Address().toString()}` : address.toRFC5952String();
  return { text: zone === undefined ? canonical : `${canonical}%${zone}`, bits: 128 };
}

/** The range without the bits beyond its length; undefined for neither an address nor a range. */
export function maskedCidr(text: string): Cidr | undefined {
  const cidr = parseCidr(text);
  if (cidr === undefined || !text.includes('/')) return cidr;
  return { ...cidr, address: networkAddress(cidr) };
}

/** The first address of a range. */
export function networkAddress({ address, length }: Cidr): string {
  const family = address.includes(':') ? ipaddr.IPv6 : ipaddr.IPv4;
  return family.networkAddressFromCIDR(`${address}/${length}`).toString();
}

/** The first addresses of a range, that of the network itself last. */
export function addressesWithin({ address, length }: Cidr, most: number): readonly string[] {
  const isIpv6 = address.includes(':');
  const first = networkAddress({ address, length });
  const rest = (isIpv6 ? 128 : 32) - length;
  const count = Math.min(most, rest > 30 ? most : 2 ** rest);
  const bytes = ipaddr.parse(first).toByteArray();
  const others = Array.from({ length: count - 1 }, (_, index) => plus(bytes, index + 1));
  return [...others.map((one) => ipaddr.fromByteArray([...one])).map(textOf), first];
}

/** The bytes of a number with another added, which is not beyond their end. */
function plus(bytes: readonly number[], added: number): readonly number[] {
  let carry = added;
  return bytes
    .toReversed()
    .map((byte) => {
      const sum = byte + carry;
      carry = sum >> 8;
      return sum & 255;
    })
    .toReversed();
}

function textOf(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}
