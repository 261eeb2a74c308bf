import type { LabelSelector, MeshConfigServiceScopeConfigs } from '../../api/istio.gen.ts';
import type { Behaviours } from '../../releases/release.ts';
import { INGRESS_USE_WAYPOINT } from '../../resource/ambient-labels.ts';
import { matchesSelector } from '../../resource/namespaces.ts';
import type { Labels, Resource, ResourceOf } from '../../resource/resource.ts';
import { groupByKind } from '../../resource/select.ts';
import { assertNever } from '../../util/assert.ts';
import { maskedCidr } from '../../util/cidr.ts';
import { groupBy } from '../../util/collections.ts';
import { parseGoBoolean } from '../../util/go-boolean.ts';
import { isIpAddress } from '../../util/ip-address.ts';
import { own } from '../../util/object.ts';
import { toKubernetes } from '../discovery.ts';
import { creationTime } from '../order.ts';
import { type Protocol, parseProtocol } from '../protocol.ts';
import { allocatesAddresses } from '../registry/address-allocation.ts';
import { portProtocol } from '../registry/service-ports.ts';
import { trafficDistribution } from '../registry/traffic-distribution.ts';
import { isWildcard } from '../traffic/host.ts';
import type { Binding, Bindings } from './bindings.ts';

/** A port of a service, and the port of its workloads: 0 where that has a name, which only workloads know. */
export interface TunnelledPort {
  readonly servicePort: number;
  readonly targetPort: number;
  readonly protocol: Protocol;
  readonly name: string;
  /** Name of a port of the workloads, where the Service gives one. */
  readonly targetName: string | undefined;
}

/** How ztunnel chooses among endpoints. */
export interface ZtunnelBalancing {
  readonly mode?: 'STRICT' | 'FAILOVER' | 'PASSTHROUGH';
  readonly preference?: readonly ('NETWORK' | 'REGION' | 'ZONE' | 'SUBZONE' | 'NODE')[];
  /** Whether endpoints that are not ready count too. */
  readonly allowsAll?: boolean;
}

/** A service as ztunnel knows it; istio model.ServiceInfo. */
export interface TunnelledService {
  readonly name: string;
  readonly namespace: string;
  readonly hostname: string;
  /** Addresses, or ranges of them. */
  readonly addresses: readonly string[];
  readonly ports: readonly TunnelledPort[];
  readonly binding: Binding;
  /** Whether gateways go to its waypoint as well. */
  readonly ingressUsesWaypoint: boolean;
  readonly subjectAltNames: readonly string[];
  readonly balancing: ZtunnelBalancing | undefined;
  readonly ipFamilies: 'IPV4_ONLY' | 'IPV6_ONLY' | 'DUAL' | undefined;
  /** Whether other networks see it; istio ServiceScope. */
  readonly isGlobal: boolean;
  /** Whether it is the one that a host means where several namespaces have it. */
  readonly canonical: boolean;
  readonly selector: Labels | undefined;
  readonly resource: ResourceOf<'Service' | 'ServiceEntry'>;
}

/** What services depend on beside their own resources. */
export interface TunnelledServiceSettings {
  readonly behaviours: Behaviours;
  readonly domainSuffix: string;
  readonly bindings: Bindings;
  /** What MeshConfig says about services that other networks see. */
  readonly scopes: readonly MeshConfigServiceScopeConfigs[];
  namespaceLabels(namespace: string): Labels;
  namespaceAnnotations(namespace: string): Labels | undefined;
}

/**
 * The services that ztunnel is told of: of one host in one namespace, a Service before ServiceEntries, and the oldest of these.
 * As istio ambient/services.go ServicesCollection.
 */
export function tunnelledServices(
  resources: readonly Resource[],
  settings: TunnelledServiceSettings,
): readonly TunnelledService[] {
  const { of } = groupByKind(resources);
  const all = [
    ...of('Service').flatMap((service) => kubernetesService(service, settings)),
    ...of('ServiceEntry').flatMap((entry) => entryServices(entry, settings)),
  ];
  return [...groupBy(all, ({ hostname }) => hostname).values()].flatMap(bestOfHost);
}

