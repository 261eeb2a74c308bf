import { isAny, type TypeUrls } from '../envoy/any.ts';
import type { Any, Cluster, ClusterLoadAssignment, LbEndpoint, TransportSocket } from '../envoy/api.gen.ts';
import { isIpAddress } from '../util/ip-address.ts';
import { isObject, own } from '../util/object.ts';
import type { Option } from './choices.ts';
import { type Answer, assignmentOf, type Certificate, type Payload, type ProxyContext, type TlsHello } from './run.ts';
import type { ConnectionSecurity } from './step.ts';
import { checkCertificate, coversHost } from './tls.ts';

/** A place that a cluster sends to. */
export interface Host {
  readonly destination: { readonly ip: string; readonly port: number } | { readonly socket: string };
  readonly label: string;
  readonly hostname: string;
  readonly endpoint: LbEndpoint | undefined;
  /** The value whose origin says where it comes from. */
  readonly cause: unknown;
}

/** What of a request or connection decides about the host. */
export interface HostQuery {
  /** The address that the client asked for, where the connection was led here from there. */
  readonly original: { readonly ip: string; readonly port: number } | undefined;
  /** The name that a dynamic forward proxy resolves. */
  readonly authority: string;
  readonly tried: readonly string[];
}

/** The host that a cluster's load balancer gives; undefined when it has none. Every host that it can give is an option. */
export function chooseHost(context: ProxyContext, cluster: Cluster, query: HostQuery): Host | undefined {
  const options = hostOptions(context, cluster, query);
  const fresh = options.filter(({ label }) => !query.tried.includes(label));
  const [first, ...rest] = fresh.length > 0 ? fresh : options;
  return first === undefined ? undefined : context.run.choose([first, ...rest]);
}

function hostOptions(context: ProxyContext, cluster: Cluster, query: HostQuery): readonly Option<Host>[] {
  if (cluster.type === 'ORIGINAL_DST') return originalHost(cluster, query);
  if (cluster.clusterType?.name === 'envoy.clusters.dynamic_forward_proxy') return forwardedHost(context, query);
  const assignment = assignmentOf(context.snapshot, cluster);
  return assignment === undefined ? [] : balance(context, cluster, assignment);
}

function originalHost({ originalDstLbConfig }: Cluster, { original }: HostQuery): readonly Option<Host>[] {
  if (original === undefined) return [];
  const destination = { ip: original.ip, port: originalDstLbConfig?.upstreamPortOverride ?? original.port };
  const label = `${destination.ip}:${destination.port}`;
  return [{ value: { destination, label, hostname: '', endpoint: undefined, cause: undefined }, weight: 1, label }];
}

function forwardedHost({ run }: ProxyContext, { authority }: HostQuery): readonly Option<Host>[] {
  const [, name = authority, port = '80'] = /^(.*?)(?::(\d+))?$/.exec(authority) ?? [];
  const ip = isIpAddress(name) ? name : (run.world.dns.get(name) ?? (run.world.servers.isWhole ? undefined : name));
  if (ip === undefined) return [];
  const label = `${ip}:${port}`;
  return [
    {
      value: { destination: { ip, port: Number(port) }, label, hostname: name, endpoint: undefined, cause: undefined },
      weight: 1,
      label,
    },
  ];
}

const OVERPROVISIONING = 140;
const PANIC_THRESHOLD = 50;

/**
 * The endpoints that take part, weighted: a priority gets what those before it cannot bear, in panic a priority's endpoints
 * all count as healthy. Envoy source/extensions/load_balancing_policies/common/load_balancer_impl.cc.
 */
function balance(context: ProxyContext, cluster: Cluster, assignment: ClusterLoadAssignment): readonly Option<Host>[] {
  const groups = assignment.endpoints ?? [];
  const byLocality = cluster.commonLbConfig?.localityWeightedLbConfig !== undefined;
  const priorities = [...new Set(groups.map(({ priority = 0 }) => priority))].sort((a, b) => a - b);
  const threshold =
    cluster.commonLbConfig?.healthyPanicThreshold === undefined
      ? PANIC_THRESHOLD
      : (cluster.commonLbConfig.healthyPanicThreshold.value ?? 0);
  const factor = assignment.policy?.overprovisioningFactor ?? OVERPROVISIONING;
  const levels = priorities.map((priority) => {
    const members = groups
      .filter((group) => (group.priority ?? 0) === priority)
      .map((group) => ({ group, endpoints: group.lbEndpoints ?? [] }));
    const all = members.flatMap(({ endpoints }) => endpoints);
    const healthy = all.filter(isHealthy).length;
    return {
      members,
      total: all.length,
      healthy,
      health: all.length === 0 ? 0 : Math.min(100, Math.floor((factor * healthy) / all.length)),
    };
  });
  const available = Math.min(
    100,
    levels.reduce((sum, { health }) => sum + health, 0),
  );
  let left = 100;
  const loads = levels.map(({ health, total }) => {
    if (available === 0) return total;
    const load = Math.min(left, Math.floor((health * 100) / available));
    left -= load;
    return load;
  });
  return levels
    .flatMap(({ members, total, healthy }, index) => {
      const load = loads[index] ?? 0;
      const isPanic = available < 100 && total > 0 && (healthy * 100) / total < threshold;
      const usable = members.map(({ group, endpoints }) => ({
        group,
        hosts: endpoints
          .filter((endpoint) => isPanic || isHealthy(endpoint))
          .flatMap((endpoint) => toHost(context, endpoint, group)),
        share: endpoints.length === 0 ? 0 : endpoints.filter(isHealthy).length / endpoints.length,
      }));
      return usable.flatMap(({ group, hosts, share }) => {
        const sum = hosts.reduce((weights, { weight }) => weights + weight, 0);
        const locality = byLocality
          ? ((group.loadBalancingWeight ?? 0) * (isPanic ? 1 : Math.min(1, (share * factor) / 100))) / (sum || 1)
          : 1;
        return hosts.map(({ host, weight }) => ({ value: host, weight: load * locality * weight, label: host.label }));
      });
    })
    .filter(({ weight }) => weight > 0);
}

