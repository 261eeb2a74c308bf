import { assertNever } from '../../util/assert.ts';
import { formatHostPort } from '../../util/host-port.ts';
import { podKey } from '../data-plane.ts';
import type { TracePod } from '../pod.ts';
import { type Answer, beginHop, type Connection, type HopRecorder, type Run } from '../run.ts';
import type { DirectoryWorkload, ZtunnelDirectory } from './directory.ts';
import { type AddressWithPort, type NextHop, nextHop } from './next-hop.ts';
import { tunnelPayload, whyNoTunnel } from './tunnel.ts';

/**
 * What ztunnel does with a connection that leaves a pod it stands before. The pod is connected at once, so whatever fails behind that
 * closes its connection. As ztunnel src/proxy/outbound.rs.
 */
export function leaveThroughZtunnel(
  run: Run,
  directory: ZtunnelDirectory,
  pod: TracePod,
  source: DirectoryWorkload,
  connection: Connection & { readonly destination: AddressWithPort },
): Answer {
  const { destination } = connection;
  const hop = beginHop(run, podKey(pod), 'ztunnel outbound');
  const asked = formatHostPort(destination.ip, destination.port);
  hop.step({ kind: 'ztunnel', name: podKey(pod), event: 'takes the connection', destination: asked }, source.message);
  const next = nextHop(run, directory, source, destination);
  if (next.service !== undefined) {
    const { hostname, message } = next.service;
    hop.step({ kind: 'ztunnel', name: hostname, event: 'finds the service', port: destination.port }, message);
  }
  return follow(run, pod, source, connection, next, hop);
}

function follow(
  run: Run,
  pod: TracePod,
  source: DirectoryWorkload,
  connection: Connection & { readonly destination: AddressWithPort },
  next: NextHop,
  hop: HopRecorder,
): Answer {
  const { destination } = connection;
  const open = (to: AddressWithPort, payload: Connection['payload']): Answer =>
    run.connect(run, {
      from: pod,
      isFromProxy: false,
      isFromZtunnel: true,
      source: connection.source,
      destination: to,
      payload,
      startedAt: connection.startedAt,
      depth: connection.depth + 1,
    });
  switch (next.kind) {
    case 'pass': {
      const to = formatHostPort(destination.ip, destination.port);
      hop.step({ kind: 'ztunnel', name: to, event: 'passes through', because: next.because }, next.service?.message);
      return plainly(open(destination, connection.payload), to, hop);
    }
    case 'plain': {
      const to = formatHostPort(next.to.ip, next.to.port);
      hop.step({ kind: 'ztunnel', name: to, event: 'sends plainly' }, next.workload.message);
      return plainly(open(next.to, connection.payload), to, hop);
    }
    case 'tunnel':
      return throughTunnel(next, source, connection, open, hop);
    case 'no endpoint': {
      const name = next.service?.hostname ?? '';
      const { port } = destination;
      const isKnown = next.service?.ports.has(port) === true;
      hop.step({ kind: 'ztunnel', name, event: isKnown ? 'no endpoint' : 'no such port', port }, next.service?.message);
      return closed('no endpoint is healthy');
    }
    case 'no waypoint':
      hop.step(
        { kind: 'ztunnel', name: next.name, event: 'no waypoint', of: next.of, because: next.because },
        next.service?.message,
      );
      return closed('the waypoint cannot be reached');
    case 'no address':
      hop.step({ kind: 'ztunnel', name: next.name, event: 'no address' }, next.service?.message);
      return closed(`${next.name} has no address`);
    case 'other network':
      hop.step({ kind: 'ztunnel', name: next.network, event: 'other network' }, next.service?.message);
      return closed('connections to other networks are not simulated');
    default:
      return assertNever(next);
  }
}

function closed(reason: string): Answer {
  return { kind: 'closed', reason, seconds: 0 };
}

function plainly(answer: Answer, to: string, hop: HopRecorder): Answer {
  if (answer.kind !== 'refused') return answer;
  hop.step({ kind: 'response', name: to, event: 'no connection', reason: answer.reason });
  return closed(answer.reason);
}

function throughTunnel(
  { to, target, workload, identities, waypoint, service }: Extract<NextHop, { kind: 'tunnel' }>,
  source: DirectoryWorkload,
  { payload }: Connection,
  open: (to: AddressWithPort, payload: Connection['payload']) => Answer,
  hop: HopRecorder,
): Answer {
  if (waypoint !== undefined) {
    const { name, of } = waypoint;
    hop.step({ kind: 'ztunnel', name, event: 'goes to the waypoint', of }, service?.message ?? workload.message);
  }
  const name = formatHostPort(to.ip, to.port);
  const wanted = formatHostPort(target.ip, target.port);
  hop.step({ kind: 'ztunnel', name, event: 'opens a tunnel', target: wanted, identity: source.identity }, workload.message);
  const answer = open(
    to,
    tunnelPayload(source.identity, target, payload, ({ uris }) =>
      uris.some((uri) => identities.includes(uri)) ? undefined : `it is of ${uris.join(', ')}, not of ${identities.join(' or ')}`,
    ),
  );
  if (answer.kind === 'tunnel') return answer.answer;
  const reason = whyNoTunnel(answer);
  hop.step({ kind: 'ztunnel', name, event: 'no tunnel', reason }, workload.message);
  return { kind: 'closed', reason, seconds: answer.kind === 'closed' ? answer.seconds : 0 };
}
