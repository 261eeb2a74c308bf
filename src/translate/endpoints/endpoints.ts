import type { ClusterLoadAssignment } from '../../envoy/api.gen.ts';
import type { ConsolidatedDestinationRule } from '../../model/destination-rules.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Service, ServicePort } from '../../model/service.ts';
import { isDns } from '../../model/service-entries.ts';
import { effectivePolicy } from '../../model/traffic-policy.ts';
import type { Labels } from '../../resource/resource.ts';
import type { ProxyView, Scope } from '../../scope/view.ts';
import { interner } from '../../util/intern.ts';
import { memo } from '../../util/memo.ts';
import { parseSubsetKey } from '../names.ts';
import { createEndpointClients, type EndpointClient, labelsNamed } from './endpoint-client.ts';
import { createEndpointGroups } from './endpoint-groups.ts';
import { balanceLocalities } from './locality-balance.ts';
import { localitySettingOf } from './locality-setting.ts';

/** The endpoints that a proxy gets for a cluster it asks for by name. */
export type EndpointBuilder = (view: ProxyView, clusterName: string) => ClusterLoadAssignment;

/** What the name of a cluster means. */
interface NamedCluster {
  readonly service: Service;
  readonly port: ServicePort;
  readonly subset: string;
  readonly bySni: boolean;
}

/**
 * Makes the builder of endpoint discovery. A cluster without service, port or endpoints has an assignment without endpoints.
 * Clients that are alike share assignments. As istio pilot/pkg/xds/endpoints BuildClusterLoadAssignment.
 */
export function createEndpointBuilder(mesh: Mesh): EndpointBuilder {
  const endpointGroups = createEndpointGroups(mesh);
  const clientOf = createEndpointClients();
  const internLabels = interner<Labels>();

  const namedCluster = memo((service: Service, clusterName: string): NamedCluster | undefined => {
    const key = parseSubsetKey(clusterName);
    const port = service.ports.find((candidate) => candidate.port === key?.port);
    if (key === undefined || port === undefined || isDns(service)) return undefined;
    return { service, port, subset: key.subset, bySni: clusterName.startsWith(`${key.direction}_.`) };
  });

  const balancing = memo(({ service, port, subset }: NamedCluster, rule: ConsolidatedDestinationRule | undefined) => {
    const policy = effectivePolicy(rule?.rule.spec, subset, port.port);
    const { setting, force } = localitySettingOf(mesh.config, policy?.loadBalancer, service);
    const failover = force || policy?.outlierDetection !== undefined;
    const distributes = (setting?.distribute?.length ?? 0) > 0;
    return setting !== undefined && (distributes || failover) ? { setting, failover } : undefined;
  });

  const assignment = memo(
    (
      cluster: NamedCluster,
      clusterName: string,
      rule: ConsolidatedDestinationRule | undefined,
      client: EndpointClient,
      nodeName: string | undefined,
      labels: Labels | undefined,
    ): ClusterLoadAssignment => {
      const groups = endpointGroups({ ...cluster, rule, nodeName }, 'discovery', client);
      if (groups.length === 0) return { clusterName };
      const localities = groups.map(({ value }) => value);
      const plan = balancing(cluster, rule);
      if (plan === undefined) return { clusterName, endpoints: localities };
      const place = { locality: client.locality, labels: labels ?? {} };
      return { clusterName, endpoints: balanceLocalities(localities, groups, place, plan.setting, plan.failover) };
    },
  );

  /** Assignments that clients of a scope share whatever their labels and nodes are, by cluster. */
  const sharedTable = memo((_scope: Scope, _client: EndpointClient) => new Map<string, ClusterLoadAssignment>());

  return (view, clusterName) => {
    const { proxy, scope } = view;
    const client = clientOf(proxy);
    const shared = sharedTable(scope, client);
    const known = shared.get(clusterName);
    if (known !== undefined) return known;

    const hostname = parseSubsetKey(clusterName)?.hostname ?? '';
    const service = scope.serviceByHostname(hostname);
    const cluster = service && namedCluster(service, clusterName);
    if (service === undefined || cluster === undefined) return { clusterName };
    const rule = view.destinationRule(hostname);
    const priorities = balancing(cluster, rule)?.setting.failoverPriority;
    const labels = priorities && internLabels(labelsNamed(proxy.labels, priorities));
    const nodeName = service.nodeLocal ? proxy.nodeName : undefined;
    const result = assignment(cluster, clusterName, rule, client, nodeName, labels);
    const isShared =
      labels === undefined &&
      nodeName === undefined &&
      scope.destinationRules(hostname).every(({ rule: { spec } }) => spec.workloadSelector === undefined);
    if (isShared) shared.set(clusterName, result);
    return result;
  };
}
