import { isAny } from '../../envoy/any.ts';
import type {
  Any,
  FractionalPercent,
  HTTPFault,
  HttpCorsPolicy,
  HttpExtAuthz,
  HttpFilter,
  HttpRBAC,
  JwtAuthentication,
  ListStringMatcher,
  MetadataMatcher,
} from '../../envoy/api.gen.ts';
import { allOf, anyOf, textTest } from '../../request-space/formula.ts';
import { own } from '../../util/object.ts';
import { originOf, withOrigin } from '../../util/origin.ts';
import type { ExpressionCompiler } from '../../util/re2.ts';
import { podKey } from '../data-plane.ts';
import { createHeaders, type MessageHeaders } from '../headers.ts';
import { applyAccepted, checkJwt, claimHeadersOf, issuerIn } from '../jwt.ts';
import { deniedDetails, policyFact, sceneOfSubject, shadowMetadata, watchedVerdict } from '../rbac.ts';
import { filterOrder } from '../recording/filter-order.ts';
import { METHOD } from '../recording/parts.ts';
import { notSimulated } from '../recording/recorder.ts';
import { matchFormula } from '../recording/route-formulas.ts';
import { claimsKey } from '../recording/scenes.ts';
import { made, type TextSource } from '../recording/source.ts';
import { headerFormula, metadataFormula, stringFormula } from '../recording/text-formulas.ts';
import { type Answer, type Payload, secondsOf } from '../run.ts';
import { matchesHeader, matchesMetadata, matchesString } from '../strings.ts';
import { chooseHost, nameOfRequest, openUpstream, securityOf, withoutName } from '../upstream.ts';
import {
  type Exchange,
  expressionsOf,
  localReply,
  perRouteConfig,
  type Response,
  type ResponseHeader,
  subjectOf,
} from './exchange.ts';
import { isGrpcRequest, mismatch } from './route-match.ts';
import { noteState } from './tunnel.ts';

/** What a filter does with a request: an answer ends it, undefined passes it on. */
export type FilterResult = Answer | undefined;

/** Asks for the route to be chosen anew. */
export type ChooseRoute = (exchange: Exchange) => void;

/** Runs one HTTP filter on a request; filters that a simulation cannot run are noted and let it pass. */
export function runHttpFilter(
  exchange: Exchange,
  filter: HttpFilter,
  given: Any | undefined,
  chooseRoute: ChooseRoute,
): FilterResult {
  const { hop } = exchange.context;
  const { name = '' } = filter;
  const config = withOriginOf(filter, given);
  if (isAny(config, `${PREFIX}cors.v3.Cors`)) return runCors(exchange, name);
  if (isAny(config, `${PREFIX}fault.v3.HTTPFault`)) return runFault(exchange, name, config);
  if (isAny(config, `${PREFIX}rbac.v3.RBAC`)) return runRbac(exchange, name, config);
  if (isAny(config, `${PREFIX}jwt_authn.v3.JwtAuthentication`)) return runJwt(exchange, name, config, chooseRoute);
  if (isAny(config, `${PREFIX}ext_authz.v3.ExtAuthz`)) return runExtAuthz(exchange, name, config);
  if (isAny(config, `${PREFIX}set_filter_state.v3.Config`) && exchange.tunnel !== undefined) {
    noteState(exchange, config);
    return undefined;
  }
  if (isAny(config, `${PREFIX}dynamic_forward_proxy.v3.FilterConfig`)) return resolveDynamically(exchange, name);
  if (!isHarmless(filter, config)) {
    const does = whatItDoes(name, config);
    hop.step({ kind: 'note', name, event: 'HTTP filter not simulated', ...(does !== undefined && { does }) }, config);
    assumeNothing(exchange, name, does === undefined ? name : `${name} (${does})`, config, does === 'rate limits');
  } else if (ofBodies.test(name) || ofBodies.test(String(config?.['@type'] ?? ''))) {
    const told = configOnRoute(exchange, name, config, false);
    exchange.headers.recorder?.assume({ kind: 'unseen', what: name, config: JSON.stringify(told) });
  }
  return undefined;
}

