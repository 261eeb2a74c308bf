import { isAny } from '../envoy/any.ts';
import type { FilterChain, VirtualHost } from '../envoy/api.gen.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import { conditionsOfRoute, distinct, type RequestConditions } from './request-conditions.ts';
import { conditionsOfFilter, type Target } from './targets.ts';

const HCM = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

/** The filter chains of a waypoint for a port of a service that it serves, which are named for it. */
function chainsOf({ listeners }: XdsSnapshot, host: string, port: number): readonly FilterChain[] {
  const names = new Set([`inbound-vip|${port}|http|${host}`, `inbound-vip|${port}|tcp|${host}`]);
  return listeners.flatMap(({ filterChains = [] }) => filterChains.filter(({ name = '' }) => names.has(name)));
}

/** The virtual hosts of a waypoint for a port of a service. */
export function virtualHostsAtWaypoint(waypoint: XdsSnapshot, host: string, port: number): readonly VirtualHost[] {
  return chainsOf(waypoint, host, port).flatMap(({ filters = [] }) =>
    filters.flatMap(({ typedConfig }) => (isAny(typedConfig, HCM) ? (typedConfig.routeConfig?.virtualHosts ?? []) : [])),
  );
}

/** Requests that the routes of a waypoint for a port of a service tell apart. */
export function routesAtWaypoint(waypoint: XdsSnapshot, host: string, port: number): readonly RequestConditions[] {
  const matches = virtualHostsAtWaypoint(waypoint, host, port).flatMap(({ routes = [] }) => routes.map(({ match }) => match));
  return distinct(matches.flatMap((match) => (match === undefined ? [] : conditionsOfRoute(match))));
}

/** Requests that the policies of a waypoint for a port of a service tell apart. */
export function policiesAtWaypoint(waypoint: XdsSnapshot, host: string, port: number): readonly RequestConditions[] {
  const configs = chainsOf(waypoint, host, port).flatMap(({ filters = [] }) => filters.map(({ typedConfig }) => typedConfig));
  return distinct(
    configs.flatMap((config) =>
      isAny(config, HCM) ? (config.httpFilters ?? []).flatMap(({ typedConfig }) => conditionsOfFilter(typedConfig)) : [],
    ),
  );
}

/** Requests that the routes of waypoints behind the clusters of a target tell apart; `snapshots` of those that the clusters lead to. */
export function routesBehind(
  { clusters }: Pick<Target, 'clusters'>,
  snapshots: readonly XdsSnapshot[],
): readonly RequestConditions[] {
  return snapshots.flatMap((snapshot) =>
    snapshot.proxy.type !== 'waypoint'
      ? []
      : clusters.flatMap((name) => {
          const [, port = '', , host = ''] = name.split('|');
          return routesAtWaypoint(snapshot, host, Number(port));
        }),
  );
}
