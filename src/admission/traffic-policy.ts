import type {
  ConnectionPoolSettings,
  ConnectionPoolSettingsHTTPSettings,
  ConnectionPoolSettingsHTTPSettingsConnectionKeepalive,
  ConnectionPoolSettingsTCPSettings,
  LoadBalancerSettings,
  LoadBalancerSettingsConsistentHashLB,
  OutlierDetection,
  TrafficPolicy,
  TrafficPolicyPortTrafficPolicy,
  TrafficPolicyTunnelSettings,
  WarmupConfiguration,
} from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import type { Behaviours } from '../releases/release.ts';
import { parseDuration } from '../util/duration.ts';
import type { WithFields } from '../util/fields.ts';
import { checkClientTls } from './client-tls.ts';
import { error, errorsOf, type Findings, warning } from './finding.ts';
import { fullNameProblem, ipAddressProblem } from './hosts.ts';
import { checkLocality, checkZones } from './locality.ts';
import { checkDuration, checkPercent, portProblem } from './numbers.ts';

/** What the rules of a policy depend on beside it. */
export interface PolicyContext {
  readonly namespace: string;
  readonly behaviours: Behaviours;
}

/** What is checked of a whole policy and of one for a port alike. */
type CheckedFields = 'outlierDetection' | 'connectionPool' | 'loadBalancer' | 'tls';
/** What the API server's schema says all of. */
type UncheckedFields = 'proxyProtocol' | 'retryBudget';

/** A traffic policy of a destination rule or of a subset; istio validateTrafficPolicy. */
export function* checkTrafficPolicy(path: Path, policy: TrafficPolicy | undefined, context: PolicyContext): Findings {
  if (policy === undefined) return;
  if (Object.keys(policy).length === 0) {
    yield error(path, 'traffic policy must have at least one field');
    return;
  }
  if (policy.tunnel !== undefined && policy.proxyProtocol !== undefined) {
    yield error(path, 'tunnel and proxyProtocol must not be set together');
    return;
  }
  const checked: WithFields<TrafficPolicy, CheckedFields | 'portLevelSettings' | 'tunnel' | UncheckedFields> = policy;
  yield* checkSettings(path, checked, context);
  for (const [index, settings] of (checked.portLevelSettings ?? []).entries()) {
    const at = [...path, 'portLevelSettings', index];
    if (settings.port === undefined) yield error([...at, 'port'], 'portTrafficPolicy must have valid port');
    const { port: _, ...rest }: WithFields<TrafficPolicyPortTrafficPolicy, CheckedFields | 'port'> = settings;
    if (Object.keys(rest).length === 0) yield error(at, 'port traffic policy must have at least one field');
    // What is said of a port has to be an error to be heard.
    yield* errorsOf(checkSettings(at, settings, context));
  }
  if (checked.tunnel !== undefined) yield* checkTunnel([...path, 'tunnel'], checked.tunnel);
}

function* checkSettings(path: Path, policy: Pick<TrafficPolicy, CheckedFields>, context: PolicyContext): Findings {
  yield* checkOutlierDetection([...path, 'outlierDetection'], policy.outlierDetection);
  yield* checkConnectionPool([...path, 'connectionPool'], policy.connectionPool);
  yield* checkLoadBalancer([...path, 'loadBalancer'], policy.loadBalancer, policy.outlierDetection !== undefined, context);
  yield* checkClientTls([...path, 'tls'], policy.tls, context.namespace);
}

function* checkTunnel(path: Path, { protocol = '', targetHost = '', targetPort = 0 }: TrafficPolicyTunnelSettings): Findings {
  if (protocol !== '' && protocol !== 'CONNECT' && protocol !== 'POST')
    yield error([...path, 'protocol'], 'tunnel protocol must be "CONNECT" or "POST"');
  const [name, address] = [fullNameProblem(targetHost), ipAddressProblem(targetHost)];
  if (name !== undefined && address !== undefined)
    yield error([...path, 'targetHost'], `tunnel target host must be valid FQDN or IP address: ${name}; ${address}`);
  const port = portProblem(targetPort);
  if (port !== undefined) yield error([...path, 'targetPort'], `tunnel target port is invalid: ${port}`);
}

type OutlierFields =
  | 'baseEjectionTime'
  | 'consecutiveErrors'
  | 'splitExternalLocalOriginErrors'
  | 'consecutiveLocalOriginFailures'
  | 'outlierDetectionHttpErrorCodes'
  | 'interval'
  | 'maxEjectionPercent'
  | 'minHealthPercent';
type UncheckedOutlierFields = 'consecutiveGatewayErrors' | 'consecutive5xxErrors';

