import type {
  LuaConfig,
  TrafficExtension,
  TrafficExtensionExecutionPhase,
  TrafficSelector,
  WasmConfig,
} from '../../api/istio.gen.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { Resource, ResourceOf } from '../../resource/resource.ts';
import { memo } from '../../util/memo.ts';
import { parseUrl } from '../../util/url.ts';
import { buildPolicyLookup, type PolicyLookup, type PolicyWorkload, targetRefsOf } from '../security/policies.ts';

/** A TrafficExtension, or a WasmPlugin, which counts as one: code that runs in the proxies it is for. */
export interface ProxyExtension {
  /** Name of the filter and of the configuration that the proxy asks for. */
  readonly resourceName: string;
  /** Name of the resource, with the mark that istiod gives to translated WasmPlugins. */
  readonly name: string;
  readonly namespace: string;
  readonly phase: TrafficExtensionExecutionPhase;
  /** Higher ones see traffic earlier within a phase; undefined is the lowest. */
  readonly priority: number | undefined;
  /** Listeners it is for; empty for all. */
  readonly match: readonly TrafficSelector[];
  readonly code: { readonly wasm: WasmConfig } | { readonly lua: LuaConfig };
  /** The resource it was made from. */
  readonly resource: ResourceOf<'TrafficExtension'> | ResourceOf<'WasmPlugin'>;
}

/** The extensions of the mesh, ready for lookup. */
export interface ExtensionIndex {
  /**
   * Those for a workload, in the order in which they see traffic within their phases; one list for all workloads for which they are
   * the same. As istio TrafficExtensionsByListenerInfo.
   */
  forWorkload(workload: PolicyWorkload): readonly ProxyExtension[];
  /** The extension of a resource name. */
  named(resourceName: string): ProxyExtension | undefined;
  /** Extensions that istiod leaves out, and why. */
  readonly discarded: readonly { readonly resource: Resource; readonly reason: string }[];
}

const RESOURCE_NAME_PREFIX = 'extensions.istio.io/trafficextension/';
const PLUGIN_NAME_PREFIX = 'extensions.istio.io/wasmplugin/';
const TRANSLATED = '~istio-translated-wasmplugin';
const LUA_LIMIT = 65536;
const LOWEST_PRIORITY: number = -(2 ** 31);

/**
 * Indexes TrafficExtension and WasmPlugin resources.
 * As istio pilot/pkg/model/extensions.go, push_context.go and pilot/pkg/config/kube/extensions/translate.go.
 */
export function buildExtensions(
  trafficExtensions: readonly ResourceOf<'TrafficExtension'>[],
  wasmPlugins: readonly ResourceOf<'WasmPlugin'>[],
  rootNamespace: string,
  behaviours: Behaviours,
): ExtensionIndex {
  const { translatesWasmPlugins } = behaviours;
  const extensions = new Map<ResourceOf<'TrafficExtension'>, ProxyExtension>();
  const discarded: { resource: Resource; reason: string }[] = [];
  const prefixOf = ({ kind }: ProxyExtension['resource']): string =>
    kind === 'WasmPlugin' && !translatesWasmPlugins ? PLUGIN_NAME_PREFIX : RESOURCE_NAME_PREFIX;
  const add = (resource: ResourceOf<'TrafficExtension'>, source: ProxyExtension['resource']): void => {
    const code = codeOf(resource.spec);
    if ('reason' in code) discarded.push({ resource: source, reason: code.reason });
    else extensions.set(resource, buildExtension(resource, code, source, prefixOf(source)));
  };
  for (const resource of trafficExtensions) add(resource, resource);
  for (const resource of wasmPlugins) add(translateWasmPlugin(resource, translatesWasmPlugins ? TRANSLATED : ''), resource);

  const byName = new Map([...extensions.values()].map((extension) => [extension.resourceName, extension]));
  const lookup: PolicyLookup<ResourceOf<'TrafficExtension'>> = buildPolicyLookup(
    [...extensions.keys()],
    rootNamespace,
    behaviours,
  );
  const inOrder = memo((resources: readonly ResourceOf<'TrafficExtension'>[]) =>
    resources
      .flatMap((resource) => extensions.get(resource) ?? [])
      .sort((a, b) => (b.priority ?? LOWEST_PRIORITY) - (a.priority ?? LOWEST_PRIORITY)),
  );
  return {
    forWorkload: (workload) => inOrder(lookup.forWorkload(workload, 'own-first')),
    named: (resourceName) => byName.get(resourceName),
    discarded,
  };
}

function buildExtension(
  { name, namespace, spec }: ResourceOf<'TrafficExtension'>,
  code: ProxyExtension['code'],
  resource: ProxyExtension['resource'],
  prefix: string,
): ProxyExtension {
  return {
    resourceName: `${prefix}${namespace}.${name}`,
    name,
    namespace,
    phase: spec.phase ?? 'UNSPECIFIED',
    priority: spec.priority,
    match: spec.match ?? [],
    code,
    resource,
  };
}

/** The code to run, or why istiod discards the extension. */
function codeOf({ wasm, lua }: TrafficExtension): ProxyExtension['code'] | { readonly reason: string } {
  if (wasm !== undefined) {
    if ((wasm.url ?? '') === '') return { reason: 'the URL of its module is missing' };
    return parseUrl(wasm.url ?? '') === undefined ? { reason: `the URL ${wasm.url} of its module is none` } : { wasm };
  }
  if (lua !== undefined) {
    const size = new TextEncoder().encode(lua.inlineCode ?? '').length;
    if (size === 0) return { reason: 'its Lua code is empty' };
    return size > LUA_LIMIT ? { reason: `its Lua code is longer than ${LUA_LIMIT} bytes` } : { lua };
  }
  return { reason: 'it has neither Wasm nor Lua code' };
}

/** A WasmPlugin as istiod understands it; its `verificationKey` has no counterpart and is lost. */
function translateWasmPlugin(resource: ResourceOf<'WasmPlugin'>, mark: string): ResourceOf<'TrafficExtension'> {
  const { selector, targetRef: _, targetRefs: __, phase, priority, match, verificationKey: ___, ...wasm } = resource.spec;
  const targetRefs = targetRefsOf(resource.spec);
  return {
    ...resource,
    kind: 'TrafficExtension',
    name: `${resource.name}${mark}`,
    spec: {
      ...(selector && { selector }),
      ...(targetRefs.length > 0 && { targetRefs }),
      ...(phase && phase !== 'UNSPECIFIED_PHASE' && { phase }),
      ...(priority !== undefined && { priority }),
      ...(match && { match }),
      wasm,
    },
  };
}
