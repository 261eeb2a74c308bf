import type { GatewayMessage } from '../../envoy/ztunnel.ts';
import type { Option } from '../choices.ts';
import { addressOf } from '../data-plane.ts';
import { type Host, hostAt } from '../host.ts';
import { type Run, takeHost } from '../run.ts';
import { addressOfBytes, canonicalAddress } from './addresses.ts';
import type { DirectoryEndpoint, DirectoryService, DirectoryWorkload, ZtunnelDirectory } from './directory.ts';

/** Port on which tunnels end. */
export const TUNNEL_PORT = 15008;

/** An address with a port. */
export interface AddressWithPort {
  readonly ip: string;
  readonly port: number;
}

/** Where ztunnel leads a connection that leaves a pod, or why it does not. */
export type NextHop = { readonly service?: DirectoryService } & (
  | { readonly kind: 'pass'; readonly because: 'unknown' | 'passthrough' }
  | { readonly kind: 'plain'; readonly workload: DirectoryWorkload; readonly to: AddressWithPort }
  | {
      readonly kind: 'tunnel';
      readonly workload: DirectoryWorkload;
      readonly to: AddressWithPort;
      /** What the tunnel is for. */
      readonly target: AddressWithPort;
      /** Identities that the other end may have. */
      readonly identities: readonly string[];
      readonly waypoint?: WaypointName;
    }
  | {
      /** A tunnel to the gateway of another network, and in it one to the workload there. */
      readonly kind: 'two tunnels';
      readonly network: string;
      readonly workload: DirectoryWorkload;
      readonly to: AddressWithPort;
      /** What both tunnels are for: the host of the service. */
      readonly target: AddressWithPort;
      /** Identities that the gateway may have. */
      readonly identities: readonly string[];
      /** Identities that whoever ends the inner tunnel may have: those that the service names behind which it is. */
      readonly innerIdentities: readonly string[];
      readonly behind: string;
      readonly waypoint?: WaypointName;
    }
  | { readonly kind: 'no endpoint' }
  | {
      readonly kind: 'no waypoint';
      readonly name: string;
      readonly of: 'service' | 'workload';
      readonly because: 'unknown' | 'no endpoint';
    }
  | { readonly kind: 'no address'; readonly name: string }
  /** Another network of which no gateway is known, or one that is not known by that name. */
  | { readonly kind: 'no network gateway'; readonly network: string; readonly because: 'none' | 'unknown' | 'no endpoint' }
);

interface WaypointName {
  readonly name: string;
  readonly of: 'service' | 'workload';
}

/** As ztunnel src/proxy/outbound.rs build_request. */
export function nextHop(run: Run, directory: ZtunnelDirectory, source: DirectoryWorkload, target: AddressWithPort): NextHop {
  const { network } = source;
  const service =
    directory.workloadAt(target.ip, network) === undefined
      ? directory.serviceAt(target.ip, network, namespaceOf(source))
      : undefined;
  const ofService = service?.message.waypoint;
  if (service !== undefined && ofService !== undefined) {
    return { ...toWaypoint(run, directory, source, target, ofService, service), service };
  }
  const served = directory.serviceAt(target.ip, network, namespaceOf(source));
  if (served !== undefined) {
    if (served.message.loadBalancing?.mode === 'PASSTHROUGH') return { kind: 'pass', because: 'passthrough', service: served };
    const endpoint = chooseEndpoint(run, source, served, target.port, false);
    if (endpoint === undefined) return { kind: 'no endpoint', service: served };
    const found = reach(served, endpoint.workload, endpoint.port);
    return { ...found, service: served };
  }
  const workload = directory.workloadAt(target.ip, network);
  if (workload === undefined) return { kind: 'pass', because: 'unknown' };
  const ofWorkload = workload.message.waypoint;
  if (ofWorkload !== undefined && !isInstance(directory, ofWorkload, source)) {
    return toWaypoint(run, directory, source, target, ofWorkload, undefined);
  }
  return reach(undefined, workload, target.port);

  /** What stands on its own network is reached through a tunnel if it takes tunnels, else plainly. */
  function reach(of: DirectoryService | undefined, to: DirectoryWorkload, port: number): NextHop {
    const ip = addressOfWorkload(run.dataPlane, to, of, target);
    if (of !== undefined && isAcross(source, to, ip)) {
      return throughGateway(run, directory, source, { to, behind: of, asked: of, target });
    }
    if (ip === undefined) return { kind: 'no address', name: to.message.hostname ?? to.uid };
    if (!to.isTunnelled) return { kind: 'plain', workload: to, to: { ip, port } };
    const identities = identitiesOf(to, of);
    return { kind: 'tunnel', workload: to, to: { ip, port: TUNNEL_PORT }, target: { ip, port }, identities };
  }
}

