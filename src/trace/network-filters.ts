import { isAny } from '../envoy/any.ts';
import type {
  Cluster,
  NetworkExtAuthz,
  NetworkFilter,
  NetworkRBAC,
  NetworkSetFilterStateConfig,
  TcpProxy,
} from '../envoy/api.gen.ts';
import { type TextTest, textTest } from '../request-space/formula.ts';
import { parseHostPort } from '../util/host-port.ts';
import { fieldsOf, own } from '../util/object.ts';
import { type AcceptedConnection, peerNamesOf } from './accepted.ts';
import { withoutRepeated } from './choices.ts';
import { boundedText, noteValues } from './filter-state.ts';
import { createHeaders } from './headers.ts';
import type { Host } from './host.ts';
import { serveHttp } from './http/connection-manager.ts';
import type { AccessLogLine } from './outcome.ts';
import { deniedDetails, policyFact, type RecordedSubject, shadowMetadata, watchedVerdict } from './rbac.ts';
import { SERVER_NAME } from './recording/parts.ts';
import { notSimulated } from './recording/recorder.ts';
import { serverNameScene, serverNameSource } from './recording/scenes.ts';
import type { Answer, Payload, ProxyContext, Run } from './run.ts';
import { matchesMetadata } from './strings.ts';
import { noteUnderLoad } from './under-load.ts';
import { type AskedName, chooseHost, type HostQuery, openUpstream, securityOf, upstreamVersion } from './upstream.ts';
import { whyNoTunnel } from './ztunnel/tunnel.ts';

/** Leads a connection through the network filters of its chain, to a TCP proxy or an HTTP connection manager. */
export function runNetworkFilters(accepted: AcceptedConnection): Answer {
  const { chain, hop } = accepted;
  const metadata = new Map<string, Record<string, unknown>>();
  let sniCluster: string | undefined;
  const filters = chain.filters ?? [];
  const proxy = filters.map(({ typedConfig }) => typedConfig).find((config) => isAny(config, TCP_PROXY));
  const cluster = proxy !== undefined && isAny(proxy, TCP_PROXY) ? proxy : undefined;
  for (const filter of filters) {
    const { typedConfig, name = '' } = filter;
    if (isAny(typedConfig, HCM)) return serveHttp(accepted, typedConfig);
    if (isAny(typedConfig, TCP_PROXY)) return proxyTcp(accepted, typedConfig, sniCluster);
    if (isAny(typedConfig, RBAC)) {
      const termination = checkRbac(accepted, typedConfig, metadata, name);
      if (termination !== undefined) return endTcp(accepted, cluster, termination);
    } else if (isAny(typedConfig, EXT_AUTHZ)) {
      if (!checkExternally(accepted, typedConfig, metadata, name)) return endTcp(accepted, cluster, 'ext_authz_error', 'UAEX');
    } else if (isAny(typedConfig, SNI_CLUSTER)) {
      sniCluster = exactServerName(accepted);
      hop.step({ kind: 'filter', name, event: 'cluster by server name', serverName: sniCluster });
    } else if (isAny(typedConfig, SET_STATE)) noteState(accepted, typedConfig, name);
    else noteFilter(filter, accepted);
  }
  return { kind: 'closed', reason: 'the chain ends without a proxy', seconds: 0 };
}

const HCM = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const TCP_PROXY = 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy';
const RBAC = 'type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC';
const EXT_AUTHZ = 'type.googleapis.com/envoy.extensions.filters.network.ext_authz.v3.ExtAuthz';
const SNI_CLUSTER = 'type.googleapis.com/envoy.extensions.filters.network.sni_cluster.v3.SniCluster';

/** The command for where a connection is for. */
const LOCAL = 'DOWNSTREAM_LOCAL_ADDRESS';

const SET_STATE = 'type.googleapis.com/envoy.extensions.filters.network.set_filter_state.v3.Config';

