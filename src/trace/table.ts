import { append } from '../util/collections.ts';
import { formatHostPort, parseHostPort } from '../util/host-port.ts';
import { isIpAddress } from '../util/ip-address.ts';
import { type DataPlane, podNamed, seenFrom } from './data-plane.ts';
import type { Explanation } from './expectation.ts';
import { type Expectation, explainFailures } from './expectation.ts';
import { entryOf } from './first-proxy.ts';
import type { ClientProtocol, Delivery, Outcome, TraceRequest, UnresolvedName } from './outcome.ts';
import type { Earlier, ServerModel } from './servers/server-model.ts';
import { traceRequest } from './trace.ts';

/** One line of a request table: a request, and what is expected of it. */
export interface TableRequest {
  readonly name?: string;
  readonly from: string;
  /** Instead of an address, where the name of the host has none. */
  readonly unresolved?: UnresolvedName;
  /** `IP:port`, an IPv6 address in brackets; `host:port` where it does not resolve. */
  readonly to: string;
  /** Whether the address is written, not found by a name: it is then taken as it is (TraceRequest). */
  readonly isWithoutNodes?: boolean;
  /** The gateway whose address that is (TraceRequest). */
  readonly entersAt?: string;
  readonly host?: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly scheme?: TraceRequest['scheme'];
  readonly speaks?: ClientProtocol;
  readonly isServerFirst?: boolean;
  readonly serverName?: string;
  readonly clientCertificate?: TraceRequest['clientCertificate'];
  readonly source?: string;
  readonly trustedTokens?: readonly string[];
  readonly expect: Expectation;
}

/** A request that was followed, and what of its expectation does not hold. */
export interface TableResult {
  readonly request: TableRequest;
  readonly outcomes: readonly Outcome[];
  readonly failures: readonly Explanation[];
}

/** How long the client of a table waits. */
const PATIENCE = 12;

/** Follows the requests of a table, one after the other: servers remember what they got before. */
export function runTable(
  dataPlane: DataPlane,
  requests: readonly TableRequest[],
  follow: (dataPlane: DataPlane, request: TraceRequest) => readonly Outcome[] = traceRequest,
): readonly TableResult[] {
  const memory: Memory = new Map();
  return requests.map((request) => {
    const outcomes = follow(dataPlane, toTraceRequest(request));
    // Nobody looks at what a server remembers but an expectation of its answer.
    const told =
      request.expect.body === undefined
        ? outcomes
        : outcomes.flatMap((outcome) => tellEarlier(outcome, dataPlane.servers, memory));
    remember(outcomes, memory);
    const client = podNamed(dataPlane, request.from);
    const place = client ?? podNamed(dataPlane, request.entersAt ?? '');
    const failures = explainFailures(request.expect, told, entryOf(seenFrom(dataPlane, place), client, request.to));
    return { request, outcomes: told, failures };
  });
}

/** What curl says of itself, unless the line of the table says it. */
const curlHeaders = [
  ['user-agent', 'curl'],
  ['accept', '*/*'],
] as const;

/** What curl sends for a line of a table. */
export function toTraceRequest(request: TableRequest): TraceRequest {
  const { from, to, host, speaks, method = speaks === 'gRPC' ? 'POST' : 'GET', headers = {}, scheme = 'http', source } = request;
  const { host: ip = '', port = 0 } = parseHostPort(to) ?? {};
  const path = request.path ?? (method === 'CONNECT' ? formatHostPort(parseHostPort(host ?? '')?.host ?? ip, port) : '/');
  const urlHost = host === undefined ? ip : (parseHostPort(host)?.host ?? host);
  const isDefaultPort = port === (scheme === 'https' || scheme === 'tls' ? 443 : 80);
  const serverName = request.serverName ?? (isIpAddress(urlHost) ? undefined : urlHost);
  const sent = Object.entries(headers).filter(([, value]) => value !== '');
  return {
    from,
    address: request.unresolved ?? { ip, port },
    scheme,
    method,
    target: path.split('#', 1)[0] ?? '',
    authority: host ?? formatHostPort(ip, isDefaultPort ? undefined : port),
    headers: [...curlHeaders.filter(([name]) => !sent.some(([other]) => other.toLowerCase() === name)), ...sent],
    patience: PATIENCE,
    isWithoutCircles: true,
    ...(serverName === undefined ? {} : { serverName }),
    ...(request.clientCertificate === undefined ? {} : { clientCertificate: request.clientCertificate }),
    ...(speaks === undefined ? {} : { speaks }),
    ...(request.isServerFirst === undefined ? {} : { isServerFirst: request.isServerFirst }),
    ...(request.isWithoutNodes === undefined ? {} : { isWithoutNodes: request.isWithoutNodes }),
    ...(request.entersAt === undefined ? {} : { entersAt: request.entersAt }),
    ...(source === undefined ? {} : { sourceIp: source }),
    ...(request.trustedTokens === undefined ? {} : { trustedTokens: request.trustedTokens }),
  };
}

/** Requests that each pod got; those that it got in some of the possible ways only are uncertain. */
type Memory = Map<string, Earlier[]>;

function lineOf({ method, path }: Delivery): string {
  return `${method} ${path}`;
}

function remember(outcomes: readonly Outcome[], memory: Memory): void {
  const seen = new Map<string, { readonly pod: string; readonly line: string; certain: number }>();
  for (const { deliveries } of outcomes) {
    const keys = new Set<string>();
    for (const delivery of deliveries) {
      const line = lineOf(delivery);
      for (const pod of [delivery.pod, ...(delivery.kin ?? [])]) {
        const key = `${pod} ${line}`;
        const known = seen.get(key) ?? { pod, line, certain: 0 };
        seen.set(key, known);
        // One of many that are alike gets it, nobody knows which.
        if (delivery.kin === undefined && !keys.has(key)) known.certain++;
        if (delivery.kin === undefined) keys.add(key);
      }
    }
  }
  for (const { pod, line, certain } of seen.values()) append(memory, pod, { line, isCertain: certain === outcomes.length });
}

/** The answer with what its server remembers; where it is not certain of all of it, in each of the ways that it can come. */
function tellEarlier(outcome: Outcome, servers: ServerModel, memory: Memory): readonly Outcome[] {
  const bodies = servers.recall?.(outcome.body, (pod) => memory.get(pod) ?? []);
  return bodies?.map((body) => ({ ...outcome, body, share: outcome.share / bodies.length })) ?? [outcome];
}
