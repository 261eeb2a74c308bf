import { isAny } from '../envoy/any.ts';
import type { DownstreamTlsContext, FilterChain, Listener, ListenerFilter } from '../envoy/api.gen.ts';
import { chainsOf } from '../envoy/filter-chains.ts';
import type { XdsSnapshot } from '../envoy/snapshot.ts';
import { textTest } from '../request-space/formula.ts';
import { formatHostPort, parseHostPort } from '../util/host-port.ts';
import type { ExpressionCompiler } from '../util/re2.ts';
import { listenerFor } from './any-address.ts';
import { type ConnectionTraits, textOfTraits } from './connection-traits.ts';
import { podKey } from './data-plane.ts';
import { abandon, runNetworkFilters } from './network-filters.ts';
import type { Hop } from './outcome.ts';
import { passedChains, toldChainName } from './passed-chains.ts';
import type { TracePod } from './pod.ts';
import { CLIENT_CERTIFICATE, COMES_AGAIN, IDENTITY, PROXY_PROTOCOL, TLS_SETTINGS } from './recording/parts.ts';
import type { Scene } from './recording/recorder.ts';
import { AS_SENT } from './recording/scenes.ts';
import type { TextSource } from './recording/source.ts';
import {
  type Answer,
  beginHop,
  type Connection,
  comesAgain,
  GOES_IN_A_CIRCLE,
  type HopRecorder,
  type Payload,
  type PeerCertificate,
  type Run,
  runAt,
  secondsOf,
  TLS_ERRORS,
} from './run.ts';
import { missingSecret } from './secrets.ts';
import type { ConnectionFacts } from './step.ts';
import { asksForPins, checkCertificate, nameDemand, namesOf, negotiated, refusesNone, sameDomain, trustsMesh } from './tls.ts';

/** A connection that reaches a listener of a proxy. */
export interface Arrival {
  readonly run: Run;
  readonly pod: TracePod;
  readonly snapshot: XdsSnapshot;
  readonly listener: Listener;
  readonly connection: Connection;
  /** Whether interception rules led it there, so that its destination is another than the listener's address. */
  readonly isRedirected: boolean;
}

/** Whether what becomes of a connection may depend on where it comes from. */
function mayAskForSource(listener: Listener): boolean {
  return (
    listener.filterChainMatcher !== undefined ||
    chainsOf(listener).some(
      ({ filterChainMatch: match, filters = [] }) =>
        [match?.sourcePrefixRanges, match?.directSourcePrefixRanges].some((ranges) => ranges !== undefined) ||
        filters.some(({ typedConfig }) => isAny(typedConfig, NETWORK_RBAC)),
    )
  );
}

