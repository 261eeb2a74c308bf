import { any } from '../../envoy/any.ts';
import type { Any, MetricConfig } from '../../envoy/api.gen.ts';
import { factsOf, type Role } from '../../model/proxies/roles.ts';
import type { ModeMetrics, ProviderMetrics } from '../../model/telemetry/telemetry-metrics.ts';
import { canonicalDuration } from '../../util/duration.ts';
import { compact, own } from '../../util/object.ts';
import type { ListenerClass } from '../traits/listener-class.ts';

/** Name of the filter that counts requests and connections. */
export const STATS_FILTER = 'istio.stats';

/** What Prometheus calls the metrics of the Telemetry API; istio metricToPrometheusMetric. */
const prometheusNames: Readonly<Record<string, string>> = {
  REQUEST_COUNT: 'requests_total',
  REQUEST_DURATION: 'request_duration_milliseconds',
  REQUEST_SIZE: 'request_bytes',
  RESPONSE_SIZE: 'response_bytes',
  TCP_OPENED_CONNECTIONS: 'tcp_connections_opened_total',
  TCP_CLOSED_CONNECTIONS: 'tcp_connections_closed_total',
  TCP_SENT_BYTES: 'tcp_sent_bytes_total',
  TCP_RECEIVED_BYTES: 'tcp_received_bytes_total',
  GRPC_REQUEST_MESSAGES: 'request_messages_total',
  GRPC_RESPONSE_MESSAGES: 'response_messages_total',
};

/**
 * Configuration of the filter that counts for Prometheus; undefined where metrics are off.
 * As istio pilot/pkg/model/telemetry.go generateStatsConfig.
 */
export function statsFilterConfig(
  { byMode, reportingInterval }: ProviderMetrics,
  listenerClass: ListenerClass,
  role: Role,
): Any | undefined {
  const { disabled, overrides } = byMode[listenerClass === 'inbound' ? 'SERVER' : 'CLIENT'];
  if (disabled) return undefined;
  return any(
    'type.googleapis.com/stats.PluginConfig',
    compact({
      // What a client outside the mesh calls a host is not to be trusted.
      disableHostHeaderFallback: listenerClass === 'outbound' ? undefined : true,
      reporter: factsOf[role].standsBetweenPeers ? 'SERVER_GATEWAY' : undefined,
      tcpReportingDuration: canonicalDuration(reportingInterval),
      metrics: overrides.length > 0 ? overrides.map(metricConfig) : undefined,
    }),
  );
}

function metricConfig({ name, disabled, tags }: ModeMetrics['overrides'][number]): MetricConfig {
  const dimensions = tags.flatMap((tag) => (tag.value === undefined ? [] : [[tag.name, tag.value] as const]));
  const tagsToRemove = tags.filter(({ value }) => value === undefined).map((tag) => tag.name);
  return compact({
    name: own(prometheusNames, name) ?? name,
    drop: disabled || undefined,
    dimensions: dimensions.length > 0 ? Object.fromEntries(dimensions) : undefined,
    tagsToRemove: tagsToRemove.length > 0 ? tagsToRemove : undefined,
  });
}
