/** Manifests that several examples of Istio's findings have in common. */

/** A Gateway at port 80. */
export const gateway: string = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: shop, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 80, name: http, protocol: HTTP}
    hosts: [shop.example.com]
`;

/** A Service. */
export const service: string = `apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec:
  selector: {app: cart}
  ports: [{name: http, port: 80}]
`;

/** A pod of that Service. */
export const cartPod: string = `apiVersion: v1
kind: Pod
metadata: {name: cart, namespace: shop, labels: {app: cart}}
spec:
  containers: [{name: cart, image: example.com/cart}]
`;

/** A Telemetry. */
export const telemetry = (name: string, spec: string): string => `apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: ${name}, namespace: shop}
spec: ${spec}
`;

/** A Sidecar. */
export const sidecar = (name: string, spec: string): string => `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: ${name}, namespace: shop}
spec: ${spec}
`;

/** An EnvoyFilter with one patch. */
export const envoyFilter = (name: string, patch: string): string => `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: ${name}, namespace: shop}
spec:
  configPatches:
  - ${patch}
`;

/** A patch that depends on other filters. */
export const insertBefore: string = `applyTo: HTTP_FILTER
    match: {context: SIDECAR_INBOUND, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}}
    patch:
      operation: INSERT_BEFORE
      value: {name: example.filter}`;

/** A webhook of the sidecar injector. */
export const webhook = (name: string, clientConfig: string): string => `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: ${name}}
webhooks:
- name: rev.namespace.sidecar-injector.istio.io
  clientConfig: ${clientConfig}
  namespaceSelector: {matchLabels: {istio-injection: enabled}}
`;

/** The values of the sidecar injector. */
export const injector = (values: string): string => `apiVersion: v1
kind: ConfigMap
metadata: {name: istio-sidecar-injector, namespace: istio-system}
data:
  values: '${values}'
`;

/** Documents as one text. */
export const join = (...documents: readonly string[]): string => documents.join('---\n');
