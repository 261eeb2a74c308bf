import { any } from '../../envoy/any.ts';
import type { DnsCacheConfig } from '../../envoy/api.gen.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Behaviours } from '../../releases/release.ts';
import { compact } from '../../util/object.ts';
import { proxyFlag, proxyMetadata } from '../traits/proxy-metadata.ts';
import { dnsLookupFamilyOf } from './lookup-family.ts';

/**
 * The cache of hosts that nothing is known of and that are resolved request by request: by the agent where it captures DNS.
 * As istio pilot/pkg/networking/core/networkfilter.go buildAllowAnyDynamicDNSDNSCacheConfig.
 */
export function unknownHostsCache(proxy: Proxy, behaviours: Behaviours): DnsCacheConfig {
  return compact({
    name: 'allow_any_dfp_dns_cache',
    maxHosts: behaviours.allowAnyDynamicDnsMaxHosts,
    dnsLookupFamily: dnsLookupFamilyOf(proxy, behaviours),
    typedDnsResolverConfig: proxyFlag(proxy, 'DNS_CAPTURE') ? agentResolver(proxyMetadata(proxy, 'DNS_PROXY_ADDR')) : undefined,
  });
}

/** The agent listens where it says, else at its usual port. */
function agentResolver(written = ''): NonNullable<DnsCacheConfig['typedDnsResolverConfig']> {
  const [, host = 'localhost', port = '15053'] = /^\[?([^[\]]*)\]?:(\d{1,5})$/.exec(written) ?? [];
  const address = host === 'localhost' ? '127.0.0.1' : host;
  return {
    name: 'envoy.network.dns_resolver.cares',
    typedConfig: any('type.googleapis.com/envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig', {
      resolvers: [{ socketAddress: { address, portValue: Number(port) } }],
    }),
  };
}
