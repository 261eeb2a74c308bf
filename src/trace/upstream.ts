import { isAny } from '../envoy/any.ts';
import type { Cluster, TransportSocket } from '../envoy/api.gen.ts';
import { httpOptions } from '../envoy/http-options.ts';
import { type TextDimension, textTest } from '../request-space/formula.ts';
import { isIpAddress, ofSameFamily } from '../util/ip-address.ts';
import { isObject, own } from '../util/object.ts';
import type { Option } from './choices.ts';
import { addressOf } from './data-plane.ts';
import type { MessageHeaders } from './headers.ts';
import { type Host, hostAt } from './host.ts';
import { IPV4_ADDRESS } from './recording/forwarded.ts';
import { AUTHORITY } from './recording/parts.ts';
import { AS_SENT } from './recording/scenes.ts';
import { ABSENT, made, type TextSource } from './recording/source.ts';
import {
  type Answer,
  type ConnectionTarget,
  type Payload,
  type PeerCertificate,
  type ProxyContext,
  TLS_ERRORS,
  type TlsHello,
  takeHost,
} from './run.ts';
import { missingSecret } from './secrets.ts';
import type { ConnectionSecurity } from './step.ts';
import { checkCertificate, coversHost } from './tls.ts';

/** What of a request or connection decides about the host. */
export interface HostQuery {
  /** The address that the client asked for, where the connection was led here from there. */
  readonly original: { readonly ip: string; readonly port: number } | undefined;
  /** The name that a dynamic forward proxy resolves. */
  readonly name: () => AskedName;
  readonly tried: readonly string[];
}

/** A name that a request asks for, and which part of it says so. */
export interface AskedName {
  readonly text: string;
  readonly dimension: TextDimension;
  readonly source: TextSource;
}

/** No name. */
export function withoutName(): AskedName {
  return { text: '', dimension: AUTHORITY, source: ABSENT };
}

/** The name in a request's host header. */
export function nameOfRequest(headers: MessageHeaders): AskedName {
  return { text: headers.told(':authority') ?? '', dimension: AUTHORITY, source: headers.sourceOf(':authority') };
}

/**
 * The host that a cluster's load balancer gives; undefined when it has none. Every host that it can give is an option; of many hosts
 * one stands for all whose pods are of its kin.
 */
export function chooseHost(context: ProxyContext, cluster: Cluster, query: HostQuery): Host | undefined {
  return takeHost(context.run, hostOptions(context, cluster, query))?.host;
}

function hostOptions(context: ProxyContext, cluster: Cluster, query: HostQuery): readonly Option<Host>[] {
  if (cluster.type === 'ORIGINAL_DST') return originalHost(cluster, query);
  if (cluster.clusterType?.name === 'envoy.clusters.dynamic_forward_proxy') return forwardedHost(context, cluster, query);
  const { lookups, balancer } = context.run.dataPlane;
  const assignment = lookups.assignment(context.snapshot, cluster);
  return assignment === undefined ? [] : balancer.hostsOf(cluster, assignment, query.tried);
}

function originalHost({ originalDstLbConfig }: Cluster, { original }: HostQuery): readonly Option<Host>[] {
  if (original === undefined) return [];
  const host = hostAt(original.ip, originalDstLbConfig?.upstreamPortOverride ?? original.port);
  return [{ value: host, weight: 1, label: host.label }];
}

/**
 * The host that a request names, at the usual port where it names none. Envoy source/extensions/clusters/dynamic_forward_proxy/cluster.cc.
 * All names that nobody knows are alike; of an address or a name that somebody has, all decides.
 */
function forwardedHost(
  { run }: ProxyContext,
  { transportSocket }: Cluster,
  { name: nameOf }: HostQuery,
): readonly Option<Host>[] {
  const { dataPlane, recorder } = run;
  const { text, dimension, source } = nameOf();
  const isTls = isAny(
    transportSocket?.typedConfig,
    'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
  );
  const [, name = text, port = isTls ? '443' : '80'] = /^(.*?)(?::(\d+))?$/.exec(text) ?? [];
  const known = dataPlane.lookups.knownNames(dataPlane.names());
  const isKnown = known.includes(text);
  if (recorder !== undefined) {
    const scene = { ...AS_SENT, text: () => source };
    const formulas = known.formulas(dimension);
    recorder.holds(textTest(dimension, { kind: 'present' }), text !== '', scene);
    recorder.first(formulas, () => formulas, isKnown ? [0] : [], scene);
    const ignoringCase = dimension.kind === 'serverName';
    if (isKnown) recorder.holds(textTest(dimension, { kind: 'exact', text, ignoringCase }), true, scene);
  }
  const ip = text === '' ? undefined : addressOf(dataPlane, name);
  if (ip === undefined) return [];
  const host = { ...hostAt(ip, Number(port)), hostname: name, ...(!isKnown && { nameSource: source }) };
  return [{ value: host, weight: 1, label: host.label }];
}

