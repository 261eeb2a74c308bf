import { goList, goQuote } from '../util/go-format.ts';
import { defineProblem, type Problem } from './catalog.ts';

/**
 * The findings of Istio's analyzers, sorted by code. Codes, levels and texts are those of istio pkg/config/analysis/msg/messages.yaml:
 * users and their tools know them. Which of them a release knows, and which mesh never reports, is part of the release.
 */

export const internalError: Problem<[detail: string]> = defineProblem(
  'IST0001',
  'error',
  'A tool had an internal error.',
  (detail) => `Internal error: ${detail}`,
);

export const deprecatedFeature: Problem<[detail: string]> = defineProblem(
  'IST0002',
  'warning',
  'The configuration uses something that Istio is going to drop or has dropped already.',
  (detail) => `Deprecated: ${detail}`,
);

export const referencedResourceNotFound: Problem<[type: string, value: string]> = defineProblem(
  'IST0101',
  'error',
  'A resource refers to another one (a gateway, a host, a subset, a Secret, a namespace, pods by their labels) that is not there.',
  (type, value) => `Referenced ${type} not found: ${goQuote(value)}`,
);

export const namespaceNotInjected: Problem<[namespace: string]> = defineProblem(
  'IST0102',
  'info',
  'A namespace says nothing about sidecar injection, so its pods get no sidecar.',
  (namespace) =>
    `The namespace is not enabled for Istio injection. Run 'kubectl label namespace ${namespace} istio-injection=enabled' to enable it, or 'kubectl label namespace ${namespace} istio-injection=disabled' to explicitly mark it as not needing injection.`,
);

export const podMissingProxy: Problem<[pod: string]> = defineProblem(
  'IST0103',
  'warning',
  'A pod stands in a namespace with sidecar injection but has no sidecar.',
  (pod) => `The pod ${pod} is missing the Istio proxy. This can often be resolved by restarting or redeploying the workload.`,
);

export const schemaValidationError: Problem<[reason: string]> = defineProblem(
  'IST0106',
  'error',
  'A resource breaks a rule that the admission webhook checks; a cluster would refuse it.',
  (reason) => `Schema validation error: ${reason}`,
);

export const misplacedAnnotation: Problem<[annotation: string, kind: string]> = defineProblem(
  'IST0107',
  'warning',
  'An annotation of Istio stands on a kind of resource on which it means nothing.',
  (annotation, kind) => `Misplaced annotation: ${annotation} can only be applied to ${kind}`,
);

export const unknownAnnotation: Problem<[annotation: string]> = defineProblem(
  'IST0108',
  'warning',
  "An annotation looks like one of Istio's, but Istio knows none of that name.",
  (annotation) => `Unknown annotation: ${annotation}`,
);

export const conflictingMeshGatewayVirtualServiceHosts: Problem<[virtualServices: string, host: string]> = defineProblem(
  'IST0109',
  'error',
  'Several VirtualServices for sidecars define the same host; only one of them takes effect.',
  (virtualServices, host) =>
    `The VirtualServices ${virtualServices} associated with mesh gateway define the same host ${host} which can lead to undefined behavior. This can be fixed by merging the conflicting VirtualServices into a single resource.`,
);

export const conflictingSidecarWorkloadSelectors: Problem<
  [conflictingSidecars: readonly string[], namespace: string, pod: string]
> = defineProblem(
  'IST0110',
  'error',
  'Several Sidecars select the same pod; which one applies is left to chance.',
  (conflictingSidecars, namespace, pod) =>
    `The Sidecars ${goList(conflictingSidecars)} in namespace ${goQuote(namespace)} select the same workload pod ${goQuote(pod)}, which can lead to undefined behavior.`,
);

export const multipleSidecarsWithoutWorkloadSelectors: Problem<[conflictingSidecars: readonly string[], namespace: string]> =
  defineProblem(
    'IST0111',
    'error',
    'A namespace has several Sidecars without a workload selector; which one applies is left to chance.',
    (conflictingSidecars, namespace) =>
      `The Sidecars ${goList(conflictingSidecars)} in namespace ${goQuote(namespace)} have no workload selector, which can lead to undefined behavior.`,
  );

