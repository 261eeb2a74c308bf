import { isIpv6Text } from '../util/ip-address.ts';

/**
 * The address of a listener that takes connections to any address of a family: a socket of one family takes none of the other.
 * As Envoy source/common/listener_manager/connection_handler_impl.cc getBalancedHandlerByAddress.
 */
export function anyAddressFor(ip: string): string {
  return isIpv6Text(ip) ? '::' : '0.0.0.0';
}
