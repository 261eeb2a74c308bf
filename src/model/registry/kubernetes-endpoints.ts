import type { SliceEndpoint, SlicePort } from '../../api/kubernetes.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { Resource, ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { type Again, againForEach } from '../../util/again.ts';
import { groupBy } from '../../util/collections.ts';
import { extended } from '../../util/object.ts';
import { selects } from '../labels.ts';
import {
  endpointHealth,
  podsOfService,
  type Slice,
  sliceOf,
  slicesByService,
  slicesOfEndpoints,
  slicesOfPods,
} from './endpoint-slices.ts';
import { NETWORK_LABEL, withPlaceLabels } from './locality.ts';
import { keepsSessions } from './persistent-session.ts';
import type { Endpoint, NetworkOf, Service, ServicePort } from './service.ts';
import { podEndpoint, type WorkloadInstance } from './workload-instances.ts';
import type { PodWorkload } from './workloads.ts';

/** What the endpoints of Kubernetes Services depend on. */
export interface EndpointSettings {
  readonly behaviours: Behaviours;
  readonly trustDomain: string;
  readonly clusterId: string;
  readonly networkOf: NetworkOf;
}

/** The endpoints of a Kubernetes Service, which are made port by port: there are as many as pods times ports. */
export interface KubernetesEndpoints {
  /** Those of the ports of these names. */
  ofPorts(names: readonly string[]): readonly Endpoint[];
  /** Those at an address. */
  at(address: string): readonly Endpoint[];
  /** The identities of all, some of them several times. */
  readonly serviceAccounts: readonly string[];
}

/** A slice with what its endpoints have in common on all ports. */
interface PlacedSlice {
  readonly places: readonly PortlessEndpoint[];
  readonly ports: readonly SlicePort[];
}

type PortlessEndpoint = Omit<Endpoint, 'port' | 'servicePortName' | 'servicePortNumber'>;

/**
 * Finds the endpoints of Kubernetes Services: those of the EndpointSlices (or Endpoints) given for them, else of the pods they
 * select, then those of WorkloadEntries they select.
 * As istio kube controller endpointslice.go updateEndpointCacheForSlice and controller.go collectWorkloadInstanceEndpoints.
 */
