import { isAny } from '../envoy/any.ts';
import type { Any, FilterChain, HttpConnectionManager, HttpFilter, Listener, NetworkFilter } from '../envoy/api.gen.ts';
import { type Cell, elementCell, listCell } from './cell.ts';
import { isPlacing, placeElement } from './lists.ts';
import { matchesFilterChain, matchesHttpFilter, matchesNetworkFilter, namesHttpFilter, namesNetworkFilter } from './match.ts';
import { type PatchRun, patchesFor, type ReadyPatch, valueOf } from './patch-set.ts';

/** The name by which Istio finds the HTTP connection managers among network filters. */
const HTTP_CONNECTION_MANAGER = 'envoy.filters.network.http_connection_manager';

/** The type of an HTTP connection manager's configuration. */
export const HTTP_CONNECTION_MANAGER_URL =
  'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

/**
 * Applies patches to the network filters of a filter chain, and to the HTTP filters in those. The run holds the patches that are
 * for the listener. As istio envoyfilter/listener_patch.go patchNetworkFilters, patchNetworkFilter and patchHTTPFilters.
 */
export function patchNetworkFilters(run: PatchRun, listener: Listener, chain: Cell<FilterChain>): void {
  const filters = listCell<'filters', NetworkFilter>(chain as Cell<object>, 'filters');
  for (const ready of patchesFor(run, 'NETWORK_FILTER')) {
    const { patch } = ready;
    const { operation } = patch;
    if (!isPlacing(operation) || !matchesFilterChain(patch, listener, chain.get())) continue;
    const placed = placeElement(filters.get(), {
      operation,
      named: namesNetworkFilter(patch),
      matches: (filter) => matchesNetworkFilter(patch, filter),
      element: () => valueOf<NetworkFilter>(run, ready),
    });
    if (placed === undefined) continue;
    filters.set(placed);
    run.applied.add(patch);
  }
  for (const index of filters.get().keys()) {
    const filter = elementCell(filters, index);
    for (const ready of patchesFor(run, 'NETWORK_FILTER')) {
      if (ready.patch.operation !== 'MERGE' || !matchesFilterChain(ready.patch, listener, chain.get())) continue;
      if (!matchesNetworkFilter(ready.patch, filter.get())) continue;
      const merged = mergeFilter(run, ready, filter.get());
      if (merged !== undefined) filter.set(merged);
    }
    if (filter.get().name === HTTP_CONNECTION_MANAGER) patchHttpFilters(run, listener, chain.get(), filter);
  }
}

/** A filter with the patch's name and the merged configuration; undefined for one without configuration of its own. */
function mergeFilter<T extends { readonly name?: string; readonly typedConfig?: Any }>(
  run: PatchRun,
  ready: ReadyPatch,
  filter: T,
): T | undefined {
  if (filter.typedConfig === undefined) return undefined;
  const from = valueOf<{ readonly name?: string; readonly typedConfig?: Any }>(run, ready);
  run.applied.add(ready.patch);
  return {
    ...filter,
    ...((from.name ?? '') !== '' && { name: from.name }),
    ...(from.typedConfig !== undefined && { typedConfig: run.merger.any(filter.typedConfig, from.typedConfig) }),
  };
}

function patchHttpFilters(run: PatchRun, listener: Listener, chain: FilterChain, cell: Cell<NetworkFilter>): void {
  const filter = cell.get();
  const config = filter.typedConfig;
  if (!isAny(config, HTTP_CONNECTION_MANAGER_URL)) return;
  const patches = patchesFor(run, 'HTTP_FILTER').filter(
    ({ patch }) => matchesFilterChain(patch, listener, chain) && matchesNetworkFilter(patch, filter),
  );
  if (patches.length === 0) return;
  let filters: readonly HttpFilter[] = (config as HttpConnectionManager).httpFilters ?? [];
  for (const ready of patches) {
    const { patch } = ready;
    const { operation } = patch;
    if (!isPlacing(operation)) continue;
    const placed = placeElement(filters, {
      operation,
      named: namesHttpFilter(patch),
      matches: (httpFilter) => matchesHttpFilter(patch, httpFilter),
      element: () => valueOf<HttpFilter>(run, ready),
    });
    if (placed === undefined) continue;
    filters = placed;
    run.applied.add(patch);
  }
  const merging = patches.filter(({ patch }) => patch.operation === 'MERGE');
  filters = filters.map((httpFilter) =>
    merging.reduce(
      (merged, ready) => (matchesHttpFilter(ready.patch, merged) ? (mergeFilter(run, ready, merged) ?? merged) : merged),
      httpFilter,
    ),
  );
  const { httpFilters: _, ...others } = config;
  cell.set({ ...filter, typedConfig: { ...others, ...(filters.length > 0 && { httpFilters: filters }) } });
}
