import type { XdsSnapshot } from '../envoy/snapshot.ts';
import { type Origin, originOf } from '../util/origin.ts';
import { compareText } from '../util/text.ts';
import { type Difference, differencesOf } from './differences.ts';

/** The kinds of xDS resources, as the fields of a snapshot. */
export type ResourceType = 'listeners' | 'routes' | 'clusters' | 'endpoints' | 'extensionConfigs';

/** The resources of one proxy. */
export type Resources = Pick<XdsSnapshot, ResourceType>;

/** What became of one xDS resource. */
export type ResourceChange = {
  readonly type: ResourceType;
  /** The name under which Envoy knows it. */
  readonly name: string;
} & (
  | { readonly kind: 'added'; readonly after: object; readonly afterOrigin?: Origin }
  | { readonly kind: 'removed'; readonly before: object; readonly beforeOrigin?: Origin }
  | { readonly kind: 'changed'; readonly before: object; readonly after: object; readonly differences: readonly Difference[] }
);

/** Compares two resources. */
type Compare = (before: object, after: object) => readonly Difference[];

/** The order in which changes are told: as Envoy would take them. */
const types: readonly ResourceType[] = ['clusters', 'endpoints', 'listeners', 'routes', 'extensionConfigs'];

/**
 * How the resources of a proxy differ between two snapshots: in meaning, not in text. Resources are paired by name; the order of
 * resources, and of items where Envoy ignores it, is no difference. By type, then by name. `compare` compares two resources, for those
 * who remember what they compared.
 */
export function compareSnapshots(
  before: Resources,
  after: Resources,
  compare: Compare = differencesOf,
): readonly ResourceChange[] {
  return types.flatMap((type) => {
    // Most lists are what they were before.
    if (areAlike(type, before[type], after[type], compare)) return [];
    const [earlier, later] = [byName(type, before[type]), byName(type, after[type])];
    const names = new Set([...earlier.keys(), ...later.keys()]);
    const changes = [...names].flatMap((name) => compareResource(type, name, earlier.get(name), later.get(name), compare));
    return changes.sort((a, b) => compareText(a.name, b.name));
  });
}

function compareResource(
  type: ResourceType,
  name: string,
  before: object | undefined,
  after: object | undefined,
  compare: Compare,
): readonly ResourceChange[] {
  if (before === undefined && after === undefined) return [];
  if (before === undefined) {
    const afterOrigin = originOf(after);
    return after === undefined ? [] : [{ type, name, kind: 'added', after, ...(afterOrigin && { afterOrigin }) }];
  }
  if (after === undefined) {
    const beforeOrigin = originOf(before);
    return [{ type, name, kind: 'removed', before, ...(beforeOrigin && { beforeOrigin }) }];
  }
  const differences = compare(before, after);
  return differences.length === 0 ? [] : [{ type, name, kind: 'changed', before, after, differences }];
}

/** Whether resources are the same one by one, in the same order. */
function areAlike(type: ResourceType, before: readonly object[], after: readonly object[], compare: Compare): boolean {
  if (before.length !== after.length) return false;
  return before.every((resource, index) => {
    const other = after[index];
    return other !== undefined && nameOf(type, resource) === nameOf(type, other) && compare(resource, other).length === 0;
  });
}

/** The resources by name; where Envoy would get one twice, the last one stands. */
function byName(type: ResourceType, resources: readonly object[]): ReadonlyMap<string, object> {
  return new Map(resources.map((resource) => [nameOf(type, resource), resource]));
}

function nameOf(type: ResourceType, resource: object): string {
  const field = type === 'endpoints' ? 'clusterName' : 'name';
  return String((resource as Record<string, unknown>)[field] ?? '');
}
