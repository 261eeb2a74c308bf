import type { FilterChain, Listener, ListenerFilter } from '../envoy/api.gen.ts';
import type { EnvoyPatch } from '../model/extensions/envoy-filters.ts';
import { type Cell, elementCell, listCell } from './cell.ts';
import { isPlacing, placeElement } from './lists.ts';
import {
  addsInContext,
  matchesContext,
  matchesFilterChain,
  matchesListener,
  matchesListenerFilter,
  namesListenerFilter,
  type PatchContext,
} from './match.ts';
import { patchNetworkFilters } from './network-filters.ts';
import {
  attemptPatch,
  isMerge,
  mergedInto,
  type PatchOutcome,
  type PatchRun,
  type PatchTools,
  patchesFor,
  type ReadyPatch,
  valueOf,
} from './patch-set.ts';
import { messageByApplyTo } from './values.ts';

/**
 * One listener after the patches for it and for things in it. Istio breaks off for all listeners of the context when it does for one.
 * As istio envoyfilter/listener_patch.go patchListener.
 */
export function patchListener(tools: PatchTools, context: PatchContext, listener: Listener): PatchOutcome<Listener> {
  const outcome = attemptPatch(tools, listener, (run, cell) => patchStepByStep(run, context, cell));
  const { value } = outcome;
  return value === undefined || value === listener ? outcome : { ...outcome, value: withoutEmptyLists(value) };
}

/** The listeners that patches add to the context. */
export function addedListeners(tools: PatchTools, context: PatchContext): PatchOutcome<readonly Listener[]> {
  return attemptPatch<readonly Listener[]>(tools, [], (run, cell) => {
    for (const ready of patchesFor(run, 'LISTENER')) {
      if (ready.patch.operation !== 'ADD' || !addsInContext(ready.patch, context)) continue;
      cell.set([...(cell.get() ?? []), valueOf<Listener>(run, ready)]);
      run.applied.add(ready.patch);
    }
  });
}

/** Without the lists that patches emptied, which protobuf does not tell from absent ones. */
function withoutEmptyLists(listener: Listener): Listener {
  const { listenerFilters, filterChains, defaultFilterChain, ...others } = listener;
  return {
    ...others,
    ...(listenerFilters !== undefined && listenerFilters.length > 0 && { listenerFilters }),
    ...(filterChains !== undefined && filterChains.length > 0 && { filterChains: filterChains.map(withoutEmptyFilters) }),
    ...(defaultFilterChain !== undefined && { defaultFilterChain: withoutEmptyFilters(defaultFilterChain) }),
  };
}

function withoutEmptyFilters(chain: FilterChain): FilterChain {
  if (chain.filters === undefined || chain.filters.length > 0) return chain;
  const { filters: _, ...others } = chain;
  return others;
}

/** Patches the listener in the cell, which is empty afterwards if a patch removed it. */
function patchStepByStep(run: PatchRun, context: PatchContext, cell: Cell<Listener | undefined>): void {
  for (const ready of patchesFor(run, 'LISTENER')) {
    const listener = cell.get();
    if (listener === undefined || !matchesContext(ready.patch, context) || !matchesListener(ready.patch, listener)) continue;
    if (ready.patch.operation === 'REMOVE') {
      run.applied.add(ready.patch);
      cell.set(undefined);
      return;
    }
    if (!isMerge(ready.patch)) continue;
    cell.set(mergedInto(run, ready, messageByApplyTo.LISTENER, listener));
    run.applied.add(ready.patch);
  }
  const listener = cell.get();
  if (listener === undefined) return;
  const inside: PatchRun = {
    ...run,
    patches: selectPatches(run, (patch) => matchesContext(patch, context) && matchesListener(patch, listener)),
  };
  if (inside.patches.size === 0) return;
  // Not undefined any more: only the patches above remove listeners.
  const own = cell as Cell<Listener>;
  patchListenerFilters(inside, listCell<'listenerFilters', ListenerFilter>(own as Cell<object>, 'listenerFilters'));
  patchFilterChains(inside, own);
}

/** The patches for things in listeners that a condition holds for. */
function selectPatches(run: PatchRun, isWanted: (patch: EnvoyPatch) => boolean): PatchRun['patches'] {
  const kinds = ['LISTENER_FILTER', 'FILTER_CHAIN', 'NETWORK_FILTER', 'HTTP_FILTER'] as const;
  const groups = kinds.map((kind) => [kind, patchesFor(run, kind).filter(({ patch }) => isWanted(patch))] as const);
  return new Map(groups.filter(([, patches]) => patches.length > 0));
}