/** When endpoints that fail are taken out; istio validateOutlierDetection. */
export function* checkOutlierDetection(path: Path, detection: OutlierDetection | undefined): Findings {
  if (detection === undefined) return;
  const outlier: WithFields<OutlierDetection, OutlierFields | UncheckedOutlierFields> = detection;
  yield* checkDuration([...path, 'baseEjectionTime'], outlier.baseEjectionTime);
  if ((outlier.consecutiveErrors ?? 0) !== 0)
    yield warning(
      [...path, 'consecutiveErrors'],
      'outlier detection consecutive errors is deprecated, use consecutiveGatewayErrors or consecutive5xxErrors instead',
    );
  if (outlier.splitExternalLocalOriginErrors !== true && (outlier.consecutiveLocalOriginFailures ?? 0) > 0)
    yield error(
      [...path, 'consecutiveLocalOriginFailures'],
      'outlier detection consecutive local origin failures is specified, but split external local origin errors is set to false',
    );
  for (const [index, status] of (outlier.outlierDetectionHttpErrorCodes ?? []).entries())
    if (status < 100 || status > 599)
      yield error([...path, 'outlierDetectionHttpErrorCodes', index], 'status codes must be in range [100, 599]');
  yield* checkDuration([...path, 'interval'], outlier.interval);
  yield* checkPercent([...path, 'maxEjectionPercent'], outlier.maxEjectionPercent ?? 0);
  yield* checkPercent([...path, 'minHealthPercent'], outlier.minHealthPercent ?? 0);
}

const httpLimits = [
  ['http1MaxPendingRequests', 'http1 max pending requests'],
  ['http2MaxRequests', 'http2 max requests'],
  ['maxRequestsPerConnection', 'max requests per connection'],
  ['maxRetries', 'max retries'],
  ['maxConcurrentStreams', 'max concurrent streams'],
] as const;

type HttpFields = (typeof httpLimits)[number][0] | 'idleTimeout' | 'h2UpgradePolicy' | 'useClientProtocol' | 'http2KeepAlive';
type TcpFields = 'maxConnections' | 'connectTimeout' | 'maxConnectionDuration' | 'idleTimeout' | 'tcpKeepalive';

/**
 * Limits of connections; istio validateConnectionPool, and validateMeshConfigDefaultTrafficPolicy for those of the whole mesh, which
 * does not look at keep-alive.
 */
export function* checkConnectionPool(path: Path, pool: ConnectionPoolSettings | undefined, isDefault = false): Findings {
  if (pool === undefined) return;
  const { http, tcp }: WithFields<ConnectionPoolSettings, 'http' | 'tcp'> = pool;
  if (http === undefined && tcp === undefined) yield error(path, 'connection pool must have at least one field');
  if (http !== undefined) yield* checkHttpSettings([...path, 'http'], http, isDefault);
  if (tcp !== undefined) yield* checkTcpSettings([...path, 'tcp'], tcp);
}

function* checkHttpSettings(path: Path, settings: ConnectionPoolSettingsHTTPSettings, isDefault: boolean): Findings {
  const http: WithFields<ConnectionPoolSettingsHTTPSettings, HttpFields> = settings;
  for (const [field, words] of httpLimits)
    if ((http[field] ?? 0) < 0) yield error([...path, field], `${words} must be non-negative`);
  yield* checkDuration([...path, 'idleTimeout'], http.idleTimeout);
  if (http.h2UpgradePolicy === 'UPGRADE' && http.useClientProtocol === true)
    yield error([...path, 'useClientProtocol'], 'use client protocol must not be true when H2UpgradePolicy is UPGRADE');
  if (!isDefault) yield* checkKeepAlive([...path, 'http2KeepAlive'], http.http2KeepAlive);
}

function* checkTcpSettings(path: Path, settings: ConnectionPoolSettingsTCPSettings): Findings {
  const tcp: WithFields<ConnectionPoolSettingsTCPSettings, TcpFields> = settings;
  if ((tcp.maxConnections ?? 0) < 0) yield error([...path, 'maxConnections'], 'max connections must be non-negative');
  yield* checkDuration([...path, 'connectTimeout'], tcp.connectTimeout);
  yield* checkDuration([...path, 'maxConnectionDuration'], tcp.maxConnectionDuration);
  // No time at all, to the millisecond, switches the timeout off.
  const idle = tcp.idleTimeout === undefined ? 0n : (parseDuration(tcp.idleTimeout) ?? 0n);
  if (idle / 1_000_000n !== 0n) yield* checkDuration([...path, 'idleTimeout'], tcp.idleTimeout);
  yield* checkDuration([...path, 'tcpKeepalive', 'time'], tcp.tcpKeepalive?.time);
  yield* checkDuration([...path, 'tcpKeepalive', 'interval'], tcp.tcpKeepalive?.interval);
}

