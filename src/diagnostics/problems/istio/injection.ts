import { goList, goQuote } from '../../../util/go-format.ts';
import { defineProblem, type Problem } from '../../problem.ts';
import { cartPod, injector, join, webhook } from './examples.ts';

/** Findings of Istio about namespaces, pods and the injection of sidecars. */

export const namespaceNotInjected: Problem<[namespace: string]> = defineProblem({
  code: 'IST0102',
  name: 'namespace-not-injected',
  severity: 'info',
  about: 'A namespace says nothing about sidecar injection, so its pods get no sidecar.',
  example: 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
  fix: 'Label the namespace istio-injection=enabled, or istio-injection=disabled if its pods are to stay out of the mesh.',
  message: (namespace) =>
    `The namespace is not enabled for Istio injection. Run 'kubectl label namespace ${namespace} istio-injection=enabled' to enable it, or 'kubectl label namespace ${namespace} istio-injection=disabled' to explicitly mark it as not needing injection.`,
});

export const podMissingProxy: Problem<[pod: string]> = defineProblem({
  code: 'IST0103',
  name: 'pod-missing-proxy',
  severity: 'warning',
  about:
    'A pod of a cluster stands in a namespace with sidecar injection but has no sidecar. Of pods in files, which get theirs later, nothing is said.',
  example: join(
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n',
    `${cartPod}status: {phase: Running}\n`,
  ),
  fix: 'Restart the pod, so that the injector sees it; label it sidecar.istio.io/inject: "false" if it is to stay out of the mesh.',
  message: (pod) =>
    `The pod ${pod} is missing the Istio proxy. This can often be resolved by restarting or redeploying the workload.`,
});

export const misplacedAnnotation: Problem<[annotation: string, kind: string]> = defineProblem({
  code: 'IST0107',
  name: 'misplaced-annotation',
  severity: 'warning',
  about: 'An annotation of Istio stands on a kind of resource on which it means nothing.',
  example: `apiVersion: v1
kind: Service
metadata:
  name: cart
  namespace: shop
  annotations: {proxy.istio.io/config: "concurrency: 2"}
spec:
  ports: [{name: http, port: 80}]
`,
  fix: 'Move the annotation to the kind that the message names; on a Deployment, into the template of its pods.',
  message: (annotation, kind) => `Misplaced annotation: ${annotation} can only be applied to ${kind}`,
});

export const unknownAnnotation: Problem<[annotation: string]> = defineProblem({
  code: 'IST0108',
  name: 'unknown-annotation',
  severity: 'warning',
  about: "An annotation looks like one of Istio's, but Istio knows none of that name.",
  example: `apiVersion: v1
kind: Service
metadata:
  name: cart
  namespace: shop
  annotations: {networking.istio.io/exportsTo: "."}
spec:
  ports: [{name: http, port: 80}]
`,
  fix: 'Correct the name of the annotation.',
  message: (annotation) => `Unknown annotation: ${annotation}`,
});

export const namespaceMultipleInjectionLabels: Problem<[labels: readonly string[]]> = defineProblem({
  code: 'IST0123',
  name: 'namespace-multiple-injection-labels',
  severity: 'warning',
  about: 'A namespace has several labels that ask for injection in different ways.',
  example: `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled, istio.io/rev: canary}}
`,
  fix: 'Keep one of the labels.',
  message: (labels) =>
    `The namespace has more than one type of injection labels ${goList(labels)}, which may lead to undefined behavior. Make sure only one injection label exists.`,
});

export const invalidAnnotation: Problem<[annotation: string, problem: string]> = defineProblem({
  code: 'IST0125',
  name: 'invalid-annotation',
  severity: 'warning',
  about: 'An annotation of Istio has a value that cannot be used.',
  example: `apiVersion: v1
kind: Pod
metadata:
  name: cart
  namespace: shop
  annotations: {traffic.sidecar.istio.io/excludeInboundPorts: http}
spec:
  containers: [{name: cart, image: example.com/cart}]
`,
  fix: 'Correct the value; the message says what is wrong with it.',
  message: (annotation, problem) => `Invalid annotation ${annotation}: ${problem}`,
});

export const deprecatedAnnotation: Problem<[annotation: string, extra: string]> = defineProblem({
  code: 'IST0135',
  name: 'deprecated-annotation',
  severity: 'info',
  about: 'An annotation of Istio is going to be dropped.',
  example: `apiVersion: v1
kind: Pod
metadata: {name: cart, namespace: shop, annotations: {sidecar.istio.io/inject: "true"}}
spec:
  containers: [{name: cart, image: example.com/cart}]
`,
  fix: 'Use what replaces the annotation: a label, or a field of ProxyConfig.',
  message: (annotation, extra) =>
    `Annotation ${goQuote(annotation)} has been deprecated${extra} and may not work in future Istio versions.`,
});

export const alphaAnnotation: Problem<[annotation: string]> = defineProblem({
  code: 'IST0136',
  name: 'alpha-annotation',
  severity: 'info',
  about: 'An annotation of Istio is not ready for production.',
  example: `apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, annotations: {networking.istio.io/exportTo: "."}}
spec:
  ports: [{name: http, port: 80}]
`,
  fix: 'Know that its behaviour may change. Reported only with --analyzer annotations.AlphaAnalyzer.',
  message: (annotation) =>
    `Annotation ${goQuote(annotation)} is part of an alpha-phase feature and may be incompletely supported.`,
});

