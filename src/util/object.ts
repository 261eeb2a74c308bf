import { Sealed } from './sealed.ts';

/** Removes `undefined` members, so that an absent field is absent (protobuf JSON omits what is not set). */
type Compact<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/**
 * The object without its `undefined` members; symbol keys (the origin) are kept.
 * Lets a builder write `compact({ field: cond ? value : undefined })` under exactOptionalPropertyTypes.
 */
export function compact<T extends object>(value: T): Compact<T> {
  for (const key in value) {
    if (value[key] === undefined) {
      const out: Record<PropertyKey, unknown> = {};
      for (const name of Reflect.ownKeys(value)) {
        const member = (value as Record<PropertyKey, unknown>)[name];
        if (member !== undefined) out[name] = member;
      }
      return out as Compact<T>;
    }
  }
  return value as Compact<T>;
}

/** The list, or undefined when it is empty: protobuf JSON omits empty lists. */
export function nonEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list?.length === 0 ? undefined : list;
}

/** Whether the value is a JSON object (not an array, not null, and nothing that is sealed). */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Sealed);
}

/** Members of a value that nobody has checked. */
export type Fields = Readonly<Record<string, unknown>>;

/** The members of a value that should be an object; none where it is something else. */
export function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

/** The items of a value that should be a list; none where it is something else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A value that should be a text; the empty one where it is something else. */
export function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A value as a template prints it; undefined for nothing, lists and objects. */
export function scalarOf(value: unknown): string | undefined {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
}

/** Looks at a value and at all that it holds, as far as these are objects; what holds others comes before them. */
export function visitObjects(value: unknown, visit: (object: Fields) => void): void {
  if (Array.isArray(value)) for (const item of value) visitObjects(item, visit);
  else if (isObject(value)) {
    visit(value);
    for (const member of Object.values(value)) visitObjects(member, visit);
  }
}

/** Looks at all texts that a value holds, which are no names of members. */
export function visitTexts(value: unknown, visit: (text: string) => void): void {
  if (typeof value === 'string') visit(value);
  else if (Array.isArray(value)) for (const item of value) visitTexts(item, visit);
  else if (isObject(value)) for (const member of Object.values(value)) visitTexts(member, visit);
}

/** Freezes a value and all it holds; used by tests to prove that shared values are never changed. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const key of Reflect.ownKeys(value)) deepFreeze((value as Record<PropertyKey, unknown>)[key]);
  }
  return value;
}

/**
 * The member that an object itself has under a name. Every object also answers for `toString`, `constructor` and `__proto__`, so
 * whoever has a name from a user looks it up here (test/architecture.test.ts).
 */
export function own<V>(table: Readonly<Record<string, V>> | undefined, name: string): V | undefined {
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}

/**
 * The object with further members; for objects of which there are many. V8 makes a shape for each object that grows after a spread
 * (`{ ...object, further }`), and all that looks at them is slower for it.
 */
export function extended<T extends object, M extends object>(object: T, members: M): T & M {
  return Object.assign({}, object, members);
}

/** Sets what `own` gives: a plain assignment to `__proto__` would not make a member. */
export function setOwn<V>(table: Record<string, V>, name: string, value: NoInfer<V>): void {
  if (name === '__proto__') Object.defineProperty(table, name, { value, enumerable: true, configurable: true, writable: true });
  else table[name] = value;
}

/** Sets a member below others, which are made where they are no objects. */
export function setOwnAt(table: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let place = table;
  for (const key of path.slice(0, -1)) {
    const inner = own(place, key);
    const next = isObject(inner) ? inner : {};
    setOwn(place, key, next);
    place = next;
  }
  setOwn(place, path.at(-1) ?? '', value);
}
