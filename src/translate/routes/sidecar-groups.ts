import type { HTTPRouteDestination, LoadBalancerSettingsConsistentHashLB } from '../../api/istio.gen.ts';
import type { Route } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { isHttp, isSniffed, type Protocol } from '../../model/protocol.ts';
import type { Service, ServicePort } from '../../model/registry/service.ts';
import type { ConsolidatedDestinationRule } from '../../model/traffic/destination-rules.ts';
import { hostsOverlap, isWildcard } from '../../model/traffic/host.ts';
import { MESH_GATEWAY, routeSemantics } from '../../model/traffic/virtual-services.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { type Client, clientTwin } from '../../scope/client.ts';
import { destinationRuleOf } from '../../scope/destination-rule.ts';
import type { EgressListener, SharedScope } from '../../scope/view.ts';
import { memo } from '../../util/memo.ts';
import { withOrigin } from '../../util/origin.ts';
import { sharedByReads, type Twin } from '../../util/shared-by-reads.ts';
import { subsetKey } from '../naming/names.ts';
import { hashForDestination, hashForService } from './consistent-hash.ts';
import { buildDefaultHttpOutboundRoute, traceOperation } from './default-route.ts';
import { destinationCluster } from './destination.ts';
import { buildHashPolicy } from './features/hash-policy.ts';
import { buildRoutesForVirtualService } from './route.ts';
import type { VirtualHostGroup } from './virtual-hosts.ts';

type ConsistentHash = LoadBalancerSettingsConsistentHashLB;

/** Makes the groups of virtual hosts of one port of an egress listener; 0 stands for all ports. */
export type GroupBuilder = (
  client: Client,
  scope: SharedScope,
  listener: EgressListener,
  listenPort: number,
  appendForwardedHost: boolean,
) => readonly VirtualHostGroup[];

/** What the routes of a virtual service may ask about the client, and about what it sees of their destinations. */
interface RouteClient extends Pick<Client, 'carries' | 'namespace'> {
  service(hostname: string): Service | undefined;
  hash(destination: HTTPRouteDestination): ConsistentHash | undefined;
}

const routeClientTwin: Twin<RouteClient> = (noting) => ({
  carries: noting('carries', (client, labels: Labels) => client.carries(labels)),
  namespace: noting('namespace', (client) => client.namespace()),
  service: noting('service', (client, hostname: string) => client.service(hostname)),
  hash: noting('hash', (client, destination: HTTPRouteDestination) => client.hash(destination)),
});

const meshGateway: ReadonlySet<string> = new Set([MESH_GATEWAY]);

/**
 * Groups of virtual hosts of sidecars: those of virtual services first, in order of precedence, then those of the services that
 * no virtual service is for. Clients that see the same share them. As istio core/httproute.go BuildSidecarOutboundVirtualHosts and core/route BuildSidecarVirtualHostWrapper.
 */
export function createGroupBuilder(mesh: Mesh): GroupBuilder {
  const defaultRetries = mesh.config.defaultHttpRetryPolicy;
  const portOf = memo(serviceOnPort);
  const servicesOn = memo((listener: EgressListener, listenPort: number) => servicesByHost(listener, listenPort, portOf));
  const serviceHash = memo((rule: ConsolidatedDestinationRule, port: number) => hashForService(rule.rule.spec, port));
  const destinationHash = memo((rule: ConsolidatedDestinationRule, destination: HTTPRouteDestination) =>
    hashForDestination(rule.rule.spec, destination),
  );

  const defaultRoutes = memo((service: Service, port: number, hash: ConsistentHash | undefined): readonly Route[] => {
    const cluster = subsetKey('outbound', '', service.hostname, port);
    const route = buildDefaultHttpOutboundRoute(cluster, traceOperation(service.hostname, port), defaultRetries);
    const policy = buildHashPolicy(hash);
    const hashed = policy === undefined ? route : { ...route, route: { ...route.route, hashPolicy: [policy] } };
    return [withOrigin(hashed, service.resource)];
  });

  const routesOf = sharedByReads(
    routeClientTwin,
    (
      client: RouteClient,
      virtualService: ResourceOf<'VirtualService'>,
      listenPort: number,
      appendForwardedHost: boolean,
    ): readonly Route[] =>
      buildRoutesForVirtualService(virtualService, {
        client,
        gatewayNames: meshGateway,
        listenPort,
        isTls: false,
        behaviours: mesh.release.behaviours,
        defaultRetries,
        appendForwardedHost,
        lookupService: client.service,
        lookupCluster: destinationCluster,
        lookupHash: client.hash,
      }),
  );

  return sharedByReads(clientTwin, (client, scope, listener, listenPort, appendForwardedHost) => {
    const services = servicesOn(listener, listenPort);
    const ruleOf = (hostname: string) => destinationRuleOf(scope, client, hostname);
    const routeClient: RouteClient = {
      carries: client.carries,
      namespace: client.namespace,
      service: (hostname) => services.byHost.get(hostname),
      hash(destination) {
        const rule = ruleOf(destination.destination?.host ?? '');
        return rule && destinationHash(rule, destination);
      },
    };
    const groups: VirtualHostGroup[] = [];
    const routed = new Set<string>();
    for (const virtualService of listener.virtualServices) {
      // A virtual service for hosts that are no services counts on port 80 alone.
      if (listenPort !== 80 && !concernsServices(virtualService, services)) continue;
      const routes = routesOf(routeClient, virtualService, listenPort, appendForwardedHost);
      if (routes.length === 0) continue;
      for (const group of groupsOf(virtualService, routes, services, listener, client.namespace, listenPort)) {
        groups.push(group);
        for (const { hostname } of group.services) routed.add(hostname);
      }
    }
    for (const service of services.byHost.values()) {
      // Aliases are domains of the service they stand for.
      if (service.resolution === 'alias' || routed.has(service.hostname)) continue;
      for (const { port } of service.ports.filter(isRoutable)) {
        const rule = ruleOf(service.hostname);
        const routes = defaultRoutes(service, port, rule && serviceHash(rule, port));
        groups.push({ port, services: [service], hosts: [], routes, resource: service.resource });
      }
    }
    return groups;
  });
}