function namespaceOf({ message }: DirectoryWorkload): string {
  return message.namespace ?? '';
}

/** Whether a workload is an instance of a waypoint, which is not sent through itself again. As check_from_waypoint. */
function isInstance(directory: ZtunnelDirectory, waypoint: GatewayMessage, source: DirectoryWorkload): boolean {
  const found = directory.gateway(waypoint, source.network);
  return found?.workload === source || found?.service?.endpoints.some(({ workload }) => workload === source) === true;
}

function identitiesOf(workload: DirectoryWorkload, service: DirectoryService | undefined): readonly string[] {
  return [...spiffeNames(service), workload.identity];
}

function spiffeNames(service: DirectoryService | undefined): readonly string[] {
  return (service?.message.subjectAltNames ?? []).filter((name) => name.startsWith('spiffe://'));
}

function toWaypoint(
  run: Run,
  directory: ZtunnelDirectory,
  source: DirectoryWorkload,
  target: AddressWithPort,
  waypoint: GatewayMessage,
  /** The service of which it is the waypoint; undefined where it is that of a workload. */
  asked: DirectoryService | undefined,
): NextHop {
  const of = asked === undefined ? 'workload' : 'service';
  const { hboneMtlsPort = TUNNEL_PORT } = waypoint;
  const found = directory.gateway(waypoint, source.network);
  const name = found?.service?.hostname ?? waypoint.hostname?.hostname ?? found?.workload?.uid ?? '';
  if (found === undefined) return { kind: 'no waypoint', name, of, because: 'unknown' };
  const { service } = found;
  const endpoint = endpointOfGateway(run, source, found, hboneMtlsPort, true);
  if (endpoint === undefined) return { kind: 'no waypoint', name, of, because: 'no endpoint' };
  const ip = addressOfWorkload(run.dataPlane, endpoint.workload, service, target);
  // Only what is asked for by a service crosses networks.
  if (asked !== undefined && isAcross(source, endpoint.workload, ip)) {
    return throughGateway(run, directory, source, {
      to: endpoint.workload,
      behind: service,
      asked,
      target,
      waypoint: { name, of },
    });
  }
  if (ip === undefined) return { kind: 'no address', name };
  return {
    kind: 'tunnel',
    workload: endpoint.workload,
    to: { ip, port: endpoint.port },
    target,
    identities: identitiesOf(endpoint.workload, service),
    waypoint: { name, of },
  };
}

/** Whether nothing but the gateway of its network leads to a workload. */
function hasNoAddress({ ips, message: { hostname = '' } }: DirectoryWorkload): boolean {
  return ips.length === 0 && hostname === '';
}

/** Whether a workload is on another network than the client, and can be reached there: the name of one that has no other address has to resolve. */
function isAcross(source: DirectoryWorkload, to: DirectoryWorkload, ip: string | undefined): boolean {
  return to.network !== source.network && (ip !== undefined || hasNoAddress(to));
}

/** What is to be reached on another network. */
interface Crossing {
  readonly to: DirectoryWorkload;
  /** The service behind which that is. */
  readonly behind: DirectoryService | undefined;
  /** The service that was called, and by which address. */
  readonly asked: DirectoryService;
  readonly target: AddressWithPort;
  readonly waypoint?: WaypointName;
}

/**
 * To a workload of another network: both tunnels ask for the service that was called, by its host, and the inner one ends at an identity of
 * the service behind which the workload is. As ztunnel src/proxy/outbound.rs build_request_through_gateway.
 */
function throughGateway(
  run: Run,
  directory: ZtunnelDirectory,
  source: DirectoryWorkload,
  { to, behind, asked, target, waypoint }: Crossing,
): NextHop {
  const { network } = to;
  const { networkGateway } = to.message;
  if (networkGateway === undefined) return { kind: 'no network gateway', network, because: 'none' };
  const { hboneMtlsPort = TUNNEL_PORT, address } = networkGateway;
  const found = directory.gateway(networkGateway, network);
  if (found === undefined) return { kind: 'no network gateway', network, because: 'unknown' };
  const { service } = found;
  const endpoint = endpointOfGateway(run, source, found, hboneMtlsPort, false);
  if (endpoint === undefined) return { kind: 'no network gateway', network, because: 'no endpoint' };
  const wanted = address === undefined ? target.ip : addressOfBytes(address.address ?? '');
  const ip = addressOfWorkload(run.dataPlane, endpoint.workload, service, { ip: wanted, port: hboneMtlsPort });
  if (ip === undefined) return { kind: 'no address', name: endpoint.workload.message.hostname ?? endpoint.workload.uid };
  return {
    kind: 'two tunnels',
    network,
    workload: endpoint.workload,
    to: { ip, port: endpoint.port },
    target: { ip: asked.hostname, port: target.port },
    identities: identitiesOf(endpoint.workload, service),
    innerIdentities: spiffeNames(behind),
    behind: behind?.hostname ?? '',
    ...(waypoint !== undefined && { waypoint }),
  };
}

