import type { Cluster, Listener, RouteConfiguration, TypedExtensionConfig } from '../envoy/api.gen.ts';
import { createEnvoyDescriptors } from '../envoy/descriptors.ts';
import type { Emitted } from '../envoy/emitted.ts';
import type { EnvoyPatch } from '../model/extensions/envoy-filters.ts';
import { assertNever } from '../util/assert.ts';
import { memo } from '../util/memo.ts';
import { addedClusters, patchCluster } from './clusters.ts';
import { addedListeners, patchListener } from './listeners.ts';
import type { GatewayPorts, PatchContext } from './match.ts';
import { createMerger } from './merge.ts';
import { type Abortion, buildPatchSet, type PatchOutcome, type PatchTools, patchesFor } from './patch-set.ts';
import { patchInlineRoutes, patchRouteConfiguration } from './routes.ts';
import { createValueReader, type PatchValue } from './values.ts';

/** The listener of a sidecar for outbound traffic that no other takes. */
const CATCH_ALL = 'virtualOutbound';

/** Resources after patching. Those that no patch changed are the objects that came in. */
export interface Patched<T> {
  readonly resources: readonly Emitted<T>[];
  /** The patches that changed, added or removed something. */
  readonly applied: ReadonlySet<EnvoyPatch>;
  /** The patches at which Istio breaks off, so that later ones of the same resources have no effect. */
  readonly aborted: readonly Abortion[];
}

/** What patching has to know of a proxy. */
export interface PatchTarget {
  /** In the order in which they apply; the same list for all proxies that share them. */
  readonly patches: readonly EnvoyPatch[];
  /** What patches call its parts, in the order in which it gets them. */
  readonly contexts: readonly [PatchContext, ...PatchContext[]];
  /** Those of its parts to which clusters can be added; all where nothing is said. */
  readonly addedClusterContexts?: readonly PatchContext[];
  /** For a gateway, the port map of its merged gateway. */
  readonly gatewayPorts?: GatewayPorts | undefined;
}

/** Applies the EnvoyFilters of a mesh to what is emitted for its proxies. */
export interface Patcher {
  listeners(target: PatchTarget, listeners: readonly Emitted<Listener>[]): Patched<Listener>;
  routes(target: PatchTarget, routes: readonly Emitted<RouteConfiguration>[]): Patched<RouteConfiguration>;
  clusters(target: PatchTarget, clusters: readonly Emitted<Cluster>[]): Patched<Cluster>;
  /** The extension configurations of these names that EnvoyFilters provide; what a proxy would get from discovery. */
  extensionConfigs(target: PatchTarget, names: readonly string[]): Patched<TypedExtensionConfig>;
  /** The value of a patch as Istio reads it, and what is wrong with it. */
  readValue(patch: EnvoyPatch): PatchValue;
}

/**
 * A patcher, with the messages of Envoy's API that a release knows; it reads them and the values of patches when the first patch needs them, and remembers
 * what became of each resource, so that proxies which share resources and patches share the patched ones too.
 * Never changes what it is given. As istio pilot/pkg/networking/core/envoyfilter.
 */
