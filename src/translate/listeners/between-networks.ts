import type { FilterChain, XdsMatcherOnMatch } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { HBONE_PORT } from '../../model/registry/networks.ts';
import type { Service } from '../../model/registry/service.ts';
import { BLACK_HOLE_CLUSTER, vipKey } from '../naming/names.ts';
import { plainTcpProxy } from '../network-filters/tcp-proxy.ts';
import { bySource, toChain } from './chain-matcher.ts';
import { waypointChainName } from './waypoint-chains.ts';

/**
 * Where a gateway between networks leads what is for a port of a service: to the service itself, or to its waypoint, unless the sender
 * has done the work of a waypoint already, or is a gateway that passes by the waypoint of this service.
 * As istio core/listener_waypoint.go buildWaypointInternal.
 */
export function branchBetweenNetworks({ ambient }: Pick<Mesh, 'ambient'>, service: Service, port: number): XdsMatcherOnMatch {
  const chain = waypointChainName('tcp', service, port);
  const waypoint = ambient?.waypointOf(service.hostname, service.namespace);
  if (waypoint === undefined) return toChain(chain);
  const throughWaypoint = vipKey('tcp', '', waypoint.hostname, HBONE_PORT);
  return bySource(
    [
      ['waypoint', chain],
      ['gateway', waypoint.takesIngress ? throughWaypoint : chain],
    ],
    throughWaypoint,
  );
}

/** The chain of a gateway between networks that serves nothing: a listener needs one. */
export const nothingServed: FilterChain = { name: 'virtualInbound-blackhole', filters: [plainTcpProxy(BLACK_HOLE_CLUSTER)] };
