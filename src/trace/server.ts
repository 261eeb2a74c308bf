import { compact } from '../util/object.ts';
import { podKey } from './data-plane.ts';
import { createHeaders } from './headers.ts';
import type { TracePod } from './pod.ts';
import { serverNameSource } from './recording/scenes.ts';
import type { TextSource } from './recording/source.ts';
import {
  type Answer,
  beginHop,
  type Connection,
  noteDemands,
  noteProtocol,
  type Run,
  TLS_ERRORS,
  type TlsHello,
  toldOfHello,
} from './run.ts';
import { negotiated } from './tls.ts';

/** Where the name comes from that TLS asks for. */
export function nameSourceOf({ recorder }: Run, hello: TlsHello | undefined): readonly (readonly [string, TextSource])[] {
  return hello === undefined ? [] : [['server name', hello.serverNameSource ?? serverNameSource(hello.serverName, recorder)]];
}

/** What the containers of a pod do with a connection: HTTP, plain or TLS, is answered, the rest is closed. */
export function serve(run: Run, pod: TracePod, port: number | string, connection: Connection): Answer {
  const { payload } = connection;
  if (payload.kind !== 'tls') return answer(run, pod, port, undefined, connection);
  const { servers, dns } = run.dataPlane;
  noteDemands(run, payload.hello);
  const refusal = payload.hello.verify({ uris: [], dnsNames: servers.certificateNames(dns.keys()) });
  if (refusal !== undefined) return { kind: 'tls-failure', reason: refusal, error: `${TLS_ERRORS.refused}${refusal}` };
  const inner = servers.speaksHttp2 ? payload.inner : negotiated(payload.inner, []);
  return answer(run, pod, port, payload.hello, { ...connection, payload: inner });
}

function answer(
  run: Run,
  pod: TracePod,
  port: number | string,
  hello: TlsHello | undefined,
  { payload, pastSidecar }: Connection,
): Answer {
  const { servers } = run.dataPlane;
  const hop = beginHop(run, podKey(pod), 'server');
  if (pastSidecar !== undefined)
    hop.step({ kind: 'note', name: '', event: 'past the sidecar', pod: podKey(pod), because: pastSidecar });
  const kin = run.kin.get(podKey(pod));
  const at = { ...(kin !== undefined && { kin }), port, isMirror: run.isMirror };
  if (payload.kind !== 'http') {
    run.otherDeliveries.push({ ...at, place: podKey(pod), isOutside: false, ...compact({ tls: toldOfHello(hello) }) });
    hop.step({ kind: 'server', name: String(port), event: payload.kind === 'opaque' ? 'connection' : 'no HTTP' });
    return { kind: 'closed', reason: 'no HTTP', seconds: 0 };
  }
  noteProtocol(run, payload);
  const { headers, version } = payload;
  const [method, path] = [headers.told(':method') ?? 'GET', headers.told(':path') ?? '/'];
  hop.step({ kind: 'server', name: String(port), event: 'request', method, path });
  if (!servers.speaksHttp2 && version === 'HTTP/2') {
    return { kind: 'closed', reason: 'protocol error', isProtocolError: true, seconds: 0 };
  }
  run.deliveries.push({
    pod: podKey(pod),
    ...at,
    method,
    path,
    headers: headers.entries(),
    ...compact({ tls: toldOfHello(hello) }),
    ...(headers.recorder !== undefined && { sources: new Map([...headers.sources(), ...nameSourceOf(run, hello)]) }),
  });
  const told = servers.answer({ pod, port, serverName: hello?.serverName ?? null, method, path, headers });
  return { kind: 'response', ...told, headers: createHeaders(told.headers) };
}
