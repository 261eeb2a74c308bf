import type { ClusterLoadAssignment } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { factsOf } from '../../model/proxies/roles.ts';
import { HBONE_PORT } from '../../model/registry/networks.ts';
import { MOST_ENDPOINTS_KEPT, type Service, type ServicePort } from '../../model/registry/service.ts';
import { isDns } from '../../model/registry/service-entries.ts';
import type { ConsolidatedDestinationRule } from '../../model/traffic/destination-rules.ts';
import { effectivePolicy } from '../../model/traffic/traffic-policy.ts';
import { type Client, clientTwin } from '../../scope/client.ts';
import { destinationRuleOf } from '../../scope/destination-rule.ts';
import type { ProxyView, SharedScope } from '../../scope/view.ts';
import { memo } from '../../util/memo.ts';
import { sharedByReads } from '../../util/shared-by-reads.ts';
import { parseSubsetKey } from '../naming/names.ts';
import { type ClientPlace, createClientPlaces } from './client-place.ts';
import { countEndpoints, createEndpointGroups, type WaypointPort } from './endpoint-groups.ts';
import { balanceLocalities, balanceRegions } from './locality-balance.ts';
import { localitySettingOf } from './locality-setting.ts';

/** The endpoints that a proxy gets for a cluster it asks for by name. */
export type EndpointBuilder = (view: ProxyView, clusterName: string) => ClusterLoadAssignment;

/** What the name of a cluster means. */
interface NamedCluster {
  readonly service: Service;
  readonly port: ServicePort;
  readonly subset: string;
  readonly bySni: boolean;
  readonly vip: boolean;
}

/**
 * Makes the builder of endpoint discovery. A cluster without service, port or endpoints has an assignment without endpoints.
 * Clients that are alike share assignments. As istio pilot/pkg/xds/endpoints BuildClusterLoadAssignment.
 */
export function createEndpointBuilder(mesh: Mesh): EndpointBuilder {
  const { behaviours } = mesh.release;
  const endpointGroups = createEndpointGroups(mesh);
  const placeOf = createClientPlaces(mesh);

  const namedCluster = memo((service: Service, clusterName: string): NamedCluster | undefined => {
    const key = parseSubsetKey(clusterName);
    const port = service.ports.find((candidate) => candidate.port === key?.port);
    if (key === undefined || port === undefined || isDns(service)) return undefined;
    const vip = key.direction === 'inbound-vip';
    const subset = vip ? key.subset.replace(/^http\//, '').replace(/^tcp\//, '') : key.subset;
    return { service, port, subset, bySni: clusterName.startsWith(`${key.direction}_.`), vip };
  });

  const balancing = memo(({ service, port, subset }: NamedCluster, rule: ConsolidatedDestinationRule | undefined) => {
    const policy = effectivePolicy(rule?.rule.spec, subset, port.port);
    const { setting, force, zones } = localitySettingOf(mesh.config, policy?.loadBalancer, service);
    if (zones !== undefined) return zones.enabled === false ? undefined : { zones };
    const failover = force || policy?.outlierDetection !== undefined;
    const distributes = (setting?.distribute?.length ?? 0) > 0;
    return setting !== undefined && (distributes || failover) ? { setting, failover } : undefined;
  });

  // Where there are too many endpoints to keep, they are made whenever somebody looks at them.
  let kept = 0;
  const assignment = sharedByReads(
    clientTwin,
    (
      client: Client,
      cluster: NamedCluster,
      clusterName: string,
      rule: ConsolidatedDestinationRule | undefined,
      place: ClientPlace,
      waypoint: WaypointPort | undefined,
    ): ClusterLoadAssignment => {
      const nodeName = cluster.service.nodeLocal ? client.nodeName() : undefined;
      const key = { ...cluster, rule, nodeName, waypoint };
      // What comes behind the waypoint is the waypoint's business.
      const plan = waypoint === undefined ? balancing(cluster, rule) : undefined;
      if (plan === undefined && kept > MOST_ENDPOINTS_KEPT) {
        const get = (): ClusterLoadAssignment['endpoints'] => {
          const made = endpointGroups(key, 'discovery', place);
          return made.length === 0 ? undefined : made.map(({ value }) => value);
        };
        return Object.defineProperty<ClusterLoadAssignment>({ clusterName }, 'endpoints', { enumerable: true, get });
      }
      const groups = endpointGroups(key, 'discovery', place);
      if (groups.length === 0) return { clusterName };
      const localities = groups.map(({ value }) => value);
      if (plan === undefined) {
        kept += countEndpoints(groups);
        return { clusterName, endpoints: localities };
      }
      const from = { locality: place.locality, label: client.label, behaviours };
      const balanced =
        'zones' in plan
          ? balanceRegions(localities, groups, from, plan.zones)
          : balanceLocalities(localities, groups, from, plan.setting, plan.failover);
      // Localities without endpoints have no priority, and are left out.
      return balanced.length === 0 ? { clusterName } : { clusterName, endpoints: balanced };
    },
  );

  // As istio endpoint_builder.go findServiceWaypoint.
  const waypointOf = memo((scope: SharedScope, service: Service): WaypointPort | 'missing' | undefined => {
    const hostname = hasAddress(service) ? mesh.ambient?.ingressWaypoint(service.hostname, service.namespace) : undefined;
    if (hostname === undefined) return undefined;
    const waypoint = scope.serviceByHostname(hostname);
    const port = waypoint?.ports.find((candidate) => candidate.port === HBONE_PORT);
    return waypoint === undefined || port === undefined ? 'missing' : { service: waypoint, port };
  });

  const ofScope = sharedByReads(
    clientTwin,
    (client: Client, scope: SharedScope, place: ClientPlace, clusterName: string): ClusterLoadAssignment => {
      const hostname = parseSubsetKey(clusterName)?.hostname ?? '';
      const service = scope.serviceByHostname(hostname);
      const cluster = service && namedCluster(service, clusterName);
      if (service === undefined || cluster === undefined) return { clusterName };
      const waypoint = factsOf[place.role].usesWaypoints ? waypointOf(scope, service) : undefined;
      if (waypoint === 'missing') return { clusterName };
      return assignment(client, cluster, clusterName, destinationRuleOf(scope, client, hostname), place, waypoint);
    },
  );

  return ({ proxy, scope, client }, clusterName) => ofScope(client, scope.shared, placeOf(proxy), clusterName);
}

/** Headless Services count: istiod takes their unspecified address for one. As istio Service.HasAddressOrAssigned. */
function hasAddress({ registry, addresses, allocatedAddresses }: Service): boolean {
  return registry === 'Kubernetes' || addresses.length > 0 || allocatedAddresses.length > 0;
}
