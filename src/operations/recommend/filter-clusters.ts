import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import { isObject } from '../../util/object.ts';

/** Where routes are kept, and a name that only looks like that of a cluster. */
const PASSED_OVER: ReadonlySet<string> = new Set(['routeConfig', 'rds', 'statPrefix']);

/**
 * The outbound clusters that filters of a proxy send to by themselves, whatever requests ask for: authorizers, rate limits, tracers,
 * access logs, key sets. They are found as the names of clusters that stand anywhere in filters beside routes, so that nothing has to
 * know the filters. Of those that lead connections on (TcpProxy, RedisProxy and the like) only access logs count.
 */
export function clustersOfFilters({ listeners, clusters, extensionConfigs }: XdsSnapshot): readonly string[] {
  const known = new Set(clusters.map(({ name = '' }) => name).filter((name) => name.startsWith('outbound|')));
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value === 'string') {
      if (known.has(value)) found.add(value);
    } else if (Array.isArray(value)) {
      for (const member of value) visit(member);
    } else if (isObject(value)) {
      const type = value['@type'];
      if (typeof type === 'string' && type.endsWith('Proxy')) visit(value.accessLog);
      else for (const [name, member] of Object.entries(value)) if (!PASSED_OVER.has(name)) visit(member);
    }
  };
  visit(listeners);
  visit(extensionConfigs);
  return [...found].sort();
}
