import { goList, goQuote } from '../../../util/go-format.ts';
import { defineProblem, type Problem } from '../../problem.ts';
import { gateway, join } from './examples.ts';

/** Findings of Istio about Gateways, its own and those of the Gateway API. */

export const gatewayDuplicateCertificate: Problem<[gateways: readonly string[]]> = defineProblem({
  code: 'IST0138',
  name: 'gateway-duplicate-certificate',
  severity: 'warning',
  about: 'Gateways on the same workload use the same certificate; browsers that reuse connections then get 404.',
  example: join(
    ...['shop', 'cart'].map(
      (name) => `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: ${name}, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 443, name: https, protocol: HTTPS}
    hosts: [${name}.example.com]
    tls: {mode: SIMPLE, credentialName: wildcard}
`,
    ),
  ),
  fix: 'Put the hosts of one certificate into one Gateway, or give each its own certificate.',
  message: (gateways) =>
    `Duplicate certificate in multiple gateways ${goList(gateways)} may cause 404s if clients re-use HTTP2 connections.`,
});

export const conflictingGateways: Problem<[gateway: string, selector: string, portnumber: string, hosts: string]> = defineProblem(
  {
    code: 'IST0145',
    name: 'conflicting-gateways',
    severity: 'error',
    about: 'Gateways on the same workload serve the same host on the same port; only one of them takes effect.',
    example: join(gateway, gateway.replace('name: shop', 'name: cart')),
    fix: 'Put the host into one Gateway only, or serve it on another port or bind address.',
    message: (gateway, selector, portnumber, hosts) =>
      `Conflict with gateways ${gateway} (workload selector ${selector}, port ${portnumber}, hosts ${hosts}).`,
  },
);

export const unsupportedGatewayAPIVersion: Problem<[version: string, minimumVersion: string]> = defineProblem({
  code: 'IST0156',
  name: 'unsupported-gateway-api-version',
  severity: 'error',
  about: 'The installed Gateway API is too old.',
  cause: 'Istio no longer reports it.',
  fix: 'Upgrade the Gateway API.',
  message: (version, minimumVersion) =>
    `The Gateway API CRD version ${version} is lower than the minimum version: ${minimumVersion}`,
});

export const invalidGatewayCredential: Problem<[gatewayName: string, gatewayNamespace: string]> = defineProblem({
  code: 'IST0161',
  name: 'invalid-gateway-credential',
  severity: 'error',
  about: 'A Gateway uses a Secret that holds no valid certificate and key.',
  example: `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: shop, namespace: istio-system}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 443, name: https, protocol: HTTPS}
    hosts: [shop.example.com]
    tls: {mode: SIMPLE, credentialName: shop}
---
apiVersion: v1
kind: Secret
metadata: {name: shop, namespace: istio-system}
type: kubernetes.io/tls
stringData: {tls.crt: none, tls.key: none}
`,
  fix: 'Put a certificate that is valid now and its key into the Secret: tls.crt and tls.key.',
  message: (gatewayName, gatewayNamespace) =>
    `The credential referenced by the Gateway ${gatewayName} in namespace ${gatewayNamespace} is invalid, which can cause the traffic not to work as expected.`,
});

export const gatewayPortNotDefinedOnService: Problem<[port: number, selector: string]> = defineProblem({
  code: 'IST0162',
  name: 'gateway-port-not-defined-on-service',
  severity: 'warning',
  about: 'A Gateway listens on a port that no Service of its workload exposes.',
  example: gateway.replace('number: 80', 'number: 8888'),
  fix: 'Add the port to the Service of the gateway, or use one of its ports.',
  message: (port, selector) =>
    `The gateway is listening on a target port (port ${port}) that is not defined in the Service associated with its workload instances (Pod selector ${selector}). If you need to access the gateway port through the gateway Service, it will not be available.`,
});

export const ineffectiveSelector: Problem<[gateway: string]> = defineProblem({
  code: 'IST0166',
  name: 'ineffective-selector',
  severity: 'warning',
  about: 'A policy selects a gateway of the Gateway API by labels, where only targetRef works.',
  example: `apiVersion: v1
kind: Pod
metadata: {name: shop-istio-0, namespace: shop, labels: {gateway.networking.k8s.io/gateway-name: shop}}
spec:
  containers: [{name: istio-proxy, image: example.com/proxy}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: shop, namespace: shop}
spec:
  selector: {matchLabels: {gateway.networking.k8s.io/gateway-name: shop}}
  rules: [{to: [{operation: {methods: [GET]}}]}]
`,
  fix: 'Replace the selector by targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: shop}].',
  message: (gateway) => `Ineffective selector on Kubernetes Gateway ${gateway}. Use the TargetRef field instead.`,
});

export const futureUnsupportedGatewayAPIVersion: Problem<[version: string, minimumVersion: string]> = defineProblem({
  code: 'IST0172',
  name: 'future-unsupported-gateway-api-version',
  severity: 'warning',
  about: 'The installed Gateway API is going to be too old.',
  cause: 'Istio no longer reports it.',
  fix: 'Upgrade the Gateway API.',
  message: (version, minimumVersion) =>
    `The Gateway API CRD version ${version} is lower than the minimum version: ${minimumVersion}`,
});

export const gatewayAPICRDVersionBelowMinimum: Problem<[crd: string, installedVersion: string, minimumVersion: string]> =
  defineProblem({
    code: 'IST0176',
    name: 'gateway-api-crd-version-below-minimum',
    severity: 'warning',
    about: 'The installed definition of a kind of the Gateway API is too old, so Istio passes over resources of that kind.',
    example: `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: tlsroutes.gateway.networking.k8s.io
  annotations: {gateway.networking.k8s.io/bundle-version: v1.4.0}
spec: {group: gateway.networking.k8s.io, names: {kind: TLSRoute}}
`,
    fix: 'Install a newer Gateway API.',
    message: (crd, installedVersion, minimumVersion) =>
      `Gateway API CRD ${goQuote(crd)} is at version ${goQuote(installedVersion)} but Istio requires at least ${goQuote(minimumVersion)}; resources of this kind will not be processed. Upgrade the Gateway API CRDs to satisfy the minimum version.`,
  });
