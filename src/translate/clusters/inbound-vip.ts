import type { Subset } from '../../api/istio.gen.ts';
import type { Cluster, ClusterDiscoveryType, TransportSocket } from '../../envoy/api.gen.ts';
import type { Mesh } from '../../model/mesh.ts';
import { isHttp, isSniffed } from '../../model/protocol.ts';
import type { Service, ServicePort } from '../../model/registry/service.ts';
import { type EffectivePolicy, effectivePolicy } from '../../model/traffic/traffic-policy.ts';
import type { Behaviours } from '../../releases/release.ts';
import { compact } from '../../util/object.ts';
import { configPath } from '../naming/config-metadata.ts';
import { type VipProtocol, vipKey } from '../naming/names.ts';
import { learnPeerOfTunnel } from '../network-filters/network-filters.ts';
import { plainSocket, tunnelSocket, waypointSocket } from '../tls/tunnel.ts';
import { buildOwnTls, proxyProtocolSocket, type UpstreamTls } from '../tls/upstream.ts';
import { buildConnectionPool } from './connection-pool.ts';
import { buildHttpOptions, protocolOfPool, protocolOfPort } from './http-options.ts';
import { buildLoadBalancer, sharesOutKeys } from './load-balancer.ts';
import type { OutboundInput } from './outbound.ts';
import { buildOutlierDetection } from './outlier-detection.ts';
import {
  discoveryType,
  dnsFields,
  forwardProxyType,
  istioMetadata,
  localityBalance,
  mark,
  panicThreshold,
} from './service-clusters.ts';
import { delimitedStatName, edsConfig, serviceMetadata } from './shared.ts';

/** What the clusters of a port behind a waypoint are built from; the rule is the one for what is inbound. */
export type VipInput = Omit<OutboundInput, 'mode' | 'parts'>;

/** What a waypoint can take the traffic of a port for, in order; both where nobody says what is spoken there. */
function vipProtocols(
  service: Service,
  { protocol }: ServicePort,
  { enableWildcardHostServiceEntriesForTls }: Behaviours,
): readonly VipProtocol[] {
  if (protocol === 'UDP') return [];
  // Hosts that are resolved on the way are known by requests, or by the server names of TLS.
  if (service.resolution === 'dynamicDns') {
    if (protocol === 'TLS') return enableWildcardHostServiceEntriesForTls ? ['tcp'] : [];
    return protocol === 'HTTP' ? ['http'] : [];
  }
  if (isSniffed(protocol)) return ['tcp', 'http'];
  return isHttp(protocol) ? ['http'] : ['tcp'];
}

/**
 * The clusters by which a waypoint sends to a port of a service that it serves: for all endpoints, then for each subset.
 * As istio pilot/pkg/networking/core/cluster_waypoint.go buildWaypointInboundVIP.
 */
export function buildVipClusters(mesh: Mesh, input: VipInput): readonly Cluster[] {
  const { service, port, rule } = input;
  const subsets: readonly (Subset | undefined)[] = [undefined, ...(rule?.rule.spec.subsets ?? [])];
  const protocols = vipProtocols(service, port, mesh.release.behaviours);
  return subsets.flatMap((subset) => protocols.flatMap((protocol) => buildVipCluster(mesh, input, protocol, subset) ?? []));
}

/**
 * The cluster by which a gateway between networks sends to a port of a service: connections as they are, whatever the port speaks and any
 * rule says. As buildWaypointInboundVIPCluster.
 */
export function buildForwardedVipClusters(mesh: Mesh, input: VipInput): readonly Cluster[] {
  const { service, port, traits } = input;
  if (vipProtocols(service, port, mesh.release.behaviours).length === 0) return [];
  const name = vipKey('tcp', '', service.hostname, port.port);
  const kind = service.resolution === 'dynamicDns' ? forwarding(mesh, input, undefined) : balancing(mesh, input, name, undefined);
  if (kind === undefined) return [];
  const pool = buildConnectionPool(undefined, undefined, mesh.config, mesh.release.behaviours);
  const cluster = compact({
    name,
    altStatName: delimitedStatName(name),
    ...kind(undefined),
    ...pool.fields,
    transportSocket: tunnelSocket(plainSocket, mesh.release.behaviours),
    typedExtensionProtocolOptions: buildHttpOptions(protocolOfPort(port.protocol, traits), undefined, undefined, undefined),
    metadata: istioMetadata({ services: [serviceMetadata(service)], subset: 'tcp' }),
  });
  return [mark(cluster, mesh, service, port, undefined)];
}

