import { any } from '../../envoy/any.ts';
import type { Cluster } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { HBONE_PORT } from '../../model/registry/networks.ts';
import { canonicalDuration } from '../../util/duration.ts';
import { compact } from '../../util/object.ts';
import { CONNECT_ORIGINATE, MAIN_INTERNAL, ORIGINAL_DESTINATION } from '../naming/names.ts';
import { rawBufferSocket } from '../tls/common.ts';
import type { WorkloadSecrets } from '../tls/inbound.ts';
import { plainInternalSocket, tunnelTlsContext } from '../tls/tunnel.ts';
import { buildConnectionPool } from './connection-pool.ts';
import { buildHttpOptions, http1Options } from './http-options.ts';
import { delimitedStatName } from './shared.ts';

/**
 * Opens tunnels: to the address that a connection is for, or to the waypoint that its endpoint names.
 * As istio core/cluster_waypoint.go buildConnectOriginate.
 */
export function buildConnectOriginateCluster(mesh: Pick<Mesh, 'config' | 'release'>, secrets: WorkloadSecrets): Cluster {
  const { config } = mesh;
  return compact({
    name: CONNECT_ORIGINATE,
    altStatName: delimitedStatName(CONNECT_ORIGINATE),
    type: 'ORIGINAL_DST' as const,
    lbPolicy: 'CLUSTER_PROVIDED' as const,
    connectTimeout: canonicalDuration(config.connectTimeout),
    cleanupInterval: '60s',
    circuitBreakers: unlimited(mesh),
    typedExtensionProtocolOptions: buildHttpOptions(
      { kind: 'http2' },
      { idleTimeout: canonicalDuration(config.hboneIdleTimeout) ?? '3600s' },
      { allowConnect: true },
      undefined,
    ),
    originalDstLbConfig: {
      upstreamPortOverride: HBONE_PORT,
      metadataKey: { key: ORIGINAL_DESTINATION, path: [{ key: 'waypoint' }] },
    },
    transportSocket: {
      name: 'tls',
      typedConfig: any('type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
        commonTlsContext: tunnelTlsContext(mesh, secrets),
      }),
    },
  });
}

/** Leads what came through tunnels to the listener for it; istio core/cluster_waypoint.go GetMainInternalCluster. */
export function buildMainInternalCluster(mesh: Pick<Mesh, 'config' | 'release'>): Cluster {
  return compact({
    name: MAIN_INTERNAL,
    altStatName: delimitedStatName(MAIN_INTERNAL),
    type: 'STATIC' as const,
    circuitBreakers: unlimited(mesh),
    loadAssignment: {
      clusterName: MAIN_INTERNAL,
      endpoints: [{ lbEndpoints: [{ endpoint: { address: { envoyInternalAddress: { serverListenerName: MAIN_INTERNAL } } } }] }],
    },
    typedExtensionProtocolOptions: buildHttpOptions(
      { kind: 'downstream', options: http1Options(false) },
      { idleTimeout: '300s' },
      undefined,
      undefined,
    ),
    transportSocket: plainInternalSocket({ ...rawBufferSocket, name: 'raw_buffer' }),
  });
}

function unlimited({ config, release }: Pick<Mesh, 'config' | 'release'>): Cluster['circuitBreakers'] {
  return buildConnectionPool(undefined, undefined, config, release.behaviours).fields.circuitBreakers;
}
