import { isAny } from '../../envoy/any.ts';
import type { Cluster, DataSource, RetryPolicy, RouteAction, RouteActionRequestMirrorPolicy } from '../../envoy/api.gen.ts';
import { addAll } from '../../util/collections.ts';
import { memo } from '../../util/memo.ts';
import { compact, own } from '../../util/object.ts';
import type { ExpressionCompiler } from '../../util/re2.ts';
import { type CutListener, tellCut } from '../cut-texts.ts';
import { podAt, podKey } from '../data-plane.ts';
import type { MessageHeaders } from '../headers.ts';
import { type Host, ipOfHost } from '../host.ts';
import type { Delivery, OtherDelivery } from '../outcome.ts';
import { made, type TextSource } from '../recording/source.ts';
import { type Answer, endOf, type Payload, type Run, secondsOf, TLS_ERRORS } from '../run.ts';
import type { Fact, HeaderChange } from '../step.ts';
import { matchesHeader } from '../strings.ts';
import { noteLimits, noteUnderLoad } from '../under-load.ts';
import { chooseHost, isAlwaysHttp2, nameOfRequest, openUpstream, securityOf, upstreamVersion } from '../upstream.ts';
import {
  actionOf,
  type Exchange,
  expressionsOf,
  formatOf,
  formatSource,
  localReply,
  type Response,
  type Selection,
} from './exchange.ts';
import { chanceOf, isHeaderGiven } from './filters.ts';
import { applyMutations, type FormatValue, type HeaderMutations } from './header-mutations.ts';
import { redirectOf, redirectSource, replaceRegex, rewrittenPath, rewrittenSource } from './rewrite.ts';
import { isGrpcRequest, looksLikeGrpc } from './route-match.ts';
import { isConnect } from './upgrade.ts';

const DEFAULT_TIMEOUT = 15;

/** The last filter: redirects and direct responses, or the upstream request with its retries. Envoy source/common/router/router.cc. */
export function routeRequest(exchange: Exchange): Response {
  const { selection, context, headers } = exchange;
  const { hop } = context;
  if (selection === undefined) return localReply(exchange, { status: 404, details: 'route_not_found', flags: ['NR'] });
  const { route } = selection;
  const { redirect, directResponse } = route;
  if (redirect !== undefined) {
    const { status, location } = redirectOf(route.match ?? {}, redirect, headers, expressionsOf(exchange));
    hop.step({ kind: 'response', name: route.name ?? '', event: 'redirect', location, status }, route);
    return changeResponse(
      exchange,
      localReply(exchange, {
        status,
        details: 'direct_response',
        headers: [['location', location, redirectSource(route.match ?? {}, redirect, headers, location)]],
      }),
    );
  }
  if (directResponse !== undefined) {
    const { status = 200, body } = directResponse;
    hop.step({ kind: 'response', name: route.name ?? '', event: 'direct', status }, route);
    return changeResponse(exchange, localReply(exchange, { status, body: textOf(body), details: 'direct_response' }));
  }
  return forward(exchange, selection);
}

function textOf(source: DataSource | undefined): string {
  if (source?.inlineBytes !== undefined) return Buffer.from(source.inlineBytes, 'base64').toString('latin1');
  return source?.inlineString ?? '';
}

function forward(exchange: Exchange, selection: Selection): Response {
  const { context } = exchange;
  const { hop, snapshot } = context;
  const action = actionOf(exchange) ?? {};
  const { clusterName = '' } = selection;
  const cluster = context.run.dataPlane.lookups.cluster(snapshot, clusterName);
  if (cluster === undefined) {
    const status = notFoundStatus(action);
    hop.step({ kind: 'cluster', name: clusterName, event: 'missing', status }, selection.route);
    return changeResponse(exchange, localReply(exchange, { status, details: 'cluster_not_found', flags: ['NC'] }));
  }
  hop.step(clusterFact(clusterName, cluster), cluster);
  changeRequest(exchange, selection, action);
  if (context.run.hasCopies) mirror(exchange, selection, action);
  return changeResponse(exchange, attempt(exchange, cluster, selection, action));
}

