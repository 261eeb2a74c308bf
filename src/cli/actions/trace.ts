import { usageError } from '../../diagnostics/user-error.ts';
import { protocolOf, unsignedToken } from '../../operations/request-tables/request-table.ts';
import { noEntrance } from '../../operations/why/entrance.ts';
import { whyOfOutcomes } from '../../operations/why/why.ts';
import { traceFormats } from '../../output/trace/formats.ts';
import { parseText } from '../../source/parse.ts';
import { MOST_WAYS } from '../../trace/choices.ts';
import { podKey } from '../../trace/data-plane.ts';
import type { TraceRequest, UnresolvedName } from '../../trace/outcome.ts';
import { unknownServers } from '../../trace/servers/unknown.ts';
import { traceRequest } from '../../trace/trace.ts';
import { formatHostPort, parseHostPort } from '../../util/host-port.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { isObject, own } from '../../util/object.ts';
import { findEntrance, findPod, OUTSIDE, type ResolvedAddress, resolveHost } from '../../workbench/addresses.ts';
import { locateOrigin } from '../../workbench/locate.ts';
import { parseRequestUrl } from '../../workbench/request-url.ts';
import type { TraceOptions } from '../commands/trace.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import { openMesh } from '../open.ts';

/** Follows one request and prints the way that it takes. Gives the exit status. */
export async function trace(call: { method?: string; url: string }, options: TraceOptions, io: Io): Promise<number> {
  const url = parseRequestUrl(call.url);
  const { scheme = 'http', port = own(defaultPorts, scheme) } = url;
  if (port === undefined) throw usageError(`${call.url} needs a port: ${scheme}://${formatHostPort(url.host)}:<port>`);
  if (options.sourceIp !== undefined && !isIpAddress(options.sourceIp)) {
    throw usageError(`--source-ip ${options.sourceIp} is not an address`);
  }
  const bench = await openMesh(options, [], io);
  const { mesh } = bench;
  const dataPlane = bench.dataPlane({ servers: unknownServers, now: io.now() });
  const isHttp = scheme === 'http' || scheme === 'https';
  const client = findPod(options.from, dataPlane, bench.input.namespace);
  const resolved: ResolvedAddress | UnresolvedName | undefined =
    options.address === undefined
      ? client === undefined
        ? findEntrance(
            { host: url.host, port, target: isHttp ? url.target : undefined, gateway: options.gateway },
            mesh,
            dataPlane,
            bench.input.namespace,
          )
        : resolveHost(url.host, port, client, mesh, dataPlane)
      : parseAddress(options.address, port);
  if (resolved === undefined) throw noEntrance(mesh, url.host, port);
  if (options.gateway !== undefined && client !== undefined) throw usageError('--gateway is for clients outside: --from outside');
  const token = options.jwtClaims === undefined ? undefined : unsignedToken(readClaims(options.jwtClaims, io));
  const headers = (options.header ?? []).map(parseHeader);
  const speaks = protocolOf(options);
  const method = (call.method ?? (speaks === 'gRPC' ? 'POST' : 'GET')).toUpperCase();
  const isDefaultPort = port === own(defaultPorts, scheme);
  const host = headers.find(([name]) => name === 'host')?.[1];
  const serverName = options.sni ?? (isIpAddress(url.host) ? undefined : url.host);
  const request: TraceRequest = {
    from: client === undefined ? OUTSIDE : podKey(client),
    address: 'unresolved' in resolved ? resolved : { ip: resolved.ip, port: resolved.port },
    scheme,
    ...(speaks === undefined ? {} : { speaks }),
    ...(options.serverFirst === undefined ? {} : { isServerFirst: options.serverFirst }),
    method,
    target: method === 'CONNECT' ? formatHostPort(url.host, port) : url.target,
    authority: host ?? formatHostPort(url.host, isDefaultPort ? undefined : port),
    headers: [
      ...headers.filter(([name]) => name !== 'host'),
      ...(token === undefined ? [] : [['authorization', `Bearer ${token}`] as const]),
    ],
    ...(serverName === undefined ? {} : { serverName }),
    ...(options.clientCert === undefined ? {} : { clientCertificate: options.clientCert }),
    ...(options.sourceIp === undefined ? {} : { sourceIp: options.sourceIp }),
    ...(token === undefined ? {} : { trustedTokens: [token] }),
  };
  const outcomes = traceRequest(dataPlane, request);
  const why = whyOfOutcomes(bench, outcomes, request.authority);
  const traced = {
    request,
    note: 'unresolved' in resolved ? undefined : resolved.note,
    outcomes,
    hasMoreWays: outcomes.length >= MOST_WAYS,
    why,
  };
  const printing = { locate: locateOrigin, isVerbose: options.verbose === true };
  io.out((await traceFormats[options.output]())(traced, printing));
  return EXIT.fine;
}

const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443 };

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
