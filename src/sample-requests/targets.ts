import { isAny } from '../envoy/any.ts';
import type { Any, FilterChain, HttpConnectionManager, Listener, RouteConfiguration, VirtualHost } from '../envoy/api.gen.ts';
import { chainsOf } from '../envoy/filter-chains.ts';
import { policyName } from '../envoy/policy-name.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import { addAll } from '../util/collections.ts';
import { interner } from '../util/intern.ts';
import { isIpAddress, ofSameFamily } from '../util/ip-address.ts';
import { memo } from '../util/memo.ts';
import { visitObjects } from '../util/object.ts';
import { ANYBODY, conditionsOfPolicy, conditionsOfRoute, distinct, merge, type RequestConditions } from './request-conditions.ts';

/** A place that a proxy sends requests to, or takes them for. */
export interface Target {
  readonly scheme: 'http' | 'https' | 'tcp' | 'tls';
  /** Name of the host; an address where it has none. */
  readonly host: string;
  /** Where the connection goes; no address for gateways, whose own it is. */
  readonly ip: string | undefined;
  readonly port: number;
  readonly serverName?: string;
  /** What other names TLS asks for on the way there, of filter chains that do not look into HTTP. */
  readonly namesTaken?: readonly NamesTaken[];
  /** Requests that the proxy's routes tell apart. */
  readonly conditions: readonly RequestConditions[];
  /** Clusters that they can go to, and copies of them. */
  readonly clusters: readonly string[];
  /** The virtual hosts that take them; none where no HTTP is spoken. */
  readonly virtualHosts: readonly string[];
}

/** Server names that a filter chain takes. */
export interface NamesTaken {
  /** As the chain states them. */
  readonly names: readonly string[];
  /** Names that other chains take at the same addresses, where they fit better. */
  readonly others: readonly string[];
}

/** Requests of HTTP for a host at an address, where no configuration tells them apart; without an address, at that of the client's pod. */
export function plainTarget(host: string, ip: string | undefined, port: number): Target {
  return { scheme: 'http', host, ip, port, conditions: [{}], clusters: [], virtualHosts: [] };
}

/** Addresses of nobody (RFC 5737, RFC 3849), for hosts that are reached whatever their address. */
const SOMEWHERE: readonly string[] = ['198.51.100.1', '2001:db8::1'];

/** An address of nobody that a listener takes connections to, by where it listens. */
function somewhereBeyond(bound = ''): string {
  return ofSameFamily(SOMEWHERE, bound) ?? '';
}

/** Whether an address is one of those that stand for any. */
export function isSomewhere(ip: string): boolean {
  return SOMEWHERE.includes(ip);
}

const UNLISTED = 'unlisted.example.com';
const VIRTUAL_INBOUND_PORT = 15006;
const VIRTUAL = new Set(['virtualOutbound', 'virtualInbound']);
const HCM = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const HTTP_RBAC = 'type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC';
const NETWORK_RBAC = 'type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC';
const TCP_PROXY = 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy';

/** What configurations of a proxy (of several, any) have targets for, by a key that is the same in all of them. */
export function targetsOf(...snapshots: readonly XdsSnapshot[]): ReadonlyMap<string, Target> {
  return joinAll(
    snapshots.flatMap((snapshot) => listTargets(snapshot, makeParts).flat()),
    makeParts,
  );
}

/** Targets as `targetsOf` has them: what is made of parts that proxies share is made once, and proxies that share them all have one list. */
export function createTargetFinder(): (...snapshots: readonly XdsSnapshot[]) => readonly Target[] {
  const placeOf = interner<HostPlace>();
  const targetsOfHosts = memo((hosts: RouteTable, place: HostPlace) => makeParts.targetsOfHosts(hosts, place, parts));
  const parts: Parts = {
    targetsOfHosts: (hosts, place) => targetsOfHosts(hosts, placeOf(place)),
    factsOfHost: memo(makeParts.factsOfHost),
    joinConditions: memo(makeParts.joinConditions),
  };
  const opaqueOf = interner<readonly Target[]>();
  const joined = memo((...lists: readonly (readonly Target[])[]): readonly Target[] => [
    ...joinAll(lists.flat(), parts).values(),
  ]);
  return (...snapshots) => {
    const lists = snapshots
      .flatMap((snapshot) => listTargets(snapshot, parts))
      .map((list) => (list.some(({ virtualHosts }) => virtualHosts.length > 0) ? list : opaqueOf(list)));
    return joined(...lists);
  };
}

