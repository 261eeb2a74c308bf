import { assertNever } from '../../util/assert.ts';
import { formatHostPort } from '../../util/host-port.ts';
import { podKey } from '../data-plane.ts';
import type { TracePod } from '../pod.ts';
import { type Answer, beginHop, type Connection, type HopRecorder, type PeerCertificate, type Run } from '../run.ts';
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
    case 'two tunnels':
      return throughTwoTunnels(next, source, connection, open, hop);
    case 'no network gateway':
      hop.step(
        { kind: 'ztunnel', name: next.network, event: 'no network gateway', because: next.because },
        next.service?.message,
      );
      return closed(`no gateway leads to network ${next.network}`);
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
  next: Extract<NextHop, { kind: 'tunnel' }>,
  source: DirectoryWorkload,
  { payload }: Connection,
  open: (to: AddressWithPort, payload: Connection['payload']) => Answer,
  hop: HopRecorder,
): Answer {
  const { to, target, workload, identities } = next;
  tellWaypoint(next, hop);
  const name = formatHostPort(to.ip, to.port);
  const wanted = formatHostPort(target.ip, target.port);
  hop.step({ kind: 'ztunnel', name, event: 'opens a tunnel', target: wanted, identity: source.identity }, workload.message);
  const answer = open(to, tunnelPayload(source.identity, target, payload, verifierOf(identities)));
  if (answer.kind === 'tunnel') return answer.answer;
  return noTunnel(name, answer, workload, hop);
}

/** As ztunnel src/proxy/outbound.rs proxy_to_double_hbone. */
function throughTwoTunnels(
  next: Extract<NextHop, { kind: 'two tunnels' }>,
  source: DirectoryWorkload,
  { payload }: Connection,
  open: (to: AddressWithPort, payload: Connection['payload']) => Answer,
  hop: HopRecorder,
): Answer {
  const { network, to, target, workload, identities, innerIdentities, behind } = next;
  tellWaypoint(next, hop);
  const name = formatHostPort(to.ip, to.port);
  const wanted = formatHostPort(target.ip, target.port);
  const { identity } = source;
  hop.step({ kind: 'ztunnel', name, event: 'opens two tunnels', target: wanted, identity, network }, workload.message);
  if (innerIdentities.length === 0) {
    // Whoever ends the inner tunnel has to have one of the identities that the service names.
    const reason = `${behind} names no identities (subjectAltNames), so that ztunnel refuses whoever ends the inner tunnel`;
    return noTunnel(wanted, { kind: 'closed', reason, seconds: 0 }, workload, hop);
  }
  const inner = tunnelPayload(identity, target, payload, verifierOf(innerIdentities));
  const outer = open(to, tunnelPayload(identity, target, inner, verifierOf(identities)));
  if (outer.kind !== 'tunnel') return noTunnel(name, outer, workload, hop);
  if (outer.answer.kind === 'tunnel') return outer.answer.answer;
  return noTunnel(wanted, outer.answer, workload, hop);
}

function tellWaypoint(
  { waypoint, service, workload }: Extract<NextHop, { kind: 'tunnel' | 'two tunnels' }>,
  hop: HopRecorder,
): void {
  if (waypoint === undefined) return;
  const { name, of } = waypoint;
  hop.step({ kind: 'ztunnel', name, event: 'goes to the waypoint', of }, service?.message ?? workload.message);
}

function verifierOf(identities: readonly string[]): (certificate: PeerCertificate) => string | undefined {
  return ({ uris }) =>
    uris.some((uri) => identities.includes(uri)) ? undefined : `it is of ${uris.join(', ')}, not of ${identities.join(' or ')}`;
}

function noTunnel(
  name: string,
  answer: Exclude<Answer, { kind: 'tunnel' }>,
  { message }: DirectoryWorkload,
  hop: HopRecorder,
): Answer {
  const reason = whyNoTunnel(answer);
  hop.step({ kind: 'ztunnel', name, event: 'no tunnel', reason }, message);
  return { kind: 'closed', reason, seconds: answer.kind === 'closed' ? answer.seconds : 0 };
}
