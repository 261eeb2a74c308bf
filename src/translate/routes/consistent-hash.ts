import type {
  DestinationRule,
  HTTPRouteDestination,
  LoadBalancerSettingsConsistentHashLB,
  TrafficPolicy,
} from '../../api/istio.gen.ts';

/**
 * The consistent hash that a destination rule asks for on a port of its service, where no virtual service routes to it: the
 * port's, else the rule's. As istio core/route hashForService.
 */
export function hashForService(rule: DestinationRule, port: number): LoadBalancerSettingsConsistentHashLB | undefined {
  return portHash(rule.trafficPolicy, port) ?? rule.trafficPolicy?.loadBalancer?.consistentHash;
}

/**
 * The consistent hash that a destination rule asks for at a destination of a virtual service: the subset's for the port, the
 * subset's, the rule's for the port, the rule's. Port settings count only if the destination names the port.
 * As istio core/route HashForHTTPDestination.
 */
export function hashForDestination(
  rule: DestinationRule,
  { destination = {} }: HTTPRouteDestination,
): LoadBalancerSettingsConsistentHashLB | undefined {
  const port = destination.port === undefined ? undefined : (destination.port.number ?? 0);
  const subset = (rule.subsets ?? []).find(({ name }) => (name ?? '') === (destination.subset ?? ''));
  return (
    portHash(subset?.trafficPolicy, port) ??
    subset?.trafficPolicy?.loadBalancer?.consistentHash ??
    portHash(rule.trafficPolicy, port) ??
    rule.trafficPolicy?.loadBalancer?.consistentHash
  );
}

function portHash(policy: TrafficPolicy | undefined, port: number | undefined): LoadBalancerSettingsConsistentHashLB | undefined {
  if (port === undefined) return undefined;
  const settings = (policy?.portLevelSettings ?? []).find((candidate) => candidate.port?.number === port);
  return settings?.loadBalancer?.consistentHash;
}
