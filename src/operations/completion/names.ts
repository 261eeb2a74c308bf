import { podKey } from '../../trace/data-plane.ts';
import type { Workbench } from '../../workbench/workbench.ts';

/** What a name can be of: a pod with a proxy, a client of requests, a Service, a namespace. */
export type NamedKind = 'pod' | 'client' | 'service' | 'namespace';

/** The names of an input that can stand in a command: as `name`, or `name.namespace` elsewhere, or all as `namespace/name`; with the cluster where there are several. */
export function namesToComplete({ input, mesh }: Workbench, kind: NamedKind, isQualified: boolean): readonly string[] {
  const { resources, namespace } = input;
  if (kind === 'namespace') {
    return resources.map((resource) => (resource.kind === 'Namespace' ? resource.name : resource.namespace));
  }
  const named =
    kind === 'service'
      ? resources.filter((resource) => resource.kind === 'Service')
      : kind === 'client'
        ? resources.filter((resource) => resource.kind === 'Pod')
        : mesh.proxies;
  const nameOf = (one: { readonly cluster?: string; readonly name: string; readonly namespace: string }): string => {
    if (one.cluster !== undefined) return podKey(one);
    if (isQualified) return `${one.namespace}/${one.name}`;
    return one.namespace === namespace ? one.name : `${one.name}.${one.namespace}`;
  };
  return [...named.map(nameOf), ...(kind === 'client' ? ['outside'] : [])];
}
