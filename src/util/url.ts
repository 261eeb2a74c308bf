import { goQuote } from './go-format.ts';
import { isIpAddress } from './ip-address.ts';

/** What Go's net/url sees in a URL or path. */
export interface ParsedUrl {
  /** In lower case; empty where none is written. */
  readonly scheme: string;
  /** Text after `scheme:`, or all of it. */
  readonly rest: string;
}

/**
 * Parts a URL, path or reference as Go's url.Parse; undefined for what that refuses: control characters, broken percent escapes,
 * a colon in the first segment of a path, a port that is no number.
 */
export function parseUrl(text: string): ParsedUrl | undefined {
  if (hasControlCharacter(text)) return undefined;
  if (text.startsWith(':')) return undefined;
  const { written, rest } = splitScheme(text);
  const beforeFragment = rest.split('#', 1)[0] ?? '';
  const path = beforeFragment.split('?', 1)[0] ?? '';
  if (written === '' && !path.startsWith('/') && (path.split('/', 1)[0] ?? '').includes(':')) return undefined;
  const isOpaque = written !== '' && !rest.startsWith('/');
  if (!isOpaque && escapeProblem(path) !== undefined) return undefined;
  const fragment = rest.slice(beforeFragment.length + 1);
  if (escapeProblem(fragment) !== undefined) return undefined;
  const authority = /^\/\/([^/]*)/.exec(path)?.[1];
  if (authority !== undefined && authorityProblem(authority) !== undefined) return undefined;
  return { scheme: written.toLowerCase(), rest };
}

/** The server of an HTTP URL; undefined for anything else. */
export function httpServerOf(text: string): { readonly hostname: string; readonly port: number } | undefined {
  const { scheme = '', rest = '' } = parseUrl(text) ?? {};
  if (scheme !== 'http' && scheme !== 'https') return undefined;
  const authority = /^\/\/([^/?#]*)/.exec(rest)?.[1] ?? '';
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const [, bracketed, name = '', port = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(host) ?? [];
  return { hostname: bracketed ?? name, port: port === '' ? { http: 80, https: 443 }[scheme] : Number(port) };
}

/**
 * Parts what can stand in the first line of a request, as Go's url.ParseRequestURI: an absolute path, or a URL with its scheme,
 * in both cases without fragment (`#` is a character like others); undefined for anything else.
 */
export function parseRequestUri(text: string): ParsedUrl | undefined {
  const parsed = readRequestUri(text);
  return typeof parsed === 'string' ? undefined : parsed;
}

/** As parseRequestUri, with what is wrong in the words of Go where it is no such text. */
export function readRequestUri(text: string): ParsedUrl | string {
  if (hasControlCharacter(text)) return 'net/url: invalid control character in URL';
  if (text === '') return 'empty url';
  if (text === '*') return { scheme: '', rest: text };
  if (text.startsWith(':')) return 'missing protocol scheme';
  const { written, rest } = splitScheme(text);
  const path = rest.split('?', 1)[0] ?? '';
  if (written === '' && !path.startsWith('/')) return 'invalid URI for request';
  const parsed = { scheme: written.toLowerCase(), rest };
  // What follows a scheme without a slash is not looked into.
  if (!path.startsWith('/')) return parsed;
  const authority = written === '' ? undefined : /^\/\/([^/]*)/.exec(path)?.[1];
  const below = path.slice(authority === undefined ? 0 : authority.length + 2);
  return authorityProblem(authority ?? '') ?? escapeProblem(below) ?? parsed;
}

function hasControlCharacter(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what cannot stand in a URL
  return /[\u0000-\u001f\u007f]/.test(text);
}

/** The scheme as it is written, empty where none is, and what follows it. */
function splitScheme(text: string): { readonly written: string; readonly rest: string } {
  const [, written = '', rest = ''] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(.*)$/s.exec(text) ?? [];
  return { written, rest };
}

/** What is wrong with a host, with or without port and user, as Go's parseAuthority says it. */
function authorityProblem(text: string): string | undefined {
  const at = text.lastIndexOf('@');
  const problem = hostProblem(text.slice(at + 1));
  if (problem !== undefined || at === -1) return problem;
  const user = text.slice(0, at);
  return /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user) ? escapeProblem(user) : 'net/url: invalid userinfo';
}

function hostProblem(host: string): string | undefined {
  const [isBracketed, colon] = [host.startsWith('['), host.lastIndexOf(':')];
  const end = host.lastIndexOf(']');
  if (isBracketed && end === -1) return "missing ']' in host";
  const port = isBracketed ? host.slice(end + 1) : colon === -1 ? '' : host.slice(colon);
  if (!/^(?::\d*)?$/.test(port)) return `invalid port ${goQuote(port)} after host`;
  if (!isBracketed) return hostCharacterProblem(host);
  const [address = ''] = host.slice(1, end).split('%25', 1);
  if (address.includes(':') && isIpAddress(address)) return undefined;
  if (isIpAddress(address)) return 'invalid IP-literal';
  return hostCharacterProblem(address) ?? `invalid host: ParseAddr(${goQuote(address)}): unable to parse IP`;
}

/** Escapes stand for bytes beyond ASCII only. */
function hostCharacterProblem(host: string): string | undefined {
  const [wrong] = /%(?![89A-Fa-f][0-9A-Fa-f]|25).{0,2}|[^A-Za-z0-9\-._~!$&'()*+,;=:\]<>"%\u0080-\uffff]/s.exec(host) ?? [];
  if (wrong === undefined) return undefined;
  return wrong.startsWith('%') ? `invalid URL escape ${goQuote(wrong)}` : `invalid character ${goQuote(wrong)} in host name`;
}

function escapeProblem(text: string): string | undefined {
  const [wrong] = /%(?![0-9A-Fa-f]{2}).{0,2}/s.exec(text) ?? [];
  return wrong === undefined ? undefined : `invalid URL escape ${goQuote(wrong)}`;
}

/**
 * A host name with a path below it, as Go's url.JoinPath gives it: empty, `.` and `..` segments are resolved, a slash at the end
 * stays, and what cannot stand in a path (`?`, `#`, space...) is escaped.
 */
export function joinUrlPath(host: string, path: string): string {
  const segments: string[] = [];
  for (const segment of `${host}/${path}`.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  const joined = `${segments.join('/')}${path.endsWith('/') ? '/' : ''}`;
  if (/^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@[\]/]|%[0-9A-Fa-f]{2})*$/.test(joined)) return joined;
  return encodeURIComponent(joined.replace(/%[0-9A-Fa-f]{2}/g, unescapeByte))
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%(24|26|2B|2C|2F|3A|3B|3D|40)/g, unescapeByte);
}

function unescapeByte(escaped: string): string {
  return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
}