/** Tells the recorder that what a filter does is not known; it follows what the route says of it, too. */
function assumeNothing(exchange: Exchange, name: string, what: string, config: object | undefined, isLimit = false): void {
  const { headers, context, manager } = exchange;
  if (headers.recorder === undefined) return;
  headers.recorder.assume(notSimulated(what, configOnRoute(exchange, name, config, isLimit)));
  const names = (manager.httpFilters ?? []).flatMap((filter) =>
    isHarmless(filter, filter.typedConfig) ? [] : (filter.name ?? ''),
  );
  headers.recorder.assume(filterOrder(`${podKey(context.pod)} ${context.side}`, names));
}

function isHarmless({ name = '' }: HttpFilter, config: Any | undefined): boolean {
  return harmless.test(name) || harmlessType.test(String(config?.['@type'] ?? ''));
}

/** The configuration of a filter with what the route and those around it say of it; of limits, which of them a request counts for. */
function configOnRoute(exchange: Exchange, name: string, config: object | undefined, isLimit: boolean): object | undefined {
  const { selection, routes } = exchange;
  const { route, virtualHost } = selection ?? {};
  const ofRoute = perRouteConfig(exchange, [name]) ?? own(routes?.typedPerFilterConfig, name);
  const ofMetadata = own(route?.metadata?.filterMetadata, name);
  const { rateLimits, includeVhRateLimits } = route?.route ?? {};
  const limits = isLimit ? [rateLimits, includeVhRateLimits, virtualHost?.rateLimits] : [];
  const more = [ofRoute, ofMetadata, ...limits];
  return more.every((one) => one === undefined) ? config : { config, more };
}

/** Tells the recorder that metadata decide. */
function noteMetadata(exchange: Exchange, matcher: MetadataMatcher): void {
  const { recorder } = exchange.headers;
  const holds = matchesMetadata(matcher, exchange.metadata, expressionsOf(exchange));
  recorder?.holds(metadataFormula(matcher), holds, sceneOfSubject(subjectOf(exchange)));
}

const IS_OPTIONS = textTest(METHOD, { kind: 'exact', text: 'OPTIONS' });

function isOptions(headers: MessageHeaders): boolean {
  return headers.decide(
    () => IS_OPTIONS,
    (values) => values.get(':method') === 'OPTIONS',
  );
}

/** Whether a header is there and says something. */
export function isHeaderGiven(exchange: Exchange, name: string): boolean {
  const matcher = { name, stringMatch: { safeRegex: { regex: '(?s).+' } } };
  return exchange.headers.decide(
    () => headerFormula(matcher),
    (values) => matchesHeader(matcher, values, expressionsOf(exchange)),
  );
}

/** The configuration of a filter. What an EnvoyFilter adds remembers that as a whole, not in its parts. */
function withOriginOf(filter: HttpFilter, config: Any | undefined): Any | undefined {
  const maker = originOf(filter);
  return config === undefined || maker === undefined || originOf(config) !== undefined
    ? config
    : withOrigin(config, maker.resource, maker.path);
}

const PREFIX = 'type.googleapis.com/envoy.extensions.filters.http.';
const harmless =
  /^(istio\.(metadata_exchange|alpn|stats)|waypoint_(down|up)stream_peer_metadata|envoy\.filters\.http\.(grpc_stats|grpc_web))$/;
const harmlessType = /\.(grpc_stats|grpc_web|buffer)\.v3\./;
/** What becomes of bodies is not followed. */
const ofBodies = /\.(grpc_web|buffer)(\.v3\.|$)/;

/** The host of a request to a dynamic cluster is resolved before the router; what nobody knows ends here. */
function resolveDynamically(exchange: Exchange, name: string): FilterResult {
  const { context, headers, selection } = exchange;
  const cluster = context.run.dataPlane.lookups.cluster(context.snapshot, selection?.clusterName ?? '');
  if (cluster?.clusterType?.name !== 'envoy.clusters.dynamic_forward_proxy') return undefined;
  const host = chooseHost(context, cluster, { original: undefined, name: () => nameOfRequest(headers), tried: [] });
  if (host !== undefined) return undefined;
  context.hop.step({ kind: 'filter', name, event: 'name not resolved', host: headers.told(':authority') ?? '' }, cluster);
  const details = 'dns_resolution_failure{cares_failure:Could_not_contact_DNS_servers}';
  return localReply(exchange, { status: 503, body: 'DNS resolution failure', details, flags: ['DF'] });
}