export const virtualServiceDestinationPortSelectorRequired: Problem<[host: string, ports: readonly number[]]> = defineProblem(
  'IST0112',
  'error',
  'A route leads to a service with several ports and does not say which one is meant.',
  (host, ports) =>
    `This VirtualService routes to a service ${goQuote(host)} that exposes multiple ports ${goList(ports)}. Specifying a port in the destination is required to disambiguate.`,
);

export const deploymentAssociatedToMultipleServices: Problem<[deployment: string, port: number, services: readonly string[]]> =
  defineProblem(
    'IST0116',
    'warning',
    'Services that select the same pods use one port number with different transport protocols.',
    (deployment, port, services) =>
      `This deployment ${deployment} is associated with multiple services using port ${port} but different protocols: ${goList(services)}`,
  );

export const portNameIsNotUnderNamingConvention: Problem<[portName: string, port: number, targetPort: string]> = defineProblem(
  'IST0118',
  'info',
  'The name of a service port does not begin with a protocol, so Envoy has to guess what is spoken there.',
  (portName, port, targetPort) =>
    `Port name ${portName} (port: ${port}, targetPort: ${targetPort}) doesn't follow the naming convention of Istio port.`,
);

export const namespaceMultipleInjectionLabels: Problem<[labels: readonly string[]]> = defineProblem(
  'IST0123',
  'warning',
  'A namespace has several labels that ask for injection in different ways.',
  (labels) =>
    `The namespace has more than one type of injection labels ${goList(labels)}, which may lead to undefined behavior. Make sure only one injection label exists.`,
);

export const invalidAnnotation: Problem<[annotation: string, problem: string]> = defineProblem(
  'IST0125',
  'warning',
  'An annotation of Istio has a value that cannot be used.',
  (annotation, problem) => `Invalid annotation ${annotation}: ${problem}`,
);

export const unknownMeshNetworksServiceRegistry: Problem<[registry: string, network: string]> = defineProblem(
  'IST0126',
  'error',
  'A network of MeshNetworks refers to a service registry that Istio does not know.',
  (registry, network) => `Unknown service registry ${registry} in network ${network}`,
);

export const noMatchingWorkloadsFound: Problem<[labels: string]> = defineProblem(
  'IST0127',
  'warning',
  'A policy selects no pod of the mesh, so it protects nothing.',
  (labels) => `No matching workloads for this resource with the following labels: ${labels}`,
);

export const noServerCertificateVerificationDestinationLevel: Problem<
  [destinationRule: string, namespace: string, mode: string, host: string]
> = defineProblem(
  'IST0128',
  'warning',
  "A DestinationRule asks for TLS without a CA certificate, so the server's certificate is not checked.",
  (destinationRule, namespace, mode, host) =>
    `DestinationRule ${destinationRule} in namespace ${namespace} has TLS mode set to ${mode} but no caCertificates are set to validate server identity for host: ${host}`,
);

export const noServerCertificateVerificationPortLevel: Problem<
  [destinationRule: string, namespace: string, mode: string, host: string, port: string]
> = defineProblem(
  'IST0129',
  'warning',
  "A DestinationRule asks for TLS on a port without a CA certificate, so the server's certificate is not checked.",
  (destinationRule, namespace, mode, host, port) =>
    `DestinationRule ${destinationRule} in namespace ${namespace} has TLS mode set to ${mode} but no caCertificates are set to validate server identity for host: ${host} at port ${port}`,
);

export const virtualServiceUnreachableRule: Problem<[rule: string, reason: string]> = defineProblem(
  'IST0130',
  'warning',
  'A rule of a VirtualService is never used, because an earlier rule takes all that it matches.',
  (rule, reason) => `VirtualService rule ${rule} not used (${reason}).`,
);

export const virtualServiceIneffectiveMatch: Problem<[rule: string, match: string, duplicate: string]> = defineProblem(
  'IST0131',
  'info',
  'A match of a VirtualService is never used, because an earlier rule has the same match.',
  (rule, match, duplicate) =>
    `VirtualService rule ${rule} match ${match} is not used (duplicate/overlapping match in rule ${duplicate}).`,
);

