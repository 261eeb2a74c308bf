import type { Listener } from '../../envoy/api.gen.ts';
import type { Emitted } from '../../envoy/emitted.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { SidecarView } from '../../scope/view.ts';
import type { ProxyTraits } from '../traits/proxy-traits.ts';
import { emitInbound } from './connect-terminate.ts';
import { createInboundListenerBuilder } from './inbound.ts';
import { createOutboundListenerBuilder } from './outbound.ts';

/**
 * Builds the listeners of sidecars: outbound ones first, then inbound ones.
 * As istio pilot/pkg/networking/core/listener.go buildSidecarListeners and listener_builder.go getListeners.
 */
export function createListenerBuilder(mesh: Mesh, traits: ProxyTraits): (view: SidecarView) => Emitted<Listener>[] {
  const outbound = createOutboundListenerBuilder(mesh, traits);
  const inbound = createInboundListenerBuilder(mesh, traits);
  return (view) => {
    // Without the port to which traffic is redirected there is nothing to listen for.
    if (mesh.config.proxyListenPort === 0) return [];
    return [...outbound(view), ...inbound(view).map(emitInbound)];
  };
}
