import type { Resource, ResourceOf } from '../resource/resource.ts';
import { kindOf, resourcesOf } from '../resource/select.ts';
import { compareText } from '../util/text.ts';
import type { ClusterInput, MeshInput } from './mesh-input.ts';
import { NETWORK_LABEL } from './registry/locality.ts';

/** On the namespace of the control plane: the clusters whose istiods may configure this one. */
export const CONTROL_PLANES = 'topology.istio.io/controlPlaneClusters';

/**
 * The cluster whose istiod configures the proxies of a cluster: itself, or, of a remote, the first that the namespace `istio-system`
 * names among these; `*` is the first by name that has an istiod.
 */
export function primaryOf(cluster: ClusterInput, clusters: readonly ClusterInput[]): string {
  const named = namedPrimaries(cluster);
  const others = clusters.filter(({ name }) => name !== cluster.name);
  for (const name of named) {
    if (name === cluster.name) return name;
    const found =
      name === '*'
        ? others.filter((other) => namedPrimaries(other).length === 0).sort((a, b) => compareText(a.name, b.name))[0]
        : others.find((other) => other.name === name);
    if (found !== undefined) return found.name;
  }
  return cluster.name;
}

/** The namespace of its control plane, which says who configures it and what its network is. */
export function controlPlaneNamespace({ resources }: ClusterInput): ResourceOf<'Namespace'> | undefined {
  return resourcesOf(resources, 'Namespace').find(({ name }) => name === 'istio-system');
}

/** The clusters whose istiods may configure a cluster, in order; none for one that has its own. */
export function namedPrimaries(cluster: ClusterInput): readonly string[] {
  return (controlPlaneNamespace(cluster)?.annotations[CONTROL_PLANES] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/**
 * The same clusters as the istiod of each primary sees them: its own first, then the others by name. There is a mesh of each, and every
 * cluster belongs to one.
 */
export function inputsByPrimary(input: MeshInput): readonly [MeshInput, ...MeshInput[]] {
  const sorted = [...input.clusters].sort((a, b) => compareText(a.name, b.name));
  const primaries = new Set(sorted.map((cluster) => primaryOf(cluster, sorted)));
  const [first, ...others] = sorted
    .filter(({ name }) => primaries.has(name))
    .map((primary): MeshInput => ({ ...input, clusters: [primary, ...sorted.filter((cluster) => cluster !== primary)] }));
  return first === undefined ? [input] : [first, ...others];
}

const configurationGroups: ReadonlySet<string> = new Set([
  'networking.istio.io',
  'security.istio.io',
  'telemetry.istio.io',
  'extensions.istio.io',
  'gateway.networking.k8s.io',
]);

/** Of these groups, what is read in every cluster or by nobody. */
const readElsewhere: ReadonlySet<string> = new Set(['WorkloadEntry', 'WorkloadGroup', 'GatewayClass']);

/** Whether a resource is for the istiod of its own cluster alone to read, and not for those of others. */
export function isConfiguration(resource: Pick<Resource, 'kind' | 'group' | 'labels'>): boolean {
  const kind = kindOf(resource);
  if (kind === 'KubernetesGateway') return !resource.labels[NETWORK_LABEL];
  return configurationGroups.has(resource.group) && !readElsewhere.has(kind);
}
