import type { DataPlane } from '../../trace/data-plane.ts';
import type { Delivery, Hop, Outcome } from '../../trace/outcome.ts';
import { splitQuery } from '../../trace/path.ts';
import { parseHostPort } from '../../util/host-port.ts';

/** How a connection is secured when it comes to a server, or to the proxy before it. */
export type ArrivalSecurity = 'mutual TLS' | 'TLS' | 'plain text';

/** A request at a server, or at a gateway that sends it on. */
export interface ServerArrival {
  /** A pod as `namespace/name`, another server by its address; where one of several alike gets it, all of them. */
  readonly servers: readonly string[];
  readonly port: number;
  readonly security: ArrivalSecurity;
  /** The names in the client's certificate. */
  readonly identities: readonly string[];
  /** As the server gets them; undefined where it is no pod or no HTTP is spoken. */
  readonly method: string | undefined;
  readonly path: string | undefined;
  /** What the server got, where it is a pod that speaks HTTP. */
  readonly delivery: Delivery | undefined;
}

/** Where one way of a request arrives, of a client that speaks TLS of its own or not. */
export function arrivalsOf(
  { hops, deliveries }: Pick<Outcome, 'hops' | 'deliveries'>,
  isClientTls: boolean,
  { podByKey }: Pick<DataPlane, 'podByKey'>,
): readonly ServerArrival[] {
  const left = [...deliveries];
  return hops.flatMap((hop, index): readonly ServerArrival[] => {
    const isPassing = hop.side === 'gateway' && hops.slice(index + 1).some(({ side }) => side === 'server');
    if (!isPassing && (hop.side !== 'server' || hop.steps.some(isMissed))) return [];
    const at = isPassing ? -1 : left.findIndex(({ pod }) => pod === hop.place);
    const [delivery] = at === -1 ? [] : left.splice(at, 1);
    const servers = delivery?.kin === undefined ? [hop.place] : [...new Set([hop.place, ...delivery.kin])];
    const isPod = podByKey.has(hop.place);
    return [
      {
        servers,
        port: isPod ? portOf(hop, hops[index - 1]) : (parseHostPort(hop.place)?.port ?? 0),
        ...securityAt(hops, isPassing ? index : index - 1, isClientTls),
        method: delivery?.method,
        path: delivery && splitQuery(delivery.path)[0],
        delivery,
      },
    ];
  });
}

const MISSED: ReadonlySet<string> = new Set(['TLS in TLS', 'on another network', 'of another cluster', 'of the other side']);

/** Whether what is told of a server is that nothing came to it. */
function isMissed(step: Hop['steps'][number]): boolean {
  return step.kind === 'server' && MISSED.has(step.event);
}

/**
 * The port of a pod that a connection came to: that for which its proxy took it, wherever the proxy sends it on to (another port, or a
 * socket), or else that of the server.
 */
function portOf({ place, steps }: Hop, before: Hop | undefined): number {
  const taken = before?.place === place && before.side === 'inbound' ? before.steps : [];
  for (const step of [...taken.toReversed(), ...steps]) {
    if (step.kind === 'server') return Number(step.name);
    if (step.kind === 'filter chain' && 'connection' in step) return step.connection.port;
  }
  return 0;
}

/** How the connection to the server behind a proxy is secured: as the proxy took it, or, without one, as it was opened. */
function securityAt(hops: readonly Hop[], index: number, isClientTls: boolean): Pick<ServerArrival, 'security' | 'identities'> {
  const hop = hops[index];
  for (const step of hop?.steps ?? []) {
    if (step.kind === 'tls' && step.event === 'established' && hop?.side !== 'outbound') {
      return { security: step.isMutual ? 'mutual TLS' : 'TLS', identities: step.identities };
    }
    if (step.kind === 'ztunnel' && step.event === 'takes the tunnel') {
      return { security: 'mutual TLS', identities: [step.identity] };
    }
  }
  const opened = hop?.side === 'inbound' || hop?.side === 'ztunnel inbound' ? undefined : openedBy(hop);
  if (opened !== undefined) return opened;
  // A gateway between networks passes on the TLS of the proxy before it, which it does not end.
  const passed = hop?.side === 'gateway' ? openedBy(hops.slice(0, index).findLast(isOfProxy)) : undefined;
  if (passed !== undefined) return passed;
  const isTaken = hops
    .slice(0, index)
    .some(({ steps }) => steps.some((step) => step.kind === 'tls' && step.event === 'established'));
  return { security: isClientTls && !isTaken ? 'TLS' : 'plain text', identities: [] };
}

function isOfProxy({ side }: Hop): boolean {
  return side !== 'client' && side !== 'service';
}

/** How a proxy opens a connection to a server that has none. */
function openedBy(hop: Hop | undefined): Pick<ServerArrival, 'security' | 'identities'> | undefined {
  const step = hop?.steps.findLast(({ kind }) => kind === 'endpoint');
  const tls = step?.kind === 'endpoint' && step.event === 'chosen' ? step.security.tls : undefined;
  return tls && { security: tls.isMutual ? 'mutual TLS' : 'TLS', identities: [] };
}