export function createKubernetesEndpoints(
  resources: readonly Resource[],
  pods: readonly PodWorkload[],
  entries: readonly WorkloadInstance[],
  settings: EndpointSettings,
  again: Again,
): (service: Service, resource: ResourceOf<'Service'>) => KubernetesEndpoints {
  const given = slicesByService(resourcesOf(resources, 'EndpointSlice'));
  const older = new Map(
    resourcesOf(resources, 'Endpoints').map((resource) => [`${resource.namespace}/${resource.name}`, resource]),
  );
  const podsByNamespace = groupBy(pods, ({ namespace }) => namespace);
  const podsByName = new Map(pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod]));
  const entriesByNamespace = groupBy(
    entries.filter(({ dnsOnly }) => !dnsOnly),
    ({ namespace }) => namespace,
  );

  /** The pod behind an address: the one that the endpoint refers to, else a ready one of the namespace with this address. */
  const podOf = (address: string, { targetRef }: SliceEndpoint, namespace: string): PodWorkload | 'missing' | undefined => {
    if (targetRef?.kind === 'Pod') {
      return podsByName.get(`${targetRef.namespace ?? ''}/${targetRef.name ?? ''}`) ?? 'missing';
    }
    const isServing = (pod: PodWorkload): boolean => pod.ready && !pod.terminated && pod.ips[0] === address;
    return podsByNamespace.get(namespace)?.find(isServing);
  };

  /** Whether one endpoint, that of the IPv4 slice, stands for all addresses of a pod: istiod and the service serve both families. */
  const joinsAddresses = (service: Service, pod: PodWorkload, { targetRef }: SliceEndpoint): boolean =>
    settings.behaviours.dualStack && targetRef?.kind === 'Pod' && pod.ips.length > 1 && service.addresses.length > 1;

  const placed = (slice: Slice, service: Service): PlacedSlice => {
    const drains = keepsSessions(service, settings.behaviours);
    const places = slice.endpoints.flatMap((endpoint, index) => {
      const health = endpointHealth(endpoint.conditions, drains);
      const path = ['endpoints', index];
      return endpoint.addresses.flatMap((address): PortlessEndpoint[] => {
        const pod = podOf(address, endpoint, service.namespace);
        if (pod === 'missing') return [];
        const isJoined = pod !== undefined && joinsAddresses(service, pod, endpoint);
        if (isJoined && slice.ipv6) return [];
        const base = pod === undefined ? strangerEndpoint(address, settings) : podEndpoint(pod, settings.trustDomain);
        const resource = slice.resource ?? base.resource ?? service.resource;
        const common = extended(base, { health, resource, path: slice.resource === undefined ? [] : path });
        if (isJoined) return [{ ...common, additionalAddresses: pod.ips.slice(1) }];
        return [{ ...common, address, ...(pod !== undefined && networkOfAddress(address, pod, settings)) }];
      });
    });
    return { places, ports: slice.ports };
  };

  const endpointsOf = (
    service: Service,
    resource: ResourceOf<'Service'>,
    slices: readonly Slice[],
    entriesOfNamespace: readonly WorkloadInstance[],
  ): KubernetesEndpoints =>
    findableEndpoints(
      slices.map((slice) => placed(slice, service)),
      canRepeat(slices),
      entryEndpoints(service, resource, entriesOfNamespace),
    );

  const known = againForEach<KubernetesEndpoints>(again, 'endpoints');
  return (service, resource) => {
    const key = `${service.namespace}/${service.name}`;
    const entriesOfNamespace = entriesByNamespace.get(service.namespace) ?? [];
    const written = given.get(key);
    const writtenBefore = older.get(key);
    if (written !== undefined || writtenBefore !== undefined) {
      // Any pod may be the one behind an address.
      return known(service, [written, writtenBefore, pods, entriesOfNamespace], () => {
        const slices = written?.map(sliceOf) ?? (writtenBefore === undefined ? [] : slicesOfEndpoints(writtenBefore));
        return endpointsOf(service, resource, slices, entriesOfNamespace);
      });
    }
    const selected = podsOfService(resource, podsByNamespace.get(service.namespace) ?? []);
    const named = selected.map(({ namespace, name }) => podsByName.get(`${namespace}/${name}`));
    return known(service, [selected, named, entriesOfNamespace], () =>
      endpointsOf(service, resource, slicesOfPods(resource, selected), entriesOfNamespace),
    );
  };
}

/** The endpoints of slices and WorkloadEntries. They are kept for long, and hold nothing but what they are made of. */
function findableEndpoints(all: readonly PlacedSlice[], repeats: boolean, entries: readonly Endpoint[]): KubernetesEndpoints {
  const withPorts = (
    hasPort: (name: string) => boolean,
    isAt: (endpoint: PortlessEndpoint) => boolean = () => true,
  ): readonly Endpoint[] => {
    const ofPods = all.flatMap(({ places, ports }) => {
      const wanted = ports.filter(({ name = '' }) => hasPort(name));
      return places.filter(isAt).flatMap((place) => wanted.map((port) => withPort(place, port)));
    });
    const ofEntries = entries.filter((endpoint) => hasPort(endpoint.servicePortName) && isAt(endpoint));
    return (repeats ? withoutDuplicates(ofPods) : ofPods).concat(ofEntries);
  };
  return {
    ofPorts: (names) => withPorts((name) => names.includes(name)),
    at: (address) =>
      withPorts(
        () => true,
        (endpoint) => endpoint.address === address,
      ),
    serviceAccounts: [...all.filter(({ ports }) => ports.length > 0).flatMap(({ places }) => places), ...entries].map(
      ({ serviceAccount }) => serviceAccount,
    ),
  };
}

