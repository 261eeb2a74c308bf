import { expect, test } from 'vitest';
import { discoveredFilterNames } from '../../../src/compile/discovered-filters.ts';
import type { Listener } from '../../../src/envoy/api.gen.ts';

test('filters of connections and requests that wait for their configuration are found, each once', () => {
  const configDiscovery = { typeUrls: [] };
  const manager = {
    name: 'manager',
    typedConfig: { '@type': 'manager', httpFilters: [{ name: 'b', configDiscovery }, { name: 'router' }] },
  };
  const listener: Listener = {
    name: 'virtualInbound',
    filterChains: [{ filters: [{ name: 'a', configDiscovery }, manager] }, { filters: [manager] }],
    defaultFilterChain: { filters: [{ name: 'c', configDiscovery }] },
  };
  expect(discoveredFilterNames([listener])).toEqual(['a', 'b', 'c']);
});
