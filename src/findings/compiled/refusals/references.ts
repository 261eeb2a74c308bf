import type { MeshConfigExtensionProvider } from '../../../api/istio.gen.ts';
import { isObject, own } from '../../../util/object.ts';
import { outwards, type Place, placeBelow } from './place.ts';

/** What for something names a cluster. */
export type Purpose = 'tracing' | 'access log' | 'authorization' | 'rate limit' | 'processing' | 'keys' | 'code' | 'connection';

/** What a message is for, and the members of extension providers that Istio makes it from. */
interface Use {
  readonly purpose: Purpose;
  readonly members: readonly (keyof MeshConfigExtensionProvider)[];
}

/** A cluster that a filter or its like sends to, outside of routes. */
export interface ClusterReference extends Use {
  readonly cluster: string;
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

const use = (purpose: Purpose, ...members: Use['members']): Use => ({ purpose, members });

/** What the message that a name stands in is for; the innermost one that is here counts. */
const uses: Readonly<Record<string, Use>> = {
  'envoy.config.trace.v3.DatadogConfig': use('tracing', 'datadog'),
  'envoy.config.trace.v3.OpenTelemetryConfig': use('tracing', 'opentelemetry'),
  'envoy.config.trace.v3.SkyWalkingConfig': use('tracing', 'skywalking'),
  'envoy.config.trace.v3.ZipkinConfig': use('tracing', 'zipkin'),
  'envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig': use('access log', 'envoyHttpAls'),
  'envoy.extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig': use('access log', 'envoyTcpAls'),
  'envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig': use('access log', 'envoyOtelAls'),
  'envoy.extensions.filters.http.ext_authz.v3.ExtAuthz': use('authorization', 'envoyExtAuthzGrpc', 'envoyExtAuthzHttp'),
  'envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor': use('processing'),
  'envoy.extensions.filters.http.jwt_authn.v3.JwtProvider': use('keys'),
  'envoy.extensions.filters.http.ratelimit.v3.RateLimit': use('rate limit'),
  'envoy.extensions.filters.http.wasm.v3.Wasm': use('code'),
  'envoy.extensions.filters.network.ext_authz.v3.ExtAuthz': use('authorization', 'envoyExtAuthzGrpc'),
  'envoy.extensions.filters.network.ratelimit.v3.RateLimit': use('rate limit'),
  'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy': use('connection'),
};

/** Tracers that look their cluster up when they are made; all others look for it when they need it. */
const REFUSED = /^envoy\.config\.trace\.v3\.(DatadogConfig|ZipkinConfig)$/;

/** Whether messages of this type can name a cluster. */
export function hasReference(message: string): boolean {
  return own(fields, message) !== undefined;
}

/** The cluster that a message names, where it names one for a known purpose. */
export function referenceIn(message: string, place: Place): ClusterReference | undefined {
  const field = own(fields, message);
  if (field === undefined || !isObject(place.value)) return undefined;
  const cluster = own(place.value, field);
  if (typeof cluster !== 'string') return undefined;
  for (const holder of outwards(place)) {
    const use = own(uses, holder.message ?? '');
    if (use === undefined) continue;
    return { cluster, ...use, isRefused: REFUSED.test(holder.message ?? ''), place: placeBelow(place, [field]) };
  }
  return undefined;
}
