import { haveSameMembers } from './collections.ts';
import { own } from './object.ts';

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

/** A part of a source that is asked questions, of which some have the same answers for the same objects in every state. */
export interface AskedPart<S extends object> {
  readonly part: keyof S;
  /** The names of these questions: functions of objects. */
  readonly steady: readonly string[];
}

/**
 * Gives again what was created over a source, as long as all parts that it has read of it are the same. It may read others at any time:
 * then it sees those of the source that it is given for now. `create` reads nothing else, and hands on no part that it has not read by
 * the name it has in the source. Of a part that is asked questions it is the parts that count, and none of the steady questions: what
 * is created remembers their answers for nothing but the objects that they are about.
 */
export function againOver<S extends object, T>(
  again: Again,
  name: string,
  source: S,
  create: (source: S) => T,
  asked?: AskedPart<S>,
): T {
  if (again === afresh) return create(source);
  const over = again(`over ${name}`, [], () => createOver<S, T>(asked));
  return over(source, create);
}

/** What is remembered by what was asked for once grows with every change, so that it is made anew after so many. */
const MOST_CHANGES = 50;

/** A part that was read of a source, or of a part of it. */
interface Read<S> {
  readonly look: (source: S) => unknown;
  readonly found: unknown;
}

function createOver<S extends object, T>(asked: AskedPart<S> | undefined): (source: S, create: (source: S) => T) => T {
  let last: { readonly reads: ReadonlyMap<unknown, Read<S>>; readonly turn: (source: S) => void; readonly made: T } | undefined;
  let changes = 0;
  return (source, create) => {
    if (
      last !== undefined &&
      changes < MOST_CHANGES &&
      [...last.reads.values()].every(({ look, found }) => Object.is(look(source), found))
    ) {
      changes++;
      last.turn(source);
      return last.made;
    }
    changes = 0;
    const reads = new Map<unknown, Read<S>>();
    let current = source;
    const turn = (other: S): void => {
      current = other;
    };
    const read = (name: unknown, look: (source: S) => unknown): unknown => {
      const found = look(current);
      if (!reads.has(name)) reads.set(name, { look, found });
      return found;
    };
    const askedTwin = asked && twinOfAsked(asked, () => current, read);
    const twin = twinOf(source, (part) => (part === asked?.part ? askedTwin : read(part, (of) => of[part])));
    last = { reads, turn, made: create(twin) };
    return last.made;
  };
}

type Question = (...about: readonly unknown[]) => unknown;

/** The twin of a part that is asked: the steady questions go to the part as it is for now, all else is read. */
function twinOfAsked<S extends object>(
  { part, steady }: AskedPart<S>,
  current: () => S,
  read: (name: unknown, look: (source: S) => unknown) => unknown,
): object {
  // It has members of whatever types.
  const partOf = (source: S): Readonly<Record<string, unknown>> => source[part] as Readonly<Record<string, unknown>>;
  const questions = new Map<string, Question>(
    // These are functions.
    steady.map((name) => [name, (...about) => (own(partOf(current()), name) as Question)(...about)]),
  );
  return twinOf(
    partOf(current()),
    (name) => questions.get(name) ?? read(`${String(part)}.${name}`, (source) => own(partOf(source), name)),
  );
}

/** A source with the same parts, each of which is read by a function. */
export function twinOf<S extends object>(source: S, read: (part: keyof S & string) => unknown): S {
  // Each property becomes one of the same type that is read so.
  const parts = Object.keys(source) as (keyof S & string)[];
  const properties = parts.map((part) => [part, { enumerable: true, get: () => read(part) }]);
  return Object.defineProperties({}, Object.fromEntries(properties) as PropertyDescriptorMap) as S;
}

/**
 * Gives again what was made last for an object, where it is made of the same. `inputs` are all that `make` reads beside that, as those of
 * `Again`. It is kept for as long as the object lives.
 */
export type AgainFor<T> = (about: object, inputs: readonly unknown[], make: () => T) => T;

/** The table of what is made for each object of a kind, by its name. */
export function againForEach<T>(again: Again, name: string): AgainFor<T> {
  if (again === afresh) return (_about, _inputs, make) => make();
  return again(`${name} for each`, [], createAgainFor<T>);
}

function createAgainFor<T>(): AgainFor<T> {
  const kept = new WeakMap<object, { readonly inputs: readonly unknown[]; readonly result: T }>();
  return (about, inputs, make) => {
    const known = kept.get(about);
    if (known !== undefined && areSame(known.inputs, inputs)) return known.result;
    const result = make();
    kept.set(about, { inputs, result });
    return result;
  };
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
