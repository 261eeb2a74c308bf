import { goList, goQuote } from '../../../util/go-format.ts';
import { defineProblem, type Problem } from '../../problem.ts';
import { cartPod, join, telemetry } from './examples.ts';

/** Findings of Istio about Telemetry. */

export const invalidTelemetryProvider: Problem<[name: string, namespace: string]> = defineProblem({
  code: 'IST0157',
  name: 'invalid-telemetry-provider',
  severity: 'warning',
  about: 'A Telemetry resource turns on access logs without naming a provider, and MeshConfig has no default one.',
  example: telemetry('logs', '{accessLogging: [{disabled: false}]}'),
  fix: 'Name a provider: accessLogging: [{providers: [{name: envoy}]}], or set defaultProviders.accessLogging in MeshConfig.',
  message: (name, namespace) => `The Telemetry ${name} in namespace ${goQuote(namespace)} with empty providers will be ignored.`,
});

export const conflictingTelemetryWorkloadSelectors: Problem<
  [conflictingTelemetries: readonly string[], namespace: string, pod: string]
> = defineProblem({
  code: 'IST0159',
  name: 'conflicting-telemetry-workload-selectors',
  severity: 'error',
  about: 'Several Telemetry resources select the same pod; which one applies is left to chance.',
  example: join(
    cartPod,
    telemetry('a', '{selector: {matchLabels: {app: cart}}}'),
    telemetry('b', '{selector: {matchLabels: {app: cart}}}'),
  ),
  fix: 'Merge the resources, or make their selectors different.',
  message: (conflictingTelemetries, namespace, pod) =>
    `The Telemetries ${goList(conflictingTelemetries)} in namespace ${goQuote(namespace)} select the same workload pod ${goQuote(pod)}, which can lead to undefined behavior.`,
});

export const multipleTelemetriesWithoutWorkloadSelectors: Problem<
  [conflictingTelemetries: readonly string[], namespace: string]
> = defineProblem({
  code: 'IST0160',
  name: 'multiple-telemetries-without-workload-selectors',
  severity: 'error',
  about: 'A namespace has several Telemetry resources without a selector; which one applies is left to chance.',
  example: join(telemetry('a', '{}'), telemetry('b', '{}')),
  fix: 'Merge the resources, or give all but one a selector.',
  message: (conflictingTelemetries, namespace) =>
    `The Telemetries ${goList(conflictingTelemetries)} in namespace ${goQuote(namespace)} have no workload selector, which can lead to undefined behavior.`,
});
