import type { PolicyMessage } from '../../envoy/ztunnel.ts';
import { formatHostPort, parseHostPort } from '../../util/host-port.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { originOf } from '../../util/origin.ts';
import { podKey } from '../data-plane.ts';
import { createHeaders } from '../headers.ts';
import { isConnect } from '../http/upgrade.ts';
import type { TracePod } from '../pod.ts';
import { addressScene } from '../recording/scenes.ts';
import { rangeFormula } from '../recording/text-formulas.ts';
import { type Answer, beginHop, type Connection, type HopRecorder, type Payload, type Run, TLS_ERRORS } from '../run.ts';
import { inRange } from '../strings.ts';
import type { DirectoryWorkload, ZtunnelDirectory } from './directory.ts';
import { type AddressWithPort, TUNNEL_PORT } from './next-hop.ts';
import { judgeConnection, type PolicySubject, sourceRanges, triedOut, type ZtunnelVerdict } from './policies.ts';
import { asksForMutualTls, policyKey } from './policy-names.ts';

/** Ports of ztunnel itself, through which nobody may come to a pod. As ztunnel src/config.rs illegal_ports. */
const OWN_PORTS: ReadonlySet<number> = new Set([15001, 15006, TUNNEL_PORT]);

/** A connection that ztunnel takes for a pod that it stands before. */
interface Entry {
  readonly run: Run;
  readonly directory: ZtunnelDirectory;
  readonly pod: TracePod;
  readonly workload: DirectoryWorkload;
  readonly connection: Connection & { readonly destination: AddressWithPort };
}

/** What ztunnel does with a connection that arrives at a pod that it stands before: a tunnel, or plain text. */
export function enterThroughZtunnel(entry: Entry): Answer {
  return entry.connection.destination.port === TUNNEL_PORT ? endTunnel(entry) : takePlainText(entry);
}

/** As ztunnel src/proxy/inbound_passthrough.rs. */
function takePlainText({ run, directory, pod, workload, connection }: Entry): Answer {
  const { destination, source } = connection;
  const to = formatHostPort(destination.ip, destination.port);
  const hop = beginHop(run, podKey(pod), 'ztunnel inbound');
  hop.step({ kind: 'ztunnel', name: podKey(pod), event: 'takes plain text', destination: to }, workload.message);
  if (OWN_PORTS.has(destination.port)) return ownPort(destination.port, hop);
  const subject = { source: source.ip, destination, identity: undefined };
  if (!isAllowed({ run, directory, workload }, subject, hop))
    return { kind: 'closed', reason: 'a policy denies the connection', seconds: 0 };
  const answer = deliver(run, pod, connection, destination, connection.payload);
  if (answer.kind !== 'refused') return answer;
  hop.step({ kind: 'response', name: to, event: 'no connection', reason: answer.reason });
  return { kind: 'closed', reason: answer.reason, seconds: 0 };
}

function ownPort(port: number, hop: HopRecorder): Answer {
  hop.step({ kind: 'ztunnel', name: '', event: 'own port', port });
  return { kind: 'closed', reason: `nobody may come to port ${port} of ztunnel`, seconds: 0 };
}

/** As ztunnel src/proxy/inbound.rs. */
function endTunnel({ run, directory, pod, workload, connection }: Entry): Answer {
  const { destination, source, payload } = connection;
  const hop = beginHop(run, podKey(pod), 'ztunnel inbound');
  const request = openLayers(payload, workload);
  if ('reason' in request) {
    hop.step({ kind: 'ztunnel', name: podKey(pod), event: 'takes no tunnel', reason: request.reason }, workload.message);
    return { kind: 'tls-failure', reason: request.reason, error: TLS_ERRORS.reset };
  }
  const { identity, authority, inner } = request;
  hop.step({ kind: 'ztunnel', name: podKey(pod), event: 'takes the tunnel', target: authority, identity }, workload.message);
  const target = targetOf(directory, workload, destination, authority);
  if (target === undefined) {
    hop.step({ kind: 'ztunnel', name: authority, event: 'not meant for it' }, workload.message);
    return refusal(400);
  }
  if (OWN_PORTS.has(target.port)) {
    ownPort(target.port, hop);
    return refusal(503);
  }
  const { applicationTunnel } = workload.message;
  const to = { ip: target.ip, port: applicationTunnel?.port || target.port };
  if (!isAllowed({ run, directory, workload }, { source: source.ip, destination: to, identity }, hop)) return refusal(401);
  const sent: Payload = applicationTunnel?.protocol === 'PROXY' ? { kind: 'proxy-protocol', sourceIp: source.ip, inner } : inner;
  const answer = deliver(run, pod, connection, to, sent);
  if (answer.kind !== 'refused') return { kind: 'tunnel', answer };
  hop.step({ kind: 'response', name: formatHostPort(to.ip, to.port), event: 'no connection', reason: answer.reason });
  return refusal(503);
}

/** The answer to a CONNECT that opens no tunnel. */
function refusal(status: number): Answer {
  return { kind: 'response', status, headers: createHeaders(), body: '', seconds: 0 };
}

