import type { EnvoyPatch } from '../../model/extensions/envoy-filters.ts';
import type { Mesh } from '../../model/mesh.ts';
import { podKey } from '../../trace/data-plane.ts';
import type { VersionedPatch } from './report.ts';

/** The patches of EnvoyFilters that are for other proxies than before because they ask for versions. */
export function comparePatches(before: Mesh, after: Mesh): readonly VersionedPatch[] {
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
    const { namespace, name, document } = resource;
    const { file, line } = document.locate(['spec', 'configPatches', index, 'match', 'proxy', 'proxyVersion']);
    return [{ namespace, name, index, proxyVersion: match.proxy?.proxyVersion ?? '', file, line, starts, stops }];
  });
}

interface Matched {
  readonly patch: EnvoyPatch;
  readonly proxies: Set<string>;
}

function proxiesOfPatches({ envoyFilters, proxies }: Mesh): ReadonlyMap<string, Matched> {
  const matched = new Map<string, Matched>();
  for (const proxy of proxies) {
    for (const patch of envoyFilters.forProxy(proxy)) {
      if ((patch.match.proxy?.proxyVersion ?? '') === '') continue;
      const id = [patch.resource.namespace, patch.resource.name, patch.index].join('/');
      const known = matched.get(id) ?? { patch, proxies: new Set<string>() };
      matched.set(id, known);
      known.proxies.add(podKey(proxy));
    }
  }
  return matched;
}