/** How a connection to a host is secured. */
export interface UpstreamSecurity {
  /** A secret that the proxy does not get, without which it opens no connection. */
  readonly missing?: string;
  /** Names of the metadata of endpoints that a listener of the proxy itself gets along with the connection. */
  readonly passes?: readonly string[];
  readonly facts: ConnectionSecurity;
  wrap(payload: Payload): Payload;
}

/** What the security of an upstream connection depends on beside cluster and host. */
export interface SecurityQuery {
  /** The name in the request's host header; undefined for other protocols. */
  readonly authority: { readonly told: string | undefined; readonly source: TextSource } | undefined;
  /** The protocols that Istio's ALPN filter offers for a request; undefined where it does not act. */
  readonly applicationProtocols: readonly string[] | undefined;
  readonly sourceIp: string;
}

/** The transport socket for a host: the first whose criteria its metadata meets, else the cluster's own. */
export function securityOf(context: ProxyContext, cluster: Cluster, host: Host, query: SecurityQuery): UpstreamSecurity {
  const metadata = host.endpoint?.metadata?.filterMetadata?.['envoy.transport_socket_match'] ?? {};
  const match = (cluster.transportSocketMatches ?? []).find(({ match: criteria = {} }) =>
    Object.entries(criteria).every(
      ([key, value]) => isObject(metadata) && JSON.stringify(own(metadata, key)) === JSON.stringify(value),
    ),
  );
  return securityOfSocket(context, cluster, match?.transportSocket ?? cluster.transportSocket, host, query);
}

/** The host of a request as a server name, which addresses are none of. */
function automaticName({ run }: ProxyContext, { authority }: SecurityQuery): string {
  const told = authority?.told;
  if (authority === undefined || told === undefined) return '';
  const name = told.replace(/:\d*$/, '');
  const isAddress = isIpAddress(name) || /^\[.*\]$/.test(name);
  const test = { kind: 'regex', expression: ADDRESS_WITH_PORT } as const;
  run.recorder?.holds(textTest(AUTHORITY, test), isAddress, { ...AS_SENT, text: () => authority.source });
  return isAddress ? '' : name;
}

const ADDRESS_WITH_PORT = `(?:${IPV4_ADDRESS}|\\[.*\\])(?::[0-9]*)?`;

