import type { TrafficSelector } from '../../api/istio.gen.ts';
import { any } from '../../envoy/any.ts';
import type { ExtensionConfigSource, HttpFilter, NetworkFilter, TypedExtensionConfig } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { PolicyWorkload } from '../../model/policies.ts';
import type { Proxy } from '../../model/proxy.ts';
import type { Extension } from '../../model/traffic-extensions.ts';
import { withOrigin } from '../../util/origin.ts';
import type { ListenerClass } from '../listener-class.ts';
import type { ExtensionPhase, Extension as PlacedExtension } from '../traits.ts';
import { buildWasmConfiguration } from './wasm.ts';

/** The filters that TrafficExtension and WasmPlugin resources add to proxies. */
export interface ExtensionBuilder {
  /** Filters of HTTP connection managers, in order within their phases. */
  http(proxy: Proxy, listenerClass: ListenerClass): readonly PlacedExtension<HttpFilter>[];
  /** Filters of network filter chains: Wasm modules of type NETWORK. */
  tcp(workload: PolicyWorkload, listenerClass: ListenerClass): readonly PlacedExtension<NetworkFilter>[];
  /**
   * The configurations of these names that the proxy asks for (ECDS), if they are of its own or the root namespace; Lua is in the
   * listeners already.
   */
  configurations(proxy: Proxy, names: readonly string[]): readonly TypedExtensionConfig[];
}

/**
 * Places the extensions of each proxy: Lua code stands in the filter itself, Wasm modules are discovered by the filter's name.
 * As istio pilot/pkg/networking/core/extension/extensionfilter.go.
 */
export function createExtensions(mesh: Pick<Mesh, 'extensions' | 'rootNamespace'>): ExtensionBuilder {
  const place = <F>(
    workload: PolicyWorkload,
    listenerClass: ListenerClass,
    build: (extension: Extension) => F | undefined,
  ): readonly PlacedExtension<F>[] =>
    mesh.extensions.forWorkload(workload).flatMap((extension) => {
      const ports = portsOf(extension.match, listenerClass);
      const filter = ports === 'none' ? undefined : build(extension);
      if (ports === 'none' || filter === undefined) return [];
      return [{ phase: phaseOf(extension), filter, ports }];
    });

  return {
    http: (proxy, listenerClass) => place(proxy, listenerClass, httpFilter),
    tcp: (workload, listenerClass) => place(workload, listenerClass, networkFilter),
    configurations: (proxy, names) =>
      names
        .map((name) => mesh.extensions.named(name))
        .filter((extension) => extension !== undefined)
        .filter(({ namespace }) => namespace === proxy.namespace || namespace === mesh.rootNamespace)
        .flatMap((extension) => buildWasmConfiguration(extension) ?? []),
  };
}

function phaseOf({ phase }: Extension): ExtensionPhase {
  return phase === 'UNSPECIFIED' ? 'UNSPECIFIED_PHASE' : phase;
}

/** The ports of a listener class that an extension is for: undefined for all, `none` when the class is not. */
function portsOf(match: readonly TrafficSelector[], listenerClass: ListenerClass): readonly number[] | undefined | 'none' {
  if (match.length === 0) return undefined;
  const side = listenerClass === 'inbound' ? 'SERVER' : 'CLIENT';
  const matching = match.filter(
    ({ mode = 'UNDEFINED' }) => mode === 'UNDEFINED' || mode === 'CLIENT_AND_SERVER' || mode === side,
  );
  if (matching.length === 0) return 'none';
  if (matching.some(({ ports = [] }) => ports.length === 0)) return undefined;
  return matching.flatMap(({ ports = [] }) => ports.map(({ number = 0 }) => number)).filter((port) => port !== 0);
}

function httpFilter(extension: Extension): HttpFilter | undefined {
  const { code, resourceName: name, resource } = extension;
  if ('lua' in code) {
    const defaultSourceCode = { inlineString: code.lua.inlineCode ?? '' };
    const typedConfig = any('type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua', { defaultSourceCode });
    return withOrigin({ name, typedConfig }, resource, ['spec']);
  }
  if (code.wasm.type === 'NETWORK') return undefined;
  return withOrigin({ name, configDiscovery: discovered('http') }, resource, ['spec']);
}

function networkFilter({ code, resourceName: name, resource }: Extension): NetworkFilter | undefined {
  if ('lua' in code || code.wasm.type !== 'NETWORK') return undefined;
  return withOrigin({ name, configDiscovery: discovered('network') }, resource, ['spec']);
}

/** A filter whose configuration the proxy waits for; a module that cannot be loaded is replaced by an RBAC filter that denies. */
function discovered(level: 'http' | 'network'): ExtensionConfigSource {
  return {
    configSource: { ads: {}, initialFetchTimeout: '0s', resourceApiVersion: 'V3' },
    typeUrls: [
      `type.googleapis.com/envoy.extensions.filters.${level}.wasm.v3.Wasm`,
      `type.googleapis.com/envoy.extensions.filters.${level}.rbac.v3.RBAC`,
    ],
  };
}