/** Makes what targets are made of. */
interface Parts {
  /** The targets of a route configuration at a filter chain. */
  targetsOfHosts(hosts: RouteTable, place: HostPlace, parts: Parts): readonly Target[];
  factsOfHost(virtualHost: VirtualHost): HostFacts;
  joinConditions(left: readonly RequestConditions[], right: readonly RequestConditions[]): readonly RequestConditions[];
}

/** A route configuration, whatever it is called. */
type RouteTable = Pick<RouteConfiguration, 'virtualHosts'>;

/** What a filter chain that looks into HTTP says of all its hosts. */
interface HostPlace {
  readonly isGateway: boolean;
  readonly isSecured: boolean;
  readonly serverName: string | undefined;
  readonly port: number;
  readonly ip: string | undefined;
  readonly bound: string | undefined;
}

/** What a virtual host says of its target wherever it stands. */
type HostFacts = Pick<Target, 'host' | 'conditions' | 'clusters' | 'virtualHosts'> & { readonly address: string | undefined };

function joinAll(all: readonly Target[], parts: Parts): ReadonlyMap<string, Target> {
  const targets = new Map<string, Target>();
  for (const target of all) {
    const key = targetKey(target);
    const known = targets.get(key);
    targets.set(key, known === undefined ? target : joinTargets(known, target, parts));
  }
  return targets;
}

/** The targets of each filter chain that has some. */
function listTargets(snapshot: XdsSnapshot, parts: Parts): readonly (readonly Target[])[] {
  // Nobody's requests begin at a waypoint.
  if (snapshot.proxy.type === 'waypoint') return [];
  const isGateway = snapshot.proxy.type === 'gateway';
  const routes = new Map(snapshot.routes.toReversed().map((configuration) => [configuration.name, configuration]));
  return listenersOfTargets(snapshot).flatMap((listener) =>
    chainsOf(listener)
      .map((chain) => targetsOfChain(chain, listener, routes, isGateway, parts))
      .filter(({ length }) => length > 0),
  );
}

/** The listeners of a proxy that requests come to which begin there. */
function listenersOfTargets({ proxy, listeners }: XdsSnapshot): readonly Listener[] {
  const isGateway = proxy.type === 'gateway';
  return listeners.filter(
    (listener) => (listener.trafficDirection !== 'INBOUND' || isGateway) && !isOfTunnels(listener) && !isRefused(listener),
  );
}

/** A filter chain that does not look into HTTP, and the target that it makes. */
export interface OpaqueChain {
  readonly listener: Listener;
  readonly chain: FilterChain;
  readonly target: Target;
}

/** The filter chains of a proxy that do not look into HTTP, those included that let pass what nobody knows. */
export function opaqueChainsOf(snapshot: XdsSnapshot): readonly OpaqueChain[] {
  if (snapshot.proxy.type === 'waypoint') return [];
  return listenersOfTargets(snapshot).flatMap((listener) =>
    chainsOf(listener).flatMap((chain) => {
      const target = opaqueTarget(chain, listener, snapshot.proxy.type === 'gateway');
      return target === undefined ? [] : [{ listener, chain, target }];
    }),
  );
}

/** Whether tunnels (HBONE) begin or end there: nobody sends requests to it. */
function isOfTunnels({ internalListener, name }: Listener): boolean {
  return internalListener !== undefined || name === 'connect_terminate';
}

/** Whether Envoy refuses the listener for its address, so that nobody listens: Kubernetes takes some that Envoy does not (10.96.01.2). */
function isRefused({ address }: Listener): boolean {
  const bound = address?.socketAddress?.address;
  return bound !== undefined && !isIpAddress(bound);
}

/** The route configurations of a proxy by their names. */
type Routes = ReadonlyMap<string | undefined, RouteConfiguration>;

