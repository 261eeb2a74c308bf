import type { DnsCacheConfig, HttpFilter } from '../../envoy/api.gen.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { ListenerClass } from '../traits/listener-class.ts';

/**
 * HTTP filters whose configuration is the same for all proxies, as istio pilot/pkg/xds/filters/filters.go declares them.
 */

const peerMetadataType = 'type.googleapis.com/io.istio.http.peer_metadata.Config';

/** A filter by which proxies learn about peers and tell them who they are. */
export function peerMetadata(value: Readonly<Record<string, unknown>>): HttpFilter {
  return {
    name: 'istio.metadata_exchange',
    typedConfig: { '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct', typeUrl: peerMetadataType, value },
  };
}

const discovery: readonly unknown[] = [{ istio_headers: {} }, { workload_discovery: {} }];

const inboundExchange = { downstream_discovery: discovery, downstream_propagation: [{ istio_headers: {} }] };
const outboundExchange = { upstream_discovery: discovery, upstream_propagation: [{ istio_headers: {} }] };
const outboundExchangeInMesh = {
  upstream_discovery: discovery,
  upstream_propagation: [{ istio_headers: { skip_external_clusters: true } }],
};

/**
 * Learns about the peer and tells it about us; `inMeshOnly` keeps the headers from clusters outside the mesh. None where it is off.
 * As istio listener_builder.go appendMxFilter.
 */
export function metadataExchange(
  { enableMetadataExchange, mxAdditionalLabels: labels }: Behaviours,
  listenerClass: ListenerClass,
  inMeshOnly: boolean,
): readonly HttpFilter[] {
  if (!enableMetadataExchange) return [];
  const exchange = listenerClass === 'inbound' ? inboundExchange : inMeshOnly ? outboundExchangeInMesh : outboundExchange;
  return [peerMetadata(labels.length === 0 ? exchange : { ...exchange, additional_labels: labels })];
}

/** The filter that keeps clients with one endpoint; routes and virtual hosts say how. */
export const STATEFUL_SESSION = 'envoy.filters.http.stateful_session';

/** Does nothing but where a route or virtual host says otherwise; istio EmptySessionFilter. */
export const emptySession: HttpFilter = {
  name: STATEFUL_SESSION,
  typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.stateful_session.v3.StatefulSession' },
};

/** Translates gRPC-Web to gRPC. */
export const grpcWeb: HttpFilter = {
  name: 'envoy.filters.http.grpc_web',
  typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.grpc_web.v3.GrpcWeb' },
};

/** Counts gRPC messages. */
export const grpcStats: HttpFilter = {
  name: 'envoy.filters.http.grpc_stats',
  typedConfig: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.grpc_stats.v3.FilterConfig',
    emitFilterState: true,
    statsForAllMethods: false,
  },
};

/** Offers Istio's own ALPN names to the upstream, so that the receiving proxy knows what the connection carries. */
export const alpn: HttpFilter = {
  name: 'istio.alpn',
  typedConfig: {
    '@type': 'type.googleapis.com/istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig',
    alpnOverride: [
      { alpnOverride: ['istio-http/1.0', 'istio', 'http/1.0'] },
      { upstreamProtocol: 'HTTP11', alpnOverride: ['istio-http/1.1', 'istio', 'http/1.1'] },
      { upstreamProtocol: 'HTTP2', alpnOverride: ['istio-h2', 'istio', 'h2'] },
    ],
  },
};

/** Makes the fault injection of routes work. */
export const faultFilter: HttpFilter = {
  name: 'envoy.filters.http.fault',
  typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault' },
};

/** Makes the CORS policies of routes work. */
export const corsFilter: HttpFilter = {
  name: 'envoy.filters.http.cors',
  typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors' },
};

/** Resolves the requested host; the cache has the name that the cluster uses. */
export function dynamicForwardProxy(dnsCacheConfig: DnsCacheConfig): HttpFilter {
  return {
    name: 'envoy.filters.http.dynamic_forward_proxy',
    typedConfig: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig',
      dnsCacheConfig,
    },
  };
}

const plainRouter: HttpFilter = {
  name: 'envoy.filters.http.router',
  typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
};

const quietRouter: HttpFilter = {
  name: 'envoy.filters.http.router',
  typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router', suppressEnvoyHeaders: true },
};

/** Sends the request on; always the last filter. `suppressEnvoyHeaders` leaves out Envoy's debug headers. */
export function router(suppressEnvoyHeaders: boolean): HttpFilter {
  return suppressEnvoyHeaders ? quietRouter : plainRouter;
}
