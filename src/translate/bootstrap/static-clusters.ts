import type { ClientTLSSettings, ConnectionPoolSettingsTCPSettingsTcpKeepalive, ProxyConfig } from '../../api/istio.gen.ts';
import type { Cluster, TransportSocket } from '../../envoy/api.gen.ts';
import { HTTP_OPTIONS } from '../../envoy/http-options.ts';
import { parseDuration } from '../../util/duration.ts';
import { compact } from '../../util/object.ts';
import { agentSecret, exactMatchers, fileCertificateName, fileRootName, MESH_ROOT, WORKLOAD_CERTIFICATE } from '../tls/common.ts';
import type { BootstrapAddresses } from './addresses.ts';

/** The tracer of the bootstrap: Istio's old way, by ProxyConfig. */
export type BootstrapTracer = 'zipkin' | 'lightstep' | 'datadog';

const http2 = {
  [HTTP_OPTIONS]: { '@type': `type.googleapis.com/${HTTP_OPTIONS}`, explicitHttpConfig: { http2ProtocolOptions: {} } },
} as const;

/** What the clusters of the bootstrap depend on beside ProxyConfig: where a proxy gets its certificates from, and its addresses. */
export interface StaticClusterOptions {
  /** Name of the agent's socket. */
  readonly socket: string;
  /** Whether certificates in files come from a server of their own. */
  readonly fileSocket: boolean;
  readonly addresses: Pick<BootstrapAddresses, 'localhosts' | 'lookupFamily'>;
}

/**
 * The clusters that a proxy has before istiod sends any: its own admin port, its agent (readiness, secrets, xDS), and the services
 * that ProxyConfig names. As tools/packaging/common/envoy_bootstrap.json.
 */
export function staticClusters(
  config: ProxyConfig,
  {
    socket,
    fileSocket,
    addresses: {
      localhosts: [localhost],
      lookupFamily,
    },
  }: StaticClusterOptions,
): readonly Cluster[] {
  const { tracing, envoyMetricsService, envoyAccessLogService } = config;
  const tracer = bootstrapTracer(config);
  return [
    local('prometheus_stats', localhost, config.proxyAdminPort ?? 0),
    local('agent', localhost, config.statusPort ?? 0),
    socketCluster('sds-grpc', `./var/run/secrets/workload-spiffe-uds/${socket}`),
    ...(fileSocket ? [socketCluster('sds-files-grpc', './var/run/secrets/credential-uds/files-socket')] : []),
    xdsCluster(config.configPath ?? ''),
    ...(tracer === undefined
      ? []
      : [
          remote(tracer === 'datadog' ? 'datadog_agent' : tracer, tracing?.[tracer]?.address ?? '', {
            tls: { settings: tracing?.tlsSettings, name: 'tracer' },
            http2: tracer === 'lightstep',
            lookupFamily,
            refreshRate: tracer === 'zipkin' ? '30s' : undefined,
          }),
        ]),
    ...(envoyMetricsService?.address
      ? [
          remote('envoy_metrics_service', envoyMetricsService.address, {
            tls: { settings: envoyMetricsService.tlsSettings, name: 'envoy_metrics_service' },
            http2: true,
            lookupFamily,
            keepalive: envoyMetricsService.tcpKeepalive,
          }),
        ]
      : []),
    ...(envoyAccessLogService?.address
      ? [
          remote('envoy_accesslog_service', envoyAccessLogService.address, {
            tls: { settings: envoyAccessLogService.tlsSettings, name: 'envoy_accesslog_service' },
            http2: true,
            lookupFamily,
            keepalive: envoyAccessLogService.tcpKeepalive,
          }),
        ]
      : []),
  ];
}

/** Which tracer ProxyConfig sets up in the bootstrap. */
export function bootstrapTracer({ tracing }: ProxyConfig): BootstrapTracer | undefined {
  if (tracing?.zipkin?.address) return 'zipkin';
  if (tracing?.lightstep?.address) return 'lightstep';
  return tracing?.datadog?.address ? 'datadog' : undefined;
}

/** Host and port of an address as Go's net.SplitHostPort reads it. */
export function splitAddress(text: string): { readonly address: string; readonly portValue: number } {
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return { address: host, portValue: Number(text.slice(colon + 1)) };
}

function local(name: string, address: string, portValue: number): Cluster {
  return {
    name,
    altStatName: `${name};`,
    type: 'STATIC',
    connectTimeout: '0.250s',
    loadAssignment: assignment(name, { socketAddress: { address, portValue } }),
  };
}

