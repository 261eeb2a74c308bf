import type { Address, FilterChain, FilterChainMatch, Listener, ListenerFilter } from '../../envoy/api.gen.ts';
import type { Emitted } from '../../envoy/emitted.ts';
import type { MergedPort } from '../../model/gateways/gateways.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { GatewayView, ProxyView } from '../../scope/view.ts';
import { addAll } from '../../util/collections.ts';
import { compact } from '../../util/object.ts';
import { withOrigin } from '../../util/origin.ts';
import { ANY_ADDRESS_IPV6, addressTraits, anyAddress } from '../naming/service-address.ts';
import { sdsTraitsOf } from '../tls/common.ts';
import { downstreamTlsSocket, quicSocket } from '../tls/gateway.ts';
import { secretServersOf } from '../tls/secret-servers.ts';
import { proxyFlag } from '../traits/proxy-metadata.ts';
import type { ProxyTraits } from '../traits/proxy-traits.ts';
import { sendsDoubleTunnels } from '../traits/tunnels.ts';
import { acceptLimit } from './accept-limit.ts';
import { connectionSettingsOf, unsigned } from './connection-settings.ts';
import { buildInnerTunnel, buildOuterTunnel } from './double-tunnel.ts';
import { handshakeTimeout } from './filter-chain.ts';
import type { GatewayChain, GatewayChainInput } from './gateway-chain.ts';
import { buildGatewayChains, buildQuicChains } from './gateway-chains.ts';
import { proxyProtocol, tlsInspector } from './listener-filters.ts';
import { isUnprivileged } from './ports.ts';

/**
 * The listeners of a gateway: one for each port and address of the merged servers.
 * HTTP/3, where istiod is told to make it, has listeners of its own. As istio pilot/pkg/networking/core/gateway.go
 * buildGatewayListeners.
 */
export function createGatewayListenerBuilder(mesh: Mesh, traits: ProxyTraits): (view: GatewayView) => Emitted<Listener>[] {
  const secretServers = secretServersOf(mesh);
  return (view) => {
    const { proxy, gateway } = view;
    const input: GatewayChainInput = {
      mesh,
      view,
      traits,
      tcp: traits.tcp(view, 'gateway'),
      sds: sdsTraitsOf(proxy),
      secretServers,
      claimedHosts: new Map(),
    };
    const anywhere = anyAddress(addressTraits(proxy, mesh.release.behaviours));
    const listeners = new Map<string, PlannedListener>();
    const add = (name: string, listener: PlannedListener): void => {
      const existing = listeners.get(name);
      if (existing === undefined) listeners.set(name, listener);
      else addAll(existing.chains, listener.chains);
    };
    for (const port of gateway?.ports ?? []) {
      if (isUnprivileged(proxy) && port.number < 1024) continue;
      const name = `${port.bind || anywhere}_${port.number}`;
      add(name, { port, transport: 'tcp', chains: buildGatewayChains(input, port, name) });
      add(`udp_${name}`, { port, transport: 'quic', chains: buildQuicChains(input, port, `udp_${name}`) });
    }
    const built = [...listeners]
      .filter(([, { chains }]) => chains.length > 0)
      .map(([name, listener]) => {
        const hidesClients = proxy.proxyConfig.gatewayTopology?.proxyProtocol !== undefined;
        const before = hidesClients && listener.transport === 'tcp' ? [proxyProtocol] : [];
        return buildGatewayListener({ mesh, view, traits, before, direction: 'OUTBOUND' }, name, listener);
      });
    const logs = traits.telemetry.accessLogs(view, 'inbound');
    const tunnels =
      built.length > 0 && sendsDoubleTunnels(mesh, proxy)
        ? [buildInnerTunnel(mesh.release.behaviours, proxy.network, logs), buildOuterTunnel('gateway', logs)]
        : [];
    return [...built, ...tunnels].map((value) => ({ value, site: { context: 'GATEWAY' } }));
  };
}

/** A listener before it becomes Envoy's. */
export interface PlannedListener {
  readonly port: MergedPort;
  readonly transport: 'tcp' | 'quic';
  readonly chains: GatewayChain[];
}

/** What the listeners of a gateway depend on, beside their chains. */
interface GatewayListenerInput {
  readonly mesh: Mesh;
  readonly view: ProxyView;
  readonly traits: ProxyTraits;
  /** What is looked at before TLS. */
  readonly before: readonly ListenerFilter[];
  readonly direction: 'OUTBOUND' | 'INBOUND';
}

/** As istio core/listener.go buildGatewayListener. */
export function buildGatewayListener(
  { mesh, view, traits, before, direction }: GatewayListenerInput,
  name: string,
  { port, transport, chains }: PlannedListener,
): Listener {
  const { behaviours } = mesh.release;
  const isTcp = transport === 'tcp';
  const inspectsTls = chains.some(({ sniHosts, tls }) => sniHosts.length > 0 || tls !== undefined);
  const listenerFilters = [...before, ...(inspectsTls ? [tlsInspector] : [])];
  const accessLog = traits.telemetry.accessLogs(view, 'gateway').listener;
  const protocol = isTcp ? {} : { protocol: 'UDP' as const };
  const place = (bind: string): Address => ({ socketAddress: { ...protocol, address: bind, portValue: port.number } });
  const addresses = addressTraits(view.proxy, behaviours);
  return compact({
    name,
    address: place(port.bind || anyAddress(addresses)),
    additionalAddresses: addresses.dualStack && !port.bind ? [{ address: place(ANY_ADDRESS_IPV6) }] : undefined,
    trafficDirection: direction,
    perConnectionBufferLimitBytes: unsigned(connectionSettingsOf(view.proxy, behaviours)?.listenerPerConnectionBufferLimitBytes),
    listenerFilters: isTcp && listenerFilters.length > 0 ? listenerFilters : undefined,
    filterChains: chains.map((chain) => buildFilterChain(chain, transport, behaviours)),
    ...acceptLimit(behaviours),
    connectionBalanceConfig: isTcp && proxyFlag(view.proxy, 'OUTBOUND_LISTENER_EXACT_BALANCE') ? { exactBalance: {} } : undefined,
    udpListenerConfig: isTcp ? undefined : { quicOptions: {}, downstreamSocketConfig: {} },
    accessLog: accessLog.length > 0 ? accessLog : undefined,
  });
}

function buildFilterChain(
  { sniHosts, applicationProtocols, tls, filters, origin }: GatewayChain,
  transport: PlannedListener['transport'],
  behaviours: Behaviours,
): FilterChain {
  return withOrigin(
    compact({
      filterChainMatch: chainMatch(sniHosts, applicationProtocols),
      filters,
      transportSocket: tls && (transport === 'tcp' ? downstreamTlsSocket : quicSocket)(tls),
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
