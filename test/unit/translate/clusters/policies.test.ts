import { describe, expect, it } from 'vitest';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { buildConnectionPool } from '../../../../src/translate/clusters/connection-pool.ts';
import { buildHttpOptions, protocolOfPool, protocolOfPort } from '../../../../src/translate/clusters/http-options.ts';
import { buildLoadBalancer } from '../../../../src/translate/clusters/load-balancer.ts';
import { buildOutlierDetection } from '../../../../src/translate/clusters/outlier-detection.ts';

const unlimited = { maxConnections: 4294967295, maxPendingRequests: 4294967295, maxRequests: 4294967295, maxRetries: 4294967295 };
const { behaviours } = defaultRelease;
type PoolArguments = Parameters<typeof buildConnectionPool>;
const poolOf = (pool: PoolArguments[0], budget: PoolArguments[1], config: PoolArguments[2]) =>
  buildConnectionPool(pool, budget, config, behaviours);
const balancerOf = (settings: Parameters<typeof buildLoadBalancer>[0]) => buildLoadBalancer(settings, 'HTTP', behaviours);
const thresholdOf = (...arguments_: Parameters<typeof poolOf>) => poolOf(...arguments_).fields.circuitBreakers?.thresholds?.[0];

describe('buildConnectionPool', () => {
  it('sets no limits by itself, and zero is no limit', () => {
    expect(thresholdOf(undefined, undefined, {})).toEqual(unlimited);
    expect(thresholdOf({ tcp: { maxConnections: 0 }, http: { maxRetries: 0 } }, undefined, {})).toEqual(unlimited);
  });

  it('takes the time limit of the rule before that of the mesh, in canonical form', () => {
    const timeout = (connectTimeout?: string) =>
      poolOf({ tcp: connectTimeout === undefined ? {} : { connectTimeout } }, undefined, { connectTimeout: '10s' }).fields
        .connectTimeout;
    expect([timeout(), timeout('250ms')]).toEqual(['10s', '0.250s']);
  });

  it('lays keepalive attributes of the rule over those of the mesh', () => {
    const { fields } = poolOf({ tcp: { tcpKeepalive: { time: '90s', probes: 0 } } }, undefined, {
      tcpKeepalive: { probes: 5, time: '1h', interval: '75s' },
    });
    expect(fields.upstreamConnectionOptions).toEqual({
      tcpKeepalive: { keepaliveProbes: 5, keepaliveTime: 90, keepaliveInterval: 75 },
    });
  });

  it('prefers the idle timeout of HTTP', () => {
    expect(poolOf({ tcp: { idleTimeout: '1m' }, http: { idleTimeout: '5s' } }, undefined, {}).httpOptions).toEqual({
      idleTimeout: '5s',
    });
    expect(poolOf({ tcp: { idleTimeout: '1m' } }, undefined, {}).httpOptions).toEqual({ idleTimeout: '60s' });
  });

  it('fills in the retry budget', () => {
    expect(thresholdOf(undefined, {}, {})?.retryBudget).toEqual({ budgetPercent: { value: 20 }, minRetryConcurrency: 3 });
    expect(thresholdOf(undefined, { percent: 0, minRetryConcurrency: 7 }, {})?.retryBudget).toEqual({
      budgetPercent: {},
      minRetryConcurrency: 7,
    });
  });
});

