import type { WorkloadEntry } from '../../api/istio.gen.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { Labels, Resource, ResourceOf } from '../../resource/resource.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { extended, isObject } from '../../util/object.ts';
import { spiffeIdentity } from '../security/spiffe.ts';
import { tlsModeOf } from './injection.ts';
import { localityOfProxy, parseLocality, statedLocality, withPlaceLabels } from './locality.ts';
import type { Endpoint, NetworkOf, Workload } from './service.ts';
import type { PodWorkload } from './workloads.ts';

/** A program that ServiceEntries, and WorkloadEntries that Services, can select: its endpoint without a service port. */
export interface WorkloadInstance {
  readonly kind: 'Pod' | 'WorkloadEntry';
  readonly name: string;
  readonly namespace: string;
  readonly endpoint: Omit<Endpoint, 'port' | 'servicePortName' | 'servicePortNumber'>;
  /** Ports by name. */
  readonly ports: ReadonlyMap<string, number>;
  /** Its address is no IP, so that only services which are resolved by DNS can have it. */
  readonly dnsOnly: boolean;
}

/** What workload entries depend on. */
export interface WorkloadEntrySettings {
  readonly trustDomain: string;
  readonly clusterId: string;
  /** What names the network of an entry that names none, for its labels alone; undefined where nobody is asked. */
  readonly networkOf?: NetworkOf;
}

const UNIX_PREFIX = 'unix://';
const HEALTH_CHECKED = 'proxy.istio.io/health-checks-enabled';

/** A ready pod as ServiceEntries select it; istio kube controller pod.go notifyWorkloadHandlers. */
export function podInstance(
  pod: PodWorkload,
  { trustDomain, behaviours }: Pick<WorkloadEntrySettings, 'trustDomain'> & { readonly behaviours: Behaviours },
): WorkloadInstance {
  const ports = new Map<string, number>();
  for (const { name, port, protocol } of pod.containerPorts) {
    if (name !== '' && protocol === 'TCP' && !ports.has(name)) ports.set(name, port);
  }
  return {
    kind: 'Pod',
    name: pod.name,
    namespace: pod.namespace,
    endpoint: extended(podEndpoint(pod, trustDomain), {
      additionalAddresses: behaviours.dualStack ? pod.ips.slice(1) : [],
      health: 'healthy' as const,
    }),
    ports,
    dnsOnly: false,
  };
}

/** What all endpoints of a pod have in common; istio kube controller endpoint_builder.go. */
export function podEndpoint(
  pod: PodWorkload,
  trustDomain: string,
): Omit<Endpoint, 'port' | 'servicePortName' | 'servicePortNumber' | 'health'> {
  return {
    address: pod.ips[0] ?? '',
    additionalAddresses: [],
    labels: pod.labels,
    serviceAccount: spiffeIdentity(trustDomain, pod.namespace, pod.serviceAccount),
    network: pod.endpointNetwork,
    localityLabel: pod.localityLabel,
    weight: 0,
    tlsMode: tlsModeOf(pod.ownLabels) ?? 'disabled',
    namespace: pod.namespace,
    workloadName: pod.workloadName,
    clusterId: pod.labels['topology.istio.io/cluster'] ?? '',
    nodeName: pod.nodeName,
    resource: pod.resource,
    path: [],
  };
}

/** Where a workload entry is written: on its own, or as an endpoint of a ServiceEntry. */
export interface EntrySource {
  readonly resource: Resource;
  readonly path: Endpoint['path'];
  /** Name of the instance; that of an inline endpoint has its index. */
  readonly name: string;
  readonly workloadName: string;
}

