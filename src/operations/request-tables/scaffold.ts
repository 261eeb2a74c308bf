import { isAny } from '../../envoy/any.ts';
import type { HeaderMatcher, Listener, Route, RouteConfiguration, StringMatcher, VirtualHost } from '../../envoy/api.gen.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import { virtualHostsAtWaypoint } from '../../sample-requests/waypoint.ts';
import { type DataPlane, podAt, podKey, podNamed, seenFrom } from '../../trace/data-plane.ts';
import { observed } from '../../trace/expectation.ts';
import { entryOf } from '../../trace/first-proxy.ts';
import type { TracePod } from '../../trace/pod.ts';
import { type TableRequest, toTraceRequest } from '../../trace/table.ts';
import { traceRequest } from '../../trace/trace.ts';
import type { ZtunnelDirectory } from '../../trace/ztunnel/directory.ts';
import { formatHostPort } from '../../util/host-port.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { setOwn } from '../../util/object.ts';
import { gatewayOf, OUTSIDE, unknownAddress } from '../../workbench/addresses.ts';
import type { Surroundings } from '../../workbench/surroundings.ts';
import { isOfWaypoint, waypointBefore } from '../../workbench/waypoint-before.ts';
import { createSharing, type Traced } from '../reachability/alike-callers.ts';
import { standInsOf } from '../reachability/workloads.ts';

/**
 * A request table of what a mesh does now: for every client, that outside of the gateways (or of the one that
 * is named) first, a request for each route and TCP port that it has.
 */
export function scaffoldTable(surroundings: Surroundings, gateway?: string): readonly TableRequest[] {
  const { dataPlane, namespace } = surroundings;
  // From outside, an address that pods of several clusters have leads nowhere in particular.
  const gateways = dataPlane.pods.filter(
    (pod) => pod.proxy === 'gateway' && pod.ips.every((ip) => isOfOneCluster(ip, dataPlane)),
  );
  const wanted = gatewayOf(gateway, dataPlane, namespace);
  const fromOutside = gateways
    .filter((pod) => wanted === undefined || workloadKey(pod) === workloadKey(wanted))
    .flatMap((pod) => gatewayRequests(OUTSIDE, pod, dataPlane));
  const requests = uniqueRequests([
    ...fromOutside,
    ...clientsOf(dataPlane).flatMap((client) => requestsOf(client, surroundings)),
  ]);
  const sharing = createSharing<TableRequest['expect']>(dataPlane);
  return requests.map((request) => {
    const { from, ...sent } = request;
    const client = podNamed(dataPlane, from);
    const find = (plane: DataPlane): Traced<TableRequest['expect']> => {
      const outcomes = traceRequest(plane, { ...toTraceRequest({ ...request, isWithoutNodes: true }), isBrief: true });
      const entry = entryOf(seenFrom(plane, client), client, request.to);
      return { result: expectationOf(outcomes.map((outcome) => observed(outcome, entry))), outcomes };
    };
    const isShared = client !== undefined && client.proxy !== 'none';
    const expect = isShared ? sharing.find(client, [sharing, JSON.stringify(sent)], find) : find(dataPlane).result;
    return { ...request, expect };
  });
}

/** One pod of each workload, and one pod without a proxy for what comes from outside. As in graphs, a pod can stand for many alike. */
function clientsOf(dataPlane: DataPlane): TracePod[] {
  const standIns = standInsOf(dataPlane);
  const seen = new Set<string>();
  return dataPlane.pods.filter((pod) => {
    if ((standIns.get(podKey(pod)) ?? podKey(pod)) !== podKey(pod)) return false;
    const key = `${workloadKey(pod)}/${pod.proxy}`;
    return pod.proxy !== 'gateway' && pod.proxy !== 'waypoint' && !seen.has(key) && seen.add(key);
  });
}

function workloadKey({ cluster, namespace, workloadName }: TracePod): string {
  return podKey({ cluster, namespace, name: workloadName });
}

function isOfOneCluster(ip: string, { pods }: DataPlane): boolean {
  return new Set(pods.filter(({ ips }) => ips.includes(ip)).map(({ cluster }) => cluster)).size < 2;
}

function uniqueRequests(requests: readonly TableRequest[]): TableRequest[] {
  return [...new Map(requests.map((request) => [JSON.stringify(request), request])).values()];
}

