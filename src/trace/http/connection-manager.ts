import { isAny } from '../../envoy/any.ts';
import type { Any, HttpConnectionManager, HttpFilter, Route, RouteAction } from '../../envoy/api.gen.ts';
import { addAll } from '../../util/collections.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import type { AcceptedConnection } from '../accepted.ts';
import { createHeaders, type MessageHeaders } from '../headers.ts';
import { normalizePath, splitQuery } from '../path.ts';
import { type Answer, type Payload, type ProxyContext, TLS_ERRORS } from '../run.ts';
import { inRange } from '../strings.ts';
import { type Exchange, localReply, type Response } from './exchange.ts';
import { chance, runHttpFilter } from './filters.ts';
import { findRoute } from './route-match.ts';
import { routeRequest } from './router.ts';
import { endedTunnel, passTunnel } from './tunnel.ts';
import { allowsUpgrade, upgradeOf, withoutUpgrade } from './upgrade.ts';

/** What an HTTP connection manager makes of a connection: its request goes through route choice, filters and router. */
export function serveHttp(accepted: AcceptedConnection, manager: HttpConnectionManager): Answer {
  const { run, pod, snapshot, hop, connection, base } = accepted;
  const { payload } = connection;
  if (payload.kind !== 'http') {
    const got = payload.kind === 'tls' ? 'TLS' : 'something else';
    hop.step({ kind: 'filter', name: manager.statPrefix ?? '', event: 'expects HTTP', got });
    hop.log({
      ...base,
      isHttp: true,
      status: 400,
      flags: 'DPE',
      details: 'http1.codec_error',
      cluster: null,
      route: null,
      path: null,
      authority: null,
    });
    return notHttp(payload);
  }
  // An upgrade over HTTP/2 is an extended CONNECT, which ends the connection where it is not allowed (RFC 8441).
  const isExtendedConnect = payload.version === 'HTTP/2' && upgradeOf(payload.headers) !== undefined;
  if (isExtendedConnect && manager.http2ProtocolOptions?.allowConnect !== true) {
    hop.step({ kind: 'filter', name: manager.statPrefix ?? '', event: 'no upgrade over HTTP/2' });
    return { kind: 'closed', reason: 'no upgrade over HTTP/2', seconds: 0 };
  }
  const context: ProxyContext = { run, pod, snapshot, hop, side: accepted.side, shares: accepted.shares };
  const headers = payload.headers.copy();
  const routes = manager.routeConfig ?? run.dataPlane.lookups.routes(snapshot, manager.rds?.routeConfigName ?? '');
  const exchange: Exchange = {
    accepted,
    context,
    manager,
    routes,
    version: payload.version,
    tunnel: payload.tunnel,
    headers,
    remoteIp: prepareHeaders(accepted, manager, headers),
    metadata: new Map(),
    selection: undefined,
    flags: [],
    details: null,
    seconds: 0,
    onResponse: [],
  };
  const response = respond(exchange);
  return finish(exchange, response);
}

/** What a client gets for bytes that are no HTTP: an answer in plain text, which is no TLS either. */
function notHttp(payload: Payload): Answer {
  if (payload.kind === 'tls') return { kind: 'tls-failure', reason: 'the server answers without TLS', error: TLS_ERRORS.notTls };
  if (payload.kind !== 'proxy-protocol') return { kind: 'closed', reason: 'not HTTP', seconds: 0 };
  if (payload.inner.kind === 'tls') return notHttp(payload.inner);
  return { kind: 'response', status: 400, headers: createHeaders(), body: 'Bad Request', seconds: 0 };
}

