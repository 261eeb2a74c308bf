import type { Destination, HTTPRoute, TCPRoute, TLSRoute } from '../../../api/istio.gen.ts';
import type { Path } from '../../../diagnostics/diagnostic.ts';
import type { Subject } from '../../../diagnostics/problem.ts';
import { GATEWAY_SERVICE_ANNOTATION, PARENTS_ANNOTATION } from '../../../model/gateways/gateways.ts';
import type { Mesh } from '../../../model/mesh.ts';
import type { Proxy } from '../../../model/proxies/proxy.ts';
import type { Service, ServicePort } from '../../../model/registry/service.ts';
import { hostCovers, hostsOverlap, isWildcard } from '../../../model/traffic/host.ts';
import { gatewaysOf, MESH_GATEWAY } from '../../../model/traffic/virtual-services.ts';
import { isVisible, visibilityOf } from '../../../model/traffic/visibility.ts';
import { isApart } from '../../../resource/apart.ts';
import type { Resource, ResourceOf } from '../../../resource/resource.ts';
import { type Again, afresh } from '../../../util/again.ts';
import { append } from '../../../util/collections.ts';
import { memo } from '../../../util/memo.ts';
import { type OriginResource, originOf } from '../../../util/origin.ts';
import { at } from '../../subject.ts';

/** Which list of a VirtualService a rule stands in. */
export type RuleList = 'http' | 'tls' | 'tcp';

/** A destination of a rule, and where it stands below the rule. */
export interface RuleDestination {
  readonly destination: Destination;
  readonly path: Path;
}

/** A rule of a VirtualService with full host names, whoever wrote it: a VirtualService, a delegate, a route of the Gateway API. */
export interface TrafficRule {
  readonly list: RuleList;
  readonly rule: HTTPRoute | TLSRoute | TCPRoute;
  readonly virtualService: ResourceOf<'VirtualService'>;
  /** What is written, and where. */
  readonly resource: Resource;
  readonly path: Path;
  readonly destinations: readonly RuleDestination[];
  /** The gateways (`mesh` or `namespace/name`) at which it can match. */
  readonly gateways: readonly string[];
}

/** Who sends requests by rules: the sidecars of a namespace, or the proxies of a gateway there. */
export interface RuleClient {
  readonly role: Proxy['role'];
  readonly namespace: string;
  readonly proxies: readonly Proxy[];
}

/** The rules of a mesh, who follows them, and where they lead. Everything is computed when first asked for, and once. */
export interface Traffic {
  readonly rules: readonly TrafficRule[];
  /** The sidecars, by namespace. */
  readonly sidecars: readonly RuleClient[];
  /** The proxies to which a Gateway (`namespace/name`) applies, by namespace; empty where the input has none of them. */
  gatewayClients(gateway: string): readonly RuleClient[];
  /** Who follows a rule, as far as the proxies are known. */
  clientsOf(rule: TrafficRule): readonly RuleClient[];
  /** Rules by the host that they send to. */
  rulesTo(host: string): readonly TrafficRule[];
  /** Rules by the gateway (`mesh` or `namespace/name`) at which they can match. */
  rulesAt(gateway: string): readonly TrafficRule[];
  /** Services that a host stands for, wildcards included. */
  servicesOf(host: string): readonly Service[];
  /** The service that a client of a namespace means by a host. */
  serviceFor(namespace: string, host: string): Service | undefined;
  /** The resource that something was made from. */
  resourceOf(origin: OriginResource): Resource | undefined;
  /** Whether what serves the port is a gateway, which ends TLS as its servers say. */
  isGateway(service: Service): boolean;
}

/** The port of a service that a destination means; undefined where nobody can tell. */
export function portOf(service: Service, { port }: Destination): ServicePort | undefined {
  if (port?.number !== undefined) return service.ports.find((own) => own.port === port.number);
  return service.ports.length === 1 ? service.ports[0] : undefined;
}

/** The subject of a finding about a rule, or about a part of it where it is written as such. */
export function subjectOfRule({ resource, path, virtualService }: TrafficRule, below: Path = []): Subject {
  return at(resource, isWritten(virtualService) ? [...path, ...below] : path);
}

/** The name of the resource that a rule is written in, for people. */
export function nameOfRule({ resource }: TrafficRule): string {
  return `${resource.kind} ${resource.namespace}/${resource.name}`;
}

/** Whether a VirtualService or Gateway stands in the input, rather than being made from an Ingress or the Gateway API. */
export function isWritten(resource: Resource): boolean {
  const { annotations, document } = resource;
  if (annotations[PARENTS_ANNOTATION] !== undefined || annotations[GATEWAY_SERVICE_ANNOTATION] !== undefined) return false;
  const { value } = document;
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === resource.kind;
}

/** The rules of a mesh and who follows them; the same as of an earlier state of it where it comes from the same parts. */
export function createTraffic(mesh: Mesh, again: Again = afresh): Traffic {
  const { config, registry, proxies, gateways, virtualServices } = mesh;
  const resources = mesh.resources.filter((resource) => resource.kind === 'VirtualService' || !isApart(resource));
  const parts: TrafficParts = { config, registry, proxies, gateways, virtualServices, resources };
  return again('traffic', Object.values(parts), () => trafficOf(parts));
}

type TrafficParts = Pick<Mesh, 'config' | 'gateways' | 'proxies' | 'registry' | 'resources' | 'virtualServices'>;

