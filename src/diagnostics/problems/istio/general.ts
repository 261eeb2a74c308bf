import { goList, goQuote } from '../../../util/go-format.ts';
import { defineProblem, type Problem } from '../../problem.ts';
import { envoyFilter, insertBefore } from './examples.ts';

/** Findings of Istio about any kind of resource. */

export const internalError: Problem<[detail: string]> = defineProblem({
  code: 'IST0001',
  name: 'internal-error',
  severity: 'error',
  about: 'A tool had an internal error.',
  cause: 'A mistake in the tool itself.',
  fix: 'Report it to the makers of the tool.',
  message: (detail) => `Internal error: ${detail}`,
});

export const deprecatedFeature: Problem<[detail: string]> = defineProblem({
  code: 'IST0002',
  name: 'deprecated-feature',
  severity: 'warning',
  about: 'The configuration uses something that Istio is going to drop or has dropped already.',
  example: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec:
  hosts: [cart]
  http:
  - fault: {delay: {percent: 10, fixedDelay: 5s}}
    route: [{destination: {host: cart}}]
`,
  fix: 'Use what the message names instead.',
  message: (detail) => `Deprecated: ${detail}`,
});

export const referencedResourceNotFound: Problem<[type: string, value: string]> = defineProblem({
  code: 'IST0101',
  name: 'referenced-resource-not-found',
  severity: 'error',
  about:
    'A resource refers to another one (a gateway, a host, a subset, a Secret, a namespace, pods by their labels) that is not there.',
  example: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec:
  hosts: [cart.example.com]
  gateways: [istio-system/shop]
  http:
  - route: [{destination: {host: cart, subset: v2}}]
`,
  fix: 'Correct the name, with its namespace where the other resource stands in another one, or add what is missing. When it is defined elsewhere, analyze both together, or use --partial.',
  message: (type, value) => `Referenced ${type} not found: ${goQuote(value)}`,
});

export const schemaValidationError: Problem<[reason: string]> = defineProblem({
  code: 'IST0106',
  name: 'schema-validation-error',
  severity: 'error',
  about: 'A resource breaks a rule that the admission webhook checks; a cluster would refuse it.',
  example: `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: shop, namespace: shop}
spec:
  selector: {istio: ingressgateway}
  servers:
  - port: {number: 443, name: https, protocol: HTTPS}
    hosts: [shop.example.com]
`,
  fix: 'Correct the field that the message names. mesh validate says the same without a whole mesh.',
  message: (reason) => `Schema validation error: ${reason}`,
});

export const unknownMeshNetworksServiceRegistry: Problem<[registry: string, network: string]> = defineProblem({
  code: 'IST0126',
  name: 'unknown-mesh-networks-service-registry',
  severity: 'error',
  about: 'A network of MeshNetworks refers to a service registry that Istio does not know.',
  example: `apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  meshNetworks: |
    networks:
      north:
        endpoints: [{fromRegistry: cluster-1}]
        gateways: [{address: 192.0.2.1, port: 15443}]
`,
  fix: 'Name a cluster for which there is a remote Secret, or Kubernetes.',
  message: (registry, network) => `Unknown service registry ${registry} in network ${network}`,
});

export const schemaWarning: Problem<[reason: string]> = defineProblem({
  code: 'IST0133',
  name: 'schema-warning',
  severity: 'warning',
  about: 'A resource is accepted by the admission webhook, but with a warning.',
  example: envoyFilter('cart', insertBefore),
  fix: 'Correct what the message names; where it warns of an EnvoyFilter as such, use another kind of resource if one can do it.',
  message: (reason) => `Schema validation warning: ${reason}`,
});

export const insufficientPermissions: Problem<[resource: string, error: string]> = defineProblem({
  code: 'IST0141',
  name: 'insufficient-permissions',
  severity: 'error',
  about: 'The user who installs Istio may not create a resource.',
  cause: 'istioctl precheck of a live cluster.',
  fix: 'Give the user the permission.',
  message: (resource, error) => `Missing required permission to create resource ${resource} (${error})`,
});

export const unsupportedKubernetesVersion: Problem<[version: string, minimumVersion: string]> = defineProblem({
  code: 'IST0142',
  name: 'unsupported-kubernetes-version',
  severity: 'error',
  about: 'The version of Kubernetes is too old.',
  cause: 'istioctl precheck of a live cluster.',
  fix: 'Upgrade Kubernetes.',
  message: (version, minimumVersion) =>
    `The Kubernetes Version ${goQuote(version)} is lower than the minimum version: ${minimumVersion}`,
});

export const unknownUpgradeCompatibility: Problem<[field: string, release: string, info: string, compatVersion: string]> =
  defineProblem({
    code: 'IST0168',
    name: 'unknown-upgrade-compatibility',
    severity: 'warning',
    about: 'A default changed with a release, and whether that matters cannot be told.',
    cause: 'istioctl precheck of a live cluster.',
    fix: 'Follow the notes of the release that the message names.',
    message: (field, release, info, compatVersion) =>
      `The configuration ${goQuote(field)} changed in release ${release}, but compatibility cannot be automatically detected: ${info}. Or, install with \`--set compatibilityVersion=${compatVersion}\` to retain the old default.`,
  });

export const updateIncompatibility: Problem<[field: string, release: string, info: string, compatVersion: string]> =
  defineProblem({
    code: 'IST0169',
    name: 'update-incompatibility',
    severity: 'warning',
    about: 'A default changed with a release.',
    cause: 'istioctl precheck of a live cluster.',
    fix: 'Follow the notes of the release that the message names.',
    message: (field, release, info, compatVersion) =>
      `The configuration ${goQuote(field)} changed in release ${release}: ${info}. Or, install with \`--set compatibilityVersion=${compatVersion}\` to retain the old default.`,
  });

export const multiClusterInconsistentService: Problem<
  [serviceName: string, namespace: string, clusters: readonly string[], error: string]
> = defineProblem({
  code: 'IST0170',
  name: 'multi-cluster-inconsistent-service',
  severity: 'warning',
  about: 'A service is defined differently in the clusters of a mesh.',
  cause:
    'A Service that is headless in one cluster and not in another, or has another type or other ports there (analyze --cluster).',
  fix: 'Define the service in the same way in all clusters.',
  message: (serviceName, namespace, clusters, error) =>
    `The service ${serviceName} in namespace ${goQuote(namespace)} is inconsistent across clusters ${goList(clusters.map(goQuote))}, which can lead to undefined behaviors. The inconsistent behaviors are: ${error}.`,
});

export const negativeConditionStatus: Problem<[conditionType: string, reason: string, message: string]> = defineProblem({
  code: 'IST0171',
  name: 'negative-condition-status',
  severity: 'warning',
  about: 'The status of a resource says that something is wrong with it.',
  example: `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: shop, namespace: shop}
spec:
  gatewayClassName: istio
  listeners: [{name: http, port: 80, protocol: HTTP}]
status:
  conditions: [{type: Programmed, status: "False", reason: Pending, message: no address yet}]
`,
  fix: 'Do what the message of the condition asks for.',
  message: (conditionType, reason, message) =>
    `A condition with a negative status is present: type=${conditionType}, reason=${reason}, message=${message}.`,
});