export const virtualServiceHostNotFoundInGateway: Problem<[host: readonly string[], virtualService: string, gateway: string]> =
  defineProblem(
    'IST0132',
    'warning',
    'A VirtualService is bound to a gateway that serves none of its hosts.',
    (host, virtualService, gateway) =>
      `one or more host ${goList(host)} defined in VirtualService ${virtualService} not found in Gateway ${gateway}.`,
  );

export const schemaWarning: Problem<[reason: string]> = defineProblem(
  'IST0133',
  'warning',
  'A resource is accepted by the admission webhook, but with a warning.',
  (reason) => `Schema validation warning: ${reason}`,
);

export const serviceEntryAddressesRequired: Problem<[]> = defineProblem(
  'IST0134',
  'warning',
  'A ServiceEntry has a TCP port but no address by which Envoy could tell its traffic from that of others.',
  () => 'ServiceEntry addresses are required for this protocol.',
);

export const deprecatedAnnotation: Problem<[annotation: string, extra: string]> = defineProblem(
  'IST0135',
  'info',
  'An annotation of Istio is going to be dropped.',
  (annotation, extra) =>
    `Annotation ${goQuote(annotation)} has been deprecated${extra} and may not work in future Istio versions.`,
);

export const alphaAnnotation: Problem<[annotation: string]> = defineProblem(
  'IST0136',
  'info',
  'An annotation of Istio is not ready for production.',
  (annotation) => `Annotation ${goQuote(annotation)} is part of an alpha-phase feature and may be incompletely supported.`,
);

export const deploymentConflictingPorts: Problem<
  [deployment: string, services: readonly string[], targetPort: string, ports: readonly number[]]
> = defineProblem(
  'IST0137',
  'warning',
  'Services that select the same pods lead from different ports to one target port.',
  (deployment, services, targetPort, ports) =>
    `This deployment ${deployment} is associated with multiple services ${goList(services)} using targetPort ${goQuote(targetPort)} but different ports: ${goList(ports)}.`,
);

export const gatewayDuplicateCertificate: Problem<[gateways: readonly string[]]> = defineProblem(
  'IST0138',
  'warning',
  'Gateways on the same workload use the same certificate; browsers that reuse connections then get 404.',
  (gateways) =>
    `Duplicate certificate in multiple gateways ${goList(gateways)} may cause 404s if clients re-use HTTP2 connections.`,
);

export const invalidWebhook: Problem<[error: string]> = defineProblem(
  'IST0139',
  'error',
  'A webhook of the sidecar injector overlaps with another one, or calls a service that is not there.',
  (error) => `${error}`,
);

export const ingressRouteRulesNotAffected: Problem<[virtualservicesubset: string, virtualService: string]> = defineProblem(
  'IST0140',
  'warning',
  'The subsets of a VirtualService for sidecars have no effect on requests that come through the ingress gateway.',
  (virtualservicesubset, virtualService) =>
    `Subset in virtual service ${virtualservicesubset} has no effect on ingress gateway ${virtualService} requests`,
);

export const insufficientPermissions: Problem<[resource: string, error: string]> = defineProblem(
  'IST0141',
  'error',
  'The user who installs Istio may not create a resource.',
  (resource, error) => `Missing required permission to create resource ${resource} (${error})`,
);

export const unsupportedKubernetesVersion: Problem<[version: string, minimumVersion: string]> = defineProblem(
  'IST0142',
  'error',
  'The version of Kubernetes is too old.',
  (version, minimumVersion) => `The Kubernetes Version ${goQuote(version)} is lower than the minimum version: ${minimumVersion}`,
);

export const localhostListener: Problem<[port: string]> = defineProblem(
  'IST0143',
  'error',
  'A pod listens on localhost only, at a port that a Service exposes.',
  (port) => `Port ${port} is exposed in a Service but listens on localhost. It will not be exposed to other pods.`,
);

export const invalidApplicationUID: Problem<[]> = defineProblem(
  'IST0144',
  'warning',
  "A container runs as user 1337, whose traffic is left alone because it is taken for the proxy's own.",
  () => 'User ID (UID) 1337 is reserved for the sidecar proxy.',
);

export const conflictingGateways: Problem<[gateway: string, selector: string, portnumber: string, hosts: string]> = defineProblem(
  'IST0145',
  'error',
  'Gateways on the same workload serve the same host on the same port; only one of them takes effect.',
  (gateway, selector, portnumber, hosts) =>
    `Conflict with gateways ${gateway} (workload selector ${selector}, port ${portnumber}, hosts ${hosts}).`,
);

