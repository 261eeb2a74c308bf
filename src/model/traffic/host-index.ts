import { isWildcard, moreSpecific } from './host.ts';

/** Values by host name, exact and wildcard apart, for looking up the most specific one that matches a host. */
export interface HostIndex<V> {
  readonly exact: ReadonlyMap<string, V>;
  readonly wildcard: ReadonlyMap<string, V>;
}

/** The index of these entries; the first of equal hosts wins. */
export function buildHostIndex<V>(entries: Iterable<readonly [string, V]>): HostIndex<V> {
  const exact = new Map<string, V>();
  const wildcard = new Map<string, V>();
  for (const [host, value] of entries) {
    const table = isWildcard(host) ? wildcard : exact;
    if (!table.has(host)) table.set(host, value);
  }
  return { exact, wildcard };
}

/** The entry of the most specific host that covers `host`, if any; istio pilot/pkg/model/config.go MostSpecificHostMatch. */
export function mostSpecificMatch<V>(
  index: HostIndex<V>,
  host: string,
): { readonly host: string; readonly value: V } | undefined {
  const same = isWildcard(host) ? index.wildcard.get(host) : index.exact.get(host);
  if (same !== undefined) return { host, value: same };
  const tail = isWildcard(host) ? host.slice(1) : host;
  let best: { host: string; value: V } | undefined;
  for (const [candidate, value] of index.wildcard) {
    if (!tail.endsWith(candidate.slice(1))) continue;
    if (best === undefined || moreSpecific(candidate, best.host)) best = { host: candidate, value };
  }
  return best;
}
