import type { AccessLog, FilterChain, Listener, ListenerFilter, NetworkFilter, XdsMatcherOnMatch } from '../../envoy/api.gen.ts';
import type { Emitted } from '../../envoy/emitted.ts';
import { standsBetweenNetworks } from '../../model/ambient/waypoints.ts';
import type { Mesh } from '../../model/mesh.ts';
import { isHttp, isTcp, isTls, type Protocol } from '../../model/protocol.ts';
import type { Service, ServicePort } from '../../model/registry/service.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { WaypointView } from '../../scope/view.ts';
import { compareText } from '../../util/text.ts';
import { keepDestination } from '../http-filters/tunnel.ts';
import { MAIN_INTERNAL } from '../naming/names.ts';
import { addressTraits, serviceAddress, serviceAddresses } from '../naming/service-address.ts';
import type { ProxyTraits } from '../traits/proxy-traits.ts';
import { cidrRange } from './address.ts';
import { branchBetweenNetworks, nothingServed } from './between-networks.ts';
import { type AddressBranch, byAddress, byAuthority, byContent, byPort, toChain } from './chain-matcher.ts';
import { disabledOn } from './inspectors.ts';
import { httpInspector, originalDestination, tlsInspector } from './listener-filters.ts';
import {
  buildDirectChains,
  contentsOf,
  directChains,
  httpChain,
  tcpChain,
  type WaypointChainContext,
  waypointChainName,
} from './waypoint-chains.ts';

/** A chain, and what EnvoyFilters do not reach in it. */
interface BuiltChain {
  readonly chain: FilterChain;
  /** Whether its routes are those of virtual services. */
  readonly areRouted: boolean;
}

/** A port of a service with its chains, at least one. */
interface ServedPort {
  readonly port: ServicePort;
  readonly contents: readonly ('tcp' | 'http')[];
}

/**
 * The listener of a waypoint for what came through tunnels: which chain a connection gets is decided by its address and port, and where
 * the protocol of the port is not known, by what it carries. As istio core/listener_waypoint.go buildWaypointInternal.
 */
export function buildMainInternal(
  mesh: Mesh,
  traits: ProxyTraits,
  view: WaypointView,
  accessLog: readonly AccessLog[],
): Emitted<Listener> {
  const { behaviours } = mesh.release;
  const betweenNetworks = standsBetweenNetworks(view.proxy);
  const traitsOfAddresses = addressTraits(view.proxy, behaviours);
  const served = view.services.map((service) => ({
    service,
    ports: servedPorts(service, betweenNetworks, behaviours),
    addresses: [...new Set(serviceAddresses(service, traitsOfAddresses))].sort(compareText),
  }));
  // The address itself may be another service's in another network, so that chains keep what the tunnel was for.
  const keepsDestinations = behaviours.ambientEnableMultiNetwork && !betweenNetworks;
  const chains = served.flatMap(({ service, ports, addresses }) => {
    const keeps = keepsDestinations && addresses.length > 0;
    return serviceChains(mesh, traits, view, service, ports, (port) =>
      keeps ? keepDestination(`${serviceAddress(service, traitsOfAddresses)}:${port}`) : undefined,
    );
  });
  const branchOf = (service: Service, port: ServedPort): XdsMatcherOnMatch =>
    betweenNetworks ? branchBetweenNetworks(mesh, service, port.port.port) : portBranch(service, port, behaviours);
  const byPlace = byAddress([
    ...served
      .filter(({ ports }) => ports.length > 0)
      .map(({ service, ports, addresses }): AddressBranch => {
        return {
          ranges: addresses.flatMap((address) => cidrRange(address) ?? []),
          onMatch: byPort(ports.map((port) => [port.port.port, branchOf(service, port)])),
        };
      }),
    ...(betweenNetworks ? [] : workloadBranches(view, byContent(directChains, behaviours))),
  ]);
  const authorities = served.flatMap(({ service, ports, addresses }) =>
    addresses.length === 0
      ? []
      : ports.map((port) => [`${service.hostname}:${port.port.port}`, branchOf(service, port)] as const),
  );
  const direct = betweenNetworks ? [] : buildDirectChains({ ...contextFor(mesh, traits, view), service: undefined });
  const filterChains = [...chains.map(({ chain }) => chain), ...direct];
  const routed = chains.filter(({ areRouted }) => areRouted).flatMap(({ chain }) => chain.name ?? []);
  const value: Listener = {
    name: MAIN_INTERNAL,
    internalListener: {},
    trafficDirection: 'INBOUND',
    filterChains: filterChains.length > 0 ? filterChains : [nothingServed],
    filterChainMatcher: behaviours.ambientEnableMultiNetwork ? byAuthority(authorities, byPlace) : byPlace,
    listenerFilters: [originalDestination, ...inspectors(view, served)],
    ...(accessLog.length > 0 && { accessLog }),
  };
  return { value, site: { context: 'SIDECAR_INBOUND', ...(routed.length > 0 && { fixedRoutes: new Set(routed) }) } };
}

