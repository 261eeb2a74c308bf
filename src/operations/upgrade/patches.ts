import type { Location } from '../../diagnostics/diagnostic.ts';
import type { EnvoyPatch } from '../../model/extensions/envoy-filters.ts';
import type { Mesh } from '../../model/mesh.ts';
import { podKey } from '../../trace/data-plane.ts';
import type { VersionedPatch } from './report.ts';

/** The patches of EnvoyFilters that are for other proxies than before because they ask for versions, of the meshes of all primaries. */
export function comparePatches(before: readonly Mesh[], after: readonly Mesh[]): readonly VersionedPatch[] {
  const [earlier, later] = [proxiesOfPatches(before), proxiesOfPatches(after)];
  const ids = [...new Set([...earlier.keys(), ...later.keys()])].sort();
  return ids.flatMap((id): VersionedPatch[] => {
    const patch = (later.get(id) ?? earlier.get(id))?.patch;
    if (patch === undefined) return [];
    const from = earlier.get(id)?.proxies ?? new Set<string>();
    const to = later.get(id)?.proxies ?? new Set<string>();
    const starts = [...to].filter((proxy) => !from.has(proxy));
    const stops = [...from].filter((proxy) => !to.has(proxy));
    if (starts.length + stops.length === 0) return [];
    const { resource, index, match } = patch;
    const { namespace, name } = resource;
    const { file, line } = placeOf(patch);
    return [{ namespace, name, index, proxyVersion: match.proxy?.proxyVersion ?? '', file, line, starts, stops }];
  });
}

interface Matched {
  readonly patch: EnvoyPatch;
  readonly proxies: Set<string>;
}

function proxiesOfPatches(meshes: readonly Mesh[]): ReadonlyMap<string, Matched> {
  const matched = new Map<string, Matched>();
  for (const { envoyFilters, proxies } of meshes) {
    for (const proxy of proxies) {
      for (const patch of envoyFilters.forProxy(proxy)) {
        if ((patch.match.proxy?.proxyVersion ?? '') === '') continue;
        // Clusters can have resources of one name, and several of them can have one file.
        const { file, line } = placeOf(patch);
        const id = [patch.resource.namespace, patch.resource.name, patch.index, file, line].join('/');
        const known = matched.get(id) ?? { patch, proxies: new Set<string>() };
        matched.set(id, known);
        known.proxies.add(podKey(proxy));
      }
    }
  }
  return matched;
}

function placeOf({ resource: { document }, index }: EnvoyPatch): Location {
  return document.locate(['spec', 'configPatches', index, 'match', 'proxy', 'proxyVersion']);
}
