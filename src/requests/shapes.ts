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
} from '../envoy/api.gen.ts';
import { type EveryField, nothingElse } from '../util/fields.ts';
import { compact } from '../util/object.ts';
import { textsMatching, textsOfRegex } from './text-samples.ts';

/** What distinguishes a request from others to the same host; what is absent is as usual (GET, `/`, nothing else). */
export interface Shape {
  readonly method?: string;
  readonly path?: string;
  readonly query?: readonly (readonly [string, string])[];
  readonly headers?: readonly (readonly [string, string])[];
  /** Claims of its token, by path. */
  readonly claims?: readonly (readonly [readonly string[], string | readonly string[]])[];
}

/** At most this many shapes for one rule. */
const LIMIT = 12;
const any: readonly Shape[] = [{}];

/** Requests that a route takes. */
export function shapesOfRoute(match: RouteMatch): readonly Shape[] {
  const { prefix, path, pathSeparatedPrefix, safeRegex, pathMatchPolicy, ...conditions } = match;
  const { headers = [], queryParameters = [], cookies = [], dynamicMetadata = [], grpc, ...others } = conditions;
  // The same request finds another route by its client, by chance and by what filters leave; tunnels are not tried.
  const { tlsContext, runtimeFraction, filterState, connectMatcher, caseSensitive, ...rest } = others;
  nothingElse(rest);
  return all([
    pathShapes({ prefix, path, pathSeparatedPrefix, safeRegex, pathMatchPolicy }),
    ...headers.map(shapesOfHeader),
    ...queryParameters.map(shapesOfParameter),
    ...cookies.map(shapesOfCookie),
    ...dynamicMetadata.map(shapesOfMetadata),
    ...(grpc === undefined ? [] : [[{ headers: [['content-type', 'application/grpc'] as const] }]]),
  ]);
}

type PathField = 'prefix' | 'path' | 'pathSeparatedPrefix' | 'safeRegex' | 'pathMatchPolicy';

function pathShapes(match: EveryField<Pick<RouteMatch, PathField>>): readonly Shape[] {
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

function shapesOfHeader(matcher: HeaderMatcher): readonly Shape[] {
  const { name = '', invertMatch } = matcher;
  // A request without the header is what a matcher for others takes.
  const texts = textsOfHeader(matcher);
  const shapes = texts.map((text) => headerShape(name, text));
  if (invertMatch === true || matcher.presentMatch === false) return [{}, ...shapes];
  return orAny(shapes);
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

function headerShape(name: string, text: string): Shape {
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

function shapesOfParameter({ name = '', stringMatch }: QueryParameterMatcher): readonly Shape[] {
  const texts = stringMatch === undefined ? ['x'] : textsMatching(stringMatch);
  return orAny(texts.map((text) => ({ query: [[name, text]] as const })));
}

function shapesOfCookie({ name = '', stringMatch = {}, invertMatch = false }: CookieMatcher): readonly Shape[] {
  const shapes = orAny(textsMatching(stringMatch).map((text) => ({ headers: [['cookie', `${name}=${text}`]] as const })));
  return invertMatch ? distinct([{}, ...shapes]) : shapes;
}

/** Requests that a policy of RBAC takes, as far as they themselves tell and not who sends them. */
export function shapesOfPolicy({ permissions = [], principals = [] }: Policy): readonly Shape[] {
  return all([one(permissions.map(shapesOfPermission)), one(principals.map(shapesOfPrincipal))]);
}

function shapesOfPermission(permission: Permission): readonly Shape[] {
  const { andRules, orRules, notRule, header, urlPath, metadata, uriTemplate } = permission;
  if (andRules !== undefined) return all((andRules.rules ?? []).map(shapesOfPermission));
  if (orRules !== undefined) return one((orRules.rules ?? []).map(shapesOfPermission));
  if (notRule !== undefined) return [{}, ...shapesOfPermission(notRule)].slice(0, LIMIT);
  if (header !== undefined) return shapesOfHeader(header);
  if (urlPath?.path !== undefined) return orAny(textsMatching(urlPath.path).map((path) => ({ path })));
  if (metadata !== undefined) return shapesOfMetadata(metadata);
  const config = uriTemplate?.typedConfig;
  if (isAny(config, 'type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig')) {
    return [{ path: pathOfTemplate(config.pathTemplate ?? '/') }];
  }
  return any;
}

function shapesOfPrincipal(principal: Principal): readonly Shape[] {
  const { andIds, orIds, notId, header, urlPath, metadata } = principal;
  if (andIds !== undefined) return all((andIds.ids ?? []).map(shapesOfPrincipal));
  if (orIds !== undefined) return one((orIds.ids ?? []).map(shapesOfPrincipal));
  if (notId !== undefined) return [{}, ...shapesOfPrincipal(notId)].slice(0, LIMIT);
  if (header !== undefined) return shapesOfHeader(header);
  if (urlPath?.path !== undefined) return orAny(textsMatching(urlPath.path).map((path) => ({ path })));
  return metadata === undefined ? any : shapesOfMetadata(metadata);
}

/** Claims of a token, which the JWT filter puts into metadata. */
function shapesOfMetadata({ filter, path = [], value = {}, invert = false }: MetadataMatcher): readonly Shape[] {
  if (filter !== 'istio_authn' && filter !== 'envoy.filters.http.jwt_authn') return any;
  const keys = path.map(({ key }) => key ?? '').slice(1);
  if (keys.length === 0) return any;
  const alternatives = value.orMatch?.valueMatchers ?? [value];
  const shapes = orAny(
    alternatives.flatMap(({ stringMatch, listMatch }): readonly Shape[] => {
      const inList = listMatch?.oneOf?.stringMatch;
      if (stringMatch !== undefined) return textsMatching(stringMatch).map((text) => ({ claims: [[keys, text]] }));
      return inList === undefined ? [] : textsMatching(inList).map((text) => ({ claims: [[keys, [text]]] }));
    }),
  );
  return invert ? distinct([{}, ...shapes]) : shapes;
}

/** Shapes of which one must hold. */
function one(choices: readonly (readonly Shape[])[]): readonly Shape[] {
  return choices.length === 0 ? any : distinct(choices.flat()).slice(0, LIMIT);
}

/** Shapes of which one of each must hold. */
function all(parts: readonly (readonly Shape[])[]): readonly Shape[] {
  return parts.reduce<readonly Shape[]>(
    (shapes, part) => distinct(shapes.flatMap((left) => part.map((right) => merge(left, right)))).slice(0, LIMIT),
    any,
  );
}

function orAny(shapes: readonly Shape[]): readonly Shape[] {
  return shapes.length === 0 ? any : shapes;
}

/** Both; of a method or path that both name, the later one holds. */
export function merge(left: Shape, right: Shape): Shape {
  const both = <T>(a: readonly T[] | undefined, b: readonly T[] | undefined): readonly T[] | undefined =>
    a && b ? [...a, ...b] : (a ?? b);
  const [query, headers, claims] = [
    both(left.query, right.query),
    both(left.headers, right.headers),
    both(left.claims, right.claims),
  ];
  return { ...left, ...right, ...(query && { query }), ...(headers && { headers }), ...(claims && { claims }) };
}

/** Each shape once. */
export function distinct(shapes: readonly Shape[]): readonly Shape[] {
  return [...new Map(shapes.map((shape) => [JSON.stringify(sorted(shape)), shape])).values()];
}

function sorted({ method, path, query, headers, claims }: Shape): unknown {
  return [method, path, query, headers, claims];
}
