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
export function urlOf({ target: { scheme, host, port }, path }: Sample): string {
  const isUsual = (scheme === 'http' && port === 80) || (scheme === 'https' && port === 443);
  return `${scheme}://${host}${isUsual ? '' : `:${port}`}${scheme === 'tcp' || scheme === 'tls' ? '' : path}`;
}
