import { extended } from './object.ts';

/** The resource, and the field of it, that made an emitted value. */
export interface Origin {
  readonly resource: OriginResource;
  /** Path inside the resource's document, e.g. `['spec', 'http', 0, 'route', 1]`. */
  readonly path: readonly (string | number)[];
}

/** What an origin needs of a resource; every `Resource` of the resource layer is one. */
export interface OriginResource {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/**
 * The enumerable symbol key under which an emitted object remembers its origin: JSON.stringify skips it, object spread keeps it.
 */
export const origin: unique symbol = Symbol('origin');

/** The value with its origin noted. `resource` undefined leaves the value as it is. */
export function withOrigin<T extends object>(value: T, resource: OriginResource | undefined, path: Origin['path'] = []): T {
  return resource === undefined ? value : extended(value, { [origin]: { resource, path } });
}

/** A list that remembers its origin, as values do. */
export function listWithOrigin<T>(
  list: readonly T[],
  resource: OriginResource | undefined,
  path: Origin['path'] = [],
): readonly T[] {
  return resource === undefined ? list : Object.assign([...list], { [origin]: { resource, path } });
}

/** The origin of an emitted value, if it has one. */
export function originOf(value: unknown): Origin | undefined {
  return typeof value === 'object' && value !== null ? (value as { [origin]?: Origin })[origin] : undefined;
}
