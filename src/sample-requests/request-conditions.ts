import { isAny } from '../envoy/any.ts';
import type {
  CookieMatcher,
  HeaderMatcher,
  MetadataMatcher,
  Permission,
  Policy,
  Principal,
  QueryParameterMatcher,
  RouteMatch,
  StringMatcher,
} from '../envoy/api.gen.ts';
import { type EveryField, nothingElse } from '../util/fields.ts';
import { compact } from '../util/object.ts';
import { textsMatching, textsOfRegex } from './text-samples.ts';

/** What distinguishes a request from others to the same host; what is absent is as usual (GET, `/`, nothing else). */
export interface RequestConditions {
  readonly method?: string;
  readonly path?: string;
  readonly query?: readonly (readonly [string, string])[];
  readonly headers?: readonly (readonly [string, string])[];
  /** Claims of its token, by path. */
  readonly claims?: readonly (readonly [readonly string[], string | readonly string[]])[];
  /** The token is one that a provider of the proxy takes. */
  readonly isTaken?: true;
}

/** At most this many conditions for one rule. */
const LIMIT = 12;
const any: readonly RequestConditions[] = [{}];

/** A claim that can be anything. */
export const ANYBODY = 'someone';

/** Requests that a route takes. */
export function conditionsOfRoute(match: RouteMatch): readonly RequestConditions[] {
  const { prefix, path, pathSeparatedPrefix, safeRegex, pathMatchPolicy, ...conditions } = match;
  const { headers = [], queryParameters = [], cookies = [], dynamicMetadata = [], grpc, ...others } = conditions;
  // The same request finds another route by its client, by chance and by what filters leave; tunnels are not tried.
  const { tlsContext, runtimeFraction, filterState, connectMatcher, caseSensitive, ...rest } = others;
  nothingElse(rest);
  return all([
    pathConditions({ prefix, path, pathSeparatedPrefix, safeRegex, pathMatchPolicy }),
    ...headers.map(conditionsOfHeader),
    ...queryParameters.map(conditionsOfParameter),
    ...cookies.map(conditionsOfCookie),
    ...dynamicMetadata.map(conditionsOfMetadata),
    ...(grpc === undefined ? [] : [[{ headers: [['content-type', 'application/grpc'] as const] }]]),
  ]);
}

type PathField = 'prefix' | 'path' | 'pathSeparatedPrefix' | 'safeRegex' | 'pathMatchPolicy';

function pathConditions(match: EveryField<Pick<RouteMatch, PathField>>): readonly RequestConditions[] {
  const { prefix, path, safeRegex, pathSeparatedPrefix, pathMatchPolicy } = match;
  if (path !== undefined) return [{ path }];
  if (pathSeparatedPrefix !== undefined) return [{ path: pathSeparatedPrefix }, { path: `${pathSeparatedPrefix}/x` }];
  if (prefix !== undefined) return prefix === '/' ? [{ path: '/' }] : [{ path: prefix }, { path: `${prefix}x` }];
  if (safeRegex?.regex !== undefined) return orAny(textsOfRegex(safeRegex.regex).map((text) => ({ path: text })));
  const config = pathMatchPolicy?.typedConfig;
  if (isAny(config, 'type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig')) {
    return [{ path: pathOfTemplate(config.pathTemplate ?? '/') }];
  }
  return any;
}

function pathOfTemplate(template: string): string {
  const patternOf = (_: string, variable: string): string =>
    (variable.includes('=') && variable.slice(variable.indexOf('=') + 1)) || 'x';
  return template.replaceAll(/\{([^{}]*)\}/g, patternOf).replaceAll(/\*+/g, 'x');
}

function conditionsOfHeader(matcher: HeaderMatcher): readonly RequestConditions[] {
  const { name = '', invertMatch } = matcher;
  // A request without the header is what a matcher for others takes.
  const texts = textsOfHeader(matcher);
  const conditions = texts.map((text) => headerConditions(name, text));
  if (invertMatch === true || matcher.presentMatch === false) return [{}, ...conditions];
  return orAny(conditions);
}

function textsOfHeader(matcher: HeaderMatcher): readonly string[] {
  const { stringMatch, exactMatch, prefixMatch, suffixMatch, containsMatch, safeRegexMatch, ...others } = matcher;
  const { rangeMatch, presentMatch, name, invertMatch, treatMissingHeaderAsEmpty, ...rest } = others;
  nothingElse(rest);
  if (stringMatch !== undefined) return textsMatching(stringMatch);
  if (rangeMatch !== undefined) return [String(rangeMatch.start ?? 0)];
  if (presentMatch !== undefined) return ['x'];
  const older = {
    exact: exactMatch,
    prefix: prefixMatch,
    suffix: suffixMatch,
    contains: containsMatch,
    safeRegex: safeRegexMatch,
  };
  return textsMatching(compact(older));
}

function headerConditions(name: string, text: string): RequestConditions {
  switch (name.toLowerCase()) {
    case ':method':
      return { method: text };
    case ':path':
      return { path: text };
    // The host is chosen before, and so is the scheme.
    case ':authority':
    case 'host':
    case ':scheme':
      return {};
    default:
      return { headers: [[name, text]] };
  }
}

function conditionsOfParameter({ name = '', stringMatch }: QueryParameterMatcher): readonly RequestConditions[] {
  const texts = stringMatch === undefined ? ['x'] : textsMatching(stringMatch);
  return orAny(texts.map((text) => ({ query: [[name, text]] as const })));
}

