import type {
  HTTPCORSFilter,
  HTTPHeader,
  HTTPHeaderFilter,
  HTTPRequestMirrorFilter,
  HTTPRequestRedirectFilter,
  HTTPURLRewriteFilter,
} from '../../api/gateway-api.ts';
import type {
  CorsPolicy,
  HeadersHeaderOperations,
  HTTPMirrorPolicy,
  HTTPRedirect,
  HTTPRewrite,
  StringMatch,
} from '../../api/istio.gen.ts';
import type { Path } from '../../diagnostics/diagnostic.ts';
import type { Behaviours } from '../../releases/release.ts';
import { compact, nonEmpty } from '../../util/object.ts';
import { quoteMeta } from '../../util/text.ts';
import { type AttachedRoute, isRefusal, type RouteRefusal, resolveBackend } from './backends.ts';

/** Header operations; refused when a value has characters that no header can have. As istio createHeadersFilter. */
export function convertHeaderFilter(filter: HTTPHeaderFilter, path: Path): HeadersHeaderOperations | RouteRefusal {
  const { set = [], add = [], remove } = filter;
  const invalid = [...set, ...add].find(({ value }) => !isHeaderValue(value));
  if (invalid !== undefined) return { refused: `the value of header ${invalid.name} has characters that it cannot have`, path };
  return compact({
    add: headerMap(add),
    remove: remove !== undefined && remove.length > 0 ? remove : undefined,
    set: headerMap(set),
  });
}

function isHeaderValue(value: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not occur
  return !/[\x00-\x08\x0a-\x1f\x7f]/.test(value);
}

/** Of several entries for one header the first counts. */
function headerMap(headers: readonly HTTPHeader[]): Readonly<Record<string, string>> | undefined {
  if (headers.length === 0) return undefined;
  const values = new Map<string, string>();
  for (const { name, value } of headers) {
    const lower = name.toLowerCase();
    if (!values.has(lower)) values.set(lower, value);
  }
  return Object.fromEntries(values);
}

/** A mirror; refused when its backend does not work. As istio createMirrorFilter. */
export function convertMirror(
  input: AttachedRoute,
  filter: HTTPRequestMirrorFilter,
  path: Path,
): HTTPMirrorPolicy | RouteRefusal {
  const backend = resolveBackend(input, filter.backendRef, path);
  if (isRefusal(backend)) return backend;
  if (backend.problem !== undefined) return { refused: backend.problem, path };
  const { fraction, percent } = filter;
  const value = fraction ? (100 * fraction.numerator) / (fraction.denominator ?? 100) : percent;
  return compact({
    destination: backend.destination,
    percentage: value === undefined ? undefined : value === 0 ? {} : { value },
  });
}

/** A change of path or host; undefined when it changes nothing. As istio createRewriteFilter. */
export function convertRewrite({ hostname, path }: HTTPURLRewriteFilter): HTTPRewrite | undefined {
  const rewrite = compact({
    // taking a whole prefix away leaves a slash
    uri: path?.type === 'ReplacePrefixMatch' ? (path.replacePrefixMatch ?? '').replace(/\/$/, '') || '/' : undefined,
    uriRegexRewrite:
      path?.type === 'ReplaceFullPath' ? compact({ match: '/.*', rewrite: path.replaceFullPath || undefined }) : undefined,
    authority: hostname || undefined,
  });
  return Object.keys(rewrite).length > 0 ? rewrite : undefined;
}

/** A redirect, which keeps the port of the request where it names neither port nor scheme. As istio createRedirectFilter. */
export function convertRedirect(
  filter: HTTPRequestRedirectFilter,
  { redirectsByPrefixField }: Pick<Behaviours, 'redirectsByPrefixField'>,
): HTTPRedirect {
  const { statusCode, hostname, scheme, port, path } = filter;
  const prefix = path?.type === 'ReplacePrefixMatch' ? (path.replacePrefixMatch ?? '') : undefined;
  const markedPrefix = prefix === undefined || redirectsByPrefixField ? undefined : `%PREFIX()%${prefix}`;
  const uri = path?.type === 'ReplaceFullPath' ? path.replaceFullPath : markedPrefix;
  return compact({
    redirectCode: statusCode || undefined,
    authority: hostname || undefined,
    scheme: scheme || undefined,
    uri: uri || undefined,
    prefixRewrite: (redirectsByPrefixField && prefix) || undefined,
    ...(port === undefined
      ? { derivePort: scheme === undefined ? ('FROM_REQUEST_PORT' as const) : ('FROM_PROTOCOL_DEFAULT' as const) }
      : { port }),
  });
}

/** Cross-origin rules; preflights that match none are left to the backend. As istio createCorsFilter. */
export function convertCors(filter: HTTPCORSFilter): CorsPolicy {
  const { allowOrigins = [], allowCredentials, allowMethods = [], allowHeaders = [], exposeHeaders = [], maxAge = 0 } = filter;
  const origins = allowOrigins.filter((origin) => origin !== '').map(originMatch);
  return compact({
    allowOrigins: nonEmpty(origins),
    allowCredentials: allowCredentials || undefined,
    allowMethods: nonEmpty(allowMethods),
    allowHeaders: nonEmpty(allowHeaders),
    exposeHeaders: nonEmpty(exposeHeaders),
    maxAge: maxAge > 0 ? `${maxAge}s` : undefined,
    unmatchedPreflights: 'IGNORE' as const,
  });
}

/** Any scheme and host, with or without a port. */
const ANY_ORIGIN = '^[a-zA-Z][a-zA-Z0-9+.-]*://[^/\\s?#]+$';

function originMatch(origin: string): StringMatch {
  if (origin === '*') return { regex: ANY_ORIGIN };
  const stars = origin.split('*').length - 1;
  if (stars === 0) return { exact: origin };
  if (stars === 1 && origin.endsWith('*')) return { prefix: origin.slice(0, -1) };
  const pattern = quoteMeta(origin).replaceAll('\\*', '.*');
  return { regex: `^${pattern}$` };
}
