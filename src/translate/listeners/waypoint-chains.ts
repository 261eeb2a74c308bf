import type { FilterChain, NetworkFilter } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { isHttp, isHttp2, isSniffed, isTls, type Protocol } from '../../model/protocol.ts';
import type { Service, ServicePort } from '../../model/registry/service.ts';
import { isWildcard } from '../../model/traffic/host.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { WaypointView } from '../../scope/view.ts';
import { withOrigin } from '../../util/origin.ts';
import { buildWaypointHttpFilters } from '../http-filters/http-filters.ts';
import { clientIdentity, keepTarget } from '../http-filters/tunnel.ts';
import { ENCAP, vipKey } from '../naming/names.ts';
import { ANY_ADDRESS } from '../naming/service-address.ts';
import { buildStatName } from '../naming/stat-names.ts';
import { buildNetworkFilters } from '../network-filters/network-filters.ts';
import { type TcpProxyInput, tcpProxy } from '../network-filters/tcp-proxy.ts';
import { buildWaypointRoutes, waypointCluster } from '../routes/waypoint.ts';
import { connectionDestinations } from '../routes/waypoint-connections.ts';
import type { HttpTraits, TcpTraits } from '../traits/traits.ts';
import { listenerName } from './address.ts';
import { buildHttpConnectionManager, headerFields, httpConnectionManagerFilter } from './http-connection-manager.ts';

/** What the chains for a service depend on, or those for workloads by themselves. */
export interface WaypointChainContext {
  readonly mesh: Mesh;
  /** With the policies of the service. */
  readonly view: WaypointView;
  readonly http: HttpTraits;
  readonly tcp: TcpTraits;
  readonly service: Service | undefined;
  /** Stands before all others in the chains of a service. */
  readonly firstFilter?: NetworkFilter | undefined;
}

/** A chain for HTTP. */
export interface WaypointHttpChain {
  readonly chain: FilterChain;
  /** Whether its routes are those of virtual services. */
  readonly areRouted: boolean;
}

/** What the chains of a port do. */
interface ChainPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** Which chains there are for a port: those for both contents where it has to be looked into. */
export function contentsOf(
  { protocol }: ServicePort,
  service: Service,
  { enableWildcardHostServiceEntriesForTls }: Behaviours,
): readonly ('tcp' | 'http')[] {
  if (protocol === 'UDP') return [];
  if (isSniffed(protocol)) return ['tcp', 'http'];
  if (isHttp(protocol)) return ['http'];
  return isTls(protocol) && isDynamic(service) && !enableWildcardHostServiceEntriesForTls ? [] : ['tcp'];
}

/** Whether a service stands for hosts that are only known when somebody asks for them. */
function isDynamic({ hostname, resolution }: Service): boolean {
  return resolution === 'dynamicDns' && isWildcard(hostname);
}

/** The cluster of a port of a service behind a waypoint, for which its chain is named. */
export function waypointChainName(content: 'tcp' | 'http', { hostname }: Service, port: number): string {
  return vipKey(content, '', hostname, port);
}

/** The chain for connections to a port of a service; as istio core/listener_waypoint.go buildWaypointInternal. */
export function tcpChain(context: WaypointChainContext & { readonly service: Service }, port: ServicePort): FilterChain {
  const { service, firstFilter } = context;
  const name = waypointChainName('tcp', service, port.port);
  const filters = [...(firstFilter === undefined ? [] : [firstFilter]), ...tcpFilters(context, port, name)];
  return withOrigin({ filters, name }, service.resource, ['spec', 'ports']);
}

/** The chain for requests to a port of a service. */
export function httpChain(context: WaypointChainContext & { readonly service: Service }, port: ServicePort): WaypointHttpChain {
  const { service, firstFilter } = context;
  const name = waypointChainName('http', service, port.port);
  const { filter, areRouted } = httpFilter(context, port, name);
  const filters = [...(firstFilter === undefined ? [] : [firstFilter]), filter];
  return { areRouted, chain: withOrigin({ filters, name }, service.resource, ['spec', 'ports']) };
}

const directPort: ChainPort = { name: 'unknown', port: 0, protocol: 'TCP' };