/** As ztunnel src/state.rs pick_workload_destination_or_resolve. */
function addressOfWorkload(
  dataPlane: Run['dataPlane'],
  { ips, message: { hostname = '' } }: DirectoryWorkload,
  service: DirectoryService | undefined,
  asked: AddressWithPort,
): string | undefined {
  if (ips.includes(canonicalAddress(asked.ip))) return asked.ip;
  const families = service?.message.ipFamilies;
  const fitting = ips.filter((ip) => families !== (ip.includes(':') ? 'IPV4_ONLY' : 'IPV6_ONLY'));
  const ip = fitting.find((candidate) => candidate.includes(':') === asked.ip.includes(':')) ?? fitting[0];
  // Nobody's DNS knows an address of a wildcard, which is what a ServiceEntry of such hosts is without a waypoint.
  return ip ?? (hostname === '' || hostname.startsWith('*') ? undefined : addressOf(dataPlane, hostname));
}

/** A workload, with the port where it is reached. */
interface ChosenEndpoint {
  readonly workload: DirectoryWorkload;
  readonly port: number;
}

/** A workload behind a service, as a host. */
type WorkloadHost = Host & ChosenEndpoint;

/** What the address of a waypoint or of a network's gateway leads to: the workload that has it, or an endpoint of its service. */
function endpointOfGateway(
  run: Run,
  source: DirectoryWorkload,
  { service, workload }: NonNullable<ReturnType<ZtunnelDirectory['gateway']>>,
  port: number,
  isWaypoint: boolean,
): ChosenEndpoint | undefined {
  if (service !== undefined) return chooseEndpoint(run, source, service, port, isWaypoint);
  return workload && { workload, port };
}

/** One of the endpoints that the service's preferences leave, by weight. As ztunnel src/state.rs load_balance. */
function chooseEndpoint(
  run: Run,
  source: DirectoryWorkload,
  service: DirectoryService,
  port: number,
  isWaypoint: boolean,
): ChosenEndpoint | undefined {
  const targetPort = service.ports.get(port);
  if (targetPort === undefined && !isWaypoint) return undefined;
  const usable = service.endpoints.filter(({ workload, ports }) => {
    const { message } = workload;
    if (hasNoAddress(workload) && (workload.network === source.network || message.networkGateway === undefined)) return false;
    if (isWaypoint) return targetPort !== undefined || message.applicationTunnel !== undefined;
    return targetPort !== 0 || ports.has(port);
  });
  const options = preferred(source, service, usable).map(({ workload, ports }): Option<WorkloadHost> => {
    const { message, ips, uid } = workload;
    const label = ips[0] ?? message.hostname ?? uid;
    const found = ports.get(port) || targetPort || (message.applicationTunnel?.port === undefined ? 0 : port);
    return { value: { ...hostAt(label, found), workload, port: found }, weight: message.capacity ?? 1, label };
  });
  const host = takeHost(run, run.dataPlane.balancer.ofKin(options))?.host;
  return host === undefined || host.port === 0 ? undefined : host;
}

/** Endpoints that share most of the preferred places with the client; in mode STRICT they must share all. */
function preferred(
  source: DirectoryWorkload,
  { message: { loadBalancing = {} } }: DirectoryService,
  endpoints: readonly DirectoryEndpoint[],
): readonly DirectoryEndpoint[] {
  const { mode, routingPreference = [] } = loadBalancing;
  if (mode === undefined || mode === 'UNSPECIFIED_MODE') return endpoints;
  const rank = ({ workload }: DirectoryEndpoint): number => {
    const at = routingPreference.findIndex((scope) => placeOf(source, scope) !== placeOf(workload, scope));
    return at === -1 ? routingPreference.length : at;
  };
  const ranked = endpoints.map((endpoint) => ({ endpoint, rank: rank(endpoint) }));
  const most =
    mode === 'STRICT' ? routingPreference.length : ranked.reduce((best, candidate) => Math.max(best, candidate.rank), 0);
  return ranked.filter((candidate) => candidate.rank === most).map(({ endpoint }) => endpoint);
}

function placeOf({ message: { locality = {}, node = '', clusterId = '' }, network }: DirectoryWorkload, scope: string): string {
  switch (scope) {
    case 'REGION':
      return locality.region ?? '';
    case 'ZONE':
      return locality.zone ?? '';
    case 'SUBZONE':
      return locality.subzone ?? '';
    case 'NODE':
      return node;
    case 'CLUSTER':
      return clusterId;
    default:
      return network;
  }
}
