import type { LoadBalancerSettings, LoadBalancerSettingsConsistentHashLB, WarmupConfiguration } from '../../api/istio.gen.ts';
import type { Cluster, ClusterSlowStartConfig } from '../../envoy/api.gen.ts';
import type { Protocol } from '../../model/protocol.ts';
import type { Behaviours } from '../../releases/release.ts';
import { assertNever } from '../../util/assert.ts';
import { canonicalDuration } from '../../util/duration.ts';
import { type EveryField, nothingElse } from '../../util/fields.ts';
import { compact } from '../../util/object.ts';

/** The parts of a cluster that say how it chooses an endpoint. */
export type LoadBalancer = Pick<
  Cluster,
  'lbPolicy' | 'leastRequestLbConfig' | 'roundRobinLbConfig' | 'ringHashLbConfig' | 'maglevLbConfig'
>;

/**
 * The load balancer that a policy asks for, on a cluster that has endpoints to choose from (not PASSTHROUGH). The default is
 * LEAST_REQUEST. As istio pilot/pkg/networking/core/cluster_traffic_policy.go applyLoadBalancer.
 */
export function buildLoadBalancer(
  settings: LoadBalancerSettings | undefined,
  protocol: Protocol,
  behaviours: Behaviours,
): LoadBalancer {
  if (sharesOutKeys(protocol, behaviours)) return { lbPolicy: 'MAGLEV' };
  // Localities are for the endpoints (translate/endpoints/locality-setting.ts).
  const { simple, consistentHash, warmup, warmupDurationSecs, localityLbSetting, zoneAwareLbSetting, ...rest } = settings ?? {};
  nothingElse(rest);
  const built = buildSimple(simple, slowStart({ warmup, warmupDurationSecs }));
  return consistentHash === undefined ? built : buildConsistentHash(consistentHash, built);
}

/** Whether the filter for Redis shares keys out among the endpoints, whatever load balancer a policy asks for. */
export function sharesOutKeys(protocol: Protocol, { enableRedisFilter }: Behaviours): boolean {
  return enableRedisFilter && protocol === 'Redis';
}

function buildSimple(simple: LoadBalancerSettings['simple'], slowStartConfig: ClusterSlowStartConfig | undefined): LoadBalancer {
  switch (simple) {
    case 'RANDOM':
      return { lbPolicy: 'RANDOM' };
    case 'ROUND_ROBIN':
      // The zero value of the enum stays unwritten.
      return compact({ roundRobinLbConfig: slowStartConfig && { slowStartConfig } });
    case undefined:
    case 'UNSPECIFIED':
    case 'LEAST_CONN':
    case 'LEAST_REQUEST':
    // A cluster whose connections go where they were meant to has no use for it (outbound.ts).
    case 'PASSTHROUGH':
      return compact({ lbPolicy: 'LEAST_REQUEST' as const, leastRequestLbConfig: slowStartConfig && { slowStartConfig } });
    default:
      return assertNever(simple);
  }
}

type Warmup = Pick<LoadBalancerSettings, 'warmup' | 'warmupDurationSecs'>;

function slowStart({ warmup, warmupDurationSecs }: EveryField<Warmup>): ClusterSlowStartConfig | undefined {
  if (warmup !== undefined) return buildSlowStart(warmup);
  const window = canonicalDuration(warmupDurationSecs);
  return window === undefined ? undefined : { slowStartWindow: window };
}

function buildSlowStart({ duration, aggression, minimumPercent, ...rest }: WarmupConfiguration): ClusterSlowStartConfig {
  nothingElse(rest);
  return compact({
    slowStartWindow: canonicalDuration(duration),
    // Envoy demands a runtime key; this one can never be set.
    aggression: compact({ defaultValue: (aggression ?? 1) || undefined, runtimeKey: '(' }),
    minWeightPercent: compact({ value: (minimumPercent ?? 10) || undefined }),
  });
}

/** istio ApplyRingHashLoadBalancer; without a size of its own, a hash keeps the configuration of the simple kind beside it. */
function buildConsistentHash(hash: LoadBalancerSettingsConsistentHashLB, simple: LoadBalancer): LoadBalancer {
  const { ringHash, maglev, minimumRingSize: olderSize, ...keys } = hash;
  // What requests are hashed by is for routes (translate/routes/features/hash-policy.ts) and TCP proxies.
  const { httpHeaderName, httpCookie, useSourceIp, httpQueryParameterName, ...rest } = keys;
  nothingElse(rest);
  if (maglev !== undefined) {
    const tableSize = size(maglev.tableSize);
    return tableSize === undefined ? { ...simple, lbPolicy: 'MAGLEV' } : { lbPolicy: 'MAGLEV', maglevLbConfig: { tableSize } };
  }
  const minimumRingSize = ringHash === undefined ? (size(olderSize) ?? '1024') : size(ringHash.minimumRingSize);
  if (minimumRingSize === undefined) return { ...simple, lbPolicy: 'RING_HASH' };
  return { lbPolicy: 'RING_HASH', ringHashLbConfig: { minimumRingSize } };
}

/** A 64-bit number as protobuf JSON writes it; undefined for zero. */
function size(value: number | string | undefined): string | undefined {
  return value === undefined || Number(value) === 0 ? undefined : String(value);
}
