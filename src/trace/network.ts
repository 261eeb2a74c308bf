import type { Address, Listener } from '../envoy/api.gen.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import { assertNever } from '../util/assert.ts';
import { formatHostPort } from '../util/host-port.ts';
import { isIpv6Text } from '../util/ip-address.ts';
import { compact } from '../util/object.ts';
import { anyAddressFor } from './any-address.ts';
import { type Elsewhere, podAt, podKey, type ServicePlace } from './data-plane.ts';
import { createHeaders } from './headers.ts';
import { leftAloneAtClient, leftAloneAtServer, leftAloneOnReturn } from './interception.ts';
import { acceptConnection } from './listener.ts';
import type { TracePod } from './pod.ts';
import { PROXY_PROTOCOL } from './recording/parts.ts';
import {
  type Answer,
  beginHop,
  type Connection,
  GOES_IN_A_CIRCLE,
  noteDemands,
  noteProtocol,
  type Payload,
  type Run,
  runAt,
  TLS_ERRORS,
  type TlsHello,
  takeHost,
  toldOfHello,
} from './run.ts';
import { nameSourceOf, serve } from './server.ts';
import { isLoopbackAddress } from './strings.ts';
import { enterThroughZtunnel } from './ztunnel/inbound.ts';
import { TUNNEL_PORT } from './ztunnel/next-hop.ts';
import { leaveThroughZtunnel } from './ztunnel/outbound.ts';

const MAX_DEPTH = 24;
/** Where connections of inbound clusters come from, which the interception rules let pass. */
const INBOUND_SOURCES: readonly string[] = ['127.0.0.6', '::6'];

/**
 * Opens a connection as the kernel of a pod does: the interception rules of an injected pod lead what its application opens
 * to the outbound listener, and what arrives (or what the proxy sends to its own pod) to the inbound one.
 */
export function connect(begun: Run, connection: Connection): Answer {
  const { destination, from, isFromProxy, depth } = connection;
  const run = runAt(begun, from);
  if ('internal' in destination) return toInternalListener(run, { ...connection, destination });
  if (depth > MAX_DEPTH) return GOES_IN_A_CIRCLE;
  if ('socket' in destination) {
    if (from?.sockets.includes(destination.socket) !== true && run.dataPlane.servers.isWhole)
      return refused('nobody listens there');
    return from === undefined ? refused('nobody listens there') : serve(run, from, destination.socket, connection);
  }
  const { ip } = destination;
  const isLoopback = isLoopbackAddress(ip);
  const intercepted = from?.proxy === 'sidecar' && from.isIntercepted ? from : undefined;
  const { ztunnel } = run.dataPlane;
  if (from !== undefined && (isLoopback || from.ips.includes(ip))) {
    // A tunnel to the pod itself ends at ztunnel as any other.
    const own = connection.isFromZtunnel === true && destination.port === TUNNEL_PORT ? ztunnel?.captured(from) : undefined;
    if (own !== undefined) return enter(run, from, { ...connection, destination });
    const returns =
      isFromProxy &&
      intercepted !== undefined &&
      leftAloneOnReturn(intercepted, destination) === undefined &&
      !isLoopback &&
      !INBOUND_SOURCES.includes(connection.source.ip);
    return returns ? redirect(run, from, 'virtualInbound', connection) : arrive(run, from, connection);
  }
  const captured = from === undefined || connection.isFromZtunnel === true ? undefined : ztunnel?.captured(from);
  const isOfPod = from !== undefined && !isFromProxy && connection.isFromZtunnel !== true;
  if (isOfPod && (captured !== undefined || from.proxy === 'none') && !isOfFamilies(from.ips, ip)) {
    return ofNoFamily(run, from, destination);
  }
  if (ztunnel !== undefined && from !== undefined && captured !== undefined) {
    return leaveThroughZtunnel(run, ztunnel, from, captured, { ...connection, destination });
  }
  if (intercepted !== undefined && !isFromProxy) {
    const leftAlone = leftAloneAtClient(intercepted, destination);
    if (leftAlone === undefined) return redirect(run, intercepted, 'virtualOutbound', connection);
    if (!isOfFamilies(intercepted.ips, ip)) return ofNoFamily(run, intercepted, destination);
    const pod = podKey(intercepted);
    beginHop(run, pod, 'client').step({ kind: 'note', name: '', event: 'past the sidecar', pod, because: leftAlone });
  }
  const place = run.dataPlane.serviceAt(destination);
  if (place !== undefined && (run.hasNodes || place.isLoadBalancer === true))
    return forward(run, place, { ...connection, destination });
  return enter(run, podAt(run.dataPlane, ip), { ...connection, destination });
}

