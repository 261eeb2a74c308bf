import { isAny } from '../../envoy/any.ts';
import type { RedirectAction, RegexMatchAndSubstitute, Route, RouteMatch } from '../../envoy/api.gen.ts';
import { textTest } from '../../request-space/formula.ts';
import type { ExpressionCompiler } from '../../util/re2.ts';
import { quoteMeta } from '../../util/text.ts';
import type { MessageHeaders } from '../headers.ts';
import { splitQuery } from '../path.ts';
import { PATH } from '../recording/parts.ts';
import { constant, made, replaced, type TextSource } from '../recording/source.ts';
import { rewriteByTemplate, templateOf } from '../uri-template.ts';

/** The path that a route sends on; undefined where it leaves it. Envoy config_impl.cc RouteEntryImplBase::currentUrlPathAfterRewrite. */
export function rewrittenPath(route: Route, path: string, compile: ExpressionCompiler): string | undefined {
  const { match = {}, route: action = {} } = route;
  if (action.prefixRewrite !== undefined && action.prefixRewrite !== '') return replacePrefix(match, action.prefixRewrite, path);
  if (action.regexRewrite !== undefined) return replaceRegex(action.regexRewrite, path, compile);
  const policy = action.pathRewritePolicy?.typedConfig;
  if (isAny(policy, 'type.googleapis.com/envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig')) {
    const [bare, query] = splitQuery(path);
    const rewritten = rewriteByTemplate(templateOf(match) ?? '', policy.pathTemplateRewrite ?? '', bare, compile);
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
export function replaceRegex(
  { pattern, substitution = '' }: RegexMatchAndSubstitute,
  path: string,
  compile: ExpressionCompiler,
): string {
  const [bare, query] = splitQuery(path);
  const compiled = compile(pattern?.regex ?? '');
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

/** Where the path comes from that a route sends on. */
export function rewrittenSource({ match = {}, route = {} }: Route, headers: MessageHeaders, rewritten: string): TextSource {
  const source = headers.sourceOf(':path');
  const [value] = splitQuery(rewritten);
  const { prefixRewrite = '', regexRewrite, pathRewritePolicy } = route;
  if (prefixRewrite !== '') {
    if (prefixRewrite.includes('?')) return made(`path ${prefixRewrite}`, [source], value);
    const matched = match.pathSeparatedPrefix ?? (isPrefixMatch(match) ? (match.prefix ?? '') : undefined);
    return matched === undefined
      ? constant(value)
      : replaced(source, matched, prefixRewrite, match.caseSensitive === false, value);
  }
  const prefix = prefixOf(regexRewrite);
  if (prefix !== undefined) {
    const hasSlash = headers.decide(
      () => textTest(PATH, { kind: 'prefix', text: `${prefix}/` }),
      ({ get }) => get(':path')?.startsWith(`${prefix}/`) === true,
    );
    const isPlain = headers.decide(
      () => textTest(PATH, { kind: 'prefix', text: prefix }),
      ({ get }) => get(':path')?.startsWith(prefix) === true,
    );
    return isPlain ? replaced(source, hasSlash ? `${prefix}/` : prefix, '/', false, value) : source;
  }
  return made(`path ${JSON.stringify([regexRewrite, pathRewritePolicy, templateOf(match)])}`, [source], value);
}

/** The prefix that an expression of Istio's takes away with the slash after it, so that a slash is left. */
function prefixOf(rewrite: RegexMatchAndSubstitute | undefined): string | undefined {
  const [, quoted] = /^\^(.*)\(\/\?\)\(\.\*\)$/s.exec(rewrite?.pattern?.regex ?? '') ?? [];
  if (quoted === undefined || rewrite?.substitution !== '/\\2') return undefined;
  const prefix = quoted.replaceAll(/\\(.)/gs, '$1');
  return quoteMeta(prefix) === quoted ? prefix : undefined;
}

/** Where the location of a redirect comes from. */
export function redirectSource(
  match: RouteMatch,
  redirect: RedirectAction,
  headers: MessageHeaders,
  location: string,
): TextSource | undefined {
  if (headers.recorder === undefined) return undefined;
  const { responseCode: _, ...place } = redirect;
  const matched = redirect.prefixRewrite === undefined ? undefined : (match.pathSeparatedPrefix ?? match.prefix ?? match.path);
  return made(`redirect ${JSON.stringify([place, matched])}`, [':scheme', ':authority', ':path'].map(headers.sourceOf), location);
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
  compile: ExpressionCompiler,
): { status: number; location: string } {
  const requestScheme = headers.told(':scheme') ?? 'http';
  const scheme = redirect.httpsRedirect === true ? 'https' : redirect.schemeRedirect || requestScheme;
  const port = (redirect.portRedirect ?? 0) === 0 ? '' : `:${redirect.portRedirect}`;
  const host = redirect.hostRedirect || hostWithoutPort(headers.told(':authority') ?? '', scheme, port, requestScheme);
  const path = redirectedPath(match, redirect, headers.told(':path') ?? '/', compile);
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

function redirectedPath(match: RouteMatch, redirect: RedirectAction, path: string, compile: ExpressionCompiler): string {
  const [bare, query] = splitQuery(path);
  const kept = redirect.stripQuery === true ? '' : query;
  if (redirect.pathRedirect !== undefined && redirect.pathRedirect !== '') {
    return redirect.pathRedirect.includes('?') ? redirect.pathRedirect : `${redirect.pathRedirect}${kept}`;
  }
  if (redirect.prefixRewrite !== undefined && redirect.prefixRewrite !== '')
    return splitQuery(replacePrefix(match, redirect.prefixRewrite, bare))[0] + kept;
  if (redirect.regexRewrite !== undefined) return replaceRegex(redirect.regexRewrite, bare, compile) + kept;
  return `${bare}${kept}`;
}
