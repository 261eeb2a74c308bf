import type { ClusterDnsLookupFamily } from '../../envoy/api.gen.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Behaviours } from '../../releases/release.ts';

/**
 * The addresses that a proxy looks up. Where istiod does not serve both families, only a proxy with nothing but IPv6 asks for it.
 * As istio pilot/pkg/networking/util/util.go SelectDNSLookupFamily.
 */
export function dnsLookupFamilyOf({ ips }: Proxy, { dualStack }: Behaviours): ClusterDnsLookupFamily {
  const ipv6 = ips.filter((ip) => ip.includes(':')).length;
  if (ipv6 === 0) return 'V4_ONLY';
  if (ipv6 === ips.length) return 'V6_ONLY';
  return dualStack ? 'ALL' : 'V4_ONLY';
}

/** The addresses that it looks up for hosts that are resolved request by request. */
export function forwardLookupFamilyOf(proxy: Proxy, behaviours: Behaviours): ClusterDnsLookupFamily {
  return behaviours.resolvesForwardsByFamily ? dnsLookupFamilyOf(proxy, behaviours) : 'V4_ONLY';
}
