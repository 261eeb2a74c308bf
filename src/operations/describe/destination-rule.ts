import type { TrafficPolicy, TrafficPolicyPortTrafficPolicy } from '../../api/istio.gen.ts';
import { selects } from '../../model/labels.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { nothingElse, type WithFields } from '../../util/fields.ts';
import { nameOf } from './context.ts';
import type { DescribedDestinationRule, DescribedTrafficPolicy, PolicyPart, Subsets } from './description.ts';

/** Which subsets of a rule any of the pods is in. */
export function subsetsOf(rule: ResourceOf<'DestinationRule'> | undefined, pods: readonly Labels[]): Subsets {
  const subsets = rule?.spec.subsets ?? [];
  const isIn = ({ labels = {} }: { readonly labels?: Labels }): boolean => pods.some((pod) => selects(labels, pod));
  const names = (list: typeof subsets): string[] => list.map(({ name = '' }) => name);
  return { matching: names(subsets.filter(isIn)), others: names(subsets.filter((subset) => !isIn(subset))) };
}

type PolicyField = Exclude<keyof TrafficPolicyPortTrafficPolicy, 'port'> | 'portLevelSettings';
/** What istioctl has no word for. */
type Untold = 'tunnel' | 'proxyProtocol' | 'retryBudget';

/** A DestinationRule: its host, which subsets the pods are in, what its policy sets; istioctl printDestinationRule. */
export function describeDestinationRule(rule: ResourceOf<'DestinationRule'>, pods: readonly Labels[]): DescribedDestinationRule {
  const { host = '' } = rule.spec;
  const trafficPolicy: WithFields<TrafficPolicy, PolicyField | Untold> | undefined = rule.spec.trafficPolicy;
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

function describePolicy(policy: TrafficPolicyPortTrafficPolicy): DescribedTrafficPolicy {
  // The port is told beside it.
  const { tls, port, loadBalancer, connectionPool, outlierDetection, ...rest } = policy;
  nothingElse(rest);
  const parts: Readonly<Record<PolicyPart, unknown>> = { loadBalancer, connectionPool, outlierDetection };
  // The keys of the record are its declared ones.
  const sets = (Object.keys(parts) as PolicyPart[]).filter((part) => parts[part] !== undefined);
  return { ...(tls && { tlsMode: tls.mode ?? 'DISABLE' }), sets };
}
