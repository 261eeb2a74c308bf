import type {
  AccessLoggingFilter,
  MeshConfigExtensionProvider,
  MeshConfigExtensionProviderEnvoyFileAccessLogProvider,
  MeshConfigExtensionProviderEnvoyOpenTelemetryLogProvider,
} from '../../api/istio.gen.ts';
import { any } from '../../envoy/any.ts';
import type {
  AccessLog,
  AccessLogFilter,
  CommonGrpcAccessLogConfig,
  OpentelemetryProtoCommonKeyValue,
} from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { compact, isObject } from '../../util/object.ts';
import { compareText } from '../../util/text.ts';
import { providerCluster } from '../naming/provider-cluster.ts';
import {
  defaultJsonFormat,
  defaultTextFormat,
  fileAccessLog,
  jsonLogFormat,
  logFormatters,
  peerState,
  textLogFormat,
} from './access-logs.ts';

/** Name of the provider that takes what it does not say from MeshConfig. */
const BUILT_IN_PROVIDER = 'envoy';

/** What peers tell each other about themselves; istio envoyStateToLog. */
const currentPeerState: readonly string[] = ['upstream_peer', 'downstream_peer'];

/**
 * The access log of an extension provider, without a filter; undefined for providers that log nothing, and for services that
 * cannot be found. As istio pilot/pkg/model/telemetry_logging.go telemetryAccessLog.
 */
export function providerAccessLog(mesh: Mesh, provider: MeshConfigExtensionProvider): AccessLog | undefined {
  const { envoyFileAccessLog: file, envoyHttpAls: http, envoyTcpAls: tcp, envoyOtelAls: otel } = provider;
  if (file !== undefined) {
    const isBuiltIn = provider.name === BUILT_IN_PROVIDER && file.logFormat === undefined && !file.omitEmptyValues;
    return isBuiltIn ? fileAccessLog(file.path ?? '', mesh.config) : providerFileLog(file);
  }
  if (http !== undefined) {
    const commonConfig = grpcLog(mesh, http, http.logName || 'http_envoy_accesslog', stateOf(http));
    if (commonConfig === undefined) return undefined;
    return {
      name: 'envoy.access_loggers.http_grpc',
      typedConfig: any(
        'type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig',
        compact({
          commonConfig,
          additionalRequestHeadersToLog: listed(http.additionalRequestHeadersToLog),
          additionalResponseHeadersToLog: listed(http.additionalResponseHeadersToLog),
          additionalResponseTrailersToLog: listed(http.additionalResponseTrailersToLog),
        }),
      ),
    };
  }
  if (tcp !== undefined) {
    const commonConfig = grpcLog(mesh, tcp, tcp.logName || 'tcp_envoy_accesslog', stateOf(tcp));
    if (commonConfig === undefined) return undefined;
    return {
      name: 'envoy.tcp_grpc_access_log',
      typedConfig: any('type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig', { commonConfig }),
    };
  }
  return otel === undefined ? undefined : openTelemetryLog(mesh, otel);
}

/** Only what matches all of the filters that there are. */
export function withFilters(
  log: AccessLog,
  listenerFilter: AccessLogFilter | undefined,
  expression: AccessLoggingFilter | undefined,
): AccessLog {
  const filters = [...(listenerFilter ? [listenerFilter] : []), ...(expression ? [expressionFilter(expression)] : [])];
  const [first, second] = filters;
  if (first === undefined) return log;
  return { ...log, filter: second === undefined ? first : { andFilter: { filters } } };
}

/** Requests for which a CEL expression holds. */
function expressionFilter({ expression }: AccessLoggingFilter): AccessLogFilter {
  return {
    extensionFilter: {
      name: 'envoy.access_loggers.extension_filters.cel',
      typedConfig: any(
        'type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter',
        compact({ expression: expression || undefined }),
      ),
    },
  };
}

function providerFileLog(provider: MeshConfigExtensionProviderEnvoyFileAccessLogProvider): AccessLog {
  return {
    name: 'envoy.access_loggers.file',
    typedConfig: any(
      'type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog',
      compact({ path: provider.path || '/dev/stdout', logFormat: fileLogFormat(provider) }),
    ),
  };
}

/** Undefined for a format that is there but says nothing: Envoy then uses its own. */
function fileLogFormat({
  logFormat,
  omitEmptyValues,
}: MeshConfigExtensionProviderEnvoyFileAccessLogProvider): Record<string, unknown> | undefined {
  if (logFormat === undefined) return textLogFormat('', omitEmptyValues);
  if (logFormat.text !== undefined) return textLogFormat(logFormat.text, omitEmptyValues);
  if (logFormat.labels === undefined) return undefined;
  const isEmpty = Object.keys(logFormat.labels).length === 0;
  return jsonLogFormat(isEmpty ? defaultJsonFormat : logFormat.labels, omitEmptyValues);
}

function openTelemetryLog(mesh: Mesh, provider: MeshConfigExtensionProviderEnvoyOpenTelemetryLogProvider): AccessLog | undefined {
  const commonConfig = grpcLog(mesh, provider, provider.logName || 'otel_envoy_accesslog', peerState);
  if (commonConfig === undefined) return undefined;
  const body = provider.logFormat?.text || defaultTextFormat;
  const labels = isObject(provider.logFormat?.labels) ? provider.logFormat.labels : {};
  const values = Object.entries(labels)
    .sort(([a], [b]) => compareText(a, b))
    .map(
      ([key, value]): OpentelemetryProtoCommonKeyValue => ({
        key,
        value: { stringValue: typeof value === 'string' ? value : '' },
      }),
    );
  return {
    name: 'envoy.access_loggers.open_telemetry',
    typedConfig: any(
      'type.googleapis.com/envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig',
      compact({
        commonConfig,
        disableBuiltinLabels: true,
        body: { stringValue: body },
        attributes: values.length > 0 ? { values } : undefined,
        formatters: logFormatters([body, ...Object.values(labels)]),
      }),
    ),
  };
}

/** A log over gRPC to a service of the mesh; undefined when there is no such service. */
function grpcLog(
  mesh: Mesh,
  { service, port }: { readonly service?: string; readonly port?: number },
  logName: string,
  filterStateObjectsToLog: readonly string[],
): CommonGrpcAccessLogConfig | undefined {
  const found = providerCluster(mesh, service ?? '', port ?? 0);
  if (found === undefined) return undefined;
  return {
    logName,
    grpcService: { envoyGrpc: { clusterName: found.cluster, authority: found.hostname } },
    transportApiVersion: 'V3',
    filterStateObjectsToLog,
  };
}

function stateOf({ filterStateObjectsToLog }: { readonly filterStateObjectsToLog?: readonly string[] }): readonly string[] {
  return listed(filterStateObjectsToLog) ?? currentPeerState;
}

function listed(names: readonly string[] | undefined): readonly string[] | undefined {
  return names === undefined || names.length === 0 ? undefined : names;
}
