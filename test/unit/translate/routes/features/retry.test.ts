import { describe, expect, test } from 'vitest';
import { buildRetryPolicy } from '../../../../../src/translate/routes/features/retry.ts';
import { routeOf, toCart } from '../support.ts';

const previousHosts = [
  {
    name: 'envoy.retry_host_predicates.previous_hosts',
    typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate' },
  },
];
const standard = {
  retryOn: 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes',
  numRetries: 2,
  retryHostPredicate: previousHosts,
  hostSelectionRetryMaxAttempts: '5',
};

describe('retry policy', () => {
  test("Istio's default", () => {
    expect(buildRetryPolicy(undefined, false)).toEqual(standard);
  });

  test('no attempts, or none written, means no retries', () => {
    expect(buildRetryPolicy({ attempts: 0 }, false)).toBeUndefined();
    expect(buildRetryPolicy({}, false)).toBeUndefined();
  });

  test('what is written replaces the default', () => {
    const policy = { attempts: 3, perTryTimeout: '250ms', retryOn: '5xx, reset', backoff: '1s' };
    expect(buildRetryPolicy(policy, false)).toEqual({
      ...standard,
      retryOn: '5xx,reset',
      numRetries: 3,
      perTryTimeout: '0.250s',
      retryBackOff: { baseInterval: '1s' },
    });
  });

  test.each([
    ['503,reset', 'reset,retriable-status-codes', [503]],
    ['retriable-status-codes,503', 'retriable-status-codes', [503]],
    ['503', ',retriable-status-codes', [503]],
    ['599,reset', '599,reset', undefined],
  ])('status codes of %s go to their own list', (retryOn, conditions, codes) => {
    const policy = buildRetryPolicy({ attempts: 1, retryOn }, false);
    expect(policy?.retryOn).toBe(conditions);
    expect(policy?.retriableStatusCodes).toEqual(codes);
  });

  test('with consistent hashing other hosts are not tried, unless the rule says so', () => {
    expect(buildRetryPolicy(undefined, true)).not.toHaveProperty('retryHostPredicate');
    const asked = buildRetryPolicy({ attempts: 1, retryIgnorePreviousHosts: true }, true);
    expect(asked?.retryHostPredicate).toEqual(previousHosts);
    expect(buildRetryPolicy({ attempts: 1, retryIgnorePreviousHosts: false }, false)).not.toHaveProperty('retryHostPredicate');
  });

  test('remote localities are tried in order of priority', () => {
    expect(buildRetryPolicy({ attempts: 1, retryRemoteLocalities: true }, false)?.retryPriority).toEqual({
      name: 'envoy.retry_priorities.previous_priorities',
      typedConfig: {
        '@type': 'type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig',
        updateFrequency: 2,
      },
    });
  });
});

test('a rule without retries takes those of the mesh', () => {
  expect(routeOf(toCart, { defaultRetries: { attempts: 7 } }).route?.retryPolicy?.numRetries).toBe(7);
  expect(routeOf(toCart, { defaultRetries: { attempts: 0 } }).route).not.toHaveProperty('retryPolicy');
  const own = routeOf({ ...toCart, retries: { attempts: 1 } }, { defaultRetries: { attempts: 7, retryOn: '5xx' } });
  expect(own.route?.retryPolicy).toMatchObject({ numRetries: 1, retryOn: standard.retryOn });
});

test('a hash of weighted destinations does not keep retries from other hosts', () => {
  const lookupHash = () => ({ httpHeaderName: 'user' });
  expect(routeOf(toCart, { lookupHash }).route?.retryPolicy).not.toHaveProperty('retryHostPredicate');
  const destination = { host: 'cart' };
  const weighted = routeOf(
    {
      route: [
        { destination, weight: 1 },
        { destination, weight: 1 },
      ],
    },
    { lookupHash },
  );
  expect(weighted.route?.retryPolicy?.retryHostPredicate).toEqual(previousHosts);
});
