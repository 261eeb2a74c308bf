import type { EnvoyFilterPatchOperation } from '../api/istio.gen.ts';
import { assertNever } from '../util/assert.ts';

/** An operation on the elements of a list. */
export type PlacingOperation = Exclude<EnvoyFilterPatchOperation, 'INVALID' | 'MERGE' | 'MERGE_AND_REPLACE_LIST'>;

/** Whether an operation adds, replaces or removes elements of a list. */
export function isPlacing(operation: EnvoyFilterPatchOperation): operation is PlacingOperation {
  return operation !== 'INVALID' && operation !== 'MERGE' && operation !== 'MERGE_AND_REPLACE_LIST';
}

/** How a patch finds its place in a list. */
export interface Placing<T> {
  readonly operation: PlacingOperation;
  /** Whether the patch names an element; without that, INSERT_BEFORE and INSERT_AFTER mean the ends, and others do nothing. */
  readonly named: boolean;
  matches(element: T): boolean;
  /** What the patch brings; asked for only when it has found its place. */
  element(): T;
}

/** The list after a patch; undefined when the patch finds no place in it. As istio envoyfilter/util.go and its callers. */
export function placeElement<T>(list: readonly T[], placing: Placing<T>): readonly T[] | undefined {
  const { operation, named } = placing;
  if (operation === 'INSERT_FIRST' || (operation === 'INSERT_BEFORE' && !named)) return [placing.element(), ...list];
  if (operation === 'ADD' || (operation === 'INSERT_AFTER' && !named)) return [...list, placing.element()];
  if (!named) return undefined;
  if (operation === 'REMOVE') {
    const kept = list.filter((element) => !placing.matches(element));
    return kept.length === list.length ? undefined : kept;
  }
  const index = list.findIndex((element) => placing.matches(element));
  if (index < 0) return undefined;
  switch (operation) {
    case 'INSERT_BEFORE':
      return list.toSpliced(index, 0, placing.element());
    case 'INSERT_AFTER':
      return list.toSpliced(index + 1, 0, placing.element());
    case 'REPLACE':
      return list.with(index, placing.element());
    default:
      return assertNever(operation);
  }
}
