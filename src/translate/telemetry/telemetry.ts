import type { HttpFilter, NetworkFilter } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxy.ts';
import type { ListenerClass } from '../listener-class.ts';
import { type AccessLogs, meshConfigAccessLogs } from './access-logs.ts';
import { meshConfigTracing, type TracingSettings } from './tracing.ts';

/** What proxies report about their traffic. */
export interface Telemetry {
  accessLogs(proxy: Proxy, listenerClass: ListenerClass): AccessLogs;
  tracing(proxy: Proxy, listenerClass: ListenerClass): TracingSettings;
  /** Metrics of HTTP requests. */
  httpStats(proxy: Proxy, listenerClass: ListenerClass): readonly HttpFilter[];
  /** Metrics of connections. */
  tcpStats(proxy: Proxy, listenerClass: ListenerClass): readonly NetworkFilter[];
}

/** Telemetry of a mesh, as MeshConfig asks for it. */
export function createTelemetry(mesh: Mesh): Telemetry {
  const accessLogs = meshConfigAccessLogs(mesh.config);
  return {
    accessLogs: () => accessLogs,
    tracing: (proxy) => meshConfigTracing(mesh.config, proxy),
    httpStats: () => [],
    tcpStats: () => [],
  };
}
