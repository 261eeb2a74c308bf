import type { MeshConfig } from '../../api/istio.gen.ts';
import { isHttp, type Protocol } from '../../model/protocol.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import { proxyFlag } from '../traits/proxy-metadata.ts';

/** Ports of listeners that every proxy has from its bootstrap: its health check and its metrics. */
const staticPorts: readonly number[] = [15021, 15090];

/** A port that a listener would be on. */
export interface PortBinding {
  /** Whether the listener really binds, or only stands for redirected connections. */
  readonly bindToPort: boolean;
  /** Empty where the address follows from the service. */
  readonly bind: string;
  /** The address that stands for "any" in the family of the proxy. */
  readonly anywhere: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** Whether the proxy may not bind to ports below 1024; istio Proxy.IsUnprivileged. */
export function isUnprivileged(proxy: Proxy): boolean {
  return proxyFlag(proxy, 'UNPRIVILEGED_POD');
}

/**
 * Whether a listener may be on the port: not on a privileged one of an unprivileged proxy, and not on one of Istio's own ports on
 * any address. `reserved` are the ports of the virtual listeners, where they count.
 * As istio pilot/pkg/model/context.go CanBindToPort.
 */
export function canListen(binding: PortBinding, unprivileged: boolean, reserved: readonly number[]): boolean {
  const { bindToPort, bind, anywhere, port, protocol } = binding;
  if (bindToPort && unprivileged && port > 0 && port < 1024) return false;
  const isOnAnyAddress = bind === '' ? isHttp(protocol) : bind === anywhere;
  return !isOnAnyAddress || !(staticPorts.includes(port) || reserved.includes(port));
}

/** The ports to which iptables redirects: outbound, then inbound. */
export function virtualListenerPorts(config: MeshConfig): readonly [outbound: number, inbound: number] {
  return [config.proxyListenPort ?? 15001, config.proxyInboundListenPort ?? 15006];
}
