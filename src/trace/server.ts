import { createHeaders } from './headers.ts';
import { type Answer, beginHop, type Certificate, type Connection, type Run, TLS_ERRORS } from './run.ts';
import { podKey, type TracePod, type World } from './world.ts';

/** What the containers of a pod do with a connection: HTTP, plain or TLS, is answered, the rest is closed. */
export function serve(run: Run, pod: TracePod, port: number | string, connection: Connection): Answer {
  const { payload } = connection;
  if (payload.kind !== 'tls') return answer(run, pod, port, null, connection);
  const refusal = payload.hello.verify(serverCertificate(run.world));
  if (refusal !== undefined) return { kind: 'tls-failure', reason: refusal, error: `${TLS_ERRORS.refused}${refusal}` };
  return answer(run, pod, port, payload.hello.serverName, { ...connection, payload: payload.inner });
}

/** The certificate that servers of their own show. */
function serverCertificate({ servers, dns }: World): Certificate {
  return { uris: [], dnsNames: servers === 'echo' ? ['echo', ...dns.keys()] : ['*'] };
}

function answer(
  run: Run,
  pod: TracePod,
  port: number | string,
  serverName: string | null,
  { payload, isFromProxy }: Connection,
): Answer {
  const hop = beginHop(run, podKey(pod), 'server');
  if (payload.kind !== 'http') {
    hop.step('server', String(port), 'gets a connection that carries no HTTP');
    return { kind: 'closed', reason: 'no HTTP', seconds: 0 };
  }
  const { headers, version } = payload;
  const [method, path] = [headers.get(':method') ?? 'GET', headers.get(':path') ?? '/'];
  hop.step('server', String(port), `gets ${method} ${path}`);
  const isEcho = run.world.servers === 'echo';
  if (isEcho && version === 'HTTP/2' && isFromProxy) return { kind: 'closed', reason: 'protocol error', seconds: 0 };
  run.deliveries.push({ pod: podKey(pod), port, method, path, headers: headers.entries(), isMirror: run.isMirror });
  if (!isEcho) return { kind: 'response', status: 200, headers: createHeaders(), body: '', seconds: 0 };
  const body = echoBody({ pod: podKey(pod), port, tls: serverName, method, path, entries: headers.entries() });
  const asked = /echo-status=([0-9]+)/.exec(path)?.[1] ?? headers.get('x-echo-status') ?? '200';
  return {
    kind: 'response',
    status: Number(asked),
    headers: createHeaders([
      ['content-length', String(body.length)],
      ['content-type', 'application/json'],
    ]),
    body: method === 'HEAD' ? '' : body,
    seconds: Number(headers.get('x-echo-sleep') ?? 0) || 0,
  };
}

interface Echo {
  readonly pod: string;
  readonly port: number | string;
  readonly tls: string | null;
  readonly method: string;
  readonly path: string;
  readonly entries: readonly (readonly [string, string])[];
}

/** The place in an echo's text where the requests stand that its server got before. */
export const EARLIER = '"earlier": []';

/** Python's json.dumps of what the echo server tells. */
function echoBody({ entries, ...rest }: Echo): string {
  const host = entries.find(([name]) => name === ':authority')?.[1] ?? null;
  const headers = new Map<string, string>();
  if (host !== null) headers.set('host', host);
  for (const [name, value] of entries) if (!name.startsWith(':')) headers.set(name, value);
  const members = Object.entries({ ...rest, host }).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  const list = [...headers].map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  return `{${members.join(', ')}, "headers": {${list.join(', ')}}, ${EARLIER}}`;
}
