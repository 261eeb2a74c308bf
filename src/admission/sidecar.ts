import type {
  CaptureMode,
  IstioEgressListener,
  IstioIngressListener,
  OutboundTrafficPolicy,
  ServerTLSSettings,
  SidecarPort,
} from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import { isHttp, isTls, parseProtocol } from '../model/protocol.ts';
import type { Behaviours } from '../releases/release.ts';
import type { ResourceOf } from '../resource/resource.ts';
import { checkDestination } from './destination.ts';
import { error, errorIf, type Findings, quote, warning } from './finding.ts';
import {
  checkIpAddress,
  fullNameProblem,
  isDnsLabel,
  notANumber,
  scopedHostProblems,
  splitHostPort,
  UNIX_PREFIX,
  unixAddressProblem,
} from './hosts.ts';
import { checkPort, isGoInteger } from './numbers.ts';
import { checkWorkloadSelector } from './references.ts';
import { checkServerTls } from './server-tls.ts';
import { checkConnectionPool } from './traffic-policy.ts';

/** A Sidecar; istio pkg/config/validation/validation.go ValidateSidecar. */
export function* checkSidecar({ spec, namespace }: ResourceOf<'Sidecar'>, behaviours: Behaviours): Findings {
  const { ingress = [], egress = [], outboundTrafficPolicy, inboundConnectionPool } = spec;
  const selector = checkWorkloadSelector(spec.workloadSelector, 'sidecar');
  const isEmpty =
    ingress.length === 0 && egress.length === 0 && outboundTrafficPolicy === undefined && inboundConnectionPool === undefined;
  if (selector.some(({ severity }) => severity === 'error')) {
    yield* selector;
    return;
  }
  if (isEmpty) {
    yield error(['spec'], 'sidecar: empty configuration provided');
    return;
  }
  yield* selector;
  const ports = new Set<number>();
  for (const [index, listener] of ingress.entries()) yield* checkIngress(['spec', 'ingress', index], listener, ports);
  yield* checkConnectionPool(['spec', 'inboundConnectionPool'], inboundConnectionPool);
  yield* checkEgressListeners(egress, namespace, behaviours);
  if (outboundTrafficPolicy !== undefined) yield* checkOutboundPolicy(['spec', 'outboundTrafficPolicy'], outboundTrafficPolicy);
}

function* checkIngress(path: Path, listener: IstioIngressListener, ports: Set<number>): Findings {
  const { port, bind = '', defaultEndpoint = '', tls, connectionPool } = listener;
  if (port === undefined) {
    yield error([...path, 'port'], 'sidecar: port is required for ingress listeners');
    return;
  }
  const number = port.number ?? 0;
  yield* checkTargetPort([...path, 'port'], port);
  yield* checkIpPort(path, port, bind);
  if (ports.has(number)) yield error([...path, 'port', 'number'], 'sidecar: ports on IP bound listeners must be unique');
  ports.add(number);
  if (defaultEndpoint !== '') yield* checkDefaultEndpoint([...path, 'defaultEndpoint'], defaultEndpoint);
  if (tls !== undefined) yield* checkIngressTls([...path, 'tls'], tls, port);
  yield* checkConnectionPool([...path, 'connectionPool'], connectionPool);
  if (connectionPool?.http !== undefined && !isHttp(parseProtocol(port.protocol ?? ''))) {
    const where = `for port ${number} (${quote(port.name ?? '')}) but its protocol is not HTTP (${port.protocol ?? ''})`;
    yield warning(
      [...path, 'connectionPool', 'http'],
      `sidecar: HTTP connection pool settings are configured ${where}; only TCP settings will apply`,
    );
  }
}

/** Where an ingress listener passes connections on: a port of the pod itself, or a socket. */
function* checkDefaultEndpoint(path: Path, endpoint: string): Findings {
  if (endpoint.startsWith(UNIX_PREFIX)) {
    yield* errorIf(path, unixAddressProblem(endpoint.slice(UNIX_PREFIX.length)));
    return;
  }
  const split = splitHostPort(endpoint);
  if (typeof split === 'string') yield error(path, split);
  const { host, port } = typeof split === 'string' ? { host: '', port: '' } : split;
  if (!['', '127.0.0.1', '0.0.0.0', '::1', '::'].includes(host)) {
    const forms = '127.0.0.1:<port>,0.0.0.0:<port>,[::1]:port,[::]:port,unix://filepath';
    yield error(path, `sidecar: defaultEndpoint must be of form ${forms} or unset`);
  }
  if (isGoInteger(port)) yield* checkPort(path, Number(port));
  else yield error(path, `sidecar: defaultEndpoint port (${port}) is not a number: ${notANumber(port)}`);
}

function* checkIngressTls(path: Path, tls: ServerTLSSettings, port: SidecarPort): Findings {
  const { subjectAltNames = [], credentialNames = [], tlsCertificates = [] } = tls;
  if (subjectAltNames.length > 0)
    yield error([...path, 'subjectAltNames'], 'sidecar: subjectAltNames is not supported in ingress tls');
  if (tls.httpsRedirect === true) yield error([...path, 'httpsRedirect'], 'sidecar: httpsRedirect is not supported');
  if ((tls.credentialName ?? '') !== '')
    yield error([...path, 'credentialName'], 'sidecar: credentialName is not currently supported');
  if (credentialNames.length > 0)
    yield error([...path, 'credentialNames'], 'sidecar: credentialNames is not currently supported');
  if (tlsCertificates.length > 0)
    yield error([...path, 'tlsCertificates'], 'sidecar: tls_certificates is not currently supported');
  if (tls.mode === 'ISTIO_MUTUAL' || tls.mode === 'AUTO_PASSTHROUGH')
    yield error([...path, 'mode'], `configuration is invalid: cannot set mode to ${tls.mode} in sidecar ingress tls`);
  if (!isTls(parseProtocol(port.protocol ?? ''))) yield error(path, 'server cannot have TLS settings for non HTTPS/TLS ports');
  yield* checkServerTls(path, tls);
}

