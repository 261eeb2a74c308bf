import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import { isObject } from '../../util/object.ts';
import type { ChangesOf } from './proxy-changes.ts';
import { choosersIn } from './ways-to-clusters.ts';

/** Where a Service is reached as a whole: beside what its proxies are told, nodes may lead elsewhere. */
const OF_SERVICE = /^outbound\|\d+\|\|/;

/**
 * Whether nothing changes but clusters, with their endpoints, to which no request can get in a proxy: on neither side does anything else
 * that it has name them, be it a route, a filter chain, a copy of requests, a filter or another cluster, and all that it has goes only
 * where names are written. What a client writes (a header, the name that TLS asks for) may be the name of a cluster otherwise. Clusters of
 * whole Services are not among them, since more than proxies may change with these.
 */
export function areAllUnreached(
  changesOf: ChangesOf,
  snapshotsOf: (proxy: string) => readonly (XdsSnapshot | undefined)[],
): boolean {
  return [...changesOf].every(([proxy, changes]) => {
    const names = new Set(changes.map(({ change: { resource } }) => resource));
    const areAllClusters = changes.every(({ change: { type } }) => type === 'clusters' || type === 'endpoints');
    if (!areAllClusters || [...names].some((name) => OF_SERVICE.test(name))) return false;
    return snapshotsOf(proxy).every((snapshot) => snapshot !== undefined && isWithoutWayTo(names, snapshot));
  });
}

function isWithoutWayTo(names: ReadonlySet<string>, snapshot: XdsSnapshot): boolean {
  const wanted = [...names];
  const isSilent = (value: unknown): boolean => {
    if (typeof value === 'string') return !wanted.some((name) => value.includes(name));
    if (Array.isArray(value)) return value.every(isSilent);
    return !isObject(value) || Object.entries(value).every(([field, member]) => isSilent(field) && isSilent(member));
  };
  const { listeners, routes, extensionConfigs, clusters, endpoints } = snapshot;
  const others = clusters.filter(({ name = '' }) => !names.has(name));
  const otherEndpoints = endpoints.filter(({ clusterName = '' }) => !names.has(clusterName));
  return [listeners, routes, extensionConfigs, others, otherEndpoints].every(
    (part) => isSilent(part) && choosersIn(part).length === 0,
  );
}