export const imageAutoWithoutInjectionWarning: Problem<[resourceType: string, resourceName: string]> = defineProblem(
  'IST0146',
  'warning',
  'A Deployment leaves its proxy image to the injector, but no injector is going to touch its pods.',
  (resourceType, resourceName) =>
    `${resourceType} ${resourceName} contains \`image: auto\` but does not match any Istio injection webhook selectors.`,
);

export const imageAutoWithoutInjectionError: Problem<[resourceType: string, resourceName: string]> = defineProblem(
  'IST0147',
  'error',
  'A pod leaves its proxy image to the injector, but it has not been injected.',
  (resourceType, resourceName) =>
    `${resourceType} ${resourceName} contains \`image: auto\` but does not match any Istio injection webhook selectors.`,
);

export const namespaceInjectionEnabledByDefault: Problem<[]> = defineProblem(
  'IST0148',
  'info',
  'A namespace says nothing about injection, and the injector injects by default.',
  () => 'is enabled for Istio injection, as Istio is installed with enableNamespacesByDefault as true.',
);

export const jwtClaimBasedRoutingWithoutRequestAuthN: Problem<[key: string, gateway: string, pod: string]> = defineProblem(
  'IST0149',
  'error',
  'Routing by claims of a JWT needs a RequestAuthentication on the gateway, and there is none.',
  (key, gateway, pod) =>
    `The virtual service uses the JWT claim based routing (key: ${key}) but found no request authentication for the gateway (${gateway}) pod (${pod}). The request authentication must first be applied for the gateway pods to validate the JWT token and make the claims available for routing.`,
);

export const externalNameServiceTypeInvalidPortName: Problem<[]> = defineProblem(
  'IST0150',
  'warning',
  'A port of an ExternalName service is named as TCP, which can keep other traffic from its destination.',
  () =>
    'Port name for ExternalName service is invalid. Proxy may prevent tcp named ports and unmatched traffic for ports serving TCP protocol from being forwarded correctly',
);

export const envoyFilterUsesRelativeOperation: Problem<[]> = defineProblem(
  'IST0151',
  'warning',
  'A patch of an EnvoyFilter depends on what other filters do before it, and nothing fixes the order.',
  () =>
    'This EnvoyFilter does not have a priority and has a relative patch operation set which can cause the EnvoyFilter not to be applied. Using the INSERT_FIRST of ADD option or setting the priority may help in ensuring the EnvoyFilter is applied correctly.',
);

export const envoyFilterUsesReplaceOperationIncorrectly: Problem<[]> = defineProblem(
  'IST0152',
  'error',
  'REPLACE has no effect on what a patch of an EnvoyFilter applies to.',
  () => 'The REPLACE operation is only valid for HTTP_FILTER and NETWORK_FILTER.',
);

export const envoyFilterUsesAddOperationIncorrectly: Problem<[]> = defineProblem(
  'IST0153',
  'error',
  'ADD has no effect on what a patch of an EnvoyFilter applies to.',
  () => 'The ADD operation will be ignored when applyTo is set to ROUTE_CONFIGURATION, or HTTP_ROUTE.',
);

export const envoyFilterUsesRemoveOperationIncorrectly: Problem<[]> = defineProblem(
  'IST0154',
  'error',
  'REMOVE has no effect on what a patch of an EnvoyFilter applies to.',
  () => 'The REMOVE operation will be ignored when applyTo is set to ROUTE_CONFIGURATION, or HTTP_ROUTE.',
);

export const envoyFilterUsesRelativeOperationWithProxyVersion: Problem<[]> = defineProblem(
  'IST0155',
  'warning',
  "A patch of an EnvoyFilter depends on other filters and on the proxy's version, and nothing fixes the order.",
  () =>
    'This EnvoyFilter does not have a priority and has a relative patch operation (NSTERT_BEFORE/AFTER, REPLACE, MERGE, DELETE) and proxyVersion set which can cause the EnvoyFilter not to be applied during an upgrade. Using the INSERT_FIRST or ADD option or setting the priority may help in ensuring the EnvoyFilter is applied correctly.',
);

