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
  const authority = /^\/\/([^/]*)/.exec(path)?.[1];
  if (authority !== undefined && !hasValidPort(authority)) return undefined;
  return { scheme: written.toLowerCase(), rest };
}

/** Whether what follows the host is nothing, or a colon with digits. */
function hasValidPort(authority: string): boolean {
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (host.startsWith('[')) return /^\[[^\]]*\](:\d*)?$/.test(host);
  const colon = host.lastIndexOf(':');
  return colon === -1 || /^\d*$/.test(host.slice(colon + 1));
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
