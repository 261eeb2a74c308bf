import type { TCPRoute } from '../../api/istio.gen.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { withOrigin } from '../../util/origin.ts';
import { PARENTS_ANNOTATION } from '../gateways/gateways.ts';
import { ROUTE_SEMANTICS_ANNOTATION } from '../traffic/virtual-services.ts';
import { type AttachedRoute, isRefusal, type RouteRefusal, totalWeight } from './backends.ts';
import { derivedFrom, type GatewayApiContext } from './context.ts';
import { acceptRules, hostsOf } from './http-routes.ts';
import { KUBERNETES_GATEWAY, type ListenerParent } from './listeners.ts';
import { attachRoute, isMeshParent } from './parents.ts';
import { nowhere, streamDestinations } from './stream-destinations.ts';

/** The VirtualServices of TCPRoutes, one for each parent and host. As istio gateway/route_collections.go TCPRouteCollection. */
export function convertTcpRoutes(
  context: GatewayApiContext,
  routes: readonly ResourceOf<'TCPRoute'>[],
  listeners: ReadonlyMap<string, readonly ListenerParent[]>,
): readonly ResourceOf<'VirtualService'>[] {
  return routes.flatMap((route) => {
    const parents = attachRoute(context, route, listeners);
    const convert = (forMesh: boolean): readonly TCPRoute[] =>
      acceptRules(context, route, convertRules({ context, route, forMesh }, route));
    const forMesh = parents.some(isMeshParent) ? convert(true) : [];
    const forGateways = parents.some((parent) => !isMeshParent(parent)) ? convert(false) : [];
    const annotations = {
      [PARENTS_ANNOTATION]: `TCPRoute/${route.name}.${route.namespace}`,
      [ROUTE_SEMANTICS_ANNOTATION]: 'gateway',
    };
    return parents
      .flatMap((parent) => {
        const rules = isMeshParent(parent) ? forPort(forMesh, parent.reference.port) : forGateways;
        return hostsOf(context, route, parent).map((host) => ({ host, gateway: parent.listener.internalName, rules }));
      })
      .map(({ host, gateway, rules }, count) => ({
        ...derivedFrom(route, `${route.name}~tcp~${count}~${KUBERNETES_GATEWAY}`, annotations),
        kind: 'VirtualService',
        spec: { hosts: [host], gateways: [gateway], tcp: rules },
      }));
  });
}

/** As istio augmentTCPPortMatch. */
function forPort(rules: readonly TCPRoute[], port: number | undefined): readonly TCPRoute[] {
  return port === undefined ? rules : rules.map((rule) => ({ ...rule, match: [{ port }] }));
}

/** As istio convertTCPRoute. */
function convertRules(input: AttachedRoute, { spec }: ResourceOf<'TCPRoute'>): readonly TCPRoute[] | RouteRefusal {
  const out: TCPRoute[] = [];
  for (const [i, { backendRefs = [] }] of (spec.rules ?? []).entries()) {
    const path = ['spec', 'rules', i];
    const route = totalWeight(backendRefs) === 0 ? [nowhere] : streamDestinations(input, backendRefs, path);
    if (isRefusal(route)) return route;
    out.push(withOrigin({ route }, input.route, path));
  }
  return out;
}
