import type { ClusterDnsLookupFamily } from '../../envoy/api.gen.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Behaviours } from '../../releases/release.ts';
import { dnsLookupFamilyOf, familiesOf, forwardLookupFamilyOf } from '../naming/lookup-family.ts';
import { sdsTraitsOf } from '../tls/common.ts';
import { clientCertificateFilesOf, type UpstreamTlsTraits } from '../tls/upstream.ts';

/** All that a cluster depends on in the proxy it is for, its endpoints apart. Equal traits are one object: they are memo keys. */
export interface ClusterTraits extends UpstreamTlsTraits {
  readonly preserveHeaderCase: boolean;
  readonly dnsLookupFamily: ClusterDnsLookupFamily;
  /** The addresses that are looked up for hosts that are resolved request by request. */
  readonly forwardLookupFamily: ClusterDnsLookupFamily;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
}

/** The traits of a proxy. */
export function clusterTraitsOf(proxy: Proxy, behaviours: Behaviours): ClusterTraits {
  const { ipv4, ipv6 } = familiesOf(proxy);
  return {
    role: proxy.role,
    sds: sdsTraitsOf(proxy),
    clientCertificateFiles: clientCertificateFilesOf(proxy),
    preserveHeaderCase: proxy.proxyConfig.proxyHeaders?.preserveHttp1HeaderCase === true,
    dnsLookupFamily: dnsLookupFamilyOf(proxy, behaviours),
    forwardLookupFamily: forwardLookupFamilyOf(proxy, behaviours),
    ipv4,
    ipv6,
  };
}
