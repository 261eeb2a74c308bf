import type { KindGroup, KindNameOfGroup, KindWithStatus } from '../api/kinds.ts';
import {
  anything,
  boolean,
  choice,
  choiceOrOther,
  integer,
  integerOrText,
  list,
  map,
  object,
  required,
  type Shape,
  sealedText,
  text,
  withFallback,
} from './shape.ts';

/**
 * The shapes of the Kubernetes kinds as far as mesh reads them (types: api/kubernetes.ts), with what the API server fills in.
 * Defaults: k8s.io/kubernetes pkg/apis/core/v1/defaults.go and apps/v1, discovery/v1 beside it.
 */

const labels = map(text);
/** What label selectors can ask of a label. */
export const selectorOperator: Shape = choice('In', 'NotIn', 'Exists', 'DoesNotExist');
// istioctl's analyzers read a protocol that the API server would refuse (IST0116).
const protocol = withFallback(choiceOrOther('TCP', 'UDP', 'SCTP'), 'TCP');
const reference = object({ kind: text, name: text, namespace: text });

const labelSelector = object({
  matchLabels: labels,
  matchExpressions: list(object({ key: required(text), operator: required(selectorOperator), values: list(text) })),
});

const service = object({
  type: withFallback(choice('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'), 'ClusterIP'),
  ports: list(
    object({
      name: text,
      port: required(integer),
      protocol,
      appProtocol: text,
      targetPort: integerOrText,
      nodePort: integer,
    }),
  ),
  selector: labels,
  clusterIP: text,
  clusterIPs: list(text),
  externalIPs: list(text),
  externalName: text,
  sessionAffinity: choice('None', 'ClientIP'),
  internalTrafficPolicy: choice('Cluster', 'Local'),
  externalTrafficPolicy: choice('Cluster', 'Local'),
  trafficDistribution: text,
  publishNotReadyAddresses: boolean,
});

const probe = object({
  httpGet: object({ path: text, port: required(integerOrText), scheme: choice('HTTP', 'HTTPS') }),
  tcpSocket: object({ port: required(integerOrText) }),
  grpc: object({ port: required(integer) }),
});

const securityContext = object({ runAsUser: integer, runAsGroup: integer });

const container = object({
  name: text,
  image: text,
  args: list(text),
  command: list(text),
  ports: list(object({ name: text, containerPort: required(integer), hostPort: integer, protocol })),
  env: list(object({ name: required(text), value: text })),
  livenessProbe: probe,
  readinessProbe: probe,
  startupProbe: probe,
  securityContext,
});

/** The spec of a pod, also inside the template of a workload. */
const podSpecShape: Shape = object({
  containers: list(container),
  initContainers: list(container),
  serviceAccountName: text,
  serviceAccount: text,
  nodeName: text,
  nodeSelector: labels,
  hostNetwork: boolean,
  hostname: text,
  subdomain: text,
  securityContext,
});

const podTemplate = object({ metadata: object({ labels, annotations: labels }), spec: podSpecShape });

const workload = object({ replicas: integer, selector: labelSelector, template: podTemplate, serviceName: text });

const endpointSlice = object({
  addressType: withFallback(choice('IPv4', 'IPv6', 'FQDN'), 'IPv4'),
  endpoints: list(
    object({
      addresses: required(list(text)),
      conditions: object({ ready: boolean, serving: boolean, terminating: boolean }),
      hostname: text,
      targetRef: reference,
      nodeName: text,
      zone: text,
    }),
  ),
  ports: list(object({ name: withFallback(text, ''), protocol, port: integer, appProtocol: text })),
});

const endpointAddress = object({ ip: required(text), hostname: text, nodeName: text, targetRef: reference });

const endpoints = object({
  subsets: list(
    object({
      addresses: list(endpointAddress),
      notReadyAddresses: list(endpointAddress),
      ports: list(object({ name: text, port: required(integer), protocol, appProtocol: text })),
    }),
  ),
});

const ingressBackend = object({
  service: object({ name: required(text), port: object({ number: integer, name: text }) }),
  resource: anything,
});

const ingress = object({
  ingressClassName: text,
  defaultBackend: ingressBackend,
  rules: list(
    object({
      host: text,
      http: object({
        paths: required(
          list(
            object({
              path: text,
              pathType: choice('Exact', 'Prefix', 'ImplementationSpecific'),
              backend: required(ingressBackend),
            }),
          ),
        ),
      }),
    }),
  ),
  tls: list(object({ hosts: list(text), secretName: text })),
});

const webhooks = object({
  webhooks: list(
    object({
      name: text,
      clientConfig: object({ url: text, service: object({ namespace: text, name: text, path: text, port: integer }) }),
      namespaceSelector: labelSelector,
      objectSelector: labelSelector,
    }),
  ),
});

type KubernetesGroup = Exclude<KindGroup, `${string}istio.io` | 'gateway.networking.k8s.io'>;

const unread = object({});

/** Shapes by kind, of what stands in `Resource.spec`. */
export const kubernetesShapes: { readonly [K in KindNameOfGroup<KubernetesGroup>]: Shape } = {
  Namespace: unread,
  Node: unread,
  ServiceAccount: unread,
  Service: service,
  Pod: podSpecShape,
  Deployment: workload,
  StatefulSet: workload,
  DaemonSet: workload,
  ReplicaSet: workload,
  Job: object({ parallelism: integer, completions: integer, template: podTemplate }),
  EndpointSlice: endpointSlice,
  Endpoints: endpoints,
  Secret: object({ type: text, data: map(sealedText), stringData: map(sealedText) }),
  ConfigMap: object({ data: labels, binaryData: labels }),
  Ingress: ingress,
  IngressClass: object({ controller: text }),
  MutatingWebhookConfiguration: webhooks,
  ValidatingWebhookConfiguration: webhooks,
  CustomResourceDefinition: object({ group: text, names: object({ kind: text }) }),
};

const podStatus = object({
  phase: text,
  podIP: text,
  podIPs: list(object({ ip: text })),
  hostIP: text,
  conditions: list(object({ type: required(text), status: required(text) })),
});

/** Shapes of `Resource.status`, for the kinds whose status is read as a type. */
export const statusShapes: { readonly [K in KindWithStatus]: Shape } = {
  Pod: podStatus,
  Service: object({ loadBalancer: object({ ingress: list(object({ ip: text, hostname: text })) }) }),
  Node: object({ addresses: list(object({ type: required(text), address: required(text) })) }),
  ServiceEntry: object({ addresses: list(object({ host: text, value: text })) }),
};
