import type { Path } from '../../diagnostics/diagnostic.ts';
import type { Subject } from '../../diagnostics/problem.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { Resource } from '../../resource/resource.ts';
import { type Origin, originOf } from '../../util/origin.ts';
import { at } from '../subject.ts';

/** Finds the resource that an emitted value was made from. */
export interface OriginFinder {
  /** The resource that made the value, and the field of it; undefined where nobody knows. */
  find(value: unknown): { readonly resource: Resource; readonly path: Path } | undefined;
  /** The resource of an origin as it is in the mesh. */
  place(origin: Origin): { readonly resource: Resource; readonly path: Path } | undefined;
  /** What made the value, as the subject of a finding. */
  subject(value: unknown): Subject;
  /** The name of what made the value, for people; empty where nobody knows. */
  name(value: unknown): string;
}

/** A finder of origins in what was made from this mesh. */
export function createOriginFinder(mesh: Mesh): OriginFinder {
  const key = ({ kind, namespace, name }: { kind: string; namespace: string; name: string }): string =>
    `${kind} ${namespace}/${name}`;
  const resources = new Map(mesh.resources.map((resource) => [key(resource), resource]));
  const place: OriginFinder['place'] = (origin) => {
    const resource = resources.get(key(origin.resource));
    return resource && { resource, path: origin.path };
  };
  const find: OriginFinder['find'] = (value) => {
    const origin = originOf(value);
    return origin && place(origin);
  };
  return {
    find,
    place,
    subject(value) {
      const found = find(value);
      return found === undefined ? {} : at(found.resource, found.path);
    },
    name(value) {
      const origin = originOf(value);
      return origin === undefined ? '' : key(origin.resource);
    },
  };
}

/** The patch of an EnvoyFilter that has put in something of this name. */
export function patchOf(mesh: Mesh, added: string): Subject {
  const patch = mesh.envoyFilters.patches.find(({ value }) => value?.name === added);
  return patch === undefined ? {} : at(patch.resource, ['spec', 'configPatches', patch.index]);
}
