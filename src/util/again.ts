/**
 * Gives again what was made the last time under a name, where it is made of the same. `inputs` are all that `make` reads: each is the same
 * by identity, a list by that of its members. What is kept is kept by who hands this in, for as long as that lives.
 */
export type Again = <T>(name: string, inputs: readonly unknown[], make: () => T) => T;

/** Where nothing is made twice. */
export const afresh: Again = (_name, _inputs, make) => make();

/** A table of what was made last, by name. */
export function createAgain(): Again {
  const kept = new Map<string, { readonly inputs: readonly unknown[]; readonly result: unknown }>();
  return <T>(name: string, inputs: readonly unknown[], make: () => T): T => {
    const known = kept.get(name);
    // The same inputs gave a result of that type under this name.
    if (known !== undefined && areSame(known.inputs, inputs)) return known.result as T;
    const result = make();
    kept.set(name, { inputs, result });
    return result;
  };
}

/**
 * Gives again what was created over a source, as long as all parts that it has read of it are the same. It may read others at any time:
 * then it sees those of the source that it is given for now. `create` reads nothing else, and hands on no part that it has not read by
 * the name it has in the source.
 */
export function againOver<S extends object, T>(again: Again, name: string, source: S, create: (source: S) => T): T {
  if (again === afresh) return create(source);
  const over = again(`over ${name}`, [], () => createOver<S, T>());
  return over(source, create);
}

/** What is remembered by what was asked for once grows with every change, so that it is made anew after so many. */
const MOST_CHANGES = 50;

function createOver<S extends object, T>(): (source: S, create: (source: S) => T) => T {
  let last: { readonly reads: ReadonlyMap<keyof S, unknown>; readonly look: (source: S) => void; readonly made: T } | undefined;
  let changes = 0;
  return (source, create) => {
    if (last !== undefined && changes < MOST_CHANGES && [...last.reads].every(([part, read]) => Object.is(source[part], read))) {
      changes++;
      last.look(source);
      return last.made;
    }
    changes = 0;
    const reads = new Map<keyof S, unknown>();
    let current = source;
    const look = (other: S): void => {
      current = other;
    };
    last = { reads, look, made: create(twinOf(source, (part) => readPart(current, part, reads))) };
    return last.made;
  };
}

function readPart<S extends object>(source: S, part: keyof S, reads: Map<keyof S, unknown>): unknown {
  const read = source[part];
  if (!reads.has(part)) reads.set(part, read);
  return read;
}

/** A source with the same parts, each of which is read by a function. */
export function twinOf<S extends object>(source: S, read: (part: keyof S) => unknown): S {
  // Each property becomes one of the same type that is read so.
  const parts = Object.keys(source) as (keyof S & string)[];
  const properties = parts.map((part) => [part, { enumerable: true, get: () => read(part) }]);
  return Object.defineProperties({}, Object.fromEntries(properties) as PropertyDescriptorMap) as S;
}

/** The same table under names of its own: of one cluster among several. */
export function againWithin(again: Again, place: string): Again {
  return again === afresh ? again : (name, inputs, make) => again(`${place} ${name}`, inputs, make);
}

function areSame(known: readonly unknown[], inputs: readonly unknown[]): boolean {
  return (
    known.length === inputs.length &&
    known.every((input, index) => {
      const other = inputs[index];
      return Object.is(input, other) || (Array.isArray(input) && Array.isArray(other) && haveSameMembers(input, other));
    })
  );
}

function haveSameMembers(known: readonly unknown[], list: readonly unknown[]): boolean {
  if (known.length !== list.length) return false;
  for (let index = 0; index < known.length; index++) if (!Object.is(known[index], list[index])) return false;
  return true;
}

/**
 * A function over the members of lists, which takes a list much like the last one: those that stand in that, too, are not asked again. What
 * it is asked of a member depends on that member alone.
 */
export function createMapping<T, R>(make: (member: T) => R): (list: readonly T[]) => readonly R[] {
  let known: readonly T[] = [];
  let results: readonly R[] = [];
  return (list) => {
    const most = Math.min(known.length, list.length);
    let before = 0;
    while (before < most && known[before] === list[before]) before++;
    let after = 0;
    while (after < most - before && known.at(-1 - after) === list.at(-1 - after)) after++;
    if (before === list.length && before === known.length) return results;
    const between = results.slice(before, results.length - after);
    const moved = new Map(known.slice(before, known.length - after).map((member, index) => [member, { of: between, index }]));
    const made = list.slice(before, list.length - after).map((member) => {
      const place = moved.get(member);
      // What stood at that place is what was made of the member.
      return place === undefined ? make(member) : (place.of[place.index] as R);
    });
    results = [...results.slice(0, before), ...made, ...results.slice(results.length - after)];
    known = list;
    return results;
  };
}
