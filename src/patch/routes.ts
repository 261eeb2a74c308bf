import { isAny } from '../envoy/any.ts';
import type { FilterChain, HttpConnectionManager, Listener, Route, RouteConfiguration, VirtualHost } from '../envoy/api.gen.ts';
import type { EnvoyPatch } from '../model/extensions/envoy-filters.ts';
import { placeElement } from './lists.ts';
import {
  type GatewayPorts,
  matchesContext,
  matchesRoute,
  matchesRouteConfiguration,
  matchesVirtualHost,
  namesRoute,
  type PatchContext,
} from './match.ts';
import { HTTP_CONNECTION_MANAGER_URL } from './network-filters.ts';
import {
  type Abortion,
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
 * Applies the patches to a route configuration, its virtual hosts and their routes.
 * As istio envoyfilter/rc_patch.go ApplyRouteConfigurationPatches.
 */
export function patchRouteConfiguration(
  tools: PatchTools,
  context: PatchContext,
  routes: RouteConfiguration,
  gatewayPorts: GatewayPorts | undefined,
): PatchOutcome<RouteConfiguration> {
  return attemptPatch(tools, routes, (run, cell) => {
    const current = (): RouteConfiguration => cell.get() ?? routes;
    const isMatched = ({ patch }: ReadyPatch): boolean =>
      matchesContext(patch, context) && matchesRouteConfiguration(patch, current(), context, gatewayPorts);
    for (const ready of patchesFor(run, 'ROUTE_CONFIGURATION')) {
      if (!isMerge(ready.patch) || !isMatched(ready)) continue;
      cell.set(mergedInto(run, ready, messageByApplyTo.ROUTE_CONFIGURATION, current()));
      run.applied.add(ready.patch);
    }
    const [hostPatches, routePatches] = [
      patchesFor(run, 'VIRTUAL_HOST').filter(isMatched),
      patchesFor(run, 'HTTP_ROUTE').filter(isMatched),
    ];
    if (hostPatches.length === 0 && routePatches.length === 0) return;
    cell.set(patchVirtualHosts(run, current(), hostPatches, routePatches));
  });
}

function patchVirtualHosts(
  run: PatchRun,
  routes: RouteConfiguration,
  hostPatches: readonly ReadyPatch[],
  routePatches: readonly ReadyPatch[],
): RouteConfiguration {
  const removed = new Set<string | undefined>();
  const patched = (routes.virtualHosts ?? []).map((virtualHost) => {
    const kept = patchVirtualHost(run, virtualHost, hostPatches);
    if (kept !== undefined) return patchRoutes(run, kept, routePatches);
    removed.add(virtualHost.name);
    return virtualHost;
  });
  const added = hostPatches
    .filter(({ patch }) => patch.operation === 'ADD')
    .map((ready) => {
      run.applied.add(ready.patch);
      return valueOf<VirtualHost>(run, ready);
    });
  // A removal takes all virtual hosts of the name with it, added ones too.
  const virtualHosts = [...patched, ...added].filter(({ name }) => !removed.has(name));
  const { virtualHosts: _, ...others } = routes;
  return { ...others, ...(virtualHosts.length > 0 && { virtualHosts }) };
}

/** The virtual host after the patches for it, without those for its routes; undefined when one removes it. */
function patchVirtualHost(run: PatchRun, virtualHost: VirtualHost, patches: readonly ReadyPatch[]): VirtualHost | undefined {
  let patched = virtualHost;
  for (const ready of patches) {
    const { patch } = ready;
    if ((!['REMOVE', 'REPLACE'].includes(patch.operation) && !isMerge(patch)) || !matchesVirtualHost(patch, patched)) continue;
    run.applied.add(patch);
    if (patch.operation === 'REMOVE') return undefined;
    patched =
      patch.operation === 'REPLACE'
        ? valueOf<VirtualHost>(run, ready)
        : mergedInto(run, ready, messageByApplyTo.VIRTUAL_HOST, patched);
  }
  return patched;
}

function patchRoutes(run: PatchRun, virtualHost: VirtualHost, all: readonly ReadyPatch[]): VirtualHost {
  const patches = all.filter(({ patch }) => matchesVirtualHost(patch, virtualHost));
  if (patches.length === 0) return virtualHost;
  // Removed routes keep their place until the others have found theirs.
  let routes: readonly (Route | undefined)[] = (virtualHost.routes ?? []).map((route) => patchRoute(run, route, patches));
  for (const ready of patches) {
    const { patch } = ready;
    const { operation } = patch;
    if (operation !== 'ADD' && !operation.startsWith('INSERT_')) continue;
    // INSERT_FIRST goes to the top, but only where the route that it names is found.
    if (operation === 'INSERT_FIRST' && namesRoute(patch) && !routes.some((route) => matchesRoute(patch, route))) continue;
    const placed = placeElement<Route | undefined>(routes, {
      operation: operation as 'ADD' | 'INSERT_FIRST' | 'INSERT_BEFORE' | 'INSERT_AFTER',
      named: namesRoute(patch),
      matches: (route) => matchesRoute(patch, route),
      element: () => valueOf<Route>(run, ready),
    });
    if (placed === undefined) continue;
    routes = placed;
    run.applied.add(patch);
  }
  const kept = routes.filter((route) => route !== undefined);
  const { routes: _, ...others } = virtualHost;
  return { ...others, ...(kept.length > 0 && { routes: kept }) };
}

function patchRoute(run: PatchRun, route: Route, patches: readonly ReadyPatch[]): Route | undefined {
  let patched = route;
  for (const ready of patches) {
    const { patch } = ready;
    if ((patch.operation !== 'REMOVE' && !isMerge(patch)) || !matchesRoute(patch, patched)) continue;
    run.applied.add(patch);
    if (patch.operation === 'REMOVE') return undefined;
    patched = mergedInto(run, ready, messageByApplyTo.HTTP_ROUTE, patched);
  }
  return patched;
}

/**
 * Patches the route configurations that stand inside an inbound listener's HTTP connection managers, but for those of the names in
 * `fixed`; Istio patches them as it builds them, before the listener. As istio pilot/pkg/networking/core/httproute.go
 * buildSidecarInboundHTTPRouteConfig.
 */
export function patchInlineRoutes(
  tools: PatchTools,
  context: PatchContext,
  listener: Listener,
  fixed?: ReadonlySet<string>,
): PatchOutcome<Listener> {
  const kinds = ['ROUTE_CONFIGURATION', 'VIRTUAL_HOST', 'HTTP_ROUTE'] as const;
  const applied = new Set<EnvoyPatch>();
  let aborted: Abortion | undefined;
  if (kinds.every((kind) => !patchesFor(tools, kind).some(({ patch }) => matchesContext(patch, context)))) {
    return { value: listener, applied, aborted };
  }
  const patchChain = (chain: FilterChain): FilterChain => {
    const filters = (chain.filters ?? []).map((filter) => {
      const config = filter.typedConfig;
      if (!isAny(config, HTTP_CONNECTION_MANAGER_URL)) return filter;
      const { routeConfig } = config as HttpConnectionManager;
      if (routeConfig === undefined || fixed?.has(routeConfig.name ?? '')) return filter;
      const outcome = patchRouteConfiguration(tools, context, routeConfig, undefined);
      for (const patch of outcome.applied) applied.add(patch);
      aborted ??= outcome.aborted;
      return { ...filter, typedConfig: { ...config, routeConfig: outcome.value ?? routeConfig } };
    });
    return chain.filters === undefined ? chain : { ...chain, filters };
  };
  const value = {
    ...listener,
    ...(listener.filterChains !== undefined && { filterChains: listener.filterChains.map(patchChain) }),
    ...(listener.defaultFilterChain !== undefined && { defaultFilterChain: patchChain(listener.defaultFilterChain) }),
  };
  return { value: applied.size === 0 ? listener : value, applied, aborted };
}
