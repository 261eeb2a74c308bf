import type { DestinationRule, MeshConfigDefaultTrafficPolicy, Subset, TrafficPolicy } from '../../api/istio.gen.ts';
import { nothingElse } from '../../util/fields.ts';
import { compact } from '../../util/object.ts';

/** The traffic policy in effect somewhere; settings of single ports are already resolved. */
export type EffectivePolicy = Omit<TrafficPolicy, 'portLevelSettings'>;

/**
 * The policy that a destination rule gives to a subset (`undefined` or `''` for the service as a whole) on a service port
 * (`undefined` where no port is known). Settings of a port replace all connection pool, load balancer, outlier and TLS settings
 * beside them, those of a subset replace the rule's one by one. `defaults` stand below the rule, where it is clients that are asked
 * about. Undefined when nothing is said.
 * As istio pilot/pkg/networking/util/util.go GetPortLevelTrafficPolicy and MergeSubsetTrafficPolicy.
 */
export function effectivePolicy(
  rule: DestinationRule | undefined,
  subset: string | undefined,
  port: number | undefined,
  defaults?: MeshConfigDefaultTrafficPolicy,
): EffectivePolicy | undefined {
  const policy = withDefaults(forPort(rule?.trafficPolicy, port).policy, defaults);
  const ofSubset = subset === undefined || subset === '' ? undefined : subsetOf(rule, subset)?.trafficPolicy;
  return ofSubset === undefined ? policy : overlay(policy, ofSubset, port);
}

/** A policy with the mesh's connection pool and outlier detection where it has none. As istio applyDefaultTrafficPolicy. */
export function withDefaults(
  policy: EffectivePolicy | undefined,
  defaults: MeshConfigDefaultTrafficPolicy | undefined,
): EffectivePolicy | undefined {
  const { connectionPool, outlierDetection, ...rest } = defaults ?? {};
  nothingElse(rest);
  const seeded = compact({ connectionPool, outlierDetection });
  return Object.keys(seeded).length === 0 ? policy : { ...seeded, ...policy };
}

/** The first subset of this name; istio getSubsetTrafficPolicy and getSubSetLabels take the first too. */
export function subsetOf(rule: DestinationRule | undefined, name: string): Subset | undefined {
  return rule?.subsets?.find((subset) => (subset.name ?? '') === name);
}

function overlay(base: EffectivePolicy | undefined, over: TrafficPolicy, port: number | undefined): EffectivePolicy {
  const { policy, fromPort } = forPort(over, port);
  if (base === undefined || policy === undefined) return policy ?? {};
  // What the settings of a port leave out is default, not inherited.
  const kept = fromPort ? ofService(base) : base;
  return { ...kept, ...policy };
}

function forPort(
  policy: TrafficPolicy | undefined,
  port: number | undefined,
): { readonly policy: EffectivePolicy | undefined; readonly fromPort: boolean } {
  if (policy === undefined) return { policy: undefined, fromPort: false };
  const { portLevelSettings, ...general } = policy;
  const ofPort =
    port === undefined ? undefined : portLevelSettings?.find((setting) => setting.port && (setting.port.number ?? 0) === port);
  if (ofPort === undefined) return { policy: general, fromPort: false };
  const { port: _port, connectionPool, loadBalancer, outlierDetection, tls, ...rest } = ofPort;
  nothingElse(rest);
  return { policy: compact({ connectionPool, loadBalancer, outlierDetection, tls }), fromPort: true };
}

/** What no port can say otherwise. */
function ofService(policy: EffectivePolicy): EffectivePolicy {
  const { tunnel, proxyProtocol, retryBudget, connectionPool, loadBalancer, outlierDetection, tls, ...rest } = policy;
  nothingElse(rest);
  return compact({ tunnel, proxyProtocol, retryBudget });
}
