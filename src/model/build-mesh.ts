import type { MeshConfig } from '../api/istio.gen.ts';
import type { Kind } from '../api/kinds.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Behaviours, Release } from '../releases/release.ts';
import type { Resource } from '../resource/resource.ts';
import { kindOf, resourcesOf } from '../resource/select.ts';
import { compact } from '../util/object.ts';
import { buildAmbient } from './ambient/ambient.ts';
import { clusterNotes } from './cluster-notes.ts';
import { primaryOf } from './clusters.ts';
import { discover } from './discovery.ts';
import { buildEnvoyFilters } from './extensions/envoy-filters.ts';
import { buildExtensions } from './extensions/traffic-extensions.ts';
import { convertGatewayApi } from './gateway-api/convert.ts';
import { buildGateways } from './gateways/gateways.ts';
import { convertIngresses } from './gateways/ingress.ts';
import type { Mesh } from './mesh.ts';
import { applyMeshConfig } from './mesh-config.ts';
import { type ClusterInput, DEFAULT_DOMAIN, DEFAULT_TRUST_DOMAIN, type MeshInput } from './mesh-input.ts';
import { buildProxies, proxyConfigTarget } from './proxies/proxies.ts';
import { buildProxyConfigs } from './proxies/proxy-configs.ts';
import { buildClusterLocal } from './registry/cluster-local.ts';
import { internalRangesOf } from './registry/networks.ts';
import { registryNotes } from './registry/registry-notes.ts';
import { buildServiceRegistry, type RemoteCluster } from './registry/services.ts';
import { buildPeerAuthentications } from './security/peer-authentication.ts';
import { buildPolicies } from './security/policies.ts';
import { policyNotes } from './security/policy-notes.ts';
import { buildTelemetry } from './telemetry/telemetry.ts';
import { telemetryNotes } from './telemetry/telemetry-notes.ts';
import { buildDestinationRules } from './traffic/destination-rules.ts';
import { buildVirtualServices } from './traffic/virtual-services.ts';
import { effectiveDefaults } from './traffic/visibility.ts';
import { watched } from './watched-kinds.ts';

const DEFAULT_ROOT_NAMESPACE = 'istio-system';

/**
 * The mesh that the input makes. The order of the resources does not matter. Resources of namespaces that istiod does not look at
 * have no part in it, but pods there have proxies.
 */
export function buildMesh({ release, proxyVersion = release.version, clusters, namesClusters }: MeshInput): Mesh {
  const [primary, ...others] = clusters;
  const isNamed = namesClusters ?? others.length > 0;
  const { name: clusterId, resources: all, meshConfig, meshNetworks: networks, domain: domainSuffix = DEFAULT_DOMAIN } = primary;
  const config = withEffectiveExports(applyMeshConfig(meshConfig), release.behaviours);
  const { seen: input, unseen } = discover(watched(all, release), config, release.behaviours);
  const rootNamespace = config.rootNamespace ?? DEFAULT_ROOT_NAMESPACE;
  const derived = derive(input, config, domainSuffix, release.behaviours);
  const resources = [...input, ...derived.resources];
  const remotes = others.map((cluster) => remoteCluster(cluster, config, release));
  const registry = buildServiceRegistry(resources, config, {
    domainSuffix,
    clusterId,
    network: primary.network,
    tellsNetworks: isNamed,
    remotes,
    unseenPods: resourcesOf(unseen, 'Pod'),
    behaviours: release.behaviours,
    ...(networks && { networks }),
  });
  const proxyConfigOf = buildProxyConfigs(resourcesOf(resources, 'ProxyConfig'), config, rootNamespace);
  const ambient = () =>
    buildAmbient(resources, registry.workloads, {
      behaviours: release.behaviours,
      config,
      rootNamespace,
      domainSuffix,
      clusterId,
      proxyConfigOf: (workload) => proxyConfigOf(proxyConfigTarget(workload)),
    });
  const peerAuthentications = buildPeerAuthentications(resourcesOf(resources, 'PeerAuthentication'), rootNamespace);
  const extensions = buildExtensions(
    resourcesOf(resources, 'TrafficExtension'),
    resourcesOf(resources, 'WasmPlugin'),
    rootNamespace,
    release.behaviours,
  );
  return {
    release,
    config,
    rootNamespace,
    domainSuffix,
    resources,
    registry,
    ambient: release.behaviours.enableAmbient ? ambient() : undefined,
    internalRanges: internalRangesOf(networks),
    isClusterLocal: buildClusterLocal(config, domainSuffix),
    proxies: buildProxies(
      registry,
      {
        istioVersion: proxyVersion,
        clusters: clusters.filter((cluster) => primaryOf(cluster, clusters) === clusterId).map(({ name }) => name),
        isNamed,
      },
      proxyConfigOf,
    ),
    virtualServices: buildVirtualServices(resourcesOf(resources, 'VirtualService'), config, domainSuffix),
    destinationRules: buildDestinationRules(
      resourcesOf(resources, 'DestinationRule'),
      config,
      rootNamespace,
      domainSuffix,
      release.behaviours,
    ),
    sidecars: resourcesOf(resources, 'Sidecar'),
    gateways: buildGateways(resourcesOf(resources, 'Gateway')),
    peerAuthentications,
    policies: buildPolicies(
      resourcesOf(resources, 'RequestAuthentication'),
      resourcesOf(resources, 'AuthorizationPolicy'),
      rootNamespace,
      release.behaviours,
    ),
    extensions,
    telemetry: buildTelemetry(resourcesOf(resources, 'Telemetry'), rootNamespace, release.behaviours),
    envoyFilters: buildEnvoyFilters(resourcesOf(resources, 'EnvoyFilter'), rootNamespace, release.behaviours),
    notes: [
      ...registryNotes([...input, ...remotes.flatMap(({ resources: found }) => found)], release.behaviours),
      ...derived.notes,
      ...(isNamed ? clusterNotes(clusters, registry) : []),
      ...policyNotes(peerAuthentications, extensions),
      ...telemetryNotes(resourcesOf(resources, 'Telemetry'), config, registry),
    ],
  };
}

