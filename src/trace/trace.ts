import { CLIENT_SUBJECT } from '../request-space/dimensions.ts';
import { ofSameFamily } from '../util/ip-address.ts';
import type { CallerWatch } from './caller-watch.ts';
import { explore } from './choices.ts';
import { type DataPlane, podNamed, seenFrom } from './data-plane.ts';
import { createHeaders, queryKey } from './headers.ts';
import { connect } from './network.ts';
import type { ClientProtocol, Outcome, TraceRequest, UnresolvedName } from './outcome.ts';
import type { TracePod } from './pod.ts';
import { CERTIFICATE, MORE_WAYS } from './recording/parts.ts';
import type { Recorder } from './recording/recorder.ts';
import { constant, type TextSource } from './recording/source.ts';
import { beginHop, endOf, type Payload, type PeerCertificate, type Run } from './run.ts';
import { CLIENT_PORT, STRANGERS } from './strangers.ts';
import { queryParameters } from './strings.ts';
import { isUri } from './tls.ts';

/**
 * Follows a request from its client through proxies to a server and back, over what istiod would send to the proxies. Gives
 * every way that it can take (weights, chances, endpoints), with how often it does; shares add up to 1. What decides about it is told to
 * the recorder, if there is one.
 */
export function traceRequest(dataPlane: DataPlane, request: TraceRequest, recorder?: Recorder): readonly Outcome[] {
  const passedChains: Run['passedChains'] = new Map();
  const cut = (): void => recorder?.assume({ kind: 'untraceable', what: MORE_WAYS, test: 'which of them it takes' });
  const ways = explore(
    (choose) => {
      const visits: Run['visits'] = request.isWithoutCircles === true ? { places: new Map(), isCircle: false } : undefined;
      const run: Run = {
        dataPlane: seenFrom(dataPlane, podNamed(dataPlane, request.entersAt ?? '')),
        choose,
        hops: [],
        logs: [],
        deliveries: [],
        otherDeliveries: [],
        copies: [],
        kin: new Map(),
        passedChains,
        trustedTokens: request.trustedTokens ?? [],
        recorder,
        hasNodes: request.isWithoutNodes !== true,
        hasCopies: request.isWithoutCopies !== true,
        isMirror: false,
        isBrief: request.isBrief === true,
        visits,
        patience: request.patience ?? Number.POSITIVE_INFINITY,
        connect,
      };
      return { outcome: follow(run, request, recorder), isCircle: visits?.isCircle === true };
    },
    cut,
    ({ outcome }) => countOfWay(outcome),
  );
  const isEach = ways.every(({ result }) => result.isCircle);
  return ways.flatMap(({ result: { outcome, isCircle }, share }) => (isEach || !isCircle ? [{ share, ...outcome }] : []));
}

/** A way through so many proxies and pods takes no longer than others. */
const EASY_HOPS = 20;

/** A copy goes a way of its own, and takes along all that its request went before. */
const WAYS_OF_COPY = 2;

/** For how many ways one counts by which a request is tried again very often, or copied. */
export function countOfWay({ hops, copies = [] }: Pick<Outcome, 'hops' | 'copies'>): number {
  const all = copies.reduce((sum, copy) => sum + copy.hops.length, hops.length);
  return Math.max(1 + WAYS_OF_COPY * copies.length, Math.floor(all / EASY_HOPS));
}

/** Follows a request on one of its ways. */
function follow(run: Run, request: TraceRequest, recorder: Recorder | undefined): Omit<Outcome, 'share'> {
  const { dataPlane } = run;
  const client = podNamed(dataPlane, request.from);
  const { address } = request;
  if ('unresolved' in address) return unresolved(run, request.from, address);
  const answer = endOf(
    connect(run, {
      from: client,
      isFromProxy: false,
      source: { ip: request.sourceIp ?? ofSameFamily(client?.ips ?? STRANGERS, address.ip) ?? '', port: CLIENT_PORT },
      destination: address,
      payload: payloadOf(request, client, dataPlane.watch, recorder),
      startedAt: 0,
      depth: 0,
    }),
  );
  const { hops, logs, copies } = run;
  const deliveries = [...copies.flatMap((copy) => copy.deliveries), ...run.deliveries];
  const otherDeliveries = [...copies.flatMap((copy) => copy.otherDeliveries), ...run.otherDeliveries];
  const others = {
    ...(otherDeliveries.length > 0 && { otherDeliveries }),
    ...(copies.length > 0 && { copies }),
  };
  if (answer.kind === 'response' && answer.seconds <= run.patience) {
    const { status, headers, body, seconds } = answer;
    const sources = recorder === undefined ? {} : { headerSources: new Map(headers.sources()) };
    return { status, headers: headers.entries(), body, seconds, hops, logs, deliveries, ...others, ...sources };
  }
  const seconds = answer.kind === 'closed' || answer.kind === 'response' ? answer.seconds : 0;
  return { status: 0, headers: [], body: '', seconds, hops, logs, deliveries, ...others };
}

