import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Service } from '../../model/registry/service.ts';
import type { Behaviours } from '../../releases/release.ts';
import { proxyFlag } from '../traits/proxy-metadata.ts';

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
export function addressTraits(proxy: Proxy, { enableIpAutoallocate }: Behaviours): AddressTraits {
  const ipv6 = proxy.ips.some((address) => address.includes(':'));
  return {
    ipv4: !ipv6 || proxy.ips.some((address) => !address.includes(':')),
    ipv6,
    // Without the controller of addresses, a proxy has to ask for them.
    usesAllocatedAddresses: proxyFlag(proxy, 'DNS_CAPTURE') && (enableIpAutoallocate || proxyFlag(proxy, 'DNS_AUTO_ALLOCATE')),
  };
}

/**
 * The cluster IPs that a proxy uses: those of its family, and for one of both families those of the first one's. As istio
 * pilot/pkg/util/network/ip.go FilterAddressesByIPFamily.
 */
export function ownAddresses({ addresses }: Service, { ipv4, ipv6 }: AddressTraits): readonly string[] {
  const [first] = addresses;
  if (first === undefined) return addresses;
  const isIpv6 = ipv4 && ipv6 ? first.includes(':') : ipv6;
  return addresses.filter((address) => address.includes(':') === isIpv6);
}

/**
 * The address at which a proxy reaches a service: its first cluster IP, an address that istiod allocated, or the default one,
 * which is `0.0.0.0` for services without any. As istio pilot/pkg/model/service.go GetAddressForProxy.
 */
export function serviceAddress(service: Service, traits: AddressTraits): string {
  const [own] = ownAddresses(service, traits);
  if (own !== undefined) return own;
  if (traits.usesAllocatedAddresses && service.address === ANY_ADDRESS && service.autoAllocatedAddress !== '') {
    return service.autoAllocatedAddress;
  }
  return service.address;
}

/** The other addresses at which a proxy reaches a service; istio GetExtraAddressesForProxy. */
export function extraServiceAddresses(service: Service, traits: AddressTraits): readonly string[] {
  // Services with several addresses are rare, and this is asked for every one of them.
  return service.addresses.length < 2 ? [] : ownAddresses(service, traits).slice(1);
}