/** What a filter notes of a connection for what comes after the proxy. */
function noteState(accepted: AcceptedConnection, { onNewConnection = [] }: NetworkSetFilterStateConfig, name: string): void {
  const { hop, run, shares } = accepted;
  noteValues(onNewConnection, shares, (command) => stateOf(accepted, command), { name, recorder: run.recorder, step: hop.step });
}

/** What a command in a text stands for that asks for what filters noted, or for what the endpoint said that led here. */
function stateOf({ filterState, shares, passed }: AcceptedConnection, command: string): string | undefined {
  const [, asked, path = ''] = /^(FILTER_STATE|DYNAMIC_METADATA)\(([^)]*)/.exec(command) ?? [];
  const [name = '', ...keys] = path.split(':');
  if (asked === 'FILTER_STATE') return shares.get(name) ?? filterState.get(name);
  const found = keys.reduce((value: unknown, key) => own(fieldsOf(value), key), own(passed?.metadata, name));
  return typeof found === 'string' ? found : undefined;
}

const silent = /metadata_?exchange|istio\.stats|istio_authn|stats$/i;

/** The server name, of which all decides. */
function exactServerName({ run: { recorder }, serverName, serverNameSource: source }: AcceptedConnection): string {
  const exactly: TextTest = serverName === '' ? { kind: 'present' } : { kind: 'exact', text: serverName, ignoringCase: true };
  const scene = serverNameScene(serverName, source, recorder);
  recorder?.holds(textTest(SERVER_NAME, exactly), serverName !== '', scene);
  return serverName;
}

/** The server name of a connection. */
function askedName({ run: { recorder }, serverName: text, serverNameSource: source }: AcceptedConnection): AskedName {
  return { text, dimension: SERVER_NAME, source: source ?? serverNameSource(text, recorder) };
}

function noteFilter({ name = '', typedConfig }: NetworkFilter, { hop, run }: AcceptedConnection): void {
  if (silent.test(name)) return;
  run.recorder?.assume(notSimulated(name, typedConfig));
  hop.step({ kind: 'note', name, event: 'network filter not simulated' }, typedConfig);
}

/** What network policies see of a connection. */
function subjectOf(accepted: AcceptedConnection, metadata: ReadonlyMap<string, Record<string, unknown>>): RecordedSubject {
  const { connection, destination, isTls, serverName } = accepted;
  return {
    headers: createHeaders(),
    destination,
    directIp: connection.source.ip,
    remoteIp: connection.source.ip,
    isTls,
    peerNames: peerNamesOf(accepted),
    serverName,
    metadata,
    compile: accepted.run.dataPlane.lookups.compile,
    recorder: accepted.run.recorder,
    serverNameSource: accepted.serverNameSource,
    peerSource: accepted.peer?.source,
  };
}

/** Details of the termination when the policies refuse; undefined when they let the connection pass. */
function checkRbac(
  accepted: AcceptedConnection,
  { rules, shadowRules, shadowRulesStatPrefix = '' }: NetworkRBAC,
  metadata: Map<string, Record<string, unknown>>,
  name: string,
): string | undefined {
  const subject = subjectOf(accepted, metadata);
  const { watch } = accepted.run.dataPlane;
  if (shadowRules !== undefined) {
    const verdict = watchedVerdict(shadowRules, subject, watch);
    const noted = shadowMetadata(shadowRulesStatPrefix, verdict.isAllowed, verdict.name);
    metadata.set('envoy.filters.network.rbac', { ...metadata.get('envoy.filters.network.rbac'), ...noted });
    const fact = policyFact('would decide', 'connection', shadowRules, verdict, name);
    if (verdict.policy === undefined) accepted.hop.detail(fact, shadowRules);
    else accepted.hop.step(fact, verdict.policy);
  }
  if (rules === undefined) return undefined;
  const verdict = watchedVerdict(rules, subject, watch);
  accepted.hop.step(policyFact('decides', 'connection', rules, verdict, name), verdict.policy ?? rules);
  return verdict.isAllowed ? undefined : deniedDetails(verdict.name);
}

