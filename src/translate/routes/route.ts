import type { HTTPMatchRequest, HTTPRoute } from '../../api/istio.gen.ts';
import type { Route, RouteAction, RouteMatch } from '../../envoy/api.gen.ts';
import { routeSemantics } from '../../model/traffic/virtual-services.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { originOf, withOrigin } from '../../util/origin.ts';
import { configMetadata } from '../naming/config-metadata.ts';
import { parseSubsetKey } from '../naming/names.ts';
import { forwardFeatures, routeFeatures } from './features/index.ts';
import { buildRouteMatch, isCatchAllRoute } from './match.ts';
import { forwards, type RouteContext, type RouteInput } from './route-input.ts';

/**
 * The Envoy routes of a resolved virtual service, one for each match of each rule that concerns the proxy, in order, up to the
 * first that takes every request. Empty when none concerns it: then the virtual service says nothing for this listener.
 * As istio core/route BuildHTTPRoutesForVirtualService.
 */
export function buildRoutesForVirtualService(
  virtualService: ResourceOf<'VirtualService'>,
  context: RouteContext,
): readonly Route[] {
  const routes: Route[] = [];
  for (const rule of virtualService.spec.http ?? []) {
    const matches = rule.match ?? [];
    if (matches.length === 0) {
      routes.push(buildRoute({ virtualService, rule, match: undefined, context }));
      return routes;
    }
    for (const match of matches) {
      if (!concernsProxy(match, context)) continue;
      const route = buildRoute({ virtualService, rule, match, context });
      routes.push(route);
      if (isCatchAllRoute(route)) return routes;
    }
  }
  return routes;
}

/**
 * Whether a match is for the port, the gateways and the workload at hand. A match that names gateways does not look at the source.
 * As istio core/route TranslateRoute and sourceMatchHTTP.
 */
function concernsProxy(match: HTTPMatchRequest, context: RouteContext): boolean {
  if (match.port && match.port !== context.listenPort) return false;
  const gateways = match.gateways ?? [];
  if (gateways.length > 0) return gateways.some((gateway) => context.gatewayNames.has(gateway));
  if (match.sourceLabels !== undefined && !context.client.carries(match.sourceLabels)) return false;
  return !match.sourceNamespace || match.sourceNamespace === context.client.namespace();
}

/** One Envoy route; as istio core/route TranslateRoute. */
function buildRoute(input: RouteInput): Route {
  const { virtualService, rule, match, context } = input;
  const name = match?.name ? `${rule.name ?? ''}.${match.name}` : (rule.name ?? '');
  const routeMatch = buildRouteMatch(match, routeSemantics(virtualService) !== undefined);
  const parts = routeFeatures.map((feature) => feature.build(input));
  const action = forwards(rule) ? merge(forwardFeatures.map((feature) => feature.build(input).action)) : undefined;
  const filters = Object.fromEntries(parts.flatMap((part) => Object.entries(part.filters ?? {})));
  const route: Route = {
    ...(name !== '' && { name }),
    match: routeMatch,
    ...(action && { route: action }),
    metadata: configMetadata(virtualService),
    decorator: { operation: routeOperation(action, routeMatch, virtualService.name, context.listenPort) },
    ...(Object.keys(filters).length > 0 && { typedPerFilterConfig: filters }),
    ...(match?.statPrefix && { statPrefix: match.statPrefix }),
    ...merge(parts.map((part) => part.route)),
  };
  const told = context.advertisesHttp3 ? withAltSvc(route, context.listenPort) : route;
  const origin = originOfRoute(rule, match);
  return origin === undefined ? told : withOrigin(told, origin.resource, origin.path);
}

/** Tells clients for a day that they may speak HTTP/3; istio buildHTTP3AltSvcHeader. */
function withAltSvc(route: Route, port: number): Route {
  const header = { key: 'alt-svc', value: `h3=":${port}"; ma=86400` };
  return { ...route, responseHeadersToAdd: [...(route.responseHeadersToAdd ?? []), { header }] };
}

/** The fields of all parts, each of which is in one of them only. */
function merge<T extends object>(parts: readonly (T | undefined)[]): Partial<T> {
  const merged: Partial<T> = {};
  for (const part of parts) Object.assign(merged, part);
  return merged;
}

/**
 * What traces call the route: host and port of its only cluster, or the name of the virtual service and the listener's port,
 * followed by the path. As istio core/route GetRouteOperation.
 */
function routeOperation(
  action: RouteAction | undefined,
  match: Route['match'],
  virtualServiceName: string,
  listenPort: number,
): string {
  const path = operationPath(match ?? {});
  const cluster = action?.cluster ?? '';
  const key = cluster.split('|').length === 4 ? parseSubsetKey(cluster) : undefined;
  return key === undefined ? `${virtualServiceName}:${listenPort}${path}` : `${key.hostname}:${key.port}${path}`;
}

function operationPath({ path, prefix, safeRegex }: RouteMatch): string {
  if (path !== undefined) return path;
  if (safeRegex !== undefined) return safeRegex.regex ?? '';
  return prefix === undefined ? '/*' : `${prefix}*`;
}

function originOfRoute(rule: HTTPRoute, match: HTTPMatchRequest | undefined): ReturnType<typeof originOf> {
  return (match && originOf(match)) ?? originOf(rule);
}
