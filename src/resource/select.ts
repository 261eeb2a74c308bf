import type { Kind } from '../api/kinds.ts';
import { groupBy } from '../util/collections.ts';
import type { Resource, ResourceOf } from './resource.ts';

/** What the kind of a resource is called among all kinds: two groups have a Gateway. */
export function kindOf({ kind, group }: Pick<Resource, 'kind' | 'group'>): Kind {
  return kind === 'Gateway' && group === 'gateway.networking.k8s.io' ? 'KubernetesGateway' : kind;
}

/** Whether a resource is of a kind. */
export function isOfKind<K extends Kind>(resource: Resource, kind: K): resource is ResourceOf<K> {
  return kindOf(resource) === kind;
}

/** The resources of one kind, in the order given. */
export function resourcesOf<K extends Kind>(resources: readonly Resource[], kind: K): readonly ResourceOf<K>[] {
  return resources.filter((resource) => isOfKind(resource, kind));
}

/** Resources sorted out by kind. */
export interface ResourcesByKind {
  /** Those of a kind, in the order given. */
  of<K extends Kind>(kind: K): readonly ResourceOf<K>[];
}

/** Sorts resources out by kind, for those who ask for many kinds. */
export function groupByKind(resources: readonly Resource[]): ResourcesByKind {
  const groups = groupBy(resources, kindOf);
  // A group holds the resources of its kind and no others.
  return { of: <K extends Kind>(kind: K) => (groups.get(kind) ?? []) as readonly Resource[] as readonly ResourceOf<K>[] };
}

/** A function for each kind that has one, which those of `Always` must have. */
export type ByKind<Args extends readonly unknown[], Result, Always extends Kind = never> = {
  readonly [K in Kind]?: (resource: ResourceOf<K>, ...args: Args) => Result;
} & { readonly [K in Always]: (resource: ResourceOf<K>, ...args: Args) => Result };

/** What the function for the kind of the resource makes of it; undefined where there is none. */
export function applyByKind<Args extends readonly unknown[], Result>(
  functions: ByKind<Args, Result>,
  resource: Resource,
  ...args: Args
): Result | undefined {
  const apply = functions[kindOf(resource)];
  // The function stands under the kind of the resource, so it takes it; the compiler does not follow that from one to the other.
  return apply?.(resource as never, ...args);
}
