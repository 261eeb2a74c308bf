import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Proxy } from '../../model/proxy.ts';
import type { Resource } from '../../resource/resource.ts';

/** What descriptions are made from. */
export interface DescribeContext {
  readonly mesh: Mesh;
  /** The namespace whose things are called by their name alone. */
  readonly namespace: string;
  /** What a proxy gets. */
  snapshotOf(proxy: Proxy): XdsSnapshot;
}

/** Name of a resource for people: `name`, or `name.namespace` outside the namespace at hand. */
export function shortName(
  { namespace }: DescribeContext,
  resource: { readonly name: string; readonly namespace: string },
): string {
  return resource.namespace === namespace ? resource.name : `${resource.name}.${resource.namespace}`;
}

/** The resources of a kind; the caller names the type of their specs. */
export function resourcesOf<Spec>({ mesh }: DescribeContext, kind: string): readonly Resource<Spec>[] {
  // A resource of this kind was decoded to this spec.
  return mesh.resources.filter((resource) => resource.kind === kind) as readonly Resource<Spec>[];
}

/** The resource of a kind with this name. */
export function findResource<Spec>(
  context: DescribeContext,
  kind: string,
  name: string,
  namespace: string,
): Resource<Spec> | undefined {
  return resourcesOf<Spec>(context, kind).find((resource) => resource.name === name && resource.namespace === namespace);
}

/** Lines with so many blanks before them. */
export function indent(blanks: number, lines: readonly string[]): readonly string[] {
  return lines.map((line) => `${' '.repeat(blanks)}${line}`);
}

/** Between the parts of a description. */
export const SEPARATOR = '--------------------';
