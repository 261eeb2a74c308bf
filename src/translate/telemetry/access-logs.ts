import type { MeshConfig } from '../../api/istio.gen.ts';
import type { AccessLog, AccessLogFilter, Any, TypedExtensionConfig } from '../../envoy/api.gen.ts';
import { compact, isObject } from '../../util/object.ts';

/** The access logs of one proxy on one listener class, for the three places where Envoy can write them. */
export interface AccessLogs {
  /** Of HTTP connection managers. */
  readonly http: readonly AccessLog[];
  /** Of TCP proxies. */
  readonly tcp: readonly AccessLog[];
  /** Of virtual inbound and outbound listeners and gateways: connections for which no filter chain was found. */
  readonly listener: readonly AccessLog[];
  /** Where tunnels are opened, and where they end. */
  readonly tunnelStart: readonly AccessLog[];
  readonly tunnelEnd: readonly AccessLog[];
  /** Where what is in tunnels is handed on as it is. */
  readonly tunnelPassed: readonly AccessLog[];
}

/** Only connections without a filter chain (NR): the others are logged by the filters. */
export const noFilterChain: AccessLogFilter = { responseFlagFilter: { flags: ['NR'] } };

/** Only connections that could not be made (UF): others are logged by what they are for. istio hboneOriginationAccessLogFilter. */
export const noTunnel: AccessLogFilter = { responseFlagFilter: { flags: ['UF'] } };

/** Only tunnels that are refused; istio hboneTerminationAccessLogFilter. */
export const refusedTunnel: AccessLogFilter = {
  statusCodeFilter: { comparison: { op: 'GE', value: { defaultValue: 400, runtimeKey: 'istio.io/unset' } } },
};

/** istio model.EnvoyTextLogFormat. */
export const defaultTextFormat: string = [
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS%',
  '%RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% %BYTES_SENT%',
  '%DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%"',
  '"%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS%',
  '%DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n',
].join(' ');

/** istio model.EnvoyJSONLogFormatIstio. */
export const defaultJsonFormat: Readonly<Record<string, unknown>> = {
  start_time: '%START_TIME%',
  route_name: '%ROUTE_NAME%',
  method: '%REQ(:METHOD)%',
  path: '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%',
  protocol: '%PROTOCOL%',
  response_code: '%RESPONSE_CODE%',
  response_flags: '%RESPONSE_FLAGS%',
  response_code_details: '%RESPONSE_CODE_DETAILS%',
  connection_termination_details: '%CONNECTION_TERMINATION_DETAILS%',
  bytes_received: '%BYTES_RECEIVED%',
  bytes_sent: '%BYTES_SENT%',
  duration: '%DURATION%',
  upstream_service_time: '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%',
  x_forwarded_for: '%REQ(X-FORWARDED-FOR)%',
  user_agent: '%REQ(USER-AGENT)%',
  request_id: '%REQ(X-REQUEST-ID)%',
  authority: '%REQ(:AUTHORITY)%',
  upstream_host: '%UPSTREAM_HOST%',
  upstream_cluster: '%UPSTREAM_CLUSTER_RAW%',
  upstream_local_address: '%UPSTREAM_LOCAL_ADDRESS%',
  downstream_local_address: '%DOWNSTREAM_LOCAL_ADDRESS%',
  downstream_remote_address: '%DOWNSTREAM_REMOTE_ADDRESS%',
  requested_server_name: '%REQUESTED_SERVER_NAME%',
  upstream_transport_failure_reason: '%UPSTREAM_TRANSPORT_FAILURE_REASON%',
};

/** Explains `%REQ_WITHOUT_QUERY%` to Envoy. */
const withoutQuery: TypedExtensionConfig = {
  name: 'envoy.formatter.req_without_query',
  typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.formatter.req_without_query.v3.ReqWithoutQuery' },
};

/** What peers tell each other about themselves, under its names of all versions; istio envoyWasmStateToLog. */
export const peerState: readonly string[] = [
  'upstream_peer',
  'downstream_peer',
  'wasm.upstream_peer',
  'wasm.upstream_peer_id',
  'wasm.downstream_peer',
  'wasm.downstream_peer_id',
];