function notFoundStatus({ clusterNotFoundResponseCode: code }: RouteAction): number {
  return code === 'NOT_FOUND' ? 404 : code === 'INTERNAL_SERVER_ERROR' ? 500 : 503;
}

function clusterFact(name: string, { type, lbPolicy, clusterType }: Cluster): Fact {
  const chooses = lbPolicy !== undefined && lbPolicy !== 'CLUSTER_PROVIDED';
  return {
    kind: 'cluster',
    name,
    event: 'takes the request',
    type: type ?? clusterType?.name ?? 'STATIC',
    ...(chooses && { loadBalancing: lbPolicy }),
  };
}

/** Header changes go from the narrowest to the widest part of the configuration. */
function levels({ branch, route, virtualHost }: Selection, exchange: Exchange) {
  return [branch, route, virtualHost, exchange.routes].filter((level) => level !== undefined);
}

function changeRequest(exchange: Exchange, selection: Selection, action: RouteAction): void {
  const { headers, context } = exchange;
  const { branch, route } = selection;
  for (const level of levels(selection, exchange)) {
    change(exchange, { toAdd: level.requestHeadersToAdd, toRemove: level.requestHeadersToRemove }, 'request', level);
    if (level === branch && branch.hostRewriteLiteral !== undefined) {
      headers.set('x-envoy-original-host', headers.told(':authority') ?? '', headers.sourceOf(':authority'));
      headers.set(':authority', branch.hostRewriteLiteral);
    }
  }
  const path = headers.told(':path') ?? '/';
  const source = headers.sourceOf(':path');
  const rewritten = rewrittenPath(route, path, expressionsOf(exchange));
  if (rewritten !== undefined) {
    context.hop.step({ kind: 'rewrite', name: route.name ?? '', event: 'path', before: path, after: rewritten }, route);
    headers.set('x-envoy-original-path', path, source);
    headers.set(':path', rewritten, headers.recorder && rewrittenSource(route, headers, rewritten));
  }
  const before = headers.told(':authority') ?? '';
  const earlier = headers.sourceOf(':authority');
  const { host, source: hostSource } = rewrittenHost(exchange, action, path);
  if (host !== undefined && host !== '') {
    if (action.appendXForwardedHost === true) headers.add('x-forwarded-host', before, earlier);
    headers.set('x-envoy-original-host', before, earlier);
    headers.set(':authority', host, hostSource);
    context.hop.step({ kind: 'rewrite', name: route.name ?? '', event: 'host', before, after: host }, route);
  }
}

/** The host that a route puts in place of that of the request, and where it comes from. */
function rewrittenHost(
  exchange: Exchange,
  { hostRewriteLiteral, hostRewriteHeader, hostRewritePathRegex }: RouteAction,
  path: string,
): { readonly host: string | undefined; readonly source?: TextSource | undefined } {
  const { headers } = exchange;
  if (hostRewriteLiteral !== undefined) return { host: hostRewriteLiteral };
  if (hostRewriteHeader !== undefined) {
    // Told to whoever records: without it the host stays.
    isHeaderGiven(exchange, hostRewriteHeader);
    return { host: headers.told(hostRewriteHeader), source: headers.recorder && headers.sourceOf(hostRewriteHeader) };
  }
  if (hostRewritePathRegex === undefined) return { host: undefined };
  const host = replaceRegex(hostRewritePathRegex, path.split('?', 1)[0] ?? '', expressionsOf(exchange));
  return {
    host,
    source: headers.recorder && made(`host ${JSON.stringify(hostRewritePathRegex)}`, [headers.sourceOf(':path')], host),
  };
}

function change(exchange: Exchange, mutations: HeaderMutations, of: 'request', cause: unknown): void {
  if ((mutations.toAdd?.length ?? 0) + (mutations.toRemove?.length ?? 0) === 0) return;
  exchange.context.hop.detail({ kind: 'headers', name: of, event: 'changed', changes: changesOf(mutations) }, cause);
  if (applyMutations(mutations, exchange.headers, formatOf(exchange), formatSource(exchange)))
    tellCut(listenerOf(exchange, of), 'header', cause);
}

