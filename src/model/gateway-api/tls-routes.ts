import type { TLSRouteRule, TLSRouteSpec } from '../../api/gateway-api.ts';
import type { TLSRoute } from '../../api/istio.gen.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { withOrigin } from '../../util/origin.ts';
import { PARENTS_ANNOTATION } from '../gateways/gateways.ts';
import { hostsOverlap, intersectHosts } from '../traffic/host.ts';
import { ROUTE_SEMANTICS_ANNOTATION } from '../traffic/virtual-services.ts';
import { type AttachedRoute, isRefusal, type RouteRefusal, totalWeight } from './backends.ts';
import { derivedFrom, type GatewayApiContext } from './context.ts';
import { acceptRules, hostsOf } from './http-routes.ts';
import { KUBERNETES_GATEWAY, type ListenerParent } from './listeners.ts';
import { type AttachedParent, attachRoute, isMeshParent } from './parents.ts';
import { nowhere, streamDestinations } from './stream-destinations.ts';

/** The VirtualServices of TLSRoutes, one for each parent and hostname. As istio gateway/route_collections.go TLSRouteCollection. */
export function convertTlsRoutes(
  context: GatewayApiContext,
  routes: readonly ResourceOf<'TLSRoute'>[],
  listeners: ReadonlyMap<string, readonly ListenerParent[]>,
): readonly ResourceOf<'VirtualService'>[] {
  return routes.flatMap((route) => {
    const parents = attachRoute(context, route, listeners);
    const convert = (forMesh: boolean): readonly TLSRoute[] =>
      acceptRules(context, route, convertRules({ context, route, forMesh }, route.spec));
    const forMesh = parents.some(isMeshParent) ? convert(true) : [];
    const forGateways = parents.some((parent) => !isMeshParent(parent)) ? convert(false) : [];
    const annotations = {
      [PARENTS_ANNOTATION]: `TLSRoute/${route.name}.${route.namespace}`,
      [ROUTE_SEMANTICS_ANNOTATION]: 'gateway',
    };
    return parents
      .flatMap((parent) =>
        isMeshParent(parent) ? meshParts(context, route, parent, forMesh) : listenerParts(context, route, parent, forGateways),
      )
      .map(({ host, gateway, rules }, count) => ({
        ...derivedFrom(route, `${route.name}~tls~${count}~${KUBERNETES_GATEWAY}`, annotations),
        kind: 'VirtualService',
        spec: { hosts: [host], gateways: [gateway], tls: rules },
      }));
  });
}

interface TlsPart {
  readonly host: string;
  readonly gateway: string;
  readonly rules: readonly TLSRoute[];
}

/** Of a listener with a hostname, routes get what they share with it. As istio constrainTLSRoutesToListenerHost. */
function listenerParts(
  context: GatewayApiContext,
  route: ResourceOf<'TLSRoute'>,
  parent: AttachedParent,
  rules: readonly TLSRoute[],
): readonly TlsPart[] {
  const { hostname, internalName: gateway } = parent.listener;
  const hosts = hostsOf(context, route, parent);
  if (hostname === '') return hosts.map((host) => ({ host, gateway, rules }));
  const constrained = rules
    .map((rule) => withSniHosts(rule, (sniHosts) => intersectHosts(sniHosts, [hostname])))
    .filter(({ match = [] }) => match.length === 0 || match.some(({ sniHosts = [] }) => sniHosts.length > 0));
  return intersectHosts(hosts, [hostname]).map((host) => ({ host, gateway, rules: constrained }));
}

/** A route of the mesh without hostnames is for those of its service. As istio augmentTLSPortMatch and compatibleRoutesForHost. */
function meshParts(
  context: GatewayApiContext,
  route: ResourceOf<'TLSRoute'>,
  parent: AttachedParent,
  rules: readonly TLSRoute[],
): readonly TlsPart[] {
  const hosts = hostsOf(context, route, parent);
  const { port } = parent.reference;
  const augmented = rules.map((rule) => {
    const named = withSniHosts(rule, (sniHosts) => (sniHosts.length === 1 && sniHosts[0] === '*' ? hosts : sniHosts));
    return port === undefined
      ? named
      : { ...named, ...(named.match && { match: named.match.map((match) => ({ ...match, port })) }) };
  });
  return hosts.map((host) => ({
    host,
    gateway: parent.listener.internalName,
    rules: augmented.map((rule) =>
      withSniHosts(rule, (sniHosts) => (sniHosts.length > 1 ? sniHosts.filter((name) => hostsOverlap(host, name)) : sniHosts)),
    ),
  }));
}

function withSniHosts(rule: TLSRoute, change: (sniHosts: readonly string[]) => readonly string[]): TLSRoute {
  if (rule.match === undefined) return rule;
  return { ...rule, match: rule.match.map((match) => ({ ...match, sniHosts: change(match.sniHosts ?? []) })) };
}

function convertRules(input: AttachedRoute, { hostnames = [], rules = [] }: TLSRouteSpec): readonly TLSRoute[] | RouteRefusal {
  const out: TLSRoute[] = [];
  for (const [i, rule] of rules.entries()) {
    const path = ['spec', 'rules', i];
    const converted = convertRule(input, rule, hostnames, path);
    if (isRefusal(converted)) return converted;
    out.push(withOrigin(converted, input.route, path));
  }
  return out;
}

/** As istio convertTLSRoute. */
function convertRule(
  input: AttachedRoute,
  { backendRefs = [] }: TLSRouteRule,
  hostnames: readonly string[],
  rulePath: (string | number)[],
): TLSRoute | RouteRefusal {
  if (totalWeight(backendRefs) === 0) return { route: [nowhere] };
  const route = streamDestinations(input, backendRefs, rulePath);
  if (isRefusal(route)) return route;
  return { match: [{ sniHosts: hostnames.length > 0 ? hostnames : ['*'] }], route };
}
