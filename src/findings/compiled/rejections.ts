import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Subject } from '../../diagnostics/problem.ts';
import { duplicateDomain, duplicateListener, overlappingFilterChains } from '../../diagnostics/problems/refusals.ts';
import type { Listener, RouteConfiguration, VirtualHost } from '../../envoy/api.gen.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Mesh } from '../../model/mesh.ts';
import { memo } from '../../util/memo.ts';
import { misplacedFilters } from './filter-order.ts';
import { createOriginFinder, type OriginFinder, patchOf } from './origins.ts';
import { overlappingChains } from './overlapping-chains.ts';

/** What Envoy would refuse of the configuration of a proxy. */
export function createRejectionFinder(mesh: Mesh): (snapshot: XdsSnapshot) => readonly Diagnostic[] {
  const origins = createOriginFinder(mesh);
  // Proxies share route configurations.
  const repeated = memo(repeatedDomains);
  return (snapshot) => {
    const proxy = `${snapshot.proxy.namespace}/${snapshot.proxy.name}`;
    return [
      ...snapshot.routes.flatMap((routes) =>
        repeated(routes).map(({ virtualHost, domain, other }) => {
          const name = origins.name(other) || 'the same resource';
          return duplicateDomain(whose(origins.subject(virtualHost), mesh, virtualHost), domain, routes.name ?? '', proxy, name);
        }),
      ),
      ...snapshot.listeners.flatMap((listener) => [
        ...chainsOfOthers(listener, proxy, mesh, origins),
        ...misplacedFilters(listener, proxy, mesh),
      ]),
      ...duplicateAddresses(snapshot.listeners, proxy, mesh, origins),
    ];
  };
}

/** A domain that a virtual host before has too. */
interface RepeatedDomain {
  readonly virtualHost: VirtualHost;
  readonly domain: string;
  readonly other: object;
}

/** Envoy source/common/router/config_impl.cc RouteMatcher: "Only unique values for domains are permitted". */
function repeatedDomains({ virtualHosts = [] }: RouteConfiguration): readonly RepeatedDomain[] {
  const seen = new Map<string, object>();
  return virtualHosts.flatMap((virtualHost) =>
    // Those that an EnvoyFilter adds need not have any.
    ((virtualHost.domains as readonly string[] | undefined) ?? []).flatMap((domain) => {
      const key = domain.toLowerCase();
      const other = seen.get(key);
      seen.set(key, other ?? virtualHost);
      return other === undefined ? [] : [{ virtualHost, domain, other }];
    }),
  );
}

/** The filter chains with the rules of others. */
function chainsOfOthers(listener: Listener, proxy: string, mesh: Mesh, origins: OriginFinder): readonly Diagnostic[] {
  // A matcher names the chain to take: then chains have no match of their own.
  if (listener.filterChainMatcher !== undefined) return [];
  return overlappingChains(listener.filterChains ?? []).map(({ chain, other, isItself, rule }) => {
    const name = isItself ? 'the same rule' : origins.name(other) || `filter chain ${other.name ?? ''}`;
    const match = rule.join(', ') || 'every connection';
    return overlappingFilterChains(whose(origins.subject(chain), mesh, listener), listener.name ?? '', proxy, match, name);
  });
}

/** Envoy source/common/listener_manager/listener_manager_impl.cc: no two listeners with the same address. */
function duplicateAddresses(
  listeners: readonly Listener[],
  proxy: string,
  mesh: Mesh,
  origins: OriginFinder,
): readonly Diagnostic[] {
  const seen = new Map<string, Listener>();
  return listeners.flatMap((listener) => {
    const main = [listener.address, ...(listener.additionalAddresses ?? []).map(({ address }) => address)];
    return main.flatMap((address) => {
      const socket = address?.socketAddress;
      if (socket === undefined) return [];
      const place = `${socket.address}:${socket.portValue ?? 0}`;
      const key = `${place} ${socket.protocol ?? 'TCP'} ${listener.bindToPort ?? true}`;
      const other = seen.get(key);
      seen.set(key, other ?? listener);
      if (other === undefined || other === listener) return [];
      return [
        duplicateListener(whose(origins.subject(listener), mesh, listener), listener.name ?? '', proxy, place, other.name ?? ''),
      ];
    });
  });
}

/** The subject, or where it is unknown the patch that has put in something of that name. */
function whose(subject: Subject, mesh: Mesh, { name = '' }: { readonly name?: string }): Subject {
  return subject.resource === undefined ? patchOf(mesh, name) : subject;
}
