import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Cluster, ClusterLoadAssignment, Listener, RouteConfiguration, TypedExtensionConfig } from '../envoy/api.gen.ts';
import type { Emitted } from '../envoy/emitted.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import type { Proxy } from '../model/proxy.ts';
import type { Patcher } from '../patch/patch.ts';
import type { ProxyView } from '../scope/view.ts';
import { discoveredFilterNames } from './discovered-filters.ts';
import { routeNames } from './route-names.ts';

type ListenerBuilder = (view: ProxyView) => readonly Emitted<Listener>[];
type RouteBuilder = (view: ProxyView, names: readonly string[]) => readonly Emitted<RouteConfiguration>[];

/** The builders of a session. */
export interface Builders {
  readonly sidecar: { readonly listeners: ListenerBuilder; readonly routes: RouteBuilder };
  readonly gateway: { readonly listeners: ListenerBuilder; readonly routes: RouteBuilder };
  readonly clusters: (view: ProxyView) => readonly Emitted<Cluster>[];
  readonly endpoints: (view: ProxyView, clusterName: string) => ClusterLoadAssignment | undefined;
  readonly extensionConfigs: (proxy: Proxy, names: readonly string[]) => readonly TypedExtensionConfig[];
  readonly patcher: Patcher;
  /** What is to be said about the configuration of a proxy. */
  readonly notes: (view: ProxyView) => readonly Diagnostic[];
}

/**
 * What istiod sends to a proxy, in the order in which Envoy asks: the routes are those that the patched listeners name, the
 * endpoints those of the patched EDS clusters, the extension configurations those that filters of the listeners name.
 */
export function compileProxy(view: ProxyView, builders: Builders): XdsSnapshot {
  const { proxy } = view;
  const { patcher } = builders;
  const of = builders[proxy.type];
  const listeners = patcher.listeners(proxy, of.listeners(view)).resources.map(({ value }) => value);
  const routes = patcher
    .routes(proxy, of.routes(view, routeNames(listeners)), view.gateway?.portMap)
    .resources.map(({ value }) => value);
  const clusters = patcher.clusters(proxy, builders.clusters(view)).resources.map(({ value }) => value);
  const endpoints = clusters
    .filter(({ type }) => type === 'EDS')
    .map((cluster) => builders.endpoints(view, cluster.edsClusterConfig?.serviceName ?? cluster.name ?? ''))
    .filter((assignment) => assignment !== undefined);
  const filterNames = discoveredFilterNames(listeners);
  const extensionConfigs = [
    ...patcher.extensionConfigs(proxy, filterNames).resources.map(({ value }) => value),
    ...builders.extensionConfigs(proxy, filterNames),
  ];
  return {
    proxy: { name: proxy.name, namespace: proxy.namespace, type: proxy.type },
    listeners,
    routes,
    clusters,
    endpoints,
    extensionConfigs,
    notes: builders.notes(view),
  };
}