function respond(exchange: Exchange): Response | Exclude<Answer, Response> {
  const { headers, manager } = exchange;
  if (headers.get(':authority') === undefined) return localReply(exchange, { status: 400, details: 'missing_host_header' });
  const refused = headers.get(':method') === 'CONNECT' ? takeConnectTarget(headers) : takePath(exchange);
  if (refused !== undefined) return refused;
  const redirected = chooseRoute(exchange, true);
  decorate(exchange);
  if (!allowsUpgrade(exchange)) {
    const upgrade = upgradeOf(headers) ?? 'CONNECT';
    exchange.context.hop.step({ kind: 'response', name: upgrade, event: 'no upgrade', upgrade }, exchange.selection?.route);
    return localReply(exchange, { status: 403, details: 'upgrade_failed' });
  }
  for (const filter of manager.httpFilters ?? []) {
    const config = configOf(exchange, filter);
    if (filter.disabled === true) continue;
    if (isAny(config, 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router')) break;
    const answer = runHttpFilter(exchange, filter, config, (current) => void chooseRoute(current, false));
    if (answer !== undefined) return answer;
    if (isTooLate(exchange)) return givenUp(exchange);
  }
  if (redirected !== undefined)
    return localReply(exchange, { status: 301, details: 'direct_response', headers: [['location', redirected]] });
  const tunnel = endedTunnel(exchange);
  return tunnel === undefined ? routeRequest(exchange) : passTunnel(exchange, tunnel);
}

/**
 * With tracing, a request that leaves names the operation of its route; one that comes in without a name has it in the answer.
 * Envoy source/common/http/conn_manager_impl.cc traceRequest.
 */
function decorate({ accepted, headers, manager, selection, onResponse }: Exchange): void {
  if (manager.tracing === undefined) return;
  const { operation = '', propagate } = selection?.route.decorator ?? {};
  const isNamed = operation !== '' && propagate !== false;
  if (accepted.isOutbound) {
    if (isNamed) headers.set(DECORATOR, operation);
    onResponse.push((response) => response.headers.remove(DECORATOR));
    return;
  }
  const isOverridden = headers.has(DECORATOR);
  headers.remove(DECORATOR);
  if (isNamed && !isOverridden) onResponse.push((response) => response.headers.set(DECORATOR, operation));
}

const DECORATOR = 'x-envoy-decorator-operation';

/** The configuration of a filter: its own, or the one that is discovered under its name. */
function configOf({ context }: Exchange, { name, typedConfig, configDiscovery }: HttpFilter): Any | undefined {
  if (typedConfig !== undefined || configDiscovery === undefined) return typedConfig;
  return (
    context.snapshot.extensionConfigs.find((extension) => extension.name === name)?.typedConfig ?? configDiscovery.defaultConfig
  );
}

/** The path of a request, made normal; the answer to one that is not taken. */
function takePath(exchange: Exchange): Response | undefined {
  const { headers, manager } = exchange;
  takeAbsoluteUrl(headers);
  const path = headers.get(':path') ?? '';
  if (!path.startsWith('/')) return localReply(exchange, { status: 404, details: 'absolute_path_rejected' });
  const normalized = normalizePath(path, manager);
  if (normalized.kind === 'rejected') return localReply(exchange, { status: 400, details: 'path_normalization_failed' });
  if (normalized.kind === 'redirect') {
    return localReply(exchange, { status: 307, details: 'path_normalization_failed', headers: [['location', normalized.path]] });
  }
  headers.set(':path', normalized.path);
  return undefined;
}

/** The target of CONNECT is a host with a port, which counts as the host; there is no path. */
function takeConnectTarget(headers: MessageHeaders): undefined {
  const target = headers.get(':path');
  if (target !== undefined && !target.startsWith('/')) headers.set(':authority', target);
  headers.remove(':path');
}

/** `GET http://host/path` names host and path; the host header does not count then. */
function takeAbsoluteUrl(headers: MessageHeaders): void {
  const [, authority, path = ''] = /^https?:\/\/([^/?#]+)(.*)$/is.exec(headers.get(':path') ?? '') ?? [];
  if (authority === undefined) return;
  headers.set(':authority', authority);
  headers.set(':path', path.startsWith('/') ? path : `/${path}`);
}

/** Chooses virtual host, route and weighted branch; gives the location when the virtual host wants TLS first. */
function chooseRoute(exchange: Exchange, isFirst: boolean): string | undefined {
  const { context, headers, routes, accepted, metadata } = exchange;
  const { hop, run } = context;
  // Those who end tunnels have one route for all of them.
  const tell = exchange.tunnel === undefined ? hop.step : hop.detail;
  exchange.selection = undefined;
  if (!isFirst) hop.step({ kind: 'route', name: '', event: 'chosen anew' });
  const authority = headers.get(':authority') ?? '';
  if (routes === undefined) {
    hop.step({ kind: 'route', name: '', event: 'no configuration' });
    return undefined;
  }
  const found = run.dataPlane.lookups.virtualHost(routes, authority);
  if (found === undefined) {
    hop.step({ kind: 'virtual host', name: routes.name ?? '', event: 'none fits', authority }, routes);
    return undefined;
  }
  const { virtualHost, domain } = found;
  const routeConfiguration = routes.name ?? '';
  tell({ kind: 'virtual host', name: virtualHost.name, event: 'chosen', routeConfiguration, domain }, virtualHost);
  if (virtualHost.requireTls !== undefined && virtualHost.requireTls !== 'NONE' && headers.get('x-forwarded-proto') !== 'https') {
    const location = `https://${authority.replace(/:80$/, '')}${headers.get(':path') ?? '/'}`;
    hop.step({ kind: 'response', name: virtualHost.name, event: 'redirect to TLS', location }, virtualHost);
    return location;
  }
  // Why the others do not take it is a detail.
  const path = run.isBrief ? headers.get(':path') : undefined;
  const routesToTry = path === undefined ? virtualHost.routes : run.dataPlane.lookups.routesFor(virtualHost, splitQuery(path)[0]);
  const { route, passed } = findRoute(routesToTry ?? [], {
    headers,
    metadata,
    isTls: accepted.isTls,
    hasClientCertificate: accepted.peer !== undefined,
    happens: (share) => chance(exchange, share, 'share of a route'),
  });
  for (const { route: other, reason } of passed) {
    hop.detail({ kind: 'route', name: nameOf(other), event: 'passed over', condition: reason }, other);
  }
  if (route === undefined) {
    hop.step({ kind: 'route', name: virtualHost.name, event: 'none matches' }, virtualHost);
    return undefined;
  }
  tell({ kind: 'route', name: nameOf(route), event: 'matches' }, route);
  const action = route.route ?? {};
  const branches = action.weightedClusters?.clusters ?? [];
  const options = branches.map((branch) => ({ value: branch, weight: branch.weight ?? 0, label: branch.name ?? '' }));
  const [first, ...rest] = options;
  const branch = first === undefined ? undefined : run.choose([first, ...rest]);
  if (branch !== undefined) {
    const total = options.reduce((sum, { weight }) => sum + weight, 0);
    const { weight = 0, name: cluster = '' } = branch;
    hop.step({ kind: 'route', name: nameOf(route), event: 'weight', weight, total, cluster }, branch);
  }
  exchange.selection = { virtualHost, route, branch, clusterName: branch?.name ?? clusterNameOf(action, headers) };
  return undefined;
}

function nameOf({ name = '(unnamed)' }: Route): string {
  return name;
}

function clusterNameOf({ cluster, clusterHeader }: RouteAction, headers: MessageHeaders): string | undefined {
  return cluster ?? (clusterHeader === undefined ? undefined : headers.get(clusterHeader));
}

/**
 * What is done to headers before anything looks at them: scheme, forwarded address and protocol, client certificate. Gives
 * the address of the client. Envoy source/common/http/conn_manager_utility.cc mutateRequestHeaders.
 */
function prepareHeaders(accepted: AcceptedConnection, manager: HttpConnectionManager, headers: MessageHeaders): string {
  const { connection, isTls, peer, pod } = accepted;
  const directIp = connection.source.ip;
  const hops = manager.xffNumTrustedHops ?? 0;
  const forwarded = (headers.get('x-forwarded-for') ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const fromHeader = (skip: number): string | undefined => {
    const ip = forwarded.at(-1 - skip);
    return ip !== undefined && isIpAddress(ip) ? ip : undefined;
  };
  const scheme = isTls ? 'https' : 'http';
  let remoteIp: string;
  if (manager.useRemoteAddress === true) {
    remoteIp = (hops > 0 ? fromHeader(hops - 1) : undefined) ?? directIp;
    if (manager.skipXffAppend !== true) headers.set('x-forwarded-for', [...forwarded, directIp].join(','));
    if (hops === 0 || !headers.has('x-forwarded-proto')) headers.set('x-forwarded-proto', scheme);
  } else {
    remoteIp = fromHeader(hops) ?? directIp;
    if (!headers.has('x-forwarded-proto')) headers.set('x-forwarded-proto', scheme);
  }
  const isEdge = manager.useRemoteAddress === true;
  const isInternal = isEdge
    ? forwarded.length === 0 && isInternalAddress(directIp, manager)
    : forwarded.length === 1 && isInternalAddress(forwarded[0] ?? '', manager);
  if (isEdge) {
    const { watch } = accepted.run.dataPlane;
    watch?.note(isInternal, ({ ip }) => forwarded.length === 0 && isInternalAddress(ip(directIp), manager));
  }
  if (isInternal) headers.set('x-envoy-internal', 'true');
  else for (const name of internalHeaders) headers.remove(name);
  if (isEdge && !isInternal) headers.set('x-envoy-external-address', remoteIp);
  const protocol = headers.get('x-forwarded-proto') ?? scheme;
  headers.set(':scheme', protocol === 'http' || protocol === 'https' ? protocol : scheme);
  forwardCertificate(manager, headers, peer === undefined ? undefined : peer.uris, pod.identity);
  if (manager.generateRequestId !== false && !headers.has('x-request-id')) headers.set('x-request-id', REQUEST_ID);
  return remoteIp;
}

/** What only requests from inside may tell Envoy to do. */
const internalHeaders: readonly string[] = [
  'x-envoy-internal',
  'x-envoy-upstream-rq-timeout-ms',
  'x-envoy-upstream-rq-per-try-timeout-ms',
  'x-envoy-max-retries',
  'x-envoy-retry-on',
  'x-envoy-retry-grpc-on',
  'x-envoy-retriable-status-codes',
  'x-envoy-retriable-header-names',
  'x-envoy-hedge-on-per-try-timeout',
  'x-envoy-upstream-alt-stat-name',
  'x-envoy-expected-rq-timeout-ms',
  'x-envoy-force-trace',
  'x-envoy-ip-tags',
  'x-envoy-original-url',
];

/** A request id of a simulation: any will do. */
const REQUEST_ID = '00000000-0000-4000-8000-000000000000';

/** Addresses count as internal only where the configuration says so. */
function isInternalAddress(ip: string, { internalAddressConfig }: HttpConnectionManager): boolean {
  return (internalAddressConfig?.cidrRanges ?? []).some((range) => inRange(range, ip));
}

function forwardCertificate(
  manager: HttpConnectionManager,
  headers: MessageHeaders,
  uris: readonly string[] | undefined,
  own: string,
): void {
  const mode = manager.forwardClientCertDetails ?? 'SANITIZE';
  if (mode === 'ALWAYS_FORWARD_ONLY') return;
  if (mode === 'SANITIZE' || uris === undefined) {
    headers.remove('x-forwarded-client-cert');
    return;
  }
  if (mode === 'FORWARD_ONLY') return;
  const { subject, uri } = manager.setCurrentClientCertDetails ?? {};
  const parts = [`By=${own}`, `Hash=${'0'.repeat(64)}`];
  if (subject === true) parts.push('Subject=""');
  if (uri === true)
    addAll(
      parts,
      uris.map((name) => `URI=${name}`),
    );
  const before = mode === 'APPEND_FORWARD' ? headers.get('x-forwarded-client-cert') : undefined;
  headers.set('x-forwarded-client-cert', before === undefined ? parts.join(';') : `${before},${parts.join(';')}`);
}

function givenUp({ seconds }: Exchange): Answer {
  return { kind: 'closed', reason: 'the client has given up', seconds, isAbandoned: true };
}

function isTooLate({ accepted, context, seconds }: Exchange): boolean {
  return accepted.connection.startedAt + seconds > context.run.patience;
}

/** Filters see the response, the client gives up or not, and the log is written. */
function finish(exchange: Exchange, answer: Answer): Answer {
  const { accepted, context, headers, selection, manager } = exchange;
  const { hop, snapshot } = context;
  const known =
    selection?.clusterName !== undefined && context.run.dataPlane.lookups.cluster(snapshot, selection.clusterName) !== undefined;
  const isLate = isTooLate(exchange);
  const ending =
    answer.kind === 'response'
      ? withoutUpgrade(exchange, { ...answer, headers: createHeaders(answer.headers.entries()) })
      : answer;
  if (isLate) exchange.flags.push('DC');
  // Of tunnels, only those that fail are logged.
  if (ending.kind === 'tunnel') return ending;
  const status = answer.kind === 'response' && !isLate ? answer.status : 0;
  hop.log({
    ...accepted.base,
    isHttp: true,
    status,
    flags: exchange.flags.length === 0 ? '-' : exchange.flags.join(','),
    details: isLate ? 'downstream_remote_disconnect' : exchange.details,
    cluster: known ? (selection?.clusterName ?? null) : null,
    route: selection?.route.name ?? null,
    path: headers.get(':path') ?? null,
    authority: headers.get(':authority') ?? null,
  });
  if (ending.kind !== 'response') return ending;
  if (isLate) return givenUp(exchange);
  const response: Response = { ...ending, seconds: exchange.seconds };
  for (const change of [...exchange.onResponse].reverse()) change(response);
  if (manager.serverHeaderTransformation !== 'PASS_THROUGH') response.headers.set('server', manager.serverName ?? 'envoy');
  if (exchange.details === 'via_upstream') response.headers.set('x-envoy-upstream-service-time', '0');
  return response;
}