/** Names of the chains for what goes to workloads by themselves. */
export const directChains = { tcp: 'direct-tcp', http: 'direct-http' } as const;

/** The chains for what goes to workloads by themselves, which are there whether the waypoint serves any or not. */
export function buildDirectChains(context: WaypointChainContext): readonly FilterChain[] {
  const { filter } = httpFilter(context, directPort, ENCAP);
  return [
    { filters: [keepTarget, ...tcpFilters(context, directPort, ENCAP)], name: directChains.tcp },
    { filters: [keepTarget, filter], name: directChains.http },
  ];
}

const FORWARDS_CLIENT_IDENTITY = 'ambient.istio.io/xfcc-include-client-identity';

/** As buildWaypointInboundHTTPFilters. */
function httpFilter(
  { mesh, view, http, service }: WaypointChainContext,
  { port, protocol }: ChainPort,
  cluster: string,
): { readonly filter: NetworkFilter; readonly areRouted: boolean } {
  const { config, areRouted } = buildWaypointRoutes(mesh, view, { service, port, cluster });
  const tellsIdentity = view.proxy.annotations[FORWARDS_CLIENT_IDENTITY]?.toLowerCase() === 'true';
  const manager = buildHttpConnectionManager(mesh.config, {
    traits: http,
    statPrefix: `inbound_${listenerName(ANY_ADDRESS, port)}`,
    routes: { config },
    protocol,
    // Extensions for single ports are not for requests: istiod does not ask for the port.
    port: 0,
    service,
    filters: (input) => [...(tellsIdentity ? [clientIdentity] : []), ...buildWaypointHttpFilters(input)],
    fields: {
      ...headerFields(http),
      // Else the proxy would remove what the filter has set.
      ...(tellsIdentity && { forwardClientCertDetails: 'ALWAYS_FORWARD_ONLY' }),
      ...(isHttp2(protocol) && { http2ProtocolOptions: {} }),
    },
  });
  return { filter: httpConnectionManagerFilter(manager), areRouted };
}

/** As buildWaypointNetworkFilters. */
function tcpFilters(context: WaypointChainContext, port: ChainPort, cluster: string): readonly NetworkFilter[] {
  const { mesh, view, tcp, service } = context;
  const pattern = mesh.config.inboundClusterStatName;
  const statPrefix = pattern ? statName(pattern, service, port) : cluster;
  const { host, subset, clusters } = connectionTarget(context, port.port, cluster);
  return buildNetworkFilters({
    traits: tcp,
    protocol: port.protocol,
    port: port.port,
    statPrefix,
    cluster,
    proxy: tcpProxy({
      traits: tcp,
      statPrefix,
      clusters,
      destinationRule: host === undefined ? undefined : view.destinationRule(host)?.rule.spec,
      subset,
    }),
    metadataExchange: true,
    service: service?.resolution === 'dynamicDns' && isWildcard(host ?? '') ? service : undefined,
  });
}

/** Where connections go, and the destination whose settings count: the first. */
interface ConnectionTarget extends Pick<TcpProxyInput, 'clusters'> {
  readonly host: string | undefined;
  readonly subset: string;
}

function connectionTarget({ view, service }: WaypointChainContext, port: number, cluster: string): ConnectionTarget {
  const destinations =
    service === undefined ? [] : connectionDestinations(view.virtualServicesOf(service), service.hostname, port);
  const [first] = destinations;
  if (first === undefined) return { host: service?.hostname, subset: '', clusters: cluster };
  const { host = '', subset = '' } = first.destination ?? {};
  if (destinations.length === 1) return { host, subset, clusters: waypointCluster(view, first.destination ?? {}, port) };
  const clusters = destinations
    .filter(({ weight = 0 }) => weight > 0)
    .map(({ destination = {}, weight = 0 }) => ({ name: waypointCluster(view, destination, port), weight }));
  return { host, subset: '', clusters };
}

/** A ServiceEntry counts as a Kubernetes Service named as its host. */
function statName(pattern: string, service: Service | undefined, { name, port }: ChainPort): string {
  return buildStatName(pattern, {
    hostname: service?.hostname ?? '',
    subset: '',
    port,
    portName: name,
    kubernetes: service && { name: service.name, namespace: service.namespace },
  });
}
