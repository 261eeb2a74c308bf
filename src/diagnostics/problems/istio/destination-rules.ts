import { defineProblem, type Problem } from '../../problem.ts';
import { cartPod, join, service } from './examples.ts';

/** Findings of Istio about DestinationRules. */

export const noServerCertificateVerificationDestinationLevel: Problem<
  [destinationRule: string, namespace: string, mode: string, host: string]
> = defineProblem({
  code: 'IST0128',
  name: 'no-server-certificate-verification-destination-level',
  severity: 'warning',
  about: "A DestinationRule asks for TLS without a CA certificate, so the server's certificate is not checked.",
  example: `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: partner, namespace: shop}
spec:
  host: api.example.com
  trafficPolicy: {tls: {mode: SIMPLE}}
`,
  fix: 'Name the certificates of the authorities to trust: caCertificates: system, a file, or credentialName with a workloadSelector.',
  message: (destinationRule, namespace, mode, host) =>
    `DestinationRule ${destinationRule} in namespace ${namespace} has TLS mode set to ${mode} but no caCertificates are set to validate server identity for host: ${host}`,
});

export const noServerCertificateVerificationPortLevel: Problem<
  [destinationRule: string, namespace: string, mode: string, host: string, port: string]
> = defineProblem({
  code: 'IST0129',
  name: 'no-server-certificate-verification-port-level',
  severity: 'warning',
  about: "A DestinationRule asks for TLS on a port without a CA certificate, so the server's certificate is not checked.",
  example: `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: partner, namespace: shop}
spec:
  host: api.example.com
  trafficPolicy:
    portLevelSettings: [{port: {number: 443}, tls: {mode: SIMPLE}}]
`,
  fix: 'Name the certificates of the authorities to trust: caCertificates: system, a file, or credentialName with a workloadSelector.',
  message: (destinationRule, namespace, mode, host, port) =>
    `DestinationRule ${destinationRule} in namespace ${namespace} has TLS mode set to ${mode} but no caCertificates are set to validate server identity for host: ${host} at port ${port}`,
});

export const destinationRuleSubsetNotSelectPods: Problem<[subset: string]> = defineProblem({
  code: 'IST0173',
  name: 'destination-rule-subset-not-select-pods',
  severity: 'error',
  about: 'A subset of a DestinationRule selects no pod; requests to it fail with 503.',
  example: join(
    service,
    cartPod,
    `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: shop}
spec:
  host: cart
  subsets: [{name: v2, labels: {version: v2}}]
`,
  ),
  fix: 'Correct the labels of the subset, or add the workload.',
  message: (subset) =>
    `The Subset ${subset} defined in the DestinationRule does not select any pods. Which may lead to 503 UH (NoHealthyUpstream).`,
});

export const unknownDestinationRuleHost: Problem<[host: string]> = defineProblem({
  code: 'IST0174',
  name: 'unknown-destination-rule-host',
  severity: 'warning',
  about: 'A DestinationRule is for a host that is no service of the mesh.',
  example: `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: shop}
spec: {host: crat}
`,
  fix: 'Correct the host; a short name is one of a Service in the namespace of the DestinationRule. Hosts outside of the mesh need a ServiceEntry.',
  message: (host) => `The host ${host} defined in the DestinationRule does not match any services in the mesh.`,
});