function trafficOf(mesh: TrafficParts): Traffic {
  const { registry } = mesh;
  const resources = new Map(mesh.resources.map((resource) => [keyOf(resource), resource]));
  const rules = mesh.virtualServices.all.flatMap((virtualService) => rulesOf(virtualService, resources));
  const byHost = new Map<string, TrafficRule[]>();
  const byGateway = new Map<string, TrafficRule[]>();
  for (const rule of rules) {
    for (const host of new Set(rule.destinations.map(({ destination }) => destination.host ?? ''))) append(byHost, host, rule);
    for (const gateway of new Set(rule.gateways)) append(byGateway, gateway, rule);
  }
  const sidecars = clientsBy(mesh.proxies.filter(({ role }) => role === 'sidecar'));
  const proxiesByGateway = new Map<string, Proxy[]>();
  for (const proxy of mesh.proxies) {
    if (proxy.role !== 'gateway') continue;
    for (const { gateway } of mesh.gateways.select(proxy.labels, proxy.targets)) {
      append(proxiesByGateway, `${gateway.namespace}/${gateway.name}`, proxy);
    }
  }
  const gatewayAddresses = new Set(mesh.proxies.flatMap(({ role, ips }) => (role === 'gateway' ? ips : [])));
  const clientsOfGateway = memo((proxies: readonly Proxy[]) => clientsBy(proxies));
  const gatewayClients = (name: string): readonly RuleClient[] => {
    const proxies = proxiesByGateway.get(name);
    return proxies === undefined ? [] : clientsOfGateway(proxies);
  };
  const servicesOf = (host: string): readonly Service[] =>
    isWildcard(host) ? registry.services.filter(({ hostname }) => hostCovers(host, hostname)) : registry.servicesOf(host);
  return {
    rules,
    sidecars,
    gatewayClients,
    clientsOf: ({ gateways, virtualService }) => {
      const { exportTo } = virtualService.spec;
      const visibility = visibilityOf(exportTo, virtualService.namespace, mesh.config.defaultVirtualServiceExportTo);
      return gateways
        .flatMap((gateway) => (gateway === MESH_GATEWAY ? sidecars : gatewayClients(gateway)))
        .filter(({ namespace }) => isVisible(visibility, namespace));
    },
    rulesTo: (host) => byHost.get(host) ?? [],
    rulesAt: (gateway) => byGateway.get(gateway) ?? [],
    servicesOf,
    serviceFor: (namespace, host) => {
      const visible = registry.servicesOf(host).filter(({ visibility }) => isVisible(visibility, namespace));
      return visible.find((service) => service.namespace === namespace) ?? visible[0];
    },
    resourceOf: (origin) => resources.get(keyOf(origin)),
    isGateway: memo((service: Service) =>
      service.ports.some((port) => registry.endpointsOf(service, port).some(({ address }) => gatewayAddresses.has(address))),
    ),
  };
}

function clientsBy(proxies: readonly Proxy[]): readonly RuleClient[] {
  const groups = new Map<string, Proxy[]>();
  for (const proxy of proxies) append(groups, `${proxy.role} ${proxy.namespace}`, proxy);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ role: first.role, namespace: first.namespace, proxies: group }];
  });
}

function rulesOf(virtualService: ResourceOf<'VirtualService'>, resources: ReadonlyMap<string, Resource>): readonly TrafficRule[] {
  const { spec } = virtualService;
  const bound = gatewaysOf(virtualService);
  const make = (list: RuleList, rule: HTTPRoute | TLSRoute | TCPRoute, index: number): readonly TrafficRule[] => {
    const origin = originOf(rule) ?? { resource: virtualService, path: ['spec', list, index] };
    const resource = resources.get(keyOf(origin.resource));
    if (resource === undefined) return [];
    return [
      {
        list,
        rule,
        virtualService,
        resource,
        path: origin.path,
        destinations: destinationsOf(rule),
        gateways: gatewaysAt(rule, bound),
      },
    ];
  };
  return [
    ...(spec.http ?? []).flatMap((rule, index) => make('http', rule, index)),
    ...(spec.tls ?? []).flatMap((rule, index) => make('tls', rule, index)),
    ...(spec.tcp ?? []).flatMap((rule, index) => make('tcp', rule, index)),
  ];
}

/** The gateways at which some match of a rule can hold. */
function gatewaysAt({ match = [] }: HTTPRoute | TLSRoute | TCPRoute, bound: readonly string[]): readonly string[] {
  const named = match.map(({ gateways = [] }) => gateways);
  if (named.length === 0 || named.some((gateways) => gateways.length === 0)) return bound;
  return bound.filter((gateway) => named.some((gateways) => gateways.includes(gateway)));
}

function destinationsOf(rule: HTTPRoute | TLSRoute | TCPRoute): readonly RuleDestination[] {
  const { route = [], mirror, mirrors = [] }: Pick<HTTPRoute, 'route' | 'mirror' | 'mirrors'> = rule;
  const found = (destination: Destination | undefined, path: Path): readonly RuleDestination[] =>
    destination === undefined ? [] : [{ destination, path }];
  return [
    ...route.flatMap(({ destination }, index) => found(destination, ['route', index, 'destination'])),
    ...found(mirror, ['mirror']),
    ...mirrors.flatMap(({ destination }, index) => found(destination, ['mirrors', index, 'destination'])),
  ];
}

function keyOf({ kind, namespace, name }: { readonly kind: string; readonly namespace: string; readonly name: string }): string {
  return `${kind} ${namespace}/${name}`;
}

/** Proxies by their addresses. */
export function proxiesByAddress(proxies: readonly Proxy[]): ReadonlyMap<string, Proxy> {
  return new Map(proxies.flatMap((proxy) => proxy.ips.map((ip) => [ip, proxy] as const)));
}

/** Whether a host of a VirtualService is for a service: its name, or a wildcard that holds it. */
export function isForService(hosts: readonly string[] | undefined, { hostname }: Service): boolean {
  return (hosts ?? []).some((host) => hostsOverlap(host, hostname));
}
