/**
 * Kubernetes objects as mesh reads them: the fields that Istio looks at, after decoding (resource/decode.ts).
 * `XSpec` is what stands in `Resource.spec` for kind X. For kinds without a `spec` (EndpointSlice, Endpoints, Secret,
 * ConfigMap) it is the whole object. Names and meaning: k8s.io/api v0.35.
 */

import type { Sealed } from '../util/sealed.ts';

/** A number, or the name of a port. */
export type IntOrString = number | string;

export type StringMap = Readonly<Record<string, string>>;

/** `metadata` as written; what mesh needs of it stands in Resource. */
export interface ObjectMeta {
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly labels?: StringMap;
  readonly annotations?: StringMap;
  readonly creationTimestamp?: string | null;
}

export interface LabelSelectorRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

export interface LabelSelector {
  readonly matchLabels?: StringMap;
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
}

export interface ObjectReference {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
}

// --- Service -----------------------------------------------------------------------------------------------------------

export type TransportProtocol = 'TCP' | 'UDP' | 'SCTP';

/** After decoding, `protocol` and `targetPort` are always there. */
export interface KubernetesServicePort {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: TransportProtocol;
  readonly appProtocol?: string;
  /** Filled in with `port` by decoding. */
  readonly targetPort?: IntOrString;
  readonly nodePort?: number;
}

export interface ServiceSpec {
  /** Filled in with `ClusterIP` by decoding. */
  readonly type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
  readonly ports?: readonly KubernetesServicePort[];
  readonly selector?: StringMap;
  /** An address, or `None` for headless services; filled in deterministically where the manifest leaves it out (not for ExternalName). */
  readonly clusterIP?: string;
  readonly clusterIPs?: readonly string[];
  readonly ipFamilies?: readonly ('IPv4' | 'IPv6')[];
  readonly ipFamilyPolicy?: string;
  readonly externalIPs?: readonly string[];
  readonly externalName?: string;
  readonly externalTrafficPolicy?: 'Cluster' | 'Local';
  readonly internalTrafficPolicy?: 'Cluster' | 'Local';
  readonly trafficDistribution?: string;
  readonly publishNotReadyAddresses?: boolean;
  readonly loadBalancerIP?: string;
  readonly sessionAffinity?: string;
}

export interface ServiceStatus {
  readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] };
}

// --- Pod and its makers ------------------------------------------------------------------------------------------------

export interface KubernetesContainerPort {
  readonly name?: string;
  readonly containerPort: number;
  readonly hostPort?: number;
  readonly protocol?: TransportProtocol;
}

export interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: unknown;
}

export interface HttpGetAction {
  readonly path?: string;
  readonly port: IntOrString;
  readonly scheme?: string;
}

export interface Probe {
  readonly httpGet?: HttpGetAction;
  readonly tcpSocket?: { readonly port: IntOrString };
  readonly grpc?: { readonly port: number };
}

export interface Container {
  readonly name?: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly ports?: readonly KubernetesContainerPort[];
  readonly env?: readonly EnvironmentVariable[];
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly startupProbe?: Probe;
  readonly restartPolicy?: string;
  readonly securityContext?: { readonly runAsUser?: number; readonly runAsGroup?: number };
}

export interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly serviceAccountName?: string;
  /** The deprecated spelling of `serviceAccountName`. */
  readonly serviceAccount?: string;
  readonly nodeName?: string;
  readonly nodeSelector?: StringMap;
  readonly hostNetwork?: boolean;
  readonly hostname?: string;
  readonly subdomain?: string;
  readonly securityContext?: { readonly runAsUser?: number; readonly runAsGroup?: number };
}

export interface PodCondition {
  readonly type: string;
  readonly status: string;
}

export interface PodStatus {
  readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  /** Filled in deterministically where the manifest leaves it out. */
  readonly podIP?: string;
  readonly podIPs?: readonly { readonly ip?: string }[];
  readonly hostIP?: string;
  readonly conditions?: readonly PodCondition[];
}

export interface PodTemplate {
  readonly metadata?: ObjectMeta;
  readonly spec?: PodSpec;
}