/** Who hears that headers of a request or response are cut. */
function listenerOf({ context: { hop }, headers: { recorder } }: Exchange, name: 'request' | 'response'): CutListener {
  return { name, recorder, step: hop.step };
}

function changesOf({ toAdd = [], toRemove = [] }: HeaderMutations): readonly HeaderChange[] {
  return [
    ...toRemove.map((header) => ({ operation: 'remove', header }) as const),
    ...toAdd.map(({ header: { key = '', value = '' } = {}, appendAction }) => {
      const operation = appendAction === 'OVERWRITE_IF_EXISTS_OR_ADD' ? 'set' : 'add';
      return { operation, header: key, value } as const;
    }),
  ];
}

function changeResponse(exchange: Exchange, response: Response): Response {
  const { selection } = exchange;
  if (selection === undefined) return response;
  // For what the proxy answers in place of an upstream there is no code yet when the headers are changed.
  const code = exchange.details === 'via_upstream' ? String(response.status) : '0';
  const format: FormatValue = (command) => (command === 'RESPONSE_CODE' ? code : formatOf(exchange)(command));
  for (const level of levels(selection, exchange)) {
    const isCut = applyMutations(
      { toAdd: level.responseHeadersToAdd, toRemove: level.responseHeadersToRemove },
      response.headers,
      format,
      formatSource(exchange),
    );
    if (isCut) tellCut(listenerOf(exchange, 'response'), 'header', level);
  }
  return response;
}

/** Sends copies of a request to the mirrors of its route. Nothing is copied of a tunnel; of what wants another protocol, the request is. */
function mirror(exchange: Exchange, { route, virtualHost }: Selection, action: RouteAction): void {
  const { context, headers, accepted } = exchange;
  const policies = action.requestMirrorPolicies ?? virtualHost.requestMirrorPolicies ?? [];
  if (policies.length === 0 || isConnect(headers)) return;
  for (const policy of mirrorsOf(exchange, policies)) {
    const { cluster: name = '' } = policy;
    const cluster = context.run.dataPlane.lookups.cluster(context.snapshot, name);
    context.hop.step({ kind: 'mirror', name, event: cluster === undefined ? 'cluster missing' : 'copied' }, route);
    if (cluster === undefined) continue;
    const copy = headers.copy();
    const host =
      policy.hostRewriteLiteral ??
      (policy.disableShadowHostSuffixAppend === true ? undefined : shadowHost(headers.told(':authority') ?? ''));
    const isOfRequest = policy.hostRewriteLiteral === undefined && host !== undefined;
    const source = isOfRequest ? made('shadow host', [headers.sourceOf(':authority')], host) : undefined;
    if (host !== undefined) copy.set(':authority', host, headers.recorder && source);
    const shared = context.run.hops.length;
    const hops = [...context.run.hops];
    const deliveries: Delivery[] = [];
    const otherDeliveries: OtherDelivery[] = [];
    const shadow = { ...context, run: { ...context.run, isMirror: true, hops, logs: [], deliveries, otherDeliveries } };
    const target = chooseHost(shadow, cluster, {
      original: accepted.isRestored ? accepted.destination : undefined,
      name: () => nameOfRequest(copy),
      tried: [],
    });
    if (target !== undefined) {
      noteLimits(headers.recorder, cluster, nameOfPlace(context.run, target));
      send({ ...exchange, headers: copy }, cluster, target, shadow);
    }
    // What the request itself does next is not of the copy.
    context.run.copies.push({
      hops: hops.map((hop) => ({ ...hop, steps: [...hop.steps] })),
      shared,
      deliveries,
      otherDeliveries,
    });
  }
}

/** Who is at a host. */
function nameOfPlace({ dataPlane }: Run, host: Host): string {
  const pod = podAt(dataPlane, ipOfHost(host) ?? '');
  return pod === undefined ? host.label : podKey(pod);
}

