import type { Any, Cluster, NetworkFilter } from '../../envoy/api.gen.ts';
import type { Protocol } from '../../model/protocol.ts';
import type { Service } from '../../model/registry/service.ts';
import { isWildcard } from '../../model/traffic/host.ts';
import type { Behaviours } from '../../releases/release.ts';
import { assertNever } from '../../util/assert.ts';
import { dnsCacheName } from '../naming/names.ts';
import type { ExtensionPhase, TcpTraits } from '../traits/traits.ts';

/** Learns about the peer of a connection and tells it about us; istio filters.go TCPListenerMx and TCPClusterMx. None where it is off. */
export function tcpMetadataExchange({
  enableMetadataExchange,
  mxAdditionalLabels: labels,
}: Behaviours): readonly [] | readonly [TcpPeerMetadata] {
  if (!enableMetadataExchange) return [];
  return labels.length === 0 ? plainMetadataExchange : [peerMetadata({ additional_labels: labels })];
}

/** The filter by which peers tell who they are; clusters and listeners have the same. */
interface TcpPeerMetadata {
  readonly name: string;
  readonly typedConfig: Any;
}

function peerMetadata(more: Readonly<Record<string, unknown>>): TcpPeerMetadata {
  return {
    name: 'istio.metadata_exchange',
    typedConfig: {
      '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct',
      typeUrl: 'type.googleapis.com/envoy.tcp.metadataexchange.config.MetadataExchange',
      value: { protocol: 'istio-peer-exchange', enable_discovery: true, ...more },
    },
  };
}

const PEERS_OF_TUNNELS = 'upstream_hbone_peer_metadata';

/** Keeps what the other end of a tunnel says of itself, for the listener that opens it; istio WaypointListenerBaggagePeerMetadata. */
export const tellPeerOfTunnel: NetworkFilter = {
  name: PEERS_OF_TUNNELS,
  typedConfig: peersOfTunnels('Config', { baggage_key: 'io.istio.baggage' }),
};

/** Learns it from there, for clusters that lead into tunnels; istio WaypointClusterBaggagePeerMetadata. */
export const learnPeerOfTunnel: NonNullable<Cluster['filters']>[number] = {
  name: PEERS_OF_TUNNELS,
  typedConfig: peersOfTunnels('UpstreamConfig', {}),
};

function peersOfTunnels(type: 'Config' | 'UpstreamConfig', value: Readonly<Record<string, string>>): Any {
  const typeUrl = `type.googleapis.com/envoy.extensions.network_filters.peer_metadata.${type}`;
  return { '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct', typeUrl, value };
}

const plainMetadataExchange: readonly [TcpPeerMetadata] = [peerMetadata({})];

/** What the network filters of a chain without HTTP depend on, beside the traits of the proxy. */
export interface NetworkFilterInput {
  readonly traits: TcpTraits;
  /** Of the port that the chain was made for. */
  readonly protocol: Protocol;
  /** Port of the listener, or service port of an inbound chain: traffic extensions can choose ports. */
  readonly port: number;
  readonly statPrefix: string;
  /** The cluster that connections go to, the first where there are several. */
  readonly cluster: string;
  /** The filter that sends them there. */
  readonly proxy: NetworkFilter;
  readonly metadataExchange: boolean;
  /** A wildcard DYNAMIC_DNS service whose hosts are resolved by SNI; undefined where none is. */
  readonly service?: Service | undefined;
}

/**
 * The network filters of a chain that carries opaque connections, in the order in which a connection passes them.
 * As istio pilot/pkg/networking/core/networkfilter.go buildCompleteNetworkFilters.
 */
