import type { LabelSelector, MeshConfig } from '../api/istio.gen.ts';
import type { LabelSelector as KubernetesSelector } from '../api/kubernetes.ts';
import type { Behaviours } from '../releases/release.ts';
import { labelsOfNamespaces, matchesSelector } from '../resource/namespaces.ts';
import type { Resource } from '../resource/resource.ts';
import type { MeshInput } from './mesh-input.ts';

const operators: readonly string[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/** Resources by whether istiod looks at their namespaces. */
export interface Discovery {
  readonly seen: readonly Resource[];
  readonly unseen: readonly Resource[];
}

/**
 * Parts the resources by the discovery selectors of MeshConfig: istiod sees those of namespaces that one of the selectors matches,
 * and those without namespace. Without selectors, or with a malformed one, it sees all, unless its environment has it watch one
 * namespace only. As istio pkg/kube/namespace/filter.go and pkg/kube/kclient/client.go ToOpts.
 */
export function discover(
  resources: readonly Resource[],
  { discoverySelectors = [] }: MeshConfig,
  { watchNamespace }: Pick<Behaviours, 'watchNamespace'>,
): Discovery {
  const selectors = discoverySelectors.flatMap((selector) => toKubernetes(selector) ?? []);
  const selectsAll = discoverySelectors.length === 0 || selectors.length < discoverySelectors.length;
  if (selectsAll && watchNamespace === '') return { seen: resources, unseen: [] };
  const labels = labelsOfNamespaces(resources);
  const isSelected = (namespace: string): boolean =>
    selectsAll || selectors.some((selector) => matchesSelector(selector, labels.get(namespace) ?? {}));
  const isSeen = ({ namespace }: Resource): boolean =>
    namespace === '' || ((watchNamespace === '' || namespace === watchNamespace) && isSelected(namespace));
  return { seen: resources.filter(isSeen), unseen: resources.filter((resource) => !isSeen(resource)) };
}

/** The input of an istiod that sees all namespaces, as Kubernetes does; the same where this one does. */
export function withAllNamespaces(input: MeshInput): MeshInput {
  const { release, clusters } = input;
  const [primary, ...others] = clusters;
  const { discoverySelectors = [] } = primary.meshConfig;
  if (discoverySelectors.length === 0 && release.behaviours.watchNamespace === '') return input;
  return {
    ...input,
    release: { ...release, behaviours: { ...release.behaviours, watchNamespace: '' } },
    clusters: [{ ...primary, meshConfig: { ...primary.meshConfig, discoverySelectors: [] } }, ...others],
  };
}

/** A selector of mesh config as Kubernetes has it; undefined where it is malformed. */
export function toKubernetes({ matchLabels = {}, matchExpressions = [] }: LabelSelector): KubernetesSelector | undefined {
  if (matchExpressions.some(({ operator = '' }) => !operators.includes(operator))) return undefined;
  return {
    matchLabels,
    matchExpressions: matchExpressions.map(({ key = '', operator, values = [] }) => ({
      key,
      operator: operator as 'In',
      values,
    })),
  };
}