/** Without an address there is no connection. */
function unresolved(run: Run, from: string, { unresolved: name, because, near }: UnresolvedName): Omit<Outcome, 'share'> {
  beginHop(run, from, 'client').step({ kind: 'name', name, event: 'does not resolve', because, near });
  const { hops, logs, deliveries } = run;
  return { status: 0, headers: [], body: '', seconds: 0, hops, logs, deliveries };
}

function payloadOf(
  request: TraceRequest,
  client: TracePod | undefined,
  watch: CallerWatch | undefined,
  recorder: Recorder | undefined,
): Payload {
  const { scheme, serverName = '', speaks = 'HTTP/1.1' } = request;
  const isHttp = scheme === 'http' || scheme === 'https';
  const isHttp2 = speaks === 'HTTP/2' || speaks === 'gRPC';
  const headers = createHeaders(isHttp ? headersOf(request, speaks) : [], recorder, sourcesOf(request, speaks, recorder));
  const inner: Payload = isHttp
    ? {
        kind: 'http',
        version: isHttp2 ? 'HTTP/2' : 'HTTP/1.1',
        headers: watch?.headers(headers) ?? headers,
        ...(recorder !== undefined && { versionOfHttp2: 'HTTP/2' }),
      }
    : { kind: 'opaque', ...(request.isServerFirst === true && { isSilent: true }) };
  if (scheme === 'http' || scheme === 'tcp') return inner;
  const certificateSource: TextSource | undefined =
    recorder?.chosen.isAnyCertificate === true ? { kind: 'request', dimension: CERTIFICATE } : undefined;
  const certificate = certificateOf(request.clientCertificate, client, certificateSource);
  const usual = isHttp ? (isHttp2 ? ['h2', 'http/1.1'] : ['http/1.1']) : [];
  const applicationProtocols = request.applicationProtocols ?? usual;
  const hello = { serverName, applicationProtocols, certificate, certificateSource, verify: () => undefined };
  return { kind: 'tls', hello, inner };
}

/** What a client shows: a pod the certificate of its identity, unless names are given; somebody outside one that has a subject, and these names. */
function certificateOf(
  shown: TraceRequest['clientCertificate'],
  client: TracePod | undefined,
  source: TextSource | undefined,
): PeerCertificate | undefined {
  if (shown === undefined || shown === false) return undefined;
  const { subjectAltNames: given, isTrusted = true } = shown === true ? {} : shown;
  const identity = given === undefined ? client?.identity : undefined;
  const subjectAltNames = identity === undefined ? (given ?? []) : [identity];
  const uris = subjectAltNames.filter(isUri);
  return {
    uris,
    dnsNames: subjectAltNames.filter((name) => !uris.includes(name)),
    ...(identity === undefined && { subject: CLIENT_SUBJECT }),
    ...(!isTrusted && { isUntrusted: true }),
    ...(source !== undefined && { source }),
  };
}

/** What a client of the protocol says of it, where the request does not. */
function headersOf({ method, target, authority, headers }: TraceRequest, speaks: ClientProtocol): [string, string][] {
  const own = new Set(headers.map(([name]) => name.toLowerCase()));
  const usual = (protocolHeaders[speaks] ?? []).filter(([name]) => !own.has(name));
  return [[':method', method], [':path', target], [':authority', authority], ...usual, ...headers].map(
    ([name = '', value = '']) => [name, value],
  );
}

/** Of a request that is recorded, the headers that are not any: those of the protocol, and those that carry a token. */
function sourcesOf(request: TraceRequest, speaks: ClientProtocol, recorder: Recorder | undefined): [string, TextSource][] {
  if (recorder === undefined) return [];
  const usual = (protocolHeaders[speaks] ?? []).map(([name = '', value]): [string, TextSource] => [name, constant(value)]);
  const tokens = recorder.chosen.issuers.flatMap(({ place: { dimension } }): [string, TextSource][] => {
    if (dimension.kind === 'query') {
      const value = queryParameters(request.target).get(dimension.name);
      return [[queryKey(dimension.name), { kind: 'token', dimension, value }]];
    }
    if (dimension.kind !== 'header') return [];
    const value = request.headers.find(([name]) => name.toLowerCase() === dimension.name)?.[1];
    return [[dimension.name, { kind: 'token', dimension, value }]];
  });
  const host: [string, TextSource][] = recorder.chosen.isForOneAuthority ? [[':authority', constant(request.authority)]] : [];
  return [...host, ...usual, ...tokens];
}

const protocolHeaders: Readonly<Partial<Record<ClientProtocol, readonly (readonly [string, string])[]>>> = {
  gRPC: [
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
  ],
  WebSocket: [
    ['connection', 'Upgrade'],
    ['upgrade', 'websocket'],
    ['sec-websocket-key', 'dGhlIHNhbXBsZSBub25jZQ=='],
    ['sec-websocket-version', '13'],
  ],
};
