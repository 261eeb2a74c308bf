import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Cluster, ClusterLoadAssignment, RouteConfiguration, TypedExtensionConfig } from '../envoy/api.gen.ts';
import { factsOf } from '../model/proxies/roles.ts';
import type { Patcher, PatchTarget } from '../patch/patch.ts';
import type { ProxyView } from '../scope/view.ts';
import { memo } from '../util/memo.ts';
import type { CompiledSnapshot } from './compiled-snapshot.ts';
import { discoveredFilterNames } from './discovered-filters.ts';
import type { RoleBuilders } from './roles.ts';
import { routeNames } from './route-names.ts';

/** What compiling needs whatever the role. */
export interface SharedBuilders {
  readonly extensionConfigs: (view: ProxyView, names: readonly string[]) => readonly TypedExtensionConfig[];
  readonly patcher: Patcher;
  /** What is to be said about the policies of a proxy. */
  readonly notes: (view: ProxyView) => readonly Diagnostic[];
}

/**
 * What istiod sends to a proxy, in the order in which Envoy asks: the routes are those that the patched listeners name, the
 * endpoints those of the patched EDS clusters, the extension configurations those that filters of the listeners name. Each part is made
 * when somebody looks at it.
 */
export function compileProxy<View extends ProxyView>(
  view: View,
  role: RoleBuilders<View>,
  shared: SharedBuilders,
): CompiledSnapshot {
  const { proxy, patches } = view;
  const target = memo(
    (): PatchTarget => ({
      patches,
      contexts: role.patchContexts,
      addedClusterContexts: factsOf[view.role].addedClusterContexts,
      gatewayPorts: role.patchedPorts(view),
    }),
  );
  const { patcher } = shared;
  const listeners = memo(() => patcher.listeners(target(), role.listeners(view)).resources.map(({ value }) => value));
  const routesOf = (names: readonly string[]): readonly RouteConfiguration[] =>
    patcher.routes(target(), role.routes(view, names)).resources.map(({ value }) => value);
  const routes = memo(() => routesOf(routeNames(listeners())));
  const clusters = memo(() => patcher.clusters(target(), role.clusters(view)).resources.map(({ value }) => value));
  const endpointsOf = ({ edsClusterConfig, name }: Cluster): ClusterLoadAssignment =>
    role.endpoints(view, edsClusterConfig?.serviceName ?? name ?? '');
  const endpoints = memo(() =>
    clusters()
      .filter(({ type }) => type === 'EDS')
      .map(endpointsOf),
  );
  const extensionConfigs = memo(() => {
    const filterNames = discoveredFilterNames(listeners());
    return [
      ...patcher.extensionConfigs(target(), filterNames).resources.map(({ value }) => value),
      ...shared.extensionConfigs(view, filterNames),
    ];
  });
  const notes = memo(() => [...shared.notes(view), ...role.notes(view)]);
  // What patches do is known once they have been applied to everything.
  if (patches.length > 0) for (const make of [listeners, routes, clusters, extensionConfigs]) make();
  return {
    proxy: { name: proxy.name, namespace: proxy.namespace, type: view.role },
    get listeners() {
      return listeners();
    },
    get routes() {
      return routes();
    },
    get clusters() {
      return clusters();
    },
    get endpoints() {
      return endpoints();
    },
    get extensionConfigs() {
      return extensionConfigs();
    },
    get notes() {
      return notes();
    },
    single: {
      endpointsOf,
      routesNamed: memo((name: string) => routesOf([name])[0]),
      listenersKey: memo(() => (patches.length > 0 ? undefined : role.listenersKey(view))),
    },
  };
}
