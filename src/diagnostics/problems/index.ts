import type { Definition, Problem } from '../problem.ts';
import * as compiled from './compiled.ts';
import * as destinationRules from './destination-rules.ts';
import * as envoyFilters from './envoy-filters.ts';
import * as gatewayApi from './gateway-api.ts';
import * as ingress from './ingress.ts';
import * as istioDestinationRules from './istio/destination-rules.ts';
import * as istioEnvoyFilters from './istio/envoy-filters.ts';
import * as istioGateways from './istio/gateways.ts';
import * as istioGeneral from './istio/general.ts';
import * as istioInjection from './istio/injection.ts';
import * as istioPolicies from './istio/policies.ts';
import * as istioServices from './istio/services.ts';
import * as istioSidecars from './istio/sidecars.ts';
import * as istioTelemetry from './istio/telemetry.ts';
import * as istioVirtualServices from './istio/virtual-services.ts';
import * as meshConfig from './mesh-config.ts';
import * as objects from './objects.ts';
import * as policies from './policies.ts';
import * as reading from './reading.ts';
import * as refusals from './refusals.ts';
import * as services from './services.ts';
import * as sidecars from './sidecars.ts';
import * as telemetry from './telemetry.ts';
import * as virtualServices from './virtual-services.ts';

/** The files of this folder, each with the problems of one area. */
const areas: readonly Readonly<Record<string, unknown>>[] = [
  reading,
  objects,
  meshConfig,
  ingress,
  gatewayApi,
  virtualServices,
  destinationRules,
  services,
  policies,
  telemetry,
  sidecars,
  envoyFilters,
  compiled,
  refusals,
  istioGeneral,
  istioInjection,
  istioVirtualServices,
  istioDestinationRules,
  istioGateways,
  istioServices,
  istioPolicies,
  istioSidecars,
  istioTelemetry,
  istioEnvoyFilters,
];

/** Every kind of problem there is, by code. */
export function allProblems(): readonly Definition[] {
  return areas
    .flatMap((area) => Object.values(area) as readonly Problem<never>[])
    .map(({ definition }) => definition)
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}
