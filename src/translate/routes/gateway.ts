import type { Route, RouteConfiguration, VirtualHost } from '../../envoy/api.gen.ts';
import type { Emitted } from '../../envoy/emitted.ts';
import { type GatewayServer, type MergedGateway, originOfServer } from '../../model/gateways/gateways.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Service } from '../../model/registry/service.ts';
import { compareBySpecificity, hostsForNamespace, intersectHosts } from '../../model/traffic/host.ts';
import { isVisible } from '../../model/traffic/visibility.ts';
import type { Resource, ResourceOf } from '../../resource/resource.ts';
import { type Client, clientTwin } from '../../scope/client.ts';
import { destinationRuleOf } from '../../scope/destination-rule.ts';
import type { GatewayView, Scope } from '../../scope/view.ts';
import { addAll } from '../../util/collections.ts';
import { interner } from '../../util/intern.ts';
import { memo } from '../../util/memo.ts';
import { compact } from '../../util/object.ts';
import { type Origin, withOrigin } from '../../util/origin.ts';
import { sharedByReads } from '../../util/shared-by-reads.ts';
import { compareText } from '../../util/text.ts';
import { type ProxyHeaders, proxyHeadersOf } from '../listeners/proxy-headers.ts';
import { joinHostPort } from '../network-filters/tcp-proxy.ts';
import { hashForDestination } from './consistent-hash.ts';
import { destinationCluster } from './destination.ts';
import { isCatchAllRoute } from './match.ts';
import { buildRoutesForVirtualService } from './route.ts';
import type { RouteContext } from './route-input.ts';
import { MAX_DIRECT_RESPONSE_BODY_SIZE } from './routes.ts';
import { statefulSession } from './stateful-session.ts';

/** What the routes of a gateway depend on in how its proxy is set up. */
interface GatewayTraits {
  readonly includeRequestAttemptCount: boolean;
  readonly appendForwardedHost: boolean;
}

/** A virtual host that is still being put together. */
interface HostEntry {
  readonly name: string;
  readonly domains: string[];
  readonly routes: Route[];
  redirectsToHttps: boolean;
  readonly origin: Origin;
  /** Of the service of this name, where the virtual service that made the host sends to it. */
  readonly filters: VirtualHost['typedPerFilterConfig'];
}

/**
 * Route configurations of gateways by name. Proxies with the same servers and scope share them.
 * As istio pilot/pkg/networking/core/gateway.go buildGatewayHTTPRouteConfig.
 */
export function createGatewayRouteBuilder(
  mesh: Mesh,
): (view: GatewayView, names: readonly string[]) => Emitted<RouteConfiguration>[] {
  const internTraits = interner<GatewayTraits>();
  const traitsOf = ({ includeRequestAttemptCount, forwardedHost }: ProxyHeaders): GatewayTraits =>
    internTraits({ includeRequestAttemptCount, appendForwardedHost: forwardedHost });
  const build = sharedByReads(
    clientTwin,
    (client: Client, gateway: MergedGateway, scope: Scope, traits: GatewayTraits, name: string): Emitted<RouteConfiguration> => ({
      value: buildRouteConfiguration(
        { mesh, client, scope, traits, advertisesHttp3: gateway.http3Routes.has(name) },
        gateway,
        name,
      ),
      site: { context: 'GATEWAY' },
    }),
  );
  return (view, names) => {
    const { proxy, scope, client, gateway } = view;
    const traits = traitsOf(proxyHeadersOf(proxy.proxyConfig, 'gateway'));
    return names.map((name) =>
      gateway === undefined
        ? { value: { name, validateClusters: false }, site: { context: 'GATEWAY' } }
        : build(client, gateway, scope, traits, name),
    );
  };
}

/** What the routes of all servers depend on. */
interface GatewayContext {
  readonly mesh: Mesh;
  readonly client: Client;
  readonly scope: Scope;
  readonly traits: GatewayTraits;
  /** Of the route configuration: it is that of a server which speaks HTTP/3 too. */
  readonly advertisesHttp3: boolean;
}