function expectationOf(seen: readonly ReturnType<typeof observed>[]): TableRequest['expect'] {
  const [first] = seen;
  if (first === undefined) return {};
  const same = (Object.keys(first) as (keyof typeof first)[]).filter((key) => seen.every((other) => other[key] === first[key]));
  const expectation = Object.fromEntries(same.map((key) => [key, first[key]]));
  const pods = [...new Set(seen.map(({ pod }) => pod))].filter((pod) => pod !== null);
  return same.includes('pod') || pods.length === 0 || seen.some(({ pod }) => pod === null)
    ? expectation
    : { ...expectation, pod: pods };
}

function requestsOf(client: TracePod, { dataPlane, resolve, isOfSeveral }: Surroundings): TableRequest[] {
  if (dataPlane.ztunnel?.captured(client) !== undefined) return ambientRequests(client, dataPlane, dataPlane.ztunnel);
  if (client.proxy === 'none') return inboundRequests(client, dataPlane);
  const snapshot = dataPlane.snapshotOf(client);
  return (snapshot?.listeners ?? []).flatMap((listener) => {
    const { address = '', portValue: port = 0 } = listener.address?.socketAddress ?? {};
    if (snapshot === undefined || listener.name === 'virtualInbound' || listener.name === 'virtualOutbound') return [];
    // An address that Kubernetes takes and Envoy does not (10.96.01.2) is one that nobody listens at.
    if (listener.bindToPort !== false || !isIpAddress(address) || !isPort(port)) return [];
    const routes = routesOf(listener, snapshot, dataPlane);
    if (routes.length === 0)
      return address === '0.0.0.0' || address === '::'
        ? []
        : [{ from: podKey(client), to: formatHostPort(address, port), expect: {} }];
    return routes.flatMap((configuration) =>
      (configuration.virtualHosts ?? []).flatMap((virtualHost) => {
        const host = exampleHost(virtualHost.domains);
        if (host === undefined) return [];
        const own = virtualHost.domains.find((domain) => isIpAddress(domain));
        const found = own === undefined ? resolve(host.replace(/:\d+$/, ''), port, client) : { ip: own };
        // A name that the cluster of the client does not know is not called there.
        if ('unresolved' in found && isOfSeveral) return [];
        // Proxies route by the host of a request, whatever its address.
        const ip = 'unresolved' in found ? unknownAddress(client) : found.ip;
        return examples(virtualHost).map((example) => ({
          from: podKey(client),
          to: formatHostPort(ip, port),
          host: withPort(host, port),
          ...example,
          expect: {},
        }));
      }),
    );
  });
}

/** Whether a connection can be made to a port; configuration can name others. */
function isPort(port: number): boolean {
  return port > 0 && port <= 65_535;
}

function withPort(host: string, port: number): string {
  return /:\d+$/.test(host) || port === 80 ? host : `${host}:${port}`;
}

/**
 * Requests from a client whose connections ztunnel takes: to each port of each service that has an address, for each route of the
 * waypoint before it.
 */
function ambientRequests(client: TracePod, dataPlane: DataPlane, ztunnel: ZtunnelDirectory): TableRequest[] {
  return ztunnel.services.flatMap((service) => {
    const { hostname, ports, vips } = service;
    const [ip] = vips;
    if (ip === undefined || isOfWaypoint(service, dataPlane)) return [];
    const waypoint = waypointBefore(service, dataPlane);
    return [...ports.keys()].flatMap((port): TableRequest[] => {
      const request = { from: podKey(client), to: formatHostPort(ip, port), expect: {} };
      const virtualHosts = waypoint === undefined ? [] : virtualHostsAtWaypoint(waypoint, hostname, port);
      const host = withPort(hostname.startsWith('*') ? `any${hostname.slice(1)}` : hostname, port);
      if (virtualHosts.length === 0) return [{ ...request, host }];
      return virtualHosts.flatMap((virtualHost) => examples(virtualHost).map((example) => ({ ...request, host, ...example })));
    });
  });
}

