import type { LabelSelector, Webhook } from '../../api/kubernetes.ts';
import type { Report } from '../../diagnostics/diagnostic.ts';
import { invalidWebhook } from '../../diagnostics/problems/istio/injection.ts';
import { matchesSelector } from '../../resource/namespaces.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';

const REVISION = 'istio.io/rev';

/** istio analyzers/webhook/webhook.go. */
export const webhooks: Analyzer = {
  name: 'webhook.Analyzer',
  about: 'Each pod is injected by one webhook at most, and webhooks call services that exist',
  reads: ['MutatingWebhookConfiguration', 'Service'],
  codes: [invalidWebhook.code],
  needsAll: ['Service'],
  run(reader, report) {
    const injectors = reader.list('MutatingWebhookConfiguration').filter(isInjector);
    const hooks = injectors.flatMap((resource) =>
      (resource.spec.webhooks ?? []).map((webhook) => ({
        resource,
        webhook,
        name: `${fullName(resource)}/${webhook.name ?? ''}`,
      })),
    );
    reportOverlaps(hooks, new Set(injectors.flatMap(revisionsOf)), report);
    for (const { resource, webhook } of hooks) {
      const { service } = webhook.clientConfig ?? {};
      if (service === undefined) continue;
      const named = { namespace: service.namespace ?? '', name: service.name ?? '' };
      if (reader.find('Service', named.namespace, named.name) !== undefined) continue;
      const detail = `Injector refers to a control plane service that does not exist: ${fullName(named)}.`;
      report(invalidWebhook(at(resource), detail));
    }
  },
};

interface Hook {
  readonly resource: ResourceOf<'MutatingWebhookConfiguration'>;
  readonly webhook: Webhook;
  readonly name: string;
}

function isInjector(resource: ResourceOf<'MutatingWebhookConfiguration'>): boolean {
  const isNamed = (resource.spec.webhooks ?? []).some(({ name = '' }) => name.endsWith('istio.io'));
  return isNamed || revisionsOf(resource).length > 0;
}

/** The revisions that a configuration names, in its labels or selectors. */
function revisionsOf({ labels, spec }: ResourceOf<'MutatingWebhookConfiguration'>): readonly string[] {
  const ofSelector = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): readonly (string | undefined)[] => [
    matchLabels[REVISION],
    ...matchExpressions.filter(({ key }) => key === REVISION).flatMap(({ values = [] }) => values),
  ];
  const all = [
    labels[REVISION],
    ...(spec.webhooks ?? []).flatMap(({ namespaceSelector = {}, objectSelector = {} }) => [
      ...ofSelector(namespaceSelector),
      ...ofSelector(objectSelector),
    ]),
  ];
  return all.filter((revision) => revision !== undefined);
}

/** Tries all labels that matter, on namespaces and pods: not more than one webhook may be for them. */
function reportOverlaps(hooks: readonly Hook[], revisions: ReadonlySet<string>, report: Report): void {
  const withRevisions = (base: readonly Labels[]): readonly Labels[] => [
    ...base,
    ...[...revisions].flatMap((revision) => base.map((labels) => ({ ...labels, [REVISION]: revision }))),
  ];
  const namespaces = withRevisions([{}, { 'istio-injection': 'enabled' }, { 'istio-injection': 'disabled' }]);
  const pods = withRevisions([{}, { 'sidecar.istio.io/inject': 'true' }, { 'sidecar.istio.io/inject': 'false' }]);
  for (const namespaceLabels of namespaces) {
    for (const podLabels of pods) {
      const matching = new Map(
        hooks
          .filter(
            ({ webhook }) =>
              matchesSelector(webhook.namespaceSelector ?? {}, namespaceLabels) &&
              matchesSelector(webhook.objectSelector ?? {}, podLabels),
          )
          .map((hook) => [hook.name, hook]),
      );
      if (matching.size < 2) continue;
      for (const { name, resource } of matching.values()) {
        const others = [...matching.keys()].filter((other) => other !== name).sort();
        const detail = `Webhook overlaps with others: [${others.join(' ')}]. This may cause injection to occur twice.`;
        report(invalidWebhook(at(resource), detail));
      }
    }
  }
}
