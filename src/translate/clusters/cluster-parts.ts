import type { ConnectionPoolSettings, TrafficPolicyRetryBudget } from '../../api/istio.gen.ts';
import type { ClusterCommonLbConfig, OutlierDetection } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { interner } from '../../util/intern.ts';
import { memo } from '../../util/memo.ts';
import { inMeshContext } from '../tls/upstream.ts';
import { buildConnectionPool, type ConnectionPool } from './connection-pool.ts';
import { buildHttpOptions } from './http-options.ts';
import { buildOutlierDetection } from './outlier-detection.ts';

/** Parts that many clusters have alike. What is equal is one object: made, held and looked through once for all of them. */
export interface ClusterParts {
  connectionPool(pool: ConnectionPoolSettings | undefined, retryBudget: TrafficPolicyRetryBudget | undefined): ConnectionPool;
  readonly outlierDetection: typeof buildOutlierDetection;
  readonly httpOptions: typeof buildHttpOptions;
  commonLbConfig(config: ClusterCommonLbConfig): ClusterCommonLbConfig;
  readonly inMeshContext: typeof inMeshContext;
}

/** The parts of the clusters of one mesh. */
export function createClusterParts({ config, release: { behaviours } }: Mesh): ClusterParts {
  const internPool = interner<ConnectionPool>();
  const internDetection = interner<OutlierDetection>();
  const internHttpOptions = interner<NonNullable<ReturnType<typeof buildHttpOptions>>>();
  return {
    connectionPool: memo((pool, retryBudget) => internPool(buildConnectionPool(pool, retryBudget, config, behaviours))),
    outlierDetection: memo((settings) => internDetection(buildOutlierDetection(settings))),
    httpOptions(...options) {
      const built = buildHttpOptions(...options);
      return built && internHttpOptions(built);
    },
    commonLbConfig: interner<ClusterCommonLbConfig>(),
    inMeshContext: memo(inMeshContext),
  };
}
