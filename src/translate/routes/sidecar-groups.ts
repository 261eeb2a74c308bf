import type { HTTPRouteDestination, LoadBalancerSettingsConsistentHashLB, VirtualService } from '../../api/istio.gen.ts';
import type { Route } from '../../envoy/api.gen.ts';
import type { ConsolidatedDestinationRule } from '../../model/destination-rules.ts';
import { hostsOverlap, isWildcard } from '../../model/host.ts';
import type { Mesh } from '../../model/mesh.ts';
import { isHttp, isSniffed, type Protocol } from '../../model/protocol.ts';
import type { Service, ServicePort } from '../../model/service.ts';
import { MESH_GATEWAY, routeSemantics } from '../../model/virtual-services.ts';
import type { Labels, Resource } from '../../resource/resource.ts';
import { destinationRuleOf } from '../../scope/destination-rule.ts';
import type { EgressListener, Scope } from '../../scope/view.ts';
import { memo } from '../../util/memo.ts';
import { withOrigin } from '../../util/origin.ts';
import { subsetKey } from '../names.ts';
import { hashForDestination, hashForService } from './consistent-hash.ts';
import { buildDefaultHttpOutboundRoute, traceOperation } from './default-route.ts';
import { destinationCluster } from './destination.ts';
import { buildHashPolicy } from './features/hash-policy.ts';
import { buildRoutesForVirtualService } from './route.ts';
import type { VirtualHostGroup } from './virtual-hosts.ts';

type ConsistentHash = LoadBalancerSettingsConsistentHashLB;

/** The client whose listener the groups are for; labels are empty when nothing in its scope looks at them. */
export interface GroupClient {
  readonly scope: Scope;
  readonly labels: Labels;
  readonly appendForwardedHost: boolean;
}

/** Makes the groups of virtual hosts of one port of an egress listener; 0 stands for all ports. */
export type GroupBuilder = (client: GroupClient, listener: EgressListener, listenPort: number) => readonly VirtualHostGroup[];

const meshGateway: ReadonlySet<string> = new Set([MESH_GATEWAY]);

/**
 * Groups of virtual hosts of sidecars: those of virtual services first, in order of precedence, then those of the services that
 * no virtual service is for. As istio core/httproute.go BuildSidecarOutboundVirtualHosts and core/route BuildSidecarVirtualHostWrapper.
 */
