import type { Labels, Resource, ResourceOf } from '../../resource/resource.ts';
import type { Protocol } from '../protocol.ts';
import type { Role } from '../proxies/roles.ts';
import type { Visibility } from '../traffic/visibility.ts';

/** How the endpoints of a service are found; istio model.Resolution. */
export type Resolution = 'clientSide' | 'dns' | 'dnsRoundRobin' | 'passthrough' | 'dynamicDns' | 'alias';

/** A port that clients of a service use. */
export interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** How a service spreads its traffic; istio model.TrafficDistribution. */
export type TrafficDistribution = 'any' | 'preferSameZone' | 'preferSameNode';

/**
 * A service of the mesh: a Kubernetes Service, or one host (and address) of a ServiceEntry.
 * Mirrors istio pilot/pkg/model/service.go Service with its Attributes.
 */
export interface Service {
  readonly hostname: string;
  /** Name of the Kubernetes Service; for a ServiceEntry, the hostname (istio Attributes.Name). */
  readonly name: string;
  /** Name of the ServiceEntry; empty for Kubernetes Services. */
  readonly objectName: string;
  readonly namespace: string;
  readonly registry: 'Kubernetes' | 'External';
  readonly ports: readonly ServicePort[];
  /**
   * The address that stands for it where a proxy can use none of `addresses` (istio DefaultAddress): the first cluster IP, of whatever
   * family, or `0.0.0.0` where there is none (headless, address-less). A ServiceEntry's can be a CIDR.
   */
  readonly address: string;
  /** All addresses of its own, of both families, in the order that is written (istio ClusterVIPs). Empty when there is none. */
  readonly addresses: readonly string[];
  /**
   * Those of each cluster that has such a Kubernetes Service, as `addresses`, which are those of the first definition then. Undefined in a
   * mesh of one cluster, and for ServiceEntries.
   */
  readonly addressesByCluster?: ReadonlyMap<string, readonly string[]> | undefined;
  /** Addresses that istiod allocated to an address-less ServiceEntry, IPv4 first, as its status tells. Proxies with DNS capture use them. */
  readonly allocatedAddresses: readonly string[];
  readonly resolution: Resolution;
  readonly meshExternal: boolean;
  /** SPIFFE identities that a ServiceEntry's subjectAltNames, or annotations of a Service, name. Not those of endpoints. */
  readonly serviceAccounts: readonly string[];
  readonly visibility: Visibility;
  /** Milliseconds since 1970, as model/order.ts fills in what is missing. */
  readonly createdAt: number;
  readonly labels: Labels;
  /** Labels that select its workloads (Service selector, ServiceEntry workloadSelector). */
  readonly selector: Labels | undefined;
  /** Kubernetes ExternalName target. */
  readonly externalName: string;
  /** Hostnames of ExternalName Services that resolve to this one (istio Attributes.Aliases). */
  readonly aliases: readonly { readonly hostname: string; readonly namespace: string }[];
  readonly trafficDistribution: TrafficDistribution;
  /** internalTrafficPolicy: Local. */
  readonly nodeLocal: boolean;
  /** Ports of the workload by service port, where a ServiceEntry without resolution changes them (istio PassthroughTargetPorts). */
  readonly passthroughTargetPorts: ReadonlyMap<number, number>;
  /** Whether clients try all resolved addresses at once (annotation istio.io/connect-strategy of a ServiceEntry). */
  readonly raceFirstTcpConnect: boolean;
  /** Addresses for clients outside the cluster: load balancer's, external IPs (istio ClusterExternalAddresses). */
  readonly externalAddresses: readonly string[];
  /** The Service or ServiceEntry it was made from. */
  readonly resource: Resource;
}

/** Where an endpoint is. */
export interface Locality {
  readonly region: string;
  readonly zone: string;
  readonly subzone: string;
}

/** `unknown` is what ServiceEntry and WorkloadEntry endpoints have, whose health nobody tells. */
export type HealthStatus = 'unknown' | 'healthy' | 'unhealthy' | 'draining' | 'terminating';

/** One address and port that serves a service port; istio model.IstioEndpoint. */
export interface Endpoint {
  /** IP, DNS name, or path of a unix socket. */
  readonly address: string;
  /** Addresses of the other family, of a pod that has both where istiod serves both (ISTIO_DUAL_STACK). */
  readonly additionalAddresses: readonly string[];
  /** Number of the port, 0 for a unix socket. */
  readonly port: number;
  readonly servicePortName: string;
  /** Number of the service port; undefined for Kubernetes endpoints, which know its name only (istio LegacyClusterPortKey). */
  readonly servicePortNumber: number | undefined;
  /** Labels of the workload, those of its place (region, zone, subzone, node, cluster, network) included. */
  readonly labels: Labels;
  /** SPIFFE identity, empty when unknown. */
  readonly serviceAccount: string;
  readonly network: string;
  /** Where it is, `region/zone/subzone` as written, `''` when unknown; model/registry/locality.ts takes it apart. */
  readonly localityLabel: string;
  /** 0 where none is written, which counts as 1. */
  readonly weight: number;
  /** `istio`, `disabled`, or another value of the label `security.istio.io/tlsMode`. */
  readonly tlsMode: string;
  readonly namespace: string;
  readonly workloadName: string;
  readonly clusterId: string;
  readonly health: HealthStatus;
  readonly nodeName: string;
  /** Pod, WorkloadEntry, EndpointSlice or ServiceEntry that it was made from, with the path of the field. */
  readonly resource: Resource;
  readonly path: readonly (string | number)[];
}

