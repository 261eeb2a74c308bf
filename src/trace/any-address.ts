import type { Listener } from '../envoy/api.gen.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import { isIpv6Text } from '../util/ip-address.ts';
import type { Lookups } from './lookups.ts';

/**
 * The address of a listener that takes connections to any address of a family: a socket of one family takes none of the other.
 * As Envoy source/common/listener_manager/connection_handler_impl.cc getBalancedHandlerByAddress.
 */
export function anyAddressFor(ip: string): string {
  return isIpv6Text(ip) ? '::' : '0.0.0.0';
}

/** The listener for connections to an address: one that has it goes before those that take any of its family. */
export function listenerFor(
  { listenersAt }: Pick<Lookups, 'listenersAt'>,
  snapshot: XdsSnapshot,
  ip: string,
  port: number,
): Listener | undefined {
  return listenersAt(snapshot, ip, port)[0] ?? listenersAt(snapshot, anyAddressFor(ip), port)[0];
}
