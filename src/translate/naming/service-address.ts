import type { Proxy } from '../../model/proxies/proxy.ts';
import { factsOf } from '../../model/proxies/roles.ts';
import type { Service } from '../../model/registry/service.ts';
import type { Behaviours } from '../../releases/release.ts';
import { proxyFlag } from '../traits/proxy-metadata.ts';
import { familiesOf } from './lookup-family.ts';

/** The address that stands for "any". */
export const ANY_ADDRESS = '0.0.0.0';
/** The IPv6 address that stands for "any". */
export const ANY_ADDRESS_IPV6 = '::';

/** What the addresses that a proxy can reach depend on. */
export interface AddressTraits {
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  /** Whether it has both families and is to use both (ISTIO_DUAL_STACK). */
  readonly dualStack: boolean;
  /** Whether it resolves names itself (DNS capture), or is a waypoint, and so sees the addresses that istiod allocates. */
  readonly usesAllocatedAddresses: boolean;
}

/** The address traits of a proxy. */
export function addressTraits(proxy: Proxy, { enableIpAutoallocate, dualStack }: Behaviours): AddressTraits {
  const { ipv4, ipv6 } = familiesOf(proxy);
  return {
    ipv4,
    ipv6,
    dualStack: dualStack && ipv4 && ipv6,
    // Without the controller of addresses, a proxy has to ask for them.
    usesAllocatedAddresses:
      (factsOf[proxy.role].seesAllocatedAddresses || proxyFlag(proxy, 'DNS_CAPTURE')) &&
      (enableIpAutoallocate || proxyFlag(proxy, 'DNS_AUTO_ALLOCATE')),
  };
}

/**
 * The addresses of a service that a proxy uses, its cluster IPs or those that istiod allocated: those of its family; for a proxy
 * of both families all where istiod serves both, else those of the first one's.
 * As istio pilot/pkg/model/service.go getAllAddressesForProxy and util/network/ip.go FilterAddressesByIPFamily.
 */
export function ownAddresses(service: Service, traits: AddressTraits): readonly string[] {
  const addresses = service.addresses.length > 0 ? service.addresses : allocatedAddresses(service, traits);
  const [first] = addresses;
  if (first === undefined || traits.dualStack) return addresses;
  const isIpv6 = traits.ipv4 && traits.ipv6 ? first.includes(':') : traits.ipv6;
  return addresses.filter((address) => address.includes(':') === isIpv6);
}

function allocatedAddresses(service: Service, { usesAllocatedAddresses }: AddressTraits): readonly string[] {
  return usesAllocatedAddresses && service.address === ANY_ADDRESS ? service.allocatedAddresses : [];
}

/**
 * The address at which a proxy reaches a service: its first cluster IP, an address that istiod allocated, or the default one,
 * which is `0.0.0.0` for services without any. As istio pilot/pkg/model/service.go GetAddressForProxy.
 */
export function serviceAddress(service: Service, traits: AddressTraits): string {
  return ownAddresses(service, traits)[0] ?? service.address;
}

/**
 * All addresses of a service that a waypoint is asked for: the default one, `0.0.0.0`, for a service without any. In ambient mode, a
 * proxy of both families uses those of both. As istio pilot/pkg/model/service.go GetAllAddressesForProxy.
 */
export function waypointAddresses(service: Service, traits: AddressTraits): readonly string[] {
  const addresses = ownAddresses(service, { ...traits, dualStack: traits.ipv4 && traits.ipv6 });
  // Cluster IPs of the other family alone are of no use; what a ServiceEntry gives is taken as it is.
  const isUnreachable = addresses.length === 0 && service.registry === 'Kubernetes' && service.addresses.length > 0;
  return addresses.length > 0 || isUnreachable ? addresses : [service.address];
}

/** The other addresses at which a proxy reaches a service; istio GetExtraAddressesForProxy. */
export function extraServiceAddresses(service: Service, traits: AddressTraits): readonly string[] {
  // Services with several addresses are rare, and this is asked for every one of them.
  const mayHave = service.addresses.length > 1 || service.allocatedAddresses.length > 1;
  return mayHave ? ownAddresses(service, traits).slice(1) : [];
}
