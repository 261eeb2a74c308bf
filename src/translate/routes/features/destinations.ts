import type { HTTPRouteDestination } from '../../../api/istio.gen.ts';
import type { RouteAction, WeightedClusterClusterWeight } from '../../../envoy/api.gen.ts';
import { routeSemantics } from '../../../model/traffic/virtual-services.ts';
import { onlyDestination, type RouteContext, type RouteFeature, weightedDestinations } from '../route-input.ts';
import { headerOperations } from './headers.ts';

/**
 * Where requests go: one cluster, or several by weight, each with its own header operations.
 * As istio core/route processDestination and processWeightedDestination.
 */
export const destinations: RouteFeature = {
  name: 'destinations',
  build: ({ rule, context, virtualService }) => {
    const only = onlyDestination(rule);
    const action: Partial<RouteAction> =
      only === undefined
        ? { weightedClusters: weightedClusters(weightedDestinations(rule), context) }
        : { cluster: clusterOf(only, context) };
    // The Gateway API wants 500 for backends that do not exist.
    const gatewayApi = routeSemantics(virtualService) === 'gateway';
    return { action: gatewayApi ? { ...action, clusterNotFoundResponseCode: 'INTERNAL_SERVER_ERROR' } : action };
  },
};

function weightedClusters(
  list: readonly HTTPRouteDestination[],
  context: RouteContext,
): NonNullable<RouteAction['weightedClusters']> {
  return list.length === 0 ? {} : { clusters: list.map((destination) => weightedCluster(destination, context)) };
}

function weightedCluster(destination: HTTPRouteDestination, context: RouteContext): WeightedClusterClusterWeight {
  const { authority, ...headers } = headerOperations(destination.headers);
  return {
    name: clusterOf(destination, context),
    weight: destination.weight ?? 0,
    ...headers,
    ...(authority !== '' && { hostRewriteLiteral: authority }),
  };
}

function clusterOf({ destination = {} }: HTTPRouteDestination, context: RouteContext): string {
  return context.lookupCluster(destination, context.lookupService(destination.host ?? ''), context.listenPort);
}