function whatItDoes(name: string, config: Any | undefined): 'rate limits' | 'Lua' | 'WebAssembly' | undefined {
  const type = `${name} ${String(config?.['@type'] ?? '')} ${String(config?.typeUrl ?? '')}`;
  if (/ratelimit/.test(type)) return 'rate limits';
  if (/lua/.test(type)) return 'Lua';
  return /wasm/.test(type) ? 'WebAssembly' : undefined;
}

/** The options of a chance: it happens, or it does not. */
export function chance(exchange: Exchange, percentage: FractionalPercent | undefined, what: string): boolean {
  const { share, whole } = chanceOf(percentage);
  return exchange.context.run.choose([
    { value: true, weight: share, label: what },
    { value: false, weight: whole - share, label: `no ${what}` },
  ]);
}

/** How many of how many a percentage stands for. */
export function chanceOf({ numerator = 0, denominator = 'HUNDRED' }: FractionalPercent = {}): {
  readonly share: number;
  readonly whole: number;
} {
  const whole = denominator === 'HUNDRED' ? 100 : denominator === 'TEN_THOUSAND' ? 10_000 : 1_000_000;
  return { share: Math.min(numerator, whole), whole };
}

// Envoy source/extensions/filters/http/cors/cors_filter.cc
function runCors(exchange: Exchange, name: string): FilterResult {
  const { headers, context } = exchange;
  const policy = perRouteConfig(exchange, [name, 'envoy.filters.http.cors']);
  if (!isAny(policy, `${PREFIX}cors.v3.CorsPolicy`) || !isHeaderGiven(exchange, 'origin')) return undefined;
  const origin = headers.told('origin') ?? '';
  const { filterEnabled } = policy;
  if (filterEnabled !== undefined && !chance(exchange, filterEnabled.defaultValue, 'CORS policy')) {
    context.hop.step({ kind: 'filter', name, event: 'CORS policy not enforced' }, exchange.selection?.route);
    return undefined;
  }
  const allowed = policy.allowOriginStringMatch ?? [];
  const isAllowed =
    allowed.some(({ exact }) => exact === '*') ||
    headers.decide(
      () => anyOf(allowed.map((matcher) => stringFormula({ kind: 'header', name: 'origin' }, matcher))),
      () => allowed.some((matcher) => matchesString(matcher, origin, expressionsOf(exchange))),
    );
  const isPreflight = isOptions(headers) && isHeaderGiven(exchange, 'access-control-request-method');
  if (isPreflight && (isAllowed || policy.forwardNotMatchingPreflights === false)) {
    context.hop.step(
      { kind: 'filter', name, event: 'CORS preflight answered', requestOrigin: origin, isAllowed },
      exchange.selection?.route,
    );
    return localReply(exchange, {
      status: 200,
      details: 'cors_response',
      headers: isAllowed ? preflightHeaders(policy, origin, headers) : [],
    });
  }
  context.hop.step(
    { kind: 'filter', name, event: 'CORS origin checked', requestOrigin: origin, isAllowed },
    exchange.selection?.route,
  );
  if (isAllowed) {
    exchange.onResponse.push(({ headers: response }) => {
      response.set('access-control-allow-origin', origin, headers.recorder && headers.sourceOf('origin'));
      if (policy.allowCredentials === true) response.set('access-control-allow-credentials', 'true');
      if ((policy.exposeHeaders ?? '') !== '') response.set('access-control-expose-headers', policy.exposeHeaders ?? '');
    });
  }
  return undefined;
}

function preflightHeaders(policy: HttpCorsPolicy, origin: string, headers: MessageHeaders): ResponseHeader[] {
  // A star stands for whatever the preflight asks for.
  const granted = (allowed: string | undefined, asked: string) => (allowed === '*' ? headers.told(asked) : allowed);
  const optional = (name: string, value: string | undefined, source?: TextSource): readonly ResponseHeader[] =>
    value === undefined || value === '' ? [] : [[name, value, source]];
  const sourceOf = (allowed: string | undefined, asked: string): TextSource | undefined =>
    allowed === '*' && headers.recorder !== undefined ? headers.sourceOf(asked) : undefined;
  return [
    ['access-control-allow-origin', origin, headers.recorder && headers.sourceOf('origin')],
    ...optional('access-control-allow-credentials', policy.allowCredentials === true ? 'true' : undefined),
    ...optional(
      'access-control-allow-methods',
      granted(policy.allowMethods, 'access-control-request-method'),
      sourceOf(policy.allowMethods, 'access-control-request-method'),
    ),
    ...optional(
      'access-control-allow-headers',
      granted(policy.allowHeaders, 'access-control-request-headers'),
      sourceOf(policy.allowHeaders, 'access-control-request-headers'),
    ),
    ...optional('access-control-max-age', policy.maxAge),
  ];
}

