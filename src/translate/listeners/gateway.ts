import type { FilterChain, FilterChainMatch, Listener } from '../../envoy/api.gen.ts';
import type { Emitted } from '../../envoy/emitted.ts';
import type { MergedPort } from '../../model/gateways/gateways.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { GatewayView } from '../../scope/view.ts';
import { addAll } from '../../util/collections.ts';
import { compact } from '../../util/object.ts';
import { withOrigin } from '../../util/origin.ts';
import { providerCluster } from '../naming/provider-cluster.ts';
import { ANY_ADDRESS } from '../naming/service-address.ts';
import { sdsTraitsOf } from '../tls/common.ts';
import { downstreamTlsSocket } from '../tls/gateway.ts';
import { proxyFlag } from '../traits/proxy-metadata.ts';
import type { ProxyTraits } from '../traits/proxy-traits.ts';
import { acceptLimit } from './accept-limit.ts';
import { handshakeTimeout } from './filter-chain.ts';
import { buildGatewayChains, type GatewayChain, type GatewayChainInput } from './gateway-chains.ts';
import { proxyProtocol, tlsInspector } from './listener-filters.ts';
import { isUnprivileged } from './ports.ts';

/**
 * The listeners of a gateway: one for each port and address of the merged servers.
 * As istio pilot/pkg/networking/core/gateway.go buildGatewayListeners. HTTP/3 is off by default in istiod.
 */
export function createGatewayListenerBuilder(mesh: Mesh, traits: ProxyTraits): (view: GatewayView) => Emitted<Listener>[] {
  const sdsCluster = sdsProviderCluster(mesh);
  return (view) => {
    const { proxy, gateway } = view;
    const input: GatewayChainInput = { mesh, view, traits, sds: sdsTraitsOf(proxy), sdsCluster, claimedHosts: new Map() };
    const listeners = new Map<string, { readonly port: MergedPort; readonly chains: GatewayChain[] }>();
    for (const port of gateway?.ports ?? []) {
      if (isUnprivileged(proxy) && port.number < 1024) continue;
      const name = `${port.bind || ANY_ADDRESS}_${port.number}`;
      const chains = buildGatewayChains(input, port, name);
      const existing = listeners.get(name);
      if (existing === undefined) listeners.set(name, { port, chains });
      else addAll(existing.chains, chains);
    }
    return [...listeners]
      .filter(([, { chains }]) => chains.length > 0)
      .map(([name, { port, chains }]) => ({
        value: buildListener(input, name, port, chains),
        site: { context: 'GATEWAY' },
      }));
  };
}

/** The cluster of the first SDS extension provider: undefined when there is none, null when its service is unknown. */
function sdsProviderCluster(mesh: Mesh): string | undefined | null {
  const provider = mesh.config.extensionProviders?.find(({ sds }) => sds !== undefined)?.sds;
  if (provider === undefined) return undefined;
  return providerCluster(mesh, provider.service ?? '', provider.port ?? 0)?.cluster ?? null;
}

function buildListener(input: GatewayChainInput, name: string, port: MergedPort, chains: readonly GatewayChain[]): Listener {
  const { mesh, view, traits } = input;
  const { behaviours } = mesh.release;
  const inspectsTls = chains.some(({ sniHosts, tls }) => sniHosts.length > 0 || tls !== undefined);
  const listenerFilters = [
    ...(view.proxy.proxyConfig.gatewayTopology?.proxyProtocol === undefined ? [] : [proxyProtocol]),
    ...(inspectsTls ? [tlsInspector] : []),
  ];
  const accessLog = traits.telemetry.accessLogs(view, 'gateway').listener;
  return compact({
    name,
    address: { socketAddress: { address: port.bind || ANY_ADDRESS, portValue: port.number } },
    trafficDirection: 'OUTBOUND' as const,
    listenerFilters: listenerFilters.length > 0 ? listenerFilters : undefined,
    filterChains: chains.map((chain) => buildFilterChain(chain, behaviours)),
    ...acceptLimit(behaviours),
    connectionBalanceConfig: proxyFlag(view.proxy, 'OUTBOUND_LISTENER_EXACT_BALANCE') ? { exactBalance: {} } : undefined,
    accessLog: accessLog.length > 0 ? accessLog : undefined,
  });
}

function buildFilterChain(
  { sniHosts, applicationProtocols, tls, filters, origin }: GatewayChain,
  behaviours: Behaviours,
): FilterChain {
  return withOrigin(
    compact({
      filterChainMatch: chainMatch(sniHosts, applicationProtocols),
      filters,
      transportSocket: tls && downstreamTlsSocket(tls),
      ...handshakeTimeout(behaviours),
    }),
    origin?.resource,
    origin?.path,
  );
}

/** Matches by SNI and ALPN; the host `*` stands for any SNI, or none. As istio listener.go toFilterChainMatch. */
function chainMatch(sniHosts: readonly string[], applicationProtocols: readonly string[]): FilterChainMatch | undefined {
  const serverNames = sniHosts.includes('*') ? [] : [...sniHosts].sort();
  if (serverNames.length === 0 && applicationProtocols.length === 0) return undefined;
  return {
    ...(serverNames.length > 0 && { serverNames }),
    ...(applicationProtocols.length > 0 && { applicationProtocols }),
  };
}
