import type { Cluster, Listener, RouteConfiguration, TypedExtensionConfig } from '../envoy/api.gen.ts';
import { createEnvoyDescriptors } from '../envoy/descriptors.ts';
import type { Emitted } from '../envoy/emitted.ts';
import type { EnvoyPatch } from '../model/envoy-filters.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Proxy } from '../model/proxy.ts';
import { memo } from '../util/memo.ts';
import { addedClusters, patchCluster } from './clusters.ts';
import { addedListeners, patchListener } from './listeners.ts';
import type { GatewayPorts, PatchContext } from './match.ts';
import { createMerger } from './merge.ts';
import { type Abortion, buildPatchSet, type Outcome, type PatchTools, patchesFor } from './patch-set.ts';
import { patchInlineRoutes, patchRouteConfiguration } from './routes.ts';
import { createValueReader, type PatchValue } from './values.ts';

/** Resources after patching. Those that no patch changed are the objects that came in. */
export interface Patched<T> {
  readonly resources: readonly Emitted<T>[];
  /** The patches that changed, added or removed something. */
  readonly applied: ReadonlySet<EnvoyPatch>;
  /** The patches at which Istio breaks off, so that later ones of the same resources have no effect. */
  readonly aborted: readonly Abortion[];
}

/** Applies the EnvoyFilters of a mesh to what is emitted for its proxies. */
export interface Patcher {
  listeners(proxy: Proxy, listeners: readonly Emitted<Listener>[]): Patched<Listener>;
  /** `gatewayPorts`: for a gateway, the port map of its merged gateway. */
  routes(
    proxy: Proxy,
    routes: readonly Emitted<RouteConfiguration>[],
    gatewayPorts: GatewayPorts | undefined,
  ): Patched<RouteConfiguration>;
  clusters(proxy: Proxy, clusters: readonly Emitted<Cluster>[]): Patched<Cluster>;
  /** The extension configurations of these names that EnvoyFilters provide; what a proxy would get from discovery. */
  extensionConfigs(proxy: Proxy, names: readonly string[]): Patched<TypedExtensionConfig>;
  /** The value of a patch as Istio reads it, and what is wrong with it. */
  readValue(patch: EnvoyPatch): PatchValue;
}

/**
 * A patcher for a mesh; it reads Envoy's descriptors and the values of patches when the first patch needs them, and remembers
 * what became of each resource, so that proxies which share resources and patches share the patched ones too.
 * Never changes what it is given. As istio pilot/pkg/networking/core/envoyfilter.
 */
export function createPatcher(mesh: Pick<Mesh, 'envoyFilters'>): Patcher {
  const library = memo(() => {
    const descriptors = createEnvoyDescriptors();
    return { merger: createMerger(descriptors), read: createValueReader(descriptors) };
  });
  const toolsFor = memo((patches: readonly EnvoyPatch[]): PatchTools => {
    const { merger, read } = library();
    return { merger, patches: buildPatchSet(patches, read) };
  });
  const rememberingOperations: Operations = {
    listener: memo(patchListener),
    addedListeners: memo(addedListeners),
    inlineRoutes: memo(patchInlineRoutes),
    routes: memo(patchRouteConfiguration),
    cluster: memo(patchCluster),
    addedClusters: memo(addedClusters),
  };
  const patch = <T>(
    proxy: Proxy,
    untouched: readonly Emitted<T>[],
    apply: (account: Account, tools: PatchTools) => readonly Emitted<T>[],
  ): Patched<T> => {
    const patches = mesh.envoyFilters.forProxy(proxy);
    const account: Account = { applied: new Set(), aborted: [], operations: rememberingOperations };
    const resources = patches.length === 0 ? untouched : apply(account, toolsFor(patches));
    return { resources, applied: account.applied, aborted: account.aborted };
  };

  return {
    listeners: (proxy, listeners) =>
      patch(proxy, listeners, (account, tools) => patchAllListeners(account, tools, proxy, listeners)),
    routes: (proxy, routes, gatewayPorts) =>
      patch(proxy, routes, (account, tools) =>
        routes.map((emitted) => {
          const { context } = emitted.site;
          if (context === 'SIDECAR_OUTBOUND' && !isServedBySidecars(emitted.value.name)) return emitted;
          const value = note(account, account.operations.routes(tools, context, emitted.value, gatewayPorts));
          return value === undefined || value === emitted.value ? emitted : { ...emitted, value };
        }),
      ),
    clusters: (proxy, clusters) => patch(proxy, clusters, (account, tools) => patchAllClusters(account, tools, proxy, clusters)),
    extensionConfigs: (proxy, names) =>
      patch<TypedExtensionConfig>(proxy, [], (account, tools) =>
        patchesFor(tools, 'EXTENSION_CONFIG')
          .filter(({ patch: { operation }, value }) => operation === 'ADD' && names.includes(String(value?.name ?? '')))
          .map((ready) => {
            account.applied.add(ready.patch);
            // An ADD without a name was left out above, and one without a value has none.
            return { value: ready.value as TypedExtensionConfig, site: { context: contextsOf(proxy)[0] } };
          }),
      ),
    readValue: (envoyPatch) => library().read(envoyPatch),
  };
}