/** Equal for targets that a client reaches in the same way: of what does not look into HTTP, each address may be another way. */
function targetKey({ scheme, host, ip = '', port, serverName = '' }: Target): string {
  const isOpaque = scheme === 'tcp' || scheme === 'tls';
  return [scheme, host, port, serverName, isOpaque && !SOMEWHERE.includes(ip) ? ip : ''].join(' ');
}

/** Both, of one key. */
function joinTargets(left: Target, right: Target, parts: Parts): Target {
  return {
    ...left,
    ...(right.ip !== undefined && !SOMEWHERE.includes(right.ip) && { ip: right.ip }),
    conditions: parts.joinConditions(left.conditions, right.conditions),
    clusters: [...new Set([...left.clusters, ...right.clusters])],
    virtualHosts: [...new Set([...left.virtualHosts, ...right.virtualHosts])],
    ...joinNames(left, right),
  };
}

function joinNames({ namesTaken: left = [] }: Target, { namesTaken: right = [] }: Target): Pick<Target, 'namesTaken'> {
  const namesTaken = [...new Map([...left, ...right].map((taken) => [JSON.stringify(taken), taken])).values()];
  return namesTaken.length === 0 ? {} : { namesTaken };
}

function targetsOfChain(
  chain: FilterChain,
  listener: Listener,
  routes: Routes,
  isGateway: boolean,
  parts: Parts,
): readonly Target[] {
  const socket = listener.address?.socketAddress;
  const port = chain.filterChainMatch?.destinationPort ?? socket?.portValue ?? 0;
  const [serverName] = (chain.filterChainMatch?.serverNames ?? []).map(concrete);
  for (const { typedConfig } of chain.filters ?? []) {
    if (isAny(typedConfig, HCM)) {
      if (VIRTUAL.has(listener.name ?? '')) return [];
      const isSecured = chain.transportSocket !== undefined;
      const ip = isGateway ? undefined : ownAddress(chain, socket?.address);
      const place = { isGateway, isSecured, serverName, port, ip, bound: socket?.address };
      const hosts = typedConfig.routeConfig ?? routes.get(typedConfig.rds?.routeConfigName);
      return hosts === undefined ? [] : parts.targetsOfHosts(hosts, place, parts);
    }
    if (isAny(typedConfig, TCP_PROXY)) {
      const target = opaqueTarget(chain, listener, isGateway);
      return target !== undefined && isForKnown(target) ? [target] : [];
    }
  }
  return [];
}

/** Makes each part anew. */
const makeParts: Parts = {
  targetsOfHosts({ virtualHosts = [] }, { isGateway, isSecured, serverName, port, ip, bound }, parts) {
    // One without domains, as patches can add it, takes no requests.
    const hosts = virtualHosts.filter(({ domains = [] }) => domains.length > 0);
    return hosts.map((virtualHost): Target => {
      const { host, address, conditions, clusters, virtualHosts: names } = parts.factsOfHost(virtualHost);
      const name = isSecured ? (serverName?.startsWith('x.') === false ? serverName : host) : undefined;
      return {
        scheme: isSecured ? 'https' : 'http',
        host,
        ip: isGateway ? undefined : (ip ?? address ?? somewhereBeyond(bound)),
        port,
        ...(name !== undefined && { serverName: name }),
        conditions,
        clusters,
        virtualHosts: names,
      };
    });
  },
  factsOfHost: (virtualHost) => ({
    ...hostOf(virtualHost),
    conditions: distinct(
      (virtualHost.routes ?? []).flatMap(({ match }) => (match === undefined ? [] : conditionsOfRoute(match))),
    ),
    clusters: clustersOfHost(virtualHost),
    virtualHosts: [virtualHost.name ?? ''],
  }),
  joinConditions: (left, right) => distinct([...left, ...right]),
};

/** Whether connections to a target go to places that are known. */
export function isForKnown({ clusters }: Pick<Target, 'clusters'>): boolean {
  return !clusters.every((name) => name === 'PassthroughCluster' || name === 'BlackHoleCluster');
}

