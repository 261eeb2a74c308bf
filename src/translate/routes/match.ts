import type { HTTPMatchRequest, StringMatch } from '../../api/istio.gen.ts';
import type { HeaderMatcher, MetadataMatcher, QueryParameterMatcher, Route, RouteMatch } from '../../envoy/api.gen.ts';
import { nothingElse } from '../../util/fields.ts';
import { compact, nonEmpty } from '../../util/object.ts';
import { compareText } from '../../util/text.ts';
import { buildStringMatcher, isPresenceMatch } from './string-match.ts';

const CLAIMS_PREFIX = '@request.auth.claims';
const JWT_FILTER = 'envoy.filters.http.jwt_authn';

/**
 * Envoy's conditions for one match of a rule, or for a rule without matches. `separatePaths` is how Ingress and the Gateway API
 * read a prefix: whole path segments. As istio core/route TranslateRouteMatch.
 */
export function buildRouteMatch(match: HTTPMatchRequest | undefined, separatePaths: boolean): RouteMatch {
  if (match === undefined) return { prefix: '/' };
  const {
    uri,
    ignoreUriCase = false,
    method,
    authority,
    scheme,
    headers: wantedHeaders,
    withoutHeaders,
    queryParams,
    ...others
  } = match;
  // Whom a match is for is decided before (route.ts), and what it is called has no part in it.
  const { port, gateways, sourceLabels, sourceNamespace, name: _, statPrefix, ...rest } = others;
  nothingElse(rest);
  const wanted = sortedEntries(wantedHeaders).map(([name, value]) => condition(name, value, false));
  const unwanted = sortedEntries(withoutHeaders).map(([name, value]) => condition(name, value, true));
  const conditions = [...wanted, ...unwanted];
  // Only real headers are sorted; pseudo headers follow in this order.
  const headers = [
    ...conditions.flatMap(({ header }) => header ?? []).sort((a, b) => compareText(a.name ?? '', b.name ?? '')),
    ...(method === undefined ? [] : [headerMatcher(':method', method)]),
    ...(authority === undefined ? [] : [headerMatcher(':authority', authority)]),
    ...(scheme === undefined ? [] : [headerMatcher(':scheme', scheme)]),
  ];
  return compact({
    ...pathMatch(uri, separatePaths),
    caseSensitive: !ignoreUriCase,
    headers: nonEmpty(headers),
    dynamicMetadata: nonEmpty(conditions.flatMap(({ metadata }) => metadata ?? [])),
    queryParameters: nonEmpty(sortedEntries(queryParams).map(([name, value]) => queryParameterMatcher(name, value))),
  });
}

/**
 * Whether a route takes every request that reaches it: any path and no other condition. As istio core/route IsCatchAllRoute.
 */
export function isCatchAllRoute(route: Route): boolean {
  const { prefix, pathSeparatedPrefix, safeRegex, headers, queryParameters, dynamicMetadata } = route.match ?? {};
  const anyPath = prefix === '/' || pathSeparatedPrefix === '/' || safeRegex?.regex === '.*';
  return anyPath && !headers && !queryParameters && !dynamicMetadata;
}

function pathMatch(uri: StringMatch | undefined, separatePaths: boolean): RouteMatch {
  if (uri?.exact !== undefined) return { path: uri.exact };
  if (uri?.prefix !== undefined) {
    if (!separatePaths || uri.prefix === '/') return { prefix: uri.prefix };
    return { pathSeparatedPrefix: uri.prefix.replace(/\/$/, '') };
  }
  if (uri?.regex !== undefined) return { safeRegex: compact({ regex: uri.regex || undefined }) };
  return { prefix: '/' };
}

/** A header condition is a matcher of headers, or of the claims of a JSON Web Token when its name says so. */
function condition(
  name: string,
  match: StringMatch,
  invert: boolean,
): { readonly header?: HeaderMatcher; readonly metadata?: MetadataMatcher } {
  const claims = claimPath(name);
  if (claims !== undefined) {
    const matcher = claimMatcher(claims, match);
    return { metadata: invert ? { ...matcher, invert } : matcher };
  }
  const header = headerMatcher(name, match);
  if (!invert) return { header };
  return {
    header: { ...header, invertMatch: true, ...(!isPresenceMatch(match) && { treatMissingHeaderAsEmpty: true }) },
  };
}

function headerMatcher(name: string, match: StringMatch): HeaderMatcher {
  return isPresenceMatch(match) ? { name, presentMatch: true } : compact({ name, stringMatch: buildStringMatcher(match) });
}

function queryParameterMatcher(name: string, match: StringMatch): QueryParameterMatcher {
  return isPresenceMatch(match) ? { name, presentMatch: true } : compact({ name, stringMatch: buildStringMatcher(match) });
}

/**
 * The claim that a header name such as `@request.auth.claims.group.id` or `@request.auth.claims[group][id]` stands for.
 * As istio pkg/jwt/routing.go ToRoutingClaim.
 */
function claimPath(name: string): readonly string[] | undefined {
  if (!name.toLowerCase().startsWith(CLAIMS_PREFIX)) return undefined;
  const rest = name.slice(CLAIMS_PREFIX.length);
  if (rest.startsWith('.') && rest.length > 1) return rest.slice(1).split('.');
  if (rest.startsWith('[') && rest.endsWith(']') && rest.length > 2) return rest.slice(1, -1).split('][');
  return undefined;
}

// as istio security/authz/matcher MetadataListMatcher: the claim is a list that holds the value, or the value itself
function claimMatcher(claims: readonly string[], match: StringMatch): MetadataMatcher {
  const value = { stringMatch: buildStringMatcher(match) ?? {} };
  return {
    filter: JWT_FILTER,
    path: ['payload', ...claims].map((key) => ({ key })),
    value: { orMatch: { valueMatchers: [{ listMatch: { oneOf: value } }, value] } },
  };
}

function sortedEntries(map: Readonly<Record<string, StringMatch>> | undefined): readonly (readonly [string, StringMatch])[] {
  return Object.entries(map ?? {}).sort(([a], [b]) => compareText(a, b));
}
