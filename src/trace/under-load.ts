import type { Cluster, RetryPolicy, TcpProxy } from '../envoy/api.gen.ts';
import { httpOptions } from '../envoy/http-options.ts';
import type { Recorder, UnderLoad } from './recording/recorder.ts';

/** What a route or a TCP proxy makes of hosts that fail, and of many requests. */
export interface LoadSettings {
  readonly retryPolicy?: RetryPolicy | undefined;
  readonly hashPolicy?: readonly unknown[] | undefined;
  readonly tcpProxy?: TcpProxy;
}

/**
 * Tells a recorder what no single request shows whose servers are well: what is tried again, the limits of a cluster, and which requests
 * stay with one host.
 */
export function noteUnderLoad(
  recorder: Recorder | undefined,
  cluster: Cluster,
  { retryPolicy, hashPolicy, tcpProxy }: LoadSettings,
): void {
  if (recorder === undefined) return;
  const tell = (what: UnderLoad, settings: readonly unknown[]): void =>
    recorder.assume({ kind: 'under load', what, config: JSON.stringify(settings) });
  noteLimits(recorder, cluster, '');
  if (tcpProxy !== undefined) tell('limits', limitsOfConnections(tcpProxy));
  tell('retries', retryPolicy === undefined ? [] : [{ ...retryPolicy, retryOn: conditionsOf(retryPolicy) }]);
  const { lbPolicy, ringHashLbConfig, maglevLbConfig } = cluster;
  const isHashed = lbPolicy === 'RING_HASH' || lbPolicy === 'MAGLEV';
  tell('sticky requests', isHashed ? [lbPolicy, ringHashLbConfig, maglevLbConfig, hashPolicy] : []);
}

/** Tells a recorder the limits of a cluster; of a copy that goes to some place, which is not tried again and stays with no host, nothing else counts. */
export function noteLimits(recorder: Recorder | undefined, cluster: Cluster, copiedTo: string): void {
  if (recorder === undefined) return;
  const { circuitBreakers, outlierDetection, healthChecks, connectTimeout, maxRequestsPerConnection } = cluster;
  const { upstreamConnectionOptions, leastRequestLbConfig, roundRobinLbConfig } = cluster;
  const limits = [
    [circuitBreakers, outlierDetection, healthChecks],
    [connectTimeout, maxRequestsPerConnection, upstreamConnectionOptions, httpOptions(cluster)?.commonHttpProtocolOptions],
    // How a host that is new is given more and more.
    [leastRequestLbConfig?.slowStartConfig, roundRobinLbConfig?.slowStartConfig],
  ];
  recorder.assume({ kind: 'under load', what: 'limits', config: JSON.stringify([copiedTo, limits]) });
}

/** How often a TCP proxy tries to connect, and when it ends connections. */
function limitsOfConnections({ maxConnectAttempts, backoffOptions, ...proxy }: TcpProxy): readonly unknown[] {
  const { idleTimeout, downstreamIdleTimeout, upstreamIdleTimeout } = proxy;
  const { maxDownstreamConnectionDuration, maxDownstreamConnectionDurationJitterPercentage } = proxy;
  return [
    [maxConnectAttempts, backoffOptions, idleTimeout, downstreamIdleTimeout, upstreamIdleTimeout],
    [maxDownstreamConnectionDuration, maxDownstreamConnectionDurationJitterPercentage],
  ];
}

/** The words of `retryOn`, whose order means nothing. */
function conditionsOf({ retryOn = '' }: RetryPolicy): readonly string[] {
  return retryOn
    .split(',')
    .map((word) => word.trim())
    .sort();
}
