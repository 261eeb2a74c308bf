/** Which side of which proxy a listener is on; istio networking.ListenerClass without the ambient ones. */
export type ListenerClass = 'inbound' | 'outbound' | 'gateway';

/** The class of the listeners through which a proxy sends traffic on: istio model.OutboundListenerClass. */
export function outboundListenerClass(proxyType: 'sidecar' | 'gateway'): ListenerClass {
  return proxyType === 'gateway' ? 'gateway' : 'outbound';
}
