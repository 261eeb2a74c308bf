import { unsignedToken } from '../../operations/request-tables/request-table.ts';
import { traceFormats } from '../../output/trace/formats.ts';
import { parseText } from '../../source/parse.ts';
import type { TraceRequest } from '../../trace/outcome.ts';
import { unknownServers } from '../../trace/servers/unknown.ts';
import { traceRequest } from '../../trace/trace.ts';
import { podKey } from '../../trace/world.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { isObject } from '../../util/object.ts';
import { findEntrance, findPod, OUTSIDE, type ResolvedAddress, resolveHost } from '../../workbench/addresses.ts';
import { locateOrigin } from '../../workbench/locate.ts';
import type { TraceOptions } from '../commands/trace.ts';
import { CommandError, EXIT, usageError } from '../exit.ts';
import type { Io } from '../io.ts';
import { openMesh } from '../open.ts';

/** Follows one request and prints the way that it takes. Gives the exit status. */
export async function trace(call: { method?: string; url: string }, options: TraceOptions, io: Io): Promise<number> {
  const url = parseUrl(call.url);
  const bench = await openMesh(options, [], io);
  const { mesh } = bench;
  const world = bench.world({ servers: unknownServers, now: io.now() });
  const client = findPod(options.from, world, bench.input.namespace);
  const resolved: ResolvedAddress =
    options.address === undefined
      ? client === undefined
        ? findEntrance(url.host, url.port, mesh, world)
        : resolveHost(url.host, url.port, client, mesh, world)
      : parseAddress(options.address, url.port);
  const token = options.jwtClaims === undefined ? undefined : unsignedToken(readClaims(options.jwtClaims, io));
  const headers = (options.header ?? []).map(parseHeader);
  const isDefaultPort = url.port === defaultPorts[url.scheme];
  const host = headers.find(([name]) => name === 'host')?.[1];
  const serverName = options.sni ?? (isIpAddress(url.host) ? undefined : url.host);
  const request: TraceRequest = {
    from: client === undefined ? OUTSIDE : podKey(client),
    address: { ip: resolved.ip, port: resolved.port },
    scheme: url.scheme,
    method: (call.method ?? 'GET').toUpperCase(),
    target: url.target,
    authority: host ?? (isDefaultPort ? url.host : `${url.host}:${url.port}`),
    headers: [
      ...headers.filter(([name]) => name !== 'host'),
      ...(token === undefined ? [] : [['authorization', `Bearer ${token}`] as const]),
    ],
    ...(serverName === undefined ? {} : { serverName }),
    ...(options.clientCert === undefined ? {} : { clientCertificate: options.clientCert }),
    ...(options.sourceIp === undefined ? {} : { sourceIp: options.sourceIp }),
    ...(token === undefined ? {} : { trustedTokens: [token] }),
  };
  const traced = { request, note: resolved.note, outcomes: traceRequest(world, request) };
  const printing = { locate: locateOrigin, isVerbose: options.verbose === true };
  io.out((await traceFormats[options.output]())(traced, printing));
  return EXIT.fine;
}

interface ParsedUrl {
  readonly scheme: TraceRequest['scheme'];
  readonly host: string;
  readonly port: number;
  readonly target: string;
}

const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443 };

function parseUrl(text: string): ParsedUrl {
  const match = /^(?:(\w+):\/\/)?([^/:?#]+)(?::(\d+))?([/?][^#]*)?(?:#.*)?$/.exec(text);
  if (match === null) throw usageError(`"${text}" is not a URL`);
  const [, scheme = 'http', host = '', port, path = '/'] = match;
  if (scheme !== 'http' && scheme !== 'https' && scheme !== 'tcp' && scheme !== 'tls') {
    throw usageError(`the scheme ${scheme} is not known: use http, https, tcp or tls`);
  }
  const number = port === undefined ? defaultPorts[scheme] : Number(port);
  if (number === undefined || number > 65535) throw usageError(`${text} needs a port: ${scheme}://${host}:<port>`);
  return { scheme, host, port: number, target: path.startsWith('/') ? path : `/${path}` };
}

function parseAddress(text: string, defaultPort: number): ResolvedAddress {
  const [, ip = '', port] = /^([^:]+)(?::(\d+))?$/.exec(text) ?? [];
  if (!isIpAddress(ip)) throw usageError(`--address ${text} is not an address: write ip or ip:port`);
  return { ip, port: port === undefined ? defaultPort : Number(port) };
}

function parseHeader(text: string): readonly [string, string] {
  const colon = text.indexOf(':');
  if (colon < 1) throw usageError(`-H "${text}" is not a header: write 'name: value'`);
  return [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()];
}

function readClaims(file: string, io: Io): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parseText(file, io.readText(file), () => {})[0]?.value;
  } catch (error) {
    throw new CommandError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, EXIT.data);
  }
  if (!isObject(value)) throw new CommandError(`${file} holds no claims: it must be an object`, EXIT.data);
  return value;
}
