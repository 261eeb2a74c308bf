import type { Kind } from '../../api/kinds.ts';
import type { ServiceSpec } from '../../api/kubernetes.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import { selects } from '../../model/labels.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Workload } from '../../model/registry/service.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import type { NamespacedName } from './description.ts';

/** What descriptions are made from. */
export interface DescribeContext {
  readonly mesh: Mesh;
  /** The Services of the cluster that a workload is in. */
  servicesAround(workload: Pick<Workload, 'clusterId'>): readonly ResourceOf<'Service'>[];
  /** What a proxy gets. */
  snapshotOf(proxy: Proxy): XdsSnapshot;
}

/** What a resource is called, and nothing more of it. */
export function nameOf({ name, namespace }: NamespacedName): NamespacedName {
  return { name, namespace };
}

/** The host name of a Kubernetes Service. */
export function hostnameOf({ mesh }: Pick<DescribeContext, 'mesh'>, { name, namespace }: NamespacedName): string {
  return `${name}.${namespace}.svc.${mesh.domainSuffix}`;
}

/** Whether the selector of a Service selects a pod; without one it selects none. */
export function isSelected({ selector = {} }: ServiceSpec, { ownLabels }: Workload): boolean {
  return Object.keys(selector).length > 0 && selects(selector, ownLabels);
}

/** The resource of a kind with this name. */
export function findResource<K extends Kind>(
  context: DescribeContext,
  kind: K,
  name: string,
  namespace: string,
): ResourceOf<K> | undefined {
  return resourcesOf(context.mesh.resources, kind).find((resource) => resource.name === name && resource.namespace === namespace);
}
