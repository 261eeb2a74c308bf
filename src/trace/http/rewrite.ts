import { isAny } from '../../envoy/any.ts';
import type { RedirectAction, RegexMatchAndSubstitute, Route, RouteMatch } from '../../envoy/api.gen.ts';
import { compileExpression } from '../../util/re2.ts';
import type { MessageHeaders } from '../headers.ts';
import { splitQuery } from '../path.ts';
import { rewriteByTemplate } from '../uri-template.ts';
import { templateOf } from './route-match.ts';

/** The path that a route sends on; undefined where it leaves it. Envoy config_impl.cc RouteEntryImplBase::currentUrlPathAfterRewrite. */
export function rewrittenPath(route: Route, path: string): string | undefined {
  const { match = {}, route: action = {} } = route;
  if (action.prefixRewrite !== undefined && action.prefixRewrite !== '') return replacePrefix(match, action.prefixRewrite, path);
  if (action.regexRewrite !== undefined) return replaceRegex(action.regexRewrite, path);
  const policy = action.pathRewritePolicy?.typedConfig;
  if (isAny(policy, 'type.googleapis.com/envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig')) {
    const [bare, query] = splitQuery(path);
    const rewritten = rewriteByTemplate(templateOf(match) ?? '', policy.pathTemplateRewrite ?? '', bare);
    return rewritten === undefined ? undefined : `${rewritten}${query}`;
  }
  return undefined;
}

/** The matched part of the path is replaced: the prefix, or for other kinds of match the whole path; the query stays. */
function replacePrefix(match: RouteMatch, rewrite: string, path: string): string {
  const [bare, query] = splitQuery(path);
  const matched = match.pathSeparatedPrefix ?? (isPrefixMatch(match) ? (match.prefix ?? '') : bare);
  return `${rewrite}${bare.slice(matched.length)}${query}`;
}

function isPrefixMatch(match: RouteMatch): boolean {
  return match.path === undefined && match.safeRegex === undefined && match.pathMatchPolicy === undefined;
}

/** Every match of a pattern is replaced, in the path without its query. */
export function replaceRegex({ pattern, substitution = '' }: RegexMatchAndSubstitute, path: string): string {
  const [bare, query] = splitQuery(path);
  const compiled = compileExpression(pattern?.regex ?? '');
  if (compiled === undefined) return path;
  const matcher = compiled.matcher(bare);
  let out = '';
  let end = 0;
  while (matcher.find()) {
    out += bare.slice(end, matcher.start());
    out += substitution.replaceAll(/\\(\d|\\)/g, (_, digit: string) =>
      digit === '\\' ? '\\' : (matcher.group(Number(digit)) ?? ''),
    );
    end = matcher.end();
  }
  return `${out}${bare.slice(end)}${query}`;
}

const redirectCodes: Readonly<Record<string, number>> = {
  MOVED_PERMANENTLY: 301,
  FOUND: 302,
  SEE_OTHER: 303,
  TEMPORARY_REDIRECT: 307,
  PERMANENT_REDIRECT: 308,
};

/** Status and location of a redirect. Envoy config_impl.cc RouteEntryImplBase::newUri. */
export function redirectOf(
  match: RouteMatch,
  redirect: RedirectAction,
  headers: MessageHeaders,
): { status: number; location: string } {
  const requestScheme = headers.get(':scheme') ?? 'http';
  const scheme = redirect.httpsRedirect === true ? 'https' : redirect.schemeRedirect || requestScheme;
  const port = (redirect.portRedirect ?? 0) === 0 ? '' : `:${redirect.portRedirect}`;
  const host = redirect.hostRedirect || hostWithoutPort(headers.get(':authority') ?? '', scheme, port, requestScheme);
  const path = redirectedPath(match, redirect, headers.get(':path') ?? '/');
  return {
    status: redirectCodes[redirect.responseCode ?? 'MOVED_PERMANENTLY'] ?? 301,
    location: `${scheme}://${host}${port}${path.startsWith('/') ? '' : '/'}${path}`,
  };
}

/** The port of the request's host goes when another takes its place, or when it is the default of a scheme that is left. */
function hostWithoutPort(host: string, scheme: string, newPort: string, requestScheme: string): string {
  const port = /:\d+$/.exec(host)?.[0];
  if (port === undefined) return host;
  const isDefault = (requestScheme === 'https' && port === ':443') || (requestScheme === 'http' && port === ':80');
  return newPort !== '' || (scheme !== requestScheme && isDefault) ? host.slice(0, -port.length) : host;
}

function redirectedPath(match: RouteMatch, redirect: RedirectAction, path: string): string {
  const [bare, query] = splitQuery(path);
  const kept = redirect.stripQuery === true ? '' : query;
  if (redirect.pathRedirect !== undefined && redirect.pathRedirect !== '') {
    return redirect.pathRedirect.includes('?') ? redirect.pathRedirect : `${redirect.pathRedirect}${kept}`;
  }
  if (redirect.prefixRewrite !== undefined && redirect.prefixRewrite !== '')
    return splitQuery(replacePrefix(match, redirect.prefixRewrite, bare))[0] + kept;
  if (redirect.regexRewrite !== undefined) return replaceRegex(redirect.regexRewrite, bare) + kept;
  return `${bare}${kept}`;
}
