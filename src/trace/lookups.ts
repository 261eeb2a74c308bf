import type {
  Cluster,
  ClusterLoadAssignment,
  Listener,
  ListenerFilterChainMatchPredicate,
  Route,
  RouteConfiguration,
  VirtualHost,
} from '../envoy/api.gen.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import { append } from '../util/collections.ts';
import { memo } from '../util/memo.ts';
import { compileExpression, type ExpressionCompiler } from '../util/re2.ts';
import { type ChainChooser, createChainChooser } from './filter-chain.ts';
import { createRouteIndex } from './http/route-index.ts';
import { createHostIndex, domainsOf, type FoundHost, formulaOfDomain, type HostDomain } from './http/virtual-hosts.ts';
import { createKnownNames, type KnownNames } from './known-names.ts';
import { createPortPredicate } from './port-predicate.ts';

/** Finds parts of snapshots by their names. */
export interface Lookups {
  cluster(snapshot: XdsSnapshot, name: string): Cluster | undefined;
  /** The endpoints of a cluster: discovered or its own. */
  assignment(snapshot: XdsSnapshot, cluster: Cluster): ClusterLoadAssignment | undefined;
  listener(snapshot: XdsSnapshot, name: string): Listener | undefined;
  /** The listeners that have the address with the port, in order. */
  listenersAt(snapshot: XdsSnapshot, address: string, port: number): readonly Listener[];
  /** Whether a predicate of a listener filter holds for a port. */
  matchesPort(predicate: ListenerFilterChainMatchPredicate, port: number): boolean;
  /** The filter chain of a listener for a connection. */
  readonly filterChain: ChainChooser;
  routes(snapshot: XdsSnapshot, name: string): RouteConfiguration | undefined;
  /** The virtual host for the host header of a request. */
  virtualHost(routes: RouteConfiguration, authority: string): FoundHost | undefined;
  /** The domains of its virtual hosts, in the order in which they are found. */
  domains(routes: RouteConfiguration): readonly HostDomain[];
  /** The routes of a virtual host that may take a path (without a query), in order. */
  routesFor(virtualHost: VirtualHost, path: string): readonly Route[];
  /** The names of a list, indexed. */
  knownNames(names: readonly string[]): KnownNames;
  /** The expressions of users, each compiled once. */
  readonly compile: ExpressionCompiler;
}

/** Lookups that make their indexes once for each part of a snapshot. */
export function createLookups(): Lookups {
  const compile = memo(compileExpression);
  const clusters = memo((list: readonly Cluster[]) => createFinder(list, ({ name }) => name));
  const assignments = memo((list: readonly ClusterLoadAssignment[]) => index(list, ({ clusterName }) => clusterName));
  const listeners = memo((list: readonly Listener[]) => index(list, ({ name }) => name));
  const listenersByPlace = memo((list: readonly Listener[]) => {
    const byPlace = new Map<string, Listener[]>();
    for (const listener of list) for (const place of placesOf(listener)) append(byPlace, place, listener);
    return byPlace;
  });
  const routes = memo((list: readonly RouteConfiguration[]) => index(list, ({ name }) => name));
  const hosts = memo((configuration: RouteConfiguration) => createHostIndex(configuration));
  const portPredicate = memo((predicate: ListenerFilterChainMatchPredicate) => createPortPredicate(predicate));
  // Most route configurations of a mesh have the same domains.
  const domainFormulas = memo(formulaOfDomain);
  const routeIndex = memo((virtualHost: VirtualHost) => createRouteIndex(virtualHost));
  return {
    cluster: (snapshot, name) => clusters(snapshot.clusters)(name),
    assignment(snapshot, cluster) {
      if (cluster.type !== 'EDS') return cluster.loadAssignment;
      if (snapshot.single !== undefined) return snapshot.single.endpointsOf(cluster);
      return assignments(snapshot.endpoints).get(cluster.edsClusterConfig?.serviceName ?? cluster.name);
    },
    listener: (snapshot, name) => listeners(snapshot.listeners).get(name),
    listenersAt: (snapshot, address, port) => listenersByPlace(snapshot.listeners).get(placeOf(address, port)) ?? [],
    matchesPort: (predicate, port) => portPredicate(predicate)(port),
    filterChain: createChainChooser(),
    routes: (snapshot, name) =>
      snapshot.single === undefined ? routes(snapshot.routes).get(name) : snapshot.single.routesNamed(name),
    routesFor: (virtualHost, path) => routeIndex(virtualHost).routesFor(path),
    virtualHost: (configuration, authority) => hosts(configuration).find(authority),
    domains: memo((configuration: RouteConfiguration) => domainsOf(configuration, domainFormulas)),
    knownNames: memo((names: readonly string[]) => createKnownNames(names, compile)),
    compile,
  };
}

function placesOf({ address, additionalAddresses = [] }: Listener): ReadonlySet<string> {
  const addresses = [address, ...additionalAddresses.map((additional) => additional.address)];
  return new Set(addresses.flatMap((own) => own?.socketAddress ?? []).map((own) => placeOf(own.address, own.portValue)));
}

function placeOf(address: string | undefined, port: number | undefined): string {
  return `${address} ${port}`;
}

/** The values by their names; of several with one name the first counts. */
function index<T>(values: readonly T[], nameOf: (value: T) => string | undefined): ReadonlyMap<string | undefined, T> {
  return new Map(values.toReversed().map((value) => [nameOf(value), value]));
}

/** So many times a list is looked through before it is worth an index. */
const SEARCHES_WITHOUT_INDEX = 12;

/** Finds values by their names; of several with one name the first counts. */
function createFinder<T>(values: readonly T[], nameOf: (value: T) => string | undefined): (name: string) => T | undefined {
  let searches = 0;
  const known = new Map<string, T | undefined>();
  const indexed = memo(() => index(values, nameOf));
  return (name) => {
    if (known.has(name)) return known.get(name);
    searches++;
    if (searches > SEARCHES_WITHOUT_INDEX) return indexed().get(name);
    const found = values.find((value) => nameOf(value) === name);
    known.set(name, found);
    return found;
  };
}