/** What a proxy does with a connection: listener, listener filters, filter chain, TLS, network filters. */
export function acceptConnection(arrival: Arrival): Answer {
  const { pod, connection, isRedirected } = arrival;
  const run = runAt(arrival.run, pod);
  const passed = 'internal' in connection.destination ? connection.destination.passed : undefined;
  const destination = restoredDestination(arrival.listener, connection);
  const isUnknown = passed !== undefined && destination.ip === '';
  const local = isUnknown ? `envoy://${arrival.listener.name}/` : formatHostPort(destination.ip, destination.port);
  const listener = handOff(arrival, destination);
  const side = passed?.side ?? sideOf(arrival, listener);
  if (comesAgain(run, `${podKey(pod)} ${listener.name} ${side} ${local}`, connection.payload)) {
    if (mayAskForSource(listener)) run.recorder?.assume({ kind: 'untraceable', what: COMES_AGAIN, test: 'where it comes from' });
    return GOES_IN_A_CIRCLE;
  }
  const hop = beginHop(run, podKey(pod), side);
  hop.step(
    {
      kind: 'listener',
      name: listener.name,
      event: 'takes the connection',
      destination: local,
      ...(listener !== arrival.listener && { handedOverBy: arrival.listener.name }),
    },
    listener,
  );
  const inspected = inspect(
    run,
    listener,
    { ...connection, source: restoredSource(connection) },
    destination,
    hop,
    passed?.filterState,
  );
  if (typeof inspected === 'string') return { kind: 'closed', reason: inspected, seconds: 0 };
  const { traits, payload } = inspected;
  const { lookups, watch } = run.dataPlane;
  const choice = lookups.filterChain(listener, traits);
  watch?.note(
    choice.chain,
    ({ ip }) => {
      const { source } = traits;
      const other = {
        ...traits,
        recorder: undefined,
        get source() {
          return { ...source, ip: ip(source.ip) };
        },
      };
      return lookups.filterChain(listener, other).chain;
    },
    [listener, textOfTraits(traits)],
  );
  const connectionFacts = factsOf(traits);
  if (!run.isBrief) hop.details(passedChains(run, listener, traits, choice));
  const { chain } = choice;
  const logSide =
    listener.trafficDirection === 'INBOUND' || listener.trafficDirection === 'OUTBOUND' ? listener.trafficDirection : '';
  const base = { proxy: podKey(pod), side: logSide, local } as const;
  if (chain === undefined) {
    hop.step({ kind: 'filter chain', name: listener.name, event: 'none fits', connection: connectionFacts }, listener);
    hop.log({
      ...base,
      isHttp: false,
      status: 0,
      flags: 'NR',
      details: 'filter_chain_not_found',
      cluster: null,
      route: null,
      path: null,
      authority: null,
    });
    return payload.kind === 'tls'
      ? { kind: 'tls-failure', reason: 'no filter chain fits', error: TLS_ERRORS.reset }
      : { kind: 'closed', reason: 'no filter chain fits', seconds: 0, isReset: true };
  }
  hop.step(
    choice.isDefault
      ? { kind: 'filter chain', name: toldChainName(chain), event: 'default' }
      : { kind: 'filter chain', name: toldChainName(chain), event: 'fits', connection: connectionFacts },
    chain,
  );
  const accepted = {
    run,
    pod,
    snapshot: arrival.snapshot,
    hop,
    chain,
    base,
    connection: { ...connection, source: traits.source },
    destination,
    isRestored:
      isRedirected &&
      (passed === undefined || destination.ip !== '') &&
      (listener !== arrival.listener || restores(arrival.listener)),
    serverName: traits.serverName,
    serverNameSource: traits.serverNameSource,
    isOutbound: side !== 'inbound' && side !== 'waypoint',
    filterState: passed?.filterState ?? NOTHING,
    passed,
    shares: new Map<string, string>(),
    side,
  };
  const secured = terminateTls(run, chain, payload, pod, hop);
  if ('failure' in secured) {
    abandon({ ...accepted, isTls: false, peer: undefined });
    return { kind: 'tls-failure', reason: secured.failure, error: secured.error };
  }
  const { isTls, peer } = secured;
  return runNetworkFilters({ ...accepted, isTls, peer, connection: { ...accepted.connection, payload: secured.payload } });
}

const NOTHING: ReadonlyMap<string, string> = new Map();

/** Tunnels end at listeners that say nothing of a direction: they come from elsewhere, or lead there. */
function sideOf({ pod, connection }: Arrival, { trafficDirection }: Listener): Hop['side'] {
  if (pod.proxy === 'waypoint') return 'waypoint';
  if (trafficDirection === 'INBOUND') return 'inbound';
  if (pod.proxy === 'gateway') return 'gateway';
  return trafficDirection === undefined && connection.from !== pod ? 'inbound' : 'outbound';
}

/**
 * Where a connection is for. At a listener of the proxy's own, that is what the endpoint says that led there, else what a filter
 * noted, if it is asked for. Envoy source/extensions/filters/listener/original_dst/original_dst.cc.
 */
function restoredDestination(listener: Listener, { destination }: Connection): { readonly ip: string; readonly port: number } {
  if ('ip' in destination) return destination;
  const passed = 'internal' in destination && restores(listener) ? destination.passed : undefined;
  const noted = passed?.local ?? passed?.filterState.get(`${ORIGINAL_DESTINATION}.local_ip`) ?? '';
  const { host = '', port = 0 } = parseHostPort(noted) ?? {};
  return { ip: host, port };
}

/** The address of the client, which filters note where a tunnel ends. */
function restoredSource({ source, destination }: Connection): Connection['source'] {
  const noted = 'internal' in destination ? destination.passed.filterState.get(`${ORIGINAL_DESTINATION}.remote_ip`) : undefined;
  const { host, port = 0 } = parseHostPort(noted ?? '') ?? {};
  return host === undefined ? source : { ip: host, port };
}

const ORIGINAL_DESTINATION = 'envoy.filters.listener.original_dst';

