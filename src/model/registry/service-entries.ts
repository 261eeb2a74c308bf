import type { ServiceEntry, ServiceEntryResolution, ServiceEntryVisibilityVisibility } from '../../api/istio.gen.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { assertNever } from '../../util/assert.ts';
import { isIpAddress, isIpv4Address, simplifyCidr } from '../../util/ip-address.ts';
import { compareText } from '../../util/text.ts';
import { selects } from '../labels.ts';
import { creationTime } from '../order.ts';
import { parseProtocol } from '../protocol.ts';
import { narrowed, visibilityOf } from '../traffic/visibility.ts';
import { allocatesAddresses } from './address-allocation.ts';
import { withCanonicalLabels } from './injection.ts';
import { annotationsOfNamespace, type ServiceSettings, UNSPECIFIED_ADDRESS } from './kubernetes-services.ts';
import type { Endpoint, Resolution, Service, ServicePort } from './service.ts';
import { trafficDistribution } from './traffic-distribution.ts';
import { entryEndpoint, type WorkloadEntrySettings, type WorkloadInstance, workloadEntryInstance } from './workload-instances.ts';

/** An endpoint of a ServiceEntry, with the port it serves. */
export interface EntryEndpoint {
  readonly service: Service;
  readonly port: ServicePort;
  readonly endpoint: Endpoint;
}

/** One service of a ServiceEntry with its endpoints. */
export interface EntryService {
  readonly service: Service;
  readonly endpoints: readonly EntryEndpoint[];
}

/** What ServiceEntries depend on. */
interface EntrySettings extends ServiceSettings {
  readonly entries: WorkloadEntrySettings;
}

/** What the ServiceEntries of a namespace depend on. */
export interface EntryNamespace {
  /** Where it is given as an object. */
  readonly namespace: ResourceOf<'Namespace'> | undefined;
  /** How far they are seen at most. */
  readonly visibility: ServiceEntryVisibilityVisibility;
}

/**
 * The services of a ServiceEntry, one for each host and address, with their endpoints: those it lists, those it selects among
 * `instances` (of its namespace, pods first), or its host name.
 * As istio pilot/pkg/serviceregistry/serviceentry/conversion.go convertServices and services.
 */
export function entryServices(
  resource: ResourceOf<'ServiceEntry'>,
  instances: readonly WorkloadInstance[],
  place: EntryNamespace,
  settings: EntrySettings,
): readonly EntryService[] {
  const { spec } = resource;
  const services = hostAddresses(spec).map(([host, address]) => entryService(resource, host, address, place, settings));
  const [first] = services;
  if (first === undefined) return [];
  const selected = selectedInstances(spec, instances, isDns(first));
  const listed = (spec.endpoints ?? []).map((entry, index) => {
    const name = `${resource.name}-${index}`;
    const source = { resource, path: ['spec', 'endpoints', index], name, workloadName: name };
    return named(workloadEntryInstance(entry, source, settings.entries), settings);
  });
  const ports = (spec.ports ?? []).map((port, index) => ({ port, servicePort: first.ports[index] }));
  return services.map((service) => {
    const byHost = spec.workloadSelector === undefined && listed.length === 0 && isDns(service);
    const own = byHost ? [hostInstance(resource, service, settings)] : spec.workloadSelector ? selected : listed;
    const endpoints = own.flatMap((instance) =>
      ports.flatMap(({ port, servicePort }) =>
        servicePort === undefined ? [] : [{ service, port: servicePort, endpoint: entryEndpoint(instance, port) }],
      ),
    );
    return { service, endpoints };
  });
}

/** Whether the endpoints of a service are names that Envoy resolves. */
export function isDns({ resolution }: Service): boolean {
  return resolution === 'dns' || resolution === 'dnsRoundRobin';
}

/** Every host with every address; addresses that are none are passed over. */
function hostAddresses({ hosts = [], addresses = [] }: ServiceEntry): readonly (readonly [string, string])[] {
  const valid = addresses.flatMap((address) => (isIpAddress(address) ? address : (simplifyCidr(address) ?? [])));
  const usable = addresses.length === 0 ? [UNSPECIFIED_ADDRESS] : valid;
  return hosts.flatMap((host) => usable.map((address) => [host, address] as const));
}

