import type { RouteConfiguration, VirtualHost } from '../../envoy/api.gen.ts';

/** A virtual host, and the domain of it that fits. */
export interface FoundHost<T> {
  readonly virtualHost: T;
  readonly domain: string;
}

/** The virtual hosts of a route configuration, by the hosts of requests. */
export interface HostIndex<T> {
  find(authority: string): FoundHost<T> | undefined;
}

/**
 * Finds the virtual host for a host header: an exact domain, else the longest suffix wildcard, the longest prefix wildcard, `*`.
 * Envoy source/common/router/config_impl.cc RouteMatcher::findVirtualHost.
 */
export function createHostIndex({ virtualHosts = [], ignorePortInHostMatching }: RouteConfiguration): HostIndex<VirtualHost> {
  const exact = new Map<string, FoundHost<VirtualHost>>();
  const wildcards: (FoundHost<VirtualHost> & { readonly lower: string })[] = [];
  for (const virtualHost of virtualHosts) {
    for (const domain of virtualHost.domains) {
      const lower = domain.toLowerCase();
      if (lower.startsWith('*') || lower.endsWith('*')) wildcards.push({ virtualHost, domain, lower });
      else if (!exact.has(lower)) exact.set(lower, { virtualHost, domain });
    }
  }
  return {
    find(authority) {
      const lower = authority.toLowerCase();
      const host = ignorePortInHostMatching === true ? lower.replace(/:\d*$/, '') : lower;
      const named = exact.get(host);
      if (named !== undefined) return named;
      let best: { readonly found: FoundHost<VirtualHost>; readonly rank: number } | undefined;
      for (const { lower: domain, ...found } of wildcards) {
        const rank = rankOf(domain, host);
        if (rank > (best?.rank ?? 0)) best = { found, rank };
      }
      return best?.found;
    },
  };
}

const SUFFIX = 2e6;
const PREFIX = 1e6;

/** How well a wildcard fits a host: 0 is not at all. */
function rankOf(domain: string, host: string): number {
  if (domain === '*') return 1;
  if (host.length <= domain.length - 1) return 0;
  if (domain.startsWith('*')) return host.endsWith(domain.slice(1)) ? SUFFIX + domain.length : 0;
  return host.startsWith(domain.slice(0, -1)) ? PREFIX + domain.length : 0;
}
