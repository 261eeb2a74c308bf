import type { ServiceEntry, WorkloadEntry } from '../../api/istio.gen.ts';
import type { Behaviours } from '../../releases/release.ts';
import { REDIRECTION } from '../../resource/ambient-labels.ts';
import type { Labels, Resource, ResourceOf } from '../../resource/resource.ts';
import { groupByKind } from '../../resource/select.ts';
import { groupBy } from '../../util/collections.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { own } from '../../util/object.ts';
import { selects } from '../labels.ts';
import type { Protocol } from '../protocol.ts';
import { SERVICE_NAME } from '../registry/endpoint-slices.ts';
import { canonicalService } from '../registry/injection.ts';
import { parseLocality } from '../registry/locality.ts';
import type { Locality, Workload } from '../registry/service.ts';
import type { Bindings } from './bindings.ts';
import { type CaptureSettings, type Tunnel, tunnelLabelled, tunnelOf } from './capture.ts';
import { keyOfService, type TunnelledPort, type TunnelledService } from './services.ts';
import { type ApplicationTunnel, qualifiedName, type Waypoint, type Waypoints, waypointOfInstance } from './waypoints.ts';

/** A port of a service at a workload. */
export interface WorkloadPort {
  readonly servicePort: number;
  readonly targetPort: number;
  /** What is spoken there, where the workload stands for a service. */
  readonly protocol?: Protocol;
}

/** A workload, without how its network is reached; istio model.WorkloadInfo. */
export interface PlacedWorkload {
  /** Its key: cluster, kind, namespace and name. */
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly addresses: readonly string[];
  /** A name to resolve, where it has no address. */
  readonly hostname: string | undefined;
  readonly network: string;
  readonly serviceAccount: string;
  readonly node: string;
  readonly locality: Locality | undefined;
  readonly isHealthy: boolean;
  /** Empty where nobody knows whose it is. */
  readonly workloadName: string;
  readonly canonical: { readonly name: string; readonly revision: string } | undefined;
  readonly tunnel: Tunnel;
  readonly sharesAddress: boolean;
  /** Its share among the endpoints; 0 where none is written. */
  readonly weight: number;
  readonly applicationTunnel: ApplicationTunnel | undefined;
  readonly waypoint: Waypoint | undefined;
  readonly waypointError: ReturnType<Bindings['ofWorkload']>['error'];
  /** Its ports by `namespace/host` of the services that it serves. */
  readonly services: ReadonlyMap<string, readonly WorkloadPort[]>;
  /** `namespace/name` of the policies that select it. */
  readonly policies: readonly string[];
  /** The PeerAuthentication behind those of them that ask for mutual TLS. */
  readonly mutualTls: ResourceOf<'PeerAuthentication'> | undefined;
  readonly resource: Resource;
  /** Where it stands in a ServiceEntry that lists it. */
  readonly entryIndex?: number;
}

/** What workloads depend on beside their own resources. */
export interface TunnelledWorkloadSettings {
  readonly behaviours: Behaviours;
  readonly clusterId: string;
  /** The network of all that names no other. */
  readonly network: string;
  readonly capture: CaptureSettings;
  readonly waypoints: Waypoints;
  readonly bindings: Bindings;
  /** Policies for a workload, those of the waypoints of it and its services too. */
  policiesOf(
    workload: { readonly namespace: string; readonly labels: Labels },
    waypoint: Waypoint | undefined,
    services: readonly TunnelledService[],
  ): Pick<PlacedWorkload, 'policies' | 'mutualTls'>;
}

