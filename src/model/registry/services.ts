import type { MeshConfig, MeshNetworks } from '../../api/istio.gen.ts';
import { defaultRelease } from '../../releases/index.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { Resource, ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { groupBy } from '../../util/collections.ts';
import { compareIpAddresses, isIpAddress } from '../../util/ip-address.ts';
import { memo, memoWithin } from '../../util/memo.ts';
import { compareText } from '../../util/text.ts';
import { DEFAULT_DOMAIN } from '../mesh-input.ts';
import { expandTrustDomains } from '../security/spiffe.ts';
import { isWildcard } from '../traffic/host.ts';
import { entryVisibilities } from '../traffic/visibility.ts';
import { allocateAddresses } from './address-allocation.ts';
import { createKubernetesEndpoints } from './kubernetes-endpoints.ts';
import { kubernetesService, UNSPECIFIED_ADDRESS } from './kubernetes-services.ts';
import { buildNetworkGateways, buildNetworkOf } from './networks.ts';
import { type Endpoint, MOST_ENDPOINTS_KEPT, type NetworkOf, type Service, type ServiceRegistry } from './service.ts';
import { resolveAliases } from './service-aliases.ts';
import { type EntryEndpoint, type EntryService, entryServices, mergeEntryEndpoints } from './service-entries.ts';
import { createPodTargets, type KubernetesServiceSource, serviceTargets } from './service-targets.ts';
import { podInstance, workloadEntryResourceInstance, workloadEntryWorkload } from './workload-instances.ts';
import { podWorkload } from './workloads.ts';

/** What a registry depends on beside resources and MeshConfig. */
export interface RegistryOptions {
  /** `cluster.local` where nothing else is said. */
  readonly domainSuffix?: string;
  /** The default one where nothing else is said. */
  readonly clusterId?: string;
  /** The namespace of the control plane, whose label names the network of the cluster; `istio-system` by default. */
  readonly systemNamespace?: string;
  /** Pods of namespaces that istiod does not look at: they have proxies, but serve nothing. */
  readonly unseenPods?: readonly ResourceOf<'Pod'>[];
  /** Networks of the mesh, as the ConfigMap of istiod holds them beside MeshConfig. */
  readonly networks?: MeshNetworks;
  /** Those of the default release where nothing else is said. */
  readonly behaviours?: Behaviours;
}

/**
 * The services, endpoints and workloads that istiod finds in these resources. The order of the resources does not matter.
 * As istio pilot/pkg/serviceregistry and pilot/pkg/model/push_context.go initServiceRegistry.
 */
