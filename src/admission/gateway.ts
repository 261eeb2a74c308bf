import type { Port, Server } from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import { isHttp, isTls, parseProtocol } from '../model/protocol.ts';
import type { ResourceOf } from '../resource/resource.ts';
import { error, errorIf, type Findings, quote, warning } from './finding.ts';
import { checkIpAddress, isDnsLabel, scopedHostProblems, UNIX_PREFIX, unixAddressProblem } from './hosts.ts';
import { checkPort } from './numbers.ts';
import { checkServerTls } from './server-tls.ts';

/** Marks what istiod made of a Gateway of the Gateway API, which may do more. */
const CONVERTED = 'internal.istio.io/gateway-semantics';

/** A Gateway; istio pkg/config/validation/validation.go ValidateGateway. */
export function* checkGateway({ name, spec, annotations }: ResourceOf<'Gateway'>): Findings {
  const owner = annotations[CONVERTED] === 'gateway' ? 'converted-gateway' : 'gateway';
  if (!isDnsLabel(name) && owner === 'gateway') yield error(['metadata', 'name'], `invalid gateway name: ${quote(name)}`);
  const servers = spec.servers ?? [];
  if (servers.length === 0) yield error(['spec', 'servers'], 'gateway must have at least one server');
  for (const [index, server] of servers.entries()) yield* checkServer(['spec', 'servers', index], server, owner);
  const names = new Set<string>();
  for (const [index, { port, tls }] of servers.entries()) {
    if (port === undefined) continue;
    const portName = port.name ?? '';
    const path = ['spec', 'servers', index];
    if (names.has(portName))
      yield error([...path, 'port', 'name'], `port names in servers must be unique: duplicate name ${portName}`);
    names.add(portName);
    if (tls?.httpsRedirect === true && !isHttp(parseProtocol(port.protocol ?? '')))
      yield warning([...path, 'tls', 'httpsRedirect'], 'tls.httpsRedirect should only be used with http servers');
  }
}

function* checkServer(path: Path, server: Server, owner: 'gateway' | 'converted-gateway'): Findings {
  const { hosts = [], port, tls, bind = '' } = server;
  if (hosts.length === 0) yield error([...path, 'hosts'], 'server config must contain at least one host');
  for (const [index, host] of hosts.entries()) {
    for (const problem of scopedHostProblems(host, owner)) yield error([...path, 'hosts', index], problem);
  }
  const portFindings = [...checkServerPort([...path, 'port'], port, bind)];
  yield* portFindings;
  yield* checkBind([...path, 'bind'], bind, port);
  if (tls !== undefined) yield* checkServerTls([...path, 'tls'], tls);
  if (portFindings.length === 0 && port !== undefined) yield* checkTlsOfProtocol(path, server, port);
}

/** Whether TLS settings fit the protocol of the port, which is known to be good. */
function* checkTlsOfProtocol(path: Path, { tls }: Server, port: Port): Findings {
  const protocol = parseProtocol(port.protocol ?? '');
  if (isTls(protocol)) {
    if (tls === undefined) yield error([...path, 'tls'], 'server must have TLS settings for HTTPS/TLS protocols');
    return;
  }
  if (tls === undefined) return;
  if (!isHttp(protocol)) {
    yield error([...path, 'tls'], 'server cannot have TLS settings for non HTTPS/TLS ports');
    return;
  }
  const mode = tls.mode ?? 'PASSTHROUGH';
  const passesThrough = mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH';
  // A clear-text server has TLS settings for its redirect only.
  if (!passesThrough || [tls.caCertificates, tls.privateKey, tls.serverCertificate].some((text) => (text ?? '') !== ''))
    yield error([...path, 'tls'], 'server cannot have TLS settings for plain text HTTP ports');
}

function* checkServerPort(path: Path, port: Port | undefined, bind: string): Findings {
  if (port === undefined) {
    yield error(path, 'port is required');
    return;
  }
  const { protocol = '', number = 0, targetPort = 0, name = '' } = port;
  if (parseProtocol(protocol) === 'Unsupported') {
    const supported = 'HTTP, HTTP2, GRPC, GRPC-WEB, MONGO, REDIS, MYSQL, TCP';
    yield error([...path, 'protocol'], `invalid protocol ${quote(protocol)}, supported protocols are ${supported}`);
  }
  if (number > 0 || !bind.startsWith(UNIX_PREFIX)) yield* checkPort([...path, 'number'], number);
  if (targetPort > 0) yield error([...path, 'targetPort'], 'targetPort has no impact on Gateways');
  if (name === '') yield error([...path, 'name'], 'port name must be set', `port name must be set: ${printPort(port)}`);
}

function* checkBind(path: Path, bind: string, port: Port | undefined): Findings {
  if (bind.startsWith(UNIX_PREFIX)) {
    yield* errorIf(path, unixAddressProblem(bind.slice(UNIX_PREFIX.length)));
    if (port !== undefined && (port.number ?? 0) !== 0) {
      const message = 'port number must be 0 for unix domain socket';
      yield error(path, message, `${message}: ${printPort(port)}`);
    }
  } else if (bind !== '') yield* checkIpAddress(path, bind);
}

/** A port as Go prints the message. */
function printPort({ number = 0, protocol = '', name = '', targetPort = 0 }: Port): string {
  return [
    ...(number === 0 ? [] : [`number:${number}`]),
    ...(protocol === '' ? [] : [`protocol:${quote(protocol)}`]),
    ...(name === '' ? [] : [`name:${quote(name)}`]),
    ...(targetPort === 0 ? [] : [`target_port:${targetPort}`]),
  ].join(' ');
}
