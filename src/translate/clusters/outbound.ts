import type { Subset } from '../../api/istio.gen.ts';
import type { Cluster, ClusterDiscoveryType, ClusterLoadAssignment, LocalityLbEndpoints } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Protocol } from '../../model/protocol.ts';
import { keepsSessions } from '../../model/registry/persistent-session.ts';
import type { Service, ServicePort } from '../../model/registry/service.ts';
import { inferServiceMutualTls } from '../../model/security/peer-authentication.ts';
import type { ConsolidatedDestinationRule } from '../../model/traffic/destination-rules.ts';
import { type EffectivePolicy, effectivePolicy } from '../../model/traffic/traffic-policy.ts';
import { compact, nonEmpty } from '../../util/object.ts';
import type { DnsServiceCluster } from '../endpoints/dns-endpoints.ts';
import { configPath } from '../naming/config-metadata.ts';
import { dnsSrvSubsetKey, subsetKey } from '../naming/names.ts';
import { buildStatName, kubernetesNames } from '../naming/stat-names.ts';
import { learnPeerOfTunnel, tcpMetadataExchange } from '../network-filters/network-filters.ts';
import { buildUpstreamTls, type UpstreamTls, wrapInProxyProtocol } from '../tls/upstream.ts';
import { hasTunnels } from '../traits/tunnels.ts';
import type { ClusterParts } from './cluster-parts.ts';
import { protocolOfPool, protocolOfPort } from './http-options.ts';
import { buildLoadBalancer, sharesOutKeys } from './load-balancer.ts';
import {
  discoveryType,
  dnsFields,
  forwardProxyType,
  isDynamicForwardProxy,
  istioMetadata,
  localityBalance,
  mark,
  panicThreshold,
} from './service-clusters.ts';
import { delimitedStatName, edsConfig, serviceMetadata } from './shared.ts';
import type { ClusterTraits } from './traits.ts';

/** Ordinary clusters, or those that an AUTO_PASSTHROUGH gateway picks by SNI and sends untouched TLS to. */
export type ClusterMode = 'outbound' | 'sniDnat';

/** What the clusters of a service port are built from. */
export interface OutboundInput {
  readonly mode: ClusterMode;
  readonly service: Service;
  readonly port: ServicePort;
  readonly rule: ConsolidatedDestinationRule | undefined;
  readonly traits: ClusterTraits;
  readonly parts: ClusterParts;
  /** Finds the endpoints of DNS clusters, which are part of the cluster. */
  readonly dnsEndpoints: (cluster: DnsServiceCluster) => readonly LocalityLbEndpoints[];
}

/**
 * The clusters of a service port: one for all endpoints, then one for each subset. None for ports that get no cluster.
 * As istio pilot/pkg/networking/core/cluster.go buildOutboundClusters and buildOutboundSniDnatClusters.
 */
export function buildServiceClusters(mesh: Mesh, input: OutboundInput): readonly Cluster[] {
  const { service, port, rule, mode } = input;
  if (port.protocol === 'UDP') return [];
  if (mode === 'outbound') {
    if (service.resolution === 'alias') return [];
    if (service.resolution === 'dynamicDns' && !mesh.release.behaviours.dynamicDnsForSidecars) return [];
    if (isDynamicForwardProxy(service))
      return dynamicForwardProxyProtocols.has(port.protocol) ? [buildDynamicForwardProxy(mesh, input)] : [];
  }

  const type = discoveryType(service, input.traits, mesh.release.behaviours);
  const general = buildSubsetCluster(mesh, input, undefined, type);
  if (general === undefined) return [];
  // Proxies cannot find subsets of hosts that they resolve request by request.
  if (isDynamicForwardProxy(service)) return [general];
  const subsets = rule?.rule.spec.subsets ?? [];
  return [
    general,
    ...subsets
      // What the rule made of the service holds for its subsets too.
      .map((subset) => buildSubsetCluster(mesh, input, subset, general.type ?? type))
      .filter((cluster) => cluster !== undefined),
  ];
}

const sessionStatuses = ['HEALTHY', 'DRAINING', 'UNKNOWN', 'DEGRADED'] as const;

const dynamicForwardProxyProtocols: ReadonlySet<Protocol> = new Set(['HTTP', 'TLS', 'GRPC', 'HTTP2']);