/** A port of a service that a workload serves: what its inbound listeners and clusters are made from; istio model.ServiceTarget. */
export interface ServiceTarget {
  readonly service: Service;
  readonly port: ServicePort;
  /** The port of the workload. */
  readonly targetPort: number;
}

/**
 * How many endpoints are kept at once by those who make them: pods times ports of all services can be more than there is memory for,
 * and what is not kept is made again when it is asked for.
 */
export const MOST_ENDPOINTS_KEPT = 100_000;

/**
 * All services of the mesh and their endpoints. What it answers about one of its services alone (`aboutServices`) is the same as long as the
 * service is the same object: a registry of another state has another object where one of these answers is another.
 */
export interface ServiceRegistry {
  /** Oldest first, then hostname, then namespace (istio SortServicesByCreationTime). */
  readonly services: readonly Service[];
  /** The service of a hostname in a namespace. */
  service(hostname: string, namespace: string): Service | undefined;
  /** Services of a hostname in all namespaces, in order. */
  servicesOf(hostname: string): readonly Service[];
  /**
   * Endpoints of a service for one of its ports as clusters see them: those of ServiceEntries are found by the port's number
   * (istio PushContext.ServiceEndpointsByPort).
   */
  endpointsOf(service: Service, port: ServicePort): readonly Endpoint[];
  /**
   * Endpoints of a service for one of its ports as endpoint discovery sees them: found by the port's name (istio EndpointIndex). Of one
   * Kubernetes cluster alone, where it is named: those of ServiceEntries belong to the cluster whose istiod configures.
   */
  discoveredEndpointsOf(service: Service, port: ServicePort, cluster?: string): readonly Endpoint[];
  /** The identities that may serve the service, in all trust domains, sorted: those it names and those of its endpoints. */
  serviceAccountsOf(service: Service): readonly string[];
  /** The ports of what a service's hostname means in its namespace; a scope may hold some of them. */
  portsOf(service: Service): readonly ServicePort[];
  /** What a workload serves, in istiod's order (istio GetProxyServiceTargets). */
  targetsOf(workload: Workload): readonly ServiceTarget[];
  /** All pods and WorkloadEntries, by namespace and name. */
  readonly workloads: readonly Workload[];
  /** The network of an address in the cluster whose istiod configures. */
  readonly networkOf: NetworkOf;
  /** Gateways through which other networks are reached; empty in a mesh of one network. */
  readonly networkGateways: readonly NetworkGateway[];
}

/** The questions to a registry that are about one service alone. */
export const aboutServices: readonly (keyof ServiceRegistry)[] = [
  'endpointsOf',
  'discoveredEndpointsOf',
  'serviceAccountsOf',
  'portsOf',
];

/** Finds the network of an endpoint. */
export type NetworkOf = (address: string, labels: Labels) => string;

/** An address at which the endpoints of a network can be reached from others; istio model.NetworkGateway. */
export interface NetworkGateway {
  readonly network: string;
  /** Cluster of the gateway; empty for those of MeshNetworks. */
  readonly clusterId: string;
  /** An address, or a host name. */
  readonly address: string;
  /** Port that takes mutual TLS, 0 where the gateway has none. */
  readonly port: number;
  /** Port that takes tunnels (HBONE), where it has one. */
  readonly hbonePort?: number;
}

/** A container port of a workload. */
export interface ContainerPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
}

/** A running program of the mesh: a Pod given or expanded from a Deployment and the like, or a WorkloadEntry. */
export interface Workload {
  readonly kind: 'Pod' | 'WorkloadEntry';
  readonly name: string;
  readonly namespace: string;
  /** With those that the injector adds, and those of its place (istio Proxy.Labels: SetWorkloadLabels, setTopologyLabels). */
  readonly labels: Labels;
  /** Its labels with those of the injector, without those of its place: what Services select on. */
  readonly ownLabels: Labels;
  readonly annotations: Labels;
  readonly ips: readonly string[];
  /** Name of the Kubernetes service account, `default` when none is written. */
  readonly serviceAccount: string;
  /** Name of the Deployment (or other owner) it belongs to; istio workload metadata. */
  readonly workloadName: string;
  readonly nodeName: string;
  readonly clusterId: string;
  readonly locality: Locality;
  /** As its label says, or, in a mesh of several clusters, that of its endpoints; empty where it has none. */
  readonly network: string;
  readonly containerPorts: readonly ContainerPort[];
  readonly hostNetwork: boolean;
  /** Whether it has a proxy. */
  readonly injected: boolean;
  /** What the proxy is, where it has one. */
  readonly role: Role;
  readonly ready: boolean;
  /** The resource it was made from. */
  readonly resource: ResourceOf<'Pod' | 'WorkloadEntry'>;
}
