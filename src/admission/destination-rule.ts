import type { Behaviours } from '../releases/release.ts';
import type { ResourceOf } from '../resource/resource.ts';
import { error, errorIf, errorsOf, type Findings } from './finding.ts';
import { isDnsLabel, wildcardNameProblem } from './hosts.ts';
import { checkWorkloadLabels } from './labels.ts';
import { checkExportTo, checkSelector } from './references.ts';
import { checkTrafficPolicy } from './traffic-policy.ts';

/** A DestinationRule; istio pkg/config/validation/validation.go ValidateDestinationRule. */
export function* checkDestinationRule({ spec, namespace }: ResourceOf<'DestinationRule'>, behaviours: Behaviours): Findings {
  const context = { namespace, behaviours };
  yield* errorIf(['spec', 'host'], wildcardNameProblem(spec.host ?? ''));
  yield* checkTrafficPolicy(['spec', 'trafficPolicy'], spec.trafficPolicy, context);
  const names = new Set<string>();
  for (const [index, { name = '', labels, trafficPolicy }] of (spec.subsets ?? []).entries()) {
    const path = ['spec', 'subsets', index];
    if (names.has(name)) yield error([...path, 'name'], `duplicate subset names: ${name}`);
    names.add(name);
    yield* errorIf([...path, 'name'], subsetNameProblem(name));
    yield* checkWorkloadLabels([...path, 'labels'], labels);
    yield* errorsOf(checkTrafficPolicy([...path, 'trafficPolicy'], trafficPolicy, context));
  }
  const owner = spec.workloadSelector === undefined ? 'plain' : 'destination-rule-with-selector';
  yield* checkExportTo(spec.exportTo, namespace, owner);
  yield* checkSelector(['spec', 'workloadSelector'], spec.workloadSelector);
}

/** What is wrong with the name of a subset; istio validateSubsetName. */
export function subsetNameProblem(name: string): string | undefined {
  if (name === '') return 'subset name cannot be empty';
  return isDnsLabel(name) ? undefined : `subset name is invalid: ${name}`;
}
