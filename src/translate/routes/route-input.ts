import type {
  Destination,
  HTTPMatchRequest,
  HTTPRetry,
  HTTPRoute,
  HTTPRouteDestination,
  LoadBalancerSettingsConsistentHashLB,
} from '../../api/istio.gen.ts';
import type { Any, Route, RouteAction } from '../../envoy/api.gen.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import type { Client } from '../../scope/client.ts';
import type { DestinationService } from './destination.ts';

/**
 * For whom the routes of a virtual service are built; the same for all its rules.
 * As the parameters and RouteOptions of istio core/route BuildHTTPRoutesForVirtualService.
 */
export interface RouteContext {
  /** Of the mesh. */
  readonly behaviours: Behaviours;
  /** Who sends the requests: `sourceLabels` and `sourceNamespace` ask for it. */
  readonly client: Pick<Client, 'carries' | 'namespace'>;
  /** `mesh`, or the gateways (`namespace/name`) whose server the routes are for. */
  readonly gatewayNames: ReadonlySet<string>;
  /** The port that requests come to; 0 for a unix socket or a proxy for all ports. */
  readonly listenPort: number;
  /** Whether the listener terminates TLS. */
  readonly isTls: boolean;
  /** Whether answers tell clients that the port speaks HTTP/3 too. */
  readonly advertisesHttp3?: boolean;
  /** meshConfig.defaultHttpRetryPolicy. */
  readonly defaultRetries: HTTPRetry | undefined;
  /** Whether rewritten routes note the original host (`proxyHeaders.xForwardedHost`). */
  readonly appendForwardedHost: boolean;
  /** The service of a hostname, where the listener knows it. */
  readonly lookupService: (hostname: string) => DestinationService | undefined;
  /** The cluster of a destination; `destinationCluster`, or the gateway's variant of it. */
  readonly lookupCluster: (destination: Destination, service: DestinationService | undefined, listenPort: number) => string;
  /** The consistent hash that the destination rule of a destination asks for. */
  readonly lookupHash: (destination: HTTPRouteDestination) => LoadBalancerSettingsConsistentHashLB | undefined;
}

/** One rule with one of its matches: what becomes one Envoy route. */
export interface RouteInput {
  readonly virtualService: ResourceOf<'VirtualService'>;
  readonly rule: HTTPRoute;
  readonly match: HTTPMatchRequest | undefined;
  readonly context: RouteContext;
}

/** What a feature adds to a route. No two features give the same field. */
export interface RouteParts {
  readonly route?: Partial<Route>;
  /** Fields of the forwarding action; left out for redirects and direct responses. */
  readonly action?: Partial<RouteAction>;
  /** Configuration of HTTP filters for this route, by filter name. */
  readonly filters?: Readonly<Record<string, Any>>;
}

/** A part of what a rule of a virtual service can say. */
export interface RouteFeature {
  readonly name: string;
  build(input: RouteInput): RouteParts;
}

/** Whether the rule sends requests on, rather than answering them. */
export function forwards(rule: HTTPRoute): boolean {
  return rule.redirect === undefined && rule.directResponse === undefined;
}

/** The destination of a rule that has exactly one, whatever its weight. */
export function onlyDestination(rule: HTTPRoute): HTTPRouteDestination | undefined {
  return rule.route?.length === 1 ? rule.route[0] : undefined;
}

/** The destinations that get requests: the only one, or those of several whose weight is not 0. */
export function weightedDestinations(rule: HTTPRoute): readonly HTTPRouteDestination[] {
  const destinations = rule.route ?? [];
  return destinations.length === 1 ? destinations : destinations.filter(({ weight }) => weight !== undefined && weight !== 0);
}