/** A connection to an address. */
type AddressedConnection = Connection & { readonly destination: { readonly ip: string; readonly port: number } };

/** What comes from elsewhere to a pod, or to nobody's address: the rules of its node or of an injected pod lead it to its proxy. */
function enter(run: Run, pod: TracePod | undefined, connection: AddressedConnection): Answer {
  if (pod === undefined) return outside(run, connection);
  const { ztunnel } = run.dataPlane;
  const workload = ztunnel?.captured(pod);
  if (ztunnel !== undefined && workload !== undefined) {
    return enterThroughZtunnel({ run, directory: ztunnel, pod, workload, connection });
  }
  // The rules of a sidecar leave the port alone on which tunnels end.
  if (connection.destination.port === TUNNEL_PORT && tunnelListener(run, pod) !== undefined) return arrive(run, pod, connection);
  if (pod.proxy !== 'sidecar' || !pod.isIntercepted) return arrive(run, pod, connection);
  const leftAlone = leftAloneAtServer(pod, connection.destination);
  return leftAlone === undefined
    ? redirect(run, pod, 'virtualInbound', connection)
    : arrive(run, pod, { ...connection, pastSidecar: leftAlone });
}

/**
 * Leads a connection to the address of a Service on to one of its endpoints, as kube-proxy has the nodes do. Without endpoints the
 * connection is refused; a port that the Service has not leads nowhere.
 */
function forward(begun: Run, place: ServicePlace, connection: AddressedConnection): Answer {
  const { service, cluster, port, hosts, isNodeLocal, cause } = place;
  const { destination, from, depth } = connection;
  const run = cluster === undefined ? begun : runAt(begun, { cluster });
  const hop = beginHop(run, service, 'service');
  if (port === undefined) {
    hop.step({ kind: 'service', name: service, event: 'no such port', port: destination.port }, cause);
    return refused(`the Service ${service} has no port ${destination.port}`);
  }
  const name = `${service}:${port}`;
  const node = place.isLoadBalancer === true ? undefined : from?.nodeName;
  const isNear = (host: ServicePlace['hosts'][number]): boolean => host.nodeName === undefined || host.nodeName === node;
  const taken = takeHost(run, run.dataPlane.balancer.evenly(isNodeLocal && node !== undefined ? hosts.filter(isNear) : hosts));
  if (taken === undefined) {
    hop.step({ kind: 'service', name, event: 'no endpoints' }, cause);
    return refused(`the Service ${service} has no endpoint that is ready`);
  }
  const { host, pod } = taken;
  hop.step({ kind: 'service', name, event: 'forwards', to: host.label }, cause);
  if (!('ip' in host.destination)) return refused('no node leads to a socket');
  return enter(run, pod, { ...connection, destination: host.destination, depth: depth + 1 });
}

function refused(reason: string, error = 'Connection refused'): Answer {
  return { kind: 'refused', reason, error };
}