/** Between networks nothing is looked into: what comes is another tunnel. */
function servedPorts(service: Service, betweenNetworks: boolean, behaviours: Behaviours): readonly ServedPort[] {
  const contents = (port: ServicePort): ServedPort['contents'] =>
    betweenNetworks && port.protocol !== 'UDP' ? ['tcp'] : contentsOf(port, service, behaviours);
  return service.ports.map((port) => ({ port, contents: contents(port) })).filter((served) => served.contents.length > 0);
}

function contextFor(mesh: Mesh, traits: ProxyTraits, view: WaypointView): Omit<WaypointChainContext, 'service'> {
  return { mesh, view, ...traits.tunnelled(view) };
}

function serviceChains(
  mesh: Mesh,
  traits: ProxyTraits,
  view: WaypointView,
  service: Service,
  ports: readonly ServedPort[],
  firstFilter: (port: number) => NetworkFilter | undefined,
): readonly BuiltChain[] {
  // Policies of services are their waypoints' business, not that of gateways between networks.
  const ofService = standsBetweenNetworks(view.proxy) ? view : view.forService(service);
  const common = { ...contextFor(mesh, traits, ofService), service };
  return ports.flatMap(({ port, contents }) => {
    const context = { ...common, firstFilter: firstFilter(port.port) };
    return contents.map((content) =>
      content === 'http' ? httpChain(context, port) : { chain: tcpChain(context, port), areRouted: false },
    );
  });
}

function portBranch(service: Service, { port, contents }: ServedPort, behaviours: Behaviours): XdsMatcherOnMatch {
  const [tcp, http] = (['tcp', 'http'] as const).map((content) => waypointChainName(content, service, port.port));
  if (contents.length > 1) return byContent({ tcp: tcp ?? '', http: http ?? '' }, behaviours);
  return toChain((contents[0] === 'http' ? http : tcp) ?? '');
}

/** What goes to the workloads by themselves; those that have only a host name cannot be told by address. */
function workloadBranches({ workloads }: WaypointView, onMatch: XdsMatcherOnMatch): readonly AddressBranch[] {
  const ranges = workloads.flatMap(({ addresses }) => addresses.flatMap((address) => cidrRange(address) ?? []));
  return ranges.length === 0 ? [] : [{ ranges, onMatch }];
}

/** Connections are looked into only on ports where that can matter; to workloads, any port is possible. */
function inspectors(
  { proxy, workloads, services }: WaypointView,
  served: readonly { readonly ports: readonly ServedPort[] }[],
): readonly ListenerFilter[] {
  const all = served.flatMap(({ ports }) => ports.map(({ port }) => port));
  const kindOfPort = standsBetweenNetworks(proxy) ? () => 'tcp' as const : ({ protocol }: ServicePort) => kindOf(protocol);
  const knownPorts = workloads.length > 0 ? [] : portsOfOneKind(all, kindOfPort);
  const ports = services.flatMap((service) => service.ports);
  const tlsPorts = new Set(ports.filter(({ protocol }) => isTls(protocol)).map(({ port }) => port));
  const otherPorts = inOrder(ports.map(({ port }) => port)).filter((port) => !tlsPorts.has(port));
  return [disabledOn(httpInspector, knownPorts), ...(tlsPorts.size > 0 ? [disabledOn(tlsInspector, otherPorts)] : [])];
}

/** The ports that carry HTTP for all services, or none of it for any. */
function portsOfOneKind(ports: readonly ServicePort[], kindOfPort: (port: ServicePort) => string): readonly number[] {
  const kinds = new Map<number, Set<string>>();
  for (const port of ports) kinds.set(port.port, (kinds.get(port.port) ?? new Set()).add(kindOfPort(port)));
  return inOrder([...kinds.keys()]).filter((port) => kinds.get(port)?.size === 1 && kinds.get(port)?.has('unknown') === false);
}

function kindOf(protocol: Protocol): 'http' | 'tcp' | 'unknown' {
  if (isHttp(protocol)) return 'http';
  return isTcp(protocol) ? 'tcp' : 'unknown';
}

function inOrder(ports: readonly number[]): readonly number[] {
  return [...new Set(ports)].sort((a, b) => a - b);
}