/** A listener with `useOriginalDst` gives connections to the listener for their destination, where there is one. */
function handOff({ run, snapshot, listener, isRedirected }: Arrival, destination: { ip: string; port: number }): Listener {
  if (listener.useOriginalDst !== true || !isRedirected) return listener;
  return listenerFor(run.dataPlane.lookups, snapshot, destination.ip, destination.port) ?? listener;
}

function restores(listener: Listener): boolean {
  return (
    listener.useOriginalDst === true ||
    (listener.listenerFilters ?? []).some(({ typedConfig }) =>
      isAny(typedConfig, 'type.googleapis.com/envoy.extensions.filters.listener.original_dst.v3.OriginalDst'),
    )
  );
}

/** Seconds; envoy.config.listener.v3.Listener.listener_filters_timeout. */
const DEFAULT_FILTERS_TIMEOUT = 15;

/** What the listener filters find out; a text when they refuse the connection. */
function inspect(
  run: Run,
  listener: Listener,
  connection: Connection,
  destination: { ip: string; port: number },
  hop: HopRecorder,
  filterState: ReadonlyMap<string, string> = NOTHING,
): { traits: ConnectionTraits; payload: Payload } | string {
  let { payload } = connection;
  let source = connection.source;
  let found: Pick<ConnectionTraits, 'serverName' | 'serverNameSource' | 'transportProtocol' | 'applicationProtocols'> = {
    serverName: '',
    transportProtocol: 'raw_buffer',
    applicationProtocols: [],
  };
  for (const filter of listener.listenerFilters ?? []) {
    const { typedConfig, filterDisabled, name = '' } = filter;
    if (filterDisabled !== undefined && run.dataPlane.lookups.matchesPort(filterDisabled, destination.port)) {
      hop.detail({ kind: 'listener filter', name, event: 'off', port: destination.port });
      continue;
    }
    const kind = inspectorKind(filter);
    if ((kind === 'tls' || kind === 'http') && payload.kind === 'opaque' && payload.isSilent === true) {
      // Neither side speaks: the filter waits for bytes of the client, which waits for the server's.
      const seconds = secondsOf(listener.listenerFiltersTimeout) ?? DEFAULT_FILTERS_TIMEOUT;
      hop.step({ kind: 'listener filter', name, event: 'waits for the client', seconds }, listener);
      if (seconds === 0 || listener.continueOnListenerFiltersTimeout !== true) return 'neither client nor server speaks first';
      break;
    }
    if (kind === 'proxy protocol') {
      if (payload.kind !== 'proxy-protocol') {
        // Who is asked about may well begin so, or be behind somebody who does.
        run.recorder?.assume({ kind: 'untraceable', what: PROXY_PROTOCOL, test: 'it is not spoken' });
        return 'the connection does not begin with the PROXY protocol';
      }
      source = { ip: payload.sourceIp, port: source.port };
      payload = payload.inner;
    } else if (kind === 'tls' && payload.kind === 'tls') {
      const { serverName, serverNameSource, applicationProtocols } = payload.hello;
      found = { serverName: serverName.toLowerCase(), serverNameSource, transportProtocol: 'tls', applicationProtocols };
      hop.step({ kind: 'listener filter', name, event: 'finds TLS', serverName, applicationProtocols });
    } else if (kind === 'http' && payload.kind === 'http' && found.transportProtocol === 'raw_buffer') {
      found = { ...found, applicationProtocols: [payload.version === 'HTTP/2' ? 'h2c' : 'http/1.1'] };
      hop.step({ kind: 'listener filter', name, event: 'finds HTTP', version: payload.version });
    } else if (kind === 'other') hop.detail({ kind: 'listener filter', name, event: 'not simulated' }, typedConfig);
  }
  return {
    traits: { ...found, destination, source, filterState, recorder: run.recorder, compile: run.dataPlane.lookups.compile },
    payload,
  };
}

/** What a listener filter finds out. */
export function inspectorKind({
  typedConfig,
  name = '',
}: ListenerFilter): 'tls' | 'http' | 'proxy protocol' | 'original' | 'other' {
  const type = String(typedConfig?.['@type'] ?? name);
  if (/TlsInspector|tls_inspector/.test(type)) return 'tls';
  if (/HttpInspector|http_inspector/.test(type)) return 'http';
  if (/ProxyProtocol|proxy_protocol/.test(type)) return 'proxy protocol';
  return /Original(Dst|Src)|original_(dst|src)/.test(type) ? 'original' : 'other';
}

