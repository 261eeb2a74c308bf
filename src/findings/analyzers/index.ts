import { waypointAdmission } from './ambient-admission.ts';
import { ambientBindings, waypointListeners } from './ambient-bindings.ts';
import { ambientDestinationRules } from './ambient-destination-rules.ts';
import { gatewaysPastWaypoints } from './ambient-gateways.ts';
import { ambientModes } from './ambient-modes.ts';
import { ambientPolicies, ambientTargets } from './ambient-policies.ts';
import { ambientRoutes } from './ambient-routes.ts';
import { ambientSelectors } from './ambient-selectors.ts';
import { alphaAnnotations, annotations } from './annotations.ts';
import { applicationUser } from './application-user.ts';
import { authorizationOperations } from './authorization-operations.ts';
import { authorizationPolicies } from './authorization-policies.ts';
import { authorizationSources } from './authorization-sources.ts';
import { automaticImages } from './automatic-images.ts';
import { backendTlsRules } from './backend-tls-rules.ts';
import { clientAddresses } from './client-addresses.ts';
import { competingConnectionRules } from './competing-connection-rules.ts';
import { competingVirtualServices } from './competing-virtual-services.ts';
import { conditions } from './conditions.ts';
import { delegates } from './delegates.ts';
import { deniedGateways } from './denied-gateways.ts';
import { deniedIdentities } from './denied-identities.ts';
import { deploymentServices } from './deployment-services.ts';
import { deprecatedFeatures } from './deprecated-features.ts';
import { destinationRuleCertificates } from './destination-rule-certificates.ts';
import { destinationRuleMerging } from './destination-rule-merging.ts';
import { destinationRuleSubsets } from './destination-rule-subsets.ts';
import { destinationRulesForNobody } from './destination-rules-for-nobody.ts';
import { dualStack } from './dual-stack.ts';
import { entriesThatHide } from './entries-that-hide.ts';
import { envoyFilterPatches } from './envoy-filter-patches.ts';
import { expressions } from './expressions.ts';
import { externalControlPlane } from './external-control-plane.ts';
import { faultsAndRetries } from './faults-and-retries.ts';
import { fleetConfiguration } from './fleet-configuration.ts';
import { fleetGateways } from './fleet-gateways.ts';
import { fleetIdentities } from './fleet-identities.ts';
import { fleetServices } from './fleet-services.ts';
import { gatewayApiSelectors } from './gateway-api-selectors.ts';
import { gatewayApiVersions } from './gateway-api-versions.ts';
import { gatewayCertificates } from './gateway-certificates.ts';
import { gatewayConflicts } from './gateway-conflicts.ts';
import { gatewayCredentials } from './gateway-credentials.ts';
import { gatewayPort443 } from './gateway-port-443.ts';
import { gatewayPorts } from './gateway-ports.ts';
import { gatewayRuleKinds } from './gateway-rule-kinds.ts';
import { gatewaySecrets } from './gateway-secrets.ts';
import { gatewaysToNoAddresses } from './gateways-to-no-addresses.ts';
import { grpcBackends } from './grpc-backends.ts';
import { hiddenBySidecar } from './hidden-by-sidecar.ts';
import { hiddenFromGateways } from './hidden-from-gateways.ts';
import { hostsWithoutService } from './hosts-without-service.ts';
import { httpFieldsOnTcp } from './http-fields-on-tcp.ts';
import { identitiesAtGateways } from './identities-at-gateways.ts';
import { ingressHabits } from './ingress-habits.ts';
import { ingressSecrets } from './ingress-secrets.ts';
import { injectionHabits } from './injection-habits.ts';
import { jwksFetching } from './jwks-fetching.ts';
import { keptHosts } from './kept-hosts.ts';
import { labelledClients } from './labelled-clients.ts';
import { ledToGateways } from './led-to-gateways.ts';
import { listenerCertificates } from './listener-certificates.ts';
import { literalMatches } from './literal-matches.ts';
import { mergedVirtualServices } from './merged-virtual-services.ts';
import { meshNetworks } from './mesh-networks.ts';
import { meshRulesBehindGateways } from './mesh-rules-behind-gateways.ts';
import { mutualTlsConflicts } from './mutual-tls-conflicts.ts';
import { mutualTlsOfClients } from './mutual-tls-of-clients.ts';
import { namespaceInjection } from './namespace-injection.ts';
import { policyPorts } from './policy-ports.ts';
import { portLevelSettings } from './port-level-settings.ts';
import { portsOfTwoProtocols } from './ports-of-two-protocols.ts';
import { preflights } from './preflights.ts';
import { proxyImages } from './proxy-images.ts';
import { redirects } from './redirects.ts';
import { rewrites } from './rewrites.ts';
import { rewrittenPolicyPaths } from './rewritten-policy-paths.ts';
import { routesBesideVirtualServices } from './routes-beside-virtual-services.ts';
import { rulesApart } from './rules-apart.ts';
import { rulesByProtocol } from './rules-by-protocol.ts';
import { schemaAnalyzers } from './schema.ts';
import { serviceConflicts } from './service-conflicts.ts';
import { serviceEntryAddresses } from './service-entry-addresses.ts';
import { serviceEntryProtocols } from './service-entry-protocols.ts';
import { servicePortNames } from './service-port-names.ts';
import { servicesWithoutEndpoints } from './services-without-endpoints.ts';
import { shadowedConnectionRules } from './shadowed-connection-rules.ts';
import { shadowedRules } from './shadowed-rules.ts';
import { sidecarSelectors } from './sidecar-selectors.ts';
import { sidecarsThatLetPass } from './sidecars-that-let-pass.ts';
import { stickySubsets } from './sticky-subsets.ts';
import type { Analyzer } from './support/analyzer.ts';
import { targetReferences } from './target-references.ts';
import { telemetryDisabled } from './telemetry-disabled.ts';
import { telemetryLightstep, telemetryProviders } from './telemetry-providers.ts';
import { telemetryDefaults, telemetrySelectors } from './telemetry-selectors.ts';
import { tlsLayers } from './tls-layers.ts';
import { tokensBehindGateways } from './tokens-behind-gateways.ts';
import { trafficSettings } from './traffic-settings.ts';
import { unresolvedNames } from './unresolved-names.ts';
import { tokensNobodyRequires, unusedSelectors } from './unused-selectors.ts';
import { virtualServiceConflicts } from './virtual-service-conflicts.ts';
import { virtualServiceDestinations } from './virtual-service-destinations.ts';
import { virtualServiceGateways } from './virtual-service-gateways.ts';
import { virtualServiceJwtClaims } from './virtual-service-jwt-claims.ts';
import { virtualServiceSubsets } from './virtual-service-subsets.ts';
import { webhooks } from './webhooks.ts';

