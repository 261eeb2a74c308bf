import type {
  Destination,
  DestinationRule,
  LoadBalancerSettingsConsistentHashLB,
  TrafficPolicy,
  TrafficPolicyPortTrafficPolicy,
} from '../api/istio.gen.ts';

/**
 * What requests to a destination are hashed by: the subset's settings for its port, else those of the subset, else the rule's for
 * the port, else the rule's. As istio core/route HashForHTTPDestination.
 */
export function consistentHashOf(
  rule: DestinationRule | undefined,
  destination: Destination,
): LoadBalancerSettingsConsistentHashLB | undefined {
  if (rule === undefined) return undefined;
  const subset = rule.subsets?.find(({ name = '' }) => name === (destination.subset ?? ''))?.trafficPolicy;
  return (
    portPolicy(subset, destination)?.loadBalancer?.consistentHash ??
    subset?.loadBalancer?.consistentHash ??
    portPolicy(rule.trafficPolicy, destination)?.loadBalancer?.consistentHash ??
    rule.trafficPolicy?.loadBalancer?.consistentHash
  );
}

function portPolicy(policy: TrafficPolicy | undefined, { port }: Destination): TrafficPolicyPortTrafficPolicy | undefined {
  return port && policy?.portLevelSettings?.find((setting) => (setting.port?.number ?? 0) === (port.number ?? 0));
}