export function createPatcher(descriptorChanges?: string): Patcher {
  const library = memo(() => {
    const descriptors = createEnvoyDescriptors(descriptorChanges);
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
    { patches }: PatchTarget,
    untouched: readonly Emitted<T>[],
    apply: (account: Account, tools: PatchTools) => readonly Emitted<T>[],
  ): Patched<T> => {
    const account: Account = { applied: new Set(), aborted: [], operations: rememberingOperations };
    const resources = patches.length === 0 ? untouched : apply(account, toolsFor(patches));
    return { resources, applied: account.applied, aborted: account.aborted };
  };

  return {
    listeners: (target, listeners) =>
      patch(target, listeners, (account, tools) => patchAllListeners(account, tools, target, listeners)),
    routes: (target, routes) =>
      patch(target, routes, (account, tools) =>
        routes.map((emitted) => {
          if (emitted.site === undefined) return emitted;
          const { context } = emitted.site;
          if (context === 'SIDECAR_OUTBOUND' && !isServedBySidecars(emitted.value.name)) return emitted;
          const value = note(account, account.operations.routes(tools, context, emitted.value, target.gatewayPorts));
          return value === undefined || value === emitted.value ? emitted : { ...emitted, value };
        }),
      ),
    clusters: (target, clusters) =>
      patch(target, clusters, (account, tools) => patchAllClusters(account, tools, target, clusters)),
    extensionConfigs: (target, names) =>
      patch<TypedExtensionConfig>(target, [], (account, tools) =>
        patchesFor(tools, 'EXTENSION_CONFIG')
          .filter(({ patch: { operation }, value }) => operation === 'ADD' && names.includes(String(value?.name ?? '')))
          .map((ready) => {
            account.applied.add(ready.patch);
            // An ADD without a name was left out above, and one without a value has none.
            return { value: ready.value as TypedExtensionConfig, site: { context: target.contexts[0] } };
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
function note<T>(account: Account, outcome: PatchOutcome<T>): T | undefined {
  for (const patch of outcome.applied) account.applied.add(patch);
  if (outcome.aborted !== undefined) account.aborted.push(outcome.aborted);
  return outcome.value;
}

/**
 * Patches the listeners of each context for themselves, the one that catches all outbound traffic for itself too.
 * As istio pilot/pkg/networking/core/listener_builder.go patchListeners.
 */
function patchAllListeners(
  account: Account,
  tools: PatchTools,
  { contexts }: PatchTarget,
  listeners: readonly Emitted<Listener>[],
): readonly Emitted<Listener>[] {
  const patched = contexts.flatMap((context) => {
    const ofContext = listeners.filter(({ site }) => site?.context === context);
    const patch = (some: readonly Emitted<Listener>[], withAdded: boolean): readonly Emitted<Listener>[] =>
      patchListenersOf(account, tools, context, some, withAdded);
    switch (context) {
      case 'SIDECAR_OUTBOUND':
        return [
          ...patch(
            ofContext.filter(({ value }) => value.name !== CATCH_ALL),
            true,
          ),
          ...patch(
            ofContext.filter(({ value }) => value.name === CATCH_ALL),
            false,
          ),
        ];
      case 'SIDECAR_INBOUND':
        return patch(
          ofContext.map((emitted) => patchRoutesOf(account, tools, context, emitted)),
          true,
        );
      case 'GATEWAY':
        return patch(ofContext, true);
      default:
        return assertNever(context);
    }
  });
  return [...patched, ...listeners.filter(({ site }) => site === undefined)];
}

/** The listener with the routes that stand in its filters patched. */
function patchRoutesOf(
  account: Account,
  tools: PatchTools,
  context: PatchContext,
  emitted: Emitted<Listener>,
): Emitted<Listener> {
  const value = note(account, account.operations.inlineRoutes(tools, context, emitted.value, emitted.site?.fixedRoutes));
  return value === undefined || value === emitted.value ? emitted : { ...emitted, value };
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
  { contexts, addedClusterContexts = contexts }: PatchTarget,
  clusters: readonly Emitted<Cluster>[],
): readonly Emitted<Cluster>[] {
  const noHosts: readonly string[] = [];
  const patched = clusters.flatMap((emitted) => {
    if (emitted.site === undefined) return [emitted];
    const { context, hosts = noHosts } = emitted.site;
    const value = note(account, account.operations.cluster(tools, context, emitted.value, hosts));
    if (value === undefined) return [];
    return [value === emitted.value ? emitted : { ...emitted, value }];
  });
  const added = addedClusterContexts.flatMap((context) =>
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
  const isOfService = ({ value }: Emitted<Cluster>): boolean => value.name?.startsWith('outbound|') === true;
  const seen = new Set<string | undefined>();
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
