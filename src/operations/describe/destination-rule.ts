import type { DestinationRule, TrafficPolicyPortTrafficPolicy } from '../../api/istio.gen.ts';
import { selects } from '../../model/labels.ts';
import type { Labels, Resource } from '../../resource/resource.ts';
import { type DescribeContext, indent, shortName } from './context.ts';

/** The names of the subsets of a rule: those that a pod is in, and the others. */
export interface Subsets {
  readonly matching: readonly string[];
  readonly others: readonly string[];
}

/** Which subsets of a rule any of the pods is in. */
export function subsetsOf(rule: Resource<DestinationRule> | undefined, pods: readonly Labels[]): Subsets {
  const subsets = rule?.spec.subsets ?? [];
  const isIn = ({ labels = {} }: { readonly labels?: Labels }): boolean => pods.some((pod) => selects(labels, pod));
  const names = (list: typeof subsets): string[] => list.map(({ name = '' }) => name);
  return { matching: names(subsets.filter(isIn)), others: names(subsets.filter((subset) => !isIn(subset))) };
}

/** A DestinationRule: its host, which subsets the pods are in, what its policy sets; istioctl printDestinationRule. */
export function describeDestinationRule(
  context: DescribeContext,
  rule: Resource<DestinationRule>,
  pods: readonly Labels[],
): readonly string[] {
  const { host, trafficPolicy } = rule.spec;
  const { matching, others } = subsetsOf(rule, pods);
  const subsets =
    matching.length + others.length === 0
      ? []
      : [
          ...(matching.length === 0
            ? [`   WARNING POD DOES NOT MATCH ANY SUBSETS.  (Non matching subsets ${others.join(',')})`]
            : []),
          `   Matching subsets: ${matching.join(',')}`,
          ...(others.length > 0 ? [`      (Non-matching subsets ${others.join(',')})`] : []),
        ];
  const ports = trafficPolicy?.portLevelSettings ?? [];
  const policy =
    trafficPolicy === undefined
      ? ['No Traffic Policy']
      : [
          ...(trafficPolicy.tls ? [`Traffic Policy TLS Mode: ${trafficPolicy.tls.mode ?? 'DISABLE'}`] : []),
          ...shortPolicies(trafficPolicy),
          ...(ports.length > 0 ? ['Port Level Settings:'] : []),
          ...ports.flatMap((port) => [
            ` ${port.port?.number ?? 0}:`,
            ...(port.tls ? [`   TLS Mode: ${port.tls.mode ?? 'DISABLE'}`] : []),
            ...indent(3, shortPolicies(port)),
          ]),
        ];
  return [`DestinationRule: ${shortName(context, rule)} for "${host ?? ''}"`, ...subsets, ...indent(3, policy)];
}

function shortPolicies({ loadBalancer, connectionPool, outlierDetection }: TrafficPolicyPortTrafficPolicy): readonly string[] {
  const set = [
    ...(loadBalancer ? ['load balancer'] : []),
    ...(connectionPool ? ['connection pool'] : []),
    ...(outlierDetection ? ['outlier detection'] : []),
  ];
  return set.length > 0 ? [`Policies: ${set.join('/')}`] : [];
}