/** All analyzers, in the order in which they run. */
export const analyzers: readonly Analyzer[] = [
  ambientBindings,
  waypointListeners,
  ambientPolicies,
  ambientTargets,
  ambientRoutes,
  ambientDestinationRules,
  ambientSelectors,
  ambientModes,
  waypointAdmission,
  gatewaysPastWaypoints,
  annotations,
  alphaAnnotations,
  jwksFetching,
  authorizationPolicies,
  conditions,
  deploymentServices,
  applicationUser,
  destinationRuleCertificates,
  destinationRuleSubsets,
  deprecatedFeatures,
  envoyFilterPatches,
  externalControlPlane,
  gatewayPorts,
  gatewayCertificates,
  gatewaySecrets,
  gatewayConflicts,
  namespaceInjection,
  proxyImages,
  automaticImages,
  gatewayApiSelectors,
  gatewayApiVersions,
  meshNetworks,
  servicePortNames,
  sidecarSelectors,
  virtualServiceConflicts,
  virtualServiceDestinations,
  virtualServiceSubsets,
  virtualServiceGateways,
  virtualServiceJwtClaims,
  serviceEntryAddresses,
  serviceEntryProtocols,
  webhooks,
  telemetryProviders,
  telemetrySelectors,
  telemetryDefaults,
  telemetryLightstep,
  competingVirtualServices,
  mergedVirtualServices,
  shadowedRules,
  destinationRuleMerging,
  serviceConflicts,
  authorizationSources,
  authorizationOperations,
  unusedSelectors,
  tokensNobodyRequires,
  mutualTlsConflicts,
  hiddenBySidecar,
  expressions,
  trafficSettings,
  rewrites,
  faultsAndRetries,
  labelledClients,
  stickySubsets,
  portLevelSettings,
  rulesApart,
  targetReferences,
  telemetryDisabled,
  tlsLayers,
  destinationRulesForNobody,
  delegates,
  meshRulesBehindGateways,
  gatewayRuleKinds,
  rulesByProtocol,
  hostsWithoutService,
  hiddenFromGateways,
  competingConnectionRules,
  shadowedConnectionRules,
  gatewaysToNoAddresses,
  mutualTlsOfClients,
  preflights,
  clientAddresses,
  identitiesAtGateways,
  deniedIdentities,
  httpFieldsOnTcp,
  gatewayPort443,
  sidecarsThatLetPass,
  entriesThatHide,
  portsOfTwoProtocols,
  unresolvedNames,
  rewrittenPolicyPaths,
  listenerCertificates,
  ingressSecrets,
  backendTlsRules,
  redirects,
  policyPorts,
  deniedGateways,
  tokensBehindGateways,
  servicesWithoutEndpoints,
  grpcBackends,
  gatewayCredentials,
  literalMatches,
  ingressHabits,
  keptHosts,
  ledToGateways,
  injectionHabits,
  routesBesideVirtualServices,
  dualStack,
  fleetServices,
  fleetGateways,
  fleetIdentities,
  fleetConfiguration,
  ...schemaAnalyzers,
];
