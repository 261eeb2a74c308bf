import type { Listener } from '../envoy/api.gen.ts';
import { isObject } from '../util/object.ts';

/** The names of filters whose configuration the listeners leave to discovery (ECDS), each once, sorted. */
export function discoveredFilterNames(listeners: readonly Listener[]): readonly string[] {
  const names = new Set<string>();
  const collect = (filter: unknown): void => {
    if (!isObject(filter)) return;
    if (filter.configDiscovery !== undefined && typeof filter.name === 'string') names.add(filter.name);
    const httpFilters = isObject(filter.typedConfig) ? filter.typedConfig.httpFilters : undefined;
    if (Array.isArray(httpFilters)) httpFilters.forEach(collect);
  };
  for (const { listenerFilters = [], filterChains = [], defaultFilterChain } of listeners) {
    listenerFilters.forEach(collect);
    for (const chain of filterChains) chain.filters?.forEach(collect);
    defaultFilterChain?.filters?.forEach(collect);
  }
  return [...names].sort();
}
