import { isObject, own, setOwn } from '../util/object.ts';
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

/**
 * The requests to try at a target: the usual one, one that no rule names, those that its routes tell apart and those that the policies
 * of `others` (its servers, the gateway) do. At most `limit`, the same each time.
 */
export function samplesOf(target: Target, others: readonly RequestConditions[], limit: number): readonly Sample[] {
  if (target.scheme === 'tcp' || target.scheme === 'tls') return [sampleOf(target, {})];
  const tokens = others.filter(({ claims, path }) => claims !== undefined && path === undefined).slice(0, 2);
  const conditions = distinct(
    [
      {},
      ...([...target.conditions, ...others].some(({ path = '/' }) => path !== '/') ? [{ path: OTHER_PATH }] : []),
      ...target.conditions,
      ...others,
      // Claims of a rule name no issuer where any will do.
      ...[...target.conditions, ...others]
        .filter(hasNoIssuer)
        .flatMap((conditions) => tokens.map((token) => merge(token, conditions))),
    ].map(withDefaults),
  );
  return conditions.slice(0, limit).map((conditions) => sampleOf(target, conditions));
}

function hasNoIssuer({ claims }: RequestConditions): boolean {
  return claims !== undefined && !claims.some(([path]) => path.join('.') === 'iss');
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
  const token = [{ alg: 'RS256', typ: 'JWT' }, payload].map(encode).concat('eA').join('.');
  return { ...base, headers: [...headers, ['authorization', `Bearer ${token}`]], token, claims: payload };
}

function payloadOf(claims: NonNullable<RequestConditions['claims']>): Readonly<Record<string, unknown>> {
  const payload: Record<string, unknown> = {};
  for (const [path, value] of claims) {
    let place = payload;
    for (const key of path.slice(0, -1)) {
      const inner = own(place, key);
      const next = isObject(inner) ? inner : {};
      setOwn(place, key, next);
      place = next;
    }
    setOwn(place, path.at(-1) ?? '', value);
  }
  return payload;
}

function encode(value: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** The URL of a request. */
export function urlOf({ target, path }: Sample): string {
  const { scheme } = target;
  return `${scheme}://${authorityOf(target)}${scheme === 'tcp' || scheme === 'tls' ? '' : path}`;
}

/** The host of requests to a target, with its port where that is not the usual one. */
export function authorityOf({ scheme, host, port }: Target): string {
  return (scheme === 'http' && port === 80) || (scheme === 'https' && port === 443) ? host : `${host}:${port}`;
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
