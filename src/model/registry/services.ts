import type { MeshConfig, MeshNetworks } from '../../api/istio.gen.ts';
import { defaultRelease } from '../../releases/index.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { Resource, ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { type Again, afresh, againForEach, createAgain } from '../../util/again.ts';
import { groupBy } from '../../util/collections.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { memo, memoWithin } from '../../util/memo.ts';
import { extended } from '../../util/object.ts';
import { compareText } from '../../util/text.ts';
import { DEFAULT_DOMAIN, DEFAULT_TRUST_DOMAIN } from '../mesh-input.ts';
import { expandTrustDomains } from '../security/spiffe.ts';
import { isWildcard } from '../traffic/host.ts';
import { entryVisibilities } from '../traffic/visibility.ts';
import { allocateAddresses } from './address-allocation.ts';
import { buildClusterRegistry, type ClusterObjects, type ClusterRegistry } from './cluster-registry.ts';
import { UNSPECIFIED_ADDRESS } from './kubernetes-services.ts';
import { NETWORK_LABEL } from './locality.ts';
import { mergeServices } from './merged-services.ts';
import { buildNetworkGateways, buildNetworkOf } from './networks.ts';
import {
  type Endpoint,
  MOST_ENDPOINTS_KEPT,
  type NetworkOf,
  type Service,
  type ServiceRegistry,
  type ServiceTarget,
} from './service.ts';
import { resolveAliases } from './service-aliases.ts';
import { type EntryEndpoint, type EntryService, entryServices, mergeEntryEndpoints } from './service-entries.ts';
import { createPodTargets, type KubernetesServiceSource, serviceTargets } from './service-targets.ts';

/** What istiod finds in another cluster than its own. */
export interface RemoteCluster {
  readonly name: string;
  readonly resources: readonly Resource[];
  readonly unseenPods: readonly ResourceOf<'Pod'>[];
  /** Of its pods. */
  readonly trustDomain: string;
  /** Where the namespace of the control plane names none. */
  readonly network: string | undefined;
}

/** What a registry depends on beside resources and MeshConfig. */
export interface RegistryOptions {
  /** `cluster.local` where nothing else is said. */
  readonly domainSuffix?: string;
  /** The default one where nothing else is said. */
  readonly clusterId?: string;
  /** The namespace of the control plane, whose label names the network of the cluster; `istio-system` by default. */
  readonly systemNamespace?: string;
  /** The network of the cluster, where that namespace names none. */
  readonly network?: string | undefined;
  /** Whether proxies are told the network of their endpoints. */
  readonly tellsNetworks?: boolean;
  /** Pods of namespaces that istiod does not look at: they have proxies, but serve nothing. */
  readonly unseenPods?: readonly ResourceOf<'Pod'>[];
  /** Networks of the mesh, as the ConfigMap of istiod holds them beside MeshConfig. */
  readonly networks?: MeshNetworks;
  /** Those of the default release where nothing else is said. */
  readonly behaviours?: Behaviours;
  /** Further clusters that istiod watches, by name. */
  readonly remotes?: readonly RemoteCluster[];
}

/**
 * The services, endpoints and workloads that istiod finds in these resources, and in further clusters. The order of the resources does
 * not matter. Of an earlier state of one cluster, those stay which are made of the same.
 * As istio pilot/pkg/serviceregistry and pilot/pkg/model/push_context.go initServiceRegistry.
 */
