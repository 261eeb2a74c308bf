import type { Cluster, Listener, RouteConfiguration, TypedExtensionConfig } from '../envoy/api.gen.ts';
import { createEnvoyDescriptors } from '../envoy/descriptors.ts';
import type { Emitted } from '../envoy/emitted.ts';
import type { EnvoyPatch } from '../model/envoy-filters.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Proxy } from '../model/proxy.ts';
import { memo } from '../util/memo.ts';
import { addedClusters, patchCluster } from './clusters.ts';
import { patchListeners } from './listeners.ts';
import type { GatewayPorts, PatchContext } from './match.ts';
import { createMerger } from './merge.ts';
import { buildPatchSet, type PatchRun, patchesFor, valueOf } from './patch-set.ts';
import { patchInlineRoutes, patchRouteConfiguration } from './routes.ts';
import { createValueReader, type PatchValue } from './values.ts';

/** Resources after patching. Those that no patch changed are the objects that came in. */
export interface Patched<T> {
  readonly resources: readonly Emitted<T>[];
  /** The patches that changed, added or removed something. */
  readonly applied: ReadonlySet<EnvoyPatch>;
  /** Why Istio breaks off in the middle of its patches, where it does: the later patches of those resources have no effect. */
  readonly aborted: readonly string[];
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
 * A patcher for a mesh; it reads Envoy's descriptors and the values of patches when the first patch needs them.
 * Never changes what it is given. As istio pilot/pkg/networking/core/envoyfilter.
 */
export function createPatcher(mesh: Pick<Mesh, 'envoyFilters'>): Patcher {
  const tools = memo(() => {
    const descriptors = createEnvoyDescriptors();
    return { merger: createMerger(descriptors), read: createValueReader(descriptors) };
  });
  const patchSetOf = memo((patches: readonly EnvoyPatch[]) => buildPatchSet(patches, tools().read));
  const patch = <T>(
    proxy: Proxy,
    untouched: readonly Emitted<T>[],
    apply: (run: PatchRun) => readonly Emitted<T>[],
  ): Patched<T> => {
    const patches = mesh.envoyFilters.forProxy(proxy);
    const [applied, aborted] = [new Set<EnvoyPatch>(), [] as string[]];
    if (patches.length === 0) return { resources: untouched, applied, aborted };
    const resources = apply({ patches: patchSetOf(patches), merger: tools().merger, applied, aborted });
    return { resources, applied, aborted };
  };

  return {
    listeners: (proxy, listeners) => patch(proxy, listeners, (run) => patchAllListeners(run, proxy, listeners)),
    routes: (proxy, routes, gatewayPorts) =>
      patch(proxy, routes, (run) =>
        routes.map((emitted) => {
          const { context } = emitted.site;
          if (context === 'SIDECAR_OUTBOUND' && !isServedBySidecars(emitted.value.name)) return emitted;
          const value = patchRouteConfiguration(run, context, emitted.value, gatewayPorts);
          return value === emitted.value ? emitted : { ...emitted, value };
        }),
      ),
    clusters: (proxy, clusters) =>
      patch(proxy, clusters, (run) =>
        dropRepeated(
          clusters.map((emitted) => patchCluster(run, emitted)).filter((emitted) => emitted !== undefined),
          contextsOf(proxy).flatMap((context) => addedClusters(run, context)),
        ),
      ),
    extensionConfigs: (proxy, names) =>
      patch<TypedExtensionConfig>(proxy, [], (run) =>
        patchesFor(run, 'EXTENSION_CONFIG')
          .filter(({ patch: { operation }, value }) => operation === 'ADD' && names.includes(String(value?.name ?? '')))
          .map((ready) => {
            run.applied.add(ready.patch);
            return { value: valueOf<TypedExtensionConfig>(ready), site: { context: contextsOf(proxy)[0] } };
          }),
      ),
    readValue: (envoyPatch) => tools().read(envoyPatch),
  };
}

function contextsOf(proxy: Proxy): readonly [PatchContext, ...PatchContext[]] {
  return proxy.type === 'gateway' ? ['GATEWAY'] : ['SIDECAR_OUTBOUND', 'SIDECAR_INBOUND'];
}

/**
 * Patches the listeners of each context for themselves, the one that catches all outbound traffic for itself too.
 * As istio pilot/pkg/networking/core/listener_builder.go patchListeners.
 */
function patchAllListeners(run: PatchRun, proxy: Proxy, listeners: readonly Emitted<Listener>[]): readonly Emitted<Listener>[] {
  const inContext = (context: PatchContext): readonly Emitted<Listener>[] =>
    listeners.filter(({ site }) => site.context === context);
  if (proxy.type === 'gateway') return patchListeners(run, 'GATEWAY', inContext('GATEWAY'), { skipAdds: false });
  const isVirtual = ({ value }: Emitted<Listener>): boolean => value.name === 'virtualOutbound';
  const outbound = inContext('SIDECAR_OUTBOUND');
  const inbound = inContext('SIDECAR_INBOUND').map((emitted) => {
    const value = patchInlineRoutes(run, 'SIDECAR_INBOUND', emitted.value);
    return value === emitted.value ? emitted : { ...emitted, value };
  });
  const virtual = patchListeners(run, 'SIDECAR_OUTBOUND', outbound.filter(isVirtual), { skipAdds: true });
  const patchedInbound = patchListeners(run, 'SIDECAR_INBOUND', inbound, { skipAdds: false });
  const others = outbound.filter((emitted) => !isVirtual(emitted));
  return [...patchListeners(run, 'SIDECAR_OUTBOUND', others, { skipAdds: false }), ...virtual, ...patchedInbound];
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
