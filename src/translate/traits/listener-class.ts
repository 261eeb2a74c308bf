/** Which side of which proxy a listener is on; istio networking.ListenerClass without the ambient ones. */
export type ListenerClass = 'inbound' | 'outbound' | 'gateway';