/** The cluster of a service or subset; undefined for DNS clusters without endpoints. */
function buildSubsetCluster(
  mesh: Mesh,
  input: OutboundInput,
  subset: Subset | undefined,
  discovered: ClusterDiscoveryType,
): Cluster | undefined {
  const { mode, service, port, rule, traits, parts, dnsEndpoints } = input;
  const {
    config,
    release: { behaviours },
  } = mesh;
  const spec = rule?.rule.spec;
  const subsetName = subset?.name ?? '';
  const name = (mode === 'outbound' ? subsetKey : dnsSrvSubsetKey)('outbound', subsetName, service.hostname, port.port);
  const policy = effectivePolicy(spec, subset && subsetName, port.port, config.defaultTrafficPolicy);

  // A subset that is passed through never has endpoints of its own, whatever its ports say.
  const subsetPassthrough = subset?.trafficPolicy?.loadBalancer?.simple === 'PASSTHROUGH';
  const startType = subsetPassthrough ? 'ORIGINAL_DST' : discovered;
  const isDns = startType === 'STRICT_DNS' || startType === 'LOGICAL_DNS';

  const locality = localityBalance(mesh, service, policy);
  let loadAssignment: ClusterLoadAssignment | undefined;
  if (isDns) {
    const endpoints = dnsEndpoints({
      service,
      port,
      rule,
      subset: subsetName,
      bySni: mode === 'sniDnat',
      vip: false,
      setting: locality.setting,
      failover: locality.failover,
      zones: locality.keptToZones,
    });
    if (endpoints.length === 0) return undefined;
    loadAssignment = { clusterName: name, endpoints };
  }
  const isPassthrough =
    startType !== 'ORIGINAL_DST' && policy?.loadBalancer?.simple === 'PASSTHROUGH' && !sharesOutKeys(port.protocol, behaviours);
  const type = isPassthrough ? 'ORIGINAL_DST' : startType;
  const balanced = type !== 'ORIGINAL_DST';

  const common = buildCommon(mesh, input, {
    name,
    policy,
    originalDestination: !balanced,
    dynamicForwardProxy: false,
    sni: dnsSrvSubsetKey('outbound', subsetName, service.hostname, port.port),
    automaticMutualTls: () =>
      infersMutualTls(mesh, service, port, subset === undefined ? spec?.trafficPolicy : subset.trafficPolicy),
  });

  const statName = config.outboundClusterStatName
    ? buildStatName(config.outboundClusterStatName, {
        hostname: service.hostname,
        subset: subsetName,
        port: port.port,
        portName: port.name,
        targetPort: 0,
        kubernetes: kubernetesNames(service),
      })
    : name;

  const overridePort = startType === 'ORIGINAL_DST' ? service.passthroughTargetPorts.get(port.port) : undefined;
  return mark(
    compact({
      name,
      altStatName: delimitedStatName(statName),
      type,
      edsClusterConfig: type === 'EDS' ? edsConfig(name) : undefined,
      loadAssignment: isPassthrough ? undefined : loadAssignment,
      ...(isDns ? dnsFields(mesh, service, traits) : {}),
      ...common.fields,
      ...(balanced
        ? buildLoadBalancer(policy?.loadBalancer, port.protocol, behaviours)
        : { lbPolicy: 'CLUSTER_PROVIDED' as const }),
      originalDstLbConfig: overridePort === undefined ? undefined : { upstreamPortOverride: overridePort },
      outlierDetection: policy?.outlierDetection && parts.outlierDetection(policy.outlierDetection),
      commonLbConfig: parts.commonLbConfig(
        compact({
          healthyPanicThreshold: panicThreshold(service, policy, behaviours),
          ...locality.fields,
          // Endpoints that drain still serve the sessions they have.
          overrideHostStatus:
            subset === undefined && mode === 'outbound' && keepsSessions(service, behaviours)
              ? { statuses: sessionStatuses }
              : undefined,
        }),
      ),
      metadata: istioMetadata(
        {
          ...(behaviours.enableTelemetryLabel && { services: [serviceMetadata(service)] }),
          ...(subset === undefined && mode === 'outbound' && exchangeMetadata(mesh, service, port)),
          ...ruleMetadata(rule, policy),
          ...(subset !== undefined && { subset: subsetName }),
        },
        common.learnsPeers,
      ),
      filters: nonEmpty([
        ...tcpMetadataExchange(behaviours),
        ...(type === 'EDS' && hasBaggage(mesh, traits) ? [learnPeerOfTunnel] : []),
      ]),
    }),
    mesh,
    service,
    port,
    subset,
  );
}

/** A cluster that resolves the host of each request; istio buildDFPCluster. Locality and load balancing do not apply. */
function buildDynamicForwardProxy(mesh: Mesh, input: OutboundInput): Cluster {
  const { service, port, rule, traits, parts } = input;
  const name = subsetKey('outbound', '', service.hostname, port.port);
  const policy = effectivePolicy(rule?.rule.spec, undefined, port.port, mesh.config.defaultTrafficPolicy);
  const common = buildCommon(mesh, input, {
    name,
    policy,
    originalDestination: false,
    dynamicForwardProxy: true,
    sni: '',
    automaticMutualTls: () => infersMutualTls(mesh, service, port, rule?.rule.spec.trafficPolicy),
  });
  return mark(
    compact({
      name,
      altStatName: delimitedStatName(name),
      clusterType: forwardProxyType(service, traits, common.tls.allowInsecure),
      lbPolicy: 'CLUSTER_PROVIDED' as const,
      ...common.fields,
      outlierDetection: policy?.outlierDetection && parts.outlierDetection(policy.outlierDetection),
      commonLbConfig:
        policy?.outlierDetection && compact({ healthyPanicThreshold: panicThreshold(service, policy, mesh.release.behaviours) }),
      metadata: istioMetadata({ ...exchangeMetadata(mesh, service, port), ...ruleMetadata(rule, policy) }, common.learnsPeers),
      filters: nonEmpty(tcpMetadataExchange(mesh.release.behaviours)),
    }),
    mesh,
    service,
    port,
    undefined,
  );
}