function patchListenerFilters(run: PatchRun, filters: Cell<readonly ListenerFilter[]>): void {
  for (const ready of patchesFor(run, 'LISTENER_FILTER')) {
    const { patch } = ready;
    const { operation } = patch;
    if (operation === 'MERGE') {
      if (namesListenerFilter(patch)) mergeListenerFilters(run, ready, filters);
    } else if (isPlacing(operation)) {
      const placed = placeElement(filters.get(), {
        operation,
        named: namesListenerFilter(patch),
        matches: (filter) => matchesListenerFilter(patch, filter),
        element: () => valueOf<ListenerFilter>(run, ready),
      });
      if (placed === undefined) continue;
      filters.set(placed);
      run.applied.add(patch);
    }
  }
}

/** Istio merges into every listener filter, whatever its name, and breaks off at one of another type. */
function mergeListenerFilters(run: PatchRun, ready: ReadyPatch, filters: Cell<readonly ListenerFilter[]>): void {
  for (const [index, filter] of filters.get().entries()) {
    if (filter.typedConfig === undefined) continue;
    const { typedConfig } = valueOf<ListenerFilter>(run, ready);
    if (typedConfig === undefined) continue;
    elementCell(filters, index).set({ ...filter, typedConfig: run.merger.any(filter.typedConfig, typedConfig) });
    run.applied.add(ready.patch);
  }
}

function patchFilterChains(run: PatchRun, listener: Cell<Listener>): void {
  const chains = listCell<'filterChains', FilterChain>(listener as Cell<object>, 'filterChains');
  for (const [index, chain] of chains.get().entries()) {
    if (chain.filters !== undefined) patchFilterChain(run, listener.get(), elementCell(chains, index));
  }
  if (listener.get().defaultFilterChain?.filters !== undefined) patchDefaultFilterChain(run, listener);
  for (const ready of patchesFor(run, 'FILTER_CHAIN')) {
    if (ready.patch.operation !== 'ADD') continue;
    chains.set([...chains.get(), valueOf<FilterChain>(run, ready)]);
    run.applied.add(ready.patch);
  }
  const kept = chains.get().filter(({ filters }) => filters !== undefined);
  if (kept.length < chains.get().length) chains.set(kept);
}

function patchDefaultFilterChain(run: PatchRun, listener: Cell<Listener>): void {
  const cell: Cell<FilterChain> = {
    get: () => listener.get().defaultFilterChain ?? {},
    set: (defaultFilterChain) => listener.set({ ...listener.get(), defaultFilterChain }),
  };
  patchFilterChain(run, listener.get(), cell);
  if (cell.get().filters !== undefined) return;
  const { defaultFilterChain: _, ...others } = listener.get();
  listener.set(others);
}

/** Patches one filter chain; it has no `filters` afterwards if a patch removed it. */
function patchFilterChain(run: PatchRun, listener: Listener, cell: Cell<FilterChain>): void {
  for (const ready of patchesFor(run, 'FILTER_CHAIN')) {
    const { patch } = ready;
    if (!matchesFilterChain(patch, listener, cell.get())) continue;
    if (patch.operation === 'REMOVE') {
      const { filters: _, ...others } = cell.get();
      cell.set(others);
      run.applied.add(patch);
      return;
    }
    if (!isMerge(patch)) continue;
    cell.set(mergeFilterChain(run, cell.get(), ready));
    run.applied.add(patch);
  }
  patchNetworkFilters(run, listener, cell);
}

/** A transport socket of the same name is merged by what it holds, and then nothing else of the patch counts. */
function mergeFilterChain(run: PatchRun, chain: FilterChain, ready: ReadyPatch): FilterChain {
  const [socket, other] = [chain.transportSocket, valueOf<FilterChain>(run, ready).transportSocket];
  if (socket === undefined || other === undefined || (socket.name ?? '') !== (other.name ?? '')) {
    return mergedInto(run, ready, messageByApplyTo.FILTER_CHAIN, chain);
  }
  if (socket.typedConfig === undefined || other.typedConfig === undefined) return chain;
  return { ...chain, transportSocket: { ...socket, typedConfig: run.merger.any(socket.typedConfig, other.typedConfig) } };
}
