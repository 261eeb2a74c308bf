import type { ClusterDnsLookupFamily } from '../../envoy/api.gen.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Behaviours } from '../../releases/release.ts';

/** Of which families a proxy has addresses; one without any counts as IPv4. */
export function familiesOf({ ips }: Pick<Proxy, 'ips'>): { readonly ipv4: boolean; readonly ipv6: boolean } {
  const ipv6 = ips.some((ip) => ip.includes(':'));
  return { ipv4: !ipv6 || ips.some((ip) => !ip.includes(':')), ipv6 };
}

/**
 * The addresses that a proxy looks up. Where istiod does not serve both families, only a proxy with nothing but IPv6 asks for it, and
 * for IPv4 too where it is to take such connections.
 * As istio pilot/pkg/networking/util/util.go SelectDNSLookupFamily.
 */
export function dnsLookupFamilyOf(
  proxy: Proxy,
  { dualStack, enableIpv4OutboundListenerForIpv6Clusters }: Behaviours,
): ClusterDnsLookupFamily {
  const { ipv4, ipv6 } = familiesOf(proxy);
  if (!ipv4) return enableIpv4OutboundListenerForIpv6Clusters ? 'ALL' : 'V6_ONLY';
  return ipv6 && dualStack ? 'ALL' : 'V4_ONLY';
}

/** The addresses that it looks up for hosts that are resolved request by request. */
export function forwardLookupFamilyOf(proxy: Proxy, behaviours: Behaviours): ClusterDnsLookupFamily {
  return behaviours.resolvesForwardsByFamily ? dnsLookupFamilyOf(proxy, behaviours) : 'V4_ONLY';
}