export function buildServiceRegistry(
  resources: readonly Resource[],
  config: MeshConfig,
  options: RegistryOptions = {},
): ServiceRegistry {
  const { domainSuffix = DEFAULT_DOMAIN, systemNamespace = 'istio-system', networks } = options;
  const { behaviours = defaultRelease.behaviours, clusterId = behaviours.clusterId } = options;
  const namespaces = new Map(resourcesOf(resources, 'Namespace').map((namespace) => [namespace.name, namespace]));
  const nodes = new Map(resourcesOf(resources, 'Node').map((node) => [node.name, node]));
  const networkOf = buildNetworkOf(namespaces.get(systemNamespace)?.labels, networks, clusterId);
  const settings = {
    behaviours,
    domainSuffix,
    clusterId,
    trustDomain: config.trustDomain ?? 'cluster.local',
    defaultExportTo: config.defaultServiceExportTo,
    entryVisibility: entryVisibilities(config.serviceEntryVisibility, resources),
    networkOf,
    namespaceLabels: (name: string) => namespaces.get(name)?.labels,
    namespaceAnnotations: (name: string) => (behaviours.distributesByNamespace ? namespaces.get(name)?.annotations : undefined),
    node: (name: string) => nodes.get(name),
  };

  // Kubernetes keeps no order among the pods of a service; theirs is that of their addresses, which follow creation.
  const pods = resourcesOf(resources, 'Pod')
    .map((pod) => podWorkload(pod, settings))
    .sort((a, b) => compareIpAddresses(a.ips[0] ?? '', b.ips[0] ?? '') || compareText(a.name, b.name));
  const entries = resourcesOf(resources, 'WorkloadEntry').flatMap((resource) => {
    const instance = workloadEntryResourceInstance(resource, settings, behaviours);
    return instance === undefined ? [] : [{ instance, resource }];
  });
  const entryInstances = entries
    .map(({ instance }) => instance)
    .sort((a, b) => compareText(a.namespace, b.namespace) || compareText(a.name, b.name));

  const entriesForServices = behaviours.enableK8sSelectWorkloadEntries ? entryInstances : [];
  const endpointsOfKubernetes = createKubernetesEndpoints(resources, pods, entriesForServices, settings);
  const kubernetes = resourcesOf(resources, 'Service').map((resource): KubernetesServiceSource => {
    const service = kubernetesService(resource, settings);
    return { service, resource, endpoints: endpointsOfKubernetes(service, resource) };
  });

  const podsForEntries = behaviours.enableServiceEntrySelectPods ? pods : [];
  const readyPods = podsForEntries.filter(({ ready, terminated, ips }) => ready && !terminated && ips.length > 0);
  const entryNames = new Set(entryInstances.map(({ name, namespace }) => `${namespace}/${name}`));
  const selectable = groupBy(
    [
      ...readyPods
        .filter(({ name, namespace }) => !entryNames.has(`${namespace}/${name}`))
        .map((pod) => podInstance(pod, settings)),
      ...entryInstances,
    ],
    ({ namespace }) => namespace,
  );
  const ofEntries = resourcesOf(resources, 'ServiceEntry')
    .flatMap((resource) => entryServices(resource, selectable.get(resource.namespace) ?? [], settings))
    .sort((a, b) => compareServices(a.service, b.service) || compareText(a.service.objectName, b.service.objectName));
  const entriesByKey = groupBy(behaviours.enableIpAutoallocate ? ofEntries : withAllocatedAddresses(ofEntries), ({ service }) =>
    keyOf(service),
  );
  const mergedEntries = [...entriesByKey.values()].flatMap((services) => mergeEntryEndpoints(services));

  const services = resolveAliases(sortedServices(kubernetes, [...entriesByKey.values()].flat()));
  return assemble({
    networkOf,
    services,
    kubernetes,
    mergedEntries,
    trustDomainAliases: config.trustDomainAliases ?? [],
    entryInstances: entriesForServices.filter(({ dnsOnly }) => !dnsOnly),
    workloads: [
      ...pods,
      ...(options.unseenPods ?? []).map((pod) => podWorkload(pod, settings)),
      ...entries.map(({ instance, resource }) => workloadEntryWorkload(instance, resource)),
    ].sort((a, b) => compareText(a.namespace, b.namespace) || compareText(a.name, b.name)),
    networkGateways: buildNetworkGateways(
      kubernetes.map(({ service }) => service),
      behaviours.multiNetworkDiscoverGatewayApi ? resourcesOf(resources, 'KubernetesGateway') : [],
      networks,
      clusterId,
    ).filter(({ address }) => behaviours.resolveHostnameGateways || isIpAddress(address)),
  });
}

interface Parts {
  readonly networkOf: NetworkOf;
  readonly services: readonly Service[];
  readonly kubernetes: readonly KubernetesServiceSource[];
  readonly mergedEntries: readonly EntryEndpoint[];
  readonly trustDomainAliases: readonly string[];
  readonly entryInstances: Parameters<typeof serviceTargets>[1]['entries'];
  readonly workloads: ServiceRegistry['workloads'];
  readonly networkGateways: ServiceRegistry['networkGateways'];
}

