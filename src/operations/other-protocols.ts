import type { FilterChain, Listener } from '../envoy/api.gen.ts';
import { chainsOf } from '../envoy/filter-chains.ts';

/**
 * The chains of a listener that ask for application protocols (ALPN) which no client has that is followed: neither those of proxies of the mesh,
 * nor what Istio has inspectors find without TLS. EnvoyFilters make such chains. TLS of clients is followed with the protocols of HTTP/1.1
 * where HTTP is in it, else with none.
 */
export function chainsForOtherProtocols(listener: Listener): readonly FilterChain[] {
  return chainsOf(listener).filter(({ filterChainMatch = {} }) => {
    const { applicationProtocols = [], transportProtocol } = filterChainMatch;
    const isWithoutTls = transportProtocol === 'raw_buffer' || listener.name === 'virtualOutbound';
    return applicationProtocols.some((name) => !/^istio(?:-|$)/.test(name) && !(isWithoutTls && FOUND_WITHOUT_TLS.has(name)));
  });
}

const FOUND_WITHOUT_TLS: ReadonlySet<string> = new Set(['http/1.0', 'http/1.1', 'h2c']);
