import type { HeaderValue, Listener, ListenerFilter, NetworkFilter } from '../../envoy/api.gen.ts';
import type { Behaviours } from '../../releases/release.ts';
import { compact } from '../../util/object.ts';
import { farTarget, SOURCE_HEADER, tellFarTarget } from '../http-filters/tunnel.ts';
import { INNER_CONNECT_ORIGINATE, OUTER_CONNECT_ORIGINATE } from '../naming/names.ts';
import { tellPeerOfTunnel } from '../network-filters/network-filters.ts';
import { baggage, tunnelProxy } from '../network-filters/tcp-proxy.ts';
import type { AccessLogs } from '../telemetry/access-logs.ts';
import { originalDestination } from './listener-filters.ts';

/** The listeners that lead connections to other networks: into a tunnel that ends at the workload, and this one into another. */

/** As istio core/listener.go buildInnerConnectOriginateListener. */
export function buildInnerTunnel({ ambientEnableBaggage }: Behaviours, network: string, logs: AccessLogs): Listener {
  const header: HeaderValue = compact({ key: 'x-forwarded-network', value: network || undefined });
  const headers = ambientEnableBaggage ? [header, baggage] : [header];
  const proxy = tunnelProxy(INNER_CONNECT_ORIGINATE, farTarget, logs.tunnelStart, headers);
  const filters = ambientEnableBaggage ? [tellFarTarget, tellPeerOfTunnel, proxy] : [tellFarTarget, proxy];
  return tunnelListener(INNER_CONNECT_ORIGINATE, [], filters, logs);
}

/** The header tells the gateway whether policies for requests have been applied. As buildOuterConnectOriginateListener. */
export function buildOuterTunnel(source: 'gateway' | 'waypoint', logs: AccessLogs): Listener {
  const header: HeaderValue = { key: SOURCE_HEADER, value: source };
  const proxy = tunnelProxy(OUTER_CONNECT_ORIGINATE, farTarget, logs.tunnelStart, [header]);
  return tunnelListener(OUTER_CONNECT_ORIGINATE, [originalDestination], [proxy], logs);
}

/** A listener inside of the proxy that leads connections into tunnels; as istio core/listener_waypoint.go buildConnectForwarder. */
export function tunnelListener(
  name: string,
  listenerFilters: readonly ListenerFilter[],
  filters: readonly NetworkFilter[],
  { listener: accessLog }: Pick<AccessLogs, 'listener'>,
): Listener {
  return {
    name,
    useOriginalDst: false,
    internalListener: {},
    ...(listenerFilters.length > 0 && { listenerFilters }),
    filterChains: [{ filters }],
    ...(accessLog.length > 0 && { accessLog }),
  };
}
