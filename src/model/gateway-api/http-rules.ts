import type {
  GRPCRouteRule,
  HTTPBackendRef,
  HTTPRouteFilter,
  HTTPRouteRetry,
  HTTPRouteRule,
  HTTPRouteTimeouts,
} from '../../api/gateway-api.ts';
import type { Headers, HTTPMatchRequest, HTTPRetry, HTTPRoute, HTTPRouteDestination } from '../../api/istio.gen.ts';
import type { Path } from '../../diagnostics/diagnostic.ts';
import { fieldNotSupported, mirrorIgnored } from '../../diagnostics/problems/gateway-api.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { formatDuration, parseDuration } from '../../util/duration.ts';
import { compact } from '../../util/object.ts';
import { withOrigin } from '../../util/origin.ts';
import {
  type AttachedRoute,
  isRefusal,
  noteBackend,
  type RouteRefusal,
  resolveBackend,
  totalWeight,
  weighBackends,
} from './backends.ts';
import { convertCors, convertHeaderFilter, convertMirror, convertRedirect, convertRewrite } from './http-filters.ts';
import { convertGrpcMatch, convertHttpMatch } from './http-matches.ts';

/** The rules of an HTTPRoute, one for each match; refused as a whole when one rule is. As istio HTTPRouteCollection. */
export function convertHttpRules(input: AttachedRoute, route: ResourceOf<'HTTPRoute'>): readonly HTTPRoute[] | RouteRefusal {
  return convertRules(input, route.spec.rules ?? [], (rule, path) => convertHttpRule(input, rule, path), convertHttpMatch);
}

/** The rules of a GRPCRoute. As istio GRPCRouteCollection. */
export function convertGrpcRules(input: AttachedRoute, route: ResourceOf<'GRPCRoute'>): readonly HTTPRoute[] | RouteRefusal {
  return convertRules(input, route.spec.rules ?? [], (rule, path) => convertGrpcRule(input, rule, path), convertGrpcMatch);
}

interface Rule<Match> {
  readonly name?: string;
  readonly matches?: readonly Match[];
  readonly sessionPersistence?: unknown;
}

function convertRules<Match, R extends Rule<Match>>(
  { context, route }: AttachedRoute,
  rules: readonly R[],
  convertRule: (rule: R, path: Path) => HTTPRoute | RouteRefusal,
  convertMatch: (match: Match, path: Path) => HTTPMatchRequest | RouteRefusal,
): readonly HTTPRoute[] | RouteRefusal {
  const out: HTTPRoute[] = [];
  for (const [i, rule] of rules.entries()) {
    const path = ['spec', 'rules', i];
    if (rule.sessionPersistence !== undefined) {
      context.note(fieldNotSupported, route, [...path, 'sessionPersistence'], 'sessionPersistence');
    }
    const converted = convertRule(rule, path);
    if (isRefusal(converted)) return converted;
    const named = withOrigin({ name: rule.name ?? `${route.namespace}.${route.name}.${i}`, ...converted }, route, path);
    const matches = rule.matches ?? [];
    if (matches.length === 0) out.push(named);
    for (const [j, match] of matches.entries()) {
      const matchPath = [...path, 'matches', j];
      const request = convertMatch(match, matchPath);
      if (isRefusal(request)) return request;
      out.push({ ...named, match: [withOrigin(request, route, matchPath)] });
    }
  }
  return out;
}

/** One rule without name and matches. As istio gateway/conversion.go convertHTTPRoute. */
function convertHttpRule(input: AttachedRoute, rule: HTTPRouteRule, path: Path): HTTPRoute | RouteRefusal {
  const filters = convertFilters(input, rule.filters ?? [], path, true);
  if (isRefusal(filters)) return filters;
  const retries = rule.retry && convertRetry(rule.retry);
  const base: HTTPRoute = { ...filters, ...convertTimeouts(rule.timeouts, retries) };
  const backends = rule.backendRefs ?? [];
  if (totalWeight(backends) === 0 && base.redirect === undefined) {
    // no backend at all, or none that gets anything
    return { ...base, directResponse: { status: backends.length === 0 ? input.context.behaviours.statusWithoutBackends : 500 } };
  }
  return withDestinations(input, base, backends, path);
}

/** As istio gateway/conversion.go convertGRPCRoute. */
function convertGrpcRule(input: AttachedRoute, rule: GRPCRouteRule, path: Path): HTTPRoute | RouteRefusal {
  const filters = convertFilters(input, rule.filters ?? [], path, false);
  if (isRefusal(filters)) return filters;
  const backends = rule.backendRefs ?? [];
  if (totalWeight(backends) === 0) return { ...filters, directResponse: { status: 500 } };
  return withDestinations(input, filters, backends, path);
}