export const unsupportedGatewayAPIVersion: Problem<[version: string, minimumVersion: string]> = defineProblem(
  'IST0156',
  'error',
  'The installed Gateway API is too old.',
  (version, minimumVersion) => `The Gateway API CRD version ${version} is lower than the minimum version: ${minimumVersion}`,
);

export const futureUnsupportedGatewayAPIVersion: Problem<[version: string, minimumVersion: string]> = defineProblem(
  'IST0172',
  'warning',
  'The installed Gateway API is going to be too old.',
  (version, minimumVersion) => `The Gateway API CRD version ${version} is lower than the minimum version: ${minimumVersion}`,
);

export const invalidTelemetryProvider: Problem<[name: string, namespace: string]> = defineProblem(
  'IST0157',
  'warning',
  'A Telemetry resource turns on access logs without naming a provider, and MeshConfig has no default one.',
  (name, namespace) => `The Telemetry ${name} in namespace ${goQuote(namespace)} with empty providers will be ignored.`,
);

export const podsIstioProxyImageMismatchInNamespace: Problem<[podNames: readonly string[]]> = defineProblem(
  'IST0158',
  'warning',
  'Pods run another proxy image than the injector would give them.',
  (podNames) =>
    `The Istio proxy images of the pods running in the namespace do not match the image defined in the injection configuration (pod names: ${goList(podNames)}). This often happens after upgrading the Istio control-plane and can be fixed by redeploying the pods.`,
);

export const conflictingTelemetryWorkloadSelectors: Problem<
  [conflictingTelemetries: readonly string[], namespace: string, pod: string]
> = defineProblem(
  'IST0159',
  'error',
  'Several Telemetry resources select the same pod; which one applies is left to chance.',
  (conflictingTelemetries, namespace, pod) =>
    `The Telemetries ${goList(conflictingTelemetries)} in namespace ${goQuote(namespace)} select the same workload pod ${goQuote(pod)}, which can lead to undefined behavior.`,
);

export const multipleTelemetriesWithoutWorkloadSelectors: Problem<
  [conflictingTelemetries: readonly string[], namespace: string]
> = defineProblem(
  'IST0160',
  'error',
  'A namespace has several Telemetry resources without a selector; which one applies is left to chance.',
  (conflictingTelemetries, namespace) =>
    `The Telemetries ${goList(conflictingTelemetries)} in namespace ${goQuote(namespace)} have no workload selector, which can lead to undefined behavior.`,
);

export const invalidGatewayCredential: Problem<[gatewayName: string, gatewayNamespace: string]> = defineProblem(
  'IST0161',
  'error',
  'A Gateway uses a Secret that holds no valid certificate and key.',
  (gatewayName, gatewayNamespace) =>
    `The credential referenced by the Gateway ${gatewayName} in namespace ${gatewayNamespace} is invalid, which can cause the traffic not to work as expected.`,
);

export const gatewayPortNotDefinedOnService: Problem<[port: number, selector: string]> = defineProblem(
  'IST0162',
  'warning',
  'A Gateway listens on a port that no Service of its workload exposes.',
  (port, selector) =>
    `The gateway is listening on a target port (port ${port}) that is not defined in the Service associated with its workload instances (Pod selector ${selector}). If you need to access the gateway port through the gateway Service, it will not be available.`,
);

export const invalidExternalControlPlaneConfig: Problem<[hostname: string, webhook: string, msg: string]> = defineProblem(
  'IST0163',
  'warning',
  'A webhook names an external control plane by a URL that cannot be used.',
  (hostname, webhook, msg) =>
    `The hostname (${hostname}) that was provided for the webhook (${webhook}) to reach the ingress gateway on the external control plane cluster ${msg}. Traffic may not flow properly.`,
);

export const externalControlPlaneAddressIsNotAHostname: Problem<[hostname: string, webhook: string]> = defineProblem(
  'IST0164',
  'info',
  'A webhook names an external control plane by an IP address.',
  (hostname, webhook) =>
    `The address (${hostname}) that was provided for the webhook (${webhook}) to reach the ingress gateway on the external control plane cluster is an IP address. This is not recommended for a production environment.`,
);