function* checkEgressListeners(listeners: readonly IstioEgressListener[], namespace: string, behaviours: Behaviours): Findings {
  const ports = new Set<number>();
  const sockets = new Set<string>();
  let hasCatchAll = false;
  for (const [index, listener] of listeners.entries()) {
    const path = ['spec', 'egress', index];
    const { port, bind = '', hosts = [] } = listener;
    if (port === undefined) {
      if (hasCatchAll) {
        yield error([...path, 'port'], 'sidecar: egress can have only one listener with empty port');
        continue;
      }
      hasCatchAll = index === listeners.length - 1;
      if (!hasCatchAll)
        yield error([...path, 'port'], 'sidecar: the egress listener with empty port should be the last listener in the list');
    } else {
      yield* checkTargetPort([...path, 'port'], port);
      yield* checkEgressPort(path, port, bind, listener.captureMode ?? 'DEFAULT');
      const number = port.number ?? 0;
      if (number === 0) {
        if (sockets.has(bind)) yield error([...path, 'bind'], 'sidecar: unix domain socket values for listeners must be unique');
        sockets.add(bind);
      } else {
        if (ports.has(number)) yield error([...path, 'port', 'number'], 'sidecar: ports on IP bound listeners must be unique');
        ports.add(number);
      }
    }
    if (hosts.length === 0) yield error([...path, 'hosts'], 'sidecar: egress listener must contain at least one host');
    yield* checkEgressHosts([...path, 'hosts'], hosts, namespace, behaviours);
  }
}

function* checkEgressHosts(path: Path, hosts: readonly string[], namespace: string, behaviours: Behaviours): Findings {
  const seen = new Map<string, Set<string>>();
  for (const [index, host] of hosts.entries()) {
    const slash = host.indexOf('/');
    const isExclusion = behaviours.sidecarExclusions && host.startsWith('~');
    if (slash !== -1 && !isExclusion) {
      const scope = host.startsWith('./') ? namespace : host.slice(0, slash);
      const name = host.slice(slash + 1);
      const before = seen.get(scope) ?? new Set();
      if (name === '*' ? before.size > 0 : before.has(name) || before.has('*'))
        yield warning([...path, index], `duplicated egress host: ${host}`);
      seen.set(scope, before.add(name));
    }
    for (const problem of scopedHostProblems(host, behaviours.sidecarExclusions ? 'excluding-sidecar' : 'sidecar'))
      yield error([...path, index], problem);
  }
  if (seen.get('*')?.has('*') === true && seen.size !== 1)
    yield warning(path, '`*/*` host select all resources, no other hosts can be added');
}

function* checkTargetPort(path: Path, { targetPort = 0 }: SidecarPort): Findings {
  if (targetPort > 0) yield error([...path, 'targetPort'], 'targetPort has no impact on Sidecars');
}

function* checkPortBasics(path: Path, { name = '', protocol = '' }: SidecarPort): Findings {
  if (name !== '' && !isDnsLabel(name)) yield error([...path, 'name'], `invalid port name: ${name}`);
  yield* errorIf([...path, 'protocol'], protocolProblem(protocol));
}

/** What is wrong with a protocol; none at all means that it is detected. Istio ValidateProtocol. */
export function protocolProblem(protocol: string): string | undefined {
  return protocol !== '' && parseProtocol(protocol) === 'Unsupported' ? `unsupported protocol: ${protocol}` : undefined;
}

/** The port of a listener on an IP address. */
function* checkIpPort(path: Path, port: SidecarPort, bind: string): Findings {
  yield* checkPortBasics([...path, 'port'], port);
  yield* checkPort([...path, 'port', 'number'], port.number ?? 0);
  if (bind !== '') yield* checkIpAddress([...path, 'bind'], bind);
}

function* checkEgressPort(path: Path, port: SidecarPort, bind: string, captureMode: CaptureMode): Findings {
  if ((port.number ?? 0) !== 0) {
    yield* checkIpPort(path, port, bind);
    return;
  }
  yield* checkPortBasics([...path, 'port'], port);
  if (!bind.startsWith(UNIX_PREFIX))
    yield error([...path, 'bind'], 'sidecar: ports with 0 value must have a unix domain socket bind address');
  else yield* errorIf([...path, 'bind'], unixAddressProblem(bind.slice(UNIX_PREFIX.length)));
  if (captureMode !== 'DEFAULT' && captureMode !== 'NONE')
    yield error([...path, 'captureMode'], 'sidecar: captureMode must be DEFAULT/NONE for unix domain socket listeners');
}

function* checkOutboundPolicy(path: Path, { mode = 'REGISTRY_ONLY', egressProxy }: OutboundTrafficPolicy): Findings {
  if (egressProxy === undefined) return;
  const at = [...path, 'egressProxy'];
  if (mode !== 'ALLOW_ANY') {
    yield error(at, 'sidecar: egress_proxy must be set only with ALLOW_ANY outbound_traffic_policy mode');
    return;
  }
  yield* errorIf([...at, 'host'], fullNameProblem(egressProxy.host ?? ''));
  if (egressProxy.port === undefined) yield error([...at, 'port'], 'sidecar: egress_proxy port must be non-nil');
  else yield* checkDestination(at, egressProxy);
}
