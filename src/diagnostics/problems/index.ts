import type { Definition, Problem } from '../problem.ts';
import * as ambient from './ambient.ts';
import * as ambientEffects from './ambient-effects.ts';
import * as certificates from './certificates.ts';
import * as clusters from './clusters.ts';
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
import * as istiod from './istiod.ts';
import * as meshConfig from './mesh-config.ts';
import * as objects from './objects.ts';
import * as policies from './policies.ts';
import * as policyEffects from './policy-effects.ts';
import * as reading from './reading.ts';
import * as refusals from './refusals.ts';
import * as repositories from './repositories.ts';
import * as routing from './routing.ts';
import * as services from './services.ts';
import * as sidecars from './sidecars.ts';
import * as statements from './statements.ts';
import * as telemetry from './telemetry.ts';
import * as virtualServices from './virtual-services.ts';

/** The problems of one area, which one file of this folder defines. */
export interface ProblemArea {
  readonly title: string;
  /** By code. */
  readonly problems: readonly Definition[];
}

/** The files of this folder, which export nothing but problems, in the order of docs/findings.md. */
const files: readonly { readonly title: string; readonly values: readonly Problem<never>[] }[] = [
  { title: 'Reading', values: Object.values(reading) },
  { title: 'Repositories', values: Object.values(repositories) },
  { title: 'Objects and fields', values: Object.values(objects) },
  { title: 'MeshConfig', values: Object.values(meshConfig) },
  { title: 'The environment of istiod', values: Object.values(istiod) },
  { title: 'Ingress', values: Object.values(ingress) },
  { title: 'Gateway API', values: Object.values(gatewayApi) },
  { title: 'Certificates of gateways', values: Object.values(certificates) },
  { title: 'VirtualServices', values: Object.values(virtualServices) },
  { title: 'DestinationRules', values: Object.values(destinationRules) },
  { title: 'From clients to services', values: Object.values(routing) },
  { title: 'Services and ServiceEntries', values: Object.values(services) },
  { title: 'Several clusters', values: Object.values(clusters) },
  { title: 'Policies', values: Object.values(policies) },
  { title: 'Policies at their workloads', values: Object.values(policyEffects) },
  { title: 'Sidecars', values: Object.values(sidecars) },
  { title: 'Telemetry', values: Object.values(telemetry) },
  { title: 'EnvoyFilters', values: Object.values(envoyFilters) },
  { title: 'Ambient mode', values: Object.values(ambient) },
  { title: 'What acts in ambient mode', values: Object.values(ambientEffects) },
  { title: 'Statements', values: Object.values(statements) },
  { title: 'What compiling shows', values: Object.values(compiled) },
  { title: 'What Envoy refuses', values: Object.values(refusals) },
  { title: 'Of Istio: any kind of resource', values: Object.values(istioGeneral) },
  { title: 'Of Istio: namespaces, pods and injection', values: Object.values(istioInjection) },
  { title: 'Of Istio: VirtualServices', values: Object.values(istioVirtualServices) },
  { title: 'Of Istio: DestinationRules', values: Object.values(istioDestinationRules) },
  { title: 'Of Istio: Gateways', values: Object.values(istioGateways) },
  { title: 'Of Istio: Services and ServiceEntries', values: Object.values(istioServices) },
  { title: 'Of Istio: Policies', values: Object.values(istioPolicies) },
  { title: 'Of Istio: Sidecars', values: Object.values(istioSidecars) },
  { title: 'Of Istio: Telemetry', values: Object.values(istioTelemetry) },
  { title: 'Of Istio: EnvoyFilters', values: Object.values(istioEnvoyFilters) },
];

/** All areas. */
export function problemAreas(): readonly ProblemArea[] {
  return files.map(({ title, values }) => ({ title, problems: definitionsOf(values) }));
}

/** Every kind of problem there is, by code. */
export function allProblems(): readonly Definition[] {
  return definitionsOf(files.flatMap(({ values }) => values));
}

function definitionsOf(problems: readonly Problem<never>[]): readonly Definition[] {
  return problems.map(({ definition }) => definition).sort((a, b) => (a.code < b.code ? -1 : 1));
}
