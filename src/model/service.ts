import type { Labels, Resource } from '../resource/resource.ts';
import type { Protocol } from './protocol.ts';
import type { Visibility } from './visibility.ts';

/** How the endpoints of a service are found; istio model.Resolution. */
export type Resolution = 'clientSide' | 'dns' | 'dnsRoundRobin' | 'passthrough' | 'dynamicDns' | 'alias';

/** A port that clients of a service use. */
export interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** How a service spreads its traffic; istio model.TrafficDistribution. */
export type TrafficDistribution = 'any' | 'preferSameZone' | 'preferSameNode' | 'preferSameNetwork';

/**
 * A service of the mesh: a Kubernetes Service, or one host (and address) of a ServiceEntry.
 * Mirrors istio pilot/pkg/model/service.go Service with its Attributes.
 */
export interface Service {
  readonly hostname: string;
  /** Name of the Kubernetes Service; for a ServiceEntry, the hostname (istio Attributes.Name). */
  readonly name: string;
  readonly namespace: string;
  readonly registry: 'Kubernetes' | 'External';
  readonly ports: readonly ServicePort[];
  /** The address that clients use (istio DefaultAddress): cluster IP, or `0.0.0.0` where there is none (headless, address-less). */
  readonly address: string;
  /** All addresses of this cluster (istio ClusterVIPs), the default one first. Empty when there is none. */
  readonly addresses: readonly string[];
  /** Address out of 240.240.0.0/16 that istiod allocates to an address-less ServiceEntry; empty when it has none. */
  readonly autoAllocatedAddress: string;
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
  /** Kubernetes: ClusterIP, NodePort, LoadBalancer, ExternalName; empty for ServiceEntries. */
  readonly type: string;
  /** Kubernetes ExternalName target. */
  readonly externalName: string;
  /** Hostnames of ExternalName Services that resolve to this one (istio Attributes.Aliases). */
  readonly aliases: readonly { readonly hostname: string; readonly namespace: string }[];
  readonly trafficDistribution: TrafficDistribution;
  /** internalTrafficPolicy: Local. */
  readonly nodeLocal: boolean;
  readonly publishNotReadyAddresses: boolean;
  /** The Service or ServiceEntry it was made from. */
  readonly resource: Resource;
}

/** Where an endpoint is. */
export interface Locality {
  readonly region: string;
  readonly zone: string;
  readonly subzone: string;
}

export type HealthStatus = 'healthy' | 'unhealthy' | 'draining' | 'terminating';

/** One address and port that serves a service port; istio model.IstioEndpoint. */
export interface Endpoint {
  /** IP, DNS name, or path of a unix socket. */
  readonly address: string;
  /** Number of the port, 0 for a unix socket. */
  readonly port: number;
  readonly servicePortName: string;
  readonly labels: Labels;
  /** SPIFFE identity, empty when unknown. */
  readonly serviceAccount: string;
  readonly network: string;
  readonly locality: Locality;
  /** As written (`istio-locality` label or node's region/zone/subzone), `''` when unknown. */
  readonly localityLabel: string;
  readonly weight: number;
  /** `istio` or `disabled`. */
  readonly tlsMode: 'istio' | 'disabled';
  readonly namespace: string;
  readonly workloadName: string;
  readonly clusterId: string;
  readonly health: HealthStatus;
  /** Of the pod, for headless StatefulSets. */
  readonly hostname: string;
  readonly subDomain: string;
  readonly nodeName: string;
  /** Whether it came from a Kubernetes EndpointSlice (then EDS tells its health) or from a ServiceEntry. */
  readonly registry: 'Kubernetes' | 'External';
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

/** All services of the mesh and their endpoints. */
export interface ServiceRegistry {
  /** Oldest first, then hostname, then namespace (istio SortServicesByCreationTime). */
  readonly services: readonly Service[];
  /** The service of a hostname in a namespace. */
  service(hostname: string, namespace: string): Service | undefined;
  /** Services of a hostname in all namespaces, in order. */
  servicesOf(hostname: string): readonly Service[];
  /** Endpoints of a service for one of its ports, in istiod's order (istio EndpointIndex shards, InstancesByPort). */
  endpointsOf(service: Service, port: ServicePort): readonly Endpoint[];
  /** What a workload serves, in istiod's order (istio GetProxyServiceTargets). */
  targetsOf(workload: Workload): readonly ServiceTarget[];
  readonly workloads: readonly Workload[];
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
  /** With those that the injector adds (CONTRACT: how inputs are read). */
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly ips: readonly string[];
  /** Name of the Kubernetes service account, `default` when none is written. */
  readonly serviceAccount: string;
  /** Name of the Deployment (or other owner) it belongs to; istio workload metadata. */
  readonly workloadName: string;
  /** Kind of that owner, lower-cased plural path as in the OWNER metadata is not needed: `Deployment`, `StatefulSet`, `Pod`... */
  readonly ownerKind: string;
  readonly nodeName: string;
  readonly locality: Locality;
  readonly network: string;
  readonly containerPorts: readonly ContainerPort[];
  readonly hostNetwork: boolean;
  /** Whether it has a proxy. */
  readonly injected: boolean;
  /** What the proxy is, where it has one. */
  readonly proxyType: 'sidecar' | 'gateway';
  readonly ready: boolean;
  /** The resource it was made from: Pod, Deployment, WorkloadEntry... */
  readonly resource: Resource;
}
