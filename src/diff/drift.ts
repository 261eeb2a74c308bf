import type { Cluster, ClusterLoadAssignment, LbEndpoint, LocalityLbEndpoints, TypedExtensionConfig } from '../envoy/api.gen.ts';
import { isObject } from '../util/object.ts';
import { compareSnapshots, type ResourceChange, type Resources } from './compare.ts';

/**
 * How the configuration of a running proxy departs from what its manifests give: `before` is the manifests' side, `after` the
 * proxy's. What Envoy or its agent makes of a resource on their own is no drift: the health of endpoints and default weights,
 * endpoints of clusters that do not get them from istiod, fetched Wasm modules. Without `endpoints` they are not compared.
 */
export function compareWithRunning(
  manifests: Resources,
  running: Resources,
  { endpoints }: { readonly endpoints: boolean },
): readonly ResourceChange[] {
  const expected = comparable(manifests, endpoints);
  const found = comparable(running, endpoints);
  return compareSnapshots(
    { ...expected, endpoints: withWeightsOf(expected.endpoints, found.endpoints) },
    { ...found, endpoints: withWeightsOf(found.endpoints, expected.endpoints) },
  );
}

function comparable(resources: Resources, endpoints: boolean): Resources {
  const discovered = new Set(resources.clusters.filter(({ type }) => type === 'EDS').map(serviceName));
  return {
    ...resources,
    endpoints: endpoints ? resources.endpoints.filter(({ clusterName }) => discovered.has(clusterName)).map(plainAssignment) : [],
    extensionConfigs: resources.extensionConfigs.map(withoutModule),
  };
}

function serviceName({ edsClusterConfig, name }: Cluster): string | undefined {
  return edsClusterConfig?.serviceName ?? name;
}

/** The assignment without what Envoy writes into it, and without groups that have no endpoint. */
function plainAssignment(assignment: ClusterLoadAssignment): ClusterLoadAssignment {
  const { policy: _, ...rest } = assignment;
  const groups = (assignment.endpoints ?? []).map((group) => ({
    ...withoutEmpty(group),
    lbEndpoints: (group.lbEndpoints ?? []).map(plainEndpoint),
  }));
  return { ...rest, endpoints: groups.filter(({ lbEndpoints }) => lbEndpoints.length > 0) };
}

function plainEndpoint(lbEndpoint: LbEndpoint): LbEndpoint {
  const { healthStatus: _, loadBalancingWeight, endpoint, ...rest } = withoutEmpty(lbEndpoint);
  return {
    ...rest,
    ...(endpoint && { endpoint: withoutEmpty(endpoint) }),
    ...(loadBalancingWeight !== undefined && loadBalancingWeight !== 1 && { loadBalancingWeight }),
  };
}

/** The message without fields that hold an empty message. */
function withoutEmpty<T extends object>(message: T): T {
  const empty = Object.entries(message).filter(([, value]) => isObject(value) && Object.keys(value).length === 0);
  if (empty.length === 0) return message;
  const rest = { ...message };
  for (const [key] of empty) delete rest[key as keyof T];
  return rest;
}

/** The assignments, with the weights of localities only where the other side tells them: Envoy does not unless it goes by them. */
function withWeightsOf(
  assignments: readonly ClusterLoadAssignment[],
  others: readonly ClusterLoadAssignment[],
): readonly ClusterLoadAssignment[] {
  const isWeighted = ({ loadBalancingWeight }: LocalityLbEndpoints): boolean => loadBalancingWeight !== undefined;
  const weighted = new Set(
    others.filter(({ endpoints = [] }) => endpoints.some(isWeighted)).map(({ clusterName }) => clusterName),
  );
  return assignments.map((assignment) =>
    weighted.has(assignment.clusterName)
      ? assignment
      : {
          ...assignment,
          endpoints: (assignment.endpoints ?? []).map(({ loadBalancingWeight: _, ...group }) => group),
        },
  );
}

/** A Wasm filter without its module: the agent fetches it and names the file in its place. */
function withoutModule(config: TypedExtensionConfig): TypedExtensionConfig {
  const wasm = config.typedConfig;
  if (!isObject(wasm) || !String(wasm['@type']).endsWith('.wasm.v3.Wasm') || !isObject(wasm.config)) return config;
  const { vmConfig, ...plugin } = wasm.config;
  if (!isObject(vmConfig)) return config;
  const { code: _, environmentVariables: __, ...machine } = vmConfig;
  return {
    ...config,
    typedConfig: { ...wasm, config: { ...plugin, vmConfig: machine } },
  } as TypedExtensionConfig;
}
