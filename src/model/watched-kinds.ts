import type { Behaviours } from '../releases/release.ts';
import type { Resource } from '../resource/resource.ts';

/**
 * The resources that istiod looks at: its environment can take kinds out by the names of their definitions, and leave some of those in.
 * Kinds of Kubernetes itself have no definition. As istio pkg/kube/kclient/crdwatcher.go filterPilotResources.
 */
export function watched(resources: readonly Resource[], behaviours: Behaviours): readonly Resource[] {
  const { ignoredResources, includedResources } = behaviours;
  if (ignoredResources.length === 0) return resources;
  return resources.filter(({ group, kind }) => {
    const name = definitionName(group, kind);
    return name === undefined || !ignoredResources.some(covers(name)) || includedResources.some(covers(name));
  });
}

/** Whether a filter, a name or `*.` with its end, is for a definition. */
function covers(name: string): (filter: string) => boolean {
  return (filter) => (filter.startsWith('*.') ? name.endsWith(filter.slice(2)) : name === filter);
}

/** The name of the definition of a kind: its plural and its group. */
function definitionName(group: string, kind: string): string | undefined {
  if (!/\.(?:istio\.io|networking\.k8s\.io|x-k8s\.io)$/.test(group) || kind === 'Ingress' || kind === 'IngressClass')
    return undefined;
  const singular = kind.toLowerCase();
  const plural = /[^aeiou]y$/.test(singular)
    ? `${singular.slice(0, -1)}ies`
    : /s$/.test(singular)
      ? `${singular}es`
      : `${singular}s`;
  return `${plural}.${group}`;
}
