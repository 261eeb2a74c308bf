import type { HTTPFaultInjection, HTTPMatchRequest } from '../../api/istio.gen.ts';

/** What a resource is called. */
export interface NamespacedName {
  readonly name: string;
  readonly namespace: string;
}

/** What of Istio's configuration affects a pod. */
export interface PodDescription extends NamespacedName {
  readonly kind: 'Pod';
  /** Its cluster, where clusters are named. */
  readonly cluster?: string;
  /** Revision of the control plane; empty where the pod has none. */
  readonly revision: string;
  readonly ports: readonly DescribedContainerPort[];
  /** As in the status of the pod: `Running` unless it says otherwise. */
  readonly phase: string;
  readonly warnings: readonly PodWarning[];
  /** Absent where ambient mode has no part in it. */
  readonly ambient?: AmbientPod;
  readonly services: readonly DescribedService[];
  readonly peerAuthentication: EffectivePeerAuthentication;
  readonly ingress: Ingress;
}

/** A pod in ambient mode. */
export type AmbientPod =
  /** ztunnel stands before it and enforces these policies. */
  | {
      readonly as: 'captured';
      /** Of calls to its own address. */
      readonly waypoint?: NamespacedName;
      readonly policies: readonly NamespacedName[];
    }
  /** It has a sidecar that takes tunnels. */
  | { readonly as: 'sidecar'; readonly waypoint?: NamespacedName }
  /** It is one, for these Services, ServiceEntries and workloads. */
  | {
      readonly as: 'waypoint';
      readonly services: readonly NamespacedName[];
      readonly workloads: readonly NamespacedName[];
    };

/** What of Istio's configuration affects a service, as the first of its pods in the mesh sees it. */
export interface ServiceDescription extends NamespacedName {
  readonly kind: 'Service';
  /** The cluster in which it is described, where clusters are named, and its pods in each that has such a Service. */
  readonly cluster?: string;
  readonly clusters?: readonly PodsOfCluster[];
  /** How many pods it selects. */
  readonly pods: number;
  /** How many of them are in the mesh; where none is, there is nothing more to tell. */
  readonly podsInMesh: number;
  readonly services: readonly DescribedService[];
  readonly ingress: Ingress;
}

/** The pods of a service in one of several clusters. */
export interface PodsOfCluster {
  readonly cluster: string;
  readonly pods: number;
  readonly podsInMesh: number;
}

/** What is told of a pod or a service. */
export type Description = PodDescription | ServiceDescription;

/** A port of a container. */
export interface DescribedContainerPort {
  readonly port: number;
  /** Transport: `TCP`, `UDP`, `SCTP`. */
  readonly protocol: string;
  readonly container: string;
}

/** What is likely to be a mistake about a pod itself: a user that is the sidecar's, no readiness, no sidecar, no Service. */
export type PodWarning = 'container-runs-as-proxy-user' | 'pod-runs-as-proxy-user' | 'not-ready' | 'no-sidecar' | 'no-service';

/** The user that the sidecar runs as, whose traffic is not intercepted. */
export const PROXY_USER = 1337;

/** Mutual TLS at a pod, and the policies that say so. */
export interface EffectivePeerAuthentication {
  readonly mode: string;
  readonly ports: readonly { readonly port: number; readonly mode: string }[];
  readonly policies: readonly NamespacedName[];
}

/** A service with what stands behind each of its ports. */
export interface DescribedService extends NamespacedName {
  /** Through which pods in ambient mode reach it. */
  readonly waypoint?: NamespacedName;
  readonly ports: readonly DescribedPort[];
}

/** A port of a service. */
export interface DescribedPort {
  readonly port: number;
  readonly name: string;
  /** Transport: others than `TCP` are none of Istio's business. */
  readonly transport: string;
  /** What Istio takes the port for: `HTTP`, `GRPC`, ...; `auto-detect` where nothing says so. */
  readonly protocol: string;
  /** As the service writes it: a number, or the name of a container's port. */
  readonly target: number | string;
  /** The port of the pod; absent where no container has a port of the name. */
  readonly podPort?: number;
  /** What the proxy of the pod has for the port, or the waypoint before a pod without one; absent where there is neither. */
  readonly configuration?: PortConfiguration;
}

/** What of Istio's configuration stands behind a port, as a proxy has it. */
export interface PortConfiguration {
  readonly destinationRule?: DescribedDestinationRule;
  readonly virtualService?: DescribedVirtualService;
  /** What made the routes where it is no VirtualService: an HTTPRoute, an Ingress. */
  readonly routesOf?: NamespacedName & { readonly kind: string };
  /** Names of the policies in the filters of the pod's port. */
  readonly policies: readonly string[];
}

/** The names of the subsets of a rule: those that a pod is in, and the others. */
export interface Subsets {
  readonly matching: readonly string[];
  readonly others: readonly string[];
}

/** A DestinationRule. */
export interface DescribedDestinationRule extends NamespacedName {
  readonly host: string;
  readonly subsets: Subsets;
  readonly trafficPolicy?: DescribedTrafficPolicy & {
    readonly ports: readonly (DescribedTrafficPolicy & { readonly port: number })[];
  };
}

/** Parts of a traffic policy that can be set. */
export type PolicyPart = 'loadBalancer' | 'connectionPool' | 'outlierDetection';

/** What a traffic policy sets. */
export interface DescribedTrafficPolicy {
  readonly tlsMode?: string;
  readonly sets: readonly PolicyPart[];
}

/** A VirtualService, looked at from a service. */
export interface DescribedVirtualService extends NamespacedName {
  /** The HTTP routes and then those of TCP, in order. */
  readonly routes: readonly DescribedRoute[];
  /** How many routes of TLS there are, which are not looked into. */
  readonly tlsRoutes: number;
}

/** A route of a VirtualService. */
export type DescribedRoute =
  | {
      readonly protocol: 'http';
      /** Whether a destination is the service, and a subset that a pod is in. */
      readonly reaches: boolean;
      readonly destinations: readonly DescribedDestination[];
      readonly fault?: HTTPFaultInjection;
      readonly matches: readonly HTTPMatchRequest[];
    }
  | {
      readonly protocol: 'tcp';
      readonly reaches: boolean;
      readonly matches: readonly { readonly port?: number }[];
    };

/** Where a route leads, and what that means for the pods. */
export interface DescribedDestination {
  readonly host: string;
  /** Empty where the route names none. */
  readonly subset: string;
  readonly weight: number;
  readonly leads: DestinationMeaning;
}

/** To the pods; to another host; to a subset that they are not in; to one that no rule, or not this rule, defines. */
export type DestinationMeaning =
  | { readonly to: 'pods' | 'other-host' | 'other-subset' | 'subset-without-rule' }
  | { readonly to: 'unknown-subset'; readonly destinationRule: NamespacedName };

/** How services can be reached through gateways. */
export interface Ingress {
  /** How many pods of gateways there are. */
  readonly gatewayPods: number;
  readonly exposures: readonly Exposure[];
}

/** A gateway that exposes a service, with the VirtualService through which it does. */
export interface Exposure {
  readonly service: NamespacedName;
  /** The pod of the gateway. */
  readonly proxy: NamespacedName;
  /** Where the HTTP ports of the gateway's Services can be reached. */
  readonly addresses: readonly ExposedAddress[];
  readonly gateway: NamespacedName & { readonly hosts: readonly string[] };
  readonly virtualService: DescribedVirtualService;
}

/** An address of a gateway; empty where it is not known. */
export interface ExposedAddress {
  /** Empty where the port is of no HTTP. */
  readonly scheme: 'http' | '';
  readonly address: string;
  readonly port: number;
}
