import type { Listener } from '../envoy/api.gen.ts';
import { isObject } from '../util/object.ts';

/** The names of the route configurations that the listeners ask for, each once, in the order of the listeners. */
export function routeNames(listeners: readonly Listener[]): readonly string[] {
  const names = new Set<string>();
  for (const listener of listeners) {
    const chains = [...(listener.filterChains ?? []), ...(listener.defaultFilterChain ? [listener.defaultFilterChain] : [])];
    for (const { filters } of chains) {
      for (const { typedConfig } of filters ?? []) {
        const rds = isObject(typedConfig) ? typedConfig.rds : undefined;
        if (isObject(rds) && typeof rds.routeConfigName === 'string') names.add(rds.routeConfigName);
      }
    }
  }
  return [...names];
}