/** All that ztunnel may connect to; as istio ambient/workloads.go WorkloadsCollection. */
export function tunnelledWorkloads(
  resources: readonly Resource[],
  workloads: readonly Workload[],
  services: readonly TunnelledService[],
  settings: TunnelledWorkloadSettings,
): readonly PlacedWorkload[] {
  const { of } = groupByKind(resources);
  const ofNamespace = groupBy(services, ({ namespace }) => namespace);
  const byResource = groupBy(services, ({ resource }) => resource);
  const byName = new Map(
    services.filter(({ resource }) => resource.kind === 'Service').map((service) => [qualifiedName(service), service]),
  );
  const slices = of('EndpointSlice').filter(({ spec }) => spec.addressType !== 'FQDN');
  const sliceServices = servicesOfSlices(slices, byName);
  const select = (namespace: string, labels: Labels, kinds: readonly Resource['kind'][]): readonly TunnelledService[] =>
    (ofNamespace.get(namespace) ?? []).filter(
      ({ selector, resource }) => kinds.includes(resource.kind) && selectedBy(selector, labels),
    );
  return [
    ...workloads
      .filter(({ kind }) => kind === 'Pod')
      .flatMap((workload) => {
        const { namespace, ownLabels, name } = workload;
        const kinds: Resource['kind'][] = settings.behaviours.enableServiceEntrySelectPods
          ? ['Service', 'ServiceEntry']
          : ['Service'];
        const selecting = select(namespace, ownLabels, kinds);
        const hosts = new Set(selecting.map(({ hostname }) => hostname));
        const named = (sliceServices.get(`${namespace}/${name}`) ?? []).filter(({ hostname }) => !hosts.has(hostname));
        return podWorkload(workload, [...selecting, ...named], settings);
      }),
    ...of('WorkloadEntry').map((resource) => {
      const kinds: Resource['kind'][] = settings.behaviours.enableK8sSelectWorkloadEntries
        ? ['Service', 'ServiceEntry']
        : ['ServiceEntry'];
      const labels = { ...resource.spec.labels, ...resource.labels };
      return workloadEntry(resource, labels, select(resource.namespace, labels, kinds), settings);
    }),
    ...of('ServiceEntry').flatMap((resource) => entryWorkloads(resource, byResource.get(resource) ?? [], settings)),
    ...slices.flatMap((slice) => sliceWorkloads(slice, byName, settings)),
  ];
}

/**
 * Whether a selector that says something selects a workload. Whoever has no labels at all is selected by everybody: istiod's filters
 * (krt FilterSelects) then filter nothing.
 */
export function selectedBy(selector: Labels | undefined, labels: Labels): boolean {
  if (Object.keys(labels).length === 0) return true;
  return selector !== undefined && Object.keys(selector).length > 0 && selects(selector, labels);
}

/** The waypoint of a workload; an instance of one has none, and may be told how to take connections. As computeWaypoint. */
function waypointOf(
  object: { readonly namespace: string; readonly labels: Labels },
  { waypoints, bindings }: TunnelledWorkloadSettings,
): Pick<PlacedWorkload, 'applicationTunnel' | 'waypoint' | 'waypointError'> {
  const instanceOf = waypointOfInstance(waypoints, object.namespace, object.labels);
  if (instanceOf !== undefined) {
    return { applicationTunnel: instanceOf.binding, waypoint: undefined, waypointError: undefined };
  }
  const { waypoint, error } = bindings.ofWorkload(object);
  return { applicationTunnel: undefined, waypoint, waypointError: error };
}

/** A pod that has an address and has not ended. As podWorkloadBuilder. */
function podWorkload(
  workload: Workload,
  services: readonly TunnelledService[],
  settings: TunnelledWorkloadSettings,
): readonly PlacedWorkload[] {
  const { name, namespace, ips, ownLabels: labels, workloadName, nodeName, hostNetwork, resource } = workload;
  if (resource.kind !== 'Pod' || ips.length === 0) return [];
  if (resource.status?.phase === 'Succeeded' || resource.status?.phase === 'Failed') return [];
  const { locality } = workload;
  const hasLocality = locality.region !== '' || locality.zone !== '' || locality.subzone !== '';
  const place = waypointOf({ namespace, labels }, settings);
  return [
    {
      uid: `${settings.clusterId}//Pod/${namespace}/${name}`,
      name,
      namespace,
      addresses: ips,
      hostname: undefined,
      network: settings.network,
      serviceAccount: workload.serviceAccount,
      node: nodeName,
      locality: hasLocality && nodeName !== '' ? locality : undefined,
      isHealthy: workload.ready,
      workloadName,
      canonical: canonicalService(labels, workloadName),
      tunnel: tunnelOf(workload, settings.capture),
      sharesAddress: hostNetwork,
      weight: 0,
      ...place,
      services: portsOf(services, (port, service) => podPort(workload, port, service)),
      ...settings.policiesOf({ namespace, labels }, place.waypoint, services),
      resource,
    },
  ];
}