function buildRouteConfiguration(context: GatewayContext, gateway: MergedGateway, name: string): RouteConfiguration {
  const servers = gateway.serversByRouteName.get(name);
  const [first] = servers ?? [];
  // Envoy can still ask for the routes of a server that no Gateway has any more.
  if (servers === undefined || first === undefined) return { name, validateClusters: false };
  const { mesh } = context;
  const entries = collectHosts(context, servers);
  const virtualHosts =
    entries.size === 0
      ? [blackhole(first)]
      : (mesh.release.behaviours.enableRouteCollapseOptimization ? collapseHosts(entries) : [...entries.values()])
          .map((entry) => buildVirtualHost(entry, context.traits))
          .sort((a, b) => compareText(a.name ?? '', b.name ?? ''));
  return {
    name,
    virtualHosts,
    validateClusters: false,
    ignorePortInHostMatching: true,
    maxDirectResponseBodySizeBytes: MAX_DIRECT_RESPONSE_BODY_SIZE,
  };
}

/**
 * The hosts of all servers, by name, with the routes of every virtual service for them in order. A virtual service has the same
 * routes on all servers of one Gateway: those that it had on the first.
 */
function collectHosts(context: GatewayContext, servers: readonly GatewayServer[]): ReadonlyMap<string, HostEntry> {
  const { mesh, scope } = context;
  const entries = new Map<string, HostEntry>();
  const known = new Map<string, Map<ResourceOf<'VirtualService'>, readonly Route[]>>();
  for (const server of servers) {
    const { gatewayName } = server;
    const routesByVirtualService = known.get(gatewayName) ?? new Map<ResourceOf<'VirtualService'>, readonly Route[]>();
    known.set(gatewayName, routesByVirtualService);
    const hostsIn = memo((namespace: string) => hostsForNamespace(server.hosts, namespace));
    for (const virtualService of mesh.virtualServices.forGateway(scope.namespace, gatewayName)) {
      const hosts = intersectHosts(hostsIn(virtualService.namespace), virtualService.spec.hosts ?? []);
      if (hosts.length === 0) continue;
      const routes =
        routesByVirtualService.get(virtualService) ??
        buildRoutesForVirtualService(virtualService, routeContext(context, server, virtualService));
      if (routes.length === 0) continue;
      routesByVirtualService.set(virtualService, routes);
      for (const host of hosts) {
        const made: EntrySource = {
          origin: { resource: virtualService, path: ['spec', 'hosts'] },
          filters: (domain) => sessionsOf(context, virtualService, domain),
        };
        addAll(obtainEntry(entries, host, server, made).routes, routes);
      }
    }
    if (redirectsToHttps(server)) {
      for (const host of server.hosts)
        obtainEntry(entries, host, server, { origin: originOfServer(server), filters: () => undefined });
    }
  }
  return entries;
}

/** What makes the entry of a host. */
interface EntrySource {
  readonly origin: Origin;
  readonly filters: (domain: string) => VirtualHost['typedPerFilterConfig'];
}

/** How clients stay with one endpoint of the service that a host is, if the virtual service sends there. */
function sessionsOf(
  { mesh, scope }: GatewayContext,
  virtualService: ResourceOf<'VirtualService'>,
  domain: string,
): VirtualHost['typedPerFilterConfig'] {
  const { behaviours } = mesh.release;
  if (!behaviours.enablePersistentSessionFilter) return undefined;
  const isDestination = (virtualService.spec.http ?? []).some(({ route = [], mirror, mirrors = [] }) =>
    [...route.map(({ destination }) => destination), mirror, ...mirrors.map(({ destination }) => destination)].some(
      (destination) => destination?.host === domain,
    ),
  );
  return isDestination ? statefulSession(serviceFor(mesh, scope, virtualService, domain), behaviours) : undefined;
}

/** The entry of a host, made if there is none yet; a server that redirects makes it redirect. */
function obtainEntry(
  entries: Map<string, HostEntry>,
  host: string,
  server: GatewayServer,
  { origin, filters }: EntrySource,
): HostEntry {
  const domain = host.toLowerCase();
  let entry = entries.get(domain);
  if (entry === undefined) {
    const name = joinHostPort(domain, server.port);
    entry = { name, domains: [domain], routes: [], redirectsToHttps: false, origin, filters: filters(domain) };
    entries.set(domain, entry);
  }
  entry.redirectsToHttps ||= redirectsToHttps(server);
  return entry;
}