interface ClusterKind {
  readonly name: string;
  readonly policy: EffectivePolicy | undefined;
  readonly originalDestination: boolean;
  readonly dynamicForwardProxy: boolean;
  readonly sni: string;
  readonly automaticMutualTls: () => boolean;
}

/** Whether proxies learn about their peers by what tunnels say. */
function hasBaggage(mesh: Mesh, { role }: ClusterTraits): boolean {
  return mesh.release.behaviours.ambientEnableBaggage && hasTunnels(mesh, role);
}

/** What a policy decides on clusters of all kinds: connections, HTTP options, TLS. */
interface CommonParts {
  readonly fields: Partial<Cluster>;
  readonly tls: UpstreamTls;
  /** Not where tunnels carry TLS or the PROXY protocol; istio cluster_builder.go maybeDisableBaggageDiscovery. */
  readonly learnsPeers: boolean;
}

function buildCommon(mesh: Mesh, input: OutboundInput, kind: ClusterKind): CommonParts {
  const { service, port, rule, traits, mode, parts } = input;
  const { policy } = kind;
  const { behaviours } = mesh.release;
  const pool = parts.connectionPool(policy?.connectionPool, policy?.retryBudget);
  const protocol = protocolOfPool(
    protocolOfPort(port.protocol, traits),
    port.protocol,
    policy?.connectionPool,
    mesh.config,
    true,
  );

  let tls: UpstreamTls = { autoSni: false, autoSanValidation: false, allowInsecure: false };
  let sockets: Pick<UpstreamTls, 'transportSocket' | 'transportSocketMatches'> = {};
  if (mode === 'outbound') {
    tls = buildUpstreamTls({
      traits,
      clusterName: kind.name,
      dynamicForwardProxy: kind.dynamicForwardProxy,
      originalDestination: kind.originalDestination,
      http2: protocol.kind === 'http2',
      settings: policy?.tls,
      ruleSelectsWorkloads: rule?.rule.spec.workloadSelector !== undefined,
      automatic: policy?.tls === undefined && kind.automaticMutualTls(),
      meshExternal: service.meshExternal,
      serviceEntry: service.registry === 'External',
      serviceAccounts: kind.dynamicForwardProxy ? [] : mesh.registry.serviceAccountsOf(service),
      sni: kind.sni,
      defaults: mesh.config.tlsDefaults,
      tunnels: hasTunnels(mesh, traits.role),
      behaviours,
      inMeshContext: parts.inMeshContext,
    });
    sockets = policy?.proxyProtocol === undefined ? tls : wrapInProxyProtocol(tls, policy.proxyProtocol);
  }
  const names = compact({ autoSni: tls.autoSni || undefined, autoSanValidation: tls.autoSanValidation || undefined });
  const hidesPeers = mode === 'outbound' && (tls.isOwnInTunnels === true || policy?.proxyProtocol !== undefined);
  return {
    tls,
    learnsPeers: !(hidesPeers && hasBaggage(mesh, traits)),
    fields: compact({
      ...pool.fields,
      transportSocket: sockets.transportSocket,
      transportSocketMatches: sockets.transportSocketMatches,
      typedExtensionProtocolOptions: parts.httpOptions(
        protocol,
        pool.httpOptions,
        pool.http2Options,
        Object.keys(names).length > 0 ? names : undefined,
      ),
    }),
  };
}

/** Whether sidecars speak mutual TLS to the service without being told to. */
function infersMutualTls(mesh: Mesh, service: Service, port: ServicePort, policy: EffectivePolicy | undefined): boolean {
  if (mesh.config.enableAutoMtls !== true) return false;
  const mode = inferServiceMutualTls(mesh.peerAuthentications, service, policy, mesh.registry.endpointsOf(service, port));
  return mode !== undefined && mode !== 'DISABLE';
}

function ruleMetadata(
  rule: ConsolidatedDestinationRule | undefined,
  policy: EffectivePolicy | undefined,
): Readonly<Record<string, string>> {
  if (rule === undefined) return {};
  const mode = policy?.tls?.mode;
  // The application protocol is then the user's own matter.
  return { config: configPath(rule.rule), ...((mode === 'SIMPLE' || mode === 'MUTUAL') && { alpn_override: 'false' }) };
}

/**
 * Where proxies do not tell who they are: outside the mesh if they are told so, and never where all connections go through tunnels.
 * As istio cluster_builder.go applyDestinationRule and push_context.go AllInstancesSupportHBONE.
 */
function exchangeMetadata({ ambient, registry }: Mesh, service: Service, port: ServicePort): Readonly<Record<string, boolean>> {
  const endpoints = ambient === undefined ? [] : registry.endpointsOf(service, port);
  if (endpoints.length > 0 && endpoints.every((endpoint) => ambient?.tunnelsTo(endpoint))) return { disable_mx: true };
  return service.meshExternal ? { external: true } : {};
}
