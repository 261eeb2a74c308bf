import type { AccessLog, FilterChain, Listener } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { type MutualTlsMode, mutualTlsModeOfPort } from '../../model/security/peer-authentication.ts';
import type { SidecarView } from '../../scope/view.ts';
import { canonicalDuration } from '../../util/duration.ts';
import { BLACK_HOLE_CLUSTER } from '../naming/names.ts';
import { addressTraits, anyAddress } from '../naming/service-address.ts';
import { tcpMetadataExchange } from '../network-filters/network-filters.ts';
import { plainTcpProxy } from '../network-filters/tcp-proxy.ts';
import { sdsTraitsOf } from '../tls/common.ts';
import { buildServerTlsContext, downstreamTlsSocket } from '../tls/gateway.ts';
import { createInboundTls } from '../tls/inbound.ts';
import { secretServersOf } from '../tls/secret-servers.ts';
import { proxyFlag } from '../traits/proxy-metadata.ts';
import type { ProxyTraits } from '../traits/proxy-traits.ts';
import type { TcpTraits } from '../traits/traits.ts';
import { acceptLimit } from './accept-limit.ts';
import { additionalAddresses, buildAddress, otherWildcards } from './address.ts';
import { buildChains, chainName, type InboundContext, passthroughPort } from './inbound-chains.ts';
import { type InboundPort, inboundPorts, servesPort } from './inbound-ports.ts';
import { createTunnelListeners } from './inbound-tunnels.ts';
import { inboundListenerFilters } from './inspectors.ts';
import { virtualListenerPorts } from './ports.ts';

/**
 * Builds the listeners for what reaches the workload: one for redirected traffic, and one for each port that a Sidecar binds.
 * As istio pilot/pkg/networking/core/listener_inbound.go buildInboundListeners.
 */
export function createInboundListenerBuilder(mesh: Mesh, traits: ProxyTraits): (view: SidecarView) => Listener[] {
  const tls = createInboundTls(mesh);
  const tunnels = createTunnelListeners(mesh, traits);
  const secretServers = secretServersOf(mesh);
  return (view) => {
    const { proxy, mutualTls } = view;
    const context: InboundContext = {
      config: mesh.config,
      http: traits.http(view, 'inbound'),
      tcp: traits.tcp(view, 'inbound'),
      tls: tls(proxy),
      ownTls: (settings) =>
        downstreamTlsSocket(
          buildServerTlsContext(settings, {
            config: mesh.config,
            behaviours: mesh.release.behaviours,
            sds: sdsTraitsOf(proxy),
            secretServers,
            tcp: false,
          }),
        ),
    };
    const addresses = addressTraits(proxy, mesh.release.behaviours);
    const anywhere = anyAddress(addresses);
    const ports = inboundPorts(mesh, view, anywhere).map((port) => ({
      port,
      chains: buildChains(context, port, mutualTlsModeOfPort(mutualTls, port.targetPort)),
    }));
    const { listener: accessLog } = traits.telemetry.accessLogs(view, 'inbound');
    const build = (place: ListenerPlace, chains: readonly FilterChain[]): Listener =>
      buildInboundListener(mesh, proxy, place, chains, accessLog);

    const bound = ports
      .filter(({ port }) => port.bindToPort)
      .map(({ port, chains }) =>
        build(
          {
            name: chainName(port, 'tcp'),
            bind: port.bind,
            port: port.targetPort,
            bindToPort: true,
            others: port.onAnyAddress ? otherWildcards(addresses) : [],
          },
          chains,
        ),
      );
    const tunnelled = tunnels(view, context);
    if (proxy.interceptionMode === 'NONE') return [...bound, ...tunnelled];
    const [, virtualPort] = virtualListenerPorts(mesh.config);
    const others = otherWildcards(addresses);
    const virtual = build({ name: 'virtualInbound', bind: anywhere, port: virtualPort, bindToPort: false, others }, [
      blackHoleChain(virtualPort, context.tcp),
      ...catchAllPorts(view).flatMap(({ port, mode }) => buildChains(context, port, mode)),
      ...ports.filter(({ port }) => !port.bindToPort).flatMap(({ chains }) => chains),
    ]);
    return [virtual, ...bound, ...tunnelled];
  };
}

/** Where an inbound listener is. */
interface ListenerPlace {
  readonly name: string;
  readonly bind: string;
  readonly port: number;
  readonly bindToPort: boolean;
  /** Further addresses. */
  readonly others: readonly string[];
}

/** istio listener_inbound.go buildInboundListener. */
function buildInboundListener(
  { config, release: { behaviours } }: Pick<Mesh, 'config' | 'release'>,
  proxy: Proxy,
  { name, bind, port, bindToPort, others }: ListenerPlace,
  filterChains: readonly FilterChain[],
  accessLog: readonly AccessLog[],
): Listener {
  return {
    name,
    address: buildAddress(bind, port),
    ...additionalAddresses(others, port),
    trafficDirection: 'INBOUND',
    continueOnListenerFiltersTimeout: true,
    ...acceptLimit(behaviours),
    ...(proxyFlag(proxy, 'INBOUND_LISTENER_EXACT_BALANCE') && { connectionBalanceConfig: { exactBalance: {} } }),
    ...(!bindToPort && proxy.interceptionMode === 'TPROXY' && { transparent: true }),
    ...(accessLog.length > 0 && { accessLog }),
    filterChains,
    ...nonEmptyListenerFilters(filterChains, bindToPort, proxy),
    listenerFiltersTimeout: canonicalDuration(config.protocolDetectionTimeout) ?? '0s',
  };
}

function nonEmptyListenerFilters(chains: readonly FilterChain[], bindToPort: boolean, proxy: Proxy): Partial<Listener> {
  const listenerFilters = inboundListenerFilters(chains, bindToPort, proxy.interceptionMode);
  return listenerFilters.length > 0 ? { listenerFilters } : {};
}

/** Connections to the virtual port itself were not redirected: passing them on would be a loop. istio buildInboundBlackhole. */
function blackHoleChain(port: number, traits: TcpTraits): FilterChain {
  return {
    name: 'virtualInbound-blackhole',
    filterChainMatch: { destinationPort: port },
    filters: [...tcpMetadataExchange(traits.behaviours), ...traits.stats, plainTcpProxy(BLACK_HOLE_CLUSTER)],
  };
}

/**
 * What takes connections to ports that no service names: all of them, and those to which a port-level policy gives another mode.
 * As istio buildInboundPassthroughChains and plugin/authn ForPassthrough.
 */
function catchAllPorts(view: SidecarView): readonly { readonly port: InboundPort; readonly mode: MutualTlsMode }[] {
  const { mutualTls } = view;
  const unserved = [...mutualTls.byPort.keys()].filter((port) => !servesPort(view, port));
  return [0, ...unserved].map((targetPort) => ({
    mode: mutualTlsModeOfPort(mutualTls, targetPort),
    port: passthroughPort(targetPort),
  }));
}
