import type { ClusterDnsLookupFamily } from '../../envoy/api.gen.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Behaviours } from '../../releases/release.ts';

/**
 * The addresses that a proxy looks up. Dual stack is off by default: then only a proxy with nothing but IPv6 asks for it.
 * As istio pilot/pkg/networking/util/util.go SelectDNSLookupFamily.
 */
export function dnsLookupFamilyOf({ ips }: Proxy): ClusterDnsLookupFamily {
  return ips.length > 0 && ips.every((ip) => ip.includes(':')) ? 'V6_ONLY' : 'V4_ONLY';
}

/** The addresses that it looks up for hosts that are resolved request by request. */
export function forwardLookupFamilyOf(proxy: Proxy, { resolvesForwardsByFamily }: Behaviours): ClusterDnsLookupFamily {
  return resolvesForwardsByFamily ? dnsLookupFamilyOf(proxy) : 'V4_ONLY';
}
