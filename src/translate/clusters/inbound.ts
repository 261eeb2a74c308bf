import type { IstioIngressListener } from '../../api/istio.gen.ts';
import type { Address, Cluster, Metadata } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { type Protocol, parseProtocol } from '../../model/protocol.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Service, ServiceTarget } from '../../model/registry/service.ts';
import type { ConsolidatedDestinationRule } from '../../model/traffic/destination-rules.ts';
import { type EffectivePolicy, effectivePolicy, withDefaults } from '../../model/traffic/traffic-policy.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { isIpv6Text } from '../../util/ip-address.ts';
import { compact } from '../../util/object.ts';
import { type Origin, withOrigin } from '../../util/origin.ts';
import { configPath } from '../naming/config-metadata.ts';
import { subsetKey } from '../naming/names.ts';
import { LOCALHOST, LOCALHOST_IPV6, localhosts } from '../naming/service-address.ts';
import { buildStatName } from '../naming/stat-names.ts';
import { buildConnectionPool } from './connection-pool.ts';
import { inboundBindConfig } from './default-clusters.ts';
import { buildHttpOptions, protocolOfPool, protocolOfPort } from './http-options.ts';
import { delimitedStatName, serviceMetadata } from './shared.ts';
import type { ClusterTraits } from './traits.ts';

const UNIX_PREFIX = 'unix://';
/** The longest duration that Envoy takes: clusters of the workload never go stale. */
const NEVER = '9223372035s';

/** A cluster that sends to the workload, with the hosts of the services behind it. */
export interface InboundCluster {
  readonly cluster: Cluster;
  readonly hosts: readonly string[];
}

/** What the inbound clusters of a sidecar are made of. */
export interface ServingWorkload {
  readonly proxy: Proxy;
  readonly sidecar: ResourceOf<'Sidecar'> | undefined;
  /** Of what the proxy sees: that of the Sidecar, and the namespace that it is in effect in. */
  readonly name: string;
  readonly namespace: string;
  /** The rule for one of its hosts. */
  ruleOf(hostname: string): ConsolidatedDestinationRule | undefined;
}

/** The hosts that a workload serves, for which there may be rules. */
export function servedHosts({ proxy, sidecar, name, namespace }: Omit<ServingWorkload, 'ruleOf'>): readonly string[] {
  const hosts = proxy.targets.map(({ service }) => service.hostname);
  return [...new Set(sidecar === undefined ? hosts : [...hosts, `${name}.${namespace}`])];
}

/**
 * The clusters of a sidecar that send to its workload: those of the ingress listeners of its Sidecar if that has any, else one for
 * each port that services name (or both, where istiod is told to merge them); without interception there are no listeners for the
 * latter.
 * As istio pilot/pkg/networking/core/cluster.go buildInboundClusters.
 */
export function buildInboundClusters(mesh: Mesh, view: ServingWorkload, traits: ClusterTraits): readonly InboundCluster[] {
  const ingress = view.sidecar?.spec.ingress ?? [];
  const ofIngress = ingress
    .map((listener, index) => buildIngressCluster(mesh, view, traits, listener, index))
    .filter((cluster) => cluster !== undefined);
  if (ingress.length > 0) {
    if (!mesh.release.behaviours.allowSidecarServiceInboundListenerMerge) return ofIngress;
  } else if (view.proxy.interceptionMode === 'NONE') {
    return [];
  }
  const named = new Set(ingress.map(({ port }) => port?.number ?? 0));

  const bind = mesh.config.inboundTrafficPolicy?.mode === 'LOCALHOST' ? localhosts(traits)[0] : '';
  const targetsByPort = new Map<number, ServiceTarget[]>();
  for (const target of view.proxy.targets) {
    if (named.has(target.targetPort)) continue;
    const targets = targetsByPort.get(target.targetPort);
    if (targets === undefined) targetsByPort.set(target.targetPort, [target]);
    else targets.push(target);
  }
  const ofServices = [...targetsByPort].map(([port, targets]) => {
    const services = targets.map(({ service, port: servicePort }): InboundService => ({ service, port: servicePort.port }));
    // The oldest service decides; the others only count for telemetry.
    const first = targets[0]?.port;
    return buildInboundCluster(mesh, view, traits, {
      clusterPort: port,
      address: bind === '' ? undefined : socketAddress(bind, port),
      bound: !isLocalhost(bind),
      name: first?.name ?? '',
      port: first?.port ?? 0,
      protocol: first?.protocol ?? 'TCP',
      services,
      origin: { resource: targets[0]?.service.resource, path: ['spec'] },
    });
  });
  return [...ofServices, ...ofIngress];
}

