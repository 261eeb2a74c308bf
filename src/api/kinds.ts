import type * as gatewayApi from './gateway-api.ts';
import type * as istio from './istio.gen.ts';
import type * as kubernetes from './kubernetes.ts';

type Istio = 'networking.istio.io';
type Security = 'security.istio.io';
type Extensions = 'extensions.istio.io';
type GatewayApi = 'gateway.networking.k8s.io';
type Admission = 'admissionregistration.k8s.io';

/** What a kind is to the compiler: its API group, and the types of what stands in `Resource.spec` and `Resource.status`. */
interface KindTypes<Group extends string, Spec, Status = unknown> {
  readonly group: Group;
  readonly spec: Spec;
  readonly status: Status;
}

/** A spec of which nothing is read. */
type Unread = object;

/**
 * Every kind that mesh reads. `Resource` is the union of these rows, so a kind that is not here does not exist for the compiler.
 * Which release serves which of them in which versions is said by tables of KindInfo (releases/kinds.ts), whose rows must be here.
 */
export interface Kinds {
  readonly DestinationRule: KindTypes<Istio, istio.DestinationRule>;
  readonly EnvoyFilter: KindTypes<Istio, istio.EnvoyFilter>;
  readonly Gateway: KindTypes<Istio, istio.Gateway>;
  readonly ProxyConfig: KindTypes<Istio, istio.ProxyConfigResource>;
  readonly ServiceEntry: KindTypes<Istio, istio.ServiceEntry, istio.ServiceEntryStatus>;
  readonly Sidecar: KindTypes<Istio, istio.Sidecar>;
  readonly VirtualService: KindTypes<Istio, istio.VirtualService>;
  readonly WorkloadEntry: KindTypes<Istio, istio.WorkloadEntry>;
  readonly WorkloadGroup: KindTypes<Istio, istio.WorkloadGroup>;
  readonly AuthorizationPolicy: KindTypes<Security, istio.AuthorizationPolicy>;
  readonly PeerAuthentication: KindTypes<Security, istio.PeerAuthentication>;
  readonly RequestAuthentication: KindTypes<Security, istio.RequestAuthentication>;
  readonly Telemetry: KindTypes<'telemetry.istio.io', istio.Telemetry>;
  readonly TrafficExtension: KindTypes<Extensions, istio.TrafficExtension>;
  readonly WasmPlugin: KindTypes<Extensions, istio.WasmPlugin>;

  readonly BackendTLSPolicy: KindTypes<GatewayApi, gatewayApi.BackendTLSPolicySpec>;
  readonly GatewayClass: KindTypes<GatewayApi, gatewayApi.GatewayClassSpec>;
  readonly GRPCRoute: KindTypes<GatewayApi, gatewayApi.GRPCRouteSpec>;
  readonly HTTPRoute: KindTypes<GatewayApi, gatewayApi.HTTPRouteSpec>;
  /** `Gateway` in manifests, as Istio's kind of that name. */
  readonly KubernetesGateway: KindTypes<GatewayApi, gatewayApi.GatewaySpec>;
  readonly ListenerSet: KindTypes<GatewayApi, gatewayApi.ListenerSetSpec>;
  readonly ReferenceGrant: KindTypes<GatewayApi, gatewayApi.ReferenceGrantSpec>;
  readonly TCPRoute: KindTypes<GatewayApi, gatewayApi.TCPRouteSpec>;
  readonly TLSRoute: KindTypes<GatewayApi, gatewayApi.TLSRouteSpec>;

  readonly ConfigMap: KindTypes<'', kubernetes.ConfigMapObject>;
  readonly Endpoints: KindTypes<'', kubernetes.EndpointsObject>;
  readonly Namespace: KindTypes<'', Unread>;
  readonly Node: KindTypes<'', Unread, kubernetes.NodeStatus>;
  readonly Pod: KindTypes<'', kubernetes.PodSpec, kubernetes.PodStatus>;
  readonly Secret: KindTypes<'', kubernetes.SecretObject>;
  readonly Service: KindTypes<'', kubernetes.ServiceSpec, kubernetes.ServiceStatus>;
  readonly ServiceAccount: KindTypes<'', Unread>;
  readonly DaemonSet: KindTypes<'apps', kubernetes.WorkloadControllerSpec>;
  readonly Deployment: KindTypes<'apps', kubernetes.WorkloadControllerSpec>;
  readonly ReplicaSet: KindTypes<'apps', kubernetes.WorkloadControllerSpec>;
  readonly StatefulSet: KindTypes<'apps', kubernetes.WorkloadControllerSpec>;
  readonly Job: KindTypes<'batch', kubernetes.JobSpec>;
  readonly EndpointSlice: KindTypes<'discovery.k8s.io', kubernetes.EndpointSliceObject>;
  readonly Ingress: KindTypes<'networking.k8s.io', kubernetes.IngressSpec>;
  readonly IngressClass: KindTypes<'networking.k8s.io', kubernetes.IngressClassSpec>;
  readonly MutatingWebhookConfiguration: KindTypes<Admission, kubernetes.MutatingWebhookConfigurationObject>;
  readonly ValidatingWebhookConfiguration: KindTypes<Admission, kubernetes.ValidatingWebhookConfigurationObject>;
  readonly CustomResourceDefinition: KindTypes<'apiextensions.k8s.io', kubernetes.CustomResourceDefinitionSpec>;
}

/** What a kind is called among all: its name in manifests, but for the Gateway of the Gateway API. */
export type Kind = keyof Kinds;

/** The API groups of the kinds. */
export type KindGroup = Kinds[Kind]['group'];

/** The kinds of Istio. */
export type IstioKind = { [K in Kind]: Kinds[K]['group'] extends `${string}istio.io` ? K : never }[Kind];

/** What a kind is called in manifests. */
export type KindName<K extends Kind> = K extends 'KubernetesGateway' ? 'Gateway' : K;

/** What the kinds of a group are called in manifests. */
export type KindNameOfGroup<Group extends KindGroup> = {
  [K in Kind]: Kinds[K]['group'] extends Group ? KindName<K> : never;
}[Kind];

/** The kinds whose status is read. */
export type KindWithStatus = { [K in Kind]: unknown extends Kinds[K]['status'] ? never : K }[Kind];

/** The type of `Resource.spec` for a kind. */
export type SpecOf<K extends Kind> = Kinds[K]['spec'];
