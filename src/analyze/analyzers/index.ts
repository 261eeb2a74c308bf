import type { Analyzer } from '../analyzer.ts';
import { schemaAnalyzers } from './schema.ts';
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
];
