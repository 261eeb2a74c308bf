import type { LabelSelector } from '../api/kubernetes.ts';
import { own } from '../util/object.ts';
import type { Labels, Resource } from './resource.ts';

/** The label with its name that every namespace of a cluster has. */
const NAME_LABEL = 'kubernetes.io/metadata.name';

/** The labels of all namespaces that are used; one without a Namespace object has only the label with its name. */
export function labelsOfNamespaces(resources: readonly Resource[]): ReadonlyMap<string, Labels> {
  const out = new Map<string, Labels>();
  for (const { namespace } of resources) if (namespace !== '') out.set(namespace, { [NAME_LABEL]: namespace });
  for (const { kind, group, name, labels } of resources) {
    if (kind === 'Namespace' && group === '') out.set(name, { ...labels, [NAME_LABEL]: name });
  }
  return out;
}

/** Whether labels meet all conditions of a Kubernetes label selector. */
export function matchesSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => own(labels, key) === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = own(labels, key);
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value);
        case 'NotIn':
          return value === undefined || !values.includes(value);
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
        default:
          return false;
      }
    })
  );
}
