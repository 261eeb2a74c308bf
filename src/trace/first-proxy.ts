import { parseHostPort } from '../util/host-port.ts';
import { type DataPlane, podAt, podKey } from './data-plane.ts';
import type { AccessLogLine, Outcome } from './outcome.ts';
import type { TracePod } from './pod.ts';

/** The proxy whose access log tells of a request, and which of its entries count. */
export interface Entry {
  /** Undefined for the first on the way that logs anything. */
  readonly proxy: string | undefined;
  /** Only what it logged of traffic that leaves. */
  readonly isClient: boolean;
}

/** The client's own proxy; for a client without one, the proxy that it calls. */
export function entryOf(dataPlane: DataPlane, client: TracePod | undefined, to: string): Entry {
  if (client !== undefined && client.proxy !== 'none') return { proxy: podKey(client), isClient: true };
  const target = podAt(dataPlane, parseHostPort(to)?.host ?? '');
  return { proxy: target === undefined ? undefined : podKey(target), isClient: false };
}

/** The last entry that the first proxy on the way wrote. */
export function firstLog({ logs, hops }: Pick<Outcome, 'logs' | 'hops'>, { proxy, isClient }: Entry): AccessLogLine | undefined {
  const first = proxy ?? hops.find(({ log }) => log !== undefined)?.place;
  return logs.filter((log) => log.proxy === first && !(isClient && log.side === 'INBOUND')).at(-1);
}
