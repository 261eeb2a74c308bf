import { isAny } from '../../envoy/any.ts';
import type { Listener, RouteConfiguration, VirtualHost } from '../../envoy/api.gen.ts';
import { chainsOf } from '../../envoy/filter-chains.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import { virtualHostsAtWaypoint } from '../../sample-requests/waypoint.ts';
import { type DataPlane, podAt, podKey, podNamed, seenFrom } from '../../trace/data-plane.ts';
import { observed } from '../../trace/expectation.ts';
import { entryOf } from '../../trace/first-proxy.ts';
import type { TracePod } from '../../trace/pod.ts';
import { type TableRequest, toTraceRequest } from '../../trace/table.ts';
import { traceRequest } from '../../trace/trace.ts';
import type { ZtunnelDirectory } from '../../trace/ztunnel/directory.ts';
import { formatHostPort, isPort, parseHostPort } from '../../util/host-port.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { memo } from '../../util/memo.ts';
import { mapTold, type OnProgress } from '../../util/progress.ts';
import { gatewayOf, OUTSIDE, unknownAddress } from '../../workbench/addresses.ts';
import type { Surroundings } from '../../workbench/surroundings.ts';
import { isOfWaypoint, waypointBefore } from '../../workbench/waypoint-before.ts';
import { createSharing, type Traced } from '../reachability/alike-callers.ts';
import { standInsOf } from '../reachability/workloads.ts';
import { linesForChains } from './chain-connections.ts';
import { LAST_STATUS } from './request-table.ts';
import { createRouteExamples, type RouteExamples } from './route-examples.ts';
import { type FollowedLine, followed, linesForUnmet, type WrittenLine, withToken } from './unmet-parts.ts';

/**
 * A request table of what a mesh does now: for every client, that outside of the gateways (or of the one that
 * is named) first, a request for each route and TCP port that it has; then requests for policies and other parts that none of these meets.
 * `onProgress` is told of each request.
 */
export function scaffoldTable(surroundings: Surroundings, gateway?: string, onProgress?: OnProgress): readonly WrittenLine[] {
  const { dataPlane, namespace } = surroundings;
  const examples = createRouteExamples();
  const clients = clientsOf(dataPlane);
  // From outside, an address that pods of several clusters have leads nowhere in particular.
  const gateways = dataPlane.pods.filter(
    (pod) => pod.proxy === 'gateway' && pod.ips.every((ip) => isOfOneCluster(ip, dataPlane)),
  );
  const wanted = gatewayOf(gateway, dataPlane, namespace);
  const fromOutside = gateways
    .filter((pod) => wanted === undefined || workloadKey(pod) === workloadKey(wanted))
    .flatMap((pod) => gatewayRequests(OUTSIDE, pod, dataPlane, examples));
  const requests = uniqueRequests([...fromOutside, ...clients.flatMap((client) => requestsOf(client, surroundings, examples))]);
  const sharing = createSharing<TableRequest['expect']>(dataPlane);
  const about = memo((_kind: object, _sent: string): object => ({}));
  const lines: FollowedLine[] = [];
  const expected = (line: WrittenLine): WrittenLine => {
    const { from, ...sent } = line;
    const client = podNamed(dataPlane, from);
    const find = (plane: DataPlane): Traced<TableRequest['expect']> => {
      const outcomes = traceRequest(plane, { ...toTraceRequest({ ...withToken(line), isWithoutNodes: true }), isBrief: true });
      lines.push(followed(line, outcomes));
      const entry = entryOf(seenFrom(plane, client), client, line.to);
      return { result: expectationOf(outcomes.map((outcome) => observed(outcome, entry))), outcomes };
    };
    const isShared = client !== undefined && client.proxy !== 'none';
    const expect = isShared
      ? sharing.find(client, parseHostPort(line.to)?.host, about(sharing.kindOf(client) ?? sharing, JSON.stringify(sent)), find)
      : find(dataPlane).result;
    return { ...line, expect };
  };
  const table = mapTold(requests, onProgress, expected);
  const more = linesForUnmet(
    dataPlane,
    lines,
    [...gateways, ...clients],
    (pod, isAsked) => linesForChains(pod, surroundings, isAsked),
    examples.isHidden,
  );
  return [...table, ...mapTold(more, onProgress, expected)];
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
  // A direct response can name a status that HTTP has not, which Envoy refuses.
  const same = (Object.keys(first) as (keyof typeof first)[]).filter(
    (key) => seen.every((other) => other[key] === first[key]) && !(key === 'status' && first.status > LAST_STATUS),
  );
  const expectation = Object.fromEntries(same.map((key) => [key, first[key]]));
  const pods = [...new Set(seen.map(({ pod }) => pod))].filter((pod) => pod !== null);
  return same.includes('pod') || pods.length === 0 || seen.some(({ pod }) => pod === null)
    ? expectation
    : { ...expectation, pod: pods };
}

