import type { Path } from '../../../diagnostics/diagnostic.ts';
import { isObject, own } from '../../../util/object.ts';

/** A value inside of an emitted resource, with what it stands in. */
export interface Place {
  /** Undefined for the resource itself. */
  readonly parent: Place | undefined;
  /** Its field, key or index in the parent. */
  readonly key: string | number;
  /** Undefined for a field that is not there. */
  readonly value: unknown;
  /** The full name of the message, where it is one. */
  readonly message: string | undefined;
}

/** The place at a path below another. */
export function placeBelow(place: Place, path: Path): Place {
  return path.reduce<Place>((parent, key) => {
    return { parent, key, value: memberOf(parent.value, key), message: undefined };
  }, place);
}

/** The member of an object, or the element of a list. */
export function memberOf(value: unknown, key: string | number): unknown {
  if (Array.isArray(value)) return typeof key === 'number' ? value[key] : undefined;
  return isObject(value) ? own(value, String(key)) : undefined;
}

/** The way from the resource to the place. */
export function pathOf(place: Place): Path {
  const path: (string | number)[] = [];
  for (let at = place; at.parent !== undefined; at = at.parent) path.unshift(at.key);
  return path;
}

/** The place and all that it stands in, innermost first. */
export function* outwards(place: Place): Generator<Place> {
  for (let at: Place | undefined = place; at !== undefined; at = at.parent) yield at;
}