function checkExternally(
  { run, hop }: AcceptedConnection,
  { filterEnabledMetadata, failureModeAllow }: NetworkExtAuthz,
  metadata: ReadonlyMap<string, Record<string, unknown>>,
  name: string,
): boolean {
  if (filterEnabledMetadata !== undefined && !matchesMetadata(filterEnabledMetadata, metadata, run.dataPlane.lookups.compile))
    return true;
  run.recorder?.assume({ kind: 'not simulated', what: `${name} (external authorizer)`, config: '' });
  if (run.dataPlane.servers.isWhole) {
    const isAllowed = failureModeAllow === true;
    hop.step({ kind: 'filter', name, event: 'authorizer fails', of: 'connection', isAllowed });
    return isAllowed;
  }
  hop.step({ kind: 'note', name, event: 'authorizer unknown', of: 'connection' });
  return true;
}

/** A filter closes the connection after the TCP proxy behind it has begun; its log tells why. */
function endTcp(accepted: AcceptedConnection, proxy: TcpProxy | undefined, termination: string, flags = '-'): Answer {
  const cluster = proxy?.cluster;
  const known = cluster !== undefined && accepted.run.dataPlane.lookups.cluster(accepted.snapshot, cluster) !== undefined;
  logTcp(accepted, flags, known ? cluster : null, termination);
  return { kind: 'closed', reason: termination, seconds: 0 };
}

/** TLS with the client fails after a TCP proxy has begun: it logs what it has done so far. An HTTP connection manager logs nothing. */
export function abandon(accepted: AcceptedConnection): void {
  const { chain, run, hop, connection } = accepted;
  const config = (chain.filters ?? []).map(({ typedConfig }) => typedConfig).find((candidate) => isAny(candidate, TCP_PROXY));
  if (!isAny(config, TCP_PROXY)) return;
  const logs: AccessLogLine[] = [];
  const silent = { step: () => {}, detail: () => {}, details: () => {}, log: (entry: AccessLogLine) => void logs.push(entry) };
  const aside = { ...run, hops: [], logs: [], deliveries: [], otherDeliveries: [], copies: [] };
  proxyTcp(
    { ...accepted, run: aside, hop: silent, connection: { ...connection, payload: { kind: 'opaque' } } },
    config,
    undefined,
  );
  for (const entry of logs) hop.log(entry);
}

function logTcp({ hop, base }: AcceptedConnection, flags: string, cluster: string | null, details: string | null): void {
  hop.log({ ...base, isHttp: false, status: 0, flags, details, cluster, route: null, path: null, authority: null });
}