function securityOfSocket(
  context: ProxyContext,
  cluster: Cluster,
  socket: TransportSocket | undefined,
  host: Host,
  query: SecurityQuery,
): UpstreamSecurity {
  const config = socket?.typedConfig;
  if (isAny(config, 'type.googleapis.com/envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport')) {
    const inner = securityOfSocket(context, cluster, config.transportSocket, host, query);
    return {
      ...inner,
      facts: { ...inner.facts, hasProxyProtocol: true },
      wrap: (payload) => ({ kind: 'proxy-protocol', sourceIp: query.sourceIp, inner: inner.wrap(payload) }),
    };
  }
  if (isAny(config, 'type.googleapis.com/envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport')) {
    const inner = securityOfSocket(context, cluster, config.transportSocket, host, query);
    const passes = (config.passthroughMetadata ?? []).flatMap(({ name }) => name ?? []);
    return 'internal' in host.destination ? { ...inner, passes, facts: { ...inner.facts, isInternal: true } } : inner;
  }
  if (!isAny(config, 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext')) {
    return { facts: { hasProxyProtocol: false }, wrap: (payload) => payload };
  }
  const { commonTlsContext = {}, sni = '' } = config;
  const http = httpOptions(cluster)?.upstreamHttpProtocolOptions;
  const automatic = sni === '' && http?.autoSni === true ? automaticName(context, query) : '';
  const serverName = sni !== '' ? sni : automatic !== '' ? automatic : config.autoHostSni === true ? host.hostname : '';
  const applicationProtocols =
    query.applicationProtocols !== undefined && allowsOverride(cluster, commonTlsContext.alpnProtocols ?? [])
      ? query.applicationProtocols
      : (commonTlsContext.alpnProtocols ?? []);
  const shows = [commonTlsContext.tlsCertificates, commonTlsContext.tlsCertificateSdsSecretConfigs].some(
    (list) => (list?.length ?? 0) > 0,
  );
  const certificate: PeerCertificate = { uris: [context.pod.identity], dnsNames: [] };
  const checksName = http?.autoSanValidation === true || config.autoSniSanValidation === true;
  const isMade = sni === '' && automatic !== '' && query.authority !== undefined;
  const isNamed = sni === '' && !isMade && serverName !== '' && host.nameSource !== undefined;
  const givenBy = isMade ? query.authority.source : isNamed ? host.nameSource : undefined;
  const hello: TlsHello = {
    serverName,
    serverNameSource: givenBy && made('server name', [givenBy], serverName),
    demands: () => JSON.stringify([{ ...commonTlsContext, alpnProtocols: [] }, checksName]),
    applicationProtocols,
    certificate: shows ? certificate : undefined,
    verify(server) {
      const { validationContext } = commonTlsContext;
      if (context.run.dataPlane.servers.isWhole && validationContext?.trustedCa?.filename !== undefined) {
        return `it is not signed by ${validationContext.trustedCa.filename}`;
      }
      const refusal = checkCertificate(commonTlsContext, server, context.run.dataPlane.lookups.compile);
      if (refusal !== undefined) return refusal;
      const isChecked = checksName && serverName !== '' && hasExplicitNames(config) === false;
      return isChecked && !coversHost(server, serverName) ? `the certificate is not for ${serverName}` : undefined;
    },
  };
  const facts = { hasProxyProtocol: false, tls: { isMutual: shows, serverName, applicationProtocols } };
  const missing = missingSecret(context.run, context.pod, commonTlsContext, context.hop);
  return { facts, ...(missing !== undefined && { missing }), wrap: (inner) => ({ kind: 'tls', hello, inner }) };
}

function hasExplicitNames({
  commonTlsContext,
}: {
  readonly commonTlsContext?: {
    readonly combinedValidationContext?: {
      readonly defaultValidationContext?: { readonly matchSubjectAltNames?: readonly unknown[] };
    };
  };
}): boolean {
  return (commonTlsContext?.combinedValidationContext?.defaultValidationContext?.matchSubjectAltNames?.length ?? 0) > 0;
}

/** Istio's ALPN filter leaves clusters alone that say so, as those with TLS of the user's own do. */
function allowsOverride(cluster: Cluster, configured: readonly string[]): boolean {
  const istio = cluster.metadata?.filterMetadata?.istio;
  const isOff = isObject(istio) && istio.alpn_override === 'false';
  return !isOff && configured.includes('istio');
}

/** Whether a cluster's connections speak HTTP/2 whatever the request came in. */
export function isAlwaysHttp2(cluster: Cluster): boolean {
  return upstreamVersion(cluster, 'HTTP/1.1') === 'HTTP/2';
}

/** The protocol that a cluster's connections speak for a request of this protocol. */
export function upstreamVersion(cluster: Cluster, downstream: 'HTTP/1.1' | 'HTTP/2'): 'HTTP/1.1' | 'HTTP/2' {
  const options = httpOptions(cluster);
  if (options?.explicitHttpConfig?.http2ProtocolOptions !== undefined) return 'HTTP/2';
  if (options?.useDownstreamProtocolConfig !== undefined) {
    return downstream === 'HTTP/2' && options.useDownstreamProtocolConfig.http2ProtocolOptions !== undefined
      ? 'HTTP/2'
      : 'HTTP/1.1';
  }
  return cluster.http2ProtocolOptions === undefined ? 'HTTP/1.1' : 'HTTP/2';
}

/** The host's place; a listener of the proxy itself gets along what its transport socket passes. */
function destinationOf(
  { shares, side }: ProxyContext,
  { destination, endpoint }: Host,
  { passes }: UpstreamSecurity,
): ConnectionTarget {
  if (!('internal' in destination)) return destination;
  const { internal, local, waypoint } = destination;
  const isTold = passes?.includes('envoy.filters.listener.original_dst') === true;
  const places = isTold ? { ...(local !== undefined && { local }), ...(waypoint !== undefined && { waypoint }) } : {};
  const told = Object.entries(endpoint?.metadata?.filterMetadata ?? {}).filter(([name]) => passes?.includes(name) === true);
  const metadata = Object.fromEntries(told);
  return { internal, passed: { filterState: passes === undefined ? new Map() : new Map(shares), ...places, metadata, side } };
}

/** Where a connection comes from: of what the cluster binds to, or of the pod, the address of the family of its destination. */
function sourceFor(bound: readonly string[], ips: readonly string[], destination: ConnectionTarget): string {
  return ofSameFamily(bound.length > 0 ? bound : ips, 'ip' in destination ? destination.ip : '') ?? '';
}

/** Opens a connection of a proxy to a host. */
export function openUpstream(
  context: ProxyContext,
  cluster: Cluster,
  host: Host,
  security: UpstreamSecurity,
  inner: Payload,
  at: { readonly startedAt: number; readonly depth: number },
): Answer {
  const { pod, run, hop } = context;
  const { missing } = security;
  if (missing !== undefined) {
    hop.step({ kind: 'tls', name: cluster.name ?? '', event: 'secret missing', secret: missing }, cluster);
    return { kind: 'tls-failure', reason: `the proxy has no ${missing}`, error: TLS_ERRORS.noSecret };
  }
  const payload = security.wrap(inner);
  const destination = destinationOf(context, host, security);
  const { sourceAddress, extraSourceAddresses = [] } = cluster.upstreamBindConfig ?? {};
  const bound = [sourceAddress?.address, ...extraSourceAddresses.map(({ address }) => address?.address)];
  return run.connect(run, {
    from: pod,
    isFromProxy: true,
    source: {
      ip: sourceFor(
        bound.filter((ip) => ip !== undefined),
        pod.ips,
        destination,
      ),
      port: 0,
    },
    destination,
    nameSource: host.nameSource,
    payload,
    startedAt: at.startedAt,
    depth: at.depth + 1,
  });
}
