import { usageError } from '../diagnostics/user-error.ts';
import type { TraceRequest } from '../trace/outcome.ts';
import { type HostPort, parseHostPort } from '../util/host-port.ts';

/** The parts of the URL of a request. */
export interface RequestUrl extends HostPort {
  /** Absent where none is written. */
  readonly scheme?: TraceRequest['scheme'];
  /** Path and query, without a fragment. */
  readonly target: string;
}

/** Reads the URL that somebody wants to try; throws a UserError for what is none. */
export function parseRequestUrl(text: string): RequestUrl {
  const [, scheme, authority = '', path = '/'] = /^(?:(\w+):\/\/)?([^/?#]*)([/?][^#]*)?/.exec(text) ?? [];
  if (scheme !== undefined && !isScheme(scheme)) {
    throw usageError(`the scheme ${scheme} is not known: use http, https, tcp or tls`);
  }
  const place = parseHostPort(authority);
  // As in a browser: without brackets nobody could tell the address from the port.
  if (place === undefined || (place.host === authority && authority.includes(':'))) {
    throw usageError(`"${text}" is not a URL: ${authorityProblem(authority)}`);
  }
  return { ...place, ...(scheme !== undefined && { scheme }), target: path.startsWith('/') ? path : `/${path}` };
}

function isScheme(text: string): text is TraceRequest['scheme'] {
  return ['http', 'https', 'tcp', 'tls'].includes(text);
}

function authorityProblem(authority: string): string {
  if (authority === '') return 'it has no host';
  if (!authority.includes(':')) return `${authority} is no host`;
  return 'a port is a number from 1 to 65535, and an IPv6 address stands in brackets';
}