export const referencedInternalGateway: Problem<[virtualService: string, gateway: string]> = defineProblem(
  'IST0165',
  'warning',
  'A VirtualService names a Gateway that Istio made itself out of one of the Gateway API.',
  (virtualService, gateway) =>
    `Gateway reference in VirtualService ${virtualService} is to an implementation-generated internal Gateway: ${gateway}.`,
);

export const ineffectiveSelector: Problem<[gateway: string]> = defineProblem(
  'IST0166',
  'warning',
  'A policy selects a gateway of the Gateway API by labels, where only targetRef works.',
  (gateway) => `Ineffective selector on Kubernetes Gateway ${gateway}. Use the TargetRef field instead.`,
);

export const ineffectivePolicy: Problem<[reason: string]> = defineProblem(
  'IST0167',
  'warning',
  'A policy has no effect where it stands.',
  (reason) => `The policy has no impact: ${reason}.`,
);

export const unknownUpgradeCompatibility: Problem<[field: string, release: string, info: string, compatVersion: string]> =
  defineProblem(
    'IST0168',
    'warning',
    'A default changed with a release, and whether that matters cannot be told.',
    (field, release, info, compatVersion) =>
      `The configuration ${goQuote(field)} changed in release ${release}, but compatibility cannot be automatically detected: ${info}. Or, install with \`--set compatibilityVersion=${compatVersion}\` to retain the old default.`,
  );

export const updateIncompatibility: Problem<[field: string, release: string, info: string, compatVersion: string]> =
  defineProblem(
    'IST0169',
    'warning',
    'A default changed with a release.',
    (field, release, info, compatVersion) =>
      `The configuration ${goQuote(field)} changed in release ${release}: ${info}. Or, install with \`--set compatibilityVersion=${compatVersion}\` to retain the old default.`,
  );

export const multiClusterInconsistentService: Problem<
  [serviceName: string, namespace: string, clusters: readonly string[], error: string]
> = defineProblem(
  'IST0170',
  'warning',
  'A service is defined differently in the clusters of a mesh.',
  (serviceName, namespace, clusters, error) =>
    `The service ${serviceName} in namespace ${goQuote(namespace)} is inconsistent across clusters ${goList(clusters.map(goQuote))}, which can lead to undefined behaviors. The inconsistent behaviors are: ${error}.`,
);

export const negativeConditionStatus: Problem<[conditionType: string, reason: string, message: string]> = defineProblem(
  'IST0171',
  'warning',
  'The status of a resource says that something is wrong with it.',
  (conditionType, reason, message) =>
    `A condition with a negative status is present: type=${conditionType}, reason=${reason}, message=${message}.`,
);

export const destinationRuleSubsetNotSelectPods: Problem<[subset: string]> = defineProblem(
  'IST0173',
  'error',
  'A subset of a DestinationRule selects no pod; requests to it fail with 503.',
  (subset) =>
    `The Subset ${subset} defined in the DestinationRule does not select any pods. Which may lead to 503 UH (NoHealthyUpstream).`,
);

export const unknownDestinationRuleHost: Problem<[host: string]> = defineProblem(
  'IST0174',
  'warning',
  'A DestinationRule is for a host that is no service of the mesh.',
  (host) => `The host ${host} defined in the DestinationRule does not match any services in the mesh.`,
);

export const jwksUriFetchUnrestricted: Problem<[count: number, names: string]> = defineProblem(
  'IST0175',
  'warning',
  'istiod fetches the keys of RequestAuthentications from any address that they name.',
  (count, names) =>
    `BLOCKED_CIDRS_IN_JWKS_URIS is not configured but ${count} RequestAuthentication resource(s) exist (${names}). Consider configuring it to restrict JWKS URI fetches to trusted networks.`,
);

export const gatewayAPICRDVersionBelowMinimum: Problem<[crd: string, installedVersion: string, minimumVersion: string]> =
  defineProblem(
    'IST0176',
    'warning',
    'The installed definition of a kind of the Gateway API is too old, so Istio passes over resources of that kind.',
    (crd, installedVersion, minimumVersion) =>
      `Gateway API CRD ${goQuote(crd)} is at version ${goQuote(installedVersion)} but Istio requires at least ${goQuote(minimumVersion)}; resources of this kind will not be processed. Upgrade the Gateway API CRDs to satisfy the minimum version.`,
  );