describe('what a cluster speaks', () => {
  const sidecar = { role: 'sidecar', preserveHeaderCase: false } as const;
  const gateway = { role: 'gateway', preserveHeaderCase: false } as const;

  it('follows the client on ports that are detected, but not from gateways', () => {
    expect(protocolOfPort('Unsupported', sidecar).kind).toBe('downstream');
    expect(protocolOfPort('Unsupported', gateway).kind).toBe('unset');
    expect(protocolOfPort('GRPC', gateway).kind).toBe('http2');
  });

  it('keeps the case of headers of HTTP/1 only', () => {
    expect(protocolOfPort('HTTP', { ...gateway, preserveHeaderCase: true }).kind).toBe('http1');
    expect(protocolOfPort('TCP', { ...gateway, preserveHeaderCase: true }).kind).toBe('unset');
  });

  it('is upgraded by the mesh on HTTP ports, by a rule on any', () => {
    const upgraded = (port: 'HTTP' | 'TCP', policy?: 'UPGRADE' | 'DO_NOT_UPGRADE' | 'DEFAULT') =>
      protocolOfPool(
        { kind: 'unset' },
        port,
        policy && { http: { h2UpgradePolicy: policy } },
        { h2UpgradePolicy: 'UPGRADE' },
        true,
      ).kind;
    expect([upgraded('HTTP'), upgraded('TCP'), upgraded('TCP', 'UPGRADE')]).toEqual(['http2', 'unset', 'http2']);
    expect([upgraded('HTTP', 'DO_NOT_UPGRADE'), upgraded('HTTP', 'DEFAULT')]).toEqual(['unset', 'http2']);
  });

  it('follows the client when the rule says so, and is not upgraded then', () => {
    const pool = { http: { useClientProtocol: true, h2UpgradePolicy: 'UPGRADE' } } as const;
    expect(protocolOfPool({ kind: 'http2' }, 'HTTP', pool, {}, true)).toEqual({ kind: 'downstream', options: {} });
  });

  it('is written only where there is something to say', () => {
    expect(buildHttpOptions({ kind: 'unset' }, undefined, { maxConcurrentStreams: 5 }, undefined)).toBeUndefined();
    expect(Object.values(buildHttpOptions({ kind: 'unset' }, {}, { maxConcurrentStreams: 5 }, undefined) ?? {})).toMatchObject([
      { commonHttpProtocolOptions: {}, explicitHttpConfig: { httpProtocolOptions: {} } },
    ]);
    expect(Object.values(buildHttpOptions({ kind: 'http2' }, {}, { maxConcurrentStreams: 5 }, undefined) ?? {})).toMatchObject([
      { explicitHttpConfig: { http2ProtocolOptions: { maxConcurrentStreams: 5 } } },
    ]);
  });
});

describe('buildOutlierDetection', () => {
  it('ejects by errors where a number is given and not zero, never by success rate', () => {
    expect(buildOutlierDetection({ consecutive5xxErrors: 0, consecutiveGatewayErrors: 4, consecutiveErrors: 9 })).toEqual({
      enforcingSuccessRate: 0,
      consecutive5xx: 0,
      enforcingConsecutive5xx: 0,
      consecutiveGatewayFailure: 4,
      enforcingConsecutiveGatewayFailure: 100,
    });
  });

  it('counts local failures only when they are split off', () => {
    expect(buildOutlierDetection({ consecutiveLocalOriginFailures: 3 })).toEqual({ enforcingSuccessRate: 0 });
    expect(buildOutlierDetection({ splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 3 })).toEqual({
      enforcingSuccessRate: 0,
      splitExternalLocalOriginErrors: true,
      consecutiveLocalOriginFailure: 3,
      enforcingConsecutiveLocalOriginFailure: 100,
      enforcingLocalOriginSuccessRate: 0,
    });
  });
});

describe('buildLoadBalancer', () => {
  it('is LEAST_REQUEST by default', () => {
    expect(balancerOf(undefined)).toEqual({ lbPolicy: 'LEAST_REQUEST' });
    expect(balancerOf({ simple: 'LEAST_CONN' })).toEqual({ lbPolicy: 'LEAST_REQUEST' });
  });

  it('warms up, from the newer field first', () => {
    expect(balancerOf({ simple: 'ROUND_ROBIN', warmupDurationSecs: '1m' })).toEqual({
      roundRobinLbConfig: { slowStartConfig: { slowStartWindow: '60s' } },
    });
    expect(balancerOf({ warmup: { duration: '5s', aggression: 2 }, warmupDurationSecs: '1m' }).leastRequestLbConfig).toEqual({
      slowStartConfig: {
        slowStartWindow: '5s',
        aggression: { defaultValue: 2, runtimeKey: '(' },
        minWeightPercent: { value: 10 },
      },
    });
  });

  it('hashes on a ring of 1024 unless a size or algorithm is chosen', () => {
    expect(balancerOf({ consistentHash: { useSourceIp: true } })).toEqual({
      lbPolicy: 'RING_HASH',
      ringHashLbConfig: { minimumRingSize: '1024' },
    });
    expect(balancerOf({ consistentHash: { ringHash: {} } })).toEqual({ lbPolicy: 'RING_HASH' });
    expect(balancerOf({ consistentHash: { maglev: { tableSize: '65537' } } })).toEqual({
      lbPolicy: 'MAGLEV',
      maglevLbConfig: { tableSize: '65537' },
    });
  });
});
