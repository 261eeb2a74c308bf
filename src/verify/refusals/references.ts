import { isObject, own } from '../../util/object.ts';
import { outwards, type Place, placeBelow } from './place.ts';

/** What for something names a cluster. */
export type Purpose = 'tracing' | 'access log' | 'authorization' | 'rate limit' | 'processing' | 'keys' | 'code' | 'connection';

/** A cluster that a filter or its like sends to, outside of routes. */
export interface ClusterReference {
  readonly cluster: string;
  readonly purpose: Purpose;
  /** Whether Envoy refuses what names a cluster that it does not have. */
  readonly isRefused: boolean;
  /** The name of the cluster. */
  readonly place: Place;
}

/** The fields of messages that name a cluster. */
const fields: Readonly<Record<string, string>> = {
  'envoy.config.core.v3.GrpcService.EnvoyGrpc': 'clusterName',
  'envoy.config.core.v3.HttpUri': 'cluster',
  'envoy.config.trace.v3.DatadogConfig': 'collectorCluster',
  'envoy.config.trace.v3.ZipkinConfig': 'collectorCluster',
  'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy': 'cluster',
  'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster.ClusterWeight': 'name',
};

/** What the message that a name stands in is for; the innermost one that is here counts. */
const purposes: Readonly<Record<string, Purpose>> = {
  'envoy.config.trace.v3.DatadogConfig': 'tracing',
  'envoy.config.trace.v3.OpenTelemetryConfig': 'tracing',
  'envoy.config.trace.v3.SkyWalkingConfig': 'tracing',
  'envoy.config.trace.v3.ZipkinConfig': 'tracing',
  'envoy.extensions.access_loggers.grpc.v3.CommonGrpcAccessLogConfig': 'access log',
  'envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig': 'access log',
  'envoy.extensions.filters.http.ext_authz.v3.ExtAuthz': 'authorization',
  'envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor': 'processing',
  'envoy.extensions.filters.http.jwt_authn.v3.JwtProvider': 'keys',
  'envoy.extensions.filters.http.ratelimit.v3.RateLimit': 'rate limit',
  'envoy.extensions.filters.http.wasm.v3.Wasm': 'code',
  'envoy.extensions.filters.network.ext_authz.v3.ExtAuthz': 'authorization',
  'envoy.extensions.filters.network.ratelimit.v3.RateLimit': 'rate limit',
  'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy': 'connection',
};

/** Tracers that look their cluster up when they are made; all others look for it when they need it. */
const REFUSED = /^envoy\.config\.trace\.v3\.(DatadogConfig|ZipkinConfig)$/;

/** The cluster that a message names, where it names one for a known purpose. */
export function referenceIn(message: string, place: Place): ClusterReference | undefined {
  const field = own(fields, message);
  if (field === undefined || !isObject(place.value)) return undefined;
  const cluster = own(place.value, field);
  if (typeof cluster !== 'string') return undefined;
  for (const holder of outwards(place)) {
    const purpose = own(purposes, holder.message ?? '');
    if (purpose === undefined) continue;
    return { cluster, purpose, isRefused: REFUSED.test(holder.message ?? ''), place: placeBelow(place, [field]) };
  }
  return undefined;
}