/** The network of a pod's address, where its first address tells of none; istio endpoint_builder.go buildIstioEndpoint. */
function networkOfAddress(
  address: string,
  pod: PodWorkload,
  { networkOf }: EndpointSettings,
): Partial<Pick<Endpoint, 'network' | 'labels'>> {
  if (pod.endpointNetwork !== '' || address === pod.ips[0]) return {};
  const network = networkOf(address, pod.ownLabels);
  return network === '' ? {} : { network, labels: { ...pod.labels, [NETWORK_LABEL]: network } };
}

function withPort(place: PortlessEndpoint, { name = '', port = 0 }: SlicePort): Endpoint {
  return extended(place, { port, servicePortName: name, servicePortNumber: undefined });
}

/** What is known of an endpoint without a pod. */
function strangerEndpoint(
  address: string,
  { clusterId, networkOf }: EndpointSettings,
): Omit<Endpoint, 'port' | 'servicePortName' | 'servicePortNumber' | 'health' | 'resource'> & { resource: undefined } {
  const network = networkOf(address, {});
  return {
    address,
    additionalAddresses: [],
    labels: withPlaceLabels({}, { locality: '', nodeName: '', clusterId, network }),
    serviceAccount: '',
    network,
    localityLabel: '',
    weight: 0,
    tlsMode: 'disabled',
    namespace: '',
    workloadName: '',
    clusterId,
    nodeName: '',
    resource: undefined,
    path: [],
  };
}

/** Whether slices can hold an endpoint twice; where there are many ports, that is much quicker to tell than which endpoints do. */
function canRepeat(slices: readonly Slice[]): boolean {
  const addresses = slices.flatMap(({ endpoints }) => endpoints.flatMap((endpoint) => endpoint.addresses));
  const repeatsName = ({ ports }: Slice): boolean => new Set(ports.map(({ name = '' }) => name)).size < ports.length;
  return new Set(addresses).size < addresses.length || slices.some(repeatsName);
}

/** Slices can repeat an address while they change; the first one counts. */
function withoutDuplicates(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const seen = new Set<string>();
  return endpoints.filter(({ address, servicePortName }) => {
    const key = `${address} ${servicePortName}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** The endpoints of WorkloadEntries that a Service selects, port by port. */
function entryEndpoints(
  service: Service,
  resource: ResourceOf<'Service'>,
  entries: readonly WorkloadInstance[],
): readonly Endpoint[] {
  const { selector = {} } = service;
  // An empty selector selects nothing here.
  if (service.resolution !== 'clientSide' || service.meshExternal || Object.keys(selector).length === 0) return [];
  const selected = entries.filter(({ endpoint }) => selects(selector, endpoint.labels));
  return service.ports.flatMap((port) => selected.flatMap((instance) => instanceEndpoint(port, resource, instance) ?? []));
}

/**
 * The endpoint of a WorkloadEntry for a port of a Service; undefined when the Service names a target port that it does not have.
 * As istio kube controller serviceInstanceFromWorkloadInstance and findServiceTargetPort.
 */
export function instanceEndpoint(
  port: ServicePort,
  { spec }: ResourceOf<'Service'>,
  instance: WorkloadInstance,
): Endpoint | undefined {
  const written = spec.ports?.find((candidate) => (candidate.name ?? '') === port.name || candidate.port === port.port);
  const targetPort = written?.targetPort ?? written?.port ?? 0;
  const byNumber = typeof targetPort === 'number' && targetPort > 0;
  const name = byNumber ? (written?.name ?? '') : String(targetPort);
  const matched = name === '' ? undefined : instance.ports.get(name);
  if (!matched && !byNumber) return undefined;
  return {
    ...instance.endpoint,
    port: matched || (byNumber ? targetPort : port.port),
    servicePortName: port.name,
    servicePortNumber: undefined,
  };
}