/** Requests from a client without a proxy: to the ports of sidecars, and to the hosts of gateways. */
function inboundRequests(client: TracePod, dataPlane: DataPlane): TableRequest[] {
  return dataPlane.pods.flatMap((pod) => {
    const snapshot = dataPlane.snapshotOf(pod);
    const [ip = ''] = pod.ips;
    if (snapshot === undefined || podAt(seenFrom(dataPlane, client), ip)?.cluster !== pod.cluster) return [];
    if (pod.proxy === 'sidecar')
      return pod.ports.map((port) => ({
        from: podKey(client),
        to: formatHostPort(ip, port),
        host: pod.workloadName,
        expect: {},
      }));
    return gatewayRequests(podKey(client), pod, dataPlane);
  });
}

/** Requests to the hosts of a gateway. */
function gatewayRequests(from: string, pod: TracePod, dataPlane: DataPlane): TableRequest[] {
  const snapshot = dataPlane.snapshotOf(pod);
  const [ip = ''] = pod.ips;
  return (snapshot?.listeners ?? []).flatMap((listener) => {
    const port = listener.address?.socketAddress?.portValue ?? 0;
    if (snapshot === undefined || !isPort(port)) return [];
    const isTls = (listener.filterChains ?? []).some(({ transportSocket }) => transportSocket !== undefined);
    return routesOf(listener, snapshot, dataPlane).flatMap((configuration) =>
      (configuration.virtualHosts ?? []).flatMap((virtualHost) => {
        const host = exampleHost(virtualHost.domains);
        const scheme = isTls ? ({ scheme: 'https' } as const) : {};
        if (host === undefined) return [];
        return examples(virtualHost).map((example) => ({
          from,
          to: formatHostPort(ip, port),
          host,
          ...scheme,
          ...example,
          expect: {},
        }));
      }),
    );
  });
}

function routesOf(listener: Listener, snapshot: XdsSnapshot, { lookups }: DataPlane): RouteConfiguration[] {
  const chains = [
    ...(listener.filterChains ?? []),
    ...(listener.defaultFilterChain === undefined ? [] : [listener.defaultFilterChain]),
  ];
  return chains.flatMap(({ filters = [] }) =>
    filters.flatMap(({ typedConfig }) => {
      if (
        !isAny(
          typedConfig,
          'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
        )
      )
        return [];
      const found = typedConfig.routeConfig ?? lookups.routes(snapshot, typedConfig.rds?.routeConfigName ?? '');
      return found === undefined ? [] : [found];
    }),
  );
}

function exampleHost(domains: readonly string[]): string | undefined {
  const named = domains.find((domain) => !isIpAddress(domain) && domain !== '*');
  if (named !== undefined) return named.startsWith('*') ? `any${named.slice(1)}` : named.replace(/\*$/, 'any');
  return domains.includes('*') ? 'unknown.example' : undefined;
}

type Example = Pick<TableRequest, 'path' | 'method' | 'headers'>;

/** A request for each route whose conditions an example can be made for. */
function examples({ routes = [] }: VirtualHost): Example[] {
  return routes.map(exampleOf).filter((example) => example !== undefined);
}

function exampleOf({ match = {} }: Route): Example | undefined {
  if (match.safeRegex !== undefined || match.connectMatcher !== undefined || match.pathMatchPolicy !== undefined)
    return undefined;
  const headers: Record<string, string> = {};
  let method: string | undefined;
  for (const matcher of match.headers ?? []) {
    if (matcher.invertMatch === true) continue;
    const value = exampleText(matcher);
    if (value === undefined) return undefined;
    if (matcher.name === ':method') method = value;
    else if (!matcher.name?.startsWith(':')) setOwn(headers, matcher.name ?? '', value);
  }
  const query: string[] = [];
  for (const { name, stringMatch } of match.queryParameters ?? []) {
    const value = stringMatch === undefined ? '1' : exampleString(stringMatch);
    if (value === undefined) return undefined;
    query.push(`${name}=${value}`);
  }
  const path = `${match.path ?? match.pathSeparatedPrefix ?? match.prefix ?? '/'}${query.length === 0 ? '' : `?${query.join('&')}`}`;
  return {
    ...(path === '/' ? {} : { path }),
    ...(method === undefined ? {} : { method }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
  };
}

function exampleText({ stringMatch, exactMatch, presentMatch }: HeaderMatcher): string | undefined {
  if (stringMatch !== undefined) return exampleString(stringMatch);
  return exactMatch ?? (presentMatch === true ? 'x' : undefined);
}

function exampleString({ exact, prefix, suffix, contains }: StringMatcher): string | undefined {
  return exact ?? prefix ?? suffix ?? contains;
}