export function buildServiceRegistry(
  resources: readonly Resource[],
  config: MeshConfig,
  options: RegistryOptions = {},
  keptBefore: Again = afresh,
): ServiceRegistry {
  const { domainSuffix = DEFAULT_DOMAIN, systemNamespace = 'istio-system', networks, remotes = [] } = options;
  const { behaviours = defaultRelease.behaviours, clusterId = behaviours.clusterId } = options;
  const trustDomain = config.trustDomain ?? DEFAULT_TRUST_DOMAIN;
  const common = {
    behaviours,
    domainSuffix,
    defaultExportTo: config.defaultServiceExportTo,
    tellsNetworks: options.tellsNetworks === true || behaviours.ambientEnableMultiNetwork,
  };
  const objectsOf = (found: readonly Resource[]): ClusterObjects => ({
    namespaces: new Map(resourcesOf(found, 'Namespace').map((namespace) => [namespace.name, namespace])),
    nodes: new Map(resourcesOf(found, 'Node').map((node) => [node.name, node])),
  });
  const networkOfCluster = ({ namespaces }: ClusterObjects, network: string | undefined): string | undefined =>
    namespaces.get(systemNamespace)?.labels[NETWORK_LABEL] || network;
  const settingsOf = (name: string, domainOfPods: string, network: string | undefined) => {
    const networkOf = buildNetworkOf(network, networks, name);
    // Only other clusters are asked for the networks of WorkloadEntries.
    const entries = { trustDomain, clusterId: name, ...(name !== clusterId && { networkOf }) };
    return {
      ...common,
      clusterId: name,
      trustDomain: domainOfPods,
      networkOf,
      entries,
    };
  };
  const ownObjects = objectsOf(resources);
  const ownNetwork = networkOfCluster(ownObjects, options.network);
  const fixed = [config, domainSuffix, networks, behaviours, clusterId, ownNetwork, common.tellsNetworks];
  const again = keptBefore === afresh ? afresh : keptBefore('parts of the registry', fixed, createAgain);
  const settings = settingsOf(clusterId, trustDomain, ownNetwork);
  const own = buildClusterRegistry(resources, options.unseenPods ?? [], ownObjects, settings, again);
  const clusters = [
    own,
    ...remotes.map((remote) => {
      const objects = objectsOf(remote.resources);
      const ofRemote = settingsOf(remote.name, remote.trustDomain, networkOfCluster(objects, remote.network));
      return buildClusterRegistry(remote.resources, remote.unseenPods, objects, ofRemote);
    }),
  ];

  const selectable = groupBy(
    clusters.flatMap((cluster) => cluster.selectable),
    ({ namespace }) => namespace,
  );
  const visibilityOfEntries = entryVisibilities(config.serviceEntryVisibility, resources);
  const knownEntries = againForEach<readonly EntryService[]>(again, 'ServiceEntry');
  const ofEntries = resourcesOf(resources, 'ServiceEntry')
    .flatMap((resource) => {
      // Who selects none does not depend on what there is.
      const instances = resource.spec.workloadSelector === undefined ? [] : (selectable.get(resource.namespace) ?? []);
      const namespace = ownObjects.namespaces.get(resource.namespace);
      const visibility = visibilityOfEntries(resource.namespace);
      return knownEntries(resource, [instances, namespace, visibility], () =>
        entryServices(resource, instances, { namespace, visibility }, settings),
      );
    })
    .sort((a, b) => compareServices(a.service, b.service) || compareText(a.service.objectName, b.service.objectName));
  const entriesByKey = groupBy(behaviours.enableIpAutoallocate ? ofEntries : withAllocatedAddresses(ofEntries), ({ service }) =>
    keyOf(service),
  );

  const discoversGateways = behaviours.multiNetworkDiscoverGatewayApi;
  const gatewaysOf = (found: readonly Resource[]) => (discoversGateways ? resourcesOf(found, 'KubernetesGateway') : []);
  const resourcesIn = new Map([[clusterId, resources], ...remotes.map((one) => [one.name, one.resources] as const)]);
  const networkGateways = buildNetworkGateways(
    clusters.map(({ clusterId: name, kubernetes }) => {
      const found = resourcesIn.get(name) ?? [];
      return { clusterId: name, services: kubernetes, gateways: gatewaysOf(found), nodes: resourcesOf(found, 'Node') };
    }),
    networks,
  ).filter(({ address }) => behaviours.resolveHostnameGateways || isIpAddress(address));
  return assemble({
    networkOf: again('network of an address', [], () => settings.networkOf),
    again,
    clusters,
    entries: [...entriesByKey.values()].flat(),
    mergedEntries: [...entriesByKey.values()].flatMap((services) => mergeEntryEndpoints(services)),
    trustDomainAliases: config.trustDomainAliases ?? [],
    networkGateways:
      again === afresh
        ? networkGateways
        : again('gateways to networks', [JSON.stringify(networkGateways)], () => networkGateways),
  });
}

interface Parts {
  readonly networkOf: NetworkOf;
  /** What was made of an earlier state with the same settings. */
  readonly again: Again;
  /** The one whose istiod configures, then the others by name. */
  readonly clusters: readonly ClusterRegistry[];
  readonly entries: readonly EntryService[];
  readonly mergedEntries: readonly EntryEndpoint[];
  readonly trustDomainAliases: readonly string[];
  readonly networkGateways: ServiceRegistry['networkGateways'];
}

