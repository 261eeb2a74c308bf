import type { DestinationRule, TrafficPolicy } from '../../api/istio.gen.ts';
import { standsForWaypoint } from '../../model/ambient/waypoints.ts';
import { selects } from '../../model/labels.ts';
import type { Mesh } from '../../model/mesh.ts';
import { keepsSessionsByCookie } from '../../model/registry/persistent-session.ts';
import { type Endpoint, MOST_ENDPOINTS_KEPT, type Service, type ServicePort } from '../../model/registry/service.ts';
import { sendsUnhealthyEndpoints } from '../../model/registry/unhealthy-endpoints.ts';
import { acceptsMutualTls } from '../../model/security/peer-authentication.ts';
import type { ConsolidatedDestinationRule } from '../../model/traffic/destination-rules.ts';
import { effectivePolicy, subsetOf } from '../../model/traffic/traffic-policy.ts';
import type { Behaviours } from '../../releases/release.ts';
import { interner } from '../../util/intern.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { memoWithin } from '../../util/memo.ts';
import { joinHostPort } from '../network-filters/tcp-proxy.ts';
import type { ClientPlace } from './client-place.ts';
import { isDraining, type MetadataSharer, type Reached, type TunnelTarget } from './lb-endpoint.ts';
import { type EndpointGroup, groupByLocality, onlyMutualTls } from './locality-groups.ts';
import { splitByNetwork } from './network-split.ts';

/** What the endpoints of a cluster depend on, beside the client. */
export interface EndpointKey {
  readonly service: Service;
  readonly port: ServicePort;
  readonly rule: ConsolidatedDestinationRule | undefined;
  /** Empty for the whole service. */
  readonly subset: string;
  /** Whether the cluster is one that a gateway chooses by SNI, which must not get plain text endpoints. */
  readonly bySni: boolean;
  /** Whether the cluster is that of a waypoint towards a service that it serves. */
  readonly vip: boolean;
  /** The node to which the service keeps for this client; undefined where it goes to all. */
  readonly nodeName: string | undefined;
  /** The waypoint through which the client reaches the service; undefined where it goes to the endpoints themselves. */
  readonly waypoint?: WaypointPort | undefined;
}

/** Where a waypoint takes tunnels: a port of its service. */
export interface WaypointPort {
  readonly service: Service;
  readonly port: ServicePort;
}

/** How the endpoints are found: by endpoint discovery (port name, addresses only) or for a cluster that holds them itself. */
export type EndpointSource = 'discovery' | 'cluster';

/** Finds the endpoints of a cluster as a client may reach them, by locality. */
export type EndpointGroups = (key: EndpointKey, source: EndpointSource, client: ClientPlace) => readonly EndpointGroup[];

/**
 * Makes the finder of endpoints; clients of one network share what it finds.
 * As istio pilot/pkg/xds/endpoints/endpoint_builder.go.
 */
export function createEndpointGroups(mesh: Mesh): EndpointGroups {
  const {
    registry,
    isClusterLocal,
    peerAuthentications,
    ambient,
    release: { behaviours },
  } = mesh;
  // istiod resolves the names of gateways itself, which cannot be done here; for DNS clusters it takes the names as they are.
  const resolvedGateways = registry.networkGateways.filter(({ address }) => isIpAddress(address));

  const shareMetadata: MetadataSharer = interner();

  const groups = memoWithin(
    MOST_ENDPOINTS_KEPT,
    countEndpoints,
    (
      service: Service,
      port: ServicePort,
      rule: ConsolidatedDestinationRule | undefined,
      subset: string,
      source: EndpointSource,
      nodeName: string | undefined,
      cluster: string | undefined,
      visibleNetworks: string,
      tunnels: boolean,
      waypoint: WaypointPort | undefined,
      vip: boolean,
      handsOn: boolean,
    ): readonly EndpointGroup[] => {
      const isLocal = isClusterLocal(service.hostname);
      const labels = waypoint === undefined ? subsetLabels(rule?.rule.spec, subset) : {};
      const tlsMode = destinationTlsMode(rule?.rule.spec, subset, port.port, behaviours);
      const unready = tellsOfUnready(service, rule?.rule.spec, subset, port.port, behaviours);
      const visible = visibleNetworks === '' ? undefined : new Set(['', ...visibleNetworks.split(',')]);
      const found =
        waypoint !== undefined
          ? registry.discoveredEndpointsOf(waypoint.service, waypoint.port)
          : source === 'discovery'
            ? registry.discoveredEndpointsOf(service, port, cluster).filter(isAddressed)
            : registry.endpointsOf(service, port);
      const usable = found.filter(
        (endpoint) =>
          selects(labels, endpoint.labels) &&
          (unready || endpoint.health !== 'unhealthy') &&
          isServing(endpoint, service, behaviours) &&
          (nodeName === undefined || endpoint.nodeName === nodeName) &&
          (!isLocal || endpoint.clusterId === cluster) &&
          (visible === undefined || visible.has(endpoint.network)),
      );
      const reached = (endpoint: Endpoint): Reached => ({
        mutualTls: acceptsMutualTls(peerAuthentications, endpoint, tlsMode),
        tunnel:
          waypoint !== undefined
            ? tunnelToWaypoint(endpoint, service, port)
            : tunnels && needsTunnel(ambient, endpoint, vip || behaviours.preferSendingHbone)
              ? { local: joinHostPort(endpoint.address, endpoint.port) }
              : undefined,
        matchesTunnel: !vip,
        handsOn,
      });
      return groupByLocality(service, usable, reached, behaviours, shareMetadata);
    },
  );

  return ({ service, port, rule, subset, bySni, vip, nodeName, waypoint }, source, client) => {
    const { visibleNetworks, tunnels, betweenNetworks } = client;
    const cluster = nodeName !== undefined || isClusterLocal(service.hostname) ? client.clusterId : undefined;
    const found = groups(
      service,
      port,
      rule,
      subset,
      source,
      nodeName,
      cluster,
      visibleNetworks,
      tunnels,
      waypoint,
      vip,
      betweenNetworks,
    );
    const reachable = splitByNetwork(
      found,
      source === 'discovery' ? resolvedGateways : registry.networkGateways,
      client,
      { service, port, vip },
      behaviours,
    );
    return bySni ? reachable.map(onlyMutualTls) : reachable;
  };
}

