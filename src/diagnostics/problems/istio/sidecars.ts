import { goList, goQuote } from '../../../util/go-format.ts';
import { defineProblem, type Problem } from '../../problem.ts';
import { cartPod, join, sidecar } from './examples.ts';

/** Findings of Istio about Sidecars. */

export const conflictingSidecarWorkloadSelectors: Problem<
  [conflictingSidecars: readonly string[], namespace: string, pod: string]
> = defineProblem({
  code: 'IST0110',
  name: 'conflicting-sidecar-workload-selectors',
  severity: 'error',
  about: 'Several Sidecars select the same pod; which one applies is left to chance.',
  example: join(
    cartPod,
    sidecar('a', '{workloadSelector: {labels: {app: cart}}, egress: [{hosts: ["./*"]}]}'),
    sidecar('b', '{workloadSelector: {labels: {app: cart}}, egress: [{hosts: ["./*"]}]}'),
  ),
  fix: 'Merge the Sidecars, or make their selectors different.',
  message: (conflictingSidecars, namespace, pod) =>
    `The Sidecars ${goList(conflictingSidecars)} in namespace ${goQuote(namespace)} select the same workload pod ${goQuote(pod)}, which can lead to undefined behavior.`,
});

export const multipleSidecarsWithoutWorkloadSelectors: Problem<[conflictingSidecars: readonly string[], namespace: string]> =
  defineProblem({
    code: 'IST0111',
    name: 'multiple-sidecars-without-workload-selectors',
    severity: 'error',
    about: 'A namespace has several Sidecars without a workload selector; which one applies is left to chance.',
    example: join(sidecar('a', '{egress: [{hosts: ["./*"]}]}'), sidecar('b', '{egress: [{hosts: ["./*"]}]}')),
    fix: 'Merge the Sidecars, or give all but one a workloadSelector.',
    message: (conflictingSidecars, namespace) =>
      `The Sidecars ${goList(conflictingSidecars)} in namespace ${goQuote(namespace)} have no workload selector, which can lead to undefined behavior.`,
  });
