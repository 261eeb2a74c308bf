import type { HTTPRoute, HTTPRouteDestination, TCPRoute } from '../../api/istio.gen.ts';
import { expandShortName } from '../../model/traffic/host.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import type { WithFields } from '../../util/fields.ts';
import { type DescribeContext, nameOf } from './context.ts';
import type {
  DescribedDestination,
  DescribedRoute,
  DescribedVirtualService,
  DestinationMeaning,
  NamespacedName,
  Subsets,
} from './description.ts';

/** The service and pods that a VirtualService is looked at from. */
export interface RouteTarget {
  readonly hostname: string;
  readonly subsets: Subsets;
  /** The DestinationRule that defines the subsets. */
  readonly destinationRule: NamespacedName | undefined;
}

type IsTarget = (host?: string) => boolean;

/** A VirtualService: which of its routes lead to the service (and a subset of the pods), and why others do not; istioctl printVirtualService. */
export function describeVirtualService(
  { mesh }: DescribeContext,
  resource: ResourceOf<'VirtualService'>,
  target: RouteTarget,
): DescribedVirtualService {
  const { http = [], tls = [], tcp = [] } = resource.spec;
  const isTarget = (host = ''): boolean => expandShortName(host, resource.namespace, mesh.domainSuffix) === target.hostname;
  return {
    ...nameOf(resource),
    routes: [...http.map((route) => describeHttp(route, target, isTarget)), ...tcp.map((route) => describeTcp(route, isTarget))],
    tlsRoutes: tls.length,
  };
}

/** What istioctl has no word for. */
type Untold =
  | 'name'
  | 'redirect'
  | 'directResponse'
  | 'delegate'
  | 'rewrite'
  | 'timeout'
  | 'retries'
  | 'mirror'
  | 'mirrors'
  | 'mirrorPercent'
  | 'mirrorPercentage'
  | 'corsPolicy'
  | 'headers';

function describeHttp(httpRoute: HTTPRoute, target: RouteTarget, isTarget: IsTarget): DescribedRoute {
  const told: WithFields<HTTPRoute, 'route' | 'match' | 'fault' | Untold> = httpRoute;
  const { route = [], match = [], fault } = told;
  const destinations = route.map((destination) => describeDestination(destination, target, isTarget));
  return {
    protocol: 'http',
    reaches: destinations.some(({ leads }) => leads.to === 'pods'),
    destinations,
    ...(fault && { fault }),
    matches: match,
  };
}

function describeDestination(
  { destination, weight = 0 }: HTTPRouteDestination,
  target: RouteTarget,
  isTarget: IsTarget,
): DescribedDestination {
  const { host = '', subset = '' } = destination ?? {};
  return { host, subset, weight, leads: isTarget(host) ? meaningOfSubset(subset, target) : { to: 'other-host' } };
}

function meaningOfSubset(subset: string, { subsets, destinationRule }: RouteTarget): DestinationMeaning {
  if (subset === '') return { to: 'pods' };
  if (subsets.others.includes(subset)) return { to: 'other-subset' };
  if (subsets.matching.includes(subset)) return { to: 'pods' };
  return destinationRule === undefined ? { to: 'subset-without-rule' } : { to: 'unknown-subset', destinationRule };
}

function describeTcp({ route = [], match = [] }: TCPRoute, isTarget: IsTarget): DescribedRoute {
  return {
    protocol: 'tcp',
    reaches: route.some(({ destination }) => isTarget(destination?.host)),
    matches: match.map(({ port }) => (port === undefined ? {} : { port })),
  };
}