/** A workload entry as an instance; istio serviceentry/conversion.go convertWorkloadEntryToWorkloadInstance. */
export function workloadEntryInstance(
  entry: WorkloadEntry,
  source: EntrySource,
  settings: WorkloadEntrySettings,
): WorkloadInstance {
  const { address = '', network = '', serviceAccount = '' } = entry;
  const labels = entry.labels ?? {};
  const { namespace } = source.resource;
  const localityLabel = entry.locality || statedLocality(labels);
  const placeNetwork = network || (settings.networkOf?.(address, labels) ?? '');
  const place = { locality: localityLabel, nodeName: '', clusterId: settings.clusterId, network: placeNetwork };
  return {
    kind: 'WorkloadEntry',
    name: source.name,
    namespace,
    endpoint: {
      address,
      additionalAddresses: [],
      labels: withPlaceLabels(labels, place),
      serviceAccount: serviceAccount === '' ? '' : spiffeIdentity(settings.trustDomain, namespace, serviceAccount),
      network,
      localityLabel,
      weight: entry.weight ?? 0,
      tlsMode: tlsModeOf(labels) ?? (serviceAccount === '' ? 'disabled' : 'istio'),
      namespace,
      workloadName: source.workloadName,
      clusterId: settings.clusterId,
      health: 'unknown',
      nodeName: '',
      resource: source.resource,
      path: source.path,
    },
    ports: new Map(Object.entries(entry.ports ?? {})),
    dnsOnly: address.startsWith(UNIX_PREFIX) || (address !== '' && !isIpAddress(address)),
  };
}

/**
 * The instance of a WorkloadEntry resource, whose labels and those of its metadata are one; undefined while a health check says it
 * is down.
 */
export function workloadEntryResourceInstance(
  resource: ResourceOf<'WorkloadEntry'>,
  settings: WorkloadEntrySettings,
  { enableWorkloadEntryHealthchecks }: Behaviours,
): WorkloadInstance | undefined {
  if (enableWorkloadEntryHealthchecks && !isHealthy(resource)) return undefined;
  const workloadName =
    resource.annotations['istio.io/autoRegistrationGroup'] ?? resource.labels['service.istio.io/workload-name'] ?? resource.name;
  const source = { resource, path: ['spec'], name: resource.name, workloadName };
  return workloadEntryInstance({ ...resource.spec, labels: mergedLabels(resource) }, source, settings);
}

function mergedLabels({ spec, labels }: ResourceOf<'WorkloadEntry'>): Labels {
  return { ...spec.labels, ...labels };
}

function isHealthy({ annotations, status }: Resource): boolean {
  const checked = annotations[HEALTH_CHECKED] ?? '';
  if (!['1', 't', 'T', 'TRUE', 'true', 'True'].includes(checked)) return true;
  const conditions: unknown = isObject(status) ? status.conditions : undefined;
  if (!Array.isArray(conditions)) return false;
  return conditions.find((condition) => isObject(condition) && condition.type === 'Healthy')?.status === 'True';
}

/** A WorkloadEntry as a workload of the mesh. Its own proxy is not among those that mesh configures. */
export function workloadEntryWorkload(instance: WorkloadInstance, resource: ResourceOf<'WorkloadEntry'>): Workload {
  const { endpoint } = instance;
  return {
    kind: 'WorkloadEntry',
    name: instance.name,
    namespace: instance.namespace,
    labels: endpoint.labels,
    ownLabels: mergedLabels(resource),
    annotations: resource.annotations,
    ips: isIpAddress(endpoint.address) ? [endpoint.address] : [],
    serviceAccount: resource.spec.serviceAccount || 'default',
    workloadName: endpoint.workloadName,
    nodeName: '',
    clusterId: endpoint.clusterId,
    locality: endpoint.localityLabel === '' ? localityOfProxy(endpoint.labels) : parseLocality(endpoint.localityLabel),
    network: endpoint.network,
    containerPorts: [...instance.ports].map(([name, port]) => ({ name, port, protocol: 'TCP' })),
    hostNetwork: false,
    injected: false,
    role: 'sidecar',
    ready: true,
    resource,
  };
}

/** The address and port of an instance for a port of a ServiceEntry; istio convertWorkloadInstanceToServiceInstance. */
export function entryEndpoint(
  { endpoint, ports }: WorkloadInstance,
  port: { readonly name?: string; readonly number?: number; readonly targetPort?: number },
): Endpoint {
  const isSocket = endpoint.address.startsWith(UNIX_PREFIX);
  const number = port.number ?? 0;
  return {
    ...endpoint,
    address: isSocket ? endpoint.address.slice(UNIX_PREFIX.length) : endpoint.address,
    port: isSocket ? 0 : ports.get(port.name ?? '') || port.targetPort || number,
    servicePortName: port.name ?? '',
    servicePortNumber: number,
  };
}
