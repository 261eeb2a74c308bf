import type { Labels, Resource } from './resource.ts';

/** The labels that a pod has, or that those of a workload get; undefined for all other resources. */
export function podLabelsOf(resource: Resource): Labels | undefined {
  if (resource.kind === 'Pod') return resource.labels;
  if (resource.group !== 'apps') return undefined;
  return resource.spec.template?.metadata?.labels ?? {};
}