/** What is in a tunnel, layer by layer; a client without a certificate of the trust domain gets no further. */
function openLayers(
  payload: Payload,
  workload: DirectoryWorkload,
): { readonly identity: string; readonly authority: string; readonly inner: Payload } | { readonly reason: string } {
  if (payload.kind !== 'tls') return { reason: 'the client speaks no TLS' };
  const { hello, inner: request } = payload;
  const refused = hello.verify({ uris: [workload.identity], dnsNames: [] });
  if (refused !== undefined) return { reason: `the client refuses the certificate: ${refused}` };
  const [identity] = hello.certificate?.uris ?? [];
  if (identity === undefined) return { reason: 'the client shows no certificate' };
  if (trustDomainOf(identity) !== trustDomainOf(workload.identity)) return { reason: `${identity} is of another trust domain` };
  const isTunnel = request.kind === 'http' && request.tunnel !== undefined && isConnect(request.headers);
  if (!isTunnel || request.tunnel === undefined) return { reason: 'the client asks for no tunnel' };
  return { identity, authority: request.headers.told(':authority') ?? '', inner: request.tunnel };
}

function trustDomainOf(identity: string): string | undefined {
  return identity.split('/')[2];
}

/** The place in the pod that a tunnel is for; undefined where it is for somebody else. As validate_destination and find_inbound_upstream. */
function targetOf(
  directory: ZtunnelDirectory,
  workload: DirectoryWorkload,
  { ip }: AddressWithPort,
  authority: string,
): AddressWithPort | undefined {
  const { host, port } = parseHostPort(authority) ?? {};
  if (host === undefined || port === undefined) return undefined;
  if (!isIpAddress(host)) {
    const service = directory.serviceFor(host, workload.message.namespace ?? '');
    const found =
      service?.endpoints.find((endpoint) => endpoint.workload === workload)?.ports.get(port) ?? service?.ports.get(port);
    return found ? { ip, port: found } : undefined;
  }
  if (host === ip || workload.message.applicationTunnel !== undefined) return { ip, port };
  const asked = directory.workloadAt(host, workload.network) ?? directory.serviceAt(host, workload.network, undefined);
  const waypoint = asked?.message.waypoint;
  const behind = waypoint && directory.gateway(waypoint, workload.network);
  const isBehind = behind?.workload === workload || behind?.service?.endpoints.some((endpoint) => endpoint.workload === workload);
  return isBehind === true ? { ip, port } : undefined;
}

function isAllowed(
  { directory, workload, run: { recorder } }: Pick<Entry, 'directory' | 'workload' | 'run'>,
  subject: PolicySubject,
  hop: HopRecorder,
): boolean {
  const policies = directory.policiesOf(workload);
  noteSource(recorder, policies, subject.source);
  for (const { policy, group } of triedOut(policies, subject)) {
    const would = policy.action === 'DENY' ? { action: 'DENY', isAllowed: false } : { action: 'ALLOW', isAllowed: true };
    const fact = { kind: 'policy', event: 'would decide', of: 'connection', isMatch: true } as const;
    hop.step({ ...fact, name: policyKey(policy, group), ...would }, group);
  }
  const verdict = judgeConnection(policies, subject);
  if (verdict === undefined) return true;
  const { action, isAllowed: allowed, match } = verdict;
  const isMutualTls = match !== undefined && asksForMutualTls(match.policy);
  hop.step(
    {
      kind: 'policy',
      name: match === undefined ? 'ztunnel' : policyKey(match.policy, match.group),
      event: 'decides',
      of: 'connection',
      action,
      isMatch: match !== undefined,
      isAllowed: allowed,
      ...(isMutualTls && { demands: 'mutual TLS' }),
    },
    causeOf(policies, workload, verdict),
  );
  return allowed;
}

/** Tells the recorder in which of the ranges that policies name the client is, where it is anywhere. */
function noteSource(recorder: Run['recorder'], policies: readonly PolicyMessage[], source: string): void {
  if (recorder === undefined || source !== recorder.chosen.address) return;
  for (const range of sourceRanges(policies)) {
    recorder.holds(rangeFormula('sourceAddress', range), inRange(range, source), addressScene(source));
  }
}

/** The rule that decides; the PeerAuthentication behind one that all share; the first of those that could have allowed it. */
function causeOf(
  policies: readonly PolicyMessage[],
  { message }: DirectoryWorkload,
  { match, isAllowed: allowed }: ZtunnelVerdict,
): unknown {
  if (match === undefined)
    return allowed ? undefined : policies.find(({ action = 'ALLOW', dryRun }) => action === 'ALLOW' && dryRun !== true);
  const ofWorkload = message.authorizationPolicies;
  const isShared = asksForMutualTls(match.policy) && originOf(ofWorkload) !== undefined;
  return isShared ? ofWorkload : match.group;
}

/** Hands a connection to what listens in the pod, which sees the client's address. */
function deliver(run: Run, pod: TracePod, connection: Connection, destination: AddressWithPort, payload: Payload): Answer {
  return run.connect(run, {
    from: pod,
    isFromProxy: false,
    isFromZtunnel: true,
    source: connection.source,
    destination,
    payload,
    startedAt: connection.startedAt,
    depth: connection.depth + 1,
  });
}