/** Deployment, StatefulSet, DaemonSet and ReplicaSet. */
export interface WorkloadControllerSpec {
  readonly replicas?: number;
  readonly selector?: LabelSelector;
  readonly template?: PodTemplate;
  /** StatefulSet: the headless service of its pods. */
  readonly serviceName?: string;
}

export interface JobSpec {
  readonly parallelism?: number;
  readonly completions?: number;
  readonly template?: PodTemplate;
}

// --- Endpoints ---------------------------------------------------------------------------------------------------------

export interface EndpointConditions {
  readonly ready?: boolean;
  readonly serving?: boolean;
  readonly terminating?: boolean;
}

export interface SliceEndpoint {
  readonly addresses: readonly string[];
  readonly conditions?: EndpointConditions;
  readonly hostname?: string;
  readonly targetRef?: ObjectReference;
  readonly nodeName?: string;
  readonly zone?: string;
}

export interface SlicePort {
  readonly name?: string;
  readonly protocol?: TransportProtocol;
  readonly port?: number;
  readonly appProtocol?: string;
}

/** The whole object. The service it belongs to is its label `kubernetes.io/service-name`. */
export interface EndpointSliceObject {
  readonly addressType?: 'IPv4' | 'IPv6' | 'FQDN';
  readonly endpoints?: readonly SliceEndpoint[] | null;
  readonly ports?: readonly SlicePort[] | null;
}

export interface EndpointAddress {
  readonly ip: string;
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly targetRef?: ObjectReference;
}

export interface EndpointSubset {
  readonly addresses?: readonly EndpointAddress[];
  readonly notReadyAddresses?: readonly EndpointAddress[];
  readonly ports?: readonly SlicePort[];
}

/** The whole object; it belongs to the Service of the same name. */
export interface EndpointsObject {
  readonly subsets?: readonly EndpointSubset[];
}

// --- Others ------------------------------------------------------------------------------------------------------------

export interface NodeStatus {
  readonly addresses?: readonly { readonly type: string; readonly address: string }[];
}

/** The whole object; values of `data` are base64. What it holds is sealed where it is read. */
export interface SecretObject {
  readonly type?: string;
  readonly data?: Readonly<Record<string, Sealed>>;
  readonly stringData?: Readonly<Record<string, Sealed>>;
  /** Whether another controller makes it, so that nobody knows its values; never written. */
  readonly isIssued?: boolean;
}

/** The whole object. */
export interface ConfigMapObject {
  readonly data?: StringMap;
  readonly binaryData?: StringMap;
}

export interface IngressBackend {
  readonly service?: { readonly name: string; readonly port?: { readonly number?: number; readonly name?: string } };
  readonly resource?: { readonly apiGroup?: string; readonly kind: string; readonly name: string };
}

export interface HttpIngressPath {
  readonly path?: string;
  readonly pathType?: 'Exact' | 'Prefix' | 'ImplementationSpecific';
  readonly backend: IngressBackend;
}

export interface IngressRule {
  readonly host?: string;
  readonly http?: { readonly paths: readonly HttpIngressPath[] };
}

export interface IngressTls {
  readonly hosts?: readonly string[];
  readonly secretName?: string;
}

export interface IngressSpec {
  readonly ingressClassName?: string;
  readonly defaultBackend?: IngressBackend;
  readonly rules?: readonly IngressRule[];
  readonly tls?: readonly IngressTls[];
}

export interface IngressClassSpec {
  readonly controller?: string;
}

// --- Only for analysis -------------------------------------------------------------------------------------------------

export interface WebhookClientConfig {
  readonly url?: string;
  readonly service?: { readonly namespace?: string; readonly name?: string; readonly path?: string; readonly port?: number };
}

export interface Webhook {
  readonly name?: string;
  readonly clientConfig?: WebhookClientConfig;
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
}

/** The whole object. */
export interface MutatingWebhookConfigurationObject {
  readonly webhooks?: readonly Webhook[];
}

/** The whole object. */
export interface ValidatingWebhookConfigurationObject {
  readonly webhooks?: readonly Webhook[];
}

export interface CustomResourceDefinitionSpec {
  readonly group?: string;
  readonly names?: { readonly kind?: string };
}