/** `namespace/host`, which no two services share. */
export function keyOfService({ namespace, hostname }: Pick<TunnelledService, 'namespace' | 'hostname'>): string {
  return `${namespace}/${hostname}`;
}

function bestOfHost(services: readonly TunnelledService[]): readonly TunnelledService[] {
  const best = [...groupBy(services, ({ namespace }) => namespace).values()].map((candidates) => candidates.reduce(better));
  const canonical = best.reduce(better);
  return best.map((service) => (service === canonical ? { ...service, canonical: true } : service));
}

/** The later of two only where it is older, or a Service. */
function better(current: TunnelledService, other: TunnelledService): TunnelledService {
  if (other.resource.kind === 'Service') return other;
  return current.resource.kind !== 'Service' && creationTime(other.resource) < creationTime(current.resource) ? other : current;
}

/** As constructService; services that are names for other hosts are none of ztunnel's. */
function kubernetesService(resource: ResourceOf<'Service'>, settings: TunnelledServiceSettings): readonly TunnelledService[] {
  const { name, namespace, annotations, spec } = resource;
  if (spec.type === 'ExternalName') return [];
  const { clusterIP = '', clusterIPs = [], selector, publishNotReadyAddresses } = spec;
  const addresses = (clusterIPs.length === 0 ? [clusterIP] : clusterIPs).filter(
    (address) => address !== '' && address !== 'None',
  );
  const distribution = balancing(spec.trafficDistribution, annotations, settings.namespaceAnnotations(namespace));
  const local: ZtunnelBalancing = { mode: 'STRICT', preference: ['NODE'] };
  const base = spec.internalTrafficPolicy === 'Local' ? local : distribution;
  return [
    {
      name,
      namespace,
      hostname: `${name}.${namespace}.svc.${settings.domainSuffix}`,
      addresses: addresses.filter(isIpAddress),
      ports: (spec.ports ?? []).map((port) => {
        const { targetPort = port.port } = port;
        return {
          servicePort: port.port,
          targetPort: typeof targetPort === 'number' ? targetPort : 0,
          protocol: portProtocol(port),
          name: port.name ?? '',
          targetName: typeof targetPort === 'string' ? targetPort : undefined,
        };
      }),
      ...waypointOf(resource, settings),
      subjectAltNames: [],
      balancing: publishNotReadyAddresses === true ? { ...base, allowsAll: true } : base,
      ipFamilies: familiesOf(resource),
      isGlobal: isGlobal(resource, settings),
      canonical: true,
      selector,
      resource,
    },
  ];
}

/** Whether a scope of MeshConfig makes a Service global; one without a selector is for all. As matchServiceScope. */
function isGlobal(
  { namespace, labels }: ResourceOf<'Service'>,
  { behaviours, scopes, namespaceLabels }: TunnelledServiceSettings,
): boolean {
  if (!behaviours.ambientEnableMultiNetwork) return false;
  return scopes.some(
    ({ scope, namespaceSelector = {}, servicesSelector = {} }) =>
      scope === 'GLOBAL' &&
      selectsLabels(namespaceSelector, namespaceLabels(namespace)) &&
      selectsLabels(servicesSelector, labels),
  );
}

/** What is malformed selects nothing. */
function selectsLabels(selector: LabelSelector, labels: Labels): boolean {
  const readable = toKubernetes(selector);
  return readable !== undefined && matchesSelector(readable, labels);
}

/** What the API server fills in for a cluster of IPv4: both families only for a headless Service without selector. */
function familiesOf({ spec }: ResourceOf<'Service'>): TunnelledService['ipFamilies'] {
  const { ipFamilies, clusterIP, clusterIPs, selector } = spec;
  if (ipFamilies?.length === 2) return 'DUAL';
  if (ipFamilies?.length === 1) return ipFamilies[0] === 'IPv6' ? 'IPV6_ONLY' : 'IPV4_ONLY';
  if (clusterIP === 'None' && Object.keys(selector ?? {}).length === 0) return 'DUAL';
  if (clusterIPs?.length === 2) return 'DUAL';
  return clusterIP?.includes(':') ? 'IPV6_ONLY' : 'IPV4_ONLY';
}

