import type { StoppableConnection } from '../operations/network-stoppers.ts';

/** A connection that network policies may stop, in words. */
export function stoppableWords({ from, to, port, policies }: StoppableConnection): string {
  return `${policies.join(', ')} may stop the connection from ${from} to ${to}${port === undefined ? '' : `:${port}`}`;
}

/** What policies may do to what is named before. */
export function mayBeStopped(policies: string): string {
  return `may be stopped by network policies, which are not simulated: ${policies}`;
}
