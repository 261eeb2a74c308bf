import type { FilterChain, Listener } from './api.gen.ts';

/** The chains of a listener, the default one last. */
export function chainsOf({
  filterChains = [],
  defaultFilterChain,
}: Pick<Listener, 'filterChains' | 'defaultFilterChain'>): readonly FilterChain[] {
  return defaultFilterChain ? [...filterChains, defaultFilterChain] : filterChains;
}
