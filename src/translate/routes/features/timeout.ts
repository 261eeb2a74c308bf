import { canonicalDuration } from '../../../util/duration.ts';
import type { RouteFeature } from '../route-input.ts';

/** How long a request may take, gRPC requests with a deadline of their own included; none by default. As istio setTimeout. */
export const timeout: RouteFeature = {
  name: 'timeout',
  build: ({ rule }) => {
    const duration = canonicalDuration(rule.timeout) ?? '0s';
    return { action: { timeout: duration, maxGrpcTimeout: duration } };
  },
};
