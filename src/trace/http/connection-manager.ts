import { isAny } from '../../envoy/any.ts';
import type {
  Any,
  HttpConnectionManager,
  HttpFilter,
  Route,
  RouteAction,
  RouteConfiguration,
  VirtualHost,
} from '../../envoy/api.gen.ts';
import { anyOf, textTest } from '../../request-space/formula.ts';
import { compareText } from '../../util/text.ts';
import type { AcceptedConnection } from '../accepted.ts';
import { withoutRepeated } from '../choices.ts';
import { createHeaders, type MessageHeaders, sceneOf } from '../headers.ts';
import { normalizePath, splitQuery } from '../path.ts';
import { sceneOfSubject } from '../rbac.ts';
import { HTTP_SETTINGS, PATH } from '../recording/parts.ts';
import { matchFormula } from '../recording/route-formulas.ts';
import { made, sourceKey, type TextSource } from '../recording/source.ts';
import { headerFormula } from '../recording/text-formulas.ts';
import { type Answer, type Payload, type ProxyContext, TLS_ERRORS } from '../run.ts';
import { matchesHeader } from '../strings.ts';
import { type Exchange, expressionsOf, localReply, type Response, subjectOf } from './exchange.ts';
import { chance, runHttpFilter } from './filters.ts';
import { isNormalPath, normalForm } from './normal-path.ts';
import { prepareHeaders } from './prepare-headers.ts';
import { BY_CHANCE, findRoute, type PassedRoutes } from './route-match.ts';
import { routeRequest } from './router.ts';
import { endedTunnel, passTunnel } from './tunnel.ts';
import { allowsUpgrade, isConnect, wantsUpgrade, withoutUpgrade } from './upgrade.ts';
import type { FoundHost } from './virtual-hosts.ts';

/** Fields of connection managers that are followed here, and those that only logs and statistics show. */
const FOLLOWED: ReadonlySet<string> = new Set<keyof HttpConnectionManager | '@type'>([
  ...(['@type', 'statPrefix', 'accessLog', 'tracing', 'rds', 'routeConfig', 'httpFilters', 'upgradeConfigs'] as const),
  ...(['generateRequestId', 'useRemoteAddress', 'skipXffAppend', 'xffNumTrustedHops', 'internalAddressConfig'] as const),
  ...(['forwardClientCertDetails', 'setCurrentClientCertDetails', 'serverName', 'serverHeaderTransformation'] as const),
  ...(['normalizePath', 'mergeSlashes', 'pathWithEscapedSlashesAction'] as const),
]);

/** What else a connection manager is told (times, limits, headers that it refuses), as one text. */
function settingsOf(manager: HttpConnectionManager): string {
  return JSON.stringify(
    Object.entries(manager)
      .filter(([field]) => !FOLLOWED.has(field))
      .sort(([one], [other]) => compareText(one, other)),
  );
}

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
  const isExtendedConnect = payload.version === 'HTTP/2' && wantsUpgrade(payload.headers);
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
    versionOfHttp2: payload.versionOfHttp2,
    tunnel: payload.tunnel,
    headers,
    ...prepareHeaders(accepted, manager, headers),
    metadata: new Map(),
    claims: new Map(),
    selection: undefined,
    flags: [],
    details: null,
    seconds: 0,
    onResponse: [],
  };
  headers.recorder?.assume({ kind: 'unseen', what: HTTP_SETTINGS, config: settingsOf(manager) });
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
  if (!headers.has(':authority')) return localReply(exchange, { status: 400, details: 'missing_host_header' });
  const refused = isConnect(headers) ? takeConnectTarget(headers) : takePath(exchange);
  if (refused !== undefined) return refused;
  const redirected = chooseRoute(exchange, true);
  decorate(exchange);
  if (!allowsUpgrade(exchange)) {
    const upgrade = wantsUpgrade(headers) ? (headers.told('upgrade') ?? '').toLowerCase() : 'CONNECT';
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
  if (redirected !== undefined) {
    const source = made('redirect to TLS', [headers.sourceOf(':authority'), headers.sourceOf(':path')], redirected);
    return localReply(exchange, { status: 301, details: 'direct_response', headers: [['location', redirected, source]] });
  }
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
  // A name for people, which decides about nothing.
  const isOverridden = headers.told(DECORATOR) !== undefined;
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
  const path = headers.told(':path') ?? '';
  if (
    !headers.decide(
      () => textTest(PATH, { kind: 'prefix', text: '/' }),
      () => path.startsWith('/'),
    )
  )
    return localReply(exchange, { status: 404, details: 'absolute_path_rejected' });
  const source = headers.sourceOf(':path');
  const isNormal = isNormalPath(headers, path, manager);
  const normalized = normalizePath(path, manager);
  const form = isNormal ? undefined : normalForm(source, manager, normalized.kind === 'rejected' ? path : normalized.path);
  if (isPathAsSent(source)) headers.recorder?.takesPath(form && `${normalized.kind} ${sourceKey(form)}`);
  if (normalized.kind === 'rejected') return localReply(exchange, { status: 400, details: 'path_normalization_failed' });
  if (normalized.kind === 'redirect') {
    return localReply(exchange, {
      status: 307,
      details: 'path_normalization_failed',
      headers: [['location', normalized.path, form]],
    });
  }
  headers.set(':path', normalized.path, form ?? (headers.recorder && source));
  return undefined;
}