export const invalidWebhook: Problem<[error: string]> = defineProblem({
  code: 'IST0139',
  name: 'invalid-webhook',
  severity: 'error',
  about: 'A webhook of the sidecar injector overlaps with another one, or calls a service that is not there.',
  example: webhook('istio-sidecar-injector', '{service: {name: istiod, namespace: istio-system}}'),
  fix: 'Install the control plane that the webhook calls, or remove the webhook; of two that overlap, remove one or narrow its selectors.',
  message: (error) => `${error}`,
});

export const invalidApplicationUID: Problem<[]> = defineProblem({
  code: 'IST0144',
  name: 'invalid-application-uid',
  severity: 'warning',
  about: "A container runs as user 1337, whose traffic is left alone because it is taken for the proxy's own.",
  example: `apiVersion: v1
kind: Pod
metadata: {name: cart, namespace: shop}
spec:
  containers: [{name: cart, image: example.com/cart, securityContext: {runAsUser: 1337}}]
`,
  fix: 'Run the container as another user.',
  message: () => 'User ID (UID) 1337 is reserved for the sidecar proxy.',
});

export const imageAutoWithoutInjectionWarning: Problem<[resourceType: string, resourceName: string]> = defineProblem({
  code: 'IST0146',
  name: 'image-auto-without-injection-warning',
  severity: 'warning',
  about: 'A Deployment leaves its proxy image to the injector, but no injector is going to touch its pods.',
  example: `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: disabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: egress, namespace: shop}
spec:
  selector: {matchLabels: {app: egress}}
  template:
    metadata: {labels: {app: egress}}
    spec: {containers: [{name: istio-proxy, image: auto}]}
`,
  fix: 'Label the namespace or the pods so that an injector takes them, or write the image.',
  message: (resourceType, resourceName) =>
    `${resourceType} ${resourceName} contains \`image: auto\` but does not match any Istio injection webhook selectors.`,
});

export const imageAutoWithoutInjectionError: Problem<[resourceType: string, resourceName: string]> = defineProblem({
  code: 'IST0147',
  name: 'image-auto-without-injection-error',
  severity: 'error',
  about: 'A pod leaves its proxy image to the injector, but it has not been injected.',
  example: `apiVersion: v1
kind: Pod
metadata: {name: egress, namespace: shop}
spec: {containers: [{name: istio-proxy, image: auto}]}
`,
  fix: 'Let a Deployment make the pod, in a namespace that is injected, or write the image.',
  message: (resourceType, resourceName) =>
    `${resourceType} ${resourceName} contains \`image: auto\` but does not match any Istio injection webhook selectors.`,
});

export const namespaceInjectionEnabledByDefault: Problem<[]> = defineProblem({
  code: 'IST0148',
  name: 'namespace-injection-enabled-by-default',
  severity: 'info',
  about: 'A namespace says nothing about injection, and the injector injects by default.',
  example: join(
    injector('{"sidecarInjectorWebhook": {"enableNamespacesByDefault": true}}'),
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
  ),
  fix: 'Label the namespace istio-injection=disabled if its pods are to stay out of the mesh.',
  message: () => 'is enabled for Istio injection, as Istio is installed with enableNamespacesByDefault as true.',
});

export const podsIstioProxyImageMismatchInNamespace: Problem<[podNames: readonly string[]]> = defineProblem({
  code: 'IST0158',
  name: 'pods-istio-proxy-image-mismatch-in-namespace',
  severity: 'warning',
  about: 'Pods run another proxy image than the injector would give them.',
  example: join(
    injector('{"global": {"hub": "docker.io/istio", "tag": "1.27.1", "proxy": {"image": "proxyv2"}}}'),
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n',
    cartPod.replace('containers: [', 'containers: [{name: istio-proxy, image: "docker.io/istio/proxyv2:1.27.0"}, '),
  ),
  fix: 'Restart the pods.',
  message: (podNames) =>
    `The Istio proxy images of the pods running in the namespace do not match the image defined in the injection configuration (pod names: ${goList(podNames)}). This often happens after upgrading the Istio control-plane and can be fixed by redeploying the pods.`,
});

export const invalidExternalControlPlaneConfig: Problem<[hostname: string, webhook: string, msg: string]> = defineProblem({
  code: 'IST0163',
  name: 'invalid-external-control-plane-config',
  severity: 'warning',
  about: 'A webhook names an external control plane by a URL that cannot be used.',
  example: webhook('istio-sidecar-injector', '{}'),
  fix: 'Write the URL of the control plane, or the Service that stands for it.',
  message: (hostname, webhook, msg) =>
    `The hostname (${hostname}) that was provided for the webhook (${webhook}) to reach the ingress gateway on the external control plane cluster ${msg}. Traffic may not flow properly.`,
});

export const externalControlPlaneAddressIsNotAHostname: Problem<[hostname: string, webhook: string]> = defineProblem({
  code: 'IST0164',
  name: 'external-control-plane-address-is-not-a-hostname',
  severity: 'info',
  about: 'A webhook names an external control plane by an IP address.',
  example: webhook('istio-sidecar-injector', '{url: "https://192.0.2.1:15017/inject"}'),
  fix: 'Name the control plane by a host name that its certificate holds.',
  message: (hostname, webhook) =>
    `The address (${hostname}) that was provided for the webhook (${webhook}) to reach the ingress gateway on the external control plane cluster is an IP address. This is not recommended for a production environment.`,
});
