import type { LocalityLbEndpoints } from '../../envoy/api.gen.ts';
import type { ConsolidatedDestinationRule } from '../../model/destination-rules.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Service } from '../../model/service.ts';
import { isDns } from '../../model/service-entries.ts';
import { effectivePolicy } from '../../model/traffic-policy.ts';
import type { ProxyView } from '../../scope/view.ts';
import { memo } from '../../util/memo.ts';
import { createDnsEndpointBuilder, type DnsCluster } from '../endpoints/dns-endpoints.ts';
import { localitySettingOf } from '../endpoints/locality-setting.ts';
import { proxyMetadata } from '../proxy-metadata.ts';

/** The endpoints that a DNS cluster holds itself, as one group of proxies sees them. The function is the memo key of that group. */
export type DnsEndpoints = (cluster: DnsCluster) => readonly LocalityLbEndpoints[];

/**
 * Makes the function that finds the endpoints of a service's DNS clusters for a proxy; undefined for services without such
 * clusters. Proxies that see the endpoints alike (network, locality, and labels or node where the service looks at them) get
 * one function, so that they share the clusters.
 */
export function createDnsEndpoints(
  mesh: Mesh,
): (view: ProxyView, service: Service, rule: ConsolidatedDestinationRule | undefined) => DnsEndpoints | undefined {
  const build = createDnsEndpointBuilder(mesh);
  const byClient = new Map<string, DnsEndpoints>();
  const looksAtLabels = memo((service: Service, rule: ConsolidatedDestinationRule | undefined) =>
    policiesOf(service, rule).some(
      (policy) => localitySettingOf(mesh.config, policy?.loadBalancer, service).setting?.failoverPriority?.length,
    ),
  );
  return (view, service, rule) => {
    if (!isDns(service)) return undefined;
    const { proxy } = view;
    const client = JSON.stringify([
      proxy.role,
      proxy.network,
      proxy.locality,
      proxyMetadata(proxy, 'REQUESTED_NETWORK_VIEW') ?? '',
      service.nodeLocal ? proxy.nodeName : '',
      looksAtLabels(service, rule) ? Object.entries(proxy.labels).sort(([a], [b]) => (a < b ? -1 : 1)) : [],
    ]);
    const known = byClient.get(client);
    if (known !== undefined) return known;
    const endpoints: DnsEndpoints = (cluster) => build(view, cluster);
    byClient.set(client, endpoints);
    return endpoints;
  };
}

/** The policies of all clusters of a service. */
function policiesOf(service: Service, rule: ConsolidatedDestinationRule | undefined): ReturnType<typeof effectivePolicy>[] {
  const spec = rule?.rule.spec;
  const subsets = [undefined, ...(spec?.subsets ?? []).map(({ name }) => name)];
  return service.ports.flatMap(({ port }) => subsets.map((subset) => effectivePolicy(spec, subset, port)));
}
