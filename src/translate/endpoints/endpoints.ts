import type { ClusterLoadAssignment } from '../../envoy/api.gen.ts';
import type { ConsolidatedDestinationRule } from '../../model/destination-rules.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxy.ts';
import type { Service } from '../../model/service.ts';
import { isDns } from '../../model/service-entries.ts';
import { effectivePolicy } from '../../model/traffic-policy.ts';
import { destinationRuleOf } from '../../scope/destination-rule.ts';
import type { ProxyView } from '../../scope/view.ts';
import { memo } from '../../util/memo.ts';
import { parseSubsetKey } from '../names.ts';
import { createEndpointGroups } from './endpoint-groups.ts';
import { balanceLocalities } from './locality-balance.ts';
import type { EndpointGroup } from './locality-groups.ts';
import { localitySettingOf } from './locality-setting.ts';

/** The endpoints that a proxy gets for a cluster it asks for by name. */
export type EndpointBuilder = (view: ProxyView, clusterName: string) => ClusterLoadAssignment;

/**
 * Makes the builder of endpoint discovery. A cluster without service, port or endpoints has an assignment without endpoints.
 * As istio pilot/pkg/xds/endpoints BuildClusterLoadAssignment.
 */
export function createEndpointBuilder(mesh: Mesh): EndpointBuilder {
  const endpointGroups = createEndpointGroups(mesh);

  const assignment = memo((groups: readonly EndpointGroup[], clusterName: string): ClusterLoadAssignment => {
    return groups.length === 0 ? { clusterName } : { clusterName, endpoints: groups.map(({ value }) => value) };
  });

  const balancing = memo((service: Service, port: number, rule: ConsolidatedDestinationRule | undefined, subset: string) => {
    const policy = effectivePolicy(rule?.rule.spec, subset, port);
    const { setting, force } = localitySettingOf(mesh.config, policy?.loadBalancer, service);
    const failover = force || policy?.outlierDetection !== undefined;
    const distributes = (setting?.distribute?.length ?? 0) > 0;
    return setting !== undefined && (distributes || failover) ? { setting, failover } : undefined;
  });

  const balanced = memo(
    (groups: readonly EndpointGroup[], clusterName: string, proxy: Proxy, plan: ReturnType<typeof balancing>) => {
      if (plan === undefined || groups.length === 0) return assignment(groups, clusterName);
      const localities = groups.map(({ value }) => value);
      return { clusterName, endpoints: balanceLocalities(localities, groups, proxy, plan.setting, plan.failover) };
    },
  );

  return ({ proxy, scope }, clusterName) => {
    const key = parseSubsetKey(clusterName);
    const service = key && scope.serviceByHostname(key.hostname);
    const port = service?.ports.find((candidate) => candidate.port === key?.port);
    if (key === undefined || service === undefined || port === undefined || isDns(service)) return { clusterName };
    const { subset } = key;
    const rule = destinationRuleOf(scope, 'outbound', proxy.labels, service.hostname);
    const bySni = clusterName.startsWith(`${key.direction}_.`);
    const groups = endpointGroups({ service, port, rule, subset, bySni }, 'discovery', proxy);
    const plan = balancing(service, key.port, rule, subset);
    return plan === undefined ? assignment(groups, clusterName) : balanced(groups, clusterName, proxy, plan);
  };
}
