import type { AccessLog, AccessLogFilter, Any, HttpFilter, NetworkFilter } from '../../envoy/api.gen.ts';
import { extensionProvider } from '../../model/extensions/extension-providers.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Role } from '../../model/proxies/roles.ts';
import type { WorkloadTelemetry } from '../../model/telemetry/telemetry.ts';
import { mergeAccessLogging, type ReportingMode } from '../../model/telemetry/telemetry-logging.ts';
import { mergeMetrics } from '../../model/telemetry/telemetry-metrics.ts';
import { mergeTracing } from '../../model/telemetry/telemetry-tracing.ts';
import type { ProxyView } from '../../scope/view.ts';
import { memo } from '../../util/memo.ts';
import { compareText } from '../../util/text.ts';
import type { ListenerClass } from '../traits/listener-class.ts';
import { providerAccessLog, withFilters } from './access-log-providers.ts';
import { type AccessLogs, meshConfigAccessLogs, noFilterChain, noTunnel, refusedTunnel } from './access-logs.ts';
import { STATS_FILTER, statsFilterConfig } from './stats.ts';
import { meshConfigTracing, specTracing, type TracingSettings } from './tracing.ts';

/** What the telemetry of a proxy depends on. */
type Observed = Pick<ProxyView, 'proxy' | 'telemetry'>;

/** What proxies report about their traffic. */
export interface ProxyTelemetry {
  accessLogs(view: Observed, listenerClass: ListenerClass): AccessLogs;
  tracing(view: Observed, listenerClass: ListenerClass): TracingSettings;
  /** Metrics of HTTP requests. */
  httpStats(view: Observed, listenerClass: ListenerClass): readonly HttpFilter[];
  /** Metrics of connections. */
  tcpStats(view: Observed, listenerClass: ListenerClass): readonly NetworkFilter[];
}

/**
 * Telemetry of a mesh: as its Telemetry resources and the default providers of MeshConfig say, and where none of them says
 * anything, as the older settings of MeshConfig do. As istio pilot/pkg/model/telemetry.go and pilot/pkg/networking/core/accesslog.go.
 */
export function createTelemetry(mesh: Mesh): ProxyTelemetry {
  const { config } = mesh;
  const defaults = config.defaultProviders ?? {};
  const byMeshConfig = meshConfigAccessLogs(config);

  const accessLogs = memo((telemetry: WorkloadTelemetry, mode: ReportingMode): AccessLogs => {
    const providers = mergeAccessLogging(telemetry.accessLogging, defaults.accessLogging ?? [], mode);
    const logs = [...providers].flatMap(([written, logging]) => {
      const provider = extensionProvider(config, written);
      const log = provider && providerAccessLog(mesh, provider);
      return log === undefined ? [] : [{ name: provider?.name ?? '', log, ...logging }];
    });
    if (logs.length === 0) return byMeshConfig;
    const enabled = logs.sort((a, b) => compareText(a.name, b.name)).filter(({ disabled }) => !disabled);
    const only = (place: AccessLogFilter | undefined): readonly AccessLog[] =>
      enabled.map(({ log, filter }) => withFilters(log, place, filter));
    const filters = only(undefined);
    const listener = config.disableEnvoyListenerLog === true ? [] : only(noFilterChain);
    const notMade = only(noTunnel);
    return { http: filters, tcp: filters, listener, tunnelStart: notMade, tunnelEnd: only(refusedTunnel), tunnelPassed: notMade };
  });

  const stats = memo((telemetry: WorkloadTelemetry, listenerClass: ListenerClass, role: Role): readonly Any[] =>
    [...mergeMetrics(telemetry.metrics, defaults.metrics ?? [])]
      .sort(([a], [b]) => compareText(a, b))
      .filter(([name]) => extensionProvider(config, name)?.prometheus !== undefined)
      .map(([, metrics]) => statsFilterConfig(metrics, listenerClass, role))
      .filter((typedConfig) => typedConfig !== undefined),
  );

  const statsFilters = memo((configs: readonly Any[]) => configs.map((typedConfig) => ({ name: STATS_FILTER, typedConfig })));

  const spec = memo((telemetry: WorkloadTelemetry, mode: ReportingMode) => mergeTracing(telemetry.tracing, config, mode));

  return {
    accessLogs: ({ telemetry }, listenerClass) => accessLogs(telemetry, modeOf(listenerClass)),
    tracing({ proxy, telemetry }, listenerClass) {
      const wanted = spec(telemetry, modeOf(listenerClass));
      return wanted === undefined ? meshConfigTracing(mesh, proxy) : specTracing(mesh, wanted, proxy);
    },
    httpStats: ({ proxy, telemetry }, listenerClass) => statsFilters(stats(telemetry, listenerClass, proxy.role)),
    tcpStats: ({ proxy, telemetry }, listenerClass) => statsFilters(stats(telemetry, listenerClass, proxy.role)),
  };
}

/** A gateway is a client of the mesh. */
function modeOf(listenerClass: ListenerClass): ReportingMode {
  return listenerClass === 'inbound' ? 'SERVER' : 'CLIENT';
}
