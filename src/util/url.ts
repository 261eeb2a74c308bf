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
  if ([...text].some((character) => character < ' ' || character === '\u007f')) return undefined;
  if (text.startsWith(':')) return undefined;
  const [, written = '', afterScheme] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(.*)$/s.exec(text) ?? [];
  const rest = afterScheme ?? '';
  const beforeFragment = rest.split('#', 1)[0] ?? '';
  const path = beforeFragment.split('?', 1)[0] ?? '';
  if (written === '' && !path.startsWith('/') && (path.split('/', 1)[0] ?? '').includes(':')) return undefined;
  const isOpaque = written !== '' && !rest.startsWith('/');
  if (!isOpaque && /%(?![0-9A-Fa-f]{2})/.test(path)) return undefined;
  const fragment = rest.slice(beforeFragment.length + 1);
  if (/%(?![0-9A-Fa-f]{2})/.test(fragment)) return undefined;
  const authority = /^\/\/([^/]*)/.exec(path)?.[1];
  if (authority !== undefined && !isAuthority(authority)) return undefined;
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
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what cannot stand in a URL
  if (text === '' || /[\u0000-\u001f\u007f]/.test(text)) return undefined;
  if (text === '*') return { scheme: '', rest: text };
  const [, written = '', rest = ''] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(.*)$/s.exec(text) ?? [];
  const path = rest.split('?', 1)[0] ?? '';
  if (written === '' && !path.startsWith('/')) return undefined;
  const parsed = { scheme: written.toLowerCase(), rest };
  // What follows a scheme without a slash is not looked into.
  if (!path.startsWith('/')) return parsed;
  const authority = written === '' ? undefined : /^\/\/([^/]*)/.exec(path)?.[1];
  if (authority !== undefined && !isAuthority(authority)) return undefined;
  return /%(?![0-9A-Fa-f]{2})/.test(path.slice(authority === undefined ? 0 : authority.length + 2)) ? undefined : parsed;
}

/** Whether the text is a host, with or without port and user, of characters that Go takes there. */
function isAuthority(text: string): boolean {
  const at = text.lastIndexOf('@');
  if (at !== -1 && !/^(?:[A-Za-z0-9\-._:~!$&'()*+,;=@]|%[0-9A-Fa-f]{2})*$/.test(text.slice(0, at))) return false;
  const host = text.slice(at + 1);
  if (host.startsWith('[')) return /^\[[^\]]*\](:\d*)?$/.test(host);
  const colon = host.lastIndexOf(':');
  if (colon !== -1 && !/^\d*$/.test(host.slice(colon + 1))) return false;
  // Escapes stand for bytes beyond ASCII only.
  return /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:\]<>"\u0080-\uffff]|%[89A-Fa-f][0-9A-Fa-f])*$/.test(host);
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
