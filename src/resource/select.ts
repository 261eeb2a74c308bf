import type {
  BackendTLSPolicySpec,
  GatewayClassSpec,
  GatewaySpec,
  GRPCRouteSpec,
  HTTPRouteSpec,
  ListenerSetSpec,
  ReferenceGrantSpec,
  TCPRouteSpec,
  TLSRouteSpec,
} from '../api/gateway-api.ts';
import type {
  AuthorizationPolicy,
  DestinationRule,
  EnvoyFilter,
  Gateway,
  PeerAuthentication,
  ProxyConfigResource,
  RequestAuthentication,
  ServiceEntry,
  Sidecar,
  Telemetry,
  TrafficExtension,
  VirtualService,
  WasmPlugin,
  WorkloadEntry,
  WorkloadGroup,
} from '../api/istio.gen.ts';
import type {
  ConfigMapObject,
  CustomResourceDefinitionSpec,
  EndpointSliceObject,
  EndpointsObject,
  IngressClassSpec,
  IngressSpec,
  MutatingWebhookConfigurationObject,
  NodeSpec,
  PodSpec,
  SecretObject,
  ServiceAccountObject,
  ServiceSpec,
  ValidatingWebhookConfigurationObject,
  WorkloadControllerSpec,
} from '../api/kubernetes.ts';
import type { Resource } from './resource.ts';

/** The type of `Resource.spec` for each kind; `KubernetesGateway` is the Gateway of the Gateway API. */
export interface SpecOf {
  VirtualService: VirtualService;
  DestinationRule: DestinationRule;
  Gateway: Gateway;
  ServiceEntry: ServiceEntry;
  WorkloadEntry: WorkloadEntry;
  WorkloadGroup: WorkloadGroup;
  Sidecar: Sidecar;
  EnvoyFilter: EnvoyFilter;
  ProxyConfig: ProxyConfigResource;
  AuthorizationPolicy: AuthorizationPolicy;
  PeerAuthentication: PeerAuthentication;
  RequestAuthentication: RequestAuthentication;
  Telemetry: Telemetry;
  WasmPlugin: WasmPlugin;
  TrafficExtension: TrafficExtension;
  Service: ServiceSpec;
  Pod: PodSpec;
  Deployment: WorkloadControllerSpec;
  Namespace: unknown;
  Node: NodeSpec;
  ServiceAccount: ServiceAccountObject;
  Secret: SecretObject;
  ConfigMap: ConfigMapObject;
  Endpoints: EndpointsObject;
  EndpointSlice: EndpointSliceObject;
  Ingress: IngressSpec;
  IngressClass: IngressClassSpec;
  MutatingWebhookConfiguration: MutatingWebhookConfigurationObject;
  ValidatingWebhookConfiguration: ValidatingWebhookConfigurationObject;
  CustomResourceDefinition: CustomResourceDefinitionSpec;
  GatewayClass: GatewayClassSpec;
  KubernetesGateway: GatewaySpec;
  ListenerSet: ListenerSetSpec;
  HTTPRoute: HTTPRouteSpec;
  GRPCRoute: GRPCRouteSpec;
  TLSRoute: TLSRouteSpec;
  TCPRoute: TCPRouteSpec;
  ReferenceGrant: ReferenceGrantSpec;
  BackendTLSPolicy: BackendTLSPolicySpec;
}

/** The group that a kind must have where several groups have a kind of that name. */
const groups: Readonly<Partial<Record<keyof SpecOf, string>>> = {
  Gateway: 'networking.istio.io',
  KubernetesGateway: 'gateway.networking.k8s.io',
  Service: '',
};

/** The resources of one kind, in the order given. */
export function resourcesOf<K extends keyof SpecOf>(resources: readonly Resource[], kind: K): readonly Resource<SpecOf[K]>[] {
  const name = kind === 'KubernetesGateway' ? 'Gateway' : kind;
  const group = groups[kind];
  return resources.filter(
    (resource): resource is Resource<SpecOf[K]> => resource.kind === name && (group === undefined || resource.group === group),
  );
}
