import type { Listener } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { HBONE_PORT } from '../../model/registry/networks.ts';
import type { WaypointView } from '../../scope/view.ts';
import { addAll } from '../../util/collections.ts';
import { addressTraits, anyAddress } from '../naming/service-address.ts';
import { sdsTraitsOf } from '../tls/common.ts';
import { secretServersOf } from '../tls/secret-servers.ts';
import type { ProxyTraits } from '../traits/proxy-traits.ts';
import { buildGatewayListener, type PlannedListener } from './gateway.ts';
import type { ConnectionChainInput } from './gateway-chain.ts';
import { connectionChains } from './gateway-chains.ts';

/**
 * The listeners of a gateway between networks beside that for tunnels: TLS that goes to the services of TLSRoutes as it is.
 * As istio core/listener_waypoint.go buildEastWestTLSPassthroughListeners.
 */
export function createPassedThroughListeners(mesh: Mesh, traits: ProxyTraits): (view: WaypointView) => readonly Listener[] {
  const secretServers = secretServersOf(mesh);
  return (view) => {
    const { proxy, gateway } = view;
    if (gateway === undefined) return [];
    const { customAuthorization, authorization } = traits.tunnelled(view).tcp;
    const input: ConnectionChainInput = {
      mesh,
      view,
      // Policies look for the client where tunnels would tell of it, as istiod has it.
      tcp: { ...traits.tcp(view, 'outbound'), customAuthorization, authorization },
      sds: sdsTraitsOf(proxy),
      secretServers,
      claimedHosts: new Map(),
    };
    const anywhere = anyAddress(addressTraits(proxy, mesh.release.behaviours));
    const listeners = new Map<string, PlannedListener>();
    for (const port of gateway.ports.filter(({ number }) => number !== HBONE_PORT)) {
      const chains = port.servers.flatMap((server) => connectionChains(input, server, port.number));
      if (chains.length === 0) continue;
      const name = `${port.bind || anywhere}_${port.number}`;
      const existing = listeners.get(name);
      if (existing === undefined) listeners.set(name, { port, transport: 'tcp', chains });
      else addAll(existing.chains, chains);
    }
    return [...listeners].map(([name, listener]) =>
      buildGatewayListener({ mesh, view, traits, before: [], direction: 'INBOUND' }, name, listener),
    );
  };
}