function portsOf(
  services: readonly TunnelledService[],
  targetPort: (port: TunnelledPort, service: TunnelledService) => number | undefined,
): PlacedWorkload['services'] {
  return new Map(
    services.map((service) => [
      keyOfService(service),
      service.ports.flatMap((port) => {
        const target = targetPort(port, service);
        return target === undefined ? [] : [{ servicePort: port.servicePort, targetPort: target }];
      }),
    ]),
  );
}

/** The port of a pod; undefined where the pod has none of that name. As constructServices. */
function podPort({ containerPorts }: Workload, port: TunnelledPort, { resource }: TunnelledService): number | undefined {
  const named = (name: string): number | undefined =>
    containerPorts.find((candidate) => candidate.name === name && candidate.protocol === 'TCP')?.port;
  if (port.targetName !== undefined) return named(port.targetName);
  if (resource.kind === 'ServiceEntry' && port.name !== '') return named(port.name) ?? (port.targetPort || port.servicePort);
  return port.targetPort;
}

/** As constructServicesFromWorkloadEntry. */
function entryPort({ ports = {} }: WorkloadEntry, port: TunnelledPort, { resource }: TunnelledService): number | undefined {
  if (resource.kind === 'Service' && port.targetName !== undefined) return own(ports, port.targetName);
  return own(ports, port.name) ?? (port.targetPort || port.servicePort);
}

/** What is written as an address: one, or a name to resolve. */
export function addressOrName(text: string): Pick<PlacedWorkload, 'addresses' | 'hostname'> {
  return isIpAddress(text) ? { addresses: [text], hostname: undefined } : { addresses: [], hostname: text };
}

/** What all that is written as a WorkloadEntry has. */
function ofEntry(
  entry: WorkloadEntry,
  services: readonly TunnelledService[],
): Omit<
  PlacedWorkload,
  | 'uid'
  | 'name'
  | 'namespace'
  | 'network'
  | 'workloadName'
  | 'canonical'
  | 'tunnel'
  | 'policies'
  | 'mutualTls'
  | 'resource'
  | keyof ReturnType<typeof waypointOf>
> {
  const { address = '', serviceAccount = '', weight = 0, locality = '' } = entry;
  return {
    ...addressOrName(address),
    serviceAccount,
    node: '',
    locality: locality === '' ? undefined : parseLocality(locality),
    isHealthy: true,
    sharesAddress: false,
    weight,
    services: portsOf(services, (port, service) => entryPort(entry, port, service)),
  };
}

function workloadEntry(
  resource: ResourceOf<'WorkloadEntry'>,
  labels: Labels,
  services: readonly TunnelledService[],
  settings: TunnelledWorkloadSettings,
): PlacedWorkload {
  const { name, namespace, annotations, spec } = resource;
  const workloadName = annotations['istio.io/autoRegistrationGroup'] ?? labels['service.istio.io/workload-name'] ?? name;
  const place = waypointOf({ namespace, labels }, settings);
  return {
    ...ofEntry(spec, services),
    uid: `${settings.clusterId}/networking.istio.io/WorkloadEntry/${namespace}/${name}`,
    name,
    namespace,
    network: spec.network || settings.network,
    workloadName,
    canonical: canonicalService(labels, workloadName),
    tunnel: tunnelOfLabels(labels, annotations),
    ...place,
    ...settings.policiesOf({ namespace, labels }, place.waypoint, services),
    resource,
  };
}

/** As setTunnelProtocol, of what no agent takes care of. */
function tunnelOfLabels(labels: Labels, annotations: Labels): Tunnel {
  if (tunnelLabelled(labels)) return 'proxy';
  return annotations[REDIRECTION] === 'enabled' ? 'ztunnel' : 'none';
}

const dnsResolutions: readonly (ServiceEntry['resolution'] | undefined)[] = ['DNS', 'DYNAMIC_DNS', 'DNS_ROUND_ROBIN'];