/** As constructServiceEntries: one for each host. */
function entryServices(resource: ResourceOf<'ServiceEntry'>, settings: TunnelledServiceSettings): readonly TunnelledService[] {
  const { name, namespace, labels, annotations, spec } = resource;
  const addresses = (spec.addresses ?? []).map(maskedRange);
  if (addresses.includes(undefined)) return [];
  const written = addresses.filter((address) => address !== undefined);
  const { resolution = 'NONE' } = spec;
  const passthrough: ZtunnelBalancing = { mode: 'PASSTHROUGH', allowsAll: true };
  const common = {
    name,
    namespace,
    ports: (spec.ports ?? []).map(({ name: portName = '', number = 0, targetPort = 0, protocol = '' }) => ({
      servicePort: number,
      targetPort: targetPort === 0 ? number : targetPort,
      protocol: parseProtocol(protocol),
      name: portName,
      targetName: undefined,
    })),
    ...waypointOf(resource, settings),
    subjectAltNames: spec.subjectAltNames ?? [],
    balancing: resolution === 'NONE' ? passthrough : balancing(undefined, annotations, settings.namespaceAnnotations(namespace)),
    ipFamilies: undefined,
    isGlobal: false,
    canonical: false,
    selector: spec.workloadSelector?.labels,
    resource,
  };
  const allocated = (host: string): readonly string[] =>
    settings.behaviours.enableIpAutoallocate && (!isWildcard(host) || resolution === 'DYNAMIC_DNS')
      ? allocatedAddresses(resource, host)
      : [];
  return (spec.hosts ?? []).map((hostname) => ({
    ...common,
    hostname,
    addresses: allocatesAddresses(spec, labels) ? allocated(hostname) : written,
  }));
}

/** Addresses that istiod's controller wrote into the status. */
function allocatedAddresses({ status }: ResourceOf<'ServiceEntry'>, hostname: string): readonly string[] {
  return (status?.addresses ?? []).flatMap(({ host, value = '' }) => (host === hostname && isIpAddress(value) ? [value] : []));
}

/** An address, or a range without the bits beyond its length; undefined for neither. As parseCidrOrIP. */
function maskedRange(text: string): string | undefined {
  const cidr = maskedCidr(text);
  if (cidr === undefined) return undefined;
  const isSingle = cidr.length === (cidr.address.includes(':') ? 128 : 32);
  return isSingle ? cidr.address : `${cidr.address}/${cidr.length}`;
}

function balancing(
  ofSpec: string | undefined,
  annotations: Labels,
  namespaceAnnotations: Labels | undefined,
): ZtunnelBalancing | undefined {
  const distribution = trafficDistribution(ofSpec, annotations, namespaceAnnotations);
  switch (distribution) {
    case 'preferSameZone':
      return { mode: 'FAILOVER', preference: ['NETWORK', 'REGION', 'ZONE'] };
    case 'preferSameNode':
      return { mode: 'FAILOVER', preference: ['NETWORK', 'REGION', 'ZONE', 'SUBZONE', 'NODE'] };
    case 'any':
      return undefined;
    default:
      return assertNever(distribution);
  }
}

/** The waypoint, and whether gateways use it: as the label of the object says, else that of its namespace. */
function waypointOf(
  { namespace, labels }: ResourceOf<'Service' | 'ServiceEntry'>,
  { bindings, namespaceLabels }: TunnelledServiceSettings,
): Pick<TunnelledService, 'binding' | 'ingressUsesWaypoint'> {
  const binding = bindings.ofService({ namespace, labels });
  const said = own(labels, INGRESS_USE_WAYPOINT) ?? own(namespaceLabels(namespace), INGRESS_USE_WAYPOINT);
  return { binding, ingressUsesWaypoint: binding.waypoint !== undefined && parseGoBoolean(said ?? '') === true };
}
