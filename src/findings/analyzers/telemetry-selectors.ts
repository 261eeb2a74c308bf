import { referencedResourceNotFound } from '../../diagnostics/problems/istio/general.ts';
import {
  conflictingTelemetryWorkloadSelectors,
  multipleTelemetriesWithoutWorkloadSelectors,
} from '../../diagnostics/problems/istio/telemetry.ts';
import { targetRefsOf } from '../../model/security/policies.ts';
import type { Resource, ResourceOf } from '../../resource/resource.ts';
import { append, groupBy } from '../../util/collections.ts';
import { at } from '../subject.ts';
import { type Analyzer, asHint } from './support/analyzer.ts';
import { firstLabelOf, formatSelector } from './support/selectors.ts';

/** istio analyzers/telemetry/selector.go. */
export const telemetrySelectors: Analyzer = {
  name: 'telemetry.SelectorAnalyzer',
  about: 'Each Telemetry selects pods that exist, and each pod is selected by one Telemetry at most',
  reads: ['Telemetry', 'Pod'],
  codes: [referencedResourceNotFound.code, conflictingTelemetryWorkloadSelectors.code],
  needsAll: ['Pod'],
  run(reader, report) {
    const byPod = new Map<Resource, ResourceOf<'Telemetry'>[]>();
    for (const resource of reader.list('Telemetry')) {
      const labels = resource.spec.selector?.matchLabels ?? {};
      if (Object.keys(labels).length === 0) continue;
      const selected = reader.pods.select(labels, resource.namespace);
      for (const pod of selected) append(byPod, pod, resource);
      if (selected.length > 0) continue;
      const subject = at(resource, ['spec', 'selector', 'matchLabels', firstLabelOf(labels)]);
      report(referencedResourceNotFound(subject, 'selector', formatSelector(labels)));
    }
    for (const [pod, list] of byPod) {
      if (list.length < 2) continue;
      const names = list.map(({ name }) => name).sort();
      for (const resource of list) {
        const subject = at(resource, ['metadata', 'name']);
        report(conflictingTelemetryWorkloadSelectors(subject, names, pod.namespace, pod.name));
      }
    }
  },
};

/** istio analyzers/telemetry/default_selector.go. */
export const telemetryDefaults: Analyzer = {
  name: 'telemetry.DefaultSelectorAnalyzer',
  about: 'A namespace has one Telemetry without a selector at most',
  reads: ['Telemetry'],
  codes: [multipleTelemetriesWithoutWorkloadSelectors.code],
  run(reader, report) {
    const defaults = reader.list('Telemetry').filter(({ spec }) => spec.selector === undefined);
    for (const [namespace, list] of groupBy(defaults, (resource) => resource.namespace)) {
      if (list.length < 2) continue;
      const names = list.map(({ name }) => name).sort();
      const isAttached = ({ spec }: ResourceOf<'Telemetry'>): boolean => targetRefsOf(spec).length > 0;
      const isOneForAll = list.filter((resource) => !isAttached(resource)).length < 2;
      for (const resource of list) {
        const finding = multipleTelemetriesWithoutWorkloadSelectors(at(resource), names, namespace);
        const reason = 'istioctl takes those with targetRefs to be for the whole namespace, which they are not';
        report(isOneForAll || isAttached(resource) ? asHint(finding, reason) : finding);
      }
    }
  },
};