function convertFilters(
  input: AttachedRoute,
  filters: readonly HTTPRouteFilter[],
  rulePath: Path,
  http: boolean,
): HTTPRoute | RouteRefusal {
  let out: HTTPRoute = {};
  for (const [i, filter] of filters.entries()) {
    const path = [...rulePath, 'filters', i];
    const headers = convertHeaders(filter, path);
    if (headers !== undefined) {
      if (isRefusal(headers)) return headers;
      out = { ...out, headers: { ...out.headers, ...headers } };
    } else if (filter.type === 'RequestMirror') {
      if (filter.requestMirror === undefined) continue;
      const mirror = convertMirror(input, filter.requestMirror, path);
      if (!isRefusal(mirror)) out = { ...out, mirrors: [...(out.mirrors ?? []), mirror] };
      else if (http) input.context.note(mirrorIgnored, input.route, mirror.path, mirror.refused);
      else return mirror;
    } else if (http && filter.type === 'RequestRedirect') {
      if (filter.requestRedirect !== undefined)
        out = { ...out, redirect: convertRedirect(filter.requestRedirect, input.context.behaviours) };
    } else if (http && filter.type === 'URLRewrite') {
      const rewrite = filter.urlRewrite && convertRewrite(filter.urlRewrite);
      if (rewrite !== undefined) out = { ...out, rewrite };
    } else if (http && filter.type === 'CORS') {
      if (filter.cors !== undefined) out = { ...out, corsPolicy: convertCors(filter.cors) };
    } else {
      return { refused: `filters of type ${filter.type} are not supported`, path };
    }
  }
  return out;
}

/** The header operations of a filter; undefined when it is of another type. */
function convertHeaders(filter: HTTPRouteFilter, path: Path): Headers | RouteRefusal | undefined {
  const side =
    filter.type === 'RequestHeaderModifier' ? 'request' : filter.type === 'ResponseHeaderModifier' ? 'response' : undefined;
  if (side === undefined) return undefined;
  const modifier = side === 'request' ? filter.requestHeaderModifier : filter.responseHeaderModifier;
  if (modifier === undefined) return {};
  const operations = convertHeaderFilter(modifier, path);
  return isRefusal(operations) ? operations : { [side]: operations };
}

/** Retries, always on failures to connect. */
function convertRetry({ codes = [], attempts = 2, backoff }: HTTPRouteRetry): HTTPRetry {
  const conditions = ['connect-failure', 'refused-stream', 'unavailable', 'cancelled', ...codes.map(String)];
  return compact({
    attempts: attempts === 0 ? undefined : attempts,
    retryOn: attempts === 0 ? undefined : conditions.join(','),
    backoff: backoff === undefined ? undefined : formatDuration(parseDuration(backoff) ?? 0n),
  });
}

/** The backend's timeout is that of each try where retries are asked for, else the one of the request. */
function convertTimeouts(timeouts: HTTPRouteTimeouts | undefined, retries: HTTPRetry | undefined): HTTPRoute {
  const request = positiveDuration(timeouts?.request);
  const backend = positiveDuration(timeouts?.backendRequest);
  return compact({
    timeout: retries === undefined ? (backend ?? request) : request,
    retries: retries && compact({ ...retries, perTryTimeout: backend }),
  });
}

function positiveDuration(text: string | undefined): string | undefined {
  const nanoseconds = text === undefined ? undefined : parseDuration(text);
  return nanoseconds === undefined || nanoseconds === 0n ? undefined : formatDuration(nanoseconds);
}

/** Adds the backends; those that do not work stay, and answer with an error. As istio buildHTTPDestination. */
function withDestinations(
  input: AttachedRoute,
  rule: HTTPRoute,
  references: readonly HTTPBackendRef[],
  rulePath: Path,
): HTTPRoute | RouteRefusal {
  const route: HTTPRouteDestination[] = [];
  for (const { reference, index, weight } of weighBackends(references)) {
    const path = [...rulePath, 'backendRefs', index];
    const backend = resolveBackend(input, reference, path);
    if (isRefusal(backend)) return backend;
    noteBackend(input, backend, path);
    let headers: Headers | undefined;
    for (const [i, filter] of (reference.filters ?? []).entries()) {
      const filterPath = [...path, 'filters', i];
      const converted = convertHeaders(filter, filterPath);
      if (converted === undefined) {
        return { refused: `filters of type ${filter.type} are not supported on backends`, path: filterPath };
      }
      if (isRefusal(converted)) return converted;
      headers = { ...headers, ...converted };
    }
    route.push(compact({ destination: backend.destination, weight: weight === 0 ? undefined : weight, headers }));
  }
  return route.length === 0 ? rule : { ...rule, route };
}
