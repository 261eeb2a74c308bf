import type { ProxyConfig } from '../../api/istio.gen.ts';
import type { Bootstrap, Node, StatsSink, TraceTracing } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { proxyCan } from '../../model/proxies/abilities.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { assertNever } from '../../util/assert.ts';
import { compact, nonEmpty } from '../../util/object.ts';
import { bootstrapAddresses } from './addresses.ts';
import { agentProxyConfig, proxyNode } from './node.ts';
import { bootstrapTracer, splitAddress, staticClusters } from './static-clusters.ts';
import { staticListeners } from './static-listeners.ts';
import { statsConfig, statsIntervals } from './stats.ts';

/** All that a bootstrap depends on. */
export interface BootstrapInput {
  readonly node: Node;
  /** The effective ProxyConfig. */
  readonly config: ProxyConfig;
  readonly annotations: Readonly<Record<string, string>>;
  readonly ips: readonly string[];
  /** The release of the agent and of its Envoy. */
  readonly istioVersion: string;
}

/** The bootstrap that the agent of a proxy writes for its Envoy. */
export function proxyBootstrap(proxy: Proxy, mesh: Mesh): Bootstrap {
  const { annotations, ips, istioVersion } = proxy;
  return buildBootstrap({ node: proxyNode(proxy, mesh), config: agentProxyConfig(proxy), annotations, ips, istioVersion });
}

/**
 * What Istio's agent writes for Envoy to start with, in canonical form, with the agent's flags and environment as the injection
 * templates set them. As tools/packaging/common/envoy_bootstrap.json and istio pkg/bootstrap/config.go.
 */
export function buildBootstrap({ node, config, annotations, ips, istioVersion }: BootstrapInput): Bootstrap {
  const metadata = config.proxyMetadata ?? {};
  const addresses = bootstrapAddresses(ips, config);
  const outlierLog = node.metadata?.OUTLIER_LOG_PATH;
  // Waypoints learn of their peers from istiod, other proxies where they are told so.
  const discoversPeers = node.id?.startsWith('waypoint~') === true || node.metadata?.METADATA_DISCOVERY === 'true';
  const exitsWithoutConnections = node.metadata?.EXIT_ON_ZERO_ACTIVE_CONNECTIONS === 'true';
  return compact({
    node,
    staticResources: {
      listeners: staticListeners({
        compression: config.statsCompression ?? true,
        localMetrics: metadata.METRICS_LOCALHOST_ACCESS_ONLY === 'true',
        addresses,
      }),
      clusters: staticClusters(config, {
        socket: String(node.metadata?.WORKLOAD_IDENTITY_SOCKET_FILE ?? 'socket'),
        fileSocket: node.metadata?.['file-credential'] !== undefined,
        addresses,
      }),
    },
    dynamicResources: {
      ldsConfig: { ads: {}, initialFetchTimeout: '0s', resourceApiVersion: 'V3' },
      cdsConfig: { ads: {}, initialFetchTimeout: '0s', resourceApiVersion: 'V3' },
      adsConfig: {
        apiType: 'DELTA_GRPC',
        transportApiVersion: 'V3',
        grpcServices: [{ envoyGrpc: { clusterName: 'xds-grpc' } }],
        setNodeOnFirstMessageOnly: true,
      },
    },
    clusterManager:
      typeof outlierLog === 'string' && outlierLog !== ''
        ? { outlierDetection: { eventLogPath: outlierLog }, enableDeferredClusterCreation: true }
        : undefined,
    statsSinks: nonEmpty(statsSinks(config)),
    deferredStatOptions: { enableDeferredCreationStats: true },
    statsConfig: statsConfig({ config, annotations, ips, exitsWithoutConnections, discoversPeers }),
    ...statsIntervals(annotations),
    tracing: tracing(config, node.cluster ?? ''),
    layeredRuntime: {
      layers: [
        { name: 'global config', staticLayer: runtimeFlags(config, istioVersion) },
        { name: 'admin', adminLayer: {} },
      ],
    },
    admin: {
      accessLog: [
        {
          name: 'envoy.access_loggers.file',
          typedConfig: {
            '@type': 'type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog',
            path: '/dev/null',
          },
        },
      ],
      profilePath: '/var/lib/istio/data/envoy.prof',
      address: { socketAddress: { address: addresses.localhosts[0], portValue: config.proxyAdminPort ?? 0 } },
    },
    overloadManager: {
      resourceMonitors: [
        {
          name: 'envoy.resource_monitors.global_downstream_max_connections',
          typedConfig: {
            '@type':
              'type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
            maxActiveDownstreamConnections: String(maxConnections(config)),
          },
        },
      ],
    },
    bootstrapExtensions: [
      ...(discoversPeers ? [peerDiscovery] : []),
      {
        name: 'envoy.bootstrap.internal_listener',
        typedConfig: {
          '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct',
          typeUrl: 'type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener',
          value: { buffer_size_kb: 64 },
        },
      },
    ],
    applicationLogConfig: {
      logFormat: { textFormat: '%Y-%m-%dT%T.%fZ\t%l\tenvoy %n %g:%#\t%v\tthread=%t' },
    },
  });
}

