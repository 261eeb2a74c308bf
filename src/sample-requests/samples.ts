import { formatHostPort } from '../util/host-port.ts';
import { isIpAddress } from '../util/ip-address.ts';
import { tokenText } from '../util/json-web-token.ts';
import { compact, setOwnAt } from '../util/object.ts';
import { distinct, merge, type RequestConditions } from './request-conditions.ts';
import type { Target } from './targets.ts';

/** A request as a client sends it. */
export interface Sample {
  readonly target: Target;
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  /** The token among the headers; it counts as signed by its issuer. */
  readonly token?: string;
  /** The token's claims, for people. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** A path that no rule names, most likely. */
const OTHER_PATH = '/other';

/** So many kinds of callers are tried at every route. */
const MOST_CALLERS = 4;
/** Tokens of so many issuers. */
const MOST_TOKENS = 2;

/** The requests to try at a target: those that its routes tell apart by each kind of caller, and those that policies do. */
interface Tries {
  readonly ofRoutes: readonly RequestConditions[];
  readonly ofPolicies: readonly RequestConditions[];
}

/**
 * The requests to try at a target: the usual one, one that no rule names, those that its routes tell apart and those that the policies
 * of `others` (its servers, the gateway) do. At most `limit`, the same each time.
 */
export function samplesOf(target: Target, others: readonly RequestConditions[], limit: number): readonly Sample[] {
  const { ofRoutes, ofPolicies } = triesOf(target, others);
  return [...ofRoutes, ...ofPolicies].slice(0, limit).map((conditions) => sampleOf(target, conditions));
}

/** The same, with all that its routes tell apart and at most `more`. */
export function samplesOfRoutes(target: Target, others: readonly RequestConditions[], more: number): readonly Sample[] {
  const { ofRoutes, ofPolicies } = triesOf(target, others);
  return [...ofRoutes, ...ofPolicies.slice(0, more)].map((conditions) => sampleOf(target, conditions));
}

function triesOf(target: Target, others: readonly RequestConditions[]): Tries {
  if (target.scheme === 'tcp' || target.scheme === 'tls') return { ofRoutes: [{}], ofPolicies: [] };
  const tokens = others.filter(({ isTaken, path }) => isTaken === true && path === undefined).slice(0, MOST_TOKENS);
  const taken = (conditions: readonly RequestConditions[]): readonly RequestConditions[] =>
    conditions.flatMap((one) => withTokens(one, tokens));
  const [routes, policies] = [taken(target.conditions), taken(others)];
  const isPathTold = [...routes, ...policies].some(({ path = '/' }) => path !== '/');
  const callers = callersOf(tokens, policies);
  const ofRoutes = distinct(
    [{}, ...(isPathTold ? [{ path: OTHER_PATH }] : []), ...routes, ...callers.flatMap((caller) => sentBy(caller, routes))].map(
      withDefaults,
    ),
  );
  return { ofRoutes, ofPolicies: distinct([...ofRoutes, ...policies.map(withDefaults)]).slice(ofRoutes.length) };
}

/** The token of a request as one that the proxy takes, where it names no issuer (or one of nobody) and there are such tokens. */
function withTokens(conditions: RequestConditions, tokens: readonly RequestConditions[]): readonly RequestConditions[] {
  const { claims } = conditions;
  if (claims === undefined || tokens.length === 0) return [conditions];
  const issuer = claims.find(([path]) => isIssuer(path))?.[1];
  const isKnown = tokens.some((token) => token.claims?.some(([path, value]) => isIssuer(path) && value === issuer));
  if (isKnown) return [conditions];
  const named = new Set(claims.map(([path]) => path.join('.')));
  return tokens.map((token) => {
    const own = (token.claims ?? []).filter(([path]) => isIssuer(path) || !named.has(path.join('.')));
    return { ...conditions, isTaken: true, claims: [...own, ...claims.filter(([path]) => !isIssuer(path))] };
  });
}

function isIssuer(path: readonly string[]): boolean {
  return path.length === 1 && path[0] === 'iss';
}

/** Who sends requests, as policies tell them apart: by their tokens, methods and headers, whatever the path. */
function callersOf(tokens: readonly RequestConditions[], policies: readonly RequestConditions[]): readonly RequestConditions[] {
  const kinds = policies.map(({ method, headers, claims }) =>
    compact({ method: method === 'GET' ? undefined : method, headers, claims }),
  );
  return distinct([...tokens, ...kinds.filter((kind) => Object.keys(kind).length > 0)]).slice(0, MOST_CALLERS);
}

/** The requests of a caller; what a route asks for goes before what the caller has. */
function sentBy(caller: RequestConditions, routes: readonly RequestConditions[]): readonly RequestConditions[] {
  return routes.map((route) => {
    const named = new Set(route.headers?.map(([name]) => name.toLowerCase()));
    const headers = caller.headers?.filter(([name]) => !named.has(name.toLowerCase()));
    return merge(route.claims === undefined ? { ...caller, ...(headers && { headers }) } : compact({ headers }), route);
  });
}

function withDefaults(conditions: RequestConditions): RequestConditions {
  const path = conditions.path?.startsWith('/') === false ? `/${conditions.path}` : conditions.path;
  return { ...conditions, method: conditions.method ?? 'GET', path: path ?? '/' };
}

function sampleOf(target: Target, { method = 'GET', path = '/', query = [], headers = [], claims }: RequestConditions): Sample {
  const text = query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
  const full = text === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${text}`;
  const base = { target, method, path: full };
  if (claims === undefined) return { ...base, headers };
  const payload = payloadOf(claims);
  const token = tokenText(payload, 'eA');
  return { ...base, headers: [...headers, ['authorization', `Bearer ${token}`]], token, claims: payload };
}

function payloadOf(claims: NonNullable<RequestConditions['claims']>): Readonly<Record<string, unknown>> {
  const payload: Record<string, unknown> = {};
  for (const [path, value] of claims) {
    setOwnAt(payload, path, value);
  }
  return payload;
}

/** The URL of a request. */
export function urlOf({ target, path }: Sample): string {
  const { scheme } = target;
  return `${scheme}://${authorityOf(target)}${scheme === 'tcp' || scheme === 'tls' ? '' : path}`;
}

/** The host of requests to a target, with its port where that is not the usual one. */
export function authorityOf({ scheme, host, port }: Target): string {
  const written = isIpAddress(host) ? formatHostPort(host) : host;
  return (scheme === 'http' && port === 80) || (scheme === 'https' && port === 443) ? written : `${written}:${port}`;
}

/** A request on its way, as a trace takes it (trace/outcome.ts TraceRequest). */
export interface SentRequest extends Pick<Target, 'scheme' | 'serverName'>, Pick<Sample, 'method' | 'headers'> {
  readonly address: { readonly ip: string; readonly port: number };
  /** Path with query. */
  readonly target: string;
  readonly authority: string;
  readonly trustedTokens?: readonly string[];
}

/** What a client sends; `ownIp` is the address of the proxy, for targets that have none. */
export function sentRequest({ target, method, path, headers, token }: Sample, ownIp: string | undefined): SentRequest {
  return {
    address: { ip: target.ip ?? ownIp ?? '', port: target.port },
    scheme: target.scheme,
    method,
    target: path,
    authority: authorityOf(target),
    headers,
    ...(target.serverName !== undefined && { serverName: target.serverName }),
    ...(token !== undefined && { trustedTokens: [token] }),
  };
}
