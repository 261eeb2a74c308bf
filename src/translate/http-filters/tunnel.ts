import { any } from '../../envoy/any.ts';
import type { FilterStateValue, HttpFilter, NetworkFilter } from '../../envoy/api.gen.ts';
import type { Behaviours } from '../../releases/release.ts';
import { peerMetadata } from './static.ts';

/** HTTP filters where tunnels (HBONE) end, as istio pilot/pkg/xds/filters declares them. */

/** Finds out who opened the tunnel, for the listener behind it; istio GenerateWaypointDownstreamMetadataFilter. */
export function downstreamPeer({ ambientEnableBaggage }: Behaviours): HttpFilter {
  return ambientEnableBaggage ? downstreamPeerByBaggage : downstreamPeerByWorkload;
}

const downstreamPeerByWorkload: HttpFilter = {
  ...peerMetadata({ downstream_discovery: [{ workload_discovery: {} }], shared_with_upstream: true }),
  name: 'waypoint_downstream_peer_metadata',
};

const downstreamPeerByBaggage: HttpFilter = {
  ...peerMetadata({
    downstream_discovery: [{ workload_discovery: {} }, { baggage: {} }],
    downstream_propagation: [{ baggage: {} }],
    shared_with_upstream: true,
  }),
  name: 'waypoint_downstream_peer_metadata',
};

/** Finds out who answers a waypoint; istio GenerateWaypointUpstreamMetadataFilter. */
export function upstreamPeer({ ambientEnableBaggage }: Behaviours): HttpFilter {
  return ambientEnableBaggage ? upstreamPeerByBaggage : upstreamPeerByWorkload;
}

const upstreamPeerByWorkload: HttpFilter = {
  ...peerMetadata({ upstream_discovery: [{ workload_discovery: {} }] }),
  name: 'waypoint_upstream_peer_metadata',
};

const upstreamPeerByBaggage: HttpFilter = {
  ...peerMetadata({
    upstream_discovery: [{ workload_discovery: {} }, { upstream_filter_state: { peer_metadata_key: 'upstream_peer' } }],
  }),
  name: 'waypoint_upstream_peer_metadata',
};

/** Under this name the listener behind a tunnel knows the identity of who opened it. */
export const PEER_PRINCIPAL = 'io.istio.peer_principal';

/** Under this name it knows what the tunnel was asked to lead to. */
export const CONNECT_AUTHORITY = 'io.istio.connect_authority';
/** Under this name a gateway between networks knows what kind of proxy sends to it. */
export const REQUEST_SOURCE = 'io.istio.source';
/** The header by which proxies that send to such a gateway say what they are. */
export const SOURCE_HEADER = 'x-istio-source';

const LOCAL_PRINCIPAL = 'io.istio.local_principal';
const TUNNEL_TARGET = 'envoy.filters.listener.original_dst.local_ip';
const HASHABLE = 'istio.hashable_string';

/** Tells the listener behind the tunnel where it leads, from where, and between whom; istio ConnectAuthorityFilter. */
export const connectAuthority: HttpFilter = {
  name: 'connect_authority',
  typedConfig: any('type.googleapis.com/envoy.extensions.filters.http.set_filter_state.v3.Config', {
    onRequestHeaders: [
      shared(TUNNEL_TARGET, '%REQ(:AUTHORITY)%'),
      shared(CONNECT_AUTHORITY, '%REQ(:AUTHORITY)%', { factoryKey: HASHABLE }),
      shared('envoy.filters.listener.original_dst.remote_ip', '%DOWNSTREAM_REMOTE_ADDRESS%'),
      shared(PEER_PRINCIPAL, '%DOWNSTREAM_PEER_URI_SAN%', { factoryKey: HASHABLE }),
      shared(LOCAL_PRINCIPAL, '%DOWNSTREAM_LOCAL_URI_SAN%', { factoryKey: HASHABLE }),
    ],
  }),
};

/** Tells the listener behind the tunnel what kind of proxy opened it; istio RequestSourceFilter. */
export const requestSource: HttpFilter = {
  name: 'request_source',
  typedConfig: any('type.googleapis.com/envoy.extensions.filters.http.set_filter_state.v3.Config', {
    onRequestHeaders: [shared(REQUEST_SOURCE, `%REQ(${SOURCE_HEADER})%`, { factoryKey: HASHABLE })],
  }),
};

/** Tells servers behind a waypoint who the client is, as the end of the tunnel knows it; istio WaypointXFCCClientIdentityFilter. */
export const clientIdentity: HttpFilter = {
  name: 'istio.waypoint.xfcc_client_identity',
  typedConfig: any('type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
    mutations: {
      requestMutations: [
        {
          append: {
            header: {
              key: 'x-forwarded-client-cert',
              value: `By=%FILTER_STATE(${LOCAL_PRINCIPAL}:PLAIN)%;URI=%FILTER_STATE(${PEER_PRINCIPAL}:PLAIN)%`,
            },
            appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD',
          },
        },
      ],
    },
  }),
};

/** Tells the next listener where the tunnel was to lead; istio ConnectAuthorityNetworkFilter. */
export const keepTarget: NetworkFilter = connectionState('connect_authority', [
  shared(TUNNEL_TARGET, `%FILTER_STATE(${TUNNEL_TARGET}:PLAIN)%`),
]);

/**
 * Tells what the connection is for: what the tunnel was asked to lead to, and where that is not known, the address of the service.
 * As istio core/listener_waypoint.go buildWaypointInternal.
 */
export function keepDestination(address: string): NetworkFilter {
  const known = `'${TUNNEL_TARGET}' in filter_state ? filter_state['${TUNNEL_TARGET}']`;
  const cel = any('type.googleapis.com/envoy.extensions.formatter.cel.v3.Cel', {});
  const formatString = {
    textFormatSource: { inlineString: `%CEL(${known}: r'${address}')%` },
    formatters: [{ name: 'envoy.formatter.cel', typedConfig: cel }],
  };
  return connectionState('set_dst_address', [{ objectKey: 'envoy.network.transport_socket.original_dst_address', formatString }]);
}

const FAR_TARGET = 'istio.double_hbone.hbone_target_address';

/** Where a tunnel within a tunnel leads that crosses networks, as the listeners for it know it. */
export const farTarget: string = `%FILTER_STATE(${FAR_TARGET}:PLAIN)%`;

/** Tells the listener of the outer tunnel where both of them lead; istio core/listener.go buildInnerConnectOriginateListener. */
export const tellFarTarget: NetworkFilter = connectionState('propagate_endpoint_metadata', [
  shared(TUNNEL_TARGET, '%DYNAMIC_METADATA(envoy.filters.listener.original_dst:local)%', { sharedWithUpstream: 'TRANSITIVE' }),
  shared(FAR_TARGET, '%DYNAMIC_METADATA(istio:double_hbone:hbone_target_address)%', {
    factoryKey: HASHABLE,
    sharedWithUpstream: 'TRANSITIVE',
  }),
]);

function connectionState(name: string, onNewConnection: readonly FilterStateValue[]): NetworkFilter {
  const type = 'type.googleapis.com/envoy.extensions.filters.network.set_filter_state.v3.Config';
  return { name, typedConfig: any(type, { onNewConnection }) };
}

function shared(objectKey: string, inlineString: string, more: Partial<FilterStateValue> = {}): FilterStateValue {
  return { objectKey, formatString: { textFormatSource: { inlineString } }, sharedWithUpstream: 'ONCE', ...more };
}
