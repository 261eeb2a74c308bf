import type { TunnelledWorkload } from '../model/ambient/networks.ts';
import { keyOfService } from '../model/ambient/services.ts';
import { standsBetweenNetworks, type Waypoint, type WaypointAddress } from '../model/ambient/waypoints.ts';
import type { MergedGateway } from '../model/gateways/gateways.ts';
import type { Mesh } from '../model/mesh.ts';
import { creationTime } from '../model/order.ts';
import type { Proxy } from '../model/proxies/proxy.ts';
import type { Service } from '../model/registry/service.ts';
import { policyWorkload } from '../model/security/policies.ts';
import { hostsOverlap } from '../model/traffic/host.ts';
import { destinationsOfVirtualService, gatewaysOf, MESH_GATEWAY } from '../model/traffic/virtual-services.ts';
import { append, groupBy } from '../util/collections.ts';
import { memo } from '../util/memo.ts';
import { compareText } from '../util/text.ts';
import { inboundDestinationRuleOf } from './destination-rule.ts';
import { createExtraHosts, isAmong } from './gateway-services.ts';
import type { Scope, WaypointView } from './view.ts';

/** What is chosen for a waypoint as for every proxy. */
type Chosen = Omit<
  WaypointView,
  'services' | 'served' | 'workloads' | 'forService' | 'virtualServicesOf' | 'inboundDestinationRule' | 'outboundServices'
>;

/** Completes the views of waypoints by what they serve. */
export function createWaypointScopes(mesh: Mesh): (chosen: Chosen) => WaypointView {
  const behind = createBehind(mesh);
  const outboundServices = createOutboundServices(mesh);
  return (chosen) => {
    const { proxy, scope, gateway } = chosen;
    const { services, workloads } = behind(proxy);
    const virtualServices = scope.egressListeners.flatMap((listener) => listener.virtualServices);
    const byHost = new Map(services.map((service) => [service.hostname, service]));
    const view: WaypointView = {
      ...chosen,
      services,
      served: (hostname) => byHost.get(hostname),
      workloads,
      outboundServices: [...new Set([...outboundServices(chosen, byHost), ...passedThroughServices(mesh, scope, gateway)])],
      forService: memo((service: Service) => ({ ...view, ...chosenFor(mesh, proxy, service) })),
      virtualServicesOf: memo((service: Service) =>
        virtualServices.filter(
          ({ namespace, spec }) =>
            (namespace === proxy.namespace || namespace === service.namespace) &&
            (spec.hosts ?? []).some((host) => hostsOverlap(host, service.hostname)),
        ),
      ),
      inboundDestinationRule: (hostname) => inboundDestinationRuleOf(scope, hostname),
    };
    return view;
  };
}

/** The services to which TLS goes that a gateway between networks passes through; istio core/cluster.go appendGatewayReferencedServices. */
function passedThroughServices(
  { virtualServices }: Mesh,
  { namespace, services }: Scope,
  gateway: MergedGateway | undefined,
): readonly Service[] {
  const rules = (gateway?.gatewayNames ?? []).flatMap((name) =>
    virtualServices.forGateway(namespace, name).flatMap(({ spec }) => spec.tls ?? []),
  );
  const hosts = new Set(rules.flatMap(({ route = [] }) => route.map(({ destination }) => destination?.host)));
  return services.filter(({ hostname }) => hosts.has(hostname));
}

/** What counts for one service alone. */
function chosenFor(
  { rootNamespace, policies, telemetry, extensions }: Mesh,
  proxy: Proxy,
  service: Service,
): Pick<Chosen, 'requestAuthentications' | 'authorizationPolicies' | 'telemetry' | 'extensions'> {
  const workload = policyWorkload(proxy, rootNamespace, [service]);
  return {
    requestAuthentications: policies.requestAuthentications(workload),
    authorizationPolicies: policies.authorizationPolicies(workload),
    telemetry: telemetry.forWorkload(workload),
    extensions: extensions.forWorkload(workload),
  };
}

/**
 * Makes the finder of what stands behind an instance of a waypoint: all that is told to go to one of the services that the instance
 * serves itself; behind a gateway between networks, all that other networks see, and the waypoints of that. Of two services of one
 * host the last one stays, where istiod leaves it to chance.
 * As istio core/waypoint.go findWaypointResources, model WaypointKeyForProxy and ambient index AllLocalNetworkGlobalServices.
 */
