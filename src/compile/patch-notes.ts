import { fieldIgnored, patchingBreaksOff, patchMatchesNothing, patchSkipped, type Subject } from '../diagnostics/catalog.ts';
import type { Diagnostic, Path } from '../diagnostics/diagnostic.ts';
import type { EnvoyPatch } from '../model/envoy-filters.ts';
import type { Mesh } from '../model/mesh.ts';
import type { Proxy } from '../model/proxy.ts';
import type { Patched, Patcher } from '../patch/patch.ts';

/** A patcher that remembers what became of each patch. */
export interface PatchRecord {
  readonly patcher: Patcher;
  /**
   * What to tell the user about the EnvoyFilters: values that cannot be read, patches at which Istio breaks off and, once all
   * proxies have been compiled, patches that change nothing.
   */
  notes(): readonly Diagnostic[];
}

/** Records what `patcher` does for the proxies of the mesh. */
export function recordPatches(mesh: Pick<Mesh, 'envoyFilters' | 'proxies'>, patcher: Patcher): PatchRecord {
  const proxies = new Set<Proxy>();
  const offered = new Set<EnvoyPatch>();
  const applied = new Set<EnvoyPatch>();
  const abortedBecause = new Map<EnvoyPatch, string>();
  const record = <T>(proxy: Proxy, patched: Patched<T>): Patched<T> => {
    proxies.add(proxy);
    for (const patch of mesh.envoyFilters.forProxy(proxy)) offered.add(patch);
    for (const patch of patched.applied) applied.add(patch);
    for (const { patch, reason } of patched.aborted) abortedBecause.set(patch, reason);
    return patched;
  };

  const notesOn = (patch: EnvoyPatch): readonly Diagnostic[] => {
    const unread = valueNotes(patch, patcher);
    const reason = abortedBecause.get(patch);
    if (reason !== undefined) return [...unread, patchingBreaksOff(subjectOf(patch, []), reason)];
    const isSkipped = patcher.readValue(patch).problems.some(({ kind }) => kind === 'bad-value');
    if (isSkipped || applied.has(patch) || proxies.size < mesh.proxies.length) return unread;
    return [...unread, patchMatchesNothing(subjectOf(patch, []), whyUnused(patch, offered.has(patch)))];
  };

  return {
    patcher: {
      ...patcher,
      listeners: (proxy, listeners) => record(proxy, patcher.listeners(proxy, listeners)),
      routes: (proxy, routes, ports) => record(proxy, patcher.routes(proxy, routes, ports)),
      clusters: (proxy, clusters) => record(proxy, patcher.clusters(proxy, clusters)),
      extensionConfigs: (proxy, names) => record(proxy, patcher.extensionConfigs(proxy, names)),
    },
    notes: () => mesh.envoyFilters.patches.flatMap(notesOn),
  };
}

function subjectOf({ resource, index }: EnvoyPatch, inside: Path): Subject {
  const { kind, name, namespace, document } = resource;
  const path = ['spec', 'configPatches', index, ...inside];
  return { resource: { kind, name, namespace }, path, location: document.locate(path) };
}

function valueNotes(patch: EnvoyPatch, patcher: Patcher): readonly Diagnostic[] {
  return patcher.readValue(patch).problems.map(({ kind, path, message, suggestion }) => {
    const suggestions = suggestion === undefined ? [] : [suggestion];
    const subject = subjectOf(patch, ['patch', 'value', ...path]);
    if (kind === 'unknown-field') return fieldIgnored(subject, String(path.at(-1)), suggestions);
    return patchSkipped(subject, ['value', ...path].join('.'), message, suggestions);
  });
}

function whyUnused(patch: EnvoyPatch, isOffered: boolean): string {
  if (patch.applyTo === 'BOOTSTRAP') return 'istiod sends no bootstrap configuration';
  if (patch.context === 'WAYPOINT') return 'it is for waypoints, which mesh does not compile';
  if (!isOffered) return 'none of the proxies is selected';
  return `nothing in the proxies that it selects fits (${patch.operation} ${patch.applyTo})`;
}
