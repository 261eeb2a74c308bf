import type { Proxy } from '../model/proxy.ts';
import type { Service } from '../model/service.ts';
import { proxyFlag } from './proxy-metadata.ts';

/** The address that stands for "any". */
export const ANY_ADDRESS = '0.0.0.0';
/** The IPv6 address that stands for "any". */
export const ANY_ADDRESS_IPV6 = '::';

/** What the addresses that a proxy can reach depend on. */
export interface AddressTraits {
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  /** Whether it resolves names itself (DNS capture) and so sees the addresses that istiod allocates. */
  readonly usesAllocatedAddresses: boolean;
}

/** The address traits of a proxy. */
export function addressTraits(proxy: Proxy): AddressTraits {
  const ipv6 = proxy.ips.some((address) => address.includes(':'));
  return {
    ipv4: !ipv6 || proxy.ips.some((address) => !address.includes(':')),
    ipv6,
    usesAllocatedAddresses: proxyFlag(proxy, 'DNS_CAPTURE'),
  };
}

/**
 * The address at which a proxy reaches a service: its first one of a family that the proxy has, an address that istiod allocated,
 * or the default one, which is `0.0.0.0` for services without any.
 * As istio pilot/pkg/model/service.go GetAddressForProxy.
 */
export function serviceAddress(service: Service, traits: AddressTraits): string {
  const own = service.addresses.find((address) => isReachable(address, traits));
  if (own !== undefined) return own;
  if (traits.usesAllocatedAddresses && service.address === ANY_ADDRESS && service.autoAllocatedAddress !== '') {
    return service.autoAllocatedAddress;
  }
  return service.address;
}

/** The other addresses at which a proxy reaches a service; istio GetExtraAddressesForProxy. */
export function extraServiceAddresses(service: Service, traits: AddressTraits): readonly string[] {
  // Services with several addresses are rare, and this is asked for every one of them.
  if (service.addresses.length < 2) return [];
  return service.addresses.filter((address) => isReachable(address, traits)).slice(1);
}

function isReachable(address: string, { ipv4, ipv6 }: AddressTraits): boolean {
  return address.includes(':') ? ipv6 : ipv4;
}
