import type { Analyzer } from '../analyzer.ts';
import { authorizationOperations } from './authorization-operations.ts';
import { authorizationSources } from './authorization-sources.ts';
import { competingVirtualServices } from './competing-virtual-services.ts';
import { destinationRuleMerging } from './destination-rule-merging.ts';
import { expressions } from './expressions.ts';
import { hiddenBySidecar } from './hidden-by-sidecar.ts';
import { mutualTlsConflicts } from './mutual-tls-conflicts.ts';
import { schemaAnalyzers } from './schema.ts';
import { serviceConflicts } from './service-conflicts.ts';
import { mergedVirtualServices, shadowedRules } from './shadowed-rules.ts';
import { trafficSettings } from './traffic-settings.ts';
import { tokensNobodyRequires, unusedSelectors } from './unused-selectors.ts';
import { virtualServiceConflicts } from './virtual-service-conflicts.ts';
import { virtualServiceDestinations } from './virtual-service-destinations.ts';
import { virtualServiceGateways } from './virtual-service-gateways.ts';
import { virtualServiceJwtClaims } from './virtual-service-jwt-claims.ts';
import { virtualServiceSubsets } from './virtual-service-subsets.ts';

/** All analyzers, in the order in which they run. */
export const analyzers: readonly Analyzer[] = [
  virtualServiceConflicts,
  virtualServiceDestinations,
  virtualServiceSubsets,
  virtualServiceGateways,
  virtualServiceJwtClaims,
  ...schemaAnalyzers,
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
];