/** The clusters of a chain that passes bytes on; undefined for one that looks into HTTP, or does neither. */
function clustersOfTcp({ filters = [] }: FilterChain): readonly string[] | undefined {
  const config = filters.map(({ typedConfig }) => typedConfig).find((one) => isAny(one, HCM) || isAny(one, TCP_PROXY));
  if (!isAny(config, TCP_PROXY)) return undefined;
  const { cluster, weightedClusters } = config;
  const clusters = [cluster, ...(weightedClusters?.clusters ?? []).map(({ name }) => name)];
  return clusters.flatMap((name) => (name === undefined || name === '' ? [] : [name]));
}

/** The target of a chain that does not look into HTTP. */
function opaqueTarget(chain: FilterChain, listener: Listener, isGateway: boolean): Target | undefined {
  const { filterChainMatch } = chain;
  const named = clustersOfTcp(chain);
  if (named === undefined || VIRTUAL.has(listener.name ?? '')) return undefined;
  const socket = listener.address?.socketAddress;
  const names = namesOfChain(chain);
  const [serverName] = names.map(concrete);
  const address = isGateway ? undefined : (ownAddress(chain, socket?.address) ?? somewhereBeyond(socket?.address));
  return {
    scheme: serverName === undefined ? 'tcp' : 'tls',
    host: serverName ?? serviceOf(named[0]) ?? address ?? '',
    ip: address,
    port: filterChainMatch?.destinationPort ?? socket?.portValue ?? 0,
    ...(serverName !== undefined && { serverName, namesTaken: [{ names, others: betterNames(chain, names, listener) }] }),
    conditions: [{}],
    clusters: named,
    virtualHosts: [],
  };
}

/** The names that a chain asks for, as they are compared. */
export function namesOfChain({ filterChainMatch }: FilterChain): readonly string[] {
  return (filterChainMatch?.serverNames ?? []).map((name) => name.toLowerCase());
}

/** Names below the wildcards of a chain that other chains of its kind for the same addresses state. */
function betterNames(chain: FilterChain, names: readonly string[], listener: Listener): readonly string[] {
  const endings = names.flatMap((name) => (name.startsWith('*.') ? [name.slice(1)] : []));
  if (endings.length === 0) return [];
  const addresses = addressesKey(chain);
  const isBetter = (name: string): boolean => !names.includes(name) && endings.some((ending) => name.endsWith(ending));
  const found = chainsOf(listener).flatMap((other) => {
    const better = other === chain ? [] : namesOfChain(other).filter(isBetter);
    return better.length > 0 && isOfTcp(other) && addressesKey(other) === addresses ? better : [];
  });
  return [...new Set(found)].sort();
}

