import type { Report } from '../../diagnostics/diagnostic.ts';
import { referencedResourceNotFound } from '../../diagnostics/problems/istio/general.ts';
import { ineffectivePolicy } from '../../diagnostics/problems/istio/policies.ts';
import {
  conflictingSidecarWorkloadSelectors,
  multipleSidecarsWithoutWorkloadSelectors,
} from '../../diagnostics/problems/istio/sidecars.ts';
import { DATAPLANE_MODE } from '../../resource/ambient-labels.ts';
import type { Labels, Resource, ResourceOf } from '../../resource/resource.ts';
import { append, groupBy } from '../../util/collections.ts';
import { memo } from '../../util/memo.ts';
import { at } from '../subject.ts';
import { ambientParties } from './support/ambient.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { isAmbient } from './support/pods.ts';
import type { Reader } from './support/reader.ts';
import { absentPods, firstLabelOf, formatSelector } from './support/selectors.ts';

/** istio analyzers/sidecar/selector.go. */
export const sidecarSelectors: Analyzer = {
  name: 'sidecar.SelectorAnalyzer',
  about: 'Each Sidecar selects pods that exist, and each pod is selected by one Sidecar at most',
  reads: ['Sidecar', 'Pod', 'Namespace'],
  codes: [
    referencedResourceNotFound.code,
    conflictingSidecarWorkloadSelectors.code,
    multipleSidecarsWithoutWorkloadSelectors.code,
    ineffectivePolicy.code,
  ],
  needsAll: ['Pod'],
  run(reader, report) {
    const sidecars = reader.list('Sidecar');
    const hasSelector = ({ spec }: ResourceOf<'Sidecar'>): boolean => Object.keys(spec.workloadSelector?.labels ?? {}).length > 0;
    /** An ambient pod or namespace is reason enough for one word about a Sidecar, not for two. */
    const ineffective = new Set<Resource>();
    const reportIneffective = (sidecar: Resource, reason: string): void => {
      if (!ineffective.has(sidecar)) report(ineffectivePolicy(at(sidecar), reason));
      ineffective.add(sidecar);
    };
    checkSelected(sidecars.filter(hasSelector), reader, report, reportIneffective);
    const defaults = groupBy(
      sidecars.filter((sidecar) => !hasSelector(sidecar)),
      ({ namespace }) => namespace,
    );
    for (const [namespace, list] of defaults) {
      if (isAmbientNamespace(reader.find('Namespace', '', namespace)?.labels)) {
        for (const sidecar of list) reportIneffective(sidecar, 'namespace is in ambient mode, the policy has no impact');
      } else if (list.length > 1) {
        const names = list.map(({ name }) => name).sort();
        for (const sidecar of list) report(multipleSidecarsWithoutWorkloadSelectors(at(sidecar), names, namespace));
      }
    }
  },
};

function checkSelected(
  sidecars: readonly ResourceOf<'Sidecar'>[],
  reader: Reader,
  report: Report,
  reportIneffective: (sidecar: Resource, reason: string) => void,
): void {
  const byPod = new Map<Resource, ResourceOf<'Sidecar'>[]>();
  for (const sidecar of sidecars) {
    const labels = sidecar.spec.workloadSelector?.labels;
    const selected = reader.pods.select(labels, sidecar.namespace);
    for (const pod of selected) append(byPod, pod, sidecar);
    if (selected.length > 0) continue;
    const place = at(sidecar, ['spec', 'workloadSelector', 'labels', firstLabelOf(labels)]);
    const subject = { ...place, absent: absentPods(sidecar.namespace, labels) };
    report(referencedResourceNotFound(subject, 'selector', formatSelector(labels)));
  }
  // istioctl knows pods in ambient mode by what the CNI's agent writes on them, which no manifest has.
  const captured = memo((): ReadonlySet<string> => new Set(ambientParties(reader.mesh())?.captured.map(fullName)));
  for (const [pod, list] of byPod) {
    if (isAmbient(pod) || captured().has(fullName(pod))) {
      for (const sidecar of list) reportIneffective(sidecar, 'selected workload is in ambient mode, the policy has no impact');
    } else if (list.length > 1) {
      const names = list.map(({ name }) => name).sort();
      for (const sidecar of list) {
        const subject = at(sidecar, ['metadata', 'name']);
        report(conflictingSidecarWorkloadSelectors(subject, names, pod.namespace, pod.name));
      }
    }
  }
}

function isAmbientNamespace(labels: Labels = {}): boolean {
  if (labels['istio-injection'] === 'enabled' || (labels['istio.io/rev'] ?? '') !== '') return false;
  return labels[DATAPLANE_MODE] === 'ambient';
}
