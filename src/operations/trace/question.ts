import { usageError } from '../../diagnostics/user-error.ts';
import type { TraceRequest } from '../../trace/outcome.ts';
import { formatHostPort, parseHostPort } from '../../util/host-port.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { compact, own } from '../../util/object.ts';
import type { ResolvedAddress } from '../../workbench/addresses.ts';
import { parseRequestUrl } from '../../workbench/request-url.ts';
import { certificateShown, protocolOf, unsignedToken } from '../request-tables/request-table.ts';

/** A request as somebody asks about it. */
export interface AskedRequest {
  /** The client: the name of a pod, or `outside`. */
  readonly from: string;
  /** GET, or what the protocol needs, where it is not said. */
  readonly method?: string | undefined;
  readonly url: string;
  /** Headers, `name: value`. */
  readonly header?: readonly string[];
  /** The gateway at which a client outside enters. */
  readonly gateway?: string;
  /** Where the connection goes, in place of what the host resolves to. */
  readonly address?: string;
  readonly http2?: boolean;
  readonly grpc?: boolean;
  readonly websocket?: boolean;
  readonly serverFirst?: boolean;
  readonly sni?: string;
  /** Claims of a token that the request carries; its signature counts as valid. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  readonly sourceIp?: string;
  readonly clientCert?: boolean;
  /** Names of the certificate that its TLS shows. */
  readonly clientCertSan?: readonly string[] | undefined;
  /** Whether the certificate that it shows is of an authority that nobody trusts. */
  readonly clientCertUntrusted?: boolean;
}

/** A request that was understood, before anybody knows where its host is. */
export interface Question {
  readonly from: string;
  readonly host: string;
  readonly port: number;
  /** Path and query; undefined where it is not HTTP. */
  readonly path: string | undefined;
  /** Undefined where the host has to be looked up. */
  readonly address: ResolvedAddress | undefined;
  readonly gateway: string | undefined;
  readonly request: Omit<TraceRequest, 'from' | 'address'>;
}

const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** Reads what is asked. Throws a UserError for what makes no sense, whatever the mesh is. */
export function readQuestion(asked: AskedRequest): Question {
  const { from, sourceIp, gateway } = asked;
  const url = parseRequestUrl(asked.url);
  const { host, scheme = 'http', port = own(defaultPorts, scheme) } = url;
  if (port === undefined) throw usageError(`${asked.url} needs a port: ${scheme}://${formatHostPort(host)}:<port>`);
  if (sourceIp !== undefined && !isIpAddress(sourceIp)) throw usageError(`--source-ip ${sourceIp} is not an address`);
  const token = asked.claims === undefined ? undefined : unsignedToken(asked.claims);
  const headers = (asked.header ?? []).map(parseHeader);
  const speaks = protocolOf(asked);
  const method = (asked.method ?? (speaks === 'gRPC' ? 'POST' : 'GET')).toUpperCase();
  const isDefaultPort = port === own(defaultPorts, scheme);
  const serverName = asked.sni ?? (isIpAddress(host) ? undefined : host);
  return {
    from,
    host,
    port,
    path: scheme === 'http' || scheme === 'https' ? url.target : undefined,
    address: asked.address === undefined ? undefined : parseAddress(asked.address, port),
    gateway,
    request: {
      scheme,
      ...(speaks === undefined ? {} : { speaks }),
      ...(asked.serverFirst === undefined ? {} : { isServerFirst: asked.serverFirst }),
      method,
      target: method === 'CONNECT' ? formatHostPort(host, port) : url.target,
      authority: headers.find(([name]) => name === 'host')?.[1] ?? formatHostPort(host, isDefaultPort ? undefined : port),
      headers: [
        ...headers.filter(([name]) => name !== 'host'),
        ...(token === undefined ? [] : [['authorization', `Bearer ${token}`] as const]),
      ],
      ...(serverName === undefined ? {} : { serverName }),
      ...compact({ clientCertificate: certificateAsked(asked) }),
      ...(sourceIp === undefined ? {} : { sourceIp }),
      ...(token === undefined ? {} : { trustedTokens: [token] }),
    },
  };
}

function certificateAsked({
  clientCert,
  clientCertSan = [],
  clientCertUntrusted,
}: AskedRequest): TraceRequest['clientCertificate'] {
  if (clientCertSan.length === 0 && clientCertUntrusted !== true) return clientCert;
  return certificateShown({
    subjectAltNames: clientCertSan.length === 0 ? undefined : clientCertSan,
    trusted: clientCertUntrusted === true ? false : undefined,
  });
}

function parseAddress(text: string, defaultPort: number): ResolvedAddress {
  const { host = '', port = defaultPort } = parseHostPort(text) ?? {};
  if (!isIpAddress(host)) {
    throw usageError(`--address ${text} is not an address: write ip, ip:port or [ipv6]:port, with a port from 1 to 65535`);
  }
  return { ip: host, port };
}

function parseHeader(text: string): readonly [string, string] {
  const colon = text.indexOf(':');
  if (colon < 1) throw usageError(`-H "${text}" is not a header: write 'name: value'`);
  return [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()];
}
