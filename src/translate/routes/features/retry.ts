import type { HTTPRetry } from '../../../api/istio.gen.ts';
import { any } from '../../../envoy/any.ts';
import type { RetryPolicy } from '../../../envoy/api.gen.ts';
import { canonicalDuration } from '../../../util/duration.ts';
import { nothingElse } from '../../../util/fields.ts';
import { isNamedStatus } from '../../../util/http-status.ts';
import { onlyDestination, type RouteFeature } from '../route-input.ts';

const DEFAULT_RETRY_ON = 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes';

const otherHosts: NonNullable<RetryPolicy['retryHostPredicate']> = [
  {
    name: 'envoy.retry_host_predicates.previous_hosts',
    typedConfig: any('type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate', {}),
  },
];

/** What is tried again: as the rule says, else the mesh. As the end of istio core/route applyHTTPRouteDestination. */
export const retry: RouteFeature = {
  name: 'retry',
  build: ({ rule, context }) => {
    const only = onlyDestination(rule);
    const hashed = only !== undefined && context.lookupHash(only) !== undefined;
    const retryPolicy = buildRetryPolicy(rule.retries ?? context.defaultRetries, hashed);
    return retryPolicy === undefined ? {} : { action: { retryPolicy } };
  },
};

/**
 * Envoy's form of a retry policy, Istio's default for none; undefined when the policy allows no attempts. With consistent hashing
 * a retry goes to the host that the hash names. As istio core/route/retry ConvertPolicy.
 */
export function buildRetryPolicy(policy: HTTPRetry | undefined, consistentHash: boolean): RetryPolicy | undefined {
  const {
    attempts = policy === undefined ? 2 : 0,
    retryOn: conditions = '',
    retryRemoteLocalities = false,
    ...others
  } = policy ?? {};
  const { retryIgnorePreviousHosts: avoidPreviousHosts = !consistentHash, ...times } = others;
  const { perTryTimeout: timeout, backoff, ...rest } = times;
  nothingElse(rest);
  if (attempts <= 0) return undefined;
  const retryOn = conditions === '' ? { retryOn: DEFAULT_RETRY_ON } : parseRetryOn(conditions);
  const perTryTimeout = canonicalDuration(timeout);
  const baseInterval = canonicalDuration(backoff);
  return {
    ...retryOn,
    numRetries: attempts,
    ...(perTryTimeout !== undefined && { perTryTimeout }),
    ...(retryRemoteLocalities && {
      retryPriority: {
        name: 'envoy.retry_priorities.previous_priorities',
        typedConfig: any('type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig', {
          updateFrequency: 2,
        }),
      },
    }),
    ...(avoidPreviousHosts && { retryHostPredicate: otherHosts }),
    hostSelectionRetryMaxAttempts: '5',
    ...(baseInterval !== undefined && { retryBackOff: { baseInterval } }),
  };
}

/** Splits `retryOn`: numbers that are HTTP status codes go to a list of their own, which needs its own condition to count. */
function parseRetryOn(text: string): Pick<RetryPolicy, 'retryOn' | 'retriableStatusCodes'> {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const codes = parts.filter(isStatusCode).map(Number);
  const conditions = parts.filter((part) => !isStatusCode(part)).join(',');
  if (codes.length === 0) return conditions === '' ? {} : { retryOn: conditions };
  const named = conditions.includes('retriable-status-codes');
  return {
    // with codes alone Istio leaves an empty condition in front
    retryOn: named ? conditions : `${conditions},retriable-status-codes`,
    retriableStatusCodes: codes,
  };
}

function isStatusCode(text: string): boolean {
  return /^[+-]?\d+$/.test(text) && isNamedStatus(Number(text));
}