function socketCluster(name: string, path: string): Cluster {
  return {
    name,
    altStatName: `${name};`,
    type: 'STATIC',
    connectTimeout: '1s',
    loadAssignment: assignment(name, { pipe: { path } }),
    typedExtensionProtocolOptions: http2,
  };
}

function xdsCluster(configPath: string): Cluster {
  const limits = { maxConnections: 100000, maxPendingRequests: 100000, maxRequests: 100000 };
  return {
    ...socketCluster('xds-grpc', `${configPath}/XDS`),
    maxRequestsPerConnection: 1,
    circuitBreakers: { thresholds: [limits, { priority: 'HIGH', ...limits }] },
    upstreamConnectionOptions: { tcpKeepalive: { keepaliveTime: 300 } },
  };
}

interface RemoteOptions {
  readonly tls: { readonly settings: ClientTLSSettings | undefined; readonly name: string };
  readonly http2: boolean;
  readonly lookupFamily: BootstrapAddresses['lookupFamily'];
  readonly refreshRate?: string | undefined;
  readonly keepalive?: ConnectionPoolSettingsTCPSettingsTcpKeepalive | undefined;
}

function remote(
  name: string,
  address: string,
  { tls, http2: isHttp2, lookupFamily, refreshRate, keepalive }: RemoteOptions,
): Cluster {
  return compact({
    name,
    altStatName: `${name};`,
    type: 'STRICT_DNS',
    connectTimeout: '1s',
    loadAssignment: assignment(name, { socketAddress: splitAddress(address) }),
    typedExtensionProtocolOptions: isHttp2 ? http2 : undefined,
    dnsRefreshRate: refreshRate,
    respectDnsTtl: true,
    dnsLookupFamily: lookupFamily,
    transportSocket: transportSocket(tls.settings, tls.name, isHttp2),
    upstreamConnectionOptions: keepaliveOptions(keepalive),
  });
}

function keepaliveOptions(keepalive: RemoteOptions['keepalive']): Cluster['upstreamConnectionOptions'] {
  if (keepalive === undefined) return undefined;
  const seconds = (text: string | undefined): number | undefined => {
    const value = Number((parseDuration(text ?? '') ?? 0n) / 1_000_000_000n);
    return value > 0 ? value : undefined;
  };
  return {
    tcpKeepalive: compact({
      keepaliveProbes: keepalive.probes || undefined,
      keepaliveTime: seconds(keepalive.time),
      keepaliveInterval: seconds(keepalive.interval),
    }),
  };
}

/** TLS of a connection to a service of the bootstrap; istio pkg/bootstrap/option/convert.go tlsContextConvert. */
function transportSocket(settings: ClientTLSSettings | undefined, name: string, isHttp2: boolean): TransportSocket | undefined {
  const mode = settings?.mode ?? 'DISABLE';
  if (settings === undefined || mode === 'DISABLE') return undefined;
  const isIstio = mode === 'ISTIO_MUTUAL';
  const { clientCertificate = '', privateKey = '', caCertificates = '' } = settings;
  const certificate = isIstio
    ? WORKLOAD_CERTIFICATE
    : mode === 'MUTUAL' && clientCertificate !== '' && privateKey !== ''
      ? fileCertificateName(clientCertificate, privateKey)
      : undefined;
  const root = isIstio ? MESH_ROOT : caCertificates === '' ? undefined : fileRootName(caCertificates);
  return {
    name: 'envoy.transport_sockets.tls',
    typedConfig: compact({
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext' as const,
      commonTlsContext: compact({
        tlsCertificateSdsSecretConfigs: certificate === undefined ? undefined : [agentSecret(certificate)],
        combinedValidationContext: compact({
          defaultValidationContext: compact({ matchSubjectAltNames: exactMatchers(settings.subjectAltNames) }),
          validationContextSdsSecretConfig: root === undefined ? undefined : agentSecret(root),
        }),
        alpnProtocols: isHttp2 ? (isIstio ? ['istio', 'h2'] : ['h2']) : undefined,
      }),
      sni: settings.sni || (isIstio ? name : undefined),
    }),
  };
}

type AssignmentAddress =
  | { readonly socketAddress: { readonly address: string; readonly portValue: number } }
  | { readonly pipe: { readonly path: string } };

function assignment(clusterName: string, address: AssignmentAddress): NonNullable<Cluster['loadAssignment']> {
  return { clusterName, endpoints: [{ lbEndpoints: [{ endpoint: { address } }] }] };
}