// Envoy source/extensions/filters/http/fault/fault_filter.cc: the delay first, then the abort.
function runFault(exchange: Exchange, name: string, own: HTTPFault): FilterResult {
  const route = perRouteConfig(exchange, [name, 'envoy.filters.http.fault']);
  const fault: HTTPFault = isAny(route, `${PREFIX}fault.v3.HTTPFault`) ? route : own;
  const { hop } = exchange.context;
  const cause = exchange.selection?.route;
  if (fault.upstreamCluster !== undefined && fault.upstreamCluster !== exchange.selection?.clusterName) return undefined;
  const matchers = fault.headers ?? [];
  const isMeant = exchange.headers.decide(
    () => allOf(matchers.map(headerFormula)),
    (values) => matchers.every((matcher) => matchesHeader(matcher, values, expressionsOf(exchange))),
  );
  if (!isMeant) return undefined;
  const delay = secondsOf(fault.delay?.fixedDelay);
  if (delay !== undefined && chance(exchange, fault.delay?.percentage, 'delay')) {
    hop.step({ kind: 'filter', name, event: 'delay', seconds: delay }, cause);
    exchange.flags.push('DI');
    exchange.seconds += delay;
  }
  if (fault.abort === undefined || fault.abort.headerAbort !== undefined) return undefined;
  if (!chance(exchange, fault.abort.percentage, 'abort')) return undefined;
  const { httpStatus, grpcStatus } = fault.abort;
  const abort = { ...(httpStatus !== undefined && { httpStatus }), ...(grpcStatus !== undefined && { grpcStatus }) };
  hop.step({ kind: 'filter', name, event: 'abort', ...abort }, cause);
  // A gRPC status travels in a header of an answer that is fine as HTTP.
  return localReply(exchange, {
    status: httpStatus ?? 200,
    body: 'fault filter abort',
    details: 'fault_filter_abort',
    flags: ['FI'],
    headers: grpcStatus !== undefined && isGrpcRequest(exchange.headers) ? [['grpc-status', String(grpcStatus)]] : [],
  });
}

function runRbac(exchange: Exchange, name: string, config: HttpRBAC): FilterResult {
  const { rules, shadowRules, shadowRulesStatPrefix = '' } = config;
  const { hop, run } = exchange.context;
  const { watch } = run.dataPlane;
  const subject = subjectOf(exchange);
  if (shadowRules !== undefined) {
    const verdict = watchedVerdict(shadowRules, subject, watch);
    const noted = shadowMetadata(shadowRulesStatPrefix, verdict.isAllowed, verdict.name);
    exchange.metadata.set('envoy.filters.http.rbac', { ...exchange.metadata.get('envoy.filters.http.rbac'), ...noted });
    if (verdict.name !== undefined) {
      hop.step(policyFact('would decide', 'request', shadowRules, verdict, name), verdict.policy);
    }
  }
  if (rules === undefined) return undefined;
  const verdict = watchedVerdict(rules, subject, watch);
  // Where nothing matches, the first of the policies stands for those that could have allowed the request.
  const nearest = verdict.isAllowed ? undefined : Object.values(rules.policies ?? {})[0];
  const decisive = verdict.policy ?? nearest;
  hop.step(policyFact('decides', 'request', rules, verdict, name), originOf(decisive) === undefined ? config : decisive);
  if (verdict.isAllowed) return undefined;
  return localReply(exchange, { status: 403, body: 'RBAC: access denied', details: deniedDetails(verdict.name) });
}