/** What an inbound cluster has to know of a service; a stand-in where no service has the port. */
type NamedService = Pick<Service, 'hostname' | 'name' | 'namespace' | 'meshExternal'>;

interface InboundService {
  readonly service: Service | NamedService;
  readonly port: number;
}

interface InboundPort {
  /** The port in the name of the cluster. */
  readonly clusterPort: number;
  /** Where to connect to; undefined for the original destination. */
  readonly address: Address | undefined;
  /** Whether connections need the source address that is not intercepted. */
  readonly bound: boolean;
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly services: readonly InboundService[];
  readonly origin: { readonly resource: Origin['resource'] | undefined; readonly path: Origin['path'] };
}

/** The cluster of an ingress listener; undefined where its endpoint cannot be read. */
function buildIngressCluster(
  mesh: Mesh,
  view: ServingWorkload,
  traits: ClusterTraits,
  listener: IstioIngressListener,
  index: number,
): InboundCluster | undefined {
  const endpoint = ingressEndpoint(listener.defaultEndpoint ?? '', view.proxy, traits);
  if (endpoint === undefined) return undefined;
  const number = listener.port?.number ?? 0;
  const { name, namespace } = view;
  // A service is only a name here; the Sidecar gives its own where no service has the port.
  const service: Service | NamedService = view.proxy.targets.find(({ targetPort }) => targetPort === number)?.service ?? {
    hostname: `${name}.${namespace}`,
    name,
    namespace,
    meshExternal: true,
  };
  return buildInboundCluster(mesh, view, traits, {
    clusterPort: number,
    address: endpoint.host === '' ? undefined : socketAddress(endpoint.host, endpoint.port),
    bound: !isLocalhost(endpoint.host),
    name: listener.port?.name ?? '',
    port: number,
    protocol: parseProtocol(listener.port?.protocol ?? ''),
    services: [{ service, port: number }],
    origin: { resource: view.sidecar, path: ['spec', 'ingress', index] },
  });
}

/**
 * Where an ingress listener sends to: a unix socket, this host, or the pod's address; an empty host is the original destination.
 * As istio buildInboundClustersFromSidecar.
 */
function ingressEndpoint(
  endpoint: string,
  proxy: Proxy,
  families: Pick<ClusterTraits, 'ipv4' | 'ipv6'>,
): { readonly host: string; readonly port: number } | undefined {
  if (endpoint.startsWith(UNIX_PREFIX)) return { host: endpoint, port: 0 };
  if (endpoint === '') return { host: '', port: 0 };
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):([+-]?\d+)$/.exec(endpoint);
  if (match === null) return undefined;
  const host = match[1] ?? match[2] ?? '';
  const port = Number(match[3]);
  switch (host) {
    case '0.0.0.0':
      return { host: proxy.ips.find((ip) => !isIpv6Text(ip)) ?? LOCALHOST, port };
    case '::':
      return { host: proxy.ips.find(isIpv6Text) ?? LOCALHOST_IPV6, port };
    // A workload of one family has nobody at the loopback address of the other.
    case LOCALHOST:
      return { host: families.ipv4 ? LOCALHOST : LOCALHOST_IPV6, port };
    case LOCALHOST_IPV6:
      return { host: families.ipv6 ? LOCALHOST_IPV6 : LOCALHOST, port };
    default:
      return { host: '', port };
  }
}

function isLocalhost(host: string): boolean {
  return host === LOCALHOST || host === LOCALHOST_IPV6;
}

/** istio util.BuildAddress */
function socketAddress(host: string, port: number): Address {
  if (port === 0) return { pipe: { path: host.startsWith(UNIX_PREFIX) ? host.slice(UNIX_PREFIX.length) : host } };
  return { socketAddress: { address: host, portValue: port } };
}

