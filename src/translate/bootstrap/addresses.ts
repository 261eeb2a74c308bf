import type { ProxyConfig } from '../../api/istio.gen.ts';
import type { ClusterDnsLookupFamily } from '../../envoy/api.gen.ts';
import { parseGoBoolean } from '../../util/go-boolean.ts';
import { isIpv6Text } from '../../util/ip-address.ts';
import { familiesOf } from '../naming/lookup-family.ts';
import { ANY_ADDRESS, ANY_ADDRESS_IPV6, LOCALHOST, LOCALHOST_IPV6 } from '../naming/service-address.ts';

/** The addresses of the bootstrap that depend on the families of the pod's. */
export interface BootstrapAddresses {
  /** The loopback address, and that of the other family where the agent serves both. */
  readonly localhosts: readonly [string, ...string[]];
  /** The address that stands for any, and that of the other family where the agent serves both. */
  readonly wildcards: readonly [string, ...string[]];
  readonly lookupFamily: ClusterDnsLookupFamily;
}

/**
 * The addresses of the bootstrap of a pod with these addresses. Whether the agent serves both families is its own variable
 * ISTIO_DUAL_STACK, which `proxyMetadata` sets, whatever istiod does. As istio pkg/bootstrap/config.go toTemplateParams.
 */
export function bootstrapAddresses(ips: readonly string[], { proxyMetadata = {} }: ProxyConfig): BootstrapAddresses {
  const { ipv4, ipv6 } = familiesOf({ ips });
  if (!ipv4) return { localhosts: [LOCALHOST_IPV6], wildcards: [ANY_ADDRESS_IPV6], lookupFamily: 'V6_ONLY' };
  if (!ipv6 || parseGoBoolean(proxyMetadata.ISTIO_DUAL_STACK ?? '') !== true) {
    return { localhosts: [LOCALHOST], wildcards: [ANY_ADDRESS], lookupFamily: 'V4_ONLY' };
  }
  const [first = ''] = ips;
  return isIpv6Text(first)
    ? { localhosts: [LOCALHOST_IPV6, LOCALHOST], wildcards: [ANY_ADDRESS_IPV6, ANY_ADDRESS], lookupFamily: 'ALL' }
    : { localhosts: [LOCALHOST, LOCALHOST_IPV6], wildcards: [ANY_ADDRESS, ANY_ADDRESS_IPV6], lookupFamily: 'ALL' };
}