/** As buildWaypointInboundVIPCluster; undefined for DNS clusters without endpoints. */
function buildVipCluster(mesh: Mesh, input: VipInput, protocol: VipProtocol, subset: Subset | undefined): Cluster | undefined {
  const { service, port, rule } = input;
  const { behaviours } = mesh.release;
  const name = vipKey(protocol, subset?.name ?? '', service.hostname, port.port);
  const policy = effectivePolicy(rule?.rule.spec, subset?.name, port.port);
  const kind = service.resolution === 'dynamicDns' ? forwarding(mesh, input, policy) : balancing(mesh, input, name, policy);
  if (kind === undefined) return undefined;
  const pool = buildConnectionPool(policy?.connectionPool, policy?.retryBudget, mesh.config, behaviours);
  const upstream = protocolOfPool(
    protocolOfPort(port.protocol, input.traits),
    port.protocol,
    policy?.connectionPool,
    mesh.config,
    true,
  );
  const tls = tlsOf(mesh, input, policy, upstream.kind === 'http2');
  const how = kind(tls);
  const names = compact({ autoSni: tls?.autoSni || undefined, autoSanValidation: tls?.autoSanValidation || undefined });
  return mark(
    compact({
      name,
      altStatName: delimitedStatName(name),
      ...how,
      ...pool.fields,
      outlierDetection: policy?.outlierDetection && buildOutlierDetection(policy.outlierDetection),
      transportSocket: waypointSocket(withProxyProtocol(tls?.transportSocket ?? plainSocket, policy), behaviours),
      typedExtensionProtocolOptions: buildHttpOptions(
        upstream,
        pool.httpOptions,
        pool.http2Options,
        Object.keys(names).length > 0 ? names : undefined,
      ),
      metadata: istioMetadata(
        {
          services: [serviceMetadata(service)],
          ...(rule !== undefined && policy !== undefined && { config: configPath(rule.rule) }),
          subset: subset === undefined ? protocol : `${protocol}/${subset.name ?? ''}`,
        },
        !behaviours.ambientEnableBaggage || (tls?.transportSocket === undefined && policy?.proxyProtocol === undefined),
      ),
      filters: behaviours.ambientEnableBaggage && how.type === 'EDS' ? [learnPeerOfTunnel] : undefined,
      ...(service.raceFirstTcpConnect && { dnsLookupFamily: 'ALL' as const }),
    }),
    mesh,
    service,
    port,
    subset,
  );
}

/** The fields of a cluster that depend on how its endpoints are found. */
type ClusterKind = (tls: UpstreamTls | undefined) => Partial<Cluster>;

/** Resolves the host of each request. */
function forwarding(mesh: Mesh, { service, traits }: VipInput, policy: EffectivePolicy | undefined): ClusterKind {
  return (tls) =>
    compact({
      clusterType: forwardProxyType(service, traits, tls?.allowInsecure === true),
      lbPolicy: 'CLUSTER_PROVIDED' as const,
      commonLbConfig:
        policy?.outlierDetection && compact({ healthyPanicThreshold: panicThreshold(service, policy, mesh.release.behaviours) }),
    });
}

/** Has endpoints to choose among, or goes to the original destination; undefined where the host has none to resolve. */
function balancing(mesh: Mesh, input: VipInput, name: string, policy: EffectivePolicy | undefined): ClusterKind | undefined {
  const { service, port, traits, dnsEndpoints } = input;
  const { behaviours } = mesh.release;
  const startType = discoveryType(service, traits, behaviours);
  const isDns = startType === 'STRICT_DNS' || startType === 'LOGICAL_DNS';
  const locality = localityBalance(mesh, service, policy);
  const endpoints = isDns
    ? dnsEndpoints({
        service,
        port,
        // Subsets of what is resolved have all endpoints.
        rule: undefined,
        subset: '',
        bySni: false,
        vip: true,
        setting: locality.setting,
        failover: locality.failover,
        zones: locality.keptToZones,
      })
    : [];
  if (isDns && endpoints.length === 0) return undefined;
  const isPassthrough = policy?.loadBalancer?.simple === 'PASSTHROUGH' && !sharesOutKeys(port.protocol, behaviours);
  const type: ClusterDiscoveryType = isPassthrough ? 'ORIGINAL_DST' : startType;
  const overridePort = startType === 'ORIGINAL_DST' ? service.passthroughTargetPorts.get(port.port) : undefined;
  return () =>
    compact({
      type,
      edsClusterConfig: type === 'EDS' ? edsConfig(name) : undefined,
      loadAssignment: isDns && !isPassthrough ? { clusterName: name, endpoints } : undefined,
      ...(isDns ? dnsFields(mesh, service, traits) : {}),
      ...(type === 'ORIGINAL_DST'
        ? { lbPolicy: 'CLUSTER_PROVIDED' as const }
        : buildLoadBalancer(policy?.loadBalancer, port.protocol, behaviours)),
      originalDstLbConfig: overridePort === undefined ? undefined : { upstreamPortOverride: overridePort },
      commonLbConfig: compact({ healthyPanicThreshold: panicThreshold(service, policy, behaviours), ...locality.fields }),
    });
}

/** TLS of the user's own goes through the tunnel; what is between sidecars has no place there. As buildWaypointTLSContext. */
function tlsOf(
  { config, release: { behaviours } }: Mesh,
  { service, traits }: VipInput,
  policy: EffectivePolicy | undefined,
  http2: boolean,
): UpstreamTls | undefined {
  const settings = policy?.tls;
  if (settings?.mode !== 'SIMPLE' && settings?.mode !== 'MUTUAL') return undefined;
  return buildOwnTls(
    {
      traits,
      dynamicForwardProxy: service.resolution === 'dynamicDns',
      http2,
      ruleSelectsWorkloads: false,
      serviceEntry: false,
      serviceAccounts: [],
      defaults: config.tlsDefaults,
      behaviours,
    },
    settings,
  );
}

function withProxyProtocol(socket: TransportSocket, policy: EffectivePolicy | undefined): TransportSocket {
  return policy?.proxyProtocol === undefined ? socket : proxyProtocolSocket(socket, policy.proxyProtocol);
}
