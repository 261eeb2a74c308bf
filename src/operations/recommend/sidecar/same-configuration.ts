import type { XdsSnapshot } from '../../../envoy/snapshot.ts';
import { isObject } from '../../../util/object.ts';
import { clustersOfFilters } from '../filter-clusters.ts';
import { type ClientPath, clientPathOf, type FollowedCall } from '../follow-calls.ts';

/** Fields by which a route leaves what is written: what they lead to is not known beforehand. */
const LEADING_ON: ReadonlySet<string> = new Set([
  'clusterHeader',
  'clusterSpecifierPlugin',
  'inlineClusterSpecifierPlugin',
  'internalRedirectPolicy',
]);

/**
 * Whether every request of a call, whatever its path, method and headers, meets the same configuration in both of the client's proxies:
 * the listener that takes it, the virtual host and all its routes, every cluster that these lead to with its endpoints, and the clusters
 * that filters use. The followed requests tell which these are; nothing else of a proxy has a say in what becomes of the call there.
 */
export function meetsSameConfiguration({ requests }: FollowedCall, before: XdsSnapshot, after: XdsSnapshot): boolean {
  const paths = requests.flatMap(({ request: { request }, outcomes }) =>
    outcomes.map((outcome) => clientPathOf(outcome, request.from)),
  );
  if (paths.length === 0 || !isSame(before.extensionConfigs, after.extensionConfigs)) return false;
  const [kept, left] = [clustersOfFilters(before), clustersOfFilters(after)];
  return (
    isSame(kept, left) &&
    kept.every((name) => isSameCluster(name, before, after)) &&
    paths.every((path) => path !== undefined && isSamePath(path, before, after))
  );
}

/** Whether all that arrives at a proxy from others meets the same configuration there. */
export function takesTheSame(before: XdsSnapshot, after: XdsSnapshot): boolean {
  const inbound = ({ listeners, clusters }: XdsSnapshot): unknown => [
    listeners.filter(({ trafficDirection }) => trafficDirection !== 'OUTBOUND'),
    clusters.filter(({ name = '' }) => !name.startsWith('outbound')),
  ];
  return isSame(inbound(before), inbound(after));
}

function isSamePath({ listeners, virtualHost, clusters }: ClientPath, before: XdsSnapshot, after: XdsSnapshot): boolean {
  const listener = (name: string): readonly unknown[] =>
    [before, after].map((snapshot) => snapshot.listeners.find((one) => one.name === name));
  if (listeners.length === 0 || !listeners.every((name) => isSame(...pair(listener(name))))) return false;
  if (virtualHost === undefined) return clusters.every((name) => isSameCluster(name, before, after));
  const routes = [before, after].map(({ routes }) => routes.find(({ name }) => name === virtualHost.routeConfiguration));
  const [
    { virtualHosts: earlier = [], ...rest } = { virtualHosts: undefined },
    { virtualHosts: later = [], ...others } = { virtualHosts: undefined },
  ] = routes;
  const one = earlier.find(({ name }) => name === virtualHost.name);
  if (
    one === undefined ||
    !isSame(rest, others) ||
    !isSame(
      one,
      later.find(({ name }) => name === virtualHost.name),
    )
  )
    return false;
  const { names, leadsOn } = clustersIn(one);
  return !leadsOn && names.every((name) => isSameCluster(name, before, after));
}

function pair(values: readonly unknown[]): readonly [unknown, unknown] {
  return [values[0], values[1]];
}

function isSameCluster(wanted: string, before: XdsSnapshot, after: XdsSnapshot): boolean {
  const parts = ({ clusters, endpoints }: XdsSnapshot): readonly unknown[] => {
    const cluster = clusters.find(({ name }) => name === wanted);
    const served = cluster?.edsClusterConfig?.serviceName ?? wanted;
    return [cluster, endpoints.find(({ clusterName }) => clusterName === served)];
  };
  return isSame(parts(before), parts(after));
}

/** The clusters that routes name, for requests and for their copies, and whether some lead elsewhere. */
function clustersIn(virtualHost: unknown): { readonly names: readonly string[]; readonly leadsOn: boolean } {
  const names = new Set<string>();
  let leadsOn = false;
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const member of value) visit(member);
    if (!isObject(value) || Array.isArray(value)) return;
    for (const [field, member] of Object.entries(value)) {
      if (LEADING_ON.has(field)) leadsOn = true;
      if (typeof member === 'string' && (field === 'cluster' || (field === 'name' && member.includes('|')))) names.add(member);
      visit(member);
    }
  };
  visit(virtualHost);
  return { names: [...names], leadsOn };
}

function isSame(one: unknown, other: unknown): boolean {
  return one !== undefined && JSON.stringify(one) === JSON.stringify(other);
}
