import type { RouteConfiguration, VirtualHost } from '../../envoy/api.gen.ts';

/** A virtual host, and the domain of it that fits. */
export interface FoundHost {
  readonly virtualHost: VirtualHost;
  readonly domain: string;
}

/** The virtual hosts of a route configuration, by the hosts of requests. */
export interface VirtualHostIndex {
  find(authority: string): FoundHost | undefined;
}

/**
 * Finds the virtual host for a host header: an exact domain, else the longest suffix wildcard, the longest prefix wildcard, `*`.
 * Envoy source/common/router/config_impl.cc RouteMatcher::findVirtualHost.
 */
export function createHostIndex({ virtualHosts = [], ignorePortInHostMatching }: RouteConfiguration): VirtualHostIndex {
  const exact = new Map<string, FoundHost>();
  const suffixes = new Map<string, FoundHost>();
  const prefixes = new Map<string, FoundHost>();
  for (const virtualHost of virtualHosts) {
    for (const domain of virtualHost.domains) {
      const lower = domain.toLowerCase();
      const [table, key] = lower.startsWith('*')
        ? [suffixes, lower.slice(1)]
        : lower.endsWith('*')
          ? [prefixes, lower.slice(0, -1)]
          : [exact, lower];
      if (!table.has(key)) table.set(key, { virtualHost, domain });
    }
  }
  const [longestSuffix, longestPrefix] = [longest(suffixes.keys()), longest(prefixes.keys())];
  return {
    find(authority) {
      const lower = authority.toLowerCase();
      const host = ignorePortInHostMatching === true ? lower.replace(/:\d*$/, '') : lower;
      const named = exact.get(host);
      if (named !== undefined) return named;
      // A wildcard stands for at least one character; `*` alone also for none.
      for (let start = Math.max(1, host.length - longestSuffix); start < host.length; start++) {
        const found = suffixes.get(host.slice(start));
        if (found !== undefined) return found;
      }
      for (let end = Math.min(longestPrefix, host.length - 1); end > 0; end--) {
        const found = prefixes.get(host.slice(0, end));
        if (found !== undefined) return found;
      }
      return suffixes.get('');
    },
  };
}

function longest(texts: Iterable<string>): number {
  let length = 0;
  for (const text of texts) length = Math.max(length, text.length);
  return length;
}
