import type { HTTPMatchRequest, HTTPRoute, StringMatch } from '../../api/istio.gen.ts';
import { parentRefused, routeRefused } from '../../diagnostics/problems/gateway-api.ts';
import type { Resource, ResourceOf } from '../../resource/resource.ts';
import { groupBy } from '../../util/collections.ts';
import { compareText } from '../../util/text.ts';
import { PARENTS_ANNOTATION } from '../gateways/gateways.ts';
import { ROUTE_SEMANTICS_ANNOTATION } from '../traffic/virtual-services.ts';
import { type AttachedRoute, isRefusal, type RouteRefusal } from './backends.ts';
import { derivedFrom, type GatewayApiContext } from './context.ts';
import { convertGrpcRules, convertHttpRules } from './http-rules.ts';
import type { ListenerParent } from './listeners.ts';
import { type AttachedParent, attachRoute, hostnamesOf, isMeshParent, type RouteKind, servesHostname } from './parents.ts';

type HttpRouteResource = ResourceOf<'HTTPRoute' | 'GRPCRoute'>;

/** The part of a route for one parent and one hostname; parts of one key are merged. */
interface RoutePart {
  readonly key: string;
  readonly source: Resource;
  /** Position among the parts of its route, as text, by which istiod orders them. */
  readonly name: string;
  readonly host: string;
  readonly gateway: string;
  readonly rules: readonly HTTPRoute[];
}

/**
 * The VirtualServices of HTTPRoutes and GRPCRoutes: one for each listener and hostname, or each namespace, port and host of the mesh,
 * with the rules of all routes for it in the order that the Gateway API demands. Some releases merge each kind apart; of two
 * VirtualServices of one name they keep that of HTTPRoutes. As istio gateway/route_collections.go.
 */
export function convertHttpRoutes(
  context: GatewayApiContext,
  httpRoutes: readonly ResourceOf<'HTTPRoute'>[],
  grpcRoutes: readonly ResourceOf<'GRPCRoute'>[],
  listeners: ReadonlyMap<string, readonly ListenerParent[]>,
): readonly ResourceOf<'VirtualService'>[] {
  const split = (routes: readonly HttpRouteResource[]) => routes.flatMap((route) => splitRoute(context, route, listeners));
  if (context.behaviours.mergesGrpcRoutes) return mergeRoutes(split([...httpRoutes, ...grpcRoutes])).map(({ merged }) => merged);
  const ofHttp = mergeRoutes(split(httpRoutes)).map(({ merged }) => merged);
  const taken = new Map(ofHttp.map((merged) => [`${merged.namespace}/${merged.name}`, merged]));
  const ofGrpc = mergeRoutes(split(grpcRoutes)).flatMap(({ merged, parts }) => {
    const other = taken.get(`${merged.namespace}/${merged.name}`);
    if (other === undefined) return [merged];
    const reason = `${other.annotations[PARENTS_ANNOTATION]} is for the same listener and host, beside which this istiod passes GRPCRoutes over`;
    for (const { source, host } of parts) context.note(parentRefused, source, ['spec', 'parentRefs'], host, reason);
    return [];
  });
  return [...ofHttp, ...ofGrpc];
}

interface MergedRoutes {
  readonly merged: ResourceOf<'VirtualService'>;
  readonly parts: readonly RoutePart[];
}

function mergeRoutes(parts: readonly RoutePart[]): readonly MergedRoutes[] {
  return [...groupBy(parts, ({ key }) => key).values()].flatMap((list) =>
    mergeParts(list).map((merged) => ({ merged, parts: list })),
  );
}

function splitRoute(
  context: GatewayApiContext,
  route: HttpRouteResource,
  listeners: ReadonlyMap<string, readonly ListenerParent[]>,
): readonly RoutePart[] {
  const parents = attachRoute(context, route, listeners);
  const convert = (forMesh: boolean): readonly HTTPRoute[] => {
    const input: AttachedRoute = { context, route, forMesh };
    const rules = route.kind === 'GRPCRoute' ? convertGrpcRules(input, route) : convertHttpRules(input, route);
    return acceptRules(context, route, rules);
  };
  const forMesh = parents.some(isMeshParent) ? convert(true) : [];
  const forGateways = parents.some((parent) => !isMeshParent(parent)) ? convert(false) : [];
  let count = 0;
  return parents.flatMap((parent): RoutePart[] => {
    const rules = isMeshParent(parent) ? forPort(forMesh, parent.reference.port) : forGateways;
    if (rules.length === 0) return [];
    const prefix = isMeshParent(parent) ? meshKey(route.namespace, parent.reference.port) : parent.listener.internalName;
    return hostsOf(context, route, parent)
      .filter((host) => servesHostname(parent, host))
      .map((host) => ({
        key: `${prefix}/${host}`,
        source: route,
        name: `${route.name}~${count++}`,
        host,
        gateway: parent.listener.internalName,
        rules: [...rules].sort(compareRules),
      }));
  });
}

