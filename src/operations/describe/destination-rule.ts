import type { TrafficPolicyPortTrafficPolicy } from '../../api/istio.gen.ts';
import { selects } from '../../model/labels.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { nameOf } from './context.ts';
import type { DescribedDestinationRule, DescribedTrafficPolicy, PolicyPart, Subsets } from './description.ts';

/** Which subsets of a rule any of the pods is in. */
export function subsetsOf(rule: ResourceOf<'DestinationRule'> | undefined, pods: readonly Labels[]): Subsets {
  const subsets = rule?.spec.subsets ?? [];
  const isIn = ({ labels = {} }: { readonly labels?: Labels }): boolean => pods.some((pod) => selects(labels, pod));
  const names = (list: typeof subsets): string[] => list.map(({ name = '' }) => name);
  return { matching: names(subsets.filter(isIn)), others: names(subsets.filter((subset) => !isIn(subset))) };
}

/** A DestinationRule: its host, which subsets the pods are in, what its policy sets; istioctl printDestinationRule. */
export function describeDestinationRule(rule: ResourceOf<'DestinationRule'>, pods: readonly Labels[]): DescribedDestinationRule {
  const { host = '', trafficPolicy } = rule.spec;
  return {
    ...nameOf(rule),
    host,
    subsets: subsetsOf(rule, pods),
    ...(trafficPolicy && {
      trafficPolicy: {
        ...describePolicy(trafficPolicy),
        ports: (trafficPolicy.portLevelSettings ?? []).map((port) => ({ port: port.port?.number ?? 0, ...describePolicy(port) })),
      },
    }),
  };
}

const parts: readonly PolicyPart[] = ['loadBalancer', 'connectionPool', 'outlierDetection'];

function describePolicy(policy: TrafficPolicyPortTrafficPolicy): DescribedTrafficPolicy {
  return {
    ...(policy.tls && { tlsMode: policy.tls.mode ?? 'DISABLE' }),
    sets: parts.filter((part) => policy[part] !== undefined),
  };
}