function redirect(run: Run, pod: TracePod, name: 'virtualInbound' | 'virtualOutbound', connection: Connection): Answer {
  const snapshot = run.dataPlane.snapshotOf(pod);
  const listener = snapshot && run.dataPlane.lookups.listener(snapshot, name);
  if (snapshot === undefined || listener === undefined) return refused(`the proxy of ${podKey(pod)} has no listener ${name}`);
  const { destination } = connection;
  if (
    name === 'virtualOutbound' &&
    'ip' in destination &&
    !isOfFamilies([...pod.ips, ...addressesOf(listener)], destination.ip)
  ) {
    return ofNoFamily(run, pod, destination);
  }
  if ('ip' in destination && !isOfFamilies(addressesOf(listener), destination.ip)) {
    const family = isIpv6Text(destination.ip) ? 'IPv6' : 'IPv4';
    const reason = `the proxy of ${podKey(pod)}, to which it is redirected, does not listen for ${family} (ISTIO_DUAL_STACK of istiod)`;
    const place = formatHostPort(destination.ip, destination.port);
    const side = name === 'virtualOutbound' ? 'client' : 'inbound';
    beginHop(run, podKey(pod), side).step({ kind: 'response', name: place, event: 'no connection', reason });
    return refused(reason);
  }
  return acceptConnection({ run, pod, snapshot, listener, connection, isRedirected: true });
}

/** A pod opens no connections to a family of which neither it nor its proxy has an address; its node can give the proxy one. */
function ofNoFamily(run: Run, pod: TracePod, { ip, port }: { readonly ip: string; readonly port: number }): Answer {
  const [own, other] = isIpv6Text(ip) ? ['IPv4', 'IPv6'] : ['IPv6', 'IPv4'];
  const reason = `${podKey(pod)} has ${own} addresses alone, and this is one of ${other}`;
  beginHop(run, podKey(pod), 'client').step({ kind: 'response', name: formatHostPort(ip, port), event: 'no connection', reason });
  return refused(reason, 'Network is unreachable');
}

/** Whether one of these addresses is of the family of another one. */
function isOfFamilies(addresses: readonly string[], ip: string): boolean {
  return addresses.some((own) => isIpv6Text(own) === isIpv6Text(ip));
}

/** The addresses at which a listener listens. */
function addressesOf({ address, additionalAddresses = [] }: Listener): readonly string[] {
  return [address, ...additionalAddresses.map((additional) => additional.address)].flatMap((one) => ipOf(one) ?? []);
}

function ipOf(address: Address | undefined): string | undefined {
  return address?.socketAddress?.address;
}

/** A connection arrives at a pod with nothing in between: at a listener that its proxy has bound, else at its containers. */
function arrive(run: Run, pod: TracePod, connection: Connection): Answer {
  const { destination } = connection;
  if (!('ip' in destination)) return refused('nobody listens there');
  const snapshot = run.dataPlane.snapshotOf(pod);
  const listener = snapshot && boundListener(run, snapshot, destination);
  if (snapshot !== undefined && listener !== undefined) {
    return acceptConnection({ run, pod, snapshot, listener, connection, isRedirected: false });
  }
  if (pod.proxy === 'gateway' || pod.proxy === 'waypoint')
    return refused(`${podKey(pod)} listens on no port ${destination.port}`);
  if (!pod.ports.includes(destination.port) && (run.dataPlane.servers.isWhole || pod.ports.length > 0)) {
    return refused(`${podKey(pod)} listens on no port ${destination.port}`);
  }
  return serve(run, pod, destination.port, connection);
}

function boundListener(
  { dataPlane }: Run,
  snapshot: XdsSnapshot,
  { ip, port }: { ip: string; port: number },
): Listener | undefined {
  const at = (address: string): Listener | undefined =>
    dataPlane.lookups.listenersAt(snapshot, address, port).find(({ bindToPort }) => bindToPort !== false);
  return at(ip) ?? at(anyAddressFor(ip));
}

/** The listener of a sidecar on which tunnels end. */
function tunnelListener(run: Run, pod: TracePod): Listener | undefined {
  const snapshot = pod.proxy === 'sidecar' && run.dataPlane.ztunnel !== undefined ? run.dataPlane.snapshotOf(pod) : undefined;
  return snapshot && boundListener(run, snapshot, { ip: pod.ips[0] ?? '', port: TUNNEL_PORT });
}

/** A connection of a proxy to a listener of its own. */
function toInternalListener(run: Run, connection: Connection & { readonly destination: { readonly internal: string } }): Answer {
  const { from: pod, destination, depth } = connection;
  if (depth > MAX_DEPTH) return GOES_IN_A_CIRCLE;
  const snapshot = pod && run.dataPlane.snapshotOf(pod);
  const listener = snapshot && run.dataPlane.lookups.listener(snapshot, destination.internal);
  if (pod === undefined || snapshot === undefined || listener === undefined) {
    return refused(`the proxy has no listener ${destination.internal}`);
  }
  return acceptConnection({ run, pod, snapshot, listener, connection, isRedirected: true });
}