function factsOf({ transportProtocol, serverName, applicationProtocols, destination }: ConnectionTraits): ConnectionFacts {
  return { port: destination.port, isTls: transportProtocol === 'tls', serverName, applicationProtocols };
}

/** Ends the client's TLS where the chain has a TLS transport socket. */
function terminateTls(
  run: Run,
  chain: FilterChain,
  payload: Payload,
  pod: TracePod,
  hop: HopRecorder,
):
  | { readonly payload: Payload; readonly isTls: boolean; readonly peer: PeerCertificate | undefined }
  | { readonly failure: string; readonly error: string } {
  const config = chain.transportSocket?.typedConfig;
  if (!isAny(config, 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext')) {
    return { payload, isTls: false, peer: undefined };
  }
  const name = toldChainName(chain);
  if (payload.kind !== 'tls') {
    hop.step({ kind: 'tls', name, event: 'client speaks none' }, chain);
    return { failure: 'the client speaks no TLS', error: TLS_ERRORS.reset };
  }
  const secret = missingSecret(run, pod, config.commonTlsContext ?? {}, hop);
  if (secret !== undefined) {
    hop.step({ kind: 'tls', name, event: 'secret missing', secret }, chain);
    return { failure: `the proxy has no ${secret}`, error: TLS_ERRORS.reset };
  }
  const { hello } = payload;
  const own: PeerCertificate = { uris: [pod.identity], dnsNames: sameDomain(config) ? [] : ['*'] };
  const refusal = hello.verify(own);
  if (refusal !== undefined) {
    hop.step({ kind: 'tls', name, event: 'client refuses', reason: refusal }, chain);
    return { failure: refusal, error: `${TLS_ERRORS.refused}${refusal}` };
  }
  if (!sameDomain(config)) run.recorder?.assume({ kind: 'unseen', what: TLS_SETTINGS, config: JSON.stringify(config) });
  const { certificateSource: source } = hello;
  // Of the certificates that there may be, none is the mesh's.
  const asks = asksForCertificate(config) && (source === undefined || !trustsMesh(config));
  const peer = asks ? hello.certificate : undefined;
  if (asks && source !== undefined) noteCertificate(run, config, peer, source);
  const { compile } = run.dataPlane.lookups;
  const problem = checkClient(config, peer, compile);
  run.dataPlane.watch?.note(problem, ({ names }) => checkClient(config, peer && { ...peer, uris: names(peer.uris) }, compile));
  if (problem !== undefined) {
    hop.step({ kind: 'tls', name, event: 'proxy refuses', reason: problem }, chain);
    return { failure: problem, error: TLS_ERRORS.reset };
  }
  const identities = peer === undefined ? [] : namesOf(peer);
  hop.step({ kind: 'tls', name, event: 'established', isMutual: peer !== undefined, identities }, chain);
  return { payload: negotiated(payload.inner, config.commonTlsContext?.alpnProtocols ?? []), isTls: true, peer };
}

function asksForCertificate({ requireClientCertificate, commonTlsContext = {} }: DownstreamTlsContext): boolean {
  const { validationContext, validationContextSdsSecretConfig, combinedValidationContext } = commonTlsContext;
  return (
    requireClientCertificate === true ||
    validationContext !== undefined ||
    validationContextSdsSecretConfig !== undefined ||
    combinedValidationContext !== undefined
  );
}

/** Tells the recorder what of a certificate decides that may be any, and none as well. */
function noteCertificate(
  { recorder, dataPlane }: Run,
  config: DownstreamTlsContext,
  peer: PeerCertificate | undefined,
  source: TextSource,
): void {
  if (recorder === undefined) return;
  const scene: Scene = { ...AS_SENT, text: () => source };
  recorder.holds(textTest(IDENTITY, { kind: 'present' }), peer !== undefined, scene);
  if (peer === undefined) return;
  if (asksForPins(config)) recorder.assume({ kind: 'untraceable', what: CLIENT_CERTIFICATE, test: 'it is none of them' });
  const demand = nameDemand(config, peer, dataPlane.lookups.compile);
  if (demand !== undefined) recorder.holds(demand.formula, demand.isTrue, scene);
}

function checkClient(
  config: DownstreamTlsContext,
  peer: PeerCertificate | undefined,
  compile: ExpressionCompiler,
): string | undefined {
  return peer === undefined ? refusesNone(config) : checkCertificate(config.commonTlsContext ?? {}, peer, compile);
}

const NETWORK_RBAC = 'type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC';
