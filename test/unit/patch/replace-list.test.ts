import { describe, expect, test } from 'vitest';
import { createEnvoyDescriptors } from '../../../src/envoy/descriptors.ts';
import { createMerger } from '../../../src/patch/merge.ts';

const { message } = createMerger(createEnvoyDescriptors());
const host = 'envoy.config.route.v3.VirtualHost';

describe('merging with other lists', () => {
  test('lists take the place of old ones at every depth; all else merges', () => {
    const into = { name: 'a', domains: ['a'], retryPolicy: { retriableStatusCodes: [500], retryOn: '5xx' } };
    const from = { domains: ['b', 'c'], retryPolicy: { retriableStatusCodes: [503] } };
    expect(message(host, into, from, 'replace')).toEqual({
      name: 'a',
      domains: ['b', 'c'],
      retryPolicy: { retriableStatusCodes: [503], retryOn: '5xx' },
    });
    expect(message(host, into, from)).toMatchObject({
      domains: ['a', 'b', 'c'],
      retryPolicy: { retriableStatusCodes: [500, 503] },
    });
  });

  test('an empty list is not set, and replaces nothing', () => {
    expect(message(host, { domains: ['a'] }, { domains: [] }, 'replace')).toEqual({ domains: ['a'] });
  });
});