/** An address that no pod has. */
function outside(run: Run, connection: AddressedConnection): Answer {
  const { destination, payload } = connection;
  const place = formatHostPort(destination.ip, destination.port);
  const elsewhere = run.dataPlane.elsewhere?.(destination.ip);
  if (elsewhere !== undefined) {
    const { owner } = elsewhere;
    beginHop(run, place, 'server').step({ kind: 'server', name: place, ...factOf(elsewhere) });
    return refused(`the address ${place} is that of ${owner}, which is not reached from here`, 'Network is unreachable');
  }
  if (run.dataPlane.servers.isWhole) return refused(`nobody has the address ${place}`, 'Network is unreachable');
  const { hello, inner } = layersOf(payload);
  noteDelivery(run, place, connection, hello, inner);
  if (inner.kind === 'http' && inner.tunnel !== undefined) {
    return { kind: 'tunnel', answer: outside(run, { ...connection, payload: inner.tunnel }) };
  }
  const hop = beginHop(run, place, 'server');
  if (inner.kind === 'tls') {
    hop.step({ kind: 'server', name: place, event: 'TLS in TLS' });
    return { kind: 'tls-failure', reason: 'the server answers without TLS', error: TLS_ERRORS.notTls };
  }
  hop.step({ kind: 'server', name: place, event: inner.kind === 'opaque' ? 'connection' : 'outside' });
  if (inner.kind === 'opaque') return { kind: 'closed', reason: 'no HTTP', seconds: 0 };
  const { headers, ...told } = run.dataPlane.servers.answerOutside(inner.headers);
  return { kind: 'response', ...told, headers: createHeaders(headers) };
}

function factOf(elsewhere: Elsewhere) {
  switch (elsewhere.kind) {
    case 'pod':
      return { event: 'on another network', owner: elsewhere.owner, within: elsewhere.within } as const;
    case 'service':
      return { event: 'of another cluster', owner: elsewhere.owner, within: elsewhere.within } as const;
    case 'service of the other side':
      return { event: 'of the other side', owner: elsewhere.owner } as const;
    default:
      return assertNever(elsewhere);
  }
}

/** What is in the TLS of a connection, and before it what a proxy says of its client. */
function layersOf(payload: Payload): {
  readonly hello: TlsHello | undefined;
  readonly inner: Exclude<Payload, { readonly kind: 'proxy-protocol' }>;
} {
  if (payload.kind === 'proxy-protocol') return layersOf(payload.inner);
  if (payload.kind !== 'tls') return { hello: undefined, inner: payload };
  const { hello, inner } = payload;
  return { hello, inner: inner.kind === 'proxy-protocol' ? { kind: 'opaque' } : inner };
}

/** Notes what comes to a server of which nothing is known. */
function noteDelivery(
  run: Run,
  place: string,
  { nameSource, payload }: AddressedConnection,
  hello: TlsHello | undefined,
  inner: Payload,
): void {
  const { recorder, isMirror } = run;
  noteDemands(run, hello);
  if (payload.kind === 'proxy-protocol') recorder?.assume({ kind: 'unseen', what: PROXY_PROTOCOL, config: '' });
  noteProtocol(run, inner);
  const http = inner.kind === 'http' ? inner.headers : undefined;
  const sources = new Map(recorder === undefined ? [] : http?.sources());
  if (nameSource !== undefined) sources.set('server', nameSource);
  for (const [name, source] of nameSourceOf(run, hello)) sources.set(name, source);
  run.otherDeliveries.push({
    place,
    isOutside: true,
    isMirror,
    ...compact({ tls: toldOfHello(hello) }),
    ...(http !== undefined && {
      request: { method: http.told(':method') ?? 'GET', path: http.told(':path') ?? '', headers: http.entries() },
    }),
    ...(recorder !== undefined && { sources }),
  });
}
