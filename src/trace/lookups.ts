import type { Cluster, ClusterLoadAssignment, Listener, RouteConfiguration, VirtualHost } from '../envoy/api.gen.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import { append } from '../util/collections.ts';
import { memo } from '../util/memo.ts';
import { createHostIndex, type FoundHost, type HostIndex } from './http/virtual-hosts.ts';

/** Finds parts of snapshots by their names. */
export interface Lookups {
  cluster(snapshot: XdsSnapshot, name: string): Cluster | undefined;
  /** The endpoints of a cluster: discovered or its own. */
  assignment(snapshot: XdsSnapshot, cluster: Cluster): ClusterLoadAssignment | undefined;
  listener(snapshot: XdsSnapshot, name: string): Listener | undefined;
  /** The listeners that have an address with the port, in order. */
  listenersAt(snapshot: XdsSnapshot, port: number): readonly Listener[];
  routes(snapshot: XdsSnapshot, name: string): RouteConfiguration | undefined;
  /** The virtual host for the host header of a request. */
  virtualHost(routes: RouteConfiguration, authority: string): FoundHost<VirtualHost> | undefined;
}

/** Lookups that make their indexes once for each part of a snapshot. */
export function createLookups(): Lookups {
  const clusters = memo((list: readonly Cluster[]) => index(list, ({ name }) => name));
  const assignments = memo((list: readonly ClusterLoadAssignment[]) => index(list, ({ clusterName }) => clusterName));
  const listeners = memo((list: readonly Listener[]) => index(list, ({ name }) => name));
  const listenersByPort = memo((list: readonly Listener[]) => {
    const byPort = new Map<number | undefined, Listener[]>();
    for (const listener of list) for (const port of portsOf(listener)) append(byPort, port, listener);
    return byPort;
  });
  const routes = memo((list: readonly RouteConfiguration[]) => index(list, ({ name }) => name));
  const hosts = memo((configuration: RouteConfiguration): HostIndex<VirtualHost> => createHostIndex(configuration));
  return {
    cluster: (snapshot, name) => clusters(snapshot.clusters).get(name),
    assignment(snapshot, cluster) {
      if (cluster.type !== 'EDS') return cluster.loadAssignment;
      return assignments(snapshot.endpoints).get(cluster.edsClusterConfig?.serviceName ?? cluster.name);
    },
    listener: (snapshot, name) => listeners(snapshot.listeners).get(name),
    listenersAt: (snapshot, port) => listenersByPort(snapshot.listeners).get(port) ?? [],
    routes: (snapshot, name) => routes(snapshot.routes).get(name),
    virtualHost: (configuration, authority) => hosts(configuration).find(authority),
  };
}

function portsOf({ address, additionalAddresses = [] }: Listener): ReadonlySet<number | undefined> {
  const addresses = [address, ...additionalAddresses.map((additional) => additional.address)];
  return new Set(addresses.map((own) => own?.socketAddress?.portValue));
}

/** The values by their names; of several with one name the first counts. */
function index<T>(values: readonly T[], nameOf: (value: T) => string | undefined): ReadonlyMap<string | undefined, T> {
  return new Map(values.toReversed().map((value) => [nameOf(value), value]));
}