function requestsOf(client: TracePod, surroundings: Surroundings, examples: RouteExamples): TableRequest[] {
  const { dataPlane, resolve, isOfSeveral } = surroundings;
  if (dataPlane.ztunnel?.captured(client) !== undefined) return ambientRequests(client, dataPlane, dataPlane.ztunnel, examples);
  if (client.proxy === 'none') return inboundRequests(client, dataPlane, examples);
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
        const host = exampleHost(virtualHost);
        if (host === undefined) return [];
        const own = virtualHost.domains?.find((domain) => isIpAddress(domain));
        const found = own === undefined ? resolve(host.replace(/:\d+$/, ''), port, client) : { ip: own };
        // A name that the cluster of the client does not know is not called there.
        if ('unresolved' in found && isOfSeveral) return [];
        // Proxies route by the host of a request, whatever its address.
        const ip = 'unresolved' in found ? unknownAddress(client) : found.ip;
        return examples.of(virtualHost, withPort(host, port)).map((example) => ({
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

const HTTP = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

function withPort(host: string, port: number): string {
  return /:\d+$/.test(host) || port === 80 ? host : `${host}:${port}`;
}

/**
 * Requests from a client whose connections ztunnel takes: to each port of each service that has an address, for each route of the
 * waypoint before it.
 */
function ambientRequests(
  client: TracePod,
  dataPlane: DataPlane,
  ztunnel: ZtunnelDirectory,
  examples: RouteExamples,
): TableRequest[] {
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
      return virtualHosts.flatMap((virtualHost) =>
        examples.of(virtualHost, host).map((example) => ({ ...request, host, ...example })),
      );
    });
  });
}

/** Requests from a client without a proxy: to the ports of sidecars, and to the hosts of gateways. */
function inboundRequests(client: TracePod, dataPlane: DataPlane, examples: RouteExamples): TableRequest[] {
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
    return gatewayRequests(podKey(client), pod, dataPlane, examples);
  });
}

/** Requests to the hosts of a gateway. */
function gatewayRequests(from: string, pod: TracePod, dataPlane: DataPlane, examples: RouteExamples): TableRequest[] {
  const snapshot = dataPlane.snapshotOf(pod);
  const [ip = ''] = pod.ips;
  return (snapshot?.listeners ?? []).flatMap((listener) => {
    const port = listener.address?.socketAddress?.portValue ?? 0;
    if (snapshot === undefined || !isPort(port)) return [];
    const isTls = (listener.filterChains ?? []).some(({ transportSocket }) => transportSocket !== undefined);
    return routesOf(listener, snapshot, dataPlane).flatMap((configuration) =>
      (configuration.virtualHosts ?? []).flatMap((virtualHost) => {
        const host = exampleHost(virtualHost);
        const scheme = isTls ? ({ scheme: 'https' } as const) : {};
        if (host === undefined) return [];
        return examples.of(virtualHost, host, scheme.scheme).map((example) => ({
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
  return chainsOf(listener).flatMap(({ filters = [] }) =>
    filters.flatMap(({ typedConfig }) => {
      if (!isAny(typedConfig, HTTP)) return [];
      const found = typedConfig.routeConfig ?? lookups.routes(snapshot, typedConfig.rds?.routeConfigName ?? '');
      return found === undefined ? [] : [found];
    }),
  );
}

function exampleHost({ domains = [] }: VirtualHost): string | undefined {
  const named = domains.find((domain) => !isIpAddress(domain) && domain !== '*');
  if (named !== undefined) return named.startsWith('*') ? `any${named.slice(1)}` : named.replace(/\*$/, 'any');
  return domains.includes('*') ? 'unknown.example' : undefined;
}
