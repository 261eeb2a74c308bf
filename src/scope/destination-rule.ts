import type { ConsolidatedDestinationRule } from '../model/destination-rules.ts';
import { selects } from '../model/labels.ts';
import type { Labels } from '../resource/resource.ts';
import type { Scope } from './view.ts';

/**
 * The destination rule that a proxy with these labels uses for a hostname: one whose workload selector matches (outbound only, and
 * only of the proxy's namespace), else the one without a selector. As istio pilot/pkg/model/sidecar.go SidecarScope.DestinationRule.
 */
export function destinationRuleOf(
  scope: Scope,
  direction: 'outbound' | 'inbound',
  labels: Labels,
  hostname: string,
): ConsolidatedDestinationRule | undefined {
  let general: ConsolidatedDestinationRule | undefined;
  for (const candidate of scope.destinationRules(hostname)) {
    const selector = candidate.rule.spec.workloadSelector;
    if (selector === undefined) general = candidate;
    else if (
      direction === 'outbound' &&
      candidate.rule.namespace === scope.namespace &&
      selects(selector.matchLabels ?? {}, labels)
    ) {
      return candidate;
    }
  }
  return general;
}
