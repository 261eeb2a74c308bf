import { hostCovers, isWildcard } from '../model/traffic/host.ts';
import type { ImportedHosts } from '../model/traffic/virtual-services.ts';

/** The hosts that an egress listener imports, by the namespace they come from; `*` is every namespace. */
export type HostSelections = ReadonlyMap<string, ImportedHosts>;

/**
 * The hosts of an egress listener (`namespace/host`, `./host`, `*` + `/host`) by namespace; `namespace` stands for `.`.
 * Entries that are not of that form select nothing. As istio pilot/pkg/model/sidecar.go convertIstioListenerToWrapper.
 */
export function hostSelections(hosts: readonly string[], namespace: string): HostSelections {
  const byNamespace = new Map<string, string[]>();
  for (const entry of hosts) {
    const [from, host, ...rest] = entry.split('/');
    if (from === undefined || host === undefined || rest.length > 0) continue;
    const key = from === '.' ? namespace : from;
    byNamespace.set(key, [...(byNamespace.get(key) ?? []), host]);
  }
  return new Map([...byNamespace].map(([key, all]) => [key, { all, exact: new Set(all.filter((host) => !isWildcard(host))) }]));
}

/** Whether a service of this hostname is imported: its name, or a wildcard that holds it, is among the hosts. */
export function importsService(imported: ImportedHosts, hostname: string): boolean {
  if (imported.exact.has(hostname)) return true;
  const wildcard = isWildcard(hostname);
  return imported.all.some((candidate) => (wildcard || isWildcard(candidate)) && hostCovers(candidate, hostname));
}