/**
 * The access logs that MeshConfig asks for by itself (accessLogFile, accessLogFormat, accessLogEncoding,
 * enableEnvoyAccessLogService, disableEnvoyListenerLog): they hold where no Telemetry resource and no default provider says more.
 * As istio pilot/pkg/networking/core/accesslog.go.
 */
export function meshConfigAccessLogs(config: MeshConfig): AccessLogs {
  const file = config.accessLogFile ? fileAccessLog(config.accessLogFile, config) : undefined;
  const service = config.enableEnvoyAccessLogService === true;
  const tcp = [...(file ? [file] : []), ...(service ? [grpcAccessLog('tcp', 'tcp_envoy_accesslog')] : [])];
  const listener = [
    ...(file ? [{ ...file, filter: noFilterChain }] : []),
    ...(service ? [{ ...grpcAccessLog('tcp', 'listener_envoy_accesslog'), filter: noFilterChain }] : []),
  ];
  return {
    http: [...(file ? [file] : []), ...(service ? [grpcAccessLog('http', 'http_envoy_accesslog')] : [])],
    tcp,
    listener: config.disableEnvoyListenerLog === true ? [] : listener,
    tunnelStart: file ? [{ ...file, filter: noTunnel }] : [],
    tunnelEnd: file ? [{ ...file, filter: refusedTunnel }] : [],
    tunnelPassed: tcp,
  };
}

/** A log file in MeshConfig's format; istio model.FileAccessLogFromMeshConfig. */
export function fileAccessLog(path: string, config: MeshConfig): AccessLog {
  const logFormat =
    config.accessLogEncoding === 'JSON'
      ? jsonLogFormat(parseJsonFormat(config.accessLogFormat) ?? defaultJsonFormat)
      : textLogFormat(config.accessLogFormat);
  return {
    name: 'envoy.access_loggers.file',
    typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog', path, logFormat },
  };
}

/** A text format; Istio's own where none is given, and always with a line end. */
export function textLogFormat(format: string | undefined, omitEmptyValues = false): Record<string, unknown> {
  const inlineString = format ? (format.endsWith('\n') ? format : `${format}\n`) : defaultTextFormat;
  return compact({
    textFormatSource: { inlineString },
    omitEmptyValues: omitEmptyValues || undefined,
    formatters: logFormatters([inlineString]),
  });
}

/** A JSON format from a map of names to command operators. */
export function jsonLogFormat(jsonFormat: Readonly<Record<string, unknown>>, omitEmptyValues = false): Record<string, unknown> {
  return compact({
    jsonFormat,
    jsonFormatOptions: {},
    omitEmptyValues: omitEmptyValues || undefined,
    formatters: logFormatters(Object.values(jsonFormat)),
  });
}

/** The formatters that the command operators in these texts need; undefined for none. istio accessLogFormatters. */
export function logFormatters(texts: readonly unknown[]): readonly TypedExtensionConfig[] | undefined {
  const usesOperator = texts.some((text) => typeof text === 'string' && text.includes('%REQ_WITHOUT_QUERY'));
  return usesOperator ? [withoutQuery] : undefined;
}

/** What the user wrote as JSON; undefined when it is empty or no JSON object, for which istiod falls back to its own format. */
function parseJsonFormat(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (!text) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Log over gRPC to the service whose cluster is in the bootstrap. */
function grpcAccessLog(kind: 'http' | 'tcp', logName: string): AccessLog {
  const message = kind === 'http' ? 'HttpGrpcAccessLogConfig' : 'TcpGrpcAccessLogConfig';
  const typedConfig: Any = {
    '@type': `type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.${message}`,
    commonConfig: {
      logName,
      grpcService: { envoyGrpc: { clusterName: 'envoy_accesslog_service' } },
      transportApiVersion: 'V3',
      filterStateObjectsToLog: peerState,
    },
  };
  return { name: kind === 'http' ? 'envoy.access_loggers.http_grpc' : 'envoy.tcp_grpc_access_log', typedConfig };
}
