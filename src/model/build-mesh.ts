import type { MeshConfig } from '../api/istio.gen.ts';
import type { Kind } from '../api/kinds.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Behaviours, Release } from '../releases/release.ts';
import { isApart } from '../resource/apart.ts';
import type { Resource } from '../resource/resource.ts';
import { groupByKind, kindOf, resourcesOf } from '../resource/select.ts';
import { type Again, afresh, createAgain } from '../util/again.ts';
import { memo } from '../util/memo.ts';
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
import { buildDestinationRules, createDestinationRuleMaker } from './traffic/destination-rules.ts';
import { buildVirtualServices, resolveVirtualService } from './traffic/virtual-services.ts';
import { effectiveDefaults } from './traffic/visibility.ts';
import { watched } from './watched-kinds.ts';

const DEFAULT_ROOT_NAMESPACE = 'istio-system';

/**
 * The mesh that the input makes. The order of the resources does not matter. Resources of namespaces that istiod does not look at
 * have no part in it, but pods there have proxies. Of an earlier state of the same input, those parts stay which are made of the same.
 */
export function buildMesh(
  { release, proxyVersion = release.version, clusters, namesClusters }: MeshInput,
  keptBefore: Again = afresh,
): Mesh {
  const [primary, ...others] = clusters;
  const isNamed = namesClusters ?? others.length > 0;
  const { name: clusterId, resources: all, meshConfig, meshNetworks: networks, domain: domainSuffix = DEFAULT_DOMAIN } = primary;
  const { behaviours } = release;
  const again = others.length > 0 ? afresh : keptBefore;
  const config = again('MeshConfig in effect', [meshConfig, behaviours], () =>
    withEffectiveExports(applyMeshConfig(meshConfig), behaviours),
  );
  const { seen: input, unseen } = discover(watched(all, release), config, release.behaviours);
  const rootNamespace = config.rootNamespace ?? DEFAULT_ROOT_NAMESPACE;
  const sources = input.filter((resource) => !isApart(resource));
  const derived = again('derived resources', [sources, config, domainSuffix, behaviours], () =>
    derive(sources, config, domainSuffix, behaviours),
  );
  const resources = [...input, ...derived.resources];
  const of = groupByKind(resources).of;
  const remotes = others.map((cluster) => remoteCluster(cluster, config, release));
  const registered = [...sources, ...derived.resources];
  const unseenPods = resourcesOf(unseen, 'Pod');
  const registry = again(
    'registry',
    [registered, config, domainSuffix, clusterId, primary.network, isNamed, unseenPods, behaviours, networks],
    () =>
      buildServiceRegistry(
        registered,
        config,
        {
          domainSuffix,
          clusterId,
          network: primary.network,
          tellsNetworks: isNamed,
          remotes,
          unseenPods,
          behaviours,
          ...(networks && { networks }),
        },
        again,
      ),
  );
  const proxyConfigs = of('ProxyConfig');
  const proxyConfigOf = buildProxyConfigs(proxyConfigs, config, rootNamespace);
  const ambient = () =>
    buildAmbient(resources, registry.workloads, {
      behaviours: release.behaviours,
      config,
      rootNamespace,
      domainSuffix,
      clusterId,
      proxyConfigOf: (workload) => proxyConfigOf(proxyConfigTarget(workload)),
    });
  const peerAuthentications = again('PeerAuthentications', [of('PeerAuthentication'), rootNamespace], () =>
    buildPeerAuthentications(of('PeerAuthentication'), rootNamespace),
  );
  const extensions = again('extensions', [of('TrafficExtension'), of('WasmPlugin'), rootNamespace, behaviours], () =>
    buildExtensions(of('TrafficExtension'), of('WasmPlugin'), rootNamespace, behaviours),
  );
  const resolveVirtualServices = again('resolved VirtualServices', [], () => memo(resolveVirtualService));
  const destinationRuleMaker = again('merged DestinationRules', [config, rootNamespace, domainSuffix, behaviours], () =>
    again === afresh ? undefined : createDestinationRuleMaker(domainSuffix),
  );
  const served = clusters.filter((cluster) => primaryOf(cluster, clusters) === clusterId).map(({ name }) => name);
  return {
    release,
    config,
    rootNamespace,
    domainSuffix,
    resources,
    registry,
    ambient: release.behaviours.enableAmbient ? ambient() : undefined,
    internalRanges: again('internal ranges', [networks], () => internalRangesOf(networks)),
    isClusterLocal: again('local hosts', [config, domainSuffix], () => buildClusterLocal(config, domainSuffix)),
    proxies: again('proxies', [registry, proxyVersion, served, isNamed, proxyConfigs, config, rootNamespace], () =>
      buildProxies(
        registry,
        { istioVersion: proxyVersion, clusters: served, isNamed },
        proxyConfigOf,
        again === afresh
          ? afresh
          : again('parts of proxies', [proxyVersion, served, isNamed, proxyConfigs, config, rootNamespace], createAgain),
      ),
    ),
    virtualServices: again('VirtualServices', [of('VirtualService'), config, domainSuffix], () =>
      buildVirtualServices(of('VirtualService'), config, domainSuffix, resolveVirtualServices),
    ),
    destinationRules: again('DestinationRules', [of('DestinationRule'), config, rootNamespace, domainSuffix, behaviours], () =>
      buildDestinationRules(of('DestinationRule'), config, rootNamespace, domainSuffix, behaviours, destinationRuleMaker),
    ),
    sidecars: again('Sidecars', [of('Sidecar')], () => of('Sidecar')),
    gateways: again('Gateways', [of('Gateway')], () => buildGateways(of('Gateway'))),
    peerAuthentications,
    policies: again('policies', [of('RequestAuthentication'), of('AuthorizationPolicy'), rootNamespace, behaviours], () =>
      buildPolicies(of('RequestAuthentication'), of('AuthorizationPolicy'), rootNamespace, behaviours),
    ),
    extensions,
    telemetry: again('Telemetry', [of('Telemetry'), rootNamespace, behaviours], () =>
      buildTelemetry(of('Telemetry'), rootNamespace, behaviours),
    ),
    envoyFilters: again('EnvoyFilters', [of('EnvoyFilter'), rootNamespace, behaviours], () =>
      buildEnvoyFilters(of('EnvoyFilter'), rootNamespace, behaviours),
    ),
    notes: [
      ...again('notes of the registry', [sources, behaviours], () =>
        registryNotes([...sources, ...remotes.flatMap(({ resources: found }) => found)], behaviours),
      ),
      ...derived.notes,
      ...(isNamed ? clusterNotes(clusters, registry) : []),
      ...policyNotes(peerAuthentications, extensions),
      ...telemetryNotes(of('Telemetry'), config, registry),
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
