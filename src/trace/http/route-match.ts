import type { CookieMatcher, FractionalPercent, Route, RouteMatch } from '../../envoy/api.gen.ts';
import type { ForEveryField, WithFields } from '../../util/fields.ts';
import { type ExpressionCompiler, matchesWhole } from '../../util/re2.ts';
import { lowerAscii } from '../../util/text.ts';
import { cookiesOf, type HeaderValues, type MessageHeaders } from '../headers.ts';
import { splitQuery } from '../path.ts';
import { IS_GRPC } from '../recording/route-formulas.ts';
import {
  type MetadataByFilter,
  matchesHeader,
  matchesMetadata,
  matchesQuery,
  matchesString,
  queryParameters,
} from '../strings.ts';
import { matchesTemplate, templateOf } from '../uri-template.ts';

/** What routes are matched against. */
export interface RoutedRequest {
  readonly headers: HeaderValues;
  readonly metadata: MetadataByFilter;
  readonly isTls: boolean;
  readonly hasClientCertificate: boolean;
  /** Whether something happens that does so for a share of requests. */
  readonly happens: (share: FractionalPercent | undefined) => boolean;
  readonly compile: ExpressionCompiler;
}

/** Why a route does not take a request that it could take. */
export const BY_CHANCE = 'it is not in the share of requests';

/** Routes that do not take a request, with why. */
export type PassedRoutes = readonly { readonly route: Route; readonly reason: string }[];

/** The first of some routes that takes a request, and why those before it do not. */
export function findRoute(
  routes: readonly Route[],
  request: RoutedRequest,
): { readonly route: Route | undefined; readonly passed: PassedRoutes } {
  const passed: { route: Route; reason: string }[] = [];
  for (const route of routes) {
    const reason = mismatch(route.match ?? {}, request);
    if (reason === undefined) return { route, passed };
    passed.push({ route, reason });
  }
  return { route: undefined, passed };
}