export function buildNetworkFilters(input: NetworkFilterInput): NetworkFilter[] {
  const { traits, port, service } = input;
  return [
    ...(input.metadataExchange ? tcpMetadataExchange(traits.behaviours) : []),
    ...traits.customAuthorization,
    ...networkExtensions(traits, port, ['AUTHN', 'AUTHZ']),
    ...traits.authorization,
    ...networkExtensions(traits, port, ['STATS', 'UNSPECIFIED_PHASE']),
    ...traits.stats,
    ...(service === undefined ? [] : [sniDynamicForwardProxy(port, service, traits)]),
    ...protocolFilters(input),
  ];
}

/** All phases in which traffic extensions see connections, in order. */
export const EXTENSION_PHASES: readonly ExtensionPhase[] = ['AUTHN', 'AUTHZ', 'STATS', 'UNSPECIFIED_PHASE'];

/** The network filters that traffic extensions add in some phases. */
export function networkExtensions(traits: TcpTraits, port: number, phases: readonly ExtensionPhase[]): NetworkFilter[] {
  return phases.flatMap((phase) =>
    traits.extensions
      .filter((extension) => extension.phase === phase && (extension.ports === undefined || extension.ports.includes(port)))
      .map(({ filter }) => filter),
  );
}

/** Whether a service stands for hosts that are only known when somebody asks for them. */
export function isDynamicWildcard(service: Service | undefined, { dynamicDnsForSidecars }: Behaviours): service is Service {
  return dynamicDnsForSidecars && service !== undefined && service.resolution === 'dynamicDns' && isWildcard(service.hostname);
}

/** What sends connections on, and before it what understands the protocol. As istio buildNetworkFiltersStack. */
function protocolFilters({ traits: { behaviours }, protocol, statPrefix, cluster, proxy }: NetworkFilterInput): NetworkFilter[] {
  switch (protocol) {
    case 'Mongo':
      return behaviours.enableMongoFilter ? [mongoProxy(statPrefix), proxy] : [proxy];
    case 'MySQL':
      return behaviours.enableMysqlFilter ? [mysqlProxy(statPrefix), proxy] : [proxy];
    case 'Redis':
      return [behaviours.enableRedisFilter ? redisProxy(statPrefix, cluster) : proxy];
    case 'HTTP':
    case 'HTTP2':
    case 'HTTP_PROXY':
    case 'HTTPS':
    case 'GRPC':
    case 'GRPC-Web':
    case 'TCP':
    case 'TLS':
    case 'UDP':
    case 'Unsupported':
      return [proxy];
    default:
      return assertNever(protocol);
  }
}

function mongoProxy(statPrefix: string): NetworkFilter {
  return {
    name: 'envoy.filters.network.mongo_proxy',
    typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.network.mongo_proxy.v3.MongoProxy', statPrefix },
  };
}

function mysqlProxy(statPrefix: string): NetworkFilter {
  return {
    name: 'envoy.filters.network.mysql_proxy',
    typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.network.mysql_proxy.v3.MySQLProxy', statPrefix },
  };
}

/** It sends connections on itself: to one cluster, whatever the route says. As istio buildRedisFilter. */
function redisProxy(statPrefix: string, cluster: string): NetworkFilter {
  return {
    name: 'envoy.filters.network.redis_proxy',
    typedConfig: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.network.redis_proxy.v3.RedisProxy',
      latencyInMicros: true,
      prefixRoutes: { catchAllRoute: { cluster } },
      settings: { opTimeout: '5s' },
      statPrefix,
    },
  };
}

/** The name of the filter that resolves hosts by SNI; listeners that have it need the TLS inspector. */
export const sniDynamicForwardProxyName = 'envoy.extensions.filters.network.sni_dynamic_forward_proxy';

function sniDynamicForwardProxy(port: number, service: Service, { forwardLookupFamily }: TcpTraits): NetworkFilter {
  return {
    name: sniDynamicForwardProxyName,
    typedConfig: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.network.sni_dynamic_forward_proxy.v3.FilterConfig',
      dnsCacheConfig: { name: dnsCacheName(service.hostname), dnsLookupFamily: forwardLookupFamily },
      portValue: port,
    },
  };
}