function runJwt(exchange: Exchange, name: string, config: JwtAuthentication, chooseRoute: ChooseRoute): FilterResult {
  const { headers, context } = exchange;
  const { run, hop } = context;
  if (config.bypassCorsPreflight === true) {
    const isPreflight = headers.decide(
      () => allOf([IS_OPTIONS, headerFormula({ name: 'origin' }), headerFormula({ name: 'access-control-request-method' })]),
      (values) => values.get(':method') === 'OPTIONS' && values.has('origin') && values.has('access-control-request-method'),
    );
    if (isPreflight) return undefined;
  }
  const request = {
    headers: headers.values,
    metadata: exchange.metadata,
    isTls: exchange.accepted.isTls,
    hasClientCertificate: exchange.accepted.peer !== undefined,
    // The filter does not look at shares; Envoy source/extensions/filters/http/jwt_authn/matcher.cc.
    happens: () => true,
    compile: expressionsOf(exchange),
  };
  const rules = config.rules ?? [];
  const at = rules.findIndex(({ match }) => mismatch(match ?? {}, request) === undefined);
  headers.recorder?.first(
    rules,
    () => rules.map(({ match = {} }) => matchFormula(match)),
    at === -1 ? [] : [at],
    sceneOfSubject(subjectOf(exchange)),
  );
  const rule = rules[at];
  const requirement = rule?.requires ?? own(config.requirementMap, rule?.requirementName ?? '');
  if (requirement === undefined) return undefined;
  const { recorder } = headers;
  const result = checkJwt(config, requirement, {
    headers: headers.values,
    recorder,
    now: run.dataPlane.now,
    trustedTokens: run.trustedTokens,
    compile: expressionsOf(exchange),
  });
  for (const provider of Object.values(config.providers ?? {}))
    for (const header of claimHeadersOf(provider)) headers.remove(header);
  if (result.status !== 'ok') {
    hop.step({ kind: 'filter', name, event: 'token refused', problem: result.status }, config);
    const isForbidden = result.status === 'Audiences in Jwt are not allowed';
    const parts = [':scheme', ':authority', ':path'];
    const [scheme = 'http', authority = '', path = ''] = parts.map((part) => headers.told(part));
    const realm = `Bearer realm="${scheme}://${authority}${path}"`;
    const challenge = result.status === 'Jwt is missing' ? realm : `${realm}, error="invalid_token"`;
    const source = recorder && made(`challenge: ${result.status}`, parts.map(headers.sourceOf), challenge);
    return localReply(exchange, {
      status: isForbidden ? 403 : 401,
      body: result.status,
      details: `jwt_authn_access_denied{${result.status}}`,
      headers: [['www-authenticate', challenge, source]],
    });
  }
  const issuers = result.accepted.map(({ provider }) => provider.issuer ?? '');
  hop.step(
    issuers.length === 0
      ? { kind: 'filter', name, event: 'token absent' }
      : { kind: 'filter', name, event: 'token accepted', issuers },
    result.accepted.find(({ provider }) => originOf(provider) !== undefined)?.provider ?? config,
  );
  applyAccepted(result.accepted, headers, recorder);
  for (const { provider, payload } of result.accepted) {
    const key = claimsKey('envoy.filters.http.jwt_authn', provider.payloadInMetadata ?? '');
    if (recorder !== undefined) exchange.claims.set(key, issuerIn(recorder, payload));
  }
  exchange.metadata.set('envoy.filters.http.jwt_authn', {
    ...exchange.metadata.get('envoy.filters.http.jwt_authn'),
    ...result.metadata,
  });
  if (result.clearsRoute) chooseRoute(exchange);
  return undefined;
}

