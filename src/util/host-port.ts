import { isIpAddress } from './ip-address.ts';

/** Where a connection goes: a name or an address, and a port where one is written. */
export interface HostPort {
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port?: number;
}

/** What `host`, `host:port`, `[address]` and `[address]:port` stand for; an IPv6 address may also stand alone. */
export function parseHostPort(text: string): HostPort | undefined {
  if (text.includes(':') && isIpAddress(text)) return { host: text };
  const [, bracketed, name, digits] = /^(?:\[([^\]]*)\]|([^:/?#[\]\s]+))(?::(\d+))?$/.exec(text) ?? [];
  const host = bracketed ?? name;
  if (host === undefined || (bracketed !== undefined && !(bracketed.includes(':') && isIpAddress(bracketed)))) return undefined;
  if (digits === undefined) return { host };
  const port = Number(digits);
  return isPort(port) ? { host, port } : undefined;
}

/** Whether somebody can connect to a port. */
export function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}

/** The text for a host and port, with the brackets that an IPv6 address needs. */
export function formatHostPort(host: string, port?: number): string {
  const written = host.includes(':') ? `[${host}]` : host;
  return port === undefined ? written : `${written}:${port}`;
}