/** As istio pilot/pkg/networking/core/cluster_builder.go buildInboundCluster. */
function buildInboundCluster(mesh: Mesh, view: ServingWorkload, traits: ClusterTraits, input: InboundPort): InboundCluster {
  const {
    config,
    release: { behaviours },
  } = mesh;
  const { clusterPort, services, address } = input;
  const service = services[0]?.service;
  const name = subsetKey('inbound', '', '', clusterPort);
  const rule = service && view.ruleOf(service.hostname)?.rule;
  const ofRule = rule?.spec.trafficPolicy && effectivePolicy(rule.spec, undefined, input.port);
  const ofSidecar = inboundConnectionPool(view, clusterPort);
  const seeded = withDefaults(ofRule, config.defaultTrafficPolicy);
  const policy: EffectivePolicy | undefined = ofSidecar === undefined ? seeded : { ...seeded, connectionPool: ofSidecar };

  const pool = buildConnectionPool(policy?.connectionPool, policy?.retryBudget, config, behaviours);
  const protocol = protocolOfPool(protocolOfPort(input.protocol, traits), input.protocol, policy?.connectionPool, config, false);
  const originalDestination = address === undefined;
  const override =
    originalDestination && service && 'passthroughTargetPorts' in service
      ? service.passthroughTargetPorts.get(input.port)
      : undefined;

  const cluster = compact({
    name,
    altStatName: delimitedStatName(
      service && config.inboundClusterStatName ? statName(config.inboundClusterStatName, input, service) : name,
    ),
    type: originalDestination ? ('ORIGINAL_DST' as const) : ('STATIC' as const),
    lbPolicy: originalDestination ? ('CLUSTER_PROVIDED' as const) : undefined,
    originalDstLbConfig: override === undefined ? undefined : { upstreamPortOverride: override },
    commonLbConfig: {},
    loadAssignment:
      address === undefined ? undefined : { clusterName: name, endpoints: [{ lbEndpoints: [{ endpoint: { address } }] }] },
    cleanupInterval: originalDestination ? NEVER : undefined,
    ...pool.fields,
    typedExtensionProtocolOptions: buildHttpOptions(protocol, pool.httpOptions, pool.http2Options, undefined),
    metadata: behaviours.enableTelemetryLabel ? inboundMetadata(input, ofRule && rule ? configPath(rule) : undefined) : undefined,
    upstreamBindConfig: input.bound
      ? inboundBindConfig({ ipv4: traits.ipv4, ipv6: traits.ipv6 && (!traits.ipv4 || behaviours.dualStack) })
      : undefined,
  });
  return {
    cluster: withOrigin(cluster, input.origin.resource, input.origin.path),
    hosts: services.map((each) => each.service.hostname),
  };
}

/** The pool that the Sidecar sets for the port, else for all; istio InboundConnectionPoolForPort. */
function inboundConnectionPool({ sidecar }: ServingWorkload, port: number): EffectivePolicy['connectionPool'] {
  const { ingress, inboundConnectionPool: general } = sidecar?.spec ?? {};
  return ingress?.find((listener) => listener.port?.number === port && listener.connectionPool)?.connectionPool ?? general;
}

function statName(pattern: string, input: InboundPort, service: Service | NamedService): string {
  const isKubernetes = 'registry' in service && service.registry === 'Kubernetes';
  return buildStatName(pattern, {
    hostname: service.hostname,
    subset: '',
    port: input.port,
    portName: input.name,
    targetPort: input.clusterPort,
    kubernetes: isKubernetes ? { name: service.name, namespace: service.namespace } : undefined,
  });
}

/** The services with this port, for telemetry, and the destination rule; none of it for services outside the mesh. */
function inboundMetadata({ services, port }: InboundPort, config: string | undefined): Metadata | undefined {
  const first = services[0];
  if (first === undefined || first.service.meshExternal) return undefined;
  const byHostname = new Map(
    services.filter((each) => each.port === port).map(({ service }) => [service.hostname, serviceMetadata(service)]),
  );
  return { filterMetadata: { istio: { services: [...byHostname.values()], ...(config !== undefined && { config }) } } };
}