/** Equal for chains that differ in names alone. */
function addressesKey({ filterChainMatch = {} }: FilterChain): string {
  return JSON.stringify(Object.entries({ ...filterChainMatch, serverNames: undefined }).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether a chain passes connections on to places that are known, and does not look into HTTP. */
function isOfTcp(chain: FilterChain): boolean {
  const clusters = clustersOfTcp(chain);
  return clusters !== undefined && isForKnown({ clusters });
}

/** The address that a chain or its listener is for; undefined where it is for all. */
function ownAddress(chain: FilterChain, bound: string | undefined): string | undefined {
  const range = chain.filterChainMatch?.prefixRanges?.[0];
  if (range?.addressPrefix !== undefined) return range.addressPrefix;
  return bound === undefined || bound === '0.0.0.0' || bound === '::' || bound === '127.0.0.1' || bound === '::1'
    ? undefined
    : bound;
}

/** The name that clients use, and the address where one stands among the domains. */
function hostOf({ domains = [] }: VirtualHost): { readonly host: string; readonly address: string | undefined } {
  const names = domains.map((domain) => domain.replace(/:(\d+|\*)$/, ''));
  const address = names.find((name) => /^\d+\.\d+\.\d+\.\d+$/.test(name));
  const name = names.find((candidate) => candidate !== address);
  return { host: name === undefined ? (address ?? UNLISTED) : concrete(name), address };
}

/** A name that a wildcard stands for. */
function concrete(name: string): string {
  return name === '*' ? UNLISTED : name.replace(/^\*/, 'x');
}

/** The clusters that requests to a virtual host can go to, and copies of them. */
function clustersOfHost({ routes = [], requestMirrorPolicies = [] }: VirtualHost): string[] {
  const ofRoutes = routes.flatMap(({ route }) => {
    const weighted = (route?.weightedClusters?.clusters ?? []).map(({ name }) => name);
    const copies = (route?.requestMirrorPolicies ?? []).map(({ cluster }) => cluster);
    return [route?.cluster, ...weighted, ...copies];
  });
  const copies = requestMirrorPolicies.map(({ cluster }) => cluster);
  return [...new Set([...ofRoutes, ...copies].filter((name) => name !== undefined))];
}

/** The host in a name like `outbound|80|v1|host`, or `outbound_.80_.v1_.host`. */
function serviceOf(cluster: string | undefined): string | undefined {
  const parts = cluster?.includes('|') ? cluster.split('|') : (cluster?.split('_.') ?? []);
  return parts.length >= 4 ? parts[3] : undefined;
}

/** The ports of the workload that the proxy has filter chains for, or that its policies name. */
export function inboundPortsOf({ listeners }: XdsSnapshot): readonly number[] {
  const ports = new Set<number>();
  visitObjects(listeners.find(({ name }) => name === 'virtualInbound')?.filterChains, ({ destinationPort }) => {
    if (typeof destinationPort === 'number') ports.add(destinationPort);
  });
  return [...ports].filter((port) => port !== VIRTUAL_INBOUND_PORT);
}

/** Requests that policies and token checks of a proxy tell apart. */
export function policyConditionsOf({ listeners }: XdsSnapshot): readonly RequestConditions[] {
  const conditions: RequestConditions[] = [];
  for (const listener of listeners) {
    for (const { filters = [] } of chainsOf(listener)) {
      for (const { typedConfig } of filters) {
        if (!isAny(typedConfig, HCM)) continue;
        for (const filter of typedConfig.httpFilters ?? []) addAll(conditions, conditionsOfFilter(filter.typedConfig));
      }
    }
  }
  return distinct(conditions);
}

/** The policies that allow requests to a proxy, or to one of its filter chains, `namespace/name`, so that others are refused. */
export function allowPoliciesOf({ listeners }: XdsSnapshot, chain?: string): readonly string[] {
  const names = new Set<string>();
  const collect = (config: Any | undefined): void => {
    if (!isAny(config, HTTP_RBAC) && !isAny(config, NETWORK_RBAC)) return;
    const { action = 'ALLOW', policies = {} } = config.rules ?? {};
    if (action !== 'ALLOW') return;
    for (const key of Object.keys(policies)) names.add(policyName(key)?.name ?? key);
  };
  for (const { filterChains = [] } of listeners) {
    const chains = chain === undefined ? filterChains : filterChains.filter(({ name }) => name === chain);
    for (const { typedConfig } of chains.flatMap(({ filters = [] }) => filters)) {
      collect(typedConfig);
      if (isAny(typedConfig, HCM)) for (const filter of typedConfig.httpFilters ?? []) collect(filter.typedConfig);
    }
  }
  return [...names].sort();
}

/** Requests that a filter of policies or token checks tells apart. */
export function conditionsOfFilter(
  config: NonNullable<HttpConnectionManager['httpFilters']>[number]['typedConfig'],
): readonly RequestConditions[] {
  if (isAny(config, HTTP_RBAC)) {
    const policies = Object.values(config.rules?.policies ?? {});
    return policies.flatMap((policy) => {
      const conditions = conditionsOfPolicy(policy);
      // A request with what the rule wants and another path, and one with its path and nothing else, are near it and outside.
      return conditions.flatMap((conditions) => [
        conditions,
        ...(conditions.path !== undefined ? [{ path: conditions.path }] : []),
      ]);
    });
  }
  if (isAny(config, 'type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication')) {
    return Object.values(config.providers ?? {}).flatMap(({ issuer, audiences }) => {
      if (issuer === undefined) return [];
      const [audience] = audiences ?? [];
      const claims = [[['iss'], issuer] as const, [['sub'], ANYBODY] as const];
      const all = audience === undefined ? claims : [...claims, [['aud'], audience] as const];
      const token: RequestConditions = { claims: all, isTaken: true };
      return [token, merge(token, { path: '/' })];
    });
  }
  return [];
}
