import type { Route, RouteConfiguration } from '../../envoy/api.gen.ts';
import { goSort } from '../../util/go-sort.ts';
import { formatColumns } from '../columns.ts';
import type { Printable } from '../escape/printable.ts';
import { describeRouteMatch } from './listeners.ts';
import { describeManagement } from './management.ts';
import { type DescribeOrigin, originCell, originHead } from './origin-column.ts';

/** Which route configurations to show. */
export interface RouteFilter {
  readonly name?: string;
}

/** Whether a route configuration passes the filter. */
export function selectsRoute(filter: RouteFilter, configuration: RouteConfiguration): boolean {
  return !filter.name || filter.name === configuration.name;
}

/** The order of istioctl: by number where both names are numbers. */
export function sortRoutes(configurations: readonly RouteConfiguration[]): RouteConfiguration[] {
  return goSort(configurations, (a, b) => {
    const [nameA, nameB] = [number(a.name), number(b.name)];
    return nameA !== undefined && nameB !== undefined && nameA < nameB;
  });
}

/** The table of `proxy-config routes`; istioctl PrintRouteSummary. */
export function formatRoutes(
  configurations: readonly RouteConfiguration[],
  options: {
    readonly filter: RouteFilter;
    readonly verbose: boolean;
    readonly withNames: boolean;
    readonly origins?: DescribeOrigin | undefined;
  },
): Printable {
  const shown = sortRoutes(configurations).filter((configuration) => selectsRoute(options.filter, configuration));
  const name = (configuration: RouteConfiguration): string => `${options.withNames ? 'route/' : ''}${configuration.name ?? ''}`;
  if (!options.verbose) {
    const rows = shown.map((configuration) => [
      name(configuration),
      String(configuration.virtualHosts?.length ?? 0),
      ...originCell(options.origins, configuration),
    ]);
    return formatColumns([['NAME', 'VIRTUAL HOSTS', ...originHead(options.origins)], ...rows], 5);
  }
  const rows = shown.flatMap((configuration) =>
    (configuration.virtualHosts ?? []).flatMap((virtualHost) => {
      const head = [name(configuration), virtualHost.name ?? '', describeDomains(virtualHost.domains ?? [])];
      const routes = virtualHost.routes ?? [];
      if (routes.length === 0) return [[...head, '/*', '404', ...originCell(options.origins, virtualHost, configuration)]];
      return routes
        .filter((route) => !isPassthrough(route))
        .map((route) => [
          ...head,
          describeRouteMatch(route.match),
          describeManagement(route.metadata),
          ...originCell(options.origins, route, virtualHost, configuration),
        ]);
    }),
  );
  return formatColumns(
    [['NAME', 'VHOST NAME', 'DOMAINS', 'MATCH', 'VIRTUAL SERVICE', ...originHead(options.origins)], ...rows],
    5,
  );
}

/** Go's strconv.Atoi. */
function number(text = ''): number | undefined {
  return /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}

function isPassthrough(route: Route): boolean {
  return route.route?.cluster === 'PassthroughCluster';
}

/** The first two domains without a port and without the longer forms of shorter ones, and how many there are beside them. */
function describeDomains(domains: readonly string[]): string {
  const [first, ...others] = domains;
  if (first === undefined || others.length === 0) return first ?? '';
  const withoutPort = domains.filter((domain) => {
    const colons = domain.split(':').length - 1;
    return colons === 0 || (colons > 2 && domain.endsWith(']'));
  });
  const known = new Set(withoutPort);
  const isLonger = (domain: string, suffix: string): boolean =>
    domain.endsWith(suffix) && known.has(domain.slice(0, -suffix.length));
  const shortest = withoutPort.filter((domain) => !isLonger(domain, '.svc.cluster.local') && !isLonger(domain, '.svc'));
  const more = shortest.length - 2;
  return shortest.slice(0, 2).join(', ') + (more > 0 ? ` + ${more} more...` : '');
}