/** What istiods read in clusters that are not their own; istio kube/controller/multicluster.go. */
const readInOtherClusters: ReadonlySet<Kind> = new Set([
  'Namespace',
  'Node',
  'Service',
  'EndpointSlice',
  'Endpoints',
  'Pod',
  'WorkloadEntry',
  'KubernetesGateway',
]);

/** Another cluster, as this istiod sees it: its namespaces are judged by the labels that they have there. */
function remoteCluster(
  { name, resources: all, trustDomain = DEFAULT_TRUST_DOMAIN, network }: ClusterInput,
  config: MeshConfig,
  release: Release,
): RemoteCluster {
  const { enableK8sSelectWorkloadEntries, enableCrossClusterWorkloadEntry } = release.behaviours;
  const readsEntries = enableK8sSelectWorkloadEntries && enableCrossClusterWorkloadEntry;
  const isRead = ({ kind }: Resource): boolean => kind !== 'WorkloadEntry' || readsEntries;
  const read = watched(all, release).filter((resource) => readInOtherClusters.has(kindOf(resource)) && isRead(resource));
  const { seen, unseen } = discover(read, config, release.behaviours);
  return { name, resources: seen, unseenPods: resourcesOf(unseen, 'Pod'), trustDomain, network };
}

/** The Istio resources that istiod makes from those of other kinds. */
function derive(
  resources: readonly Resource[],
  config: MeshConfig,
  domainSuffix: string,
  behaviours: Behaviours,
): { readonly resources: readonly Resource[]; readonly notes: readonly Diagnostic[] } {
  const ingress = convertIngresses({
    ingresses: resourcesOf(resources, 'Ingress'),
    ingressClasses: resourcesOf(resources, 'IngressClass'),
    services: resourcesOf(resources, 'Service'),
    config,
    domainSuffix,
  });
  const gatewayApi = convertGatewayApi(resources, domainSuffix, behaviours);
  return {
    resources: [
      ...ingress.gateways,
      ...ingress.virtualServices,
      ...gatewayApi.gateways,
      ...gatewayApi.virtualServices,
      ...gatewayApi.destinationRules,
    ],
    notes: [...ingress.notes, ...gatewayApi.notes],
  };
}

/** MeshConfig whose defaults of `exportTo` are those that the release reads. */
function withEffectiveExports(config: MeshConfig, behaviours: Behaviours): MeshConfig {
  const { defaultServiceExportTo, defaultVirtualServiceExportTo, ...rest } = config;
  return {
    ...rest,
    ...compact({
      defaultServiceExportTo: effectiveDefaults(defaultServiceExportTo, behaviours),
      defaultVirtualServiceExportTo: effectiveDefaults(defaultVirtualServiceExportTo, behaviours),
    }),
  };
}