function* checkKeepAlive(path: Path, keepAlive: ConnectionPoolSettingsHTTPSettingsConnectionKeepalive | undefined): Findings {
  if (keepAlive === undefined) return;
  for (const field of ['interval', 'timeout'] as const) {
    const at = [...path, field];
    if (keepAlive[field] === undefined) yield error(at, `http2 keepalive ${field} is required`);
    else yield* checkDuration(at, keepAlive[field]);
  }
}

type LoadBalancerFields = 'consistentHash' | 'localityLbSetting' | 'zoneAwareLbSetting' | 'warmup';
type UncheckedLoadBalancerFields = 'simple' | 'warmupDurationSecs';

function* checkLoadBalancer(
  path: Path,
  loadBalancer: LoadBalancerSettings | undefined,
  detectsOutliers: boolean,
  { behaviours }: PolicyContext,
): Findings {
  if (loadBalancer === undefined) return;
  const settings: WithFields<LoadBalancerSettings, LoadBalancerFields | UncheckedLoadBalancerFields> = loadBalancer;
  if (settings.consistentHash !== undefined) yield* checkConsistentHash([...path, 'consistentHash'], settings.consistentHash);
  if (settings.localityLbSetting !== undefined && settings.zoneAwareLbSetting !== undefined)
    yield error([...path, 'zoneAwareLbSetting'], 'only one of localityLbSetting and zoneAwareLbSetting can be set');
  yield* checkLocality([...path, 'localityLbSetting'], settings.localityLbSetting, detectsOutliers);
  yield* checkZones([...path, 'zoneAwareLbSetting'], settings.zoneAwareLbSetting, detectsOutliers);
  if (settings.warmup === undefined) return;
  const warmup: WithFields<WarmupConfiguration, 'duration' | 'minimumPercent' | 'aggression'> = settings.warmup;
  const at = [...path, 'warmup'];
  if (warmup.duration === undefined) yield error([...at, 'duration'], 'duration is required');
  yield* checkDuration([...at, 'duration'], warmup.duration);
  if ((warmup.minimumPercent ?? 0) > 100)
    yield error([...at, 'minimumPercent'], 'minimumPercent value should be less than or equal to 100');
  const { aggression } = warmup;
  if (aggression !== undefined && (behaviours.gentleWarmup ? aggression <= 0 : aggression < 1))
    yield error([...at, 'aggression'], `aggression should be greater than ${behaviours.gentleWarmup ? '0' : 'or equal to 1'}`);
}

type HashFields = 'httpCookie' | 'maglev' | 'ringHash' | 'minimumRingSize';
type UncheckedHashFields = 'httpHeaderName' | 'httpQueryParameterName' | 'useSourceIp';

function* checkConsistentHash(path: Path, consistentHash: LoadBalancerSettingsConsistentHashLB): Findings {
  const hash: WithFields<LoadBalancerSettingsConsistentHashLB, HashFields | UncheckedHashFields> = consistentHash;
  const { httpCookie, maglev } = hash;
  if (httpCookie !== undefined && (httpCookie.name ?? '') === '')
    yield error([...path, 'httpCookie', 'name'], 'name required for HttpCookie');
  const names = new Set<string>();
  for (const [index, { name = '' }] of (httpCookie?.attributes ?? []).entries()) {
    const at = [...path, 'httpCookie', 'attributes', index, 'name'];
    if (name === '') yield error(at, 'cookie attribute name cannot be empty');
    else if (names.has(name)) yield error(at, `duplicate cookie attribute name: ${name}`);
    names.add(name);
  }
  if (hash.minimumRingSize !== undefined) {
    const at = [...path, 'minimumRingSize'];
    yield warning(at, "consistent hash MinimumRingSize is deprecated, use ConsistentHashLB's RingHash configuration instead");
    if (hash.ringHash !== undefined || maglev !== undefined)
      yield error(at, 'only one of MinimumRingSize or Maglev/Ringhash can be specified');
  }
  if (maglev === undefined) return;
  const size = BigInt(maglev.tableSize ?? '0');
  const at = [...path, 'maglev', 'tableSize'];
  if (size === 0n) yield error(at, 'tableSize must be set for maglev');
  if (size >= MAX_TABLE_SIZE) yield error(at, 'tableSize must be less than 5000011 for maglev');
  if (!isPrime(size)) yield error(at, 'tableSize must be a prime number for maglev');
}

const MAX_TABLE_SIZE = 5000011n;

/** Whether a table size is prime, or 1, for Istio. Sizes far beyond the limit are refused anyway, and are not worth the search. */
function isPrime(size: bigint): boolean {
  if (size < 2n || size > 0xffff_ffffn) return size > 0n;
  const number = Number(size);
  for (let factor = 2; factor * factor <= number; factor++) if (number % factor === 0) return false;
  return true;
}