/** The endpoints that a ServiceEntry lists, else its hosts where they are resolved. As serviceEntryWorkloadBuilder. */
function entryWorkloads(
  resource: ResourceOf<'ServiceEntry'>,
  services: readonly TunnelledService[],
  settings: TunnelledWorkloadSettings,
): readonly PlacedWorkload[] {
  const { name, namespace, labels, annotations, spec } = resource;
  const { endpoints = [], resolution, workloadSelector } = spec;
  const isImplicit = endpoints.length === 0 && dnsResolutions.includes(resolution) && workloadSelector === undefined;
  const entries: readonly { readonly entry: WorkloadEntry; readonly served: readonly TunnelledService[] }[] = isImplicit
    ? services.map((service) => ({ entry: { address: service.hostname }, served: [service] }))
    : services.length === 0
      ? []
      : endpoints.map((entry) => ({ entry, served: services }));
  let network = settings.network;
  return entries.map(({ entry, served }, index) => {
    // Once an endpoint names a network, those after it are taken to be in that one.
    if (entry.network) network = entry.network;
    const place = isImplicit
      ? { applicationTunnel: undefined, waypoint: undefined, waypointError: undefined }
      : waypointOf({ namespace, labels: entry.labels ?? {} }, settings);
    return {
      ...ofEntry(entry, served),
      uid: `${settings.clusterId}/networking.istio.io/ServiceEntry/${namespace}/${name}/${entry.address ?? ''}`,
      name,
      namespace,
      network,
      workloadName: name,
      canonical: canonicalService(labels, name),
      tunnel: tunnelOfLabels(labels, annotations),
      ...place,
      ...settings.policiesOf({ namespace, labels }, place.waypoint, served),
      resource,
      ...(!isImplicit && { entryIndex: index }),
    };
  });
}

/** Services without selector that slices lead to pods, by `namespace/name` of the pod. As matchingServicesWithoutSelectors. */
function servicesOfSlices(
  slices: readonly ResourceOf<'EndpointSlice'>[],
  services: ReadonlyMap<string, TunnelledService>,
): ReadonlyMap<string, readonly TunnelledService[]> {
  const found = slices.flatMap((slice) => {
    const service = serviceOfSlice(slice, services);
    const pods = (slice.spec.endpoints ?? []).flatMap(({ targetRef }) =>
      targetRef?.kind === 'Pod' ? [`${targetRef.namespace ?? slice.namespace}/${targetRef.name ?? ''}`] : [],
    );
    return service === undefined ? [] : [...new Set(pods)].map((pod) => ({ pod, service }));
  });
  return new Map(
    [...groupBy(found, ({ pod }) => pod)].map(([pod, list]) => [pod, [...new Set(list.map(({ service }) => service))]]),
  );
}

function serviceOfSlice(
  { labels, namespace }: ResourceOf<'EndpointSlice'>,
  services: ReadonlyMap<string, TunnelledService>,
): TunnelledService | undefined {
  const name = labels[SERVICE_NAME];
  return name === undefined ? undefined : services.get(qualifiedName({ namespace, name }));
}

/** Addresses of a slice that no pod stands for. As endpointSlicesBuilder. */
function sliceWorkloads(
  slice: ResourceOf<'EndpointSlice'>,
  services: ReadonlyMap<string, TunnelledService>,
  settings: TunnelledWorkloadSettings,
): readonly PlacedWorkload[] {
  const service = serviceOfSlice(slice, services);
  if (service === undefined) return [];
  const { name, namespace, spec } = slice;
  const ports = (spec.ports ?? []).flatMap(({ name: portName = '', port, protocol = 'TCP' }) => {
    const found = protocol === 'TCP' && port !== undefined && service.ports.find((candidate) => candidate.name === portName);
    return found ? [{ servicePort: found.servicePort, targetPort: port }] : [];
  });
  const seen = new Set<string>();
  return (spec.endpoints ?? []).flatMap(({ addresses, conditions, targetRef }): PlacedWorkload[] => {
    const [key] = addresses;
    if (targetRef?.kind === 'Pod' || key === undefined || seen.has(key) || !addresses.every(isIpAddress)) return [];
    seen.add(key);
    return [
      {
        uid: `${settings.clusterId}/discovery.k8s.io/EndpointSlice/${namespace}/${name}/${key}`,
        name,
        namespace,
        addresses,
        hostname: undefined,
        network: settings.network,
        serviceAccount: '',
        node: '',
        locality: undefined,
        isHealthy: conditions?.ready !== false,
        workloadName: '',
        canonical: undefined,
        tunnel: 'none',
        sharesAddress: true,
        weight: 0,
        applicationTunnel: undefined,
        waypoint: undefined,
        waypointError: undefined,
        services: new Map([[keyOfService(service), ports]]),
        policies: [],
        mutualTls: undefined,
        resource: slice,
      },
    ];
  });
}