function proxyTcp(accepted: AcceptedConnection, config: TcpProxy, override: string | undefined): Answer {
  const { run, pod, snapshot, hop, connection, base } = accepted;
  const name = override ?? tcpCluster(run, config);
  const cluster = run.dataPlane.lookups.cluster(snapshot, name);
  if (cluster === undefined) {
    hop.step({ kind: 'cluster', name, event: 'missing' }, config);
    logTcp(accepted, 'NC', null, null);
    return { kind: 'closed', reason: `no cluster ${name}`, seconds: 0 };
  }
  const tunnel = accepted.passed === undefined ? undefined : config.tunnelingConfig;
  const tell = tunnel === undefined ? hop.step : hop.detail;
  tell({ kind: 'cluster', name, event: 'takes the connection' }, cluster);
  const context: ProxyContext = { run, pod, snapshot, hop, side: accepted.side, shares: accepted.shares };
  const original = originalOf(accepted, cluster);
  noteUnderLoad(run.recorder, cluster, { hashPolicy: config.hashPolicy, tcpProxy: config });
  const host = chooseHost(context, cluster, { original, name: () => askedName(accepted), tried: [] });
  if (host === undefined) {
    hop.step({ kind: 'endpoint', name, event: 'none', of: 'connection' }, cluster);
    logTcp(accepted, 'UH', name, null);
    return { kind: 'closed', reason: 'no healthy upstream', seconds: 0 };
  }
  if (tunnel !== undefined) {
    return openTunnel(
      accepted,
      context,
      cluster,
      host,
      boundedText(
        tunnel.hostname ?? '',
        (command) => (command === LOCAL ? base.local : stateOf(accepted, command)),
        { name, recorder: run.recorder, step: hop.step },
        config,
      ),
    );
  }
  if (config.tunnelingConfig !== undefined && run.dataPlane.servers.isWhole) {
    hop.step({ kind: 'response', name, event: 'no tunnel' });
    logTcp(accepted, 'UF,URX', name, null);
    return { kind: 'closed', reason: 'no tunnel', seconds: 0 };
  }
  if (config.tunnelingConfig !== undefined) {
    run.recorder?.assume(notSimulated('tunnels', config.tunnelingConfig));
    hop.step({ kind: 'note', name, event: 'tunnel not simulated' });
  }
  const security = securityOf(context, cluster, host, {
    authority: undefined,
    applicationProtocols: undefined,
    sourceIp: connection.source.ip,
  });
  hop.step({ kind: 'endpoint', name: host.label, event: 'chosen', security: security.facts }, host.cause);
  const answer = openUpstream(context, cluster, host, security, connection.payload, connection);
  // A failure inside of TLS that only passes through is the client's affair.
  const isOwnTls = security.wrap(connection.payload) !== connection.payload;
  if (answer.kind === 'refused' || (answer.kind === 'tls-failure' && isOwnTls)) {
    hop.step({ kind: 'response', name, event: 'no connection', reason: answer.reason });
    logTcp(accepted, 'UF,URX', name, null);
    return { kind: 'closed', reason: answer.reason, seconds: 0 };
  }
  logTcp(accepted, answer.kind === 'closed' && answer.isReset === true ? 'UR' : '-', name, null);
  return answer;
}

/** Where the connection is for; a cluster may ask the endpoint that led here first. */
function originalOf(accepted: AcceptedConnection, { originalDstLbConfig }: Cluster): HostQuery['original'] {
  const [{ key = '' } = {}] = originalDstLbConfig?.metadataKey?.path ?? [];
  const told = key === 'waypoint' ? parseHostPort(accepted.passed?.waypoint ?? '') : undefined;
  if (told?.port !== undefined) return { ip: told.host, port: told.port };
  return accepted.isRestored ? accepted.destination : undefined;
}

/** Opens a tunnel through HTTP CONNECT (HBONE) and passes the connection on through it. */
function openTunnel(accepted: AcceptedConnection, context: ProxyContext, cluster: Cluster, host: Host, target: string): Answer {
  const { hop, connection } = accepted;
  const name = cluster.name ?? '';
  const query = { authority: undefined, applicationProtocols: undefined, sourceIp: connection.source.ip };
  const security = securityOf(context, cluster, host, query);
  hop.step({ kind: 'tunnel', name: host.label, event: 'opens', target, security: security.facts }, cluster);
  const headers = createHeaders([
    [':method', 'CONNECT'],
    [':authority', target],
  ]);
  const payload: Payload = { kind: 'http', version: upstreamVersion(cluster, 'HTTP/2'), headers, tunnel: connection.payload };
  const answer = openUpstream(context, cluster, host, security, payload, connection);
  // Of tunnels, only those that fail are logged.
  if (answer.kind === 'tunnel') return answer.answer;
  const reason = whyNoTunnel(answer);
  hop.step({ kind: 'tunnel', name: host.label, event: 'fails', reason });
  logTcp(accepted, 'UF,URX', name, null);
  return { kind: 'closed', reason, seconds: 0 };
}

function tcpCluster(run: Run, { cluster = '', weightedClusters }: TcpProxy): string {
  const clusters = weightedClusters?.clusters ?? [];
  const [first, ...rest] = withoutRepeated(
    clusters.map(({ name = '', weight = 0 }) => ({ value: name, weight, label: name })),
    (name) => name,
  );
  return first === undefined ? cluster : run.choose([first, ...rest]);
}