function isHealthy({ healthStatus }: LbEndpoint): boolean {
  return healthStatus === undefined || healthStatus === 'UNKNOWN' || healthStatus === 'HEALTHY' || healthStatus === 'DEGRADED';
}

function toHost({ run }: ProxyContext, endpoint: LbEndpoint, group: unknown): { host: Host; weight: number }[] {
  const { address, hostname = '' } = endpoint.endpoint ?? {};
  const weight = endpoint.loadBalancingWeight ?? 1;
  const common = { endpoint, cause: group };
  if (address?.pipe !== undefined) {
    const { path } = address.pipe;
    return [{ host: { ...common, destination: { socket: path ?? '' }, label: path ?? '', hostname }, weight }];
  }
  const { address: name = '', portValue: port = 0 } = address?.socketAddress ?? {};
  const ip = isIpAddress(name) ? name : (run.world.dns.get(name) ?? (run.world.servers.isWhole ? undefined : name));
  if (ip === undefined) return [];
  const resolved = ip === name ? hostname : name;
  return [{ host: { ...common, destination: { ip, port }, label: `${ip}:${port}`, hostname: resolved }, weight }];
}

/** How a connection to a host is secured. */
export interface UpstreamSecurity {
  readonly facts: ConnectionSecurity;
  wrap(payload: Payload): Payload;
}

/** What the security of an upstream connection depends on beside cluster and host. */
export interface SecurityQuery {
  /** The name in the request's host header; undefined for other protocols. */
  readonly authority: string | undefined;
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
      facts: { ...inner.facts, hasProxyProtocol: true },
      wrap: (payload) => ({ kind: 'proxy-protocol', sourceIp: query.sourceIp, inner: inner.wrap(payload) }),
    };
  }
  if (!isAny(config, 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext')) {
    return { facts: { hasProxyProtocol: false }, wrap: (payload) => payload };
  }
  const { commonTlsContext = {}, sni = '' } = config;
  const http = httpOptions(cluster)?.upstreamHttpProtocolOptions;
  const authority = query.authority?.replace(/:\d+$/, '');
  const automatic = http?.autoSni === true && authority !== undefined && !isIpAddress(authority) ? authority : '';
  const serverName = sni !== '' ? sni : automatic !== '' ? automatic : config.autoHostSni === true ? host.hostname : '';
  const applicationProtocols =
    query.applicationProtocols !== undefined && allowsOverride(cluster, commonTlsContext.alpnProtocols ?? [])
      ? query.applicationProtocols
      : (commonTlsContext.alpnProtocols ?? []);
  const shows = [commonTlsContext.tlsCertificates, commonTlsContext.tlsCertificateSdsSecretConfigs].some(
    (list) => (list?.length ?? 0) > 0,
  );
  const certificate: Certificate = { uris: [context.pod.identity], dnsNames: [] };
  const checksName = http?.autoSanValidation === true || config.autoSniSanValidation === true;
  const hello: TlsHello = {
    serverName,
    applicationProtocols,
    certificate: shows ? certificate : undefined,
    verify(server) {
      const { validationContext } = commonTlsContext;
      if (context.run.world.servers.isWhole && validationContext?.trustedCa?.filename !== undefined) {
        return `it is not signed by ${validationContext.trustedCa.filename}`;
      }
      const refusal = checkCertificate(commonTlsContext, server);
      if (refusal !== undefined) return refusal;
      const isChecked = checksName && serverName !== '' && hasExplicitNames(config) === false;
      return isChecked && !coversHost(server, serverName) ? `the certificate is not for ${serverName}` : undefined;
    },
  };
  const facts = { hasProxyProtocol: false, tls: { isMutual: shows, serverName, applicationProtocols } };
  return { facts, wrap: (inner) => ({ kind: 'tls', hello, inner }) };
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

type HttpOptions = TypeUrls['type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions'];

/** The HTTP protocol options of a cluster. */
function httpOptions(cluster: Cluster): HttpOptions | undefined {
  const url = 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
  const config: Any | undefined =
    cluster.typedExtensionProtocolOptions?.['envoy.extensions.upstreams.http.v3.HttpProtocolOptions'];
  return isAny(config, url) ? config : undefined;
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

/** Opens a connection of a proxy to a host. */
export function openUpstream(
  context: ProxyContext,
  cluster: Cluster,
  host: Host,
  payload: Payload,
  at: { readonly startedAt: number; readonly depth: number },
): Answer {
  const { pod, run } = context;
  const bound = cluster.upstreamBindConfig?.sourceAddress?.address;
  return run.connect(run, {
    from: pod,
    isFromProxy: true,
    source: { ip: bound ?? pod.ips[0] ?? '', port: 0 },
    destination: host.destination,
    payload,
    startedAt: at.startedAt,
    depth: at.depth + 1,
  });
}
