import type { Outcome } from '../outcome.ts';

/** Whether the last ztunnel before a server took the connection out of a tunnel, which is mutual TLS. */
export function arrivesThroughTunnel({ hops }: Pick<Outcome, 'hops'>): boolean {
  const last = hops.findLast(({ side }) => side === 'ztunnel inbound');
  return last?.steps.some((step) => step.kind === 'ztunnel' && step.event === 'takes the tunnel') === true;
}