function assemble(parts: Parts): ServiceRegistry {
  const { services, kubernetes, mergedEntries, workloads, networkGateways } = parts;
  const byHostname = groupBy(services, ({ hostname }) => hostname);
  const byKey = groupBy(services, keyOf);
  const owners = new Map([...byKey].map(([key, candidates]) => [key, ownerOf(candidates)]));

  // istiod keeps endpoints by registry and walks the registries by name: External before Kubernetes.
  const entriesOf = groupBy(mergedEntries, ({ service }) => keyOf(service));
  const kubernetesOf = groupBy(kubernetes, ({ service }) => keyOf(service));
  const entryEndpointsOf = memo((service: Service) => (entriesOf.get(keyOf(service)) ?? []).map(({ endpoint }) => endpoint));
  const entriesByNumber = memo((service: Service) =>
    groupBy(entryEndpointsOf(service), ({ servicePortNumber }) => servicePortNumber),
  );
  const entriesByName = memo((service: Service) => groupBy(entryEndpointsOf(service), ({ servicePortName }) => servicePortName));
  // Of several ports of one name, the last counts.
  const namesByNumber = memo((service: Service) => {
    const portByName = new Map(service.ports.map(({ name, port }) => [name, port]));
    return groupBy(portByName.keys(), (name) => portByName.get(name));
  });
  const ofPorts = memoWithin(
    MOST_ENDPOINTS_KEPT,
    ({ length }) => length,
    ({ endpoints }: KubernetesServiceSource, name: string) => endpoints.ofPorts([name]),
  );
  const kubernetesEndpoints = (service: Service, names: readonly string[]): readonly Endpoint[] =>
    (kubernetesOf.get(keyOf(service)) ?? []).flatMap((source) =>
      names.length === 1 ? ofPorts(source, names[0] ?? '') : source.endpoints.ofPorts(names),
    );
  const endpointsOf = memoWithin(
    MOST_ENDPOINTS_KEPT,
    ({ length }) => length,
    (service: Service, number: number): readonly Endpoint[] => [
      ...(entriesByNumber(service).get(number) ?? []),
      ...kubernetesEndpoints(service, namesByNumber(service).get(number) ?? []),
    ],
  );
  const discoveredEndpointsOf = memoWithin(
    MOST_ENDPOINTS_KEPT,
    ({ length }) => length,
    (service: Service, name: string): readonly Endpoint[] => [
      ...(entriesByName(service).get(name) ?? []),
      ...kubernetesEndpoints(service, [name]),
    ],
  );

  // Services changed when their aliases were resolved; targets must name the final ones.
  const final = new Map(services.map((service) => [identityOf(service), service]));
  const resolved = (service: Service): Service => final.get(identityOf(service)) ?? service;
  const sources = {
    kubernetes: groupBy(
      kubernetes.map((source) => ({ ...source, service: resolved(source.service) })),
      ({ service }) => service.namespace,
    ),
    entries: parts.entryInstances,
    entryEndpointsByAddress: groupBy(
      mergedEntries.map((entry) => ({ ...entry, service: resolved(entry.service) })),
      ({ endpoint }) => endpoint.address,
    ),
    targetsOfPod: createPodTargets(),
  };

  return {
    services,
    workloads,
    networkOf: parts.networkOf,
    networkGateways,
    service: (hostname, namespace) => owners.get(`${namespace}/${hostname}`),
    servicesOf: (hostname) => byHostname.get(hostname) ?? [],
    endpointsOf: (service, { port }) => endpointsOf(service, port),
    discoveredEndpointsOf: (service, { name }) => discoveredEndpointsOf(service, name),
    serviceAccountsOf: memo((service: Service) => {
      // Of several services of one name, what the youngest states counts.
      const stated = byKey.get(keyOf(service))?.at(-1)?.serviceAccounts ?? [];
      const ofEndpoints = [
        ...entryEndpointsOf(service).map(({ serviceAccount }) => serviceAccount),
        ...(kubernetesOf.get(keyOf(service)) ?? []).flatMap(({ endpoints }) => endpoints.serviceAccounts),
      ].filter((account) => account !== '');
      return expandTrustDomains([...new Set(ofEndpoints), ...stated], parts.trustDomainAliases);
    }),
    targetsOf: (workload) => serviceTargets(workload, sources),
  };
}

/** The services with the addresses that istiod makes up for those without. */
function withAllocatedAddresses(entries: readonly EntryService[]): readonly EntryService[] {
  const isWithout = ({ service: { address, hostname, resolution } }: EntryService): boolean =>
    address === UNSPECIFIED_ADDRESS && !isWildcard(hostname) && resolution !== 'passthrough';
  const addresses = allocateAddresses(entries.filter(isWithout).map(({ service }) => keyOf(service)));
  return entries.map((entry) => {
    const allocatedAddresses = isWithout(entry) ? (addresses.get(keyOf(entry.service)) ?? []) : [];
    const service = { ...entry.service, allocatedAddresses };
    return { service, endpoints: entry.endpoints.map((endpoint) => ({ ...endpoint, service })) };
  });
}

/** The service that a hostname means in a namespace: a Kubernetes one, else the oldest. */
function ownerOf(candidates: readonly Service[]): Service | undefined {
  return candidates.find(({ registry }) => registry === 'Kubernetes') ?? candidates[0];
}

/** Kubernetes Services by hostname, then those of ServiceEntries; the oldest first, among equals by name and namespace. */
function sortedServices(kubernetes: readonly KubernetesServiceSource[], entries: readonly EntryService[]): Service[] {
  const ofKubernetes = kubernetes.map(({ service }) => service).sort((a, b) => compareText(a.hostname, b.hostname));
  return [...ofKubernetes, ...entries.map(({ service }) => service)].sort(compareServices);
}

function compareServices(a: Service, b: Service): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1;
  return compareText(a.name, b.name) || compareText(a.namespace, b.namespace);
}

function keyOf({ namespace, hostname }: Service): string {
  return `${namespace}/${hostname}`;
}

function identityOf(service: Service): string {
  return `${service.registry} ${keyOf(service)} ${service.objectName} ${service.address}`;
}