// Envoy source/extensions/filters/http/ext_authz/ext_authz.cc and filters/common/ext_authz/ext_authz_http_impl.cc
function runExtAuthz(exchange: Exchange, name: string, config: HttpExtAuthz): FilterResult {
  const { hop, run } = exchange.context;
  const { filterEnabledMetadata } = config;
  if (filterEnabledMetadata !== undefined) noteMetadata(exchange, filterEnabledMetadata);
  if (
    filterEnabledMetadata !== undefined &&
    !matchesMetadata(filterEnabledMetadata, exchange.metadata, expressionsOf(exchange))
  ) {
    hop.detail({ kind: 'filter', name, event: 'authorizer not asked' });
    return undefined;
  }
  if (!run.dataPlane.servers.isWhole) {
    hop.step({ kind: 'note', name, event: 'authorizer unknown', of: 'request' }, config);
    assumeNothing(exchange, name, `${name} (external authorizer)`, config);
    return undefined;
  }
  assumeNothing(exchange, name, `${name} (external authorizer)`, config);
  const { httpService } = config;
  const answer = httpService === undefined ? undefined : askAuthorizer(exchange, config);
  if (answer === undefined || answer.kind !== 'response' || answer.status >= 500) {
    const isAllowed = config.failureModeAllow === true;
    hop.step({ kind: 'filter', name, event: 'authorizer fails', of: 'request', isAllowed }, config);
    if (isAllowed) return undefined;
    const status = statusNumber(config.statusOnError?.code) ?? 403;
    return localReply(exchange, { status, details: 'ext_authz_error', flags: ['UAEX'] });
  }
  const response = httpService?.authorizationResponse;
  const compile = expressionsOf(exchange);
  if (answer.status === 200) {
    hop.step({ kind: 'filter', name, event: 'authorizer allows' }, config);
    for (const [header, value] of answer.headers.entries())
      if (picks(response?.allowedUpstreamHeaders, header, compile)) exchange.headers.set(header, value);
    exchange.onResponse.push(({ headers }) => {
      for (const [header, value] of answer.headers.entries())
        if (picks(response?.allowedClientHeadersOnSuccess, header, compile)) headers.set(header, value);
    });
    return undefined;
  }
  hop.step({ kind: 'filter', name, event: 'authorizer denies', status: answer.status }, config);
  const kept = answer.headers
    .entries()
    .filter(([header]) => response?.allowedClientHeaders === undefined || picks(response.allowedClientHeaders, header, compile));
  const denial = localReply(exchange, { status: answer.status, details: 'ext_authz_denied', flags: ['UAEX'], headers: kept });
  return { ...denial, body: answer.body };
}

function picks(list: ListStringMatcher | undefined, header: string, compile: ExpressionCompiler): boolean {
  return (list?.patterns ?? []).some((pattern) => matchesString(pattern, header, compile));
}

/** Statuses that MeshConfig can ask for; Envoy names them by their words. */
function statusNumber(code: string | undefined): number | undefined {
  const known: Readonly<Record<string, number>> = {
    Unauthorized: 401,
    PaymentRequired: 402,
    Forbidden: 403,
    NotFound: 404,
    TooManyRequests: 429,
    InternalServerError: 500,
    NotImplemented: 501,
    BadGateway: 502,
    ServiceUnavailable: 503,
    GatewayTimeout: 504,
    BadRequest: 400,
    OK: 200,
  };
  return code === undefined ? undefined : own(known, code);
}

function askAuthorizer(exchange: Exchange, { httpService, allowedHeaders }: HttpExtAuthz): Response | Answer | undefined {
  const { context, headers } = exchange;
  const cluster = context.run.dataPlane.lookups.cluster(context.snapshot, httpService?.serverUri?.cluster ?? '');
  if (cluster === undefined) return undefined;
  const host = chooseHost(context, cluster, { original: undefined, name: withoutName, tried: [] });
  if (host === undefined) return undefined;
  const always = new Set([':authority', ':method', 'authorization']);
  const allowed = allowedHeaders ?? httpService?.authorizationRequest?.allowedHeaders;
  const sent = headers.entries().filter(([name]) => always.has(name) || picks(allowed, name, expressionsOf(exchange)));
  const request = createHeaders([
    ...sent,
    [':path', `${httpService?.pathPrefix ?? ''}${headers.told(':path') ?? ''}`],
    ['content-length', '0'],
  ]);
  for (const { key = '', value = '' } of httpService?.authorizationRequest?.headersToAdd ?? []) request.set(key, value);
  const security = securityOf(context, cluster, host, {
    authority: { told: headers.told(':authority'), source: headers.sourceOf(':authority') },
    applicationProtocols: ['istio-http/1.1', 'istio'],
    sourceIp: exchange.accepted.connection.source.ip,
  });
  const payload: Payload = { kind: 'http', version: 'HTTP/1.1', headers: request };
  const { connection } = exchange.accepted;
  const answer = openUpstream(context, cluster, host, security, payload, {
    startedAt: connection.startedAt + exchange.seconds,
    depth: connection.depth,
  });
  const limit = secondsOf(httpService?.serverUri?.timeout);
  return answer.kind === 'response' && limit !== undefined && answer.seconds > limit ? undefined : answer;
}
