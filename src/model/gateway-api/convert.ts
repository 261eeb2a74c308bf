import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Problem } from '../../diagnostics/problem.ts';
import { tcpRouteNotServed, tlsRouteNotServed } from '../../diagnostics/problems/gateway-api.ts';
import type { Behaviours } from '../../releases/release.ts';
import { buildGatewayClasses } from '../../resource/gateway-classes.ts';
import type { Resource, ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { convertBackendTlsPolicies } from './backend-tls.ts';
import { buildGatewayApiContext, type GatewayApiContext, servesTcpRoutes, servesTlsRoutes } from './context.ts';
import { convertHttpRoutes } from './http-routes.ts';
import { convertListeners, type ListenerParent } from './listeners.ts';
import { convertTcpRoutes } from './tcp-routes.ts';
import { convertTlsRoutes } from './tls-routes.ts';

/** The Istio resources that stand for those of the Gateway API, and what was refused or left out. */
export interface ConvertedGatewayApi {
  readonly gateways: readonly ResourceOf<'Gateway'>[];
  readonly virtualServices: readonly ResourceOf<'VirtualService'>[];
  readonly destinationRules: readonly ResourceOf<'DestinationRule'>[];
  readonly notes: readonly Diagnostic[];
}

/** Converts the Gateway API resources among all resources. As istio pilot/pkg/config/kube/gateway. */
export function convertGatewayApi(all: readonly Resource[], domainSuffix: string, behaviours: Behaviours): ConvertedGatewayApi {
  const resources = behaviours.enableGatewayApi ? all : [];
  const notes = new Map<string, Diagnostic>();
  const context = buildGatewayApiContext(resources, { domainSuffix, behaviours }, notes);
  const { gateways, parents } = convertListeners(
    context,
    resourcesOf(resources, 'KubernetesGateway'),
    resourcesOf(resources, 'ListenerSet'),
    buildGatewayClasses(resourcesOf(resources, 'GatewayClass')),
  );
  const listeners = new Map<string, ListenerParent[]>();
  for (const parent of parents) listeners.set(parent.parent, [...(listeners.get(parent.parent) ?? []), parent]);
  const [httpRoutes, grpcRoutes] = [resourcesOf(resources, 'HTTPRoute'), resourcesOf(resources, 'GRPCRoute')];
  const tcpRoutes = readRoutes(context, resourcesOf(resources, 'TCPRoute'), servesTcpRoutes(behaviours), tcpRouteNotServed);
  const tlsRoutes = readRoutes(context, resourcesOf(resources, 'TLSRoute'), servesTlsRoutes(behaviours), tlsRouteNotServed);
  return {
    gateways,
    virtualServices: [
      ...convertTcpRoutes(context, tcpRoutes, listeners),
      ...convertTlsRoutes(context, tlsRoutes, listeners),
      ...convertHttpRoutes(context, httpRoutes, grpcRoutes, listeners),
    ],
    destinationRules: convertBackendTlsPolicies(context, resourcesOf(resources, 'BackendTLSPolicy')),
    notes: [...notes.values()],
  };
}

/** The routes of a kind if istiod reads it; else they are noted, but for those that are none of Istio's business. */
function readRoutes<R extends ResourceOf<'TCPRoute' | 'TLSRoute'>>(
  context: GatewayApiContext,
  routes: readonly R[],
  isServed: boolean,
  notServed: Problem<[]>,
): readonly R[] {
  if (isServed) return routes;
  for (const route of routes) {
    const parents = route.spec.parentRefs ?? [];
    const isOfOthers = parents.length > 0 && parents.every((parent) => context.isOfOthers(parent, route.namespace));
    if (!isOfOthers) context.note(notServed, route, ['kind']);
  }
  return [];
}