function redirectsToHttps({ server }: GatewayServer): boolean {
  return server.tls?.httpsRedirect === true;
}

function routeContext(
  context: GatewayContext,
  server: GatewayServer,
  virtualService: ResourceOf<'VirtualService'>,
): RouteContext {
  const { mesh, client, scope, traits } = context;
  return {
    behaviours: mesh.release.behaviours,
    client,
    gatewayNames: new Set([server.gatewayName]),
    listenPort: server.port,
    isTls: server.server.tls !== undefined,
    advertisesHttp3: context.advertisesHttp3,
    defaultRetries: mesh.config.defaultHttpRetryPolicy,
    appendForwardedHost: traits.appendForwardedHost,
    lookupService: memo((hostname: string) => serviceFor(mesh, scope, virtualService, hostname)),
    lookupCluster: destinationCluster,
    lookupHash: (route) => {
      const rule = destinationRuleOf(scope, client, route.destination?.host ?? '');
      return rule && hashForDestination(rule.rule.spec, route);
    },
  };
}

/**
 * The service that a virtual service means by a hostname: the one of its own namespace if the gateway may see it, else what the
 * gateway's scope has. As istio core/gateway.go buildNameToServiceMapForHTTPRoutes.
 */
function serviceFor(mesh: Mesh, scope: Scope, { namespace }: Resource, hostname: string): Service | undefined {
  const own = mesh.registry.service(hostname, namespace);
  return own !== undefined && isVisible(own.visibility, scope.namespace) ? own : scope.serviceByHostname(hostname);
}

/**
 * Hosts with the very same routes become one virtual host, named after the most specific; without it, virtual services for many
 * hosts would multiply. As istio core/gateway.go collapseDuplicateRoutes.
 */
function collapseHosts(entries: ReadonlyMap<string, HostEntry>): readonly HostEntry[] {
  const numbers = new Map<Route, number>();
  const keyOf = (routes: readonly Route[]): string =>
    routes
      .map((route) => {
        const number = numbers.get(route) ?? numbers.size;
        numbers.set(route, number);
        return number;
      })
      .join();
  const collapsed: HostEntry[] = [];
  const latest = new Map<string, HostEntry>();
  for (const host of [...entries.keys()].sort(compareBySpecificity)) {
    const entry = entries.get(host);
    if (entry === undefined) continue;
    const key = keyOf(entry.routes);
    const same = latest.get(key);
    if (same?.redirectsToHttps === entry.redirectsToHttps) {
      addAll(same.domains, entry.domains);
    } else {
      latest.set(key, entry);
      collapsed.push(entry);
    }
  }
  return collapsed;
}

function buildVirtualHost(entry: HostEntry, { includeRequestAttemptCount }: GatewayTraits): VirtualHost {
  const routes = lastCatchAllRoutes(entry.routes);
  const { resource, path } = entry.origin;
  return withOrigin(
    compact({
      name: entry.name,
      domains: entry.domains,
      routes: routes.length > 0 ? routes : undefined,
      typedPerFilterConfig: entry.filters,
      requireTls: entry.redirectsToHttps ? ('ALL' as const) : undefined,
      includeRequestAttemptCount: includeRequestAttemptCount || undefined,
    }),
    resource,
    path,
  );
}

/** Routes that take every request go to the end, so that they hide no route of another virtual service; istio SortVHostRoutes. */
function lastCatchAllRoutes(routes: readonly Route[]): readonly Route[] {
  return [...routes.filter((route) => !isCatchAllRoute(route)), ...routes.filter(isCatchAllRoute)];
}

/** What a server without any routes answers: 404. */
function blackhole(server: GatewayServer): VirtualHost {
  const { resource, path } = originOfServer(server);
  return withOrigin({ name: joinHostPort('blackhole', server.port), domains: ['*'] }, resource, path);
}
