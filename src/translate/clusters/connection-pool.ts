import type {
  ConnectionPoolSettings,
  ConnectionPoolSettingsTCPSettingsTcpKeepalive,
  MeshConfig,
  TrafficPolicyRetryBudget,
} from '../../api/istio.gen.ts';
import type {
  CircuitBreakersThresholds,
  Cluster,
  Http2ProtocolOptions,
  HttpProtocolOptions,
  TcpKeepalive,
} from '../../envoy/api.gen.ts';
import type { Behaviours } from '../../releases/release.ts';
import { canonicalDuration, parseDuration } from '../../util/duration.ts';
import { nothingElse } from '../../util/fields.ts';
import { compact } from '../../util/object.ts';

/** Istio sets no limits of its own; Envoy's defaults are too low for it. */
const UNLIMITED = 4294967295;

/** The parts of a cluster that its connection pool decides. */
export interface ConnectionPool {
  readonly fields: Pick<Cluster, 'connectTimeout' | 'circuitBreakers' | 'upstreamConnectionOptions'>;
  readonly httpOptions: HttpProtocolOptions | undefined;
  /** For HTTP/2 clusters only. */
  readonly http2Options: Pick<Http2ProtocolOptions, 'maxConcurrentStreams' | 'connectionKeepalive'>;
}

/** As istio pilot/pkg/networking/core/cluster_traffic_policy.go applyConnectionPool. */
export function buildConnectionPool(
  pool: ConnectionPoolSettings | undefined,
  retryBudget: TrafficPolicyRetryBudget | undefined,
  config: MeshConfig,
  { disableTrackRemainingCbMetrics }: Behaviours,
): ConnectionPool {
  const { tcp = {}, http = {}, ...others } = pool ?? {};
  nothingElse(others);
  const { maxConnections, connectTimeout, tcpKeepalive, maxConnectionDuration, idleTimeout, ...restOfTcp } = tcp;
  nothingElse(restOfTcp);
  const { http1MaxPendingRequests, http2MaxRequests, maxRequestsPerConnection, maxRetries, ...protocol } = http;
  // Which protocol is spoken is decided in http-options.ts.
  const {
    idleTimeout: httpIdleTimeout,
    maxConcurrentStreams,
    http2KeepAlive,
    h2UpgradePolicy,
    useClientProtocol,
    ...restOfHttp
  } = protocol;
  nothingElse(restOfHttp);
  const threshold: CircuitBreakersThresholds = compact({
    maxConnections: positive(maxConnections) ?? UNLIMITED,
    maxPendingRequests: positive(http1MaxPendingRequests) ?? UNLIMITED,
    maxRequests: positive(http2MaxRequests) ?? UNLIMITED,
    maxRetries: positive(maxRetries) ?? UNLIMITED,
    trackRemaining: !disableTrackRemainingCbMetrics || undefined,
    retryBudget: retryBudget && {
      budgetPercent: compact({ value: (retryBudget.percent ?? 20) || undefined }),
      minRetryConcurrency: positive(retryBudget.minRetryConcurrency) ?? 3,
      ...compact({ budgetInterval: canonicalDuration(retryBudget.budgetInterval) }),
    },
  });
  const keepalive = mergeKeepalive([config.tcpKeepalive, tcpKeepalive]);

  const http2Options = compact({
    maxConcurrentStreams: positive(maxConcurrentStreams),
    connectionKeepalive:
      http2KeepAlive &&
      compact({ interval: canonicalDuration(http2KeepAlive.interval), timeout: canonicalDuration(http2KeepAlive.timeout) }),
  });
  const httpOptions = compact({
    idleTimeout: canonicalDuration(httpIdleTimeout ?? idleTimeout),
    maxRequestsPerConnection: positive(maxRequestsPerConnection),
    maxConnectionDuration: canonicalDuration(maxConnectionDuration),
  });
  return {
    fields: compact({
      connectTimeout: canonicalDuration(connectTimeout ?? config.connectTimeout),
      circuitBreakers: { thresholds: [threshold] },
      upstreamConnectionOptions: keepalive && { tcpKeepalive: keepalive },
    }),
    // What is for HTTP/2 leaves its mark even where it does not apply.
    httpOptions: Object.keys({ ...httpOptions, ...http2Options }).length > 0 ? httpOptions : undefined,
    http2Options,
  };
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

/** Later settings override single attributes of earlier ones; undefined when there are none. */
function mergeKeepalive(
  settings: readonly (ConnectionPoolSettingsTCPSettingsTcpKeepalive | undefined)[],
): TcpKeepalive | undefined {
  let merged: TcpKeepalive | undefined;
  for (const keepalive of settings) {
    if (keepalive === undefined) continue;
    merged = {
      ...merged,
      ...compact({
        keepaliveProbes: positive(keepalive.probes),
        keepaliveTime: wholeSeconds(keepalive.time),
        keepaliveInterval: wholeSeconds(keepalive.interval),
      }),
    };
  }
  return merged;
}

function wholeSeconds(duration: string | undefined): number | undefined {
  const nanoseconds = duration === undefined ? undefined : parseDuration(duration);
  return nanoseconds === undefined ? undefined : Number(nanoseconds / 1_000_000_000n);
}