export function createGroupBuilder(mesh: Mesh): GroupBuilder {
  const defaultRetries = mesh.config.defaultHttpRetryPolicy;
  const portOf = memo(serviceOnPort);
  const servicesOn = memo((listener: EgressListener, listenPort: number) => servicesByHost(listener, listenPort, portOf));
  const factsOf = memo(collectFacts);
  const serviceTuple = memo((...services: readonly (Service | undefined)[]) => services);
  const hashTuple = memo((...hashes: readonly (ConsistentHash | undefined)[]) => hashes);
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

  // Everything that the routes depend on is an argument, so that clients for which it is equal share them.
  const routesOf = memo(
    (
      virtualService: Resource<VirtualService>,
      listenPort: number,
      appendForwardedHost: boolean,
      proxyLabels: Labels,
      proxyNamespace: string,
      services: readonly (Service | undefined)[],
      hashes: readonly (ConsistentHash | undefined)[],
    ): readonly Route[] => {
      const facts = factsOf(virtualService);
      const serviceByHost = new Map(facts.hosts.map((host, i) => [host, services[i]]));
      const hashByDestination = new Map(facts.destinations.map((destination, i) => [destination, hashes[i]]));
      return buildRoutesForVirtualService(virtualService, {
        proxyLabels,
        proxyNamespace,
        gatewayNames: meshGateway,
        listenPort,
        isTls: false,
        defaultRetries,
        appendForwardedHost,
        lookupService: (host) => serviceByHost.get(host),
        lookupCluster: destinationCluster,
        lookupHash: (destination) => hashByDestination.get(destination),
      });
    },
  );

  return (client, listener, listenPort) => {
    const { scope, labels } = client;
    const services = servicesOn(listener, listenPort);
    const ruleOf = (hostname: string) => destinationRuleOf(scope, 'outbound', labels, hostname);
    const groups: VirtualHostGroup[] = [];
    const routed = new Set<string>();
    for (const virtualService of listener.virtualServices) {
      // A virtual service for hosts that are no services counts on port 80 alone.
      if (listenPort !== 80 && !concernsServices(virtualService, services)) continue;
      const facts = factsOf(virtualService);
      const routes = routesOf(
        virtualService,
        listenPort,
        client.appendForwardedHost,
        facts.readsLabels ? labels : noLabels,
        facts.readsNamespace ? scope.namespace : '',
        serviceTuple(...facts.hosts.map((host) => services.byHost.get(host))),
        hashTuple(
          ...facts.destinations.map((destination) => {
            const rule = ruleOf(destination.destination?.host ?? '');
            return rule && destinationHash(rule, destination);
          }),
        ),
      );
      if (routes.length === 0) continue;
      for (const group of groupsOf(virtualService, routes, services, listener, scope.namespace, listenPort)) {
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
  };
}

const noLabels: Labels = {};

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
function concernsServices({ spec }: Resource<VirtualService>, { byHost, wildcards }: PortServices): boolean {
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
  virtualService: Resource<VirtualService>,
  routes: readonly Route[],
  known: PortServices,
  listener: EgressListener,
  clientNamespace: string,
  listenPort: number,
): readonly VirtualHostGroup[] {
  const { services, hosts } = separateHosts(virtualService, known, listener);
  // A Gateway API route is for services, and for those of its own namespace unless the client is there too.
  const isLocal = clientNamespace === virtualService.namespace;
  const isFor = ({ namespace }: Service): boolean => isLocal || namespace === virtualService.namespace;
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
  virtualService: Resource<VirtualService>,
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

/** What the routes of a virtual service look up and read, so that nothing else need be compared. */
interface VirtualServiceFacts {
  /** Hosts of its destinations and mirrors. */
  readonly hosts: readonly string[];
  readonly destinations: readonly HTTPRouteDestination[];
  readonly readsLabels: boolean;
  readonly readsNamespace: boolean;
}

function collectFacts({ spec }: Resource<VirtualService>): VirtualServiceFacts {
  const rules = spec.http ?? [];
  const matches = rules.flatMap((rule) => rule.match ?? []);
  const destinations = rules.flatMap((rule) => rule.route ?? []);
  const sent = rules.flatMap((rule) => [
    ...(rule.route ?? []).map(({ destination }) => destination?.host ?? ''),
    ...(rule.mirror === undefined ? [] : [rule.mirror.host ?? '']),
    ...(rule.mirrors ?? []).map(({ destination }) => destination?.host ?? ''),
  ]);
  return {
    hosts: [...new Set(sent)],
    destinations,
    readsLabels: matches.some(({ sourceLabels }) => Object.keys(sourceLabels ?? {}).length > 0),
    readsNamespace: matches.some(({ sourceNamespace }) => Boolean(sourceNamespace)),
  };
}

/** Whether a scope holds anything that looks at the labels of a proxy when routes are built. */
export function readsProxyLabels(scope: Scope): boolean {
  const matches = scope.egressListeners
    .flatMap(({ virtualServices }) => virtualServices)
    .flatMap(({ spec }) => spec.http ?? [])
    .flatMap((rule) => rule.match ?? []);
  if (matches.some(({ sourceLabels }) => Object.keys(sourceLabels ?? {}).length > 0)) return true;
  return scope.services.some(({ hostname }) =>
    scope.destinationRules(hostname).some(({ rule }) => rule.spec.workloadSelector !== undefined),
  );
}

function isRoutable({ protocol }: { readonly protocol: Protocol }): boolean {
  return isHttp(protocol) || isSniffed(protocol);
}