function assemble(parts: Parts): ServiceRegistry {
  const { clusters, mergedEntries, networkGateways } = parts;
  const merged = mergeServices(clusters);
  const unresolved = sortedServices(
    merged.map(({ service }) => service),
    parts.entries,
  );

  // istiod keeps endpoints by registry and walks the registries by name: External before Kubernetes, and of these the clusters.
  const entriesOf = groupBy(mergedEntries, ({ service }) => keyOf(service));
  const kubernetesOf = groupBy(
    clusters
      .toSorted((a, b) => compareText(a.clusterId, b.clusterId))
      .flatMap(({ clusterId, kubernetes }) => kubernetes.map((source) => extended(source, { clusterId }))),
    ({ service }) => keyOf(service),
  );
  const services = keptServices(unresolved, entriesOf, kubernetesOf, parts.again);
  const byHostname = groupBy(services, ({ hostname }) => hostname);
  const byKey = groupBy(services, keyOf);
  const owners = new Map([...byKey].map(([key, candidates]) => [key, ownerOf(candidates)]));
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
  const kubernetesEndpoints = (service: Service, names: readonly string[], cluster?: string): readonly Endpoint[] =>
    (kubernetesOf.get(keyOf(service)) ?? []).flatMap((source) => {
      if (cluster !== undefined && cluster !== source.clusterId) return [];
      return names.length === 1 ? ofPorts(source, names[0] ?? '') : source.endpoints.ofPorts(names);
    });
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
    (service: Service, name: string, cluster: string | undefined): readonly Endpoint[] => [
      ...(cluster === undefined || cluster === clusters[0]?.clusterId ? (entriesByName(service).get(name) ?? []) : []),
      ...kubernetesEndpoints(service, [name], cluster),
    ],
  );

  // Services changed when they were merged and their aliases were resolved; targets must name the final ones.
  const mergedOf = new Map(merged.map(({ definition, service }) => [definition, service]));
  const final = new Map(unresolved.map((service, index) => [service, services[index]]));
  const resolved = (service: Service): Service => final.get(mergedOf.get(service) ?? service) ?? service;
  const entryEndpointsByAddress = groupBy(
    mergedEntries.map((entry) => ({ ...entry, service: resolved(entry.service) })),
    ({ endpoint }) => endpoint.address,
  );
  const sources = new Map(
    clusters.map(({ clusterId, kubernetes, entries }) => [
      clusterId,
      {
        kubernetes: groupBy(
          kubernetes.map((source) => ({ ...source, service: resolved(source.service) })),
          ({ service }) => service.namespace,
        ),
        entries,
        entryEndpointsByAddress,
        targetsOfPod: createPodTargets(),
      },
    ]),
  );

  const knownTargets = againForEach<readonly ServiceTarget[]>(parts.again, 'targets');
  const servicesOfNamespace = groupBy(services, ({ namespace }) => namespace);

  return {
    services,
    workloads: clusters
      .flatMap(({ workloads }) => workloads)
      .sort(
        (a, b) => compareText(a.namespace, b.namespace) || compareText(a.name, b.name) || compareText(a.clusterId, b.clusterId),
      ),
    networkOf: parts.networkOf,
    networkGateways,
    service: (hostname, namespace) => owners.get(`${namespace}/${hostname}`),
    servicesOf: (hostname) => byHostname.get(hostname) ?? [],
    endpointsOf: (service, { port }) => endpointsOf(service, port),
    discoveredEndpointsOf: (service, { name }, cluster) => discoveredEndpointsOf(service, name, cluster),
    serviceAccountsOf: memo((service: Service) => {
      // Of several services of one name, what the youngest states counts.
      const stated = byKey.get(keyOf(service))?.at(-1)?.serviceAccounts ?? [];
      const ofEndpoints = [
        ...entryEndpointsOf(service).map(({ serviceAccount }) => serviceAccount),
        ...(kubernetesOf.get(keyOf(service)) ?? []).flatMap(({ endpoints }) => endpoints.serviceAccounts),
      ].filter((account) => account !== '');
      return expandTrustDomains([...new Set(ofEndpoints), ...stated], parts.trustDomainAliases);
    }),
    portsOf: (service) => owners.get(keyOf(service))?.ports ?? service.ports,
    targetsOf: (workload) => {
      const ofCluster = sources.get(workload.clusterId);
      if (ofCluster === undefined) return [];
      const targets = (): readonly ServiceTarget[] => serviceTargets(workload, ofCluster);
      // Of a WorkloadEntry with its address those of another namespace can be.
      if (parts.again === afresh || ofCluster.entries.length > 0) return targets();
      const ofEntries = workload.ips.flatMap((address) =>
        (entryEndpointsByAddress.get(address) ?? []).flatMap(({ service, port, endpoint }) => [service, port, endpoint]),
      );
      return knownTargets(workload, [servicesOfNamespace.get(workload.namespace), ofEntries], targets);
    },
  };
}

/**
 * The services with their aliases. Of an earlier state, those stay of which the registry says the same (`aboutServices`): an object of their
 * own has each state in which that is something else.
 */
function keptServices(
  unresolved: readonly Service[],
  entriesOf: ReadonlyMap<string, readonly EntryEndpoint[]>,
  kubernetesOf: ReadonlyMap<string, readonly KubernetesServiceSource[]>,
  again: Again,
): readonly Service[] {
  const resolved = resolveAliases(unresolved);
  if (again === afresh) return resolved;
  const known = againForEach<Service>(again, 'service of the mesh');
  const ofName = groupBy(unresolved, keyOf);
  return unresolved.map((service, index) => {
    const key = keyOf(service);
    const { aliases } = resolved[index] ?? service;
    const inputs = [
      aliases.flatMap(({ hostname, namespace }) => [hostname, namespace]),
      // Which ports and identities its name stands for is said by all of that name.
      ofName.get(key),
      entriesOf.get(key),
      kubernetesOf.get(key)?.map(({ endpoints }) => endpoints),
    ];
    return known(service, inputs, () => ({ ...service, aliases }));
  });
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
function sortedServices(kubernetes: readonly Service[], entries: readonly EntryService[]): Service[] {
  const ofKubernetes = kubernetes.toSorted((a, b) => compareText(a.hostname, b.hostname));
  return [...ofKubernetes, ...entries.map(({ service }) => service)].sort(compareServices);
}

function compareServices(a: Service, b: Service): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1;
  return compareText(a.name, b.name) || compareText(a.namespace, b.namespace);
}

function keyOf({ namespace, hostname }: Service): string {
  return `${namespace}/${hostname}`;
}