/** The services of an egress listener on a port; wildcard hostnames are listed, since few, for looking through. */
interface PortServices {
  readonly byHost: ReadonlyMap<string, Service>;
  readonly wildcards: readonly string[];
}

/** The last of several services with one hostname counts, as in Istio's map. */
function servicesByHost(
  { services }: EgressListener,
  listenPort: number,
  portOf: (service: Service, port: ServicePort) => Service,
): PortServices {
  const byHost = new Map<string, Service>();
  for (const service of services) {
    if (listenPort === 0) {
      byHost.set(service.hostname, service);
    } else {
      const port = service.ports.find((candidate) => candidate.port === listenPort);
      if (port !== undefined) byHost.set(service.hostname.toLowerCase(), portOf(service, port));
    }
  }
  return { byHost, wildcards: [...byHost.keys()].filter(isWildcard) };
}

/** A service with one of its ports only, its name in lower case. */
function serviceOnPort(service: Service, port: ServicePort): Service {
  const hostname = service.hostname.toLowerCase();
  return service.ports.length === 1 && hostname === service.hostname ? service : { ...service, hostname, ports: [port] };
}

/** Whether a host of the virtual service stands for one of the services; as istio core/httproute.go selectVirtualServices. */
function concernsServices({ spec }: ResourceOf<'VirtualService'>, { byHost, wildcards }: PortServices): boolean {
  return (spec.hosts ?? []).some((written) => {
    const host = written.toLowerCase();
    if (byHost.has(host)) return true;
    const candidates = isWildcard(host) ? byHost.keys() : wildcards;
    for (const candidate of candidates) if (hostsOverlap(host, candidate)) return true;
    return false;
  });
}

/**
 * Groups of the virtual hosts of a virtual service, one for each port of the services that its hosts stand for. Hosts that are no
 * services stand beside them on each of these ports, or on port 80 when there are none.
 * As istio core/route buildSidecarVirtualHostsForVirtualService.
 */
function groupsOf(
  virtualService: ResourceOf<'VirtualService'>,
  routes: readonly Route[],
  known: PortServices,
  listener: EgressListener,
  clientNamespace: () => string,
  listenPort: number,
): readonly VirtualHostGroup[] {
  const { services, hosts } = separateHosts(virtualService, known, listener);
  // A Gateway API route is for services, and for those of its own namespace unless the client is there too.
  const isLocal = (): boolean => clientNamespace() === virtualService.namespace;
  const isFor = ({ namespace }: Service): boolean => namespace === virtualService.namespace || isLocal();
  if (routeSemantics(virtualService) === 'gateway' && !services.some(isFor)) return [];
  const byPort = new Map<number, Service[]>();
  for (const service of services) {
    for (const { port } of service.ports.filter(isRoutable)) {
      const list = byPort.get(port);
      if (list === undefined) byPort.set(port, [service]);
      else list.push(service);
    }
  }
  if (byPort.size === 0 && listenPort === 80) byPort.set(80, []);
  return [...byPort]
    .sort(([a], [b]) => a - b)
    .map(([port, list]) => ({ port, services: list, hosts, routes, resource: virtualService }));
}

/**
 * The services that the hosts of a virtual service stand for, and the hosts that are none. A wildcard stands for the services for
 * which no other virtual service has a more specific host. As istio core/route separateVSHostsAndServices.
 */
function separateHosts(
  virtualService: ResourceOf<'VirtualService'>,
  { byHost }: PortServices,
  listener: EgressListener,
): { readonly services: readonly Service[]; readonly hosts: readonly string[] } {
  const services: Service[] = [];
  const hosts: string[] = [];
  const wildcards: string[] = [];
  for (const written of virtualService.spec.hosts ?? []) {
    const host = written.toLowerCase();
    const service = byHost.get(host);
    if (isWildcard(host)) wildcards.push(host);
    else if (service !== undefined) services.push(service);
    else hosts.push(written);
  }
  const name = `${virtualService.namespace}/${virtualService.name}`;
  for (const wildcard of wildcards) {
    if (routeSemantics(virtualService) === 'gateway') {
      hosts.push(wildcard);
      continue;
    }
    const covered = [...byHost].filter(([host]) => hostsOverlap(host, wildcard));
    if (covered.length === 0) hosts.push(wildcard);
    for (const [host, service] of covered) {
      if (listener.mostSpecificVirtualService.get(host) === name) services.push(service);
    }
  }
  return { services, hosts };
}

function isRoutable({ protocol }: { readonly protocol: Protocol }): boolean {
  return isHttp(protocol) || isSniffed(protocol);
}
