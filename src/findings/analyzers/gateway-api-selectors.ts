import { ineffectiveSelector } from '../../diagnostics/problems/istio/gateways.ts';
import { selects } from '../../model/labels.ts';
import { groupBy } from '../../util/collections.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';

/** istio analyzers/k8sgateway/workloadselector.go. */
export const gatewayApiSelectors: Analyzer = {
  name: 'k8sgateway.SelectorAnalyzer',
  about: 'Policies reach gateways of the Gateway API by targetRef, not by labels',
  reads: ['AuthorizationPolicy', 'RequestAuthentication', 'Telemetry', 'WasmPlugin', 'Pod'],
  codes: [ineffectiveSelector.code],
  run(reader, report) {
    const gateways = groupBy(
      reader.pods.all.filter(({ labels }) => labels[GATEWAY_NAME] !== undefined),
      ({ namespace }) => namespace,
    );
    for (const kind of ['AuthorizationPolicy', 'RequestAuthentication', 'Telemetry', 'WasmPlugin'] as const) {
      for (const resource of reader.list(kind)) {
        const { selector, targetRef } = resource.spec;
        if (selector === undefined || targetRef !== undefined) continue;
        for (const { labels } of gateways.get(resource.namespace) ?? []) {
          if (selects(selector.matchLabels, labels)) report(ineffectiveSelector(at(resource), labels[GATEWAY_NAME] ?? ''));
        }
      }
    }
  },
};