/** How many endpoints there are in these groups. */
export function countEndpoints(groups: readonly EndpointGroup[]): number {
  return groups.reduce((sum, { endpoints }) => sum + endpoints.length, 0);
}

/**
 * Whether connections go through a tunnel: to waypoints and to what takes tunnels, unless it takes mutual TLS, which goes first but
 * for a waypoint that sends to what it serves, or where istiod's environment prefers tunnels.
 * As istio endpoint_builder.go buildEnvoyLbEndpoint and supportTunnel.
 */
function needsTunnel(ambient: Mesh['ambient'], endpoint: Endpoint, isPreferred: boolean): boolean {
  if (ambient === undefined || (endpoint.tlsMode === 'istio' && !isPreferred)) return false;
  return standsForWaypoint(endpoint.labels) || ambient.tunnelsTo(endpoint);
}

/** The waypoint is told the address of the service. */
function tunnelToWaypoint({ address, port: waypointPort }: Endpoint, service: Service, { port }: ServicePort): TunnelTarget {
  return {
    local: joinHostPort(service.addresses[0] ?? service.address, port),
    waypoint: joinHostPort(address, waypointPort),
  };
}

/** Discovery is for addresses and sockets: names, which only ServiceEntries have, need DNS. */
function isAddressed({ address, port }: Endpoint): boolean {
  return address === '' || port === 0 || isIpAddress(address);
}

/**
 * Whether clients are told of endpoints that are not ready: of services that want it, and in some releases of all whose policy lets
 * no traffic go there in a panic. As istio endpoint_builder.go supportsUnhealthyEndpoints.
 */
function tellsOfUnready(
  service: Service,
  rule: DestinationRule | undefined,
  subset: string,
  port: number,
  behaviours: Behaviours,
): boolean {
  if (sendsUnhealthyEndpoints(service, behaviours)) return true;
  if (!behaviours.autoSendUnhealthyEndpoints) return false;
  return (effectivePolicy(rule, subset, port)?.outlierDetection?.minHealthPercent ?? 0) <= 0;
}

/** Whether an endpoint takes requests, as far as it goes down or not. As istio filterIstioEndpoint. */
function isServing(endpoint: Endpoint, service: Service, behaviours: Behaviours): boolean {
  if (endpoint.health === 'terminating') return false;
  return !isDraining(endpoint, behaviours) || keepsSessionsByCookie(service, behaviours);
}

function subsetLabels(rule: DestinationRule | undefined, subset: string): Readonly<Record<string, string>> {
  return (subset === '' ? undefined : subsetOf(rule, subset)?.labels) ?? {};
}

/**
 * The TLS mode that the rule sets for a subset or else for the service, on a port. A subset with no mode of its own has that of the
 * service, or in some releases none. As istio pilot/pkg/xds/endpoints/mtls_checker.go tlsModeForDestinationRule.
 */
function destinationTlsMode(
  rule: DestinationRule | undefined,
  subset: string,
  port: number,
  { subsetsInheritTls }: Behaviours,
): string | undefined {
  if (subset === '') return tlsModeOfPolicy(rule?.trafficPolicy, port);
  const found = subsetOf(rule, subset);
  if (found === undefined) return undefined;
  const own = tlsModeOfPolicy(found.trafficPolicy, port);
  return own ?? (subsetsInheritTls ? tlsModeOfPolicy(rule?.trafficPolicy, port) : undefined);
}

function tlsModeOfPolicy(policy: TrafficPolicy | undefined, port: number): string | undefined {
  const ofPort = policy?.portLevelSettings?.find((settings) => settings.port?.number === port && settings.tls !== undefined);
  const tls = ofPort?.tls ?? policy?.tls;
  return tls && (tls.mode ?? 'DISABLE');
}
