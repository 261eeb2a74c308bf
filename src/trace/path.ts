import type { HttpConnectionManager } from '../envoy/api.gen.ts';

/** A request path as an HTTP connection manager takes it, or how it refuses it. */
export type NormalizedPath =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'redirect'; readonly path: string }
  | { readonly kind: 'rejected' };

/**
 * What the options of a connection manager make of a path: escaped slashes, dot segments, repeated slashes, in this order.
 * Envoy source/common/http/path_utility.cc and conn_manager_utility.cc maybeNormalizePath.
 */
export function normalizePath(path: string, options: HttpConnectionManager): NormalizedPath {
  const [bare, query] = splitQuery(path);
  let current = bare;
  let isRedirected = false;
  const action = options.pathWithEscapedSlashesAction ?? 'KEEP_UNCHANGED';
  if (action !== 'KEEP_UNCHANGED' && action !== 'IMPLEMENTATION_SPECIFIC_DEFAULT' && /%2f|%5c/i.test(current)) {
    if (action === 'REJECT_REQUEST') return { kind: 'rejected' };
    current = current.replaceAll(/%2f/gi, '/').replaceAll(/%5c/gi, '\\');
    isRedirected = action === 'UNESCAPE_AND_REDIRECT';
  }
  if (options.normalizePath === true) {
    const canonical = canonicalPath(current);
    if (canonical === undefined) return { kind: 'rejected' };
    current = canonical;
  }
  if (options.mergeSlashes === true) current = current.replaceAll(/\/{2,}/g, '/');
  return { kind: isRedirected ? 'redirect' : 'path', path: `${current}${query}` };
}

/** Path and query; the query with its question mark. */
export function splitQuery(path: string): readonly [path: string, query: string] {
  const end = path.search(/[?#]/);
  return end === -1 ? [path, ''] : [path.slice(0, end), path.slice(end)];
}

/** RFC 3986 normalisation as GoogleURL does it: dot segments go, backslashes become slashes, unreserved characters are decoded. */
function canonicalPath(path: string): string | undefined {
  if (!path.startsWith('/')) return path === '*' ? path : undefined;
  const decoded = path.replaceAll('\\', '/').replaceAll(/%([0-9a-fA-F]{2})/g, (escape, digits: string) => {
    const character = String.fromCharCode(Number.parseInt(digits, 16));
    return /[A-Za-z0-9\-._~]/.test(character) ? character : escape;
  });
  if (/%00/.test(decoded)) return undefined;
  const out: string[] = [];
  const segments = decoded.slice(1).split('/');
  segments.forEach((segment, index) => {
    const isLast = index === segments.length - 1;
    if (segment === '..') {
      out.pop();
      if (isLast) out.push('');
    } else if (segment === '.') {
      if (isLast) out.push('');
    } else out.push(segment);
  });
  return `/${out.join('/')}`;
}