/** The rules, or none when the route was refused. */
export function acceptRules<T>(context: GatewayApiContext, route: Resource, rules: readonly T[] | RouteRefusal): readonly T[] {
  if (!isRefusal(rules)) return rules;
  context.note(routeRefused, route, rules.path, rules.refused);
  return [];
}

/** The hosts that a route is for on a parent: its own hostnames, or those of the service it is attached to. */
export function hostsOf(
  { domainSuffix, serviceEntry }: GatewayApiContext,
  route: ResourceOf<RouteKind>,
  parent: AttachedParent,
): readonly string[] {
  if (!isMeshParent(parent)) return hostnamesOf(route.spec);
  const { name, namespace = route.namespace } = parent.reference;
  if (parent.kind === 'ServiceEntry') return serviceEntry(namespace, name)?.spec.hosts ?? [];
  return [`${name}.${namespace}.svc.${domainSuffix}`];
}

function meshKey(namespace: string, port: number | undefined): string {
  return port === undefined ? namespace : `${namespace}/${port}`;
}

/** The rules for one port of a service of the mesh. As istio augmentPortMatch. */
function forPort(rules: readonly HTTPRoute[], port: number | undefined): readonly HTTPRoute[] {
  if (port === undefined) return rules;
  return rules.map((rule) => ({ ...rule, match: (rule.match ?? [{}]).map((match) => ({ ...match, port })) }));
}

/** One VirtualService of all parts for a listener and host, the oldest route first. As istio mergeHTTPRoutes. */
function mergeParts(parts: readonly RoutePart[]): readonly ResourceOf<'VirtualService'>[] {
  const [first, ...others] = [...parts].sort(compareParts);
  if (first === undefined) return [];
  const all = [first, ...others];
  const http = all.flatMap(({ rules }) => rules);
  const annotations = {
    [PARENTS_ANNOTATION]: all.map(({ source }) => `${source.kind}/${source.name}.${source.namespace}`).join(','),
    [ROUTE_SEMANTICS_ANNOTATION]: 'gateway',
  };
  const spec = { hosts: [first.host], gateways: [first.gateway], http: others.length > 0 ? http.sort(compareRules) : http };
  return [{ ...derivedFrom(first.source, first.key.replaceAll('/', '~'), annotations), kind: 'VirtualService', spec }];
}

function compareParts(a: RoutePart, b: RoutePart): number {
  const [timeA, timeB] = [a.source.createdAt ?? Number.NEGATIVE_INFINITY, b.source.createdAt ?? Number.NEGATIVE_INFINITY];
  if (timeA !== timeB) return timeA < timeB ? -1 : 1;
  return compareText(a.source.namespace, b.source.namespace) || compareText(a.name, b.name);
}

/**
 * Exact paths before prefixes before regular expressions, then the longest path, then those with a method, then the most header and
 * query conditions; rules that match everything last. As istio sortHTTPRoutes; equal rules keep their order.
 */
function compareRules(a: HTTPRoute, b: HTTPRoute): number {
  const [matchA, matchB] = [a.match?.[0], b.match?.[0]];
  if (matchA === undefined || matchB === undefined) return Number(matchA === undefined) - Number(matchB === undefined);
  const [ranksA, ranksB] = [ranksOf(matchA), ranksOf(matchB)];
  for (const [i, rank] of ranksA.entries()) {
    const other = ranksB[i] ?? 0;
    if (rank !== other) return other - rank;
  }
  return 0;
}

function ranksOf({ uri, method, headers = {}, queryParams = {} }: HTTPMatchRequest): readonly number[] {
  return [
    pathRank(uri),
    (uri?.exact ?? uri?.prefix ?? uri?.regex ?? '').length,
    Number(method !== undefined),
    Object.keys(headers).length,
    Object.keys(queryParams).length,
  ];
}

function pathRank(uri: StringMatch | undefined): number {
  if (uri?.exact !== undefined) return 3;
  if (uri?.prefix !== undefined) return 2;
  return uri?.regex === undefined ? -1 : 1;
}
