import { isAny } from '../../envoy/any.ts';
import type { Route, RouteMatch, VirtualHost } from '../../envoy/api.gen.ts';
import { matchesWhole } from '../../util/re2.ts';
import type { HeaderMap } from '../headers.ts';
import { splitQuery } from '../path.ts';
import { type MetadataByFilter, matchesHeader, matchesMetadata, matchesQuery, queryParameters } from '../strings.ts';
import { matchesTemplate } from '../uri-template.ts';

/** What routes are matched against. */
export interface RoutedRequest {
  readonly headers: HeaderMap;
  readonly metadata: MetadataByFilter;
  readonly isTls: boolean;
  readonly hasClientCertificate: boolean;
}

/** The first route of a virtual host that takes a request, and why those before it do not. */
export function findRoute(
  virtualHost: VirtualHost,
  request: RoutedRequest,
): { readonly route: Route | undefined; readonly passed: readonly { readonly route: Route; readonly reason: string }[] } {
  const passed: { route: Route; reason: string }[] = [];
  for (const route of virtualHost.routes ?? []) {
    const reason = mismatch(route.match ?? {}, request);
    if (reason === undefined) return { route, passed };
    passed.push({ route, reason });
  }
  return { route: undefined, passed };
}

/** Why a match does not hold; undefined when it does. */
export function mismatch(match: RouteMatch, request: RoutedRequest): string | undefined {
  const { headers } = request;
  // Only a route that is made for CONNECT takes a request without a path; Envoy VirtualHostImpl, supportsPathlessHeaders.
  if (!headers.has(':path') && match.connectMatcher === undefined) return 'CONNECT has no path to match';
  const path = headers.get(':path') ?? '';
  const pathReason = pathMismatch(match, splitQuery(path)[0], headers.get(':method') ?? '');
  if (pathReason !== undefined) return pathReason;
  for (const matcher of match.headers ?? []) {
    if (!matchesHeader(matcher, headers)) {
      const value = headers.get(matcher.name ?? '');
      return `header ${matcher.name} is ${value === undefined ? 'missing' : `"${value}"`}`;
    }
  }
  if (match.queryParameters !== undefined) {
    const parameters = queryParameters(path);
    const failing = match.queryParameters.find((matcher) => !matchesQuery(matcher, parameters));
    if (failing !== undefined) {
      const value = parameters.get(failing.name ?? '');
      return `query parameter ${failing.name} is ${value === undefined ? 'missing' : `"${value}"`}`;
    }
  }
  if (match.grpc !== undefined && !isGrpc(headers)) return 'it is not gRPC';
  const { tlsContext } = match;
  if (tlsContext?.presented !== undefined && tlsContext.presented !== request.hasClientCertificate) {
    return tlsContext.presented ? 'the client shows no certificate' : 'the client shows a certificate';
  }
  if (match.dynamicMetadata?.some((matcher) => !matchesMetadata(matcher, request.metadata))) {
    return 'the claims or other metadata are not those asked for';
  }
  return undefined;
}

/** Whether a request is gRPC, by its content type. */
export function isGrpc(headers: HeaderMap): boolean {
  return /^application\/grpc($|[+;])/.test(headers.get('content-type') ?? '');
}

function pathMismatch(match: RouteMatch, path: string, method: string): string | undefined {
  const isSensitive = match.caseSensitive ?? true;
  const fold = (text: string): string => (isSensitive ? text : text.toLowerCase());
  const shown = `path ${path}`;
  if (match.path !== undefined) return fold(path) === fold(match.path) ? undefined : `${shown} is not ${match.path}`;
  if (match.safeRegex !== undefined) {
    const { regex = '' } = match.safeRegex;
    return matchesWhole(regex, path) ? undefined : `${shown} does not match ${regex}`;
  }
  const { pathSeparatedPrefix: segments } = match;
  if (segments !== undefined) {
    const fits = fold(path).startsWith(fold(segments)) && (path.length === segments.length || path[segments.length] === '/');
    return fits ? undefined : `${shown} is not under ${segments}`;
  }
  if (match.connectMatcher !== undefined) return method === 'CONNECT' ? undefined : 'it is not CONNECT';
  const template = templateOf(match);
  if (template !== undefined) return matchesTemplate(template, path) ? undefined : `${shown} does not fit ${template}`;
  const { prefix = '' } = match;
  return fold(path).startsWith(fold(prefix)) ? undefined : `${shown} does not begin with ${prefix}`;
}

/** The path template of a match. */
export function templateOf(match: RouteMatch): string | undefined {
  const config = match.pathMatchPolicy?.typedConfig;
  return isAny(config, 'type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig')
    ? config.pathTemplate
    : undefined;
}
