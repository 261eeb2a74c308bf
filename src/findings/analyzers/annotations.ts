import type { PodSpec } from '../../api/kubernetes.ts';
import type { Report } from '../../diagnostics/diagnostic.ts';
import {
  alphaAnnotation,
  deprecatedAnnotation,
  invalidAnnotation,
  misplacedAnnotation,
  unknownAnnotation,
} from '../../diagnostics/problems/istio/injection.ts';
import type { Release } from '../../releases/release.ts';
import type { Resource } from '../../resource/resource.ts';
import { own } from '../../util/object.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import { annotationRules, isIstioAnnotation } from './support/annotation-rules.ts';

const INJECT = 'sidecar.istio.io/inject';
/** Set by Istio itself. */
const ignored: readonly string[] = ['sidecar.istio.io/status', 'gateway.istio.io/controller-version', 'istio.io/rev'];
const replacements: Readonly<Record<string, string>> = { [INJECT]: ' in favor of the "sidecar.istio.io/inject" label' };

/** istio analyzers/annotations/annotations.go. */
export const annotations: Analyzer = {
  name: 'annotations.K8sAnalyzer',
  about: 'Annotations of Istio are known ones, on the right kind of resource, and have good values',
  reads: ['Namespace', 'Service', 'Pod', 'Deployment'],
  codes: [unknownAnnotation.code, deprecatedAnnotation.code, misplacedAnnotation.code, invalidAnnotation.code],
  run(reader, report) {
    for (const kind of ['Namespace', 'Service', 'Pod', 'Deployment'] as const) {
      for (const resource of reader.list(kind)) {
        for (const annotation of Object.entries(resource.annotations))
          checkAnnotation(resource, annotation, reader.release, report);
      }
    }
  },
};

/** What injection sets by itself where the CNI plugin takes care of traffic. */
const setByInjection: readonly string[] = [
  'sidecar.istio.io/interceptionMode',
  'traffic.sidecar.istio.io/includeInboundPorts',
  'traffic.sidecar.istio.io/excludeInboundPorts',
  'traffic.sidecar.istio.io/includeOutboundIPRanges',
];

/** istio analyzers/maturity/maturity.go, which Istio leaves out of those that run, for noise. */
export const alphaAnnotations: Analyzer = {
  name: 'annotations.AlphaAnalyzer',
  about: 'No annotation of Istio is one that is not ready for production',
  reads: ['Namespace', 'Service', 'Pod', 'Deployment'],
  codes: [alphaAnnotation.code],
  isOptional: true,
  run(reader, report) {
    for (const kind of ['Namespace', 'Service', 'Pod', 'Deployment'] as const) {
      for (const resource of reader.list(kind)) {
        const skipped = resource.kind === 'Pod' && !hasInitContainer(resource.spec) ? setByInjection : [];
        for (const name of Object.keys(resource.annotations)) {
          if (!reader.release.annotations.get(name)?.isAlpha || ignored.includes(name) || skipped.includes(name)) continue;
          report(alphaAnnotation(at(resource), name));
        }
      }
    }
  },
};

function hasInitContainer({ initContainers = [] }: PodSpec): boolean {
  return initContainers.some(({ name }) => name === 'istio-init');
}

function checkAnnotation(resource: Resource, [name, value]: readonly [string, string], release: Release, report: Report): void {
  if (!isIstioAnnotation(name) || ignored.includes(name)) return;
  // Istio means to name the line of the annotation, but names that of the document.
  const path = ['metadata', 'annotations', name];
  const subject = { ...at(resource), location: resource.document.locate(path, 'key'), path };
  const known = release.annotations.get(name);
  if (known === undefined) {
    report(unknownAnnotation(subject, name));
    return;
  }
  const isReplaced = name === INJECT && resource.labels[INJECT] !== undefined;
  if (known.isDeprecated && !isReplaced) report(deprecatedAnnotation(subject, name, own(replacements, name) ?? ''));
  if (known.kinds.includes('Any')) return;
  if (!known.kinds.includes(resource.kind)) {
    report(misplacedAnnotation(subject, name, known.kinds.join(', ')));
    return;
  }
  const problem = own(annotationRules, name)?.(value, release);
  if (problem !== undefined) report(invalidAnnotation(subject, name, problem));
}
