import { isAny } from '../../envoy/any.ts';
import type { FilterChain, RouteConfiguration, VirtualHost } from '../../envoy/api.gen.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import { type Formula, textTest } from '../../request-space/formula.ts';
import { listenerFor } from '../../trace/any-address.ts';
import type { Lookups } from '../../trace/lookups.ts';
import { memo } from '../../util/memo.ts';

/** What proxies have for hosts, whatever a statement is about. */
export interface RoutedHosts {
  /** The route configurations of a filter chain. */
  routesIn(snapshot: XdsSnapshot, chain: FilterChain): readonly RouteConfiguration[];
  /**
   * The domains of virtual hosts for connections to an address, in the lists of which they are; undefined where a route of one of them
   * goes where the address says, or no HTTP is spoken there.
   */
  domainsAt(snapshot: XdsSnapshot, ip: string, port: number): readonly (readonly string[])[] | undefined;
  /** The clusters that requests for a virtual host can go to. */
  clustersBehind(host: VirtualHost): readonly string[];
  /** Whether a part of a configuration looks at the host of requests. */
  asksForHost(part: object): boolean;
}

/** The same for all statements about a mesh. */
export function createRoutedHosts(lookups: Lookups): RoutedHosts {
  const routesIn: RoutedHosts['routesIn'] = (snapshot, { filters = [] }) =>
    filters.flatMap(({ typedConfig }) => {
      if (!isAny(typedConfig, HCM)) return [];
      return typedConfig.routeConfig ?? lookups.routes(snapshot, typedConfig.rds?.routeConfigName ?? '') ?? [];
    });
  const clustersBehind = memo(clustersOf);
  // A configuration that proxies share means the same to each of them.
  const domains = new WeakMap<RouteConfiguration, readonly string[] | 'by address'>();
  const domainsOf = (snapshot: XdsSnapshot, routes: RouteConfiguration): readonly string[] | 'by address' => {
    const named = (routes.virtualHosts ?? []).filter(({ domains = [] }) => !domains.includes('*'));
    const isByAddress = named.some((host) =>
      clustersBehind(host).some((name) => lookups.cluster(snapshot, name)?.type === 'ORIGINAL_DST'),
    );
    const found = domains.get(routes) ?? (isByAddress ? 'by address' : named.flatMap((host) => host.domains ?? []));
    domains.set(routes, found);
    return found;
  };
  return {
    routesIn,
    clustersBehind,
    domainsAt(snapshot, ip, port) {
      const listener = listenerFor(lookups, snapshot, ip, port);
      const routes = (listener?.filterChains ?? []).flatMap((chain) => routesIn(snapshot, chain));
      const all = routes.map((one) => domains.get(one) ?? domainsOf(snapshot, one));
      const named = all.filter((one) => one !== 'by address');
      return all.length === 0 || named.length < all.length ? undefined : named;
    },
    asksForHost: memo((part: object) => HOST.test(JSON.stringify(part, withoutLogs))),
  };
}

/** The host by its names, and the headers that proxies keep it in when they write another one; in matches and in formats. */
const HOST = /:authority|(?:"|REQ\()(?:x-[a-z-]+-)?host[")?:]/i;

/** Logs are told the host, and nothing is decided by them. */
function withoutLogs(key: string, value: unknown): unknown {
  return key === 'accessLog' ? undefined : value;
}

function clustersOf({ routes = [] }: VirtualHost): readonly string[] {
  return routes.flatMap(({ route }) => {
    const weighted = (route?.weightedClusters?.clusters ?? []).map(({ name }) => name);
    const mirrored = (route?.requestMirrorPolicies ?? []).map(({ cluster }) => cluster);
    return [route?.cluster, ...weighted, ...mirrored].filter((name) => name !== undefined);
  });
}

/** That a request is for a domain of a virtual host. */
export function domainFormula(domain: string): Formula {
  const authority = { kind: 'authority' } as const;
  if (domain === '*') return textTest(authority, { kind: 'present' });
  if (domain.startsWith('*')) return textTest(authority, { kind: 'suffix', text: domain.slice(1), ignoringCase: true });
  if (domain.endsWith('*')) return textTest(authority, { kind: 'prefix', text: domain.slice(0, -1), ignoringCase: true });
  return textTest(authority, { kind: 'exact', text: domain, ignoringCase: true });
}

const HCM = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
