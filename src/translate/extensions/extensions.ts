import type { TrafficSelector } from '../../api/istio.gen.ts';
import { any } from '../../envoy/any.ts';
import type { ExtensionConfigSource, HttpFilter, NetworkFilter, TypedExtensionConfig } from '../../envoy/api.gen.ts';
import type { ProxyExtension } from '../../model/extensions/traffic-extensions.ts';
import type { Mesh } from '../../model/mesh.ts';
import { withOrigin } from '../../util/origin.ts';
import type { ListenerClass } from '../traits/listener-class.ts';
import type { ExtensionPhase, PlacedExtension } from '../traits/traits.ts';
import { buildWasmConfiguration } from './wasm.ts';

/**
 * The filters that the extensions of a proxy add to its HTTP connection managers, in order within their phases: Lua code stands in
 * the filter itself, Wasm modules are discovered by the filter's name.
 * As istio pilot/pkg/networking/core/extension/extensionfilter.go; the functions below are its neighbours.
 */
export function httpExtensions(
  extensions: readonly ProxyExtension[],
  listenerClass: ListenerClass,
): readonly PlacedExtension<HttpFilter>[] {
  return place(extensions, listenerClass, httpFilter);
}

/** The filters that they add to network filter chains: Wasm modules of type NETWORK. */
export function tcpExtensions(
  extensions: readonly ProxyExtension[],
  listenerClass: ListenerClass,
): readonly PlacedExtension<NetworkFilter>[] {
  return place(extensions, listenerClass, networkFilter);
}

/**
 * The configurations of these names that a proxy asks for (ECDS), if they are of its own or the root namespace, or of one of those of
 * the services behind a waypoint; Lua is in the listeners already. As istio push_context.go TrafficExtensionsByName.
 */
export function extensionConfigurations(
  mesh: Pick<Mesh, 'extensions' | 'rootNamespace'>,
  namespaces: readonly string[],
  names: readonly string[],
): readonly TypedExtensionConfig[] {
  return names
    .map((name) => mesh.extensions.named(name))
    .filter((extension) => extension !== undefined)
    .filter(({ namespace }) => namespace === mesh.rootNamespace || namespaces.includes(namespace))
    .flatMap((extension) => buildWasmConfiguration(extension) ?? []);
}

function place<F>(
  extensions: readonly ProxyExtension[],
  listenerClass: ListenerClass,
  build: (extension: ProxyExtension) => F | undefined,
): readonly PlacedExtension<F>[] {
  return extensions.flatMap((extension) => {
    const ports = portsOf(extension.match, listenerClass);
    const filter = ports === 'none' ? undefined : build(extension);
    if (ports === 'none' || filter === undefined) return [];
    return [{ phase: phaseOf(extension), filter, ports }];
  });
}

function phaseOf({ phase }: ProxyExtension): ExtensionPhase {
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

function httpFilter(extension: ProxyExtension): HttpFilter | undefined {
  const { code, resourceName: name, resource } = extension;
  if ('lua' in code) {
    const defaultSourceCode = { inlineString: code.lua.inlineCode ?? '' };
    const typedConfig = any('type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua', { defaultSourceCode });
    return withOrigin({ name, typedConfig }, resource, ['spec']);
  }
  if (code.wasm.type === 'NETWORK') return undefined;
  return withOrigin({ name, configDiscovery: discovered('http') }, resource, ['spec']);
}

function networkFilter({ code, resourceName: name, resource }: ProxyExtension): NetworkFilter | undefined {
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