/**
 * The mirrors that get a copy. All of a request look at the same random number, so that one which gets fewer copies gets none that one with
 * more does not get. Envoy source/common/router/router.cc FilterUtility::shouldShadow, which takes the ID of the stream for all of them.
 */
function mirrorsOf(
  { context }: Exchange,
  policies: readonly RouteActionRequestMirrorPolicy[],
): readonly RouteActionRequestMirrorPolicy[] {
  const chances = policies.map(({ runtimeFraction }) => runtimeFraction && chanceOf(runtimeFraction.defaultValue));
  const drawn = memo((whole: number): number => {
    const ends = [...chances.flatMap((one) => (one?.whole === whole ? [one.share] : [])), whole];
    const bounds = [...new Set([0, ...ends])].sort((a, b) => a - b);
    const [first, ...others] = bounds.slice(1).map((end, index) => {
      const start = bounds[index] ?? 0;
      return { value: start, weight: end - start, label: `mirrors of more than ${start} in ${whole}` };
    });
    return first === undefined ? 0 : context.run.choose([first, ...others]);
  });
  return policies.filter((_, index) => {
    const one = chances[index];
    return one === undefined || drawn(one.whole) < one.share;
  });
}

/** `-shadow` follows the name and precedes the port. */
function shadowHost(authority: string): string {
  return authority.replace(/(:\d+)?$/, '-shadow$1');
}

function send(exchange: Exchange, cluster: Cluster, host: Host, context = exchange.context) {
  const { accepted, headers, version } = exchange;
  const spoken =
    !context.run.dataPlane.servers.speaksHttp2 && (cluster.name ?? '').startsWith('inbound|') && isAlwaysHttp2(cluster)
      ? 'HTTP/1.1'
      : upstreamVersion(cluster, version);
  const security = securityOf(context, cluster, host, {
    authority: { told: headers.told(':authority'), source: headers.sourceOf(':authority') },
    applicationProtocols: spoken === 'HTTP/2' ? ['istio-h2', 'istio', 'h2'] : ['istio-http/1.1', 'istio', 'http/1.1'],
    sourceIp: accepted.connection.source.ip,
  });
  context.hop.step(
    { kind: 'endpoint', name: host.label, event: 'chosen', security: security.facts, version: spoken },
    host.cause,
  );
  const versionOfHttp2 = exchange.versionOfHttp2 && upstreamVersion(cluster, exchange.versionOfHttp2);
  const payload: Payload = { kind: 'http', version: spoken, headers: headers.copy(), ...compact({ versionOfHttp2 }) };
  return openUpstream(context, cluster, host, security, payload, {
    startedAt: accepted.connection.startedAt + exchange.seconds,
    depth: accepted.connection.depth,
  });
}

interface Attempt {
  readonly response: Response;
  readonly details: string;
  readonly flags: readonly string[];
  /** Whether the retry policy covers it. */
  readonly isRetriable: boolean;
}