/** Whether a path is what the client wrote, which may be a part of a URL. */
function isPathAsSent(source: TextSource): boolean {
  if (source.kind !== 'made') return source.kind === 'request';
  return source.by === PATH_OF_URL && source.of.every(({ kind }) => kind === 'request');
}

const PATH_OF_URL = 'path of a URL';

/** The target of CONNECT is a host with a port, which counts as the host; there is no path. */
function takeConnectTarget(headers: MessageHeaders): undefined {
  const target = headers.told(':path');
  if (target !== undefined && !target.startsWith('/')) {
    headers.set(':authority', target, made('target of CONNECT', [headers.sourceOf(':path')], target));
  }
  headers.remove(':path');
}

/** `GET http://host/path` names host and path; the host header does not count then. */
function takeAbsoluteUrl(headers: MessageHeaders): void {
  const [, authority, path = ''] = /^https?:\/\/([^/?#]+)(.*)$/is.exec(headers.told(':path') ?? '') ?? [];
  headers.decide(
    () => textTest(PATH, { kind: 'regex', expression: '(?is)https?://[^/?#]+.*' }),
    () => authority !== undefined,
  );
  if (authority === undefined) return;
  const source = headers.sourceOf(':path');
  const taken = path.startsWith('/') ? path : `/${path}`;
  headers.set(':authority', authority, made('host of a URL', [source], authority));
  headers.set(':path', taken, made(PATH_OF_URL, [source], splitQuery(taken)[0]));
}

/** Tells the recorder which virtual host was chosen. */
function noteHost({ headers, context }: Exchange, routes: RouteConfiguration, found: FoundHost | undefined): void {
  // Where it is the same for all requests, it tells none from another.
  if (headers.recorder === undefined || headers.sourceOf(':authority').kind === 'constant') return;
  const domains = context.run.dataPlane.lookups.domains(routes);
  // By which of its domains it was found says nothing.
  const places = domains.flatMap(({ virtualHost }, place) => (virtualHost === found?.virtualHost ? [place] : []));
  headers.recorder.first(routes, () => domains.map(({ formula }) => formula), places, sceneOf(headers));
}

/** Tells the recorder which route was the first to match. */
function noteRoute(exchange: Exchange, { routes = [] }: VirtualHost, route: Route | undefined, passed: PassedRoutes): void {
  const { recorder } = exchange.headers;
  if (recorder === undefined) return;
  const skipped = passed.filter(({ reason }) => reason === BY_CHANCE).map((one) => routes.indexOf(one.route));
  const places = route === undefined ? [] : [routes.indexOf(route)];
  recorder.first(
    routes,
    () => routes.map(({ match = {} }) => matchFormula(match)),
    places,
    sceneOfSubject(subjectOf(exchange)),
    skipped,
  );
}

function isForwardedTls(exchange: Exchange): boolean {
  const matcher = { name: 'x-forwarded-proto', exactMatch: 'https' };
  return exchange.headers.decide(
    () => headerFormula(matcher),
    (values) => matchesHeader(matcher, values, expressionsOf(exchange)),
  );
}

/** Chooses virtual host, route and weighted branch; gives the location when the virtual host wants TLS first. */
function chooseRoute(exchange: Exchange, isFirst: boolean): string | undefined {
  const { context, headers, routes, accepted, metadata } = exchange;
  const { hop, run } = context;
  // Those who end tunnels have one route for all of them.
  const tell = exchange.tunnel === undefined ? hop.step : hop.detail;
  exchange.selection = undefined;
  if (!isFirst) hop.step({ kind: 'route', name: '', event: 'chosen anew' });
  const authority = headers.told(':authority') ?? '';
  if (routes === undefined) {
    hop.step({ kind: 'route', name: '', event: 'no configuration' });
    return undefined;
  }
  const found = run.dataPlane.lookups.virtualHost(routes, authority);
  noteHost(exchange, routes, found);
  if (found === undefined) {
    hop.step({ kind: 'virtual host', name: routes.name ?? '', event: 'none fits', authority }, routes);
    return undefined;
  }
  const { virtualHost, domain } = found;
  const { name = '' } = virtualHost;
  const routeConfiguration = routes.name ?? '';
  tell({ kind: 'virtual host', name, event: 'chosen', routeConfiguration, domain }, virtualHost);
  if (virtualHost.requireTls !== undefined && virtualHost.requireTls !== 'NONE' && !isForwardedTls(exchange)) {
    const location = `https://${authority.replace(/:80$/, '')}${headers.told(':path') ?? '/'}`;
    hop.step({ kind: 'response', name, event: 'redirect to TLS', location }, virtualHost);
    return location;
  }
  // Why the others do not take it is a detail.
  const path = run.isBrief ? headers.told(':path') : undefined;
  const routesToTry = path === undefined ? virtualHost.routes : run.dataPlane.lookups.routesFor(virtualHost, splitQuery(path)[0]);
  const { route, passed } = findRoute(routesToTry ?? [], {
    headers: headers.values,
    metadata,
    isTls: accepted.isTls,
    hasClientCertificate: accepted.peer !== undefined,
    happens: (share) => chance(exchange, share, 'share of a route'),
    compile: expressionsOf(exchange),
  });
  noteRoute(exchange, virtualHost, route, passed);
  for (const { route: other, reason } of passed) {
    hop.detail({ kind: 'route', name: nameOf(other), event: 'passed over', condition: reason }, other);
  }
  if (route === undefined) {
    hop.step({ kind: 'route', name, event: 'none matches' }, virtualHost);
    return undefined;
  }
  tell({ kind: 'route', name: nameOf(route), event: 'matches' }, route);
  const action = route.route ?? {};
  const branches = action.weightedClusters?.clusters ?? [];
  const options = withoutRepeated(
    branches.map((branch) => ({ value: branch, weight: branch.weight ?? 0, label: branch.name ?? '' })),
    (branch) => JSON.stringify({ ...branch, weight: 0 }),
  );
  const [first, ...rest] = options;
  const branch = first === undefined ? undefined : run.choose([first, ...rest]);
  if (branch !== undefined) {
    const total = options.reduce((sum, { weight }) => sum + weight, 0);
    const { name: cluster = '' } = branch;
    const { weight = 0 } = options.find(({ value }) => value === branch) ?? {};
    hop.step({ kind: 'route', name: nameOf(route), event: 'weight', weight, total, cluster }, branch);
  }
  exchange.selection = { virtualHost, route, branch, clusterName: branch?.name ?? clusterNameOf(exchange, action) };
  return undefined;
}

function nameOf({ name = '(unnamed)' }: Route): string {
  return name;
}

/** The cluster of a route; where a header names it, all names that no cluster has are alike. */
function clusterNameOf({ headers, context }: Exchange, { cluster, clusterHeader }: RouteAction): string | undefined {
  if (cluster !== undefined || clusterHeader === undefined) return cluster;
  if (!headers.has(clusterHeader)) return undefined;
  const { run, snapshot } = context;
  const dimension = { kind: 'header', name: clusterHeader.toLowerCase() } as const;
  const isKnown = headers.decide(
    () =>
      anyOf(
        snapshot.clusters.flatMap(({ name: text }) => (text === undefined ? [] : textTest(dimension, { kind: 'exact', text }))),
      ),
    (values) => run.dataPlane.lookups.cluster(snapshot, values.get(clusterHeader) ?? '') !== undefined,
  );
  return isKnown ? headers.get(clusterHeader) : headers.told(clusterHeader);
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
  const ending = answer.kind === 'response' ? withoutUpgrade(exchange, { ...answer, headers: answer.headers.copy() }) : answer;
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
    path: headers.told(':path') ?? null,
    authority: headers.told(':authority') ?? null,
  });
  if (ending.kind !== 'response') return ending;
  if (isLate) return givenUp(exchange);
  const response: Response = { ...ending, seconds: exchange.seconds };
  for (const change of [...exchange.onResponse].reverse()) change(response);
  if (manager.serverHeaderTransformation !== 'PASS_THROUGH') response.headers.set('server', manager.serverName ?? 'envoy');
  if (exchange.details === 'via_upstream') response.headers.set('x-envoy-upstream-service-time', '0');
  return response;
}