/** The steps of patching, with their memory. */
interface Operations {
  readonly listener: typeof patchListener;
  readonly addedListeners: typeof addedListeners;
  readonly inlineRoutes: typeof patchInlineRoutes;
  readonly routes: typeof patchRouteConfiguration;
  readonly cluster: typeof patchCluster;
  readonly addedClusters: typeof addedClusters;
}

/** What happened so far to the resources of one kind of one proxy. */
interface Account {
  readonly applied: Set<EnvoyPatch>;
  readonly aborted: Abortion[];
  readonly operations: Operations;
}

/** The value of an outcome, once what happened is noted. */
function note<T>(account: Account, outcome: Outcome<T>): T | undefined {
  for (const patch of outcome.applied) account.applied.add(patch);
  if (outcome.aborted !== undefined) account.aborted.push(outcome.aborted);
  return outcome.value;
}

function contextsOf(proxy: Proxy): readonly [PatchContext, ...PatchContext[]] {
  return proxy.type === 'gateway' ? ['GATEWAY'] : ['SIDECAR_OUTBOUND', 'SIDECAR_INBOUND'];
}

/**
 * Patches the listeners of each context for themselves, the one that catches all outbound traffic for itself too.
 * As istio pilot/pkg/networking/core/listener_builder.go patchListeners.
 */
function patchAllListeners(
  account: Account,
  tools: PatchTools,
  proxy: Proxy,
  listeners: readonly Emitted<Listener>[],
): readonly Emitted<Listener>[] {
  const inContext = (context: PatchContext): readonly Emitted<Listener>[] =>
    listeners.filter(({ site }) => site.context === context);
  if (proxy.type === 'gateway') return patchListenersOf(account, tools, 'GATEWAY', inContext('GATEWAY'), true);
  const isVirtual = ({ value }: Emitted<Listener>): boolean => value.name === 'virtualOutbound';
  const outbound = inContext('SIDECAR_OUTBOUND');
  const inbound = inContext('SIDECAR_INBOUND').map((emitted) => {
    const value = note(account, account.operations.inlineRoutes(tools, 'SIDECAR_INBOUND', emitted.value));
    return value === undefined || value === emitted.value ? emitted : { ...emitted, value };
  });
  const virtual = patchListenersOf(account, tools, 'SIDECAR_OUTBOUND', outbound.filter(isVirtual), false);
  const patchedInbound = patchListenersOf(account, tools, 'SIDECAR_INBOUND', inbound, true);
  const others = outbound.filter((emitted) => !isVirtual(emitted));
  return [...patchListenersOf(account, tools, 'SIDECAR_OUTBOUND', others, true), ...virtual, ...patchedInbound];
}

/** The listeners of one context, patched one after the other until Istio breaks off, and those that patches add. */
function patchListenersOf(
  account: Account,
  tools: PatchTools,
  context: PatchContext,
  listeners: readonly Emitted<Listener>[],
  withAdded: boolean,
): readonly Emitted<Listener>[] {
  const abortedBefore = account.aborted.length;
  const isAborted = (): boolean => account.aborted.length > abortedBefore;
  const patched = listeners.flatMap((emitted) => {
    if (isAborted()) return [emitted];
    const value = note(account, account.operations.listener(tools, context, emitted.value));
    if (value === undefined) return [];
    return [value === emitted.value ? emitted : { ...emitted, value }];
  });
  const added = withAdded && !isAborted() ? (note(account, account.operations.addedListeners(tools, context)) ?? []) : [];
  return [...patched, ...added.map((value) => ({ value, site: { context } }))].filter(({ value }) => (value.name ?? '') !== '');
}

function patchAllClusters(
  account: Account,
  tools: PatchTools,
  proxy: Proxy,
  clusters: readonly Emitted<Cluster>[],
): readonly Emitted<Cluster>[] {
  const noHosts: readonly string[] = [];
  const patched = clusters.flatMap((emitted) => {
    const { context, hosts = noHosts } = emitted.site;
    const value = note(account, account.operations.cluster(tools, context, emitted.value, hosts));
    if (value === undefined) return [];
    return [value === emitted.value ? emitted : { ...emitted, value }];
  });
  const added = contextsOf(proxy).flatMap((context) =>
    (note(account, account.operations.addedClusters(tools, context)) ?? []).map((value) => ({ value, site: { context } })),
  );
  return dropRepeated(patched, added);
}

/** Whether istiod builds the outbound route configuration; of any other name it sends an empty one, which is not patched. */
function isServedBySidecars(name: string): boolean {
  if (name === 'http_proxy' || name.startsWith('unix://')) return true;
  return /^[-+]?\d+$/.test(name.slice(name.indexOf(':') + 1));
}

/**
 * All clusters; of those of one name only the first stays, but Istio does not look at the clusters of services for that.
 * As istio pilot/pkg/networking/core/cluster.go buildClusters and cluster_builder.go normalizeClusters.
 */
function dropRepeated(built: readonly Emitted<Cluster>[], added: readonly Emitted<Cluster>[]): readonly Emitted<Cluster>[] {
  const isOfService = ({ value }: Emitted<Cluster>): boolean => value.name.startsWith('outbound|');
  const seen = new Set<string>();
  const others = [...built.filter((emitted) => !isOfService(emitted)), ...added];
  return [
    ...built.filter(isOfService),
    ...others.filter(({ value }) => {
      const first = !seen.has(value.name);
      seen.add(value.name);
      return first;
    }),
  ];
}
