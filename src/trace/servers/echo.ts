import { podKey } from '../data-plane.ts';
import type { Earlier, ServedRequest, ServerModel } from './server-model.ts';

/**
 * Servers that describe in their answer, as JSON, what they got, as a request table expects of them: the status that the path or the
 * header `x-echo-status` asks for, after the seconds of `x-echo-sleep`. Nothing exists beside them.
 */
export const echoServers: ServerModel = {
  isWhole: true,
  defaultPorts: [8080],
  speaksHttp2: false,
  certificateNames: (names) => ['echo', ...names],
  answer(request) {
    const { method, path, headers } = request;
    const body = echoBody(request);
    const status = /echo-status=([0-9]+)/.exec(path)?.[1] ?? headers.told('x-echo-status') ?? '200';
    return {
      status: Number(status),
      headers: [
        ['content-length', String(body.length)],
        ['content-type', 'application/json'],
      ],
      body: method === 'HEAD' ? '' : body,
      seconds: Number(headers.told('x-echo-sleep') ?? 0) || 0,
    };
  },
  answerOutside: () => ({ status: 200, headers: [], body: '', seconds: 0 }),
  recall(body, earlierOf) {
    if (!body.includes(EARLIER)) return undefined;
    const earlier = earlierOf(echoedPod(body) ?? '');
    const tell = (known: readonly Earlier[]): string => {
      const text = `"earlier": [${known.map(({ line }) => JSON.stringify(line)).join(', ')}]`;
      return body.replace(EARLIER, () => text);
    };
    return [...new Set([tell(earlier.filter(({ isCertain }) => isCertain)), tell(earlier)])];
  },
};

/** The pod that an echo's answer names. */
export function echoedPod(body: string): string | undefined {
  return /^\{"pod": "([^"]*)"/.exec(body)?.[1];
}

/** The place in an echo's text where the requests stand that its server got before. */
const EARLIER = '"earlier": []';

/** JSON with a space after each colon and comma, as Python's json.dumps writes it. */
function echoBody({ pod, port, serverName, method, path, headers: sent }: ServedRequest): string {
  const entries = sent.entries();
  const host = entries.find(([name]) => name === ':authority')?.[1] ?? null;
  const headers = new Map<string, string>();
  if (host !== null) headers.set('host', host);
  for (const [name, value] of entries) if (!name.startsWith(':')) headers.set(name, value);
  const told = { pod: podKey(pod), port, tls: serverName, method, path, host };
  return `{${membersOf(Object.entries(told))}, "headers": {${membersOf(headers)}}, ${EARLIER}}`;
}

function membersOf(entries: Iterable<readonly [string, unknown]>): string {
  return [...entries].map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(', ');
}