const peerDiscovery = {
  name: 'metadata_discovery',
  typedConfig: {
    '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct',
    typeUrl: 'type.googleapis.com/istio.workload.BootstrapExtension',
    value: { config_source: { ads: {} } },
  },
} as const;

function statsSinks({ envoyMetricsService, statsdUdpAddress }: ProxyConfig): readonly StatsSink[] {
  const sinks: StatsSink[] = [];
  if (envoyMetricsService?.address) {
    sinks.push({
      name: 'envoy.stat_sinks.metrics_service',
      typedConfig: {
        '@type': 'type.googleapis.com/envoy.config.metrics.v3.MetricsServiceConfig',
        grpcService: { envoyGrpc: { clusterName: 'envoy_metrics_service' } },
        transportApiVersion: 'V3',
      },
    });
  }
  if (statsdUdpAddress) {
    sinks.push({
      name: 'envoy.stat_sinks.statsd',
      typedConfig: {
        '@type': 'type.googleapis.com/envoy.config.metrics.v3.StatsdSink',
        address: { socketAddress: splitAddress(statsdUdpAddress) },
      },
    });
  }
  return sinks;
}

function tracing(config: ProxyConfig, serviceName: string): TraceTracing | undefined {
  const tracer = bootstrapTracer(config);
  switch (tracer) {
    case 'zipkin':
      return {
        http: {
          name: 'envoy.tracers.zipkin',
          typedConfig: {
            '@type': 'type.googleapis.com/envoy.config.trace.v3.ZipkinConfig',
            collectorCluster: 'zipkin',
            collectorEndpoint: '/api/v2/spans',
            traceId128bit: true,
            sharedSpanContext: false,
            collectorEndpointVersion: 'HTTP_JSON',
          },
        },
      };
    case 'lightstep':
      return {
        http: {
          name: 'envoy.tracers.lightstep',
          typedConfig: {
            '@type': 'type.googleapis.com/envoy.config.trace.v3.LightstepConfig',
            collectorCluster: 'lightstep',
            accessTokenFile: `${config.configPath ?? ''}/lightstep_access_token.txt`,
          },
        },
      };
    case 'datadog':
      return {
        http: {
          name: 'envoy.tracers.datadog',
          typedConfig: {
            '@type': 'type.googleapis.com/envoy.config.trace.v3.DatadogConfig',
            collectorCluster: 'datadog_agent',
            serviceName,
          },
        },
      };
    case undefined:
      return undefined;
    default:
      return assertNever(tracer);
  }
}

/** Istio's choices, and those of the user over them; an empty value takes one away. */
function runtimeFlags({ runtimeValues = {} }: ProxyConfig, istioVersion: string): Readonly<Record<string, unknown>> {
  const flags = new Map<string, unknown>([
    ['re2.max_program_size.error_level', '32768'],
    ['envoy.deprecated_features:envoy.config.listener.v3.Listener.hidden_envoy_deprecated_use_original_dst', true],
    ['envoy.reloadable_features.http_reject_path_with_fragment', false],
    ['envoy.reloadable_features.fixed_heap_use_allocated', true],
  ]);
  if (proxyCan({ istioVersion }, 'separateRebuilds')) {
    flags.set('envoy.reloadable_features.coalesce_lb_rebuilds_on_batch_update', false);
  }
  for (const [key, value] of Object.entries(runtimeValues)) {
    if (value === '') flags.delete(key);
    else flags.set(key, value === 'true' ? true : value === 'false' ? false : value);
  }
  return Object.fromEntries([...flags].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function maxConnections({ proxyMetadata = {}, runtimeValues = {} }: ProxyConfig): number {
  const values = [
    proxyMetadata.ISTIO_META_GLOBAL_DOWNSTREAM_MAX_CONNECTIONS,
    runtimeValues['overload.global_downstream_max_connections'],
  ];
  const written = values.find((value) => value !== undefined && /^[+-]?\d+$/.test(value));
  return written === undefined ? 2147483647 : Number(written);
}
