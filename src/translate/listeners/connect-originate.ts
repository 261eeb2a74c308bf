import type { Listener } from '../../envoy/api.gen.ts';
import type { Emitted } from '../../envoy/emitted.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { ProxyView } from '../../scope/view.ts';
import { assertNever } from '../../util/assert.ts';
import { memo } from '../../util/memo.ts';
import { CONNECT_ORIGINATE, FORWARD_INNER_CONNECT } from '../naming/names.ts';
import { tellPeerOfTunnel } from '../network-filters/network-filters.ts';
import { baggage, forwardingProxy, tunnelProxy } from '../network-filters/tcp-proxy.ts';
import type { AccessLogs } from '../telemetry/access-logs.ts';
import type { ListenerClass } from '../traits/listener-class.ts';
import type { ProxyTraits } from '../traits/proxy-traits.ts';
import { hasTunnels } from '../traits/tunnels.ts';
import { tunnelListener } from './double-tunnel.ts';
import { originalDestination } from './listener-filters.ts';

/**
 * The listener inside of a proxy that leads connections into tunnels (HBONE), in ambient mode; no patch reaches it.
 * As istio core/listener.go BuildListeners and listener_waypoint.go buildConnectForwarder.
 */
export function createConnectOriginate(
  mesh: Pick<Mesh, 'ambient' | 'release'>,
  { telemetry }: Pick<ProxyTraits, 'telemetry'>,
): (view: ProxyView) => readonly Emitted<Listener>[] {
  const build = memo((logs: AccessLogs): readonly Emitted<Listener>[] => [
    { value: buildConnectOriginate(mesh.release.behaviours, logs), site: undefined },
  ]);
  return (view) => (hasTunnels(mesh, view.role) ? build(telemetry.accessLogs(view, listenerClass(view))) : []);
}

/** Leads connections into tunnels to where they are for. */
export function buildConnectOriginate({ ambientEnableBaggage }: Behaviours, logs: AccessLogs): Listener {
  const headers = ambientEnableBaggage ? [baggage] : [];
  const proxy = tunnelProxy(CONNECT_ORIGINATE, '%DOWNSTREAM_LOCAL_ADDRESS%', logs.tunnelStart, headers);
  const filters = ambientEnableBaggage ? [tellPeerOfTunnel, proxy] : [proxy];
  return tunnelListener(CONNECT_ORIGINATE, [originalDestination], filters, logs);
}

/** Hands on what comes in tunnels to a gateway between networks, as it is: another tunnel. As istio buildForwardInnerConnectListener. */
export function buildForwardInnerConnect(logs: AccessLogs): Listener {
  const proxy = forwardingProxy(FORWARD_INNER_CONNECT, logs.tunnelPassed);
  return tunnelListener(FORWARD_INNER_CONNECT, [originalDestination], [proxy], logs);
}

function listenerClass({ role }: ProxyView): ListenerClass {
  switch (role) {
    case 'sidecar':
      return 'outbound';
    case 'gateway':
      return 'gateway';
    case 'waypoint':
      return 'inbound';
    default:
      return assertNever(role);
  }
}