/** Sends the request, again while the retry policy says so and the time of the route lasts. */
function attempt(exchange: Exchange, cluster: Cluster, selection: Selection, action: RouteAction): Response {
  const { headers, context, accepted } = exchange;
  const { hop } = context;
  const policy = action.retryPolicy ?? selection.virtualHost.retryPolicy;
  const timeout = timeoutOf(exchange, action);
  const limit = retryLimit(exchange, policy);
  noteUnderLoad(headers.recorder, cluster, { retryPolicy: policy, hashPolicy: action.hashPolicy });
  const tried: string[] = [];
  const start = exchange.seconds;
  const query = {
    original: accepted.isRestored ? accepted.destination : undefined,
    name: () => nameOfRequest(headers),
  };
  hop.detail(limitsFact(selection.route.name ?? '', timeout, policy), selection.route);
  for (let count = 1; ; count++) {
    if (selection.virtualHost.includeRequestAttemptCount === true) headers.set('x-envoy-attempt-count', String(count));
    const host = chooseHost(context, cluster, { ...query, tried: avoidsHosts(policy) ? tried : [] });
    if (host === undefined) {
      hop.step({ kind: 'endpoint', name: cluster.name ?? '', event: 'none', of: 'request' }, cluster);
      return localReply(exchange, { status: 503, body: 'no healthy upstream', details: 'no_healthy_upstream', flags: ['UH'] });
    }
    tried.push(host.label);
    if (action.autoHostRewrite === true && host.hostname !== '')
      headers.set(':authority', host.hostname, host.nameSource && made('name without port', [host.nameSource], host.hostname));
    const result = tryHost(exchange, cluster, host, policy, count > 1);
    const spent = exchange.seconds - start + result.response.seconds;
    // What asks for a timeout decides only where there is something to wait for.
    if (spent > 0) noteTimeout(headers, action);
    if (timeout !== undefined && spent >= timeout) {
      exchange.seconds = start + timeout;
      hop.step({ kind: 'response', name: cluster.name ?? '', event: 'timeout', seconds: timeout }, selection.route);
      return localReply(exchange, { status: 504, body: 'upstream request timeout', details: 'response_timeout', flags: ['UT'] });
    }
    exchange.seconds += result.response.seconds;
    if (result.isRetriable && count <= limit) {
      const { details } = result;
      const tries = { attempt: count, attempts: limit + 1 };
      hop.step({ kind: 'retry', name: cluster.name ?? '', event: 'fails', ...tries, details }, selection.route);
      continue;
    }
    if (result.isRetriable && policy !== undefined) exchange.flags.push('URX');
    addAll(exchange.flags, result.flags);
    exchange.details = result.details;
    return { ...result.response, seconds: 0 };
  }
}

/** Tells the recorder which headers give the timeout. */
function noteTimeout(headers: MessageHeaders, { maxGrpcTimeout }: RouteAction): void {
  if (headers.recorder === undefined) return;
  headers.get('x-envoy-upstream-rq-timeout-ms');
  if (maxGrpcTimeout !== undefined && isGrpcRequest(headers)) headers.get('grpc-timeout');
}

function timeoutOf({ headers }: Exchange, { timeout, maxGrpcTimeout }: RouteAction): number | undefined {
  const asked = headers.told('x-envoy-upstream-rq-timeout-ms');
  if (asked !== undefined && /^\d+$/.test(asked)) return Number(asked) === 0 ? undefined : Number(asked) / 1000;
  if (maxGrpcTimeout !== undefined && looksLikeGrpc(headers.values)) {
    const grpc = grpcTimeout(headers.told('grpc-timeout'));
    const most = secondsOf(maxGrpcTimeout) ?? 0;
    const chosen = most === 0 ? (grpc ?? 0) : Math.min(grpc ?? most, most);
    return chosen === 0 ? undefined : chosen;
  }
  const seconds = secondsOf(timeout) ?? DEFAULT_TIMEOUT;
  return seconds === 0 ? undefined : seconds;
}

function grpcTimeout(text: string | undefined): number | undefined {
  const [, count, unit = ''] = /^(\d+)([HMSmun])$/.exec(text ?? '') ?? [];
  const units: Readonly<Record<string, number>> = { H: 3600, M: 60, S: 1, m: 1e-3, u: 1e-6, n: 1e-9 };
  return count === undefined ? undefined : Number(count) * (own(units, unit) ?? 1);
}

function limitsFact(name: string, timeout: number | undefined, policy: RetryPolicy | undefined): Fact {
  const { numRetries: most = 1, retryOn: on = '' } = policy ?? {};
  return {
    kind: 'route',
    name,
    event: 'limits',
    ...(timeout !== undefined && { timeout }),
    ...(policy !== undefined && { retries: { most, on } }),
  };
}

function retryLimit({ headers }: Exchange, policy: RetryPolicy | undefined): number {
  const asked = headers.get('x-envoy-max-retries');
  if (policy === undefined) return 0;
  return asked !== undefined && /^\d+$/.test(asked) ? Number(asked) : (policy.numRetries ?? 1);
}

function avoidsHosts(policy: RetryPolicy | undefined): boolean {
  return (policy?.retryHostPredicate ?? []).some(
    ({ name, typedConfig }) =>
      name === 'envoy.retry_host_predicates.previous_hosts' ||
      isAny(typedConfig, 'type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate'),
  );
}

