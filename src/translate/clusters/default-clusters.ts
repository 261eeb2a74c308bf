import type { MeshConfig } from '../../api/istio.gen.ts';
import { any } from '../../envoy/any.ts';
import type { Cluster, DnsCacheConfig } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { canonicalDuration } from '../../util/duration.ts';
import { compact, nonEmpty } from '../../util/object.ts';
import { BLACK_HOLE_CLUSTER, DYNAMIC_CLUSTER, INBOUND_PASSTHROUGH_CLUSTER, PASSTHROUGH_CLUSTER } from '../naming/names.ts';
import { tcpMetadataExchange } from '../network-filters/network-filters.ts';
import { buildUpstreamTls } from '../tls/upstream.ts';
import { buildConnectionPool } from './connection-pool.ts';
import { buildHttpOptions, http1Options } from './http-options.ts';
import { delimitedStatName } from './shared.ts';
import type { ClusterTraits } from './traits.ts';

/** What these clusters depend on: no resource. */
type MeshSettings = Pick<Mesh, 'config' | 'release'>;

/** Source address of connections to the workload that must not be intercepted again; istio InboundPassthroughBindIpv4. */
const INBOUND_BIND_ADDRESS = '127.0.0.6';
/** The same of IPv6; istio InboundPassthroughBindIpv6. */
const INBOUND_BIND_ADDRESS_IPV6 = '::6';

/** Name of the cluster of the SDS server behind a mounted socket. */
const EXTERNAL_SDS_CLUSTER = 'sds-external';

/** Drops what it gets; istio buildBlackHoleCluster. */
export function buildBlackHoleCluster(config: MeshConfig): Cluster {
  return compact({
    name: BLACK_HOLE_CLUSTER,
    altStatName: delimitedStatName(BLACK_HOLE_CLUSTER),
    type: 'STATIC' as const,
    connectTimeout: canonicalDuration(config.connectTimeout),
  });
}

/** Sends on to the original destination; istio buildDefaultPassthroughCluster. */
export function buildPassthroughCluster({ config, release: { behaviours } }: MeshSettings, preserveHeaderCase: boolean): Cluster {
  return compact({
    name: PASSTHROUGH_CLUSTER,
    altStatName: delimitedStatName(PASSTHROUGH_CLUSTER),
    type: 'ORIGINAL_DST' as const,
    lbPolicy: 'CLUSTER_PROVIDED' as const,
    ...buildConnectionPool(config.defaultTrafficPolicy?.connectionPool, undefined, config, behaviours).fields,
    typedExtensionProtocolOptions: buildHttpOptions(
      { kind: 'downstream', options: http1Options(preserveHeaderCase) },
      { idleTimeout: '300s' },
      undefined,
      undefined,
    ),
    filters: nonEmpty(tcpMetadataExchange(behaviours)),
  });
}

/**
 * Resolves hosts that nothing is known of, request by request, with TLS where MeshConfig asks for it.
 * As istio cluster_builder.go buildAllowAnyDFPCluster.
 */
export function buildDynamicCluster(mesh: MeshSettings, traits: ClusterTraits, dnsCacheConfig: DnsCacheConfig): Cluster {
  const { config, release } = mesh;
  const { behaviours } = release;
  const settings = config.outboundTrafficPolicy?.tls;
  const tls =
    settings === undefined || settings.mode === 'DISABLE' || settings.mode === undefined
      ? undefined
      : buildUpstreamTls({
          traits,
          clusterName: DYNAMIC_CLUSTER,
          dynamicForwardProxy: true,
          originalDestination: false,
          http2: false,
          settings,
          ruleSelectsWorkloads: true,
          automatic: false,
          meshExternal: true,
          serviceEntry: true,
          serviceAccounts: [],
          sni: '',
          defaults: config.tlsDefaults,
          tunnels: false,
          behaviours,
        });
  const names = tls && compact({ autoSni: tls.autoSni || undefined, autoSanValidation: tls.autoSanValidation || undefined });
  return compact({
    name: DYNAMIC_CLUSTER,
    altStatName: delimitedStatName(DYNAMIC_CLUSTER),
    clusterType: {
      name: 'envoy.clusters.dynamic_forward_proxy',
      typedConfig: any(
        'type.googleapis.com/envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig',
        compact({ dnsCacheConfig, allowInsecureClusterOptions: tls === undefined || tls.allowInsecure || undefined }),
      ),
    },
    lbPolicy: 'CLUSTER_PROVIDED' as const,
    ...buildConnectionPool(undefined, undefined, config, behaviours).fields,
    transportSocket: tls?.transportSocket,
    typedExtensionProtocolOptions: buildHttpOptions(
      { kind: 'downstream', options: http1Options(traits.preserveHeaderCase) },
      { idleTimeout: '300s' },
      undefined,
      names && Object.keys(names).length > 0 ? names : undefined,
    ),
    filters: nonEmpty(tcpMetadataExchange(behaviours)),
  });
}

/**
 * Sends what came for the workload on to it, from an address of the connection's family.
 * As istio buildInboundPassthroughCluster.
 */
export function buildInboundPassthroughCluster(
  mesh: MeshSettings,
  preserveHeaderCase: boolean,
  families: Pick<ClusterTraits, 'ipv4' | 'ipv6'>,
): Cluster {
  const { filters: _, ...cluster } = buildPassthroughCluster(mesh, preserveHeaderCase);
  return { ...cluster, name: INBOUND_PASSTHROUGH_CLUSTER, upstreamBindConfig: inboundBindConfig(families) };
}

/** Makes connections to the workload distinct from its own, in the families of the proxy; iptables let these addresses through. */
export function inboundBindConfig({
  ipv4,
  ipv6,
}: Pick<ClusterTraits, 'ipv4' | 'ipv6'>): NonNullable<Cluster['upstreamBindConfig']> {
  const ofIpv6 = { address: INBOUND_BIND_ADDRESS_IPV6, portValue: 0 };
  if (!ipv4) return { sourceAddress: ofIpv6 };
  return {
    sourceAddress: { address: INBOUND_BIND_ADDRESS, portValue: 0 },
    ...(ipv6 && { extraSourceAddresses: [{ address: ofIpv6 }] }),
  };
}

/** The SDS server behind the mounted credential socket; istio buildExternalSDSCluster. */
export function buildExternalSdsCluster(config: MeshConfig): Cluster {
  const path = './var/run/secrets/credential-uds/socket';
  return compact({
    name: EXTERNAL_SDS_CLUSTER,
    altStatName: delimitedStatName(EXTERNAL_SDS_CLUSTER),
    type: 'STATIC' as const,
    connectTimeout: canonicalDuration(config.connectTimeout),
    loadAssignment: {
      clusterName: EXTERNAL_SDS_CLUSTER,
      endpoints: [{ lbEndpoints: [{ endpoint: { address: { pipe: { path } } } }] }],
    },
    typedExtensionProtocolOptions: buildHttpOptions({ kind: 'http2' }, undefined, undefined, undefined),
  });
}