function createBehind({
  ambient,
  registry,
}: Mesh): (proxy: Proxy) => { readonly services: readonly Service[]; readonly workloads: readonly TunnelledWorkload[] } {
  const services = groupBy(ambient?.services ?? [], ({ binding }) => keyOfWaypoint(binding.waypoint));
  const workloads = groupBy(ambient?.workloads ?? [], ({ waypoint }) => keyOfWaypoint(waypoint));
  const network = registry.networkOf('', {});
  const places = memo(() => new Map(registry.services.map((service, place) => [service, place])));
  const placeOf = (service: Service): number => places().get(service) ?? 0;
  const ofProxy = (proxy: Proxy): readonly string[] => {
    const own = [...new Set(proxy.targets.map(({ service }) => service))];
    return [
      ...own.map(({ hostname }) => keyOfAddress({ namespace: proxy.namespace, hostname })),
      ...(proxy.network === network ? own.flatMap(addressesOf) : []).map((address) => keyOfAddress({ address })),
    ];
  };
  const betweenNetworks = memo(() =>
    (ambient?.services ?? []).filter(
      (service) => service.isGlobal || (services.get(keyOfService(service)) ?? []).some(({ isGlobal }) => isGlobal),
    ),
  );
  return (proxy) => {
    const keys = standsBetweenNetworks(proxy) ? [] : [...new Set(ofProxy(proxy))];
    const found = standsBetweenNetworks(proxy) ? betweenNetworks() : keys.flatMap((key) => services.get(key) ?? []);
    const served = new Map<string, Service>();
    for (const { hostname, namespace } of found) {
      const service = registry.service(hostname, namespace);
      // Hosts inside of the mesh cannot be left to the proxy to resolve.
      if (service === undefined || (service.resolution === 'dynamicDns' && !service.meshExternal)) continue;
      served.set(hostname, service);
    }
    return {
      services: [...served.values()].sort((a, b) => placeOf(a) - placeOf(b)),
      workloads: keys
        .flatMap((key) => workloads.get(key) ?? [])
        .sort((a, b) => creationOrder(creationTime(a.resource), creationTime(b.resource)) || compareText(a.uid, b.uid)),
    };
  };
}

function creationOrder(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function keyOfWaypoint(waypoint: Waypoint | undefined): string {
  return waypoint === undefined ? '' : keyOfAddress(waypoint.address);
}

/** The two kinds never meet: namespaces have no colon. */
function keyOfAddress(address: WaypointAddress): string {
  return 'hostname' in address ? keyOfService(address) : `:${address.address}`;
}

function addressesOf({ addresses, allocatedAddresses }: Service): readonly string[] {
  return allocatedAddresses.length > 0 ? allocatedAddresses : addresses;
}

/**
 * Makes the finder of the services that a waypoint sends to beside those that it serves: where virtual services of these lead, and
 * what extensions need. As istio core/waypoint.go filterWaypointOutboundServices and push_context.go ServicesAttachedToMesh.
 */
function createOutboundServices(mesh: Mesh): (chosen: Chosen, served: ReadonlyMap<string, Service>) => readonly Service[] {
  const extraHosts = createExtraHosts(mesh);
  const destinations = memo(() => {
    const found = new Map<string, string[]>();
    for (const virtualService of mesh.virtualServices.all) {
      if (!gatewaysOf(virtualService).includes(MESH_GATEWAY)) continue;
      const hosts = destinationsOfVirtualService(virtualService.spec, '').keys();
      for (const to of hosts) for (const host of virtualService.spec.hosts ?? []) append(found, host, to);
    }
    return found;
  });
  return (chosen, served) => {
    const isElsewhere = (host: string): boolean => served.get(host)?.meshExternal ?? true;
    const referenced = [...served.keys()].flatMap((host) => destinations().get(host) ?? []).filter(isElsewhere);
    const wanted = new Set([...referenced, ...extraHosts(chosen)]);
    return chosen.scope.services.filter((service) => isAmong(wanted, service));
  };
}
