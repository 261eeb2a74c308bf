import type { ConsolidatedDestinationRule } from '../model/traffic/destination-rules.ts';
import type { Client } from './client.ts';
import type { SharedScope } from './view.ts';

/**
 * The destination rule that a client follows for a hostname: one whose workload selector matches (only of the client's namespace),
 * else the one without a selector. As istio pilot/pkg/model/sidecar.go SidecarScope.DestinationRule.
 */
export function destinationRuleOf(
  scope: Pick<SharedScope, 'destinationRules'>,
  client: Pick<Client, 'carries' | 'namespace'>,
  hostname: string,
): ConsolidatedDestinationRule | undefined {
  let general: ConsolidatedDestinationRule | undefined;
  for (const candidate of scope.destinationRules(hostname)) {
    const { spec, namespace } = candidate.rule;
    const selector = spec.workloadSelector;
    if (selector === undefined) general = candidate;
    else if (namespace === client.namespace() && (selector.matchLabels === undefined || client.carries(selector.matchLabels)))
      return candidate;
  }
  return general;
}

/** The rule for a hostname that a workload serves: selectors play no part. */
export function inboundDestinationRuleOf(
  scope: Pick<SharedScope, 'destinationRules'>,
  hostname: string,
): ConsolidatedDestinationRule | undefined {
  return scope.destinationRules(hostname).findLast(({ rule }) => rule.spec.workloadSelector === undefined);
}
