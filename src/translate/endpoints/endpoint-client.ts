import type { Proxy } from '../../model/proxy.ts';
import type { Role } from '../../model/roles.ts';
import type { Locality } from '../../model/service.ts';
import type { Labels } from '../../resource/resource.ts';
import { interner } from '../../util/intern.ts';
import { memo } from '../../util/memo.ts';
import { own } from '../../util/object.ts';
import { proxyMetadata } from '../proxy-metadata.ts';

/** What the endpoints of most clusters depend on in the proxy that asks. Proxies with equal ones share one object. */
export interface EndpointClient {
  readonly role: Role;
  /** Empty when unknown. */
  readonly network: string;
  /** The networks that the proxy wants to see, as it writes them; empty for all. */
  readonly visibleNetworks: string;
  readonly locality: Locality;
}

/** Makes the function that finds the client of a proxy. */
export function createEndpointClients(): (proxy: Proxy) => EndpointClient {
  const intern = interner<EndpointClient>();
  return memo((proxy: Proxy) =>
    intern({
      role: proxy.role,
      network: proxy.network,
      visibleNetworks: proxyMetadata(proxy, 'REQUESTED_NETWORK_VIEW') ?? '',
      locality: proxy.locality,
    }),
  );
}

/** The labels that failover priorities look at: entries `label` or `label=value`. */
export function labelsNamed(labels: Labels, priorities: readonly string[]): Labels {
  const names = priorities.map((priority) => priority.split('=')[0] ?? '');
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = own(labels, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