/** Why a match does not hold; undefined when it does. */
export function mismatch(match: RouteMatch, request: RoutedRequest): string | undefined {
  for (const reasonOf of conditions) {
    const reason = reasonOf?.(match, request);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

type Condition = (match: RouteMatch, request: RoutedRequest) => string | undefined;

/** Why each part of a match does not hold; Envoy source/common/router/config_impl.cc RouteEntryImplBase::matchRoute. */
const conditionOf: ForEveryField<RouteMatch, Condition | undefined> = {
  prefix: pathMismatch,
  // They are looked at with the prefix, of which they take the place.
  path: undefined,
  safeRegex: undefined,
  pathSeparatedPrefix: undefined,
  pathMatchPolicy: undefined,
  connectMatcher: undefined,
  caseSensitive: undefined,
  headers: ({ headers: matchers = [] }, { headers, compile }) => {
    const failing = matchers.find((matcher) => !matchesHeader(matcher, headers, compile));
    if (failing === undefined) return undefined;
    const value = headers.get(failing.name ?? '');
    return `header ${failing.name} is ${value === undefined ? 'missing' : `"${value}"`}`;
  },
  queryParameters: ({ queryParameters: matchers }, { headers, compile }) => {
    if (matchers === undefined) return undefined;
    const parameters = queryParameters(headers.get(':path') ?? '');
    const failing = matchers.find((matcher) => !matchesQuery(matcher, parameters, compile));
    if (failing === undefined) return undefined;
    const value = parameters.get(failing.name ?? '');
    return `query parameter ${failing.name} is ${value === undefined ? 'missing' : `"${value}"`}`;
  },
  cookies: ({ cookies: matchers }, { headers, compile }) => {
    if (matchers === undefined) return undefined;
    const cookies = cookiesOf(headers.get('cookie') ?? '');
    const failing = matchers.find((matcher) => !matchesCookie(matcher, cookies, compile));
    if (failing === undefined) return undefined;
    const value = cookies.get(failing.name ?? '');
    return `cookie ${failing.name} is ${value === undefined ? 'missing' : `"${value}"`}`;
  },
  grpc: ({ grpc }, { headers }) => (grpc === undefined || looksLikeGrpc(headers) ? undefined : 'it is not gRPC'),
  tlsContext: ({ tlsContext }, { hasClientCertificate }) => {
    if (tlsContext?.presented === undefined || tlsContext.presented === hasClientCertificate) return undefined;
    return tlsContext.presented ? 'the client shows no certificate' : 'the client shows a certificate';
  },
  dynamicMetadata: ({ dynamicMetadata }, { metadata, compile }) =>
    dynamicMetadata?.some((matcher) => !matchesMetadata(matcher, metadata, compile))
      ? 'the claims or other metadata are not those asked for'
      : undefined,
  // No filter that leaves objects in it is known to a trace, and a matcher of what is not there does not match.
  filterState: ({ filterState: [first] = [] }) =>
    first === undefined ? undefined : `there is no filter state ${first.key ?? ''}`,
  // The last one, so that chance is asked only where all else holds.
  runtimeFraction: ({ runtimeFraction }, { happens }) =>
    runtimeFraction === undefined || happens(runtimeFraction.defaultValue) ? undefined : BY_CHANCE,
};
const conditions = Object.values(conditionOf);

/** Whether a request is gRPC, by its content type. */
export function isGrpcRequest(headers: MessageHeaders): boolean {
  return headers.decide(() => IS_GRPC, looksLikeGrpc);
}

/** The same of what a test reads. */
export function looksLikeGrpc(headers: HeaderValues): boolean {
  return /^application\/grpc($|[+;])/.test(headers.get('content-type') ?? '');
}

function pathMismatch(match: RouteMatch, { headers, compile }: RoutedRequest): string | undefined {
  // Only a route that is made for CONNECT takes a request without a path; Envoy VirtualHostImpl, supportsPathlessHeaders.
  if (!headers.has(':path') && match.connectMatcher === undefined) return 'CONNECT has no path to match';
  const [path] = splitQuery(headers.get(':path') ?? '');
  const isSensitive = match.caseSensitive ?? true;
  const fold = (text: string): string => (isSensitive ? text : lowerAscii(text));
  const shown = `path ${path}`;
  if (match.path !== undefined) return fold(path) === fold(match.path) ? undefined : `${shown} is not ${match.path}`;
  if (match.safeRegex !== undefined) {
    const { regex = '' } = match.safeRegex;
    return matchesWhole(regex, path, compile) ? undefined : `${shown} does not match ${regex}`;
  }
  const { pathSeparatedPrefix: segments } = match;
  if (segments !== undefined) {
    const fits = fold(path).startsWith(fold(segments)) && (path.length === segments.length || path[segments.length] === '/');
    return fits ? undefined : `${shown} is not under ${segments}`;
  }
  if (match.connectMatcher !== undefined) return headers.get(':method') === 'CONNECT' ? undefined : 'it is not CONNECT';
  const template = templateOf(match);
  if (template !== undefined) return matchesTemplate(template, path, compile) ? undefined : `${shown} does not fit ${template}`;
  const { prefix = '' } = match;
  return fold(path).startsWith(fold(prefix)) ? undefined : `${shown} does not begin with ${prefix}`;
}

/** envoy.config.route.v3.CookieMatcher: a cookie that is missing does not match, so that an inverted matcher takes it. */
function matchesCookie(matcher: CookieMatcher, cookies: ReadonlyMap<string, string>, compile: ExpressionCompiler): boolean {
  const read: WithFields<CookieMatcher, 'name' | 'stringMatch' | 'invertMatch'> = matcher;
  const { name = '', stringMatch = {}, invertMatch = false } = read;
  const value = cookies.get(name);
  return (value !== undefined && matchesString(stringMatch, value, compile)) !== invertMatch;
}
