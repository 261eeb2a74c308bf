import { any } from '../../envoy/any.ts';
import type { HttpFilter } from '../../envoy/api.gen.ts';
import { peerMetadata } from './static.ts';

/** HTTP filters where tunnels (HBONE) end, as istio pilot/pkg/xds/filters declares them. */

/** Finds out who opened the tunnel, for the listener behind it; istio GenerateWaypointDownstreamMetadataFilter. */
export const downstreamPeer: HttpFilter = {
  ...peerMetadata({ downstream_discovery: [{ workload_discovery: {} }], shared_with_upstream: true }),
  name: 'waypoint_downstream_peer_metadata',
};

/** Under this name the listener behind a tunnel knows the identity of who opened it. */
export const PEER_PRINCIPAL = 'io.istio.peer_principal';

const HASHABLE = 'istio.hashable_string';

/** Tells the listener behind the tunnel where it leads, from where, and between whom; istio ConnectAuthorityFilter. */
export const connectAuthority: HttpFilter = {
  name: 'connect_authority',
  typedConfig: any('type.googleapis.com/envoy.extensions.filters.http.set_filter_state.v3.Config', {
    onRequestHeaders: [
      shared('envoy.filters.listener.original_dst.local_ip', '%REQ(:AUTHORITY)%'),
      shared('io.istio.connect_authority', '%REQ(:AUTHORITY)%', HASHABLE),
      shared('envoy.filters.listener.original_dst.remote_ip', '%DOWNSTREAM_REMOTE_ADDRESS%'),
      shared(PEER_PRINCIPAL, '%DOWNSTREAM_PEER_URI_SAN%', HASHABLE),
      shared('io.istio.local_principal', '%DOWNSTREAM_LOCAL_URI_SAN%', HASHABLE),
    ],
  }),
};

function shared(objectKey: string, inlineString: string, factoryKey?: string): Readonly<Record<string, unknown>> {
  return {
    objectKey,
    ...(factoryKey && { factoryKey }),
    formatString: { textFormatSource: { inlineString } },
    sharedWithUpstream: 'ONCE',
  };
}
