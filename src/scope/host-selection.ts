import { hostCovers, isWildcard } from '../model/traffic/host.ts';
import type { ImportedHosts } from '../model/traffic/virtual-services.ts';
import type { Behaviours } from '../releases/release.ts';

/** The hosts that an egress listener imports and leaves out, by the namespace they come from; `*` is every namespace. */
export type HostSelections = ReadonlyMap<string, ImportedHosts>;

/**
 * The hosts of an egress listener (`namespace/host`, `./host`, `*` + `/host`) by namespace; `namespace` stands for `.`. Those of a
 * namespace that begins with `~` are left out, in releases that do so. Entries that are not of that form select nothing.
 * As istio pilot/pkg/model/sidecar.go convertIstioListenerToWrapper.
 */
export function hostSelections(hosts: readonly string[], namespace: string, { sidecarExclusions }: Behaviours): HostSelections {
  const byNamespace = new Map<string, { readonly imported: string[]; readonly excluded: string[] }>();
  for (const entry of hosts) {
    const [from, host, ...rest] = entry.split('/');
    if (from === undefined || host === undefined || rest.length > 0) continue;
    const isExclusion = sidecarExclusions && from.startsWith('~');
    const scope = isExclusion ? from.slice(1) || '*' : from;
    const key = scope === '.' ? namespace : scope;
    const known = byNamespace.get(key) ?? { imported: [], excluded: [] };
    (isExclusion ? known.excluded : known.imported).push(host);
    byNamespace.set(key, known);
  }
  return new Map(
    [...byNamespace].map(([key, { imported, excluded }]) => [
      key,
      { all: imported, exact: new Set(imported.filter((host) => !isWildcard(host))), excluded },
    ]),
  );
}

/** Whether all hosts are imported by their names from namespaces that are named. As allExactHosts of istio convertIstioListenerToWrapper. */
export function namesEachHost(selections: HostSelections): boolean {
  return [...selections].every(([namespace, { all }]) => all.length === 0 || (namespace !== '*' && !all.some(isWildcard)));
}

/** Whether a service of this hostname is imported: its name, or a wildcard that holds it, is among the hosts. */
export function importsService(imported: ImportedHosts, hostname: string): boolean {
  if (imported.exact.has(hostname)) return true;
  const wildcard = isWildcard(hostname);
  return imported.all.some((candidate) => (wildcard || isWildcard(candidate)) && hostCovers(candidate, hostname));
}