function tryHost(exchange: Exchange, cluster: Cluster, host: Host, policy: RetryPolicy | undefined, isRetry: boolean): Attempt {
  const answer = endOf(send(exchange, cluster, host));
  const conditions = new Set((policy?.retryOn ?? '').split(',').map((word) => word.trim()));
  const perTry = secondsOf(policy?.perTryTimeout);
  const onReset = conditions.has('reset') || conditions.has('5xx') || conditions.has('gateway-error');
  if (answer.kind === 'response') {
    if (perTry !== undefined && perTry > 0 && answer.seconds >= perTry) {
      const response = failure(504, 'upstream request timeout', perTry);
      return { response, details: 'upstream_per_try_timeout', flags: ['UT'], isRetriable: onReset };
    }
    const isRetriable = policy !== undefined && isRetriableResponse(answer, conditions, policy, expressionsOf(exchange));
    return { response: answer, details: 'via_upstream', flags: [], isRetriable };
  }
  const reset = isRetry ? 'retried and the latest reset reason' : 'reset reason';
  const body = (reason: string): string => `upstream connect error or disconnect/reset before headers. ${reset}: ${reason}`;
  if (answer.kind === 'closed' && answer.isProtocolError === true) {
    const details = 'upstream_reset_before_response_started{protocol_error}';
    return { response: failure(502, body('protocol error'), answer.seconds), details, flags: ['UPE'], isRetriable: onReset };
  }
  if (answer.kind === 'closed') {
    const details = 'upstream_reset_before_response_started{connection_termination}';
    const isOwn = answer.isAbandoned !== true;
    const response = failure(503, body('connection termination'), answer.seconds);
    return { response, details, flags: isOwn ? ['UC'] : [], isRetriable: isOwn && onReset };
  }
  const why = connectError(answer);
  return {
    response: failure(503, body('remote connection failure'), 0),
    details: `upstream_reset_before_response_started{remote_connection_failure|${why.replaceAll(' ', '_')}}`,
    flags: ['UF'],
    isRetriable: onReset || conditions.has('connect-failure') || conditions.has('reset-before-request'),
  };

  function failure(status: number, text: string, seconds: number): Response {
    return { ...localReply({ ...exchange, flags: [] }, { status, body: text, details: '' }), seconds };
  }
}

/** What Envoy's transport socket says of a connection that does not come about. */
function connectError(answer: Extract<Answer, { kind: 'refused' | 'tls-failure' }>): string {
  if (answer.kind === 'refused') return `delayed connect error: ${answer.error}`;
  return answer.error === TLS_ERRORS.noSecret ? `TLS error: ${answer.error}` : `TLS_error:|${answer.error}:TLS_error_end`;
}

/** Envoy source/common/router/retry_state_impl.cc wouldRetryFromHeaders. */
function isRetriableResponse(
  { status, headers }: Response,
  conditions: ReadonlySet<string>,
  policy: RetryPolicy,
  compile: ExpressionCompiler,
): boolean {
  if (headers.has('x-envoy-ratelimited')) return conditions.has('envoy-ratelimited');
  if (conditions.has('5xx') && status >= 500 && status < 600) return true;
  if (conditions.has('gateway-error') && status >= 502 && status <= 504) return true;
  if (conditions.has('retriable-4xx') && status === 409) return true;
  if (conditions.has('retriable-status-codes') && (policy.retriableStatusCodes ?? []).includes(status)) return true;
  const { retriableHeaders = [] } = policy;
  if (conditions.has('retriable-headers') && retriableHeaders.some((matcher) => matchesHeader(matcher, headers, compile)))
    return true;
  const grpc = own(grpcConditions, headers.get('grpc-status') ?? '');
  return grpc !== undefined && conditions.has(grpc);
}

const grpcConditions: Readonly<Record<string, string>> = {
  '1': 'cancelled',
  '4': 'deadline-exceeded',
  '8': 'resource-exhausted',
  '13': 'internal',
  '14': 'unavailable',
};
