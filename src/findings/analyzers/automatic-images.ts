import type { PodSpec, Webhook } from '../../api/kubernetes.ts';
import { imageAutoWithoutInjectionError, imageAutoWithoutInjectionWarning } from '../../diagnostics/problems/istio/injection.ts';
import { MANAGED } from '../../resource/ambient-labels.ts';
import { matchesSelector } from '../../resource/namespaces.ts';
import type { Labels } from '../../resource/resource.ts';
import { at } from '../subject.ts';
import { type Analyzer, asHint } from './support/analyzer.ts';
import { PROXY_CONTAINER } from './support/pods.ts';

/** istio analyzers/injection/image-auto.go. */
export const automaticImages: Analyzer = {
  name: 'injection.ImageAutoAnalyzer',
  about: 'Workloads that leave their proxy image to the injector are injected',
  reads: ['Namespace', 'Pod', 'Deployment', 'MutatingWebhookConfiguration'],
  codes: [imageAutoWithoutInjectionWarning.code, imageAutoWithoutInjectionError.code],
  needsAll: ['MutatingWebhookConfiguration'],
  run(reader, report) {
    for (const pod of reader.list('Pod')) {
      if (!hasAutomaticImage(pod.spec)) continue;
      const finding = imageAutoWithoutInjectionError(at(pod), 'Pod', pod.name);
      const isManaged = pod.labels[MANAGED] !== undefined;
      report(isManaged ? asHint(finding, 'istiod makes the pods of this gateway itself, with an image') : finding);
    }
    const webhooks = reader
      .list('MutatingWebhookConfiguration')
      .flatMap(({ spec }) => spec.webhooks ?? [])
      .filter(({ name = '' }) => name.endsWith('istio.io'));
    for (const deployment of reader.list('Deployment')) {
      const { metadata, spec = {} } = deployment.spec.template ?? {};
      if (!hasAutomaticImage(spec)) continue;
      const namespaceLabels = reader.find('Namespace', '', deployment.namespace || 'default')?.labels;
      if (webhooks.some((webhook) => injects(webhook, namespaceLabels ?? {}, metadata?.labels ?? {}))) continue;
      // Without any webhook in the input, Istio's own is taken to be there.
      if (webhooks.length === 0 && isInjectedByDefault(namespaceLabels, metadata?.labels ?? {})) continue;
      report(imageAutoWithoutInjectionWarning(at(deployment), 'Deployment', deployment.name));
    }
  },
};

/**
 * Whether the webhooks of Istio's chart inject a pod; those of a namespace of which nothing is known, unless they say no. istio
 * manifests/charts/istio-control/istio-discovery templates/mutatingwebhook.yaml
 */
function isInjectedByDefault(namespaceLabels: Labels | undefined, podLabels: Labels): boolean {
  if (podLabels[INJECT] === 'false') return false;
  if (namespaceLabels === undefined) return true;
  const { 'istio-injection': injection, 'istio.io/rev': revision } = namespaceLabels;
  if (injection !== undefined) return injection === 'enabled';
  return revision !== undefined || podLabels[INJECT] === 'true' || podLabels['istio.io/rev'] !== undefined;
}

const INJECT = 'sidecar.istio.io/inject';

function hasAutomaticImage({ containers = [] }: PodSpec): boolean {
  return containers.some(({ name, image }) => name === PROXY_CONTAINER && image === 'auto');
}

function injects({ namespaceSelector = {}, objectSelector = {} }: Webhook, namespaceLabels: Labels, podLabels: Labels): boolean {
  return matchesSelector(namespaceSelector, namespaceLabels) && matchesSelector(objectSelector, podLabels);
}
