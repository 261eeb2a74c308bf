/**
 * A place that holds an immutable value. Patching writes each step through to the listener, so that what was done stays where
 * Istio breaks off in the middle.
 */
export interface Cell<T> {
  get(): T;
  set(value: T): void;
}

/** A cell of its own. */
export function cellOf<T>(value: T): Cell<T> {
  let current = value;
  return {
    get: () => current,
    set: (next) => {
      current = next;
    },
  };
}

/** The place of a list's element. */
export function elementCell<T>(list: Cell<readonly T[]>, index: number): Cell<T> {
  return {
    // The index is that of an element: lists do not get shorter while their elements are patched.
    get: () => list.get()[index] as T,
    set: (value) => list.set(list.get().with(index, value)),
  };
}

/** The place of a field that is a list; an absent one is empty. */
export function listCell<K extends string, E>(owner: Cell<{ readonly [N in K]?: readonly E[] }>, name: K): Cell<readonly E[]> {
  return {
    get: () => owner.get()[name] ?? [],
    set: (value) => owner.set({ ...owner.get(), [name]: value }),
  };
}
