import type { Listener } from '../../envoy/api.gen.ts';
import type { Behaviours } from '../../releases/release.ts';

/** How many connections a listener accepts at once; istio maxConnectionsToAcceptPerSocketEvent. */
export function acceptLimit({ maxConnectionsPerSocketEventLoop: limit }: Behaviours): Partial<Listener> {
  return limit > 0 ? { maxConnectionsToAcceptPerSocketEvent: limit } : {};
}
