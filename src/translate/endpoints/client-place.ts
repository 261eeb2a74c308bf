import { standsBetweenNetworks } from '../../model/ambient/waypoints.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Role } from '../../model/proxies/roles.ts';
import type { Locality } from '../../model/registry/service.ts';
import { interner } from '../../util/intern.ts';
import { memo } from '../../util/memo.ts';
import { familiesOf } from '../naming/lookup-family.ts';
import { proxyMetadata } from '../traits/proxy-metadata.ts';
import { crossesNetworks, sendsTunnels } from '../traits/tunnels.ts';

/** Where a client of endpoints is, and what it is: what the endpoints of all clusters depend on. Equal ones are one object. */
export interface ClientPlace {
  readonly role: Role;
  readonly clusterId: string;
  /** Empty when unknown. */
  readonly network: string;
  /** The networks that the proxy wants to see, as it writes them; empty for all. */
  readonly visibleNetworks: string;
  readonly locality: Locality;
  /** The IP families that it has addresses of. */
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  /** Whether it opens tunnels (HBONE). */
  readonly tunnels: boolean;
  /** Whether it is a gateway between networks, to which tunnels come that it hands on. */
  readonly betweenNetworks: boolean;
  /** Whether it may send to other networks in ambient mode. */
  readonly crossesNetworks: boolean;
}

/** Makes the function that finds the place of a proxy. */
export function createClientPlaces(mesh: Pick<Mesh, 'ambient' | 'release'>): (proxy: Proxy) => ClientPlace {
  const intern = interner<ClientPlace>();
  return memo((proxy: Proxy) =>
    intern({
      role: proxy.role,
      clusterId: proxy.clusterId,
      network: proxy.network,
      // The template of gateways between networks has them see their own alone; istio files/waypoint.yaml.
      visibleNetworks: proxyMetadata(proxy, 'REQUESTED_NETWORK_VIEW') ?? (standsBetweenNetworks(proxy) ? proxy.network : ''),
      locality: proxy.locality,
      ...familiesOf(proxy),
      tunnels: sendsTunnels(mesh, proxy),
      betweenNetworks: standsBetweenNetworks(proxy),
      crossesNetworks: crossesNetworks(proxy, mesh.release.behaviours),
    }),
  );
}