function entryService(
  resource: ResourceOf<'ServiceEntry'>,
  hostname: string,
  address: string,
  place: EntryNamespace,
  settings: ServiceSettings,
): Service {
  const { spec, namespace, annotations } = resource;
  const ports = spec.ports ?? [];
  const resolution = resolutionOf(spec.resolution ?? 'NONE');
  const meshExternal = spec.location !== 'MESH_INTERNAL';
  const overrides = ports.flatMap(({ number = 0, targetPort = 0 }): [number, number][] =>
    resolution === 'passthrough' && targetPort !== 0 ? [[number, targetPort]] : [],
  );
  return {
    hostname,
    name: hostname,
    objectName: resource.name,
    namespace,
    registry: 'External',
    ports: ports.map(({ name = '', number = 0, protocol = '' }) => ({ name, port: number, protocol: parseProtocol(protocol) })),
    address,
    addresses: address === UNSPECIFIED_ADDRESS ? [] : [address],
    allocatedAddresses: allocatedAddresses(resource, hostname),
    resolution,
    meshExternal,
    serviceAccounts: spec.subjectAltNames ?? [],
    visibility: narrowed(visibilityOf(spec.exportTo, namespace, settings.defaultExportTo), namespace, place.visibility),
    createdAt: creationTime(resource),
    labels:
      settings.behaviours.labelCanonicalServicesForMeshExternalServiceEntries && meshExternal
        ? withCanonicalLabels(resource.labels, resource.name)
        : resource.labels,
    selector: spec.workloadSelector && (spec.workloadSelector.labels ?? {}),
    externalName: '',
    aliases: [],
    trafficDistribution: trafficDistribution(
      undefined,
      annotations,
      annotationsOfNamespace(place.namespace, settings.behaviours),
    ),
    nodeLocal: false,
    passthroughTargetPorts: new Map(overrides),
    raceFirstTcpConnect:
      settings.behaviours.racesTcpConnects &&
      annotations['istio.io/connect-strategy']?.toUpperCase() === 'RACE_FIRST_TCP_CONNECT',
    externalAddresses: [],
    resource,
  };
}

function resolutionOf(resolution: ServiceEntryResolution): Resolution {
  switch (resolution) {
    case 'NONE':
      return 'passthrough';
    case 'STATIC':
      return 'clientSide';
    case 'DNS':
      return 'dns';
    case 'DNS_ROUND_ROBIN':
      return 'dnsRoundRobin';
    case 'DYNAMIC_DNS':
      return 'dynamicDns';
    default:
      return assertNever(resolution);
  }
}

/** The addresses, one of each family, that istiod's controller allocated to a host and wrote into the status. */
function allocatedAddresses({ spec, status, labels }: ResourceOf<'ServiceEntry'>, hostname: string): readonly string[] {
  if (!allocatesAddresses(spec, labels)) return [];
  const allocated = (status?.addresses ?? []).filter(({ host, value = '' }) => host === hostname && isIpAddress(value));
  const ofFamily = (ipv4: boolean): string | undefined =>
    allocated.findLast(({ value = '' }) => isIpv4Address(value) === ipv4)?.value;
  return [ofFamily(true), ofFamily(false)].filter((address) => address !== undefined);
}

/** The instances that a ServiceEntry selects: pods before WorkloadEntries, by name. */
function selectedInstances(
  { workloadSelector }: ServiceEntry,
  instances: readonly WorkloadInstance[],
  dns: boolean,
): readonly WorkloadInstance[] {
  const selector = workloadSelector?.labels;
  if (workloadSelector === undefined) return [];
  return instances
    .filter(({ endpoint, dnsOnly }) => selects(selector ?? {}, endpoint.labels) && (dns || !dnsOnly))
    .sort((a, b) => compareText(a.kind, b.kind) || compareText(a.name, b.name));
}

/** The host itself as the endpoint of a service that is resolved by its name. */
function hostInstance(resource: ResourceOf<'ServiceEntry'>, { hostname }: Service, settings: EntrySettings): WorkloadInstance {
  const instance: WorkloadInstance = {
    kind: 'WorkloadEntry',
    name: resource.name,
    namespace: resource.namespace,
    endpoint: {
      address: hostname,
      additionalAddresses: [],
      labels: {},
      serviceAccount: '',
      network: '',
      localityLabel: '',
      weight: 0,
      tlsMode: 'disabled',
      namespace: resource.namespace,
      workloadName: resource.name,
      clusterId: settings.entries.clusterId,
      health: 'unknown',
      nodeName: '',
      resource,
      path: ['spec', 'hosts'],
    },
    ports: new Map(),
    dnsOnly: true,
  };
  return named(instance, settings);
}

/** An endpoint of the entry itself: in some releases without name and namespace. */
function named(instance: WorkloadInstance, { behaviours }: ServiceSettings): WorkloadInstance {
  if (behaviours.namesEndpointsOfEntries) return instance;
  return { ...instance, endpoint: { ...instance.endpoint, namespace: '', workloadName: '' } };
}

/**
 * The endpoints of services of one host and namespace, oldest first. Of a service that Envoy resolves round robin, each port has
 * one endpoint only. As istio serviceentry/conversion.go mergeServicesInstancesByNamespaceHost.
 */
export function mergeEntryEndpoints(services: readonly EntryService[]): readonly EntryEndpoint[] {
  const taken = new Set<number>();
  const merged: EntryEndpoint[] = [];
  for (const candidate of services.flatMap(({ endpoints }) => endpoints)) {
    const { port } = candidate.port;
    if (candidate.service.resolution === 'dnsRoundRobin' && taken.has(port)) continue;
    taken.add(port);
    merged.push(candidate);
  }
  return merged;
}
