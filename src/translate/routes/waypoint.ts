import type { Destination, HTTPRoute } from '../../api/istio.gen.ts';
import type { Route, RouteConfiguration } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { isHttp, isSniffed } from '../../model/protocol.ts';
import type { Service } from '../../model/registry/service.ts';
import { MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import type { WaypointView } from '../../scope/view.ts';
import { withOrigin } from '../../util/origin.ts';
import { proxyHeadersOf } from '../listeners/proxy-headers.ts';
import { subsetKey, vipKey } from '../naming/names.ts';
import { hashForDestination } from './consistent-hash.ts';
import { buildDefaultHttpOutboundRoute, traceOperation } from './default-route.ts';
import { buildRoutesForVirtualService } from './route.ts';
import type { RouteContext } from './route-input.ts';
import { MAX_DIRECT_RESPONSE_BODY_SIZE } from './routes.ts';

/** Where the requests of a chain of a waypoint go. */
export interface WaypointRoutes {
  readonly config: RouteConfiguration;
  /** Whether a virtual service says so; istiod does not patch such routes. */
  readonly areRouted: boolean;
}

/** A port of a service that a waypoint serves; no service for what goes to workloads by themselves. */
export interface RoutedPort {
  readonly service: Service | undefined;
  readonly port: number;
  /** The cluster where nothing else is said; the routes are named for it. */
  readonly cluster: string;
}

/**
 * The routes of a chain of a waypoint: those of all virtual services for its service, one after the other, and only where they have
 * none a route to the service itself. As istio core/listener_waypoint.go buildWaypointInboundHTTPRouteConfig.
 */
export function buildWaypointRoutes(mesh: Mesh, view: WaypointView, { service, port, cluster }: RoutedPort): WaypointRoutes {
  const routed = service === undefined ? [] : virtualServiceRoutes(mesh, view, service, port);
  const areRouted = routed.length > 0;
  const virtualHost = {
    name: `inbound|http|${port}`,
    // Whoever asks for another host than the wildcard stands for would choose where the request goes.
    domains: [service?.resolution === 'dynamicDns' ? service.hostname : '*'],
    routes: areRouted ? routed : [defaultRoute(mesh, service?.hostname ?? '', port, cluster)],
  };
  return {
    areRouted,
    config: {
      name: cluster,
      virtualHosts: [withOrigin(virtualHost, service?.resource)],
      validateClusters: false,
      ...(!areRouted && { maxDirectResponseBodySizeBytes: MAX_DIRECT_RESPONSE_BODY_SIZE }),
    },
  };
}

/** It is more like that of a client; as istio core/httproute.go buildSidecarInboundHTTPRouteConfig. */
function defaultRoute({ config }: Mesh, hostname: string, port: number, cluster: string): Route {
  return buildDefaultHttpOutboundRoute(cluster, traceOperation(hostname, port), config.defaultHttpRetryPolicy);
}

const meshGateway: ReadonlySet<string> = new Set([MESH_GATEWAY]);

function virtualServiceRoutes(mesh: Mesh, view: WaypointView, service: Service, port: number): readonly Route[] {
  const context: RouteContext = {
    client: view.client,
    gatewayNames: meshGateway,
    listenPort: port,
    isTls: false,
    behaviours: mesh.release.behaviours,
    defaultRetries: mesh.config.defaultHttpRetryPolicy,
    appendForwardedHost: proxyHeadersOf(view.proxy.proxyConfig, 'inbound').forwardedHost,
    lookupService: view.scope.serviceByHostname,
    lookupCluster: (destination, _, listenPort) => waypointCluster(view, destination, listenPort),
    lookupHash(destination) {
      const rule = view.destinationRule(destination.destination?.host ?? '');
      return rule && hashForDestination(rule.rule.spec, destination);
    },
  };
  return view
    .virtualServicesOf(service)
    .flatMap((virtualService) => buildRoutesForVirtualService(withoutSourceLabels(virtualService), context));
}

/**
 * The virtual service without the matches that ask for labels of the client, which are not known behind a tunnel. A rule that had no
 * other match is gone, not one for all. As istio core/listener_waypoint.go waypointInboundRoute.
 */
function withoutSourceLabels(virtualService: ResourceOf<'VirtualService'>): ResourceOf<'VirtualService'> {
  const { http = [] } = virtualService.spec;
  const asksForLabels = ({ match = [] }: HTTPRoute): boolean => match.some(({ sourceLabels }) => sourceLabels !== undefined);
  if (!http.some(asksForLabels)) return virtualService;
  const rules = http.flatMap((rule): readonly HTTPRoute[] => {
    if (rule.match === undefined || rule.match.length === 0) return [rule];
    const match = rule.match.filter(({ sourceLabels = {} }) => Object.keys(sourceLabels).length === 0);
    return match.length === 0 ? [] : [{ ...rule, match }];
  });
  return { ...virtualService, spec: { ...virtualService.spec, http: rules } };
}

/**
 * The cluster of a destination at a waypoint: a service that it serves is reached by the cluster for what came through it, others as
 * from everywhere else. As istio core/listener_waypoint.go getWaypointDestinationCluster.
 */
export function waypointCluster(view: WaypointView, destination: Destination, listenPort: number): string {
  const { host = '', subset = '' } = destination;
  // Gateway API references that are not valid become destinations without host.
  if (host === '') return 'UnknownService';
  const service = view.scope.serviceByHostname(host);
  const onlyPort = service?.ports.length === 1 ? service.ports[0]?.port : undefined;
  const port = destination.port === undefined ? (onlyPort ?? listenPort) : (destination.port.number ?? 0);
  if (service !== undefined && view.served(service.hostname) === undefined) return subsetKey('outbound', subset, host, port);
  return vipKey(contentOf(service, port), subset, host, port);
}

/** What a port carries, HTTP where that is not known; istio portToSubset. */
function contentOf(service: Service | undefined, port: number): 'http' | 'tcp' {
  const known = service?.ports.find((candidate) => candidate.port === port);
  return known === undefined || isHttp(known.protocol) || isSniffed(known.protocol) ? 'http' : 'tcp';
}