function conditionsOfCookie({ name = '', stringMatch = {}, invertMatch = false }: CookieMatcher): readonly RequestConditions[] {
  const conditions = orAny(textsMatching(stringMatch).map((text) => ({ headers: [['cookie', `${name}=${text}`]] as const })));
  return invertMatch ? distinct([{}, ...conditions]) : conditions;
}

/** Requests that a policy of RBAC takes, as far as they themselves tell and not who sends them. */
export function conditionsOfPolicy({ permissions = [], principals = [] }: Policy): readonly RequestConditions[] {
  return all([one(permissions.map(conditionsOfPermission)), one(principals.map(conditionsOfPrincipal))]);
}

function conditionsOfPermission(permission: Permission): readonly RequestConditions[] {
  const { andRules, orRules, notRule, header, urlPath, metadata, uriTemplate, ...others } = permission;
  // Connections are not chosen by what a request says.
  const { any: takesAny, destinationIp, destinationPort, destinationPortRange, requestedServerName, ...extensions } = others;
  const { sourcedMetadata, matcher, ...rest } = extensions;
  nothingElse(rest);
  if (andRules !== undefined) return all((andRules.rules ?? []).map(conditionsOfPermission));
  if (orRules !== undefined) return one((orRules.rules ?? []).map(conditionsOfPermission));
  if (notRule !== undefined) return [{}, ...conditionsOfPermission(notRule)].slice(0, LIMIT);
  if (header !== undefined) return conditionsOfHeader(header);
  if (urlPath?.path !== undefined) return orAny(textsMatching(urlPath.path).map((path) => ({ path })));
  if (metadata !== undefined) return conditionsOfMetadata(metadata);
  const config = uriTemplate?.typedConfig;
  if (isAny(config, 'type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig')) {
    return [{ path: pathOfTemplate(config.pathTemplate ?? '/') }];
  }
  return any;
}

function conditionsOfPrincipal(principal: Principal): readonly RequestConditions[] {
  const { andIds, orIds, notId, header, urlPath, metadata, ...others } = principal;
  // Who sends a request is chosen elsewhere.
  const { any: takesAny, authenticated, sourceIp, directRemoteIp, remoteIp, ...extensions } = others;
  const { filterState, sourcedMetadata, custom, ...rest } = extensions;
  nothingElse(rest);
  if (andIds !== undefined) return all((andIds.ids ?? []).map(conditionsOfPrincipal));
  if (orIds !== undefined) return one((orIds.ids ?? []).map(conditionsOfPrincipal));
  if (notId !== undefined) return [{}, ...conditionsOfPrincipal(notId)].slice(0, LIMIT);
  if (header !== undefined) return conditionsOfHeader(header);
  if (urlPath?.path !== undefined) return orAny(textsMatching(urlPath.path).map((path) => ({ path })));
  return metadata === undefined ? any : conditionsOfMetadata(metadata);
}

/** Claims of a token, which the JWT filter puts into metadata. */
function conditionsOfMetadata({ filter, path = [], value = {}, invert = false }: MetadataMatcher): readonly RequestConditions[] {
  if (filter !== 'istio_authn' && filter !== 'envoy.filters.http.jwt_authn') return any;
  const keys = path.map(({ key }) => key ?? '').slice(1);
  if (keys.length === 0) return any;
  const alternatives = value.orMatch?.valueMatchers ?? [value];
  const conditions = orAny(
    alternatives.flatMap(({ stringMatch, listMatch }): readonly RequestConditions[] => {
      const inList = listMatch?.oneOf?.stringMatch;
      if (stringMatch !== undefined) return textsOfClaim(stringMatch).map((text) => ({ claims: [[keys, text]] }));
      return inList === undefined ? [] : textsMatching(inList).map((text) => ({ claims: [[keys, [text]]] }));
    }),
  );
  return invert ? distinct([{}, ...conditions]) : conditions;
}

/** `.+` is how istiod asks for any value (pilot/pkg/security/authz/matcher StringMatcher). */
function textsOfClaim(matcher: StringMatcher): readonly string[] {
  return matcher.safeRegex?.regex === '.+' ? [ANYBODY] : textsMatching(matcher);
}

/** Shapes of which one must hold. */
function one(choices: readonly (readonly RequestConditions[])[]): readonly RequestConditions[] {
  return choices.length === 0 ? any : distinct(choices.flat()).slice(0, LIMIT);
}

/** Shapes of which one of each must hold. */
function all(parts: readonly (readonly RequestConditions[])[]): readonly RequestConditions[] {
  return parts.reduce<readonly RequestConditions[]>(
    (conditions, part) => distinct(conditions.flatMap((left) => part.map((right) => merge(left, right)))).slice(0, LIMIT),
    any,
  );
}

function orAny(conditions: readonly RequestConditions[]): readonly RequestConditions[] {
  return conditions.length === 0 ? any : conditions;
}

/** Both; of a method or path that both name, the later one holds. */
export function merge(left: RequestConditions, right: RequestConditions): RequestConditions {
  const both = <T>(a: readonly T[] | undefined, b: readonly T[] | undefined): readonly T[] | undefined =>
    a && b ? [...a, ...b] : (a ?? b);
  const [query, headers, claims] = [
    both(left.query, right.query),
    both(left.headers, right.headers),
    both(left.claims, right.claims),
  ];
  return { ...left, ...right, ...(query && { query }), ...(headers && { headers }), ...(claims && { claims }) };
}

/** Each conditions once. */
export function distinct(conditions: readonly RequestConditions[]): readonly RequestConditions[] {
  return [...new Map(conditions.map((conditions) => [JSON.stringify(sorted(conditions)), conditions])).values()];
}

function sorted({ method, path, query, headers, claims }: RequestConditions): unknown {
  return [method, path, query, headers, claims];
}
