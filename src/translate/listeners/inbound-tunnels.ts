import type { Listener } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { SidecarView } from '../../scope/view.ts';
import { MAIN_INTERNAL } from '../naming/names.ts';
import { addressTraits, anyAddress } from '../naming/service-address.ts';
import type { AccessLogs } from '../telemetry/access-logs.ts';
import type { ProxyTraits } from '../traits/proxy-traits.ts';
import { takesTunnels } from '../traits/tunnels.ts';
import { cidrRange } from './address.ts';
import { buildConnectTerminate } from './connect-terminate.ts';
import { buildChains, type InboundContext, passthroughPort } from './inbound-chains.ts';
import { inboundPorts } from './inbound-ports.ts';
import { inboundListenerFilters } from './inspectors.ts';
import { originalDestination } from './listener-filters.ts';

/**
 * The listeners of sidecars that take tunnels (HBONE), in ambient mode: where they end, and inside of the proxy one with the chains of
 * the workload. As istio core/listener_inbound.go buildInboundHBONEListeners.
 */
export function createTunnelListeners(
  mesh: Mesh,
  traits: ProxyTraits,
): (view: SidecarView, inbound: InboundContext) => readonly Listener[] {
  return (view, inbound) => {
    if (!takesTunnels(mesh, view.proxy)) return [];
    const accessLogs = traits.telemetry.accessLogs(view, 'inbound');
    return [
      buildConnectTerminate(mesh, { http: inbound.http, authorization: traits.tunnelEnd(view), logs: accessLogs }, view.proxy),
      mainInternal(mesh, traits, view, inbound, accessLogs),
    ];
  };
}

/** The chains of the workload for what came through a tunnel, to its own addresses only; mutual TLS was the tunnel's. */
function mainInternal(
  mesh: Mesh,
  traits: ProxyTraits,
  view: SidecarView,
  inbound: InboundContext,
  { listener: accessLog }: AccessLogs,
): Listener {
  const tunnelledTo = view.proxy.ips.map(cidrRange).filter((range) => range !== undefined);
  const context: InboundContext = { ...inbound, ...traits.tunnelled(view), tunnelledTo };
  const anywhere = anyAddress(addressTraits(view.proxy, mesh.release.behaviours));
  const ports = [...inboundPorts(mesh, view, anywhere), passthroughPort(0)];
  const filterChains = ports.flatMap((port) => buildChains(context, port, 'DISABLE'));
  return {
    name: MAIN_INTERNAL,
    internalListener: {},
    trafficDirection: 'INBOUND',
    continueOnListenerFiltersTimeout: true,
    filterChains,
    ...(accessLog.length > 0 && { accessLog }),
    listenerFilters: [originalDestination, ...inboundListenerFilters(filterChains, true, view.proxy.interceptionMode)],
  };
}
