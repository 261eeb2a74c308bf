import type { MeshConfig } from '../../api/istio.gen.ts';
import { any } from '../../envoy/any.ts';
import type { Cluster, CommonTlsContext, Http2ProtocolOptions, TransportSocket } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { HBONE_PORT } from '../../model/registry/networks.ts';
import { canonicalDuration } from '../../util/duration.ts';
import { compact } from '../../util/object.ts';
import {
  CONNECT_ORIGINATE,
  ENCAP,
  FORWARD_INNER_CONNECT,
  INNER_CONNECT_ORIGINATE,
  MAIN_INTERNAL,
  ORIGINAL_DESTINATION,
  OUTER_CONNECT_ORIGINATE,
} from '../naming/names.ts';
import { learnPeerOfTunnel } from '../network-filters/network-filters.ts';
import type { WorkloadSecrets } from '../tls/inbound.ts';
import { plainInternalSocket, plainSocket, tunnelTlsContext } from '../tls/tunnel.ts';
import { buildConnectionPool } from './connection-pool.ts';
import { buildHttpOptions, http1Options } from './http-options.ts';
import { delimitedStatName } from './shared.ts';

/**
 * Opens tunnels: to the address that a connection is for, or to the waypoint that its endpoint names. `namespace` is that of the
 * waypoint whose cluster it is.
 * As istio core/cluster_waypoint.go buildConnectOriginate.
 */
export function buildConnectOriginateCluster(
  mesh: Pick<Mesh, 'config' | 'release'>,
  secrets: WorkloadSecrets,
  namespace?: string,
): Cluster {
  return compact({
    ...opening(mesh, CONNECT_ORIGINATE),
    typedExtensionProtocolOptions: buildHttpOptions(
      { kind: 'http2' },
      { idleTimeout: tunnelIdleTimeout(mesh.config) },
      tunnelHttp2(mesh),
      undefined,
    ),
    originalDstLbConfig: toAddressOrWaypoint,
    transportSocket: tunnelTls(tunnelTlsContext(mesh, secrets, namespace)),
  });
}

/** Leads what came through tunnels to the listener for it; istio core/cluster_waypoint.go GetMainInternalCluster. */
export function buildMainInternalCluster(mesh: Pick<Mesh, 'config' | 'release'>): Cluster {
  return buildInternalCluster(mesh, MAIN_INTERNAL, MAIN_INTERNAL);
}

/** Leads what a waypoint sends to workloads to the listener that opens tunnels; istio GetEncapCluster. */
export function buildEncapCluster(mesh: Pick<Mesh, 'config' | 'release'>): Cluster {
  const cluster = buildInternalCluster(mesh, ENCAP, CONNECT_ORIGINATE);
  return mesh.release.behaviours.ambientEnableBaggage ? { ...cluster, filters: [learnPeerOfTunnel] } : cluster;
}

/**
 * What gateways between networks have in place of the cluster that opens tunnels: what comes to them is one already.
 * As istio core/cluster_waypoint.go buildForwardInnerConnect and GetEncapCluster.
 */
export function buildForwardingClusters(mesh: Pick<Mesh, 'config' | 'release'>): readonly Cluster[] {
  return [
    compact({ ...towardsListener(mesh, ENCAP, FORWARD_INNER_CONNECT), transportSocket: plainInternalSocket(plainSocket) }),
    compact({ ...opening(mesh, FORWARD_INNER_CONNECT), originalDstLbConfig: toAddressOrWaypoint }),
  ];
}

/** Tunnels lead to the address that a connection is for, or to the waypoint that its endpoint names. */
const toAddressOrWaypoint: Cluster['originalDstLbConfig'] = {
  upstreamPortOverride: HBONE_PORT,
  metadataKey: { key: ORIGINAL_DESTINATION, path: [{ key: 'waypoint' }] },
};

function buildInternalCluster(mesh: Pick<Mesh, 'config' | 'release'>, name: string, listener: string): Cluster {
  return compact({
    ...towardsListener(mesh, name, listener),
    typedExtensionProtocolOptions: buildHttpOptions(
      { kind: 'downstream', options: http1Options(false) },
      { idleTimeout: '300s' },
      undefined,
      undefined,
    ),
    transportSocket: plainInternalSocket(plainSocket),
  });
}

function towardsListener(mesh: Pick<Mesh, 'config' | 'release'>, name: string, serverListenerName: string) {
  return {
    name,
    altStatName: delimitedStatName(name),
    type: 'STATIC' as const,
    circuitBreakers: unlimited(mesh),
    loadAssignment: {
      clusterName: name,
      endpoints: [{ lbEndpoints: [{ endpoint: { address: { envoyInternalAddress: { serverListenerName } } } }] }],
    },
  };
}

/**
 * The two steps of a tunnel within a tunnel, which is how other networks are reached.
 * As istio core/cluster_waypoint.go buildInnerConnectOriginateCluster and buildOuterConnectOriginateCluster.
 */
export function buildDoubleTunnelClusters(mesh: Pick<Mesh, 'config' | 'release'>, secrets: WorkloadSecrets): readonly Cluster[] {
  const { config } = mesh;
  const typedExtensionProtocolOptions = buildHttpOptions(
    { kind: 'http2' },
    { maxRequestsPerConnection: 1, idleTimeout: tunnelIdleTimeout(config) },
    tunnelHttp2(mesh),
    undefined,
  );
  const tls = tunnelTls(tunnelTlsContext(mesh, secrets));
  return [
    compact({
      ...towardsListener(mesh, INNER_CONNECT_ORIGINATE, OUTER_CONNECT_ORIGINATE),
      typedExtensionProtocolOptions,
      transportSocket: plainInternalSocket(tls, 'internal_upstream_with_tls'),
    }),
    compact({
      ...opening(mesh, OUTER_CONNECT_ORIGINATE),
      typedExtensionProtocolOptions,
      originalDstLbConfig: { upstreamPortOverride: HBONE_PORT },
      transportSocket: tls,
    }),
  ];
}

function tunnelTls(commonTlsContext: CommonTlsContext): TransportSocket {
  return {
    name: 'tls',
    typedConfig: any('type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', { commonTlsContext }),
  };
}

function tunnelHttp2({ release }: Pick<Mesh, 'release'>): Http2ProtocolOptions {
  const { hboneInitialStreamWindowSize, hboneInitialConnectionWindowSize } = release.behaviours;
  return compact({
    allowConnect: true,
    initialStreamWindowSize: hboneInitialStreamWindowSize || undefined,
    initialConnectionWindowSize: hboneInitialConnectionWindowSize || undefined,
  });
}

function tunnelIdleTimeout({ hboneIdleTimeout }: MeshConfig): string {
  return canonicalDuration(hboneIdleTimeout) ?? '3600s';
}

/** What clusters have that open a tunnel to the address that a connection is for. */
function opening(mesh: Pick<Mesh, 'config' | 'release'>, name: string) {
  return {
    name,
    altStatName: delimitedStatName(name),
    type: 'ORIGINAL_DST' as const,
    lbPolicy: 'CLUSTER_PROVIDED' as const,
    connectTimeout: canonicalDuration(mesh.config.connectTimeout),
    cleanupInterval: '60s',
    circuitBreakers: unlimited(mesh),
  };
}

function unlimited({ config, release }: Pick<Mesh, 'config' | 'release'>): Cluster['circuitBreakers'] {
  return buildConnectionPool(undefined, undefined, config, release.behaviours).fields.circuitBreakers;
}
