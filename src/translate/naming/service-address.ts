import type { Proxy } from '../../model/proxies/proxy.ts';
import { factsOf } from '../../model/proxies/roles.ts';
import type { Service } from '../../model/registry/service.ts';
import type { Behaviours } from '../../releases/release.ts';
import { isIpv6Text } from '../../util/ip-address.ts';
import { proxyFlag } from '../traits/proxy-metadata.ts';
import { familiesOf } from './lookup-family.ts';

/** The address that stands for "any". */
export const ANY_ADDRESS = '0.0.0.0';
/** The IPv6 address that stands for "any". */
export const ANY_ADDRESS_IPV6 = '::';
/** The loopback addresses. */
export const LOCALHOST = '127.0.0.1';
export const LOCALHOST_IPV6 = '::1';

/** What the addresses that a proxy can reach depend on. */
export interface AddressTraits {
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  /** Whether it has both families and is to use both (ISTIO_DUAL_STACK). */
  readonly dualStack: boolean;
  /** Whether it has both families and sees all addresses of a service: ambient mode gives them to it too. */
  readonly seesBothFamilies: boolean;
  /** Whether it resolves names itself (DNS capture), or is a waypoint, and so sees the addresses that istiod allocates. */
  readonly usesAllocatedAddresses: boolean;
  /** Its cluster, whose Services have the addresses that it uses. */
  readonly clusterId: string;
}

/** The address traits of a proxy. */
export function addressTraits(proxy: Proxy, { enableIpAutoallocate, enableAmbient, dualStack }: Behaviours): AddressTraits {
  const { ipv4, ipv6 } = familiesOf(proxy);
  return {
    ipv4,
    ipv6,
    dualStack: dualStack && ipv4 && ipv6,
    seesBothFamilies: (dualStack || enableAmbient) && ipv4 && ipv6,
    // Without the controller of addresses, a proxy has to ask for them.
    usesAllocatedAddresses:
      (factsOf[proxy.role].seesAllocatedAddresses || proxyFlag(proxy, 'DNS_CAPTURE')) &&
      (enableIpAutoallocate || proxyFlag(proxy, 'DNS_AUTO_ALLOCATE')),
    clusterId: proxy.clusterId,
  };
}

/** The address that stands for "any" where a proxy listens: IPv4's, for a proxy that has both families too. */
export function anyAddress({ ipv4 }: AddressTraits): string {
  return ipv4 ? ANY_ADDRESS : ANY_ADDRESS_IPV6;
}

/** The loopback addresses of the families that a proxy has, IPv4's first; istio listener_address.go localHosts. */
export function localhosts({ ipv4, ipv6 }: Pick<AddressTraits, 'ipv4' | 'ipv6'>): readonly [string, ...string[]] {
  if (!ipv4) return [LOCALHOST_IPV6];
  return ipv6 ? [LOCALHOST, LOCALHOST_IPV6] : [LOCALHOST];
}

/**
 * All addresses of a service for a proxy: its cluster IPs, else those that istiod allocated, of the family of the proxy; for a proxy
 * of both families all where istiod serves both, else those of the first one's. Of a Kubernetes Service of the other family alone
 * there is none; what a ServiceEntry writes counts for every proxy.
 * As istio pilot/pkg/model/service.go getAllAddressesForProxy.
 */
export function serviceAddresses(service: Service, traits: AddressTraits): readonly string[] {
  const clusterIps = clusterAddresses(service, traits);
  const all = clusterIps.length > 0 ? clusterIps : allocatedAddresses(service, traits);
  const fitting = traits.seesBothFamilies ? all : ofFamilies(all, traits);
  if (fitting.length > 0) return fitting;
  return service.registry === 'Kubernetes' ? ofFamilies([service.address], traits) : [service.address];
}

/**
 * The address at which a proxy reaches a service: its first cluster IP of a family of the proxy, an address that istiod allocated, or
 * the default one, of whatever family, which is `0.0.0.0` for services without any.
 * As istio pilot/pkg/model/service.go GetAddressForProxy.
 */
export function serviceAddress(service: Service, traits: AddressTraits): string {
  const [clusterIp] = ofFamilies(clusterAddresses(service, traits), traits);
  if (clusterIp !== undefined) return clusterIp;
  const allocated = allocatedAddresses(service, traits);
  // IPv4 first, as they are listed.
  return allocated.find((address) => (isIpv6Text(address) ? traits.ipv6 : traits.ipv4)) ?? service.address;
}

/** The other addresses at which a proxy reaches a service; istio GetExtraAddressesForProxy. */
export function extraServiceAddresses(service: Service, traits: AddressTraits): readonly string[] {
  // Services with several addresses are rare, and this is asked for every one of them.
  const mayHave = clusterAddresses(service, traits).length > 1 || service.allocatedAddresses.length > 1;
  return mayHave ? serviceAddresses(service, traits).slice(1) : [];
}

/**
 * The addresses of a service that are domains of its virtual hosts. Where routes are for one port, the service that they are made from
 * has no allocated addresses: the one at which the proxy reaches it is its default address.
 * As istio core/httproute.go buildSidecarOutboundHTTPRouteConfig.
 */
export function domainAddresses(service: Service, traits: AddressTraits, ofAllPorts: boolean): readonly string[] {
  const hasAll = ofAllPorts || clusterAddresses(service, traits).length > 0;
  const addresses = hasAll ? serviceAddresses(service, traits) : [serviceAddress(service, traits)];
  return addresses.filter((address) => address !== '' && address !== ANY_ADDRESS);
}

/**
 * What istiod keeps as the addresses of a service in the cluster of the proxy (ClusterVIPs): a headless Service has `0.0.0.0` there. None
 * where that cluster has no such Service.
 */
function clusterAddresses(
  { registry, addressesByCluster, addresses: ofDefinition }: Service,
  { clusterId }: AddressTraits,
): readonly string[] {
  if (registry !== 'Kubernetes') return [];
  const addresses = addressesByCluster === undefined ? ofDefinition : addressesByCluster.get(clusterId);
  if (addresses === undefined) return [];
  return addresses.length > 0 ? addresses : ONLY_ANY;
}

const ONLY_ANY: readonly string[] = [ANY_ADDRESS];

function allocatedAddresses(service: Service, { usesAllocatedAddresses }: AddressTraits): readonly string[] {
  return usesAllocatedAddresses && service.address === ANY_ADDRESS ? service.allocatedAddresses : [];
}

/** Those of the family of a proxy; for both, those of the family of the first. As istio util/network/ip.go FilterAddressesByIPFamily. */
function ofFamilies(addresses: readonly string[], { ipv4, ipv6 }: AddressTraits): readonly string[] {
  const wanted = ipv4 && ipv6 ? isIpv6Text(addresses[0] ?? '') : ipv6;
  return addresses.every((address) => isIpv6Text(address) === wanted)
    ? addresses
    : addresses.filter((address) => isIpv6Text(address) === wanted);
}
